/* expr_judge.c: what a program may not say, and which variables it needs. Works on tokens: scopes of local variables
 * are not followed, so a name that the program binds anywhere is left to libjq's compiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "value/expr_lex.h"

/* What reaches outside the engine's journal, or stops the process. */
static const struct {
    const char *name, *hint;
} forbidden[] = {
    {"env", "pass what the workflow needs as input or as a secret"},
    {"input", "an expression has one input, `.`"},
    {"inputs", "an expression has one input, `.`"},
    {"debug", "nothing but the result leaves an expression"},
    {"stderr", "nothing but the result leaves an expression"},
    {"halt", "raise an error with `error(\"...\")`"},
    {"halt_error", "raise an error with `error(\"...\")`"},
    {"import", "jq modules are switched off"},
    {"include", "jq modules are switched off"},
    {"module", "jq modules are switched off"},
    {"modulemeta", "jq modules are switched off"},
    {"input_filename", "an expression has one input, `.`"},
    {"input_line_number", "an expression has one input, `.`"},
    {"get_search_list", "jq modules are switched off"},
};

struct judge {
    const struct wf__lexed *lexed;
    const char *const *vars;
    struct wf__needs needs;
    size_t nvars;
    struct wf_err *err;
};

static const char *tok_text(const struct judge *j, size_t i)
{
    return j->lexed->text + j->lexed->toks[i].at;
}

static size_t tok_place(const struct judge *j, size_t i)
{
    return wf_utf8_count(j->lexed->text, j->lexed->toks[i].at) + 1;
}

static bool same(const struct judge *j, size_t i, const char *name)
{
    return strlen(name) == j->lexed->toks[i].len && memcmp(tok_text(j, i), name, strlen(name)) == 0;
}

static bool is_var(const struct judge *j, size_t i)
{
    return wf__tok_is(j->lexed, i, "$") && j->lexed->toks[i + 1].kind == WF__TOK_IDENT;
}

/* The end of the pattern after the `as` at i: the | or ( that follows it at the same depth. */
static size_t pattern_end(const struct judge *j, size_t i)
{
    int depth = 0;

    for (i++; i < j->lexed->ntoks; i++) {
        if (depth == 0 && (wf__tok_is(j->lexed, i, "|") || wf__tok_is(j->lexed, i, "(")))
            break;
        if (j->lexed->toks[i].kind == WF__TOK_OP && strchr("([{", *tok_text(j, i)))
            depth++;
        else if (j->lexed->toks[i].kind == WF__TOK_OP && strchr(")]}", *tok_text(j, i)) && depth-- == 0)
            break;
    }
    return i;
}

/* Is the name at token `name` bound within the program: by `as`, by a parameter of `def`, or by `label`? */
static bool is_bound_inside(const struct judge *j, size_t name)
{
    const struct wf__lexed *lexed = j->lexed;

    for (size_t i = 0; i < lexed->ntoks; i++) {
        size_t end = i;

        if (wf__tok_is(lexed, i, "as")) {
            end = pattern_end(j, i);
        } else if (wf__tok_is(lexed, i, "def")) {
            while (end < lexed->ntoks && !wf__tok_is(lexed, end, ":"))
                end++;
        } else if (wf__tok_is(lexed, i, "label")) {
            end = i + 2;
        }
        for (size_t k = i; k < end; k++) {
            if (is_var(j, k) && lexed->toks[k + 1].len == lexed->toks[name].len &&
                memcmp(tok_text(j, k + 1), tok_text(j, name), lexed->toks[name].len) == 0)
                return true;
        }
    }
    return false;
}

static void need_var(struct judge *j, const char *name)
{
    for (size_t i = 0; i < j->nvars; i++) {
        if (strcmp(j->needs.vars[i], name) == 0)
            return;
    }
    j->needs.vars = wf_realloc(j->needs.vars, (j->nvars + 2) * sizeof *j->needs.vars);
    j->needs.vars[j->nvars++] = wf_strdup(name);
    j->needs.vars[j->nvars] = NULL;
}

static int judge_var(struct judge *j, size_t i)
{
    for (const char *const *name = j->vars; *name; name++) {
        if (same(j, i, *name)) {
            need_var(j, *name);
            return 0;
        }
    }
    if (is_bound_inside(j, i))
        return 0;
    int len = (int)j->lexed->toks[i].len;
    if (same(j, i, "ENV")) {
        wf_err_hint(j->err, "%s", forbidden[0].hint);
        return wf_err_set(
            j->err, WF_EMISMATCH, "$ENV is not available in expressions (character %zu)", tok_place(j, i) - 1);
    }
    struct wf_buf bound;
    wf_buf_init(&bound, 240);
    for (const char *const *name = j->vars; *name; name++)
        wf_buf_printf(&bound, "%s$%s", bound.len > 0 ? ", " : "", *name);
    if (bound.len > 0)
        wf_err_hint(j->err, "bound at this place: %s%s", bound.ptr, bound.failed ? " ..." : "");
    else
        wf_err_hint(j->err, "no variable is bound at this place");
    wf_buf_done(&bound);
    return wf_err_set(j->err, WF_ENOTFOUND, "the variable $%.*s is not bound here (character %zu)", len, tok_text(j, i),
        tok_place(j, i) - 1);
}

static int judge_name(struct judge *j, size_t i)
{
    const struct wf__tok *tok = &j->lexed->toks[i];

    for (size_t k = 0; k < sizeof forbidden / sizeof *forbidden; k++) {
        if (!same(j, i, forbidden[k].name))
            continue;
        wf_err_hint(j->err, "%s", forbidden[k].hint);
        return wf_err_set(j->err, WF_EMISMATCH, "`%s` is not available in expressions (character %zu)",
            forbidden[k].name, tok_place(j, i));
    }
    if (tok->len >= 4 && memcmp(tok_text(j, i), "__wf", 4) == 0)
        return wf_err_set(
            j->err, WF_EMISMATCH, "names that begin with __wf are reserved (character %zu)", tok_place(j, i));
    if (same(j, i, "now"))
        j->needs.now = true;
    return 0;
}

/* Is the token at i a member's name in an object, where every word is allowed? */
static bool is_key(const struct judge *j, size_t i, const char *open, size_t depth)
{
    return depth > 0 && open[depth - 1] == '{' && i > 0 &&
           (wf__tok_is(j->lexed, i - 1, "{") || wf__tok_is(j->lexed, i - 1, ","));
}

static int judge_all(struct judge *j)
{
    char open[WF__EXPR_MAX_DEPTH + 1];
    size_t depth = 0;

    for (size_t i = 0; i + 1 < j->lexed->ntoks; i++) {
        const struct wf__tok *tok = &j->lexed->toks[i];
        char c = *tok_text(j, i);
        int rc = 0;

        if (tok->kind == WF__TOK_INTERP || (tok->kind == WF__TOK_OP && strchr("([{", c)))
            open[depth++] = c;
        else if (tok->kind == WF__TOK_OP && strchr(")]}", c) && depth > 0)
            depth--;
        else if (is_var(j, i))
            rc = judge_var(j, ++i);
        else if (tok->kind == WF__TOK_IDENT && !is_key(j, i, open, depth))
            rc = judge_name(j, i);
        if (rc)
            return rc;
    }
    return 0;
}

int wf__judge(const struct wf__lexed *lexed, const char *const *vars, struct wf__needs *ret, struct wf_err *err)
{
    struct judge j = {.lexed = lexed, .vars = vars, .err = err};

    j.needs.vars = wf_calloc(1, sizeof *j.needs.vars);
    int rc = judge_all(&j);
    if (rc)
        wf__needs_done(&j.needs);
    else
        *ret = j.needs;
    return rc;
}

void wf__needs_done(struct wf__needs *needs)
{
    for (char **name = needs->vars; name && *name; name++)
        free(*name);
    free(needs->vars);
    *needs = (struct wf__needs){0};
}
