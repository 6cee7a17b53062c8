/* template.h: data with expressions in it (`set`, `with`, `output.as`, ...), prepared once, evaluated often. */
#ifndef WF_DEF_TEMPLATE_H
#define WF_DEF_TEMPLATE_H

#include "def/yaml.h"
#include "value/expr.h"

struct wf_tmpl; /* in the arena of its definition */

enum wf_tmpl_mode {
    WF_TMPL_DATA, /* only strings marked `${ }` are expressions, at any depth */
    WF_TMPL_EXPR, /* a string is an expression, marked or not (`output.as: .x`); anything else as DATA */
    WF_TMPL_URI,  /* as DATA, but an unmarked string is an RFC 6570 level 1 template over `.` */
};

struct wf_tmpl *wf_tmpl_new(struct wf_arena *, struct wf_exprs *, const struct wf_node *, enum wf_tmpl_mode,
    const char *const *vars, struct wf_diags *);
int wf_tmpl_eval(const struct wf_tmpl *, const jv *dot, const struct wf_env *, jv *ret, struct wf_err *);
bool wf_tmpl_is_constant(const struct wf_tmpl *);
/* The text inside `${ }`, or NULL when the string is not marked. Into the arena. */
const char *wf_expr_marked(struct wf_arena *, const char *text, size_t len);

#endif
