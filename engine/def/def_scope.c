/* def_scope.c: which variables an expression may use where it stands. */
#include <ctype.h>
#include <string.h>

#include "def/load.h"

static size_t count(const char *const *names)
{
    size_t n = 0;
    while (names[n])
        n++;
    return n;
}

static bool has(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* names, and those of more that are not among them. */
static const char *const *join(struct wf__load *ld, const char *const *names, const char *const *more)
{
    size_t n = count(names);
    const char **all = wf__alloc(ld, (n + count(more) + 1) * sizeof *all);
    memcpy(all, names, n * sizeof *all);
    for (; *more; more++)
        if (!has(names, *more))
            all[n++] = *more;
    return all;
}

const struct wf__scope *wf__scope_new(struct wf__load *ld, const char *const *outer)
{
    static const char *const first[] = {"workflow", "runtime", "secrets", NULL};
    static const char *const entry[] = {"context", "task", NULL};
    static const char *const body[] = {"input", "authorization", NULL};
    static const char *const done[] = {"output", NULL};
    static const char *const error[] = {"input", NULL};
    struct wf__scope *s = wf__alloc(ld, sizeof *s);
    s->outer = outer ? outer : first;
    s->entry = join(ld, s->outer, entry);
    s->body = join(ld, s->entry, body);
    s->done = join(ld, s->body, done);
    s->error = join(ld, s->entry, error);
    return s;
}

const struct wf__scope *wf__scope_nest(struct wf__load *ld, const struct wf__scope *scope, const char *a, const char *b)
{
    const char *const names[] = {a, b, NULL};
    return wf__scope_new(ld, join(ld, scope->outer, names));
}

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

const char *wf__scope_name(struct wf__load *ld, const struct wf_node *map, const char *key, const char *otherwise)
{
    /* Names the engine binds itself, and words that jq 1.6 does not take behind a dollar sign. */
    static const char *const taken[] = {"workflow", "runtime", "secrets", "context", "task", "input", "output",
        "authorization", "ENV", "__loc__", "__prog_args", "and", "as", "catch", "def", "elif", "else", "end", "foreach",
        "if", "import", "include", "label", "module", "or", "reduce", "then", "try", NULL};
    const struct wf_node *node = wf__member(map, key, WF__STRING);
    if (!node)
        return otherwise;
    if (!is_identifier(node->text)) {
        wf__error(ld, 402, node->loc, "letters, digits and _, without a dollar sign",
            "`%.60s` is no name for a variable", node->text);
        return otherwise;
    }
    if (has(taken, node->text)) {
        wf__error(
            ld, 402, node->loc, NULL, "`%s` belongs to jq or to the engine: a variable needs another name", node->text);
        return otherwise;
    }
    return node->text;
}
