/* template.h: data with expressions in it (`set`, `with`, `output.as`, ...), prepared once, evaluated often.
 *
 * A URI template is RFC 6570 level 1: `{name}` becomes the percent-encoded member of `.`, `{a.b}` a member's member;
 * what is absent or null becomes nothing, as the RFC says. Loop thread only. */
#ifndef WF_DEF_TEMPLATE_H
#define WF_DEF_TEMPLATE_H

#include "def/yaml.h"
#include "value/expr.h"

struct wf_tmpl; /* in the arena of its definition */

enum wf_tmpl_mode {
    WF_TMPL_DATA, /* only strings marked `${ }` are expressions, at any depth */
    WF_TMPL_EXPR, /* a string is an expression, marked or not (`output.as: .x`); anything else as DATA */
    WF_TMPL_URI,  /* as DATA, but an unmarked string is a URI template over `.` */
    WF_TMPL_HTTP, /* the `with` of call: http: as DATA, but `endpoint` and `endpoint.uri` as URI */
};

/* Never NULL; findings go to diags, and then the template must not be evaluated. The node and vars (NULL-terminated)
 * live as long as the arena. */
const struct wf_tmpl *wf_tmpl_new(struct wf_arena *, struct wf_exprs *, const struct wf_node *, enum wf_tmpl_mode,
    const char *const *vars, struct wf_diags *);
int wf_tmpl_eval(const struct wf_tmpl *, const jv *dot, const struct wf_env *, jv *ret, struct wf_err *);
bool wf_tmpl_is_constant(const struct wf_tmpl *);
bool wf_tmpl_uses(const struct wf_tmpl *, const char *var); /* does some expression in it look at $var? */
/* The text inside `${ }`, or NULL when the string is not marked. Into the arena. */
const char *wf_expr_marked(struct wf_arena *, const char *text, size_t len);

#endif
