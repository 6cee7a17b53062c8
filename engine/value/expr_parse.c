/* expr_parse.c: parses the native part of jq by jq 1.6's grammar. Whatever it does not know, it leaves to libjq: so a
 * doubt is never an error here. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "value/expr_native.h"

#define MAX_DEPTH 100 /* of the tree, and of our own recursion */

struct parser {
    const struct wf__lexed *lexed;
    size_t at;
    int depth;
};

/* Every parse function returns NULL to say: leave it to libjq. */
static struct wf__node *parse_pipe(struct parser *);
static struct wf__node *parse_binary(struct parser *, int level);
static struct wf__node *parse_term(struct parser *);

static struct wf__node *node_new(enum wf__op op)
{
    struct wf__node *node = wf_calloc(1, sizeof *node);

    node->op = op;
    node->depth = 1;
    node->value = jv_invalid();
    return node;
}

void wf__native_free(struct wf__node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->nkids; i++)
        wf__native_free(node->kids[i]);
    free(node->kids);
    free(node->name);
    jv_free(node->value);
    free(node);
}

/* Takes kid over; frees both and returns NULL when there is no kid or the tree gets too deep. */
static struct wf__node *with_kid(struct wf__node *node, struct wf__node *kid)
{
    if (!node || !kid || kid->depth >= MAX_DEPTH) {
        wf__native_free(node);
        wf__native_free(kid);
        return NULL;
    }
    node->kids = wf_realloc(node->kids, (node->nkids + 1) * sizeof(struct wf__node *));
    node->kids[node->nkids++] = kid;
    if (node->depth <= kid->depth)
        node->depth = kid->depth + 1;
    return node;
}

static struct wf__node *const_new(jv value)
{
    struct wf__node *node = node_new(WF__OP_CONST);

    node->value = value;
    return node;
}

static struct wf__node *pair_new(enum wf__op op, int what, struct wf__node *left, struct wf__node *right)
{
    struct wf__node *node = node_new(op);

    node->what = what;
    node = with_kid(node, left);
    if (!node) {
        wf__native_free(right);
        return NULL;
    }
    return with_kid(node, right);
}

static const struct wf__tok *peek(const struct parser *p)
{
    return &p->lexed->toks[p->at];
}

static const char *text_of(const struct parser *p, const struct wf__tok *tok)
{
    return p->lexed->text + tok->at;
}

static bool accept(struct parser *p, const char *text)
{
    if (!wf__tok_is(p->lexed, p->at, text))
        return false;
    p->at++;
    return true;
}

/* Returns node when text follows, else frees it. */
static struct wf__node *expect(struct parser *p, struct wf__node *node, const char *text)
{
    if (node && accept(p, text))
        return node;
    wf__native_free(node);
    return NULL;
}

/* ---- strings ---- */

/* Escapes as libjq decodes them: it hands each run to its JSON parser. */
static jv decode_escapes(const char *text, size_t len)
{
    jv quoted = jv_string_append_buf(jv_string("\""), text, (int)len);

    quoted = jv_string_append_str(quoted, "\"");
    jv value = jv_parse_sized(jv_string_value(quoted), jv_string_length_bytes(jv_copy(quoted)));
    jv_free(quoted);
    if (jv_get_kind(value) != JV_KIND_STRING) {
        jv_free(value);
        return jv_invalid();
    }
    return value;
}

static struct wf__node *parse_string_part(struct parser *p)
{
    const struct wf__tok *tok = peek(p);

    p->at++;
    if (tok->kind == WF__TOK_TEXT)
        return const_new(jv_string_sized(text_of(p, tok), (int)tok->len));
    if (tok->kind == WF__TOK_ESCAPES) {
        jv value = decode_escapes(text_of(p, tok), tok->len);

        return jv_is_valid(value) ? const_new(value) : NULL;
    }
    return expect(p, parse_pipe(p), ")"); /* after \( */
}

/* The whole string from its opening quote on. Without interpolation it is a constant. */
static struct wf__node *parse_string(struct parser *p)
{
    struct wf__node *node = node_new(WF__OP_STRING);
    bool constant = true;

    p->at++;
    while (peek(p)->kind != WF__TOK_QUOTE) {
        constant = constant && peek(p)->kind != WF__TOK_INTERP;
        node = with_kid(node, parse_string_part(p));
        if (!node)
            return NULL;
    }
    p->at++;
    if (!constant)
        return node;
    jv text = jv_string("");
    for (size_t i = 0; i < node->nkids; i++)
        text = jv_string_concat(text, jv_copy(node->kids[i]->value));
    wf__native_free(node);
    return const_new(text);
}

/* ---- terms ---- */

static struct wf__node *parse_array(struct parser *p)
{
    struct wf__node *node = node_new(WF__OP_ARRAY);

    if (accept(p, "]"))
        return node;
    struct wf__node *item = parse_binary(p, 1);
    if (item && accept(p, "|"))
        item = pair_new(WF__OP_PIPE, 0, item, parse_pipe(p)); /* [a | b, c] pipes into both: no comma may follow */
    else
        while (item && accept(p, ",")) {
            node = with_kid(node, item);
            item = node ? parse_binary(p, 1) : NULL;
        }
    return expect(p, with_kid(node, item), "]");
}

/* A member's value: terms joined by |, with signs; any other operator needs parentheses. */
static struct wf__node *parse_member_value(struct parser *p)
{
    struct wf__node *value;

    if (p->depth >= MAX_DEPTH)
        return NULL;
    p->depth++;
    if (accept(p, "-")) {
        value = with_kid(node_new(WF__OP_NEG), wf__tok_is(p->lexed, p->at, "-") ? NULL : parse_term(p));
    } else {
        value = parse_term(p);
    }
    if (value && accept(p, "|"))
        value = pair_new(WF__OP_PIPE, 0, value, parse_member_value(p));
    p->depth--;
    return value;
}

static struct wf__node *var_new(struct parser *p)
{
    const struct wf__tok *tok = peek(p);

    if (tok->kind != WF__TOK_IDENT)
        return NULL;
    p->at++;
    struct wf__node *node = node_new(WF__OP_VAR);
    node->name = wf_memdup(text_of(p, tok), tok->len);
    return node;
}

/* The key of a member. *ret_short: the value that {key} alone stands for; NULL: a value must follow. */
static struct wf__node *parse_key(struct parser *p, struct wf__node **ret_short)
{
    struct wf__node *key = NULL;

    *ret_short = NULL;
    if (accept(p, "$")) {
        *ret_short = var_new(p);
        return *ret_short ? const_new(jv_string((*ret_short)->name)) : NULL;
    }
    if (accept(p, "(")) {
        key = expect(p, parse_pipe(p), ")");
        if (key && key->op == WF__OP_CONST && jv_get_kind(key->value) != JV_KIND_STRING) {
            wf__native_free(key); /* libjq's compiler has words for it */
            key = NULL;
        }
        return key;
    }
    if (peek(p)->kind == WF__TOK_IDENT) {
        key = const_new(jv_string_sized(text_of(p, peek(p)), (int)peek(p)->len));
        p->at++;
    } else if (peek(p)->kind == WF__TOK_QUOTE) {
        key = parse_string(p);
    }
    if (key && key->op == WF__OP_CONST)
        *ret_short = pair_new(WF__OP_INDEX, 0, node_new(WF__OP_DOT), const_new(jv_copy(key->value)));
    return key;
}

static struct wf__node *parse_member(struct parser *p, struct wf__node *object)
{
    bool variable = wf__tok_is(p->lexed, p->at, "$");
    struct wf__node *value, *key = parse_key(p, &value);

    object = with_kid(object, key);
    if (object && !variable && accept(p, ":")) {
        wf__native_free(value);
        value = parse_member_value(p);
    }
    if (!object) {
        wf__native_free(value);
        return NULL;
    }
    return with_kid(object, value);
}

static struct wf__node *parse_object(struct parser *p)
{
    struct wf__node *node = node_new(WF__OP_OBJECT);

    if (accept(p, "}"))
        return node;
    do {
        node = parse_member(p, node);
    } while (node && accept(p, ","));
    return expect(p, node, "}");
}

static struct wf__node *parse_word(struct parser *p)
{
    static const char *const calls[] = {"not", "length", "type", "keys", "tostring", "tojson"}; /* enum wf__call */
    struct wf__node *node = NULL;

    if (accept(p, "null"))
        return const_new(jv_null());
    if (accept(p, "true"))
        return const_new(jv_true());
    if (accept(p, "false"))
        return const_new(jv_false());
    for (int i = 0; i < (int)(sizeof calls / sizeof *calls) && !node; i++) {
        if (accept(p, calls[i])) {
            node = node_new(WF__OP_CALL);
            node->what = i;
        }
    }
    return node;
}

static struct wf__node *parse_primary(struct parser *p)
{
    const struct wf__tok *tok = peek(p);

    switch (tok->kind) {
    case WF__TOK_NUMBER: {
        jv number = jv_parse_sized(text_of(p, tok), (int)tok->len);

        p->at++;
        if (jv_get_kind(number) == JV_KIND_NUMBER)
            return const_new(number);
        jv_free(number);
        return NULL;
    }
    case WF__TOK_QUOTE:
        return parse_string(p);
    case WF__TOK_FIELD:
        return node_new(WF__OP_DOT); /* the field itself is read as a suffix */
    case WF__TOK_IDENT:
        return parse_word(p);
    default:
        break;
    }
    if (accept(p, "$"))
        return var_new(p);
    if (accept(p, "("))
        return expect(p, parse_pipe(p), ")");
    if (accept(p, "["))
        return parse_array(p);
    if (accept(p, "{"))
        return parse_object(p);
    if (!wf__tok_is(p->lexed, p->at, "."))
        return NULL;
    if (p->lexed->toks[p->at + 1].kind != WF__TOK_QUOTE)
        p->at++; /* else the dot belongs to ."name", a suffix too */
    return node_new(WF__OP_DOT);
}

/* One of: .name  ."name"  [key]. Takes target over; *ret_more: it was there. */
static struct wf__node *parse_suffix(struct parser *p, struct wf__node *target, bool *ret_more)
{
    const struct wf__tok *tok = peek(p);
    struct wf__node *key;

    if (tok->kind == WF__TOK_FIELD) {
        p->at++;
        key = const_new(jv_string_sized(text_of(p, tok) + 1, (int)tok->len - 1));
    } else if (wf__tok_is(p->lexed, p->at, ".") && p->lexed->toks[p->at + 1].kind == WF__TOK_QUOTE) {
        p->at++;
        key = parse_string(p);
    } else if (accept(p, "[")) {
        key = expect(p, parse_pipe(p), "]");
    } else {
        *ret_more = false;
        return target;
    }
    *ret_more = true;
    return pair_new(WF__OP_INDEX, 0, target, key);
}

static struct wf__node *parse_term(struct parser *p)
{
    struct wf__node *node = parse_primary(p);
    bool more = node != NULL;

    while (more && node) {
        node = parse_suffix(p, node, &more);
        if (node && more && accept(p, "?"))
            node->optional = true;
    }
    return node;
}

/* ---- operators ---- */

static struct wf__node *parse_if(struct parser *p)
{
    struct wf__node *node = with_kid(node_new(WF__OP_IF), expect(p, parse_pipe(p), "then"));

    if (!node)
        return NULL;
    node = with_kid(node, parse_pipe(p));
    if (node && accept(p, "elif"))
        return with_kid(node, parse_if(p));
    if (!node || !accept(p, "else")) { /* jq 1.6 wants an else */
        wf__native_free(node);
        return NULL;
    }
    return with_kid(node, expect(p, parse_pipe(p), "end"));
}

static struct wf__node *parse_unary(struct parser *p)
{
    struct wf__node *node;

    if (p->depth >= MAX_DEPTH)
        return NULL;
    p->depth++;
    if (accept(p, "-"))
        node = with_kid(node_new(WF__OP_NEG), parse_binary(p, 6)); /* - binds weaker than * */
    else if (accept(p, "if"))
        node = parse_if(p);
    else
        node = parse_term(p);
    p->depth--;
    return node;
}

struct operator
{
    const char *text;
    int level;
    enum wf__op op;
    int what;
};

#define LEVEL_ALT     1 /* groups to the right */
#define LEVEL_COMPARE 4 /* does not group */

static const struct operator operators[] = {
    {"//", LEVEL_ALT, WF__OP_ALT, 0},
    {"or", 2, WF__OP_OR, 0},
    {"and", 3, WF__OP_AND, 0},
    {"==", LEVEL_COMPARE, WF__OP_BINARY, WF__EQ},
    {"!=", LEVEL_COMPARE, WF__OP_BINARY, WF__NE},
    {"<", LEVEL_COMPARE, WF__OP_BINARY, WF__LT},
    {"<=", LEVEL_COMPARE, WF__OP_BINARY, WF__LE},
    {">", LEVEL_COMPARE, WF__OP_BINARY, WF__GT},
    {">=", LEVEL_COMPARE, WF__OP_BINARY, WF__GE},
    {"+", 5, WF__OP_BINARY, WF__ADD},
    {"-", 5, WF__OP_BINARY, WF__SUB},
    {"*", 6, WF__OP_BINARY, WF__MUL},
    {"/", 6, WF__OP_BINARY, WF__DIV},
    {"%", 6, WF__OP_BINARY, WF__MOD},
};

static const struct operator* peek_operator(const struct parser *p)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (wf__tok_is(p->lexed, p->at, operators[i].text))
            return &operators[i];
    }
    return NULL;
}

/* libjq computes with constants while compiling and refuses a constant division by zero there. */
static bool divides_by_zero(const struct operator* op, const struct wf__node *right)
{
    return op->op == WF__OP_BINARY && (op->what == WF__DIV || op->what == WF__MOD) && right &&
           right->op == WF__OP_CONST && jv_get_kind(right->value) == JV_KIND_NUMBER &&
           jv_number_value(right->value) == 0;
}

/* Operators of at least this level. */
static struct wf__node *parse_binary(struct parser *p, int level)
{
    struct wf__node *left = parse_unary(p);
    const struct operator* op, *last = NULL;

    while (left && (op = peek_operator(p)) && op->level >= level) {
        p->at++;
        struct wf__node *right = parse_binary(p, op->level == LEVEL_ALT ? op->level : op->level + 1);

        if (divides_by_zero(op, right) || (last && last->level == LEVEL_COMPARE && op->level == LEVEL_COMPARE)) {
            wf__native_free(right);
            right = NULL;
        }
        left = pair_new(op->op, op->what, left, right);
        last = op;
    }
    return left;
}

static struct wf__node *parse_pipe(struct parser *p)
{
    if (p->depth >= MAX_DEPTH)
        return NULL;
    p->depth++;
    struct wf__node *left = parse_binary(p, 1);
    if (left && accept(p, "|"))
        left = pair_new(WF__OP_PIPE, 0, left, parse_pipe(p));
    p->depth--;
    return left;
}

struct wf__node *wf__native_parse(const struct wf__lexed *lexed)
{
    struct parser p = {.lexed = lexed};
    struct wf__node *node = parse_pipe(&p);

    if (node && peek(&p)->kind == WF__TOK_END)
        return node;
    wf__native_free(node);
    return NULL;
}
