/* expr_native.c: evaluates the native part of jq with libjq's own value functions, in libjq's order (the right operand
 * first, the key before its target), with libjq's error messages. */
#include "value/expr_native.h"

#include <math.h>

#define REPEAT_MAX ((double)(64 << 20)) /* bytes a repeated string may have */

/* ---- errors ---- */

#define SHOWN 15 /* bytes libjq shows of a value, with its NUL */

static jv error_one(jv value, const char *what)
{
    char shown[SHOWN];
    const char *kind = jv_kind_name(jv_get_kind(value));

    return jv_invalid_with_msg(
        jv_string_fmt("%s (%s) %s", kind, jv_dump_string_trunc(value, shown, sizeof shown), what));
}

static jv error_two(jv a, jv b, const char *what)
{
    char shown_a[SHOWN], shown_b[SHOWN];
    const char *kind_a = jv_kind_name(jv_get_kind(a)), *kind_b = jv_kind_name(jv_get_kind(b));

    return jv_invalid_with_msg(
        jv_string_fmt("%s (%s) and %s (%s) %s", kind_a, jv_dump_string_trunc(a, shown_a, sizeof shown_a), kind_b,
            jv_dump_string_trunc(b, shown_b, sizeof shown_b), what));
}

/* ---- arithmetic ---- */

static bool both(jv a, jv b, jv_kind kind)
{
    return jv_get_kind(a) == kind && jv_get_kind(b) == kind;
}

static jv add(jv a, jv b)
{
    if (jv_get_kind(a) == JV_KIND_NULL)
        return b;
    if (jv_get_kind(b) == JV_KIND_NULL)
        return a;
    if (both(a, b, JV_KIND_NUMBER))
        return jv_number(jv_number_value(a) + jv_number_value(b));
    if (both(a, b, JV_KIND_STRING))
        return jv_string_concat(a, b);
    if (both(a, b, JV_KIND_ARRAY))
        return jv_array_concat(a, b);
    if (both(a, b, JV_KIND_OBJECT))
        return jv_object_merge(a, b);
    return error_two(a, b, "cannot be added");
}

static jv array_minus(jv a, jv b)
{
    jv out = jv_array();

    jv_array_foreach(a, i, item) {
        bool found = false;

        jv_array_foreach(b, k, other) {
            found = found || jv_equal(jv_copy(item), other);
            if (found)
                break;
        }
        if (found)
            jv_free(item);
        else
            out = jv_array_append(out, item);
    }
    jv_free(a);
    jv_free(b);
    return out;
}

static jv subtract(jv a, jv b)
{
    if (both(a, b, JV_KIND_NUMBER))
        return jv_number(jv_number_value(a) - jv_number_value(b));
    if (both(a, b, JV_KIND_ARRAY))
        return array_minus(a, b);
    return error_two(a, b, "cannot be subtracted");
}

static jv repeat(jv string, double times)
{
    double len = jv_string_length_bytes(jv_copy(string));

    if (!(times > 0)) {
        jv_free(string);
        return jv_null();
    }
    if (len * times > REPEAT_MAX || times > REPEAT_MAX) { /* the empty string has no length to bound the count */
        jv_free(string);
        return jv_invalid_with_msg(jv_string("the repeated string would be longer than 64 MiB"));
    }
    jv out = jv_copy(string);
    for (int i = 1; i < (int)times; i++) /* libjq cuts 2.5 to 2, but 0.5 gives the string once */
        out = jv_string_append_buf(out, jv_string_value(string), (int)len);
    jv_free(string);
    return out;
}

static jv multiply(jv a, jv b)
{
    if (both(a, b, JV_KIND_NUMBER))
        return jv_number(jv_number_value(a) * jv_number_value(b));
    if (jv_get_kind(a) == JV_KIND_STRING && jv_get_kind(b) == JV_KIND_NUMBER)
        return repeat(a, jv_number_value(b));
    if (jv_get_kind(a) == JV_KIND_NUMBER && jv_get_kind(b) == JV_KIND_STRING)
        return repeat(b, jv_number_value(a));
    if (both(a, b, JV_KIND_OBJECT))
        return jv_object_merge_recursive(a, b);
    return error_two(a, b, "cannot be multiplied");
}

static jv divide(jv a, jv b)
{
    if (both(a, b, JV_KIND_NUMBER)) {
        if (jv_number_value(b) == 0)
            return error_two(a, b, "cannot be divided because the divisor is zero");
        return jv_number(jv_number_value(a) / jv_number_value(b));
    }
    if (both(a, b, JV_KIND_STRING))
        return jv_string_split(a, b);
    return error_two(a, b, "cannot be divided");
}

/* What a C cast to intmax_t gives on our machines, but defined for every number. */
static int64_t to_int(double number)
{
    if (isnan(number) || number >= 0x1p63 || number < -0x1p63)
        return INT64_MIN;
    return (int64_t)number;
}

static jv modulo(jv a, jv b)
{
    if (!both(a, b, JV_KIND_NUMBER))
        return error_two(a, b, "cannot be divided (remainder)");
    int64_t left = to_int(jv_number_value(a)), right = to_int(jv_number_value(b));
    if (right == 0)
        return error_two(a, b, "cannot be divided (remainder) because the divisor is zero");
    return jv_number(right == -1 ? 0 : (double)(left % right)); /* INT64_MIN % -1 would trap */
}

static jv binary(enum wf__binary what, jv a, jv b)
{
    switch (what) {
    case WF__ADD:
        return add(a, b);
    case WF__SUB:
        return subtract(a, b);
    case WF__MUL:
        return multiply(a, b);
    case WF__DIV:
        return divide(a, b);
    case WF__MOD:
        return modulo(a, b);
    case WF__EQ:
        return jv_bool(jv_equal(a, b));
    case WF__NE:
        return jv_bool(!jv_equal(a, b));
    case WF__LT:
        return jv_bool(jv_cmp(a, b) < 0);
    case WF__LE:
        return jv_bool(jv_cmp(a, b) <= 0);
    case WF__GT:
        return jv_bool(jv_cmp(a, b) > 0);
    case WF__GE:
        return jv_bool(jv_cmp(a, b) >= 0);
    }
    return jv_invalid();
}

/* ---- built-in functions ---- */

static jv length(jv value)
{
    switch (jv_get_kind(value)) {
    case JV_KIND_ARRAY:
        return jv_number(jv_array_length(value));
    case JV_KIND_OBJECT:
        return jv_number(jv_object_length(value));
    case JV_KIND_STRING:
        return jv_number(jv_string_length_codepoints(value));
    case JV_KIND_NUMBER:
        return jv_number(fabs(jv_number_value(value)));
    case JV_KIND_NULL:
        return jv_number(0);
    default:
        return error_one(value, "has no length");
    }
}

static jv to_string(jv value)
{
    return jv_get_kind(value) == JV_KIND_STRING ? value : jv_dump_string(value, 0);
}

static jv call(enum wf__call what, jv value)
{
    jv out = jv_invalid();

    switch (what) {
    case WF__CALL_NOT:
        out = jv_bool(!wf_val_truthy(&value));
        break;
    case WF__CALL_TYPE:
        out = jv_string(jv_kind_name(jv_get_kind(value)));
        break;
    case WF__CALL_LENGTH:
        return length(value);
    case WF__CALL_KEYS:
        if (jv_get_kind(value) == JV_KIND_OBJECT || jv_get_kind(value) == JV_KIND_ARRAY)
            return jv_keys(value);
        return error_one(value, "has no keys");
    case WF__CALL_TOSTRING:
        return to_string(value);
    case WF__CALL_TOJSON:
        return jv_dump_string(value, 0);
    }
    jv_free(value);
    return out;
}

/* ---- the tree ---- */

struct place {
    const jv *dot;
    const struct wf_env *env;
};

static jv eval(const struct wf__node *, const struct place *);

static jv eval_pair(const struct wf__node *node, const struct place *at)
{
    jv second = eval(node->kids[1], at);

    if (!jv_is_valid(second))
        return second;
    jv first = eval(node->kids[0], at);
    if (!jv_is_valid(first)) {
        jv_free(second);
        return first;
    }
    if (node->op == WF__OP_BINARY)
        return binary((enum wf__binary)node->what, first, second);
    jv member = jv_get(first, second);
    if (node->optional && !jv_is_valid(member)) {
        jv_free(member);
        return jv_invalid();
    }
    return member;
}

/* and, or: decided by the left side when it can be. */
static jv eval_logic(const struct wf__node *node, const struct place *at)
{
    bool decides = node->op == WF__OP_OR;

    for (size_t i = 0; i < 2; i++) {
        jv side = eval(node->kids[i], at);
        if (!jv_is_valid(side))
            return side;
        bool truthy = wf_val_truthy(&side);
        jv_free(side);
        if (truthy == decides || i == 1)
            return jv_bool(truthy);
    }
    return jv_invalid();
}

static jv eval_alternative(const struct wf__node *node, const struct place *at)
{
    jv left = eval(node->kids[0], at);

    if (jv_is_valid(left) ? wf_val_truthy(&left) : jv_invalid_has_msg(jv_copy(left)))
        return left;
    jv_free(left);
    return eval(node->kids[1], at);
}

static jv eval_array(const struct wf__node *node, const struct place *at)
{
    jv out = jv_array_sized((int)node->nkids);

    for (size_t i = 0; i < node->nkids; i++) {
        jv item = eval(node->kids[i], at);

        if (jv_is_valid(item)) {
            out = jv_array_append(out, item);
        } else if (jv_invalid_has_msg(jv_copy(item))) {
            jv_free(out);
            return item;
        } else {
            jv_free(item);
        }
    }
    return out;
}

static jv eval_object(const struct wf__node *node, const struct place *at)
{
    jv out = jv_object();

    for (size_t i = 0; i < node->nkids; i += 2) {
        jv key = eval(node->kids[i], at);
        jv value = jv_is_valid(key) ? eval(node->kids[i + 1], at) : jv_copy(key);

        if (jv_is_valid(value) && jv_get_kind(key) == JV_KIND_STRING) {
            out = jv_object_set(out, key, value);
            continue;
        }
        jv_free(out);
        if (!jv_is_valid(value)) {
            jv_free(key);
            return value;
        }
        jv_free(value);
        char shown[SHOWN];
        const char *kind = jv_kind_name(jv_get_kind(key));
        return jv_invalid_with_msg(
            jv_string_fmt("Cannot use %s (%s) as object key", kind, jv_dump_string_trunc(key, shown, sizeof shown)));
    }
    return out;
}

/* The last part first, as libjq does: an error in it comes before one in the first. */
static jv eval_string(const struct wf__node *node, const struct place *at)
{
    jv out = jv_string("");

    for (size_t i = node->nkids; i-- > 0;) {
        jv part = eval(node->kids[i], at);

        if (!jv_is_valid(part)) {
            jv_free(out);
            return part;
        }
        out = jv_string_concat(to_string(part), out);
    }
    return out;
}

static jv eval(const struct wf__node *node, const struct place *at)
{
    jv value;

    switch (node->op) {
    case WF__OP_CONST:
        return jv_copy(node->value);
    case WF__OP_DOT:
        return jv_copy(*at->dot);
    case WF__OP_VAR:
        return at->env->var(at->env->ctx, node->name);
    case WF__OP_INDEX:
    case WF__OP_BINARY:
        return eval_pair(node, at);
    case WF__OP_NEG:
        value = eval(node->kids[0], at);
        if (!jv_is_valid(value) || jv_get_kind(value) == JV_KIND_NUMBER)
            return jv_is_valid(value) ? jv_number(-jv_number_value(value)) : value;
        return error_one(value, "cannot be negated");
    case WF__OP_AND:
    case WF__OP_OR:
        return eval_logic(node, at);
    case WF__OP_ALT:
        return eval_alternative(node, at);
    case WF__OP_PIPE:
    case WF__OP_IF:
        break;
    case WF__OP_ARRAY:
        return eval_array(node, at);
    case WF__OP_OBJECT:
        return eval_object(node, at);
    case WF__OP_STRING:
        return eval_string(node, at);
    case WF__OP_CALL:
        return call((enum wf__call)node->what, jv_copy(*at->dot));
    }
    value = eval(node->kids[0], at);
    if (!jv_is_valid(value))
        return value;
    struct place inner = {.dot = &value, .env = at->env};
    jv out =
        node->op == WF__OP_PIPE ? eval(node->kids[1], &inner) : eval(node->kids[wf_val_truthy(&value) ? 1 : 2], at);
    jv_free(value);
    return out;
}

jv wf__native_eval(const struct wf__node *node, const jv *dot, const struct wf_env *env)
{
    return eval(node, &(struct place){.dot = dot, .env = env});
}
