/* schema_check.c: one value against one compiled schema: scalars, and the way down to the rest. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "value/schema_priv.h"

#define DEPTH_MAX   500     /* schemas within schemas, references included */
#define MATCH_LIMIT 1000000 /* steps of one pattern */

bool wf__sexpression(const jv *value)
{
    if (jv_get_kind(*value) != JV_KIND_STRING)
        return false;
    const char *text = jv_string_value(*value), *end = text + strlen(text);

    text += strspn(text, " \t\r\n");
    while (end > text && strchr(" \t\r\n", end[-1]))
        end--;
    return end - text >= 4 && text[0] == '$' && text[1] == '{' && end[-1] == '}';
}

/* Is there an expression anywhere within? Values are at most WF_VAL_MAX_DEPTH deep. */
static bool holds_expression(const jv *value)
{
    bool found = wf__sexpression(value);

    if (jv_get_kind(*value) == JV_KIND_ARRAY) {
        int count = jv_array_length(jv_copy(*value));

        for (int i = 0; i < count && !found; i++) {
            jv item = jv_array_get(jv_copy(*value), i);

            found = holds_expression(&item);
            jv_free(item);
        }
    } else if (jv_get_kind(*value) == JV_KIND_OBJECT) {
        for (int it = jv_object_iter(*value); jv_object_iter_valid(*value, it) && !found;
             it = jv_object_iter_next(*value, it)) {
            jv member = jv_object_iter_value(*value, it);

            found = holds_expression(&member);
            jv_free(member);
        }
    }
    return found;
}

static unsigned types_of(const jv *value)
{
    switch (jv_get_kind(*value)) {
    case JV_KIND_NULL:
        return WF__STYPE_NULL;
    case JV_KIND_FALSE:
    case JV_KIND_TRUE:
        return WF__STYPE_BOOLEAN;
    case JV_KIND_NUMBER: {
        double number = jv_number_value(*value);

        return WF__STYPE_NUMBER | (floor(number) == number ? WF__STYPE_INTEGER : 0u);
    }
    case JV_KIND_STRING:
        return WF__STYPE_STRING;
    case JV_KIND_ARRAY:
        return WF__STYPE_ARRAY;
    case JV_KIND_OBJECT:
        return WF__STYPE_OBJECT;
    default:
        return 0;
    }
}

static int check_type(const struct wf__snode *node, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    unsigned is = types_of(value);
    char want[120], have[60], shown[WF__SSHOWN];

    if (!node->types || node->types & is)
        return 0;
    if (!err)
        return WF_EINVAL;
    wf__stype_words(node->types, want, sizeof want);
    wf__stype_words(is & ~(unsigned)WF__STYPE_INTEGER, have, sizeof have);
    if (is & (WF__STYPE_OBJECT | WF__STYPE_ARRAY | WF__STYPE_NULL))
        return wf__swrong(at, err, "must be %s, is %s", want, have);
    return wf__swrong(at, err, "must be %s, is %s (%s)", want, have, wf__sshow(value, shown));
}

static int check_enum(const struct wf__snode *node, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    int count = jv_array_length(jv_copy(node->enumeration));
    char shown[WF__SSHOWN], list[WF__SSHOWN];

    for (int i = 0; i < count; i++) {
        if (jv_equal(jv_array_get(jv_copy(node->enumeration), i), jv_copy(*value)))
            return 0;
    }
    if (!err)
        return WF_EINVAL;
    wf__swrong(at, err, "must be one of %s, is %s", wf__sshow(&node->enumeration, list), wf__sshow(value, shown));
    if (jv_get_kind(*value) == JV_KIND_STRING)
        wf__shint_strings(jv_string_value(*value), &node->enumeration, NULL, err);
    return WF_EINVAL;
}

static int check_fixed(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf_err *err)
{
    bool enumerated = jv_is_valid(node->enumeration), constant = jv_is_valid(node->constant);
    char shown[WF__SSHOWN], want[WF__SSHOWN];

    if (!enumerated && !constant)
        return 0;
    if (check->literal && holds_expression(value)) {
        check->passed = true;
        return 0;
    }
    if (constant && !jv_equal(jv_copy(node->constant), jv_copy(*value)))
        return !err ? WF_EINVAL
                    : wf__swrong(
                          at, err, "must be %s, is %s", wf__sshow(&node->constant, want), wf__sshow(value, shown));
    return enumerated ? check_enum(node, value, at, err) : 0;
}

/* 0.0075 is a multiple of 0.0001 although neither is a binary fraction; beyond 2^53 steps no fraction can be told. */
static bool is_multiple(double number, double step)
{
    double steps = fabs(number / step);

    return isfinite(steps) && (steps > 0x1p53 || fabs(remainder(number, step)) <= step * 1e-9);
}

static int check_number(const struct wf__snode *node, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    double number = jv_number_value(*value);

    if (node->minimum.set && number < node->minimum.value)
        return wf__swrong(at, err, "must be at least %.15g, is %.15g", node->minimum.value, number);
    if (node->maximum.set && number > node->maximum.value)
        return wf__swrong(at, err, "must be at most %.15g, is %.15g", node->maximum.value, number);
    if (node->exclusive_minimum.set && number <= node->exclusive_minimum.value)
        return wf__swrong(at, err, "must be more than %.15g, is %.15g", node->exclusive_minimum.value, number);
    if (node->exclusive_maximum.set && number >= node->exclusive_maximum.value)
        return wf__swrong(at, err, "must be less than %.15g, is %.15g", node->exclusive_maximum.value, number);
    if (node->multiple_of.set && !is_multiple(number, node->multiple_of.value))
        return wf__swrong(at, err, "must be a multiple of %.15g, is %.15g", node->multiple_of.value, number);
    return 0;
}

int wf__spattern_match(const struct wf__pattern *pattern, const char *text, size_t len)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    if (!data || !limits)
        abort(); /* out of memory */
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    int rc = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_UTF_CHECK, data, limits);
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : WF_ELIMIT;
}

static int check_string(const struct wf__snode *node, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    char shown[WF__SSHOWN];

    if (node->min_length.set || node->max_length.set) {
        double len = jv_string_length_codepoints(jv_copy(*value));

        if (node->min_length.set && len < node->min_length.value)
            return wf__swrong(at, err, "must have at least %.0f characters, has %.0f", node->min_length.value, len);
        if (node->max_length.set && len > node->max_length.value)
            return wf__swrong(at, err, "must have at most %.0f characters, has %.0f", node->max_length.value, len);
    }
    if (!node->pattern.code)
        return 0;
    int match =
        wf__spattern_match(&node->pattern, jv_string_value(*value), (size_t)jv_string_length_bytes(jv_copy(*value)));
    if (match < 0)
        return wf_err_set(err, WF_ELIMIT, "matching the pattern %.100s takes too long", node->pattern.text);
    return match || !err ? (match ? 0 : WF_EINVAL)
                         : wf__swrong(at, err, "must match the pattern %.150s, is %s", node->pattern.text,
                               wf__sshow(value, shown));
}

static size_t children_of(const jv *value)
{
    jv_kind kind = jv_get_kind(*value);

    return kind == JV_KIND_ARRAY    ? (size_t)jv_array_length(jv_copy(*value))
           : kind == JV_KIND_OBJECT ? (size_t)jv_object_length(jv_copy(*value))
                                    : 0;
}

static int check_keywords(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    jv_kind kind = jv_get_kind(*value);
    int rc = check_type(node, value, at, err);

    if (!rc)
        rc = check_fixed(check, node, value, at, err);
    if (!rc && kind == JV_KIND_NUMBER)
        rc = check_number(node, value, at, err);
    if (!rc && kind == JV_KIND_STRING)
        rc = check_string(node, value, at, err);
    if (!rc)
        rc = wf__scheck_combined(check, node, value, at, seen, err);
    /* Last, because of unevaluated...: it looks at what the others left. */
    if (!rc && kind == JV_KIND_OBJECT)
        rc = wf__scheck_object(check, node, value, at, seen, err);
    if (!rc && kind == JV_KIND_ARRAY)
        rc = wf__scheck_array(check, node, value, at, seen, err);
    return rc;
}

int wf__scheck_node(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    if (check->literal && wf__sexpression(value)) {
        check->passed = true;
        return 0;
    }
    if (node->never)
        return wf__swrong(at, err, "is not allowed");
    if (check->depth >= DEPTH_MAX)
        return wf_err_set(err, WF_ELIMIT, "schemas nested more than %d deep at %s: does a $ref lead to itself?",
            DEPTH_MAX, node->pointer[0] ? node->pointer : "the top");
    if (check->budget-- <= 0)
        return wf_err_set(err, WF_ELIMIT, "checking the value takes too long: its schema has too many alternatives");
    check->depth++;
    struct wf__sseen own = {0}, *mine = seen;
    if (node->unevaluated_properties || node->unevaluated_items) { /* it counts what its own keywords saw, no others */
        own.count = children_of(value);
        own.list = wf_calloc(own.count, sizeof *own.list);
        mine = &own;
    }
    int rc = check_keywords(check, node, value, at, mine, err);
    for (size_t i = 0; seen && i < own.count; i++)
        seen->list[i] = seen->list[i] || own.list[i];
    free(own.list);
    check->depth--;
    return rc;
}
