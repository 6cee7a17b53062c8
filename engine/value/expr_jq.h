/* expr_jq.h: expressions compiled together by libjq, and the watchdog that ends endless ones; private to expr. */
#ifndef WF_VALUE_EXPR_JQ_H
#define WF_VALUE_EXPR_JQ_H

#include "value/expr.h"
#include "value/expr_lex.h"

/* What the compiler must know of one expression. */
struct wf__source {
    const char *text;
    const struct wf__needs *needs;
};

struct wf__program;
#define WF__PROGRAM_BITS 6 /* a program has at most 2^6 members */

/* All or nothing; NULL when at least one of them does not compile. */
struct wf__program *wf__program_new(const struct wf__source *const *members, size_t count);
void wf__program_free(struct wf__program *);
/* Does this one compile? If not, says why in words, with a hint. */
int wf__program_try(const struct wf__source *, struct wf_err *);

struct wf__watch; /* its thread starts with the first evaluation */

struct wf__watch *wf__watch_new(void);
void wf__watch_free(struct wf__watch *);
struct jq_state;
void wf__watch_begin(struct wf__watch *, struct jq_state *, int64_t budget_ms);
bool wf__watch_end(struct wf__watch *); /* true: the evaluation was halted */

/* dot is consumed. As wf_expr_eval. */
int wf__program_eval(struct wf__program *, size_t member, jv dot, const struct wf__needs *, jv now,
    const struct wf_env *, struct wf__watch *, int64_t budget_ms, jv *ret, struct wf_err *);

/* Definitions to put before a program: one bit for each that its text may need. */
unsigned wf__prelude_wanted(const char *text);
void wf__prelude_add(unsigned wanted, struct wf_buf *);

/* libjq's complaint in plain words. */
void wf__words_of(const char *complaint, int lines_before, const struct wf__source *, struct wf_err *);

#endif
