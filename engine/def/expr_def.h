/* expr_def.h: expressions as a definition writes them: marked `${ }` or bare. Private to def. Loop thread. */
#ifndef WF_DEF_EXPR_DEF_H
#define WF_DEF_EXPR_DEF_H

#include "def/yaml.h"
#include "value/expr.h"

/* White space, `${`, at least one character, `}`, white space. */
bool wf__expr_is_marked(const char *text, size_t len);
/* Adds the expression of a STRING node, marked or bare. NULL: a finding was added. */
struct wf_expr *wf__expr_new(
    struct wf_arena *, struct wf_exprs *, const struct wf_node *, const char *const *vars, struct wf_diags *);
/* A warning when text looks as if an expression within it were meant to be evaluated ("Hello ${ .name }"). */
void wf__expr_warn_unmarked(const struct wf_node *, struct wf_diags *);

#endif
