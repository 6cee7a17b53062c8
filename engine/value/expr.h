/* expr.h: jq expressions of one definition, compiled once and fenced.
 *
 * The commonest forms (`.a.b`, `$x.y[0]`, literals, comparisons, and/or/not, string interpolation, object and array
 * construction, `+` and `//`) are evaluated by our own code with the same results as libjq; all others are compiled
 * together, some forty to a program, because one jq_compile costs 17 ms whatever it compiles. Variables travel inside
 * the input. Forbidden names ($ENV env input inputs debug stderr halt halt_error import include input_filename
 * get_search_list) are refused with their place; `now` asks the environment, so that it can be journalled.
 * Loop thread only, but for the watchdog inside. */
#ifndef WF_VALUE_EXPR_H
#define WF_VALUE_EXPR_H

#include <stdint.h>

#include "value/val.h"

struct wf_exprs; /* all of one definition */
struct wf_expr;  /* one, owned by its wf_exprs */

/* Where values of variables come from at evaluation. Each call returns a new reference. */
struct wf_env {
    jv (*var)(void *ctx, const char *name); /* name without $; only names given to wf_exprs_add are asked for */
    jv (*now)(void *ctx, uint32_t expr_id); /* seconds since 1970 as a number */
    void *ctx;
};

struct wf_exprs *wf_exprs_new(void);
void wf_exprs_free(struct wf_exprs *);
/* Room for a value that is freed with the collection; invalid until somebody puts one there. */
jv *wf_exprs_place(struct wf_exprs *);
/* text: the jq program without `${ }`. vars: NULL-terminated names bound at that place; others are an error now.
 * WF_ENOTFOUND: a variable that is not bound; WF_EMISMATCH: a forbidden name; WF_ELIMIT; else WF_EINVAL.
 * Syntax the lexer can judge is judged now; the rest by wf_exprs_compile. ids count from 0 in the order of adding. */
int wf_exprs_add(struct wf_exprs *, const char *text, const char *const *vars, struct wf_loc loc, struct wf_expr **ret,
    struct wf_err *);
/* Compile what is not native. Calls report for each expression that does not compile (loc and message in the error);
 * returns how many did not. Later calls compile only what was added since. */
int wf_exprs_compile(struct wf_exprs *, void (*report)(void *arg, const struct wf_err *), void *arg);
/* More than one result: an array of them; none: null. Fails with the jq message; an evaluation beyond the budget (2 s
 * of wall time by default) fails too. */
int wf_expr_eval(struct wf_expr *, const jv *dot, const struct wf_env *, jv *ret, struct wf_err *);
void wf_exprs_set_budget(struct wf_exprs *, int64_t ms);

uint32_t wf_expr_id(const struct wf_expr *);
const char *wf_expr_text(const struct wf_expr *);
struct wf_loc wf_expr_loc(const struct wf_expr *);
bool wf_expr_uses(const struct wf_expr *, const char *var);
bool wf_expr_is_native(const struct wf_expr *);    /* for tests and bench */
void wf_exprs_set_native(struct wf_exprs *, bool); /* false: give all that is added from now on to libjq; for tests */

#endif
