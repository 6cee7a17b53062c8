/* expr_lex.h: the tokens of a jq 1.6 program, private to expr. Shared by the judge and by the native parser, so that
 * both see what libjq's lexer sees. */
#ifndef WF_VALUE_EXPR_LEX_H
#define WF_VALUE_EXPR_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define WF__EXPR_MAX_BYTES 65536
#define WF__EXPR_MAX_DEPTH 100 /* open brackets and interpolations */

enum wf__tok_kind {
    WF__TOK_END,
    WF__TOK_IDENT,   /* also keywords */
    WF__TOK_FIELD,   /* .name */
    WF__TOK_FORMAT,  /* @name */
    WF__TOK_NUMBER,  /* without sign */
    WF__TOK_OP,      /* operators and brackets */
    WF__TOK_QUOTE,   /* either end of a string */
    WF__TOK_TEXT,    /* characters within a string, as they are */
    WF__TOK_ESCAPES, /* backslash sequences within a string */
    WF__TOK_INTERP,  /* \( within a string; the OP ) closes it */
};

struct wf__tok {
    enum wf__tok_kind kind;
    uint32_t at, len; /* in the text */
};

struct wf__lexed {
    const char *text;
    struct wf__tok *toks; /* the last one is WF__TOK_END */
    size_t ntoks;
};

/* Splits text; brackets and quotes are balanced when it succeeds. */
int wf__lex(const char *text, struct wf__lexed *ret, struct wf_err *);
void wf__lexed_done(struct wf__lexed *);
bool wf__tok_is(const struct wf__lexed *, size_t index, const char *text); /* IDENT or OP with just this text */

/* What a program asks of its surroundings. */
struct wf__needs {
    char **vars; /* names from the list of bound ones, each once; NULL-terminated */
    bool now;
};

/* Refuses forbidden names and variables that are neither in vars (NULL-terminated) nor bound by the program itself. */
int wf__judge(const struct wf__lexed *, const char *const *vars, struct wf__needs *ret, struct wf_err *);
void wf__needs_done(struct wf__needs *);

#endif
