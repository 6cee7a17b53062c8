/* expr_jq.c: many expressions in one libjq program. Each is a function; the input is [member, dot, variables...], and a
 * tree of comparisons calls the member asked for. One jq_compile takes 17 ms whatever it compiles: hence together. */
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

/* What later versions of jq have and workflows are fond of, and fences around what aborts libjq 1.6. Only what an
 * expression names is compiled with it. */
static const struct {
    const char *name, *text;
} prelude[] = {
    {"pick", "def pick(__wfp): . as $__wft | reduce path(__wfp) as $__wfq "
             "(null; setpath($__wfq; $__wft | getpath($__wfq)));\n"},
    {"abs", "def abs: if type == \"number\" then (if . < 0 then -. else . end) "
            "else error(\"\\(type) (\\(tojson)) has no absolute value\") end;\n"},
    {"toarray", "def toarray: if type == \"array\" then . else [.] end;\n"},
    {"have_literal_numbers", "def have_literal_numbers: false;\n"},
    {"have_decnum", "def have_decnum: false;\n"},
    {"implode",
        "def __wfimplode: implode;\n"
        "def implode: if type == \"array\" and all(.[]; type == \"number\" and . >= 0 and . <= 1114111 and "
        "(. < 55296 or . > 57343)) then __wfimplode else error(\"implode wants an array of code points\") end;\n"},
    {"%", "def __wfmod(__wfa; __wfb): _mod(__wfa; __wfb);\n"
          "def _mod(__wfa; __wfb): __wfb as $__wfb | __wfa as $__wfa | if ($__wfb | type) == \"number\" and "
          "($__wfa | type) == \"number\" and $__wfb <= -1 and $__wfb > -2 then 0 else __wfmod($__wfa; $__wfb) end;\n"},
};

static void add_prelude(struct wf_buf *buf, const struct wf__source *const *members, size_t count)
{
    for (size_t i = 0; i < sizeof prelude / sizeof *prelude; i++) {
        for (size_t k = 0; k < count; k++) {
            if (strstr(members[k]->text, prelude[i].name)) {
                wf_buf_str(buf, prelude[i].text);
                break;
            }
        }
    }
}

/* What stands before an expression: its variables out of the input, `now`, and dot. */
static void add_binding(struct wf_buf *buf, const struct wf__source *source)
{
    wf_buf_str(buf, ". as [$__wfm, $__wfd, $__wfn");
    for (char **name = source->needs->vars; *name; name++)
        wf_buf_printf(buf, ", $%s", *name);
    wf_buf_str(buf, "] | ");
    if (source->needs->now)
        wf_buf_str(buf, "def now: $__wfn; ");
    wf_buf_str(buf, "$__wfd | ");
}

static void add_dispatch(struct wf_buf *buf, size_t from, size_t to)
{
    if (to - from == 1) {
        wf_buf_printf(buf, "__wf%zu", from);
        return;
    }
    size_t middle = from + (to - from) / 2;
    wf_buf_printf(buf, "if .[0] < %zu then ", middle);
    add_dispatch(buf, from, middle);
    wf_buf_str(buf, " else ");
    add_dispatch(buf, middle, to);
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

    wf_buf_init(&buf, PROGRAM_MAX);
    add_prelude(&buf, members, count);
    for (size_t i = 0; i < count; i++) {
        wf_buf_printf(&buf, "def __wf%zu: ", i);
        add_binding(&buf, members[i]);
        wf_buf_printf(&buf, "(%s\n);\n", members[i]->text); /* the line break ends a comment */
    }
    add_dispatch(&buf, 0, count);
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
    add_prelude(&buf, &source, 1);
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
    jv input = jv_array_sized(8);

    input = jv_array_append(input, jv_number((double)member));
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
