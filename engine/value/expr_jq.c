/* expr_jq.c: many expressions in one libjq program. Each is a function; the input is an array of the member's number
 * bit by bit (true or false), dot, now, and the variables; the program branches on the bits to the member asked for.
 * One jq_compile takes 17 ms whatever it compiles: hence together. Branching on values and indexing a small array are
 * the cheapest things libjq can do: a comparison or a destructuring costs several times as much. */
#include <jq.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "value/expr_jq.h"

#define PROGRAM_MAX ((size_t)4 << 20) /* bytes of one joint program */

struct wf__program {
    jq_state *jq;
};

/* Places in the input. */
#define AT_DOT  WF__PROGRAM_BITS
#define AT_NOW  (AT_DOT + 1)
#define AT_VARS (AT_DOT + 2)

/* What stands before an expression: its variables out of the input, `now`, and dot. */
static void add_binding(struct wf_buf *buf, const struct wf__source *source)
{
    size_t at = AT_VARS;

    for (char **name = source->needs->vars; *name; name++)
        wf_buf_printf(buf, ".[%zu] as $%s | ", at++, *name);
    if (source->needs->now)
        wf_buf_printf(buf, ".[%d] as $__wfn | def now: $__wfn; ", AT_NOW);
    wf_buf_printf(buf, ".[%d] | ", AT_DOT);
}

/* Members [from, to) differ in the bits below `bit`. */
static void add_dispatch(struct wf_buf *buf, size_t from, size_t to, int bit)
{
    if (to - from == 1) {
        wf_buf_printf(buf, "__wf%zu", from);
        return;
    }
    do
        bit--;
    while (from + ((size_t)1 << bit) >= to); /* all of them have this bit clear */
    size_t middle = from + ((size_t)1 << bit);
    wf_buf_printf(buf, "if .[%d] then ", bit);
    add_dispatch(buf, middle, to, bit);
    wf_buf_str(buf, " else ");
    add_dispatch(buf, from, middle, bit);
    wf_buf_str(buf, " end");
}

/* Keeps the first complaint: the others follow from it, or count them. */
static void keep_first(void *arg, jv msg)
{
    char **complaint = arg;

    msg = jq_format_error(msg);
    if (!*complaint && jv_get_kind(msg) == JV_KIND_STRING)
        *complaint = wf_strdup(jv_string_value(msg));
    jv_free(msg);
}

/* NULL when it does not compile; *ret_complaint (the caller frees) then says why. */
static jq_state *compile(const char *text, char **ret_complaint)
{
    jq_state *jq = jq_init();

    *ret_complaint = NULL;
    if (!jq)
        abort(); /* out of memory */
    jq_set_error_cb(jq, keep_first, ret_complaint);
    jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array()); /* without it an `import` aborts the process */
    if (!jq_compile(jq, text))
        jq_teardown(&jq);
    else
        jq_set_error_cb(jq, NULL, NULL);
    return jq;
}

struct wf__program *wf__program_new(const struct wf__source *const *members, size_t count)
{
    struct wf_buf buf;
    unsigned wanted = 0;

    wf_buf_init(&buf, PROGRAM_MAX);
    for (size_t i = 0; i < count; i++)
        wanted |= wf__prelude_wanted(members[i]->text);
    wf__prelude_add(wanted, &buf);
    for (size_t i = 0; i < count; i++) {
        wf_buf_printf(&buf, "def __wf%zu: ", i);
        add_binding(&buf, members[i]);
        wf_buf_printf(&buf, "(%s\n);\n", members[i]->text); /* the line break ends a comment */
    }
    add_dispatch(&buf, 0, count, WF__PROGRAM_BITS);
    char *complaint = NULL;
    jq_state *jq = buf.failed ? NULL : compile(buf.ptr, &complaint);
    wf_buf_done(&buf);
    free(complaint);
    if (!jq)
        return NULL;
    struct wf__program *program = wf_calloc(1, sizeof *program);
    program->jq = jq;
    return program;
}

void wf__program_free(struct wf__program *program)
{
    if (!program)
        return;
    jq_teardown(&program->jq);
    free(program);
}

int wf__program_try(const struct wf__source *source, struct wf_err *err)
{
    struct wf_buf buf;
    char *complaint;
    int lines = 0;

    /* Without parentheses around it, so that libjq's words are those for the expression alone. */
    wf_buf_init(&buf, PROGRAM_MAX);
    wf__prelude_add(wf__prelude_wanted(source->text), &buf);
    add_binding(&buf, source);
    wf_buf_char(&buf, '\n');
    for (const char *p = buf.ptr; *p; p++)
        lines += *p == '\n';
    wf_buf_str(&buf, source->text);
    jq_state *jq = compile(buf.ptr, &complaint);
    wf_buf_done(&buf);
    if (!jq)
        wf__words_of(complaint ? complaint : "it does not compile", lines, source, err);
    free(complaint);
    if (!jq)
        return WF_EINVAL;
    jq_teardown(&jq);
    return 0;
}

/* More than one result: an array of them; none: null. An error instead of a result comes back as an invalid. */
static jv collect(jq_state *jq)
{
    jv first = jq_next(jq);

    if (!jv_is_valid(first)) {
        if (jv_invalid_has_msg(jv_copy(first)))
            return first;
        jv_free(first);
        return jv_null();
    }
    jv next = jq_next(jq), all = jv_invalid();
    if (jv_is_valid(next))
        all = jv_array_append(jv_array(), jv_copy(first));
    while (jv_is_valid(next)) {
        all = jv_array_append(all, next);
        next = jq_next(jq);
    }
    bool failed = jv_invalid_has_msg(jv_copy(next));
    jv out = failed ? jv_copy(next) : jv_is_valid(all) ? jv_copy(all) : jv_copy(first);
    jv_free(first);
    jv_free(all);
    jv_free(next);
    return out;
}

int wf__program_eval(struct wf__program *program, size_t member, jv dot, const struct wf__needs *needs, jv now,
    const struct wf_env *env, struct wf__watch *watch, int64_t budget_ms, jv *ret, struct wf_err *err)
{
    jv input = jv_array_sized(AT_VARS + 4);

    for (int bit = 0; bit < WF__PROGRAM_BITS; bit++)
        input = jv_array_append(input, jv_bool((int)(member >> bit & 1)));
    input = jv_array_append(input, dot);
    input = jv_array_append(input, now);
    for (char **name = needs->vars; *name; name++)
        input = jv_array_append(input, env->var(env->ctx, *name));
    jq_start(program->jq, input, 0);
    wf__watch_begin(watch, program->jq, budget_ms);
    jv result = collect(program->jq);
    if (wf__watch_end(watch)) {
        jv_free(result);
        wf_err_hint(err, "look for a `while`, `until`, `repeat`, `recurse` or function that never ends");
        return wf_err_set(err, WF_ELIMIT, "the expression was stopped after %lld ms", (long long)budget_ms);
    }
    *ret = result;
    return 0;
}
