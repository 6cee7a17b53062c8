/* expr_native.h: the part of jq that we evaluate ourselves, private to expr. A program is a tree whose every node
 * yields one value, none, or an error: never more. What libjq would answer differently does not belong here. */
#ifndef WF_VALUE_EXPR_NATIVE_H
#define WF_VALUE_EXPR_NATIVE_H

#include "value/expr.h"
#include "value/expr_lex.h"

enum wf__op {
    WF__OP_CONST,  /* value */
    WF__OP_DOT,    /* . */
    WF__OP_VAR,    /* name */
    WF__OP_INDEX,  /* kids: target, key; optional */
    WF__OP_NEG,    /* kids: operand */
    WF__OP_BINARY, /* kids: left, right; what */
    WF__OP_AND,    /* kids: left, right */
    WF__OP_OR,
    WF__OP_ALT,  /* // */
    WF__OP_PIPE, /* | */
    WF__OP_IF,   /* kids: condition, then, else */
    WF__OP_ARRAY,
    WF__OP_OBJECT, /* kids: key, value, key, value, ... */
    WF__OP_STRING, /* kids: parts, joined as text */
    WF__OP_CALL,   /* what: a built-in function of `.` */
};

enum wf__binary { WF__ADD, WF__SUB, WF__MUL, WF__DIV, WF__MOD, WF__EQ, WF__NE, WF__LT, WF__LE, WF__GT, WF__GE };
enum wf__call { WF__CALL_NOT, WF__CALL_LENGTH, WF__CALL_TYPE, WF__CALL_KEYS, WF__CALL_TOSTRING, WF__CALL_TOJSON };

struct wf__node {
    enum wf__op op;
    int what;
    int depth; /* of the tree below, at least 1 */
    bool optional;
    jv value;
    char *name;
    size_t nkids;
    struct wf__node **kids;
};

struct wf__node *wf__native_parse(const struct wf__lexed *); /* NULL: not in our part of jq */
void wf__native_free(struct wf__node *);
/* A value, jv_invalid() for none, or an invalid with the error libjq would raise. */
jv wf__native_eval(const struct wf__node *, const jv *dot, const struct wf_env *);

#endif
