/* def_load.c: what a definition keeps: memory, expressions and templates, within limits. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "def/expr_def.h"
#include "def/load.h"

#define MAX_VALUES 2000000 /* nodes in all templates; references by name count each time */

void *wf__alloc(struct wf__load *ld, size_t size)
{
    void *p = wf_arena_alloc(ld->def->arena, size);
    if (!p)
        abort(); /* the limits on bytes, values, tasks and names leave room for more than a definition can ask for */
    return p;
}

/* The secrets that an expression names: `$secrets.name` or `$secrets["name"]`. */
static void check_secrets(struct wf__load *ld, const struct wf_node *node)
{
    static const char prefix[] = "$secrets";
    for (const char *p = strstr(node->text, prefix); p; p = strstr(p, prefix)) {
        p += sizeof prefix - 1;
        size_t len = 0;
        if (*p == '.' && (isalpha((unsigned char)p[1]) || p[1] == '_')) {
            p++;
            while (isalnum((unsigned char)p[len]) || p[len] == '_')
                len++;
        } else if (strncmp(p, "[\"", 2) == 0) {
            p += 2;
            len = strcspn(p, "\"\\");
        }
        if (len > 0 && !wf__secret_is_declared(ld, p, len))
            wf__secret_unknown(ld, node->loc, p, len);
    }
}

/* Values in a template; looks at the expressions on the way. The reader bounds the depth. */
static size_t survey(struct wf__load *ld, const struct wf_node *node, bool is_expr)
{
    size_t n = 1;
    if (node->kind == WF_NODE_STRING && (is_expr || wf__expr_is_marked(node->text, node->len)))
        check_secrets(ld, node);
    if (node->kind == WF_NODE_LIST || node->kind == WF_NODE_MAP)
        for (size_t i = 0; i < node->count; i++)
            n += survey(ld, node->items[i], false);
    return n;
}

static bool is_within_limits(struct wf__load *ld, const struct wf_node *node, bool is_expr)
{
    ld->nvalues += survey(ld, node, is_expr);
    if (ld->nvalues <= MAX_VALUES)
        return true;
    wf__error(ld, 104, node->loc, NULL, "more than %d values in the data of one definition", MAX_VALUES);
    return false;
}

struct wf_expr *wf__expr(struct wf__load *ld, const struct wf_node *map, const char *key, const char *const *vars)
{
    const struct wf_node *node = wf__member(map, key, WF__STRING);
    if (!node || !is_within_limits(ld, node, true))
        return NULL;
    struct wf_expr *expr = wf__expr_new(ld->def->arena, ld->def->exprs, node, vars, ld->diags);
    if (expr && ld->task)
        ld->task->uses_task |= wf_expr_uses(expr, "task");
    return expr;
}

const struct wf_tmpl *wf__tmpl(
    struct wf__load *ld, const struct wf_node *node, enum wf_tmpl_mode mode, const char *const *vars)
{
    if (!node || !is_within_limits(ld, node, mode == WF_TMPL_EXPR))
        return NULL;
    const struct wf_tmpl *tmpl = wf_tmpl_new(ld->def->arena, ld->def->exprs, node, mode, vars, ld->diags);
    if (ld->task)
        ld->task->uses_task |= wf_tmpl_uses(tmpl, "task");
    return tmpl;
}
