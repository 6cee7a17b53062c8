/* expr_lex.c: splits a jq program into tokens by the rules of jq 1.6's lexer. Because brackets and quotes are proven to
 * be balanced here, an expression cannot break out of the parentheses it is wrapped in. */
#include "value/expr_lex.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"

struct lexer {
    const char *text, *p, *end;
    char open[WF__EXPR_MAX_DEPTH]; /* ( [ { as written, i: interpolation, ": string */
    uint32_t open_at[WF__EXPR_MAX_DEPTH];
    size_t depth;
    struct wf__tok *toks;
    size_t ntoks, cap;
    struct wf_err *err;
};

static int fail(struct lexer *lx, const char *at, const char *what)
{
    return wf_err_set(lx->err, WF_EINVAL, "%s at character %zu of the expression", what,
        wf_utf8_count(lx->text, (size_t)(at - lx->text)) + 1);
}

static void emit(struct lexer *lx, enum wf__tok_kind kind, const char *end)
{
    if (lx->ntoks == lx->cap) {
        lx->cap = lx->cap > 0 ? lx->cap * 2 : 32;
        lx->toks = wf_realloc(lx->toks, lx->cap * sizeof *lx->toks);
    }
    lx->toks[lx->ntoks++] = (struct wf__tok){kind, (uint32_t)(lx->p - lx->text), (uint32_t)(end - lx->p)};
    lx->p = end;
}

static int push(struct lexer *lx, char what)
{
    if (lx->depth == WF__EXPR_MAX_DEPTH)
        return wf_err_set(lx->err, WF_ELIMIT, "the expression is nested more than %d deep", WF__EXPR_MAX_DEPTH);
    lx->open_at[lx->depth] = (uint32_t)(lx->p - lx->text);
    lx->open[lx->depth++] = what;
    return 0;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool starts_word(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static const char *skip_word(const char *p)
{
    while (is_word(*p))
        p++;
    return p;
}

static const char *skip_digits(const char *p)
{
    while (isdigit((unsigned char)*p))
        p++;
    return p;
}

/* ([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)? */
static const char *skip_number(const char *p)
{
    p = skip_digits(p);
    if (*p == '.')
        p = skip_digits(p + 1);
    if (*p == 'e' || *p == 'E') {
        const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');

        if (isdigit((unsigned char)*digits))
            p = skip_digits(digits);
    }
    return p;
}

/* ([a-zA-Z_][a-zA-Z_0-9]*::)*[a-zA-Z_][a-zA-Z_0-9]* */
static const char *skip_ident(const char *p)
{
    p = skip_word(p);
    while (p[0] == ':' && p[1] == ':' && starts_word(p[2]))
        p = skip_word(p + 2);
    return p;
}

/* One piece of a string's inside, or its end. */
static int lex_string(struct lexer *lx)
{
    const char *p = lx->p;

    if (*p == '"') {
        lx->depth--;
        emit(lx, WF__TOK_QUOTE, p + 1);
        return 0;
    }
    if (p[0] == '\\' && p[1] == '(') {
        int rc = push(lx, 'i');

        if (!rc)
            emit(lx, WF__TOK_INTERP, p + 2);
        return rc;
    }
    if (*p != '\\') {
        emit(lx, WF__TOK_TEXT, p + strcspn(p, "\\\""));
        return 0;
    }
    while (p[0] == '\\' && p[1] != '(') {
        if (p[1] == '\0')
            return fail(lx, p, "a lone backslash");
        if (p[1] == 'u') {
            p += 2;
            for (int i = 0; i < 4 && isalnum((unsigned char)*p); i++)
                p++;
        } else {
            p += 1 + wf_utf8_next(p + 1, (size_t)(lx->end - p - 1), NULL);
        }
    }
    emit(lx, WF__TOK_ESCAPES, p);
    return 0;
}

static int lex_close(struct lexer *lx)
{
    char c = *lx->p, open = lx->depth > 0 ? lx->open[lx->depth - 1] : '\0';
    char want = open == '(' || open == 'i' ? ')' : open == '[' ? ']' : open == '{' ? '}' : '\0';

    if (c != want) {
        char what[80];

        if (want) {
            snprintf(what, sizeof what, "%c where %c is expected", c, want);
            wf_err_hint(lx->err, "close first what was opened last");
        } else {
            snprintf(what, sizeof what, "%c without its opening bracket", c);
            wf_err_hint(lx->err, "take it away, or open it before");
        }
        return fail(lx, lx->p, what);
    }
    lx->depth--;
    emit(lx, WF__TOK_OP, lx->p + 1);
    return 0;
}

static int lex_operator(struct lexer *lx)
{
    /* Longest first. */
    static const char *const ops[] = {
        "?//=", "//=", "?//", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strncmp(lx->p, ops[i], strlen(ops[i])) == 0) {
            emit(lx, WF__TOK_OP, lx->p + strlen(ops[i]));
            return 0;
        }
    }
    if (strchr(".?=;,:|+-*/%$<>", *lx->p)) {
        emit(lx, WF__TOK_OP, lx->p + 1);
        return 0;
    }
    if (*lx->p == '\'')
        wf_err_hint(lx->err, "jq knows only strings in double quotes");
    if (*lx->p == '&' || *lx->p == '!')
        wf_err_hint(lx->err, "jq writes `and`, `or` and `x | not`");
    return fail(lx, lx->p, "a character that jq does not know");
}

static int lex_one(struct lexer *lx)
{
    const char *p = lx->p;

    if (lx->depth > 0 && lx->open[lx->depth - 1] == '"')
        return lex_string(lx);
    if (strchr(" \n\t\r", *p)) {
        lx->p++;
        return 0;
    }
    if (*p == '#') {
        lx->p += strcspn(p, "\n");
        return 0;
    }
    if (strchr("([{\"", *p)) {
        int rc = push(lx, *p);

        if (!rc)
            emit(lx, *p == '"' ? WF__TOK_QUOTE : WF__TOK_OP, p + 1);
        return rc;
    }
    if (strchr(")]}", *p))
        return lex_close(lx);
    if (isdigit((unsigned char)*p) || (*p == '.' && isdigit((unsigned char)p[1])))
        emit(lx, WF__TOK_NUMBER, skip_number(p));
    else if (*p == '.' && starts_word(p[1]))
        emit(lx, WF__TOK_FIELD, skip_word(p + 1));
    else if (*p == '@' && is_word(p[1]))
        emit(lx, WF__TOK_FORMAT, skip_word(p + 1));
    else if (starts_word(*p))
        emit(lx, WF__TOK_IDENT, skip_ident(p));
    else
        return lex_operator(lx);
    return 0;
}

static int not_closed(struct lexer *lx)
{
    char open = lx->open[lx->depth - 1];
    bool string = open == '"';
    wf_err_hint(lx->err, "%c is missing after it", string ? '"' : open == '[' ? ']' : open == '{' ? '}' : ')');
    return fail(lx, lx->text + lx->open_at[lx->depth - 1],
        string ? "a string that is not closed, opened" : "a bracket that is not closed, opened");
}

int wf__lex(const char *text, struct wf__lexed *ret, struct wf_err *err)
{
    size_t len = strlen(text), valid = wf_utf8_valid(text, len);
    struct lexer lx = {.text = text, .p = text, .end = text + len, .err = err};

    if (len > WF__EXPR_MAX_BYTES)
        return wf_err_set(err, WF_ELIMIT, "an expression of %zu bytes; the limit is %d", len, WF__EXPR_MAX_BYTES);
    if (valid < len)
        return fail(&lx, text + valid, "bytes that are not UTF-8");
    int rc = 0;
    while (!rc && lx.p < lx.end)
        rc = lex_one(&lx);
    if (!rc && lx.depth > 0)
        rc = not_closed(&lx);
    if (!rc && lx.ntoks == 0) {
        wf_err_hint(err, "write `.` for the input itself");
        rc = wf_err_set(err, WF_EINVAL, "the expression is empty");
    }
    if (rc) {
        free(lx.toks);
        return rc;
    }
    emit(&lx, WF__TOK_END, lx.p);
    *ret = (struct wf__lexed){.text = text, .toks = lx.toks, .ntoks = lx.ntoks};
    return 0;
}

void wf__lexed_done(struct wf__lexed *lexed)
{
    free(lexed->toks);
    *lexed = (struct wf__lexed){0};
}

bool wf__tok_is(const struct wf__lexed *lexed, size_t index, const char *text)
{
    if (index >= lexed->ntoks)
        return false;
    const struct wf__tok *tok = &lexed->toks[index];

    return (tok->kind == WF__TOK_IDENT || tok->kind == WF__TOK_OP) && strlen(text) == tok->len &&
           memcmp(lexed->text + tok->at, text, tok->len) == 0;
}
