/* expr_def.c: from a text in the definition to an expression of its wf_exprs. */
#include "def/expr_def.h"

#include <string.h>

#include "def/template.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What stands between `${` and the final `}`. */
static bool find_inside(const char *text, size_t len, const char **ret_start, size_t *ret_len)
{
    const char *start = text, *end = text + len;
    while (start < end && is_space(*start))
        start++;
    while (end > start && is_space(end[-1]))
        end--;
    if (end - start < 4 || start[0] != '$' || start[1] != '{' || end[-1] != '}')
        return false;
    *ret_start = start + 2;
    *ret_len = (size_t)(end - start) - 3;
    return true;
}

bool wf__expr_is_marked(const char *text, size_t len)
{
    const char *start;
    size_t inside;
    return find_inside(text, len, &start, &inside);
}

const char *wf_expr_marked(struct wf_arena *arena, const char *text, size_t len)
{
    const char *start;
    size_t inside;
    return find_inside(text, len, &start, &inside) ? wf_arena_memdup(arena, start, inside) : NULL;
}

/* wf_exprs_add says what went wrong by its code. */
static int diag_code(const struct wf_err *err)
{
    switch (err->code) {
    case WF_ENOTFOUND:
        return 403;
    case WF_EMISMATCH:
        return 402;
    case WF_ELIMIT:
        return 104;
    default:
        return 401;
    }
}

struct wf_expr *wf__expr_new(struct wf_arena *arena, struct wf_exprs *exprs, const struct wf_node *node,
    const char *const *vars, struct wf_diags *diags)
{
    const char *text = wf_expr_marked(arena, node->text, node->len);
    if (!text)
        text = node->text;
    if (strlen(node->text) != node->len || text[strspn(text, " \t\r\n")] == '\0') {
        wf_diags_add(diags, WF_SEV_ERROR, 401, node->loc, NULL, "an expression is empty or holds U+0000");
        return NULL;
    }
    struct wf_expr *expr = NULL;
    struct wf_err err = {.loc = node->loc};
    if (wf_exprs_add(exprs, text, vars, node->loc, &expr, &err) != 0) {
        if (strstr(text, "${")) {
            err.hint[0] = '\0'; /* whatever jq makes of it, this is the cause */
            wf_err_hint(&err, "one text holds one expression; join texts inside it: ${ \"\\(.a) and \\(.b)\" }");
        }
        wf_diags_add_err(diags, diag_code(&err), &err);
        return NULL;
    }
    return expr;
}

void wf__expr_warn_unmarked(const struct wf_node *node, struct wf_diags *diags)
{
    const char *marker = strstr(node->text, "${");
    if (!marker || !strchr(marker, '}'))
        return;
    const char *inside = marker + 2 + strspn(marker + 2, " ");
    if (*inside == '.' || *inside == '$')
        wf_diags_add(diags, WF_SEV_WARNING, 205, node->loc,
            "make the whole text one expression: ${ \"Hello \\(.name)\" }",
            "with text around it `${ }` is not evaluated");
}
