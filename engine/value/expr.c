/* expr.c: the expressions of one definition: added, judged, compiled natively or together by libjq, evaluated. */
#include "value/expr.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "value/expr_jq.h"
#include "value/expr_native.h"

#define PER_PROGRAM       40 /* at most 2^WF__PROGRAM_BITS; more make one mistake dearer to find */
#define DEFAULT_BUDGET_MS 2000
#define MAX_EXPRS         100000

struct wf_expr {
    struct wf_exprs *owner;
    uint32_t id;
    char *text;
    struct wf_loc loc;
    struct wf__needs needs;
    struct wf__source source;    /* borrows text and needs */
    struct wf__node *native;     /* NULL: libjq's */
    struct wf__program *program; /* owned by the collection; NULL: not compiled, or it did not */
    size_t member;               /* its number in program */
};

struct wf_exprs {
    struct wf_expr **list;
    size_t count, cap;
    size_t compiled; /* those before were compiled or failed to */
    struct wf__program **programs;
    size_t nprograms;
    jv **places;
    size_t nplaces;
    struct wf__watch *watch;
    int64_t budget_ms;
    bool use_native;
};

struct wf_exprs *wf_exprs_new(void)
{
    struct wf_exprs *exprs = wf_calloc(1, sizeof *exprs);

    exprs->budget_ms = DEFAULT_BUDGET_MS;
    exprs->use_native = true;
    exprs->watch = wf__watch_new();
    return exprs;
}

static void expr_free(struct wf_expr *expr)
{
    wf__native_free(expr->native);
    wf__needs_done(&expr->needs);
    free(expr->text);
    free(expr);
}

void wf_exprs_free(struct wf_exprs *exprs)
{
    if (!exprs)
        return;
    wf__watch_free(exprs->watch);
    for (size_t i = 0; i < exprs->nprograms; i++)
        wf__program_free(exprs->programs[i]);
    for (size_t i = 0; i < exprs->count; i++)
        expr_free(exprs->list[i]);
    for (size_t i = 0; i < exprs->nplaces; i++) {
        jv_free(*exprs->places[i]);
        free(exprs->places[i]);
    }
    free(exprs->places);
    free(exprs->programs);
    free(exprs->list);
    free(exprs);
}

jv *wf_exprs_place(struct wf_exprs *exprs)
{
    jv *place = wf_calloc(1, sizeof *place);

    *place = jv_invalid();
    exprs->places = wf_realloc(exprs->places, (exprs->nplaces + 1) * sizeof(jv *));
    exprs->places[exprs->nplaces++] = place;
    return place;
}

void wf_exprs_set_budget(struct wf_exprs *exprs, int64_t ms)
{
    exprs->budget_ms = ms;
}

void wf_exprs_set_native(struct wf_exprs *exprs, bool use)
{
    exprs->use_native = use;
}

/* Errors of expressions carry the expression's place unless a better one is known. */
static int placed(int rc, const struct wf_expr *expr, struct wf_err *err)
{
    if (rc && err && err->loc.line == 0)
        err->loc = expr->loc;
    return rc;
}

int wf_exprs_add(struct wf_exprs *exprs, const char *text, const char *const *vars, struct wf_loc loc,
    struct wf_expr **ret, struct wf_err *err)
{
    struct wf_expr *expr = wf_calloc(1, sizeof *expr);
    struct wf__lexed lexed = {0};
    int rc = exprs->count < MAX_EXPRS ? 0 : wf_err_set(err, WF_ELIMIT, "more than %d expressions", MAX_EXPRS);

    expr->owner = exprs;
    expr->text = wf_strdup(text);
    expr->loc = loc;
    if (!rc)
        rc = wf__lex(expr->text, &lexed, err);
    if (!rc)
        rc = wf__judge(&lexed, vars, &expr->needs, err);
    if (!rc && exprs->use_native)
        expr->native = wf__native_parse(&lexed);
    wf__lexed_done(&lexed);
    if (rc) {
        placed(rc, expr, err);
        expr_free(expr);
        return rc;
    }
    if (exprs->count == exprs->cap) {
        exprs->cap = exprs->cap > 0 ? exprs->cap * 2 : 32;
        exprs->list = wf_realloc(exprs->list, exprs->cap * sizeof(struct wf_expr *));
    }
    expr->source = (struct wf__source){.text = expr->text, .needs = &expr->needs};
    expr->id = (uint32_t)exprs->count;
    exprs->list[exprs->count++] = expr;
    *ret = expr;
    return 0;
}

/* ---- compiling ---- */

static bool compile_together(struct wf_exprs *exprs, struct wf_expr *const *group, size_t count)
{
    const struct wf__source *sources[PER_PROGRAM];

    for (size_t i = 0; i < count; i++)
        sources[i] = &group[i]->source;
    struct wf__program *program = wf__program_new(sources, count);
    if (!program)
        return false;
    exprs->programs = wf_realloc(exprs->programs, (exprs->nprograms + 1) * sizeof(struct wf__program *));
    exprs->programs[exprs->nprograms++] = program;
    for (size_t i = 0; i < count; i++) {
        group[i]->program = program;
        group[i]->member = i;
    }
    return true;
}

/* Returns how many of the group do not compile. */
static int compile_group(struct wf_exprs *exprs, struct wf_expr **group, size_t count,
    void (*report)(void *, const struct wf_err *), void *arg)
{
    size_t good = 0;
    int bad = 0;

    if (compile_together(exprs, group, count))
        return 0;
    for (size_t i = 0; i < count; i++) { /* one of them is to blame: ask each */
        struct wf_err err = {0};

        if (wf__program_try(&group[i]->source, &err) == 0) {
            group[good++] = group[i];
            continue;
        }
        placed(err.code, group[i], &err);
        report(arg, &err);
        bad++;
    }
    if (good == 0 || compile_together(exprs, group, good))
        return bad;
    for (size_t i = 0; i < good; i++) { /* together they are too much: one program for each */
        struct wf_err err = {0};

        if (compile_together(exprs, &group[i], 1))
            continue;
        placed(wf_err_set(&err, WF_EINVAL, "the expression does not compile within a function"), group[i], &err);
        report(arg, &err);
        bad++;
    }
    return bad;
}

int wf_exprs_compile(struct wf_exprs *exprs, void (*report)(void *arg, const struct wf_err *), void *arg)
{
    struct wf_expr *group[PER_PROGRAM];
    size_t ingroup = 0;
    int bad = 0;

    for (; exprs->compiled < exprs->count; exprs->compiled++) {
        struct wf_expr *expr = exprs->list[exprs->compiled];

        if (!expr->native)
            group[ingroup++] = expr;
        if (ingroup == PER_PROGRAM) {
            bad += compile_group(exprs, group, ingroup, report, arg);
            ingroup = 0;
        }
    }
    if (ingroup > 0)
        bad += compile_group(exprs, group, ingroup, report, arg);
    return bad;
}

/* ---- evaluating ---- */

/* What jq raised: error("text") as it is, any other value as JSON. */
static int raised(jv invalid, struct wf_err *err)
{
    jv msg = jv_invalid_get_msg(invalid);

    if (jv_get_kind(msg) != JV_KIND_STRING)
        msg = jv_dump_string(msg, 0);
    int rc =
        wf_err_set(err, WF_EINVAL, "%s", jv_string_length_bytes(jv_copy(msg)) > 0 ? jv_string_value(msg) : "error");
    jv_free(msg);
    return rc;
}

int wf_expr_eval(struct wf_expr *expr, const jv *dot, const struct wf_env *env, jv *ret, struct wf_err *err)
{
    struct wf_exprs *exprs = expr->owner;
    jv value = jv_invalid();
    int rc = 0;

    if (expr->native) {
        value = wf__native_eval(expr->native, dot, env);
        if (!jv_is_valid(value) && !jv_invalid_has_msg(jv_copy(value))) {
            jv_free(value);
            value = jv_null();
        }
    } else if (expr->program) {
        jv now = expr->needs.now ? env->now(env->ctx, expr->id) : jv_null();

        rc = wf__program_eval(expr->program, expr->member, jv_copy(*dot), &expr->needs, now, env, exprs->watch,
            exprs->budget_ms, &value, err);
    } else {
        rc = wf_err_set(err, WF_EINVAL, "the expression did not compile");
    }
    if (!rc && !jv_is_valid(value))
        rc = raised(value, err);
    if (!rc)
        *ret = value;
    return placed(rc, expr, err);
}

/* ---- facts ---- */

uint32_t wf_expr_id(const struct wf_expr *expr)
{
    return expr->id;
}

const char *wf_expr_text(const struct wf_expr *expr)
{
    return expr->text;
}

struct wf_loc wf_expr_loc(const struct wf_expr *expr)
{
    return expr->loc;
}

bool wf_expr_uses(const struct wf_expr *expr, const char *var)
{
    for (char **name = expr->needs.vars; *name; name++) {
        if (strcmp(*name, var) == 0)
            return true;
    }
    return false;
}

bool wf_expr_is_native(const struct wf_expr *expr)
{
    return expr->native != NULL;
}
