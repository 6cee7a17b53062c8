/* cdecl.c: reads declarations as they stand in headers: a function, a variable, a type.
 *
 *     specifiers   const unsigned long | struct tm | size_t
 *     declarator   * const * name [16] [4]
 *     function     specifiers declarator ( parameters )
 *
 * Not read, each with a sentence: function pointers, unions, bit-fields, `long double`. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ffi/ctype.h"

#define LONGEST_WORD  100
#define LARGEST_ARRAY 1000000u

struct reader {
    struct wf__cnames *names;
    const char *at;
    char word[LONGEST_WORD]; /* the token at hand; empty: the end */
    bool saw_const;          /* among the qualifiers of the type being read */
    struct wf_err *err;
    int rc; /* the first error; nothing is read after it */
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void next(struct reader *r)
{
    size_t len = 0;

    while (isspace((unsigned char)*r->at))
        r->at++;
    if (strncmp(r->at, "...", 3) == 0)
        len = 3;
    else if (is_word(*r->at))
        while (is_word(r->at[len]))
            len++;
    else
        len = *r->at ? 1 : 0;
    if (len >= sizeof r->word)
        len = sizeof r->word - 1;
    memcpy(r->word, r->at, len);
    r->word[len] = '\0';
    r->at += len;
}

static bool is(const struct reader *r, const char *word)
{
    return strcmp(r->word, word) == 0;
}

static bool take(struct reader *r, const char *word)
{
    if (r->rc != 0 || !is(r, word))
        return false;
    next(r);
    return true;
}

static void unexpected(struct reader *r, const char *wanted)
{
    if (r->rc == 0)
        r->rc = r->word[0] ? wf_err_set(r->err, WF_EINVAL, "expected %s, found `%s`", wanted, r->word)
                           : wf_err_set(r->err, WF_EINVAL, "expected %s, but the declaration ends", wanted);
}

static void begin(struct reader *r, struct wf__cnames *names, const char *text, struct wf_err *err)
{
    *r = (struct reader){.names = names, .at = text, .err = err};
    next(r);
}

/* ---- specifiers ---- */

/* Counts of the words of a basic type, which may come in any order. */
struct words {
    int longs, shorts, signeds, unsigneds, chars, ints, floats, doubles, bools, voids;
};

static int *word_of(struct words *w, const char *word)
{
    const struct {
        const char *word;
        int *count;
    } known[] = {{"long", &w->longs}, {"short", &w->shorts}, {"signed", &w->signeds}, {"unsigned", &w->unsigneds},
        {"char", &w->chars}, {"int", &w->ints}, {"float", &w->floats}, {"double", &w->doubles}, {"bool", &w->bools},
        {"_Bool", &w->bools}, {"void", &w->voids}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].word, word) == 0)
            return known[i].count;
    return NULL;
}

/* The name of the basic type in the list of ctype.c; NULL: there is none such. */
static const char *basic_name(const struct words *w)
{
    bool is_unsigned = w->unsigneds > 0;

    if (w->doubles)
        return w->longs ? NULL : "double";
    if (w->floats || w->bools || w->voids)
        return w->floats ? "float" : w->bools ? "bool" : "void";
    if (w->chars)
        return is_unsigned ? "unsigned char" : w->signeds ? "signed char" : "char";
    if (w->shorts)
        return is_unsigned ? "unsigned short" : "short";
    if (w->longs > 1)
        return is_unsigned ? "unsigned long long" : "long long";
    if (w->longs)
        return is_unsigned ? "unsigned long" : "long";
    return is_unsigned ? "unsigned int" : "int";
}

static bool is_qualifier(const char *word)
{
    static const char *const list[] = {"const", "volatile", "restrict", "__restrict", "__restrict__", "extern",
        "static", "inline", "__inline", "register", "__extension__", "__const"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static void qualifiers(struct reader *r)
{
    for (; is_qualifier(r->word); next(r))
        r->saw_const = r->saw_const || is(r, "const") || is(r, "__const");
}

static const struct wf__ctype *tagged(struct reader *r, const char *keyword)
{
    next(r);
    if (!is_word(r->word[0])) {
        unexpected(r, "the name of a struct or enum");
        return NULL;
    }
    char *name = wf_arena_printf(r->names->arena, "%s %s", keyword, r->word);
    const struct wf__ctype *type = wf__ctype_find(r->names, name);
    next(r);
    if (type)
        return type;
    if (strcmp(keyword, "enum") == 0)
        return wf__ctype_find(r->names, "int");
    return wf__ctype_opaque(r->names, name); /* behind a pointer it need not be known */
}

static const struct wf__ctype *named(struct reader *r)
{
    const struct wf__ctype *type = wf__ctype_find(r->names, r->word);
    if (!type) {
        wf_err_hint(r->err,
            "say what it is: `types: {%s: unsigned long}`, or %s: opaque when it is only behind a pointer", r->word,
            r->word);
        r->rc = wf_err_set(r->err, WF_EINVAL, "the type `%s` is not known", r->word);
        return NULL;
    }
    next(r);
    return type;
}

static const struct wf__ctype *basic(struct reader *r)
{
    struct words words = {0};
    int *count, total = 0;

    for (; (count = word_of(&words, r->word)) != NULL; total++) {
        (*count)++;
        next(r);
        qualifiers(r);
    }
    const char *name = total > 4 ? NULL : basic_name(&words);
    if (!name)
        r->rc = wf_err_set(r->err, WF_EINVAL, "`long double` cannot be passed: JSON has no such numbers");
    return name ? wf__ctype_find(r->names, name) : NULL;
}

static const struct wf__ctype *specifiers(struct reader *r)
{
    const struct wf__ctype *type = NULL;
    struct words none = {0};

    r->saw_const = false;
    qualifiers(r);
    if (is(r, "union"))
        r->rc = wf_err_set(r->err, WF_EINVAL, "unions cannot be passed");
    else if (is(r, "struct") || is(r, "enum"))
        type = tagged(r, is(r, "struct") ? "struct" : "enum");
    else if (word_of(&none, r->word))
        type = basic(r);
    else if (is_word(r->word[0]))
        type = named(r);
    else
        unexpected(r, "a type");
    qualifiers(r); /* `char const *` */
    return type;
}

/* ---- declarators ---- */

static const struct wf__ctype *pointers(struct reader *r, const struct wf__ctype *type)
{
    while (take(r, "*")) {
        type = wf__ctype_pointer(r->names, type, r->saw_const, 0);
        r->saw_const = false;
        qualifiers(r);
    }
    return type;
}

/* [16][4], the innermost last. */
static const struct wf__ctype *arrays(struct reader *r, const struct wf__ctype *type)
{
    if (!take(r, "["))
        return type;
    size_t count = 0;
    if (isdigit((unsigned char)r->word[0])) {
        char *end;
        unsigned long n = strtoul(r->word, &end, 0);
        if (*end || n == 0 || n > LARGEST_ARRAY)
            unexpected(r, "a count from 1 to 1000000");
        count = n;
        next(r);
    }
    if (!take(r, "]"))
        unexpected(r, "a count and `]`");
    type = arrays(r, type);
    if (r->rc == 0 && type->size == 0)
        r->rc = wf_err_set(r->err, WF_EINVAL, "an array of %s has no size", type->name);
    return r->rc == 0 ? wf__ctype_array(r->names, type, count) : type;
}

/* Type and name of one parameter, member or type. ret->name is NULL when there is none. */
static void variable(struct reader *r, struct wf__cmember *ret)
{
    const struct wf__ctype *type = specifiers(r);

    *ret = (struct wf__cmember){0};
    if (r->rc != 0)
        return;
    type = pointers(r, type);
    bool is_const = r->saw_const;
    if (is(r, "(")) {
        r->rc = wf_err_set(r->err, WF_EINVAL, "function pointers (callbacks) cannot be passed: write a plugin in C");
        return;
    }
    if (is_word(r->word[0]) && !isdigit((unsigned char)r->word[0])) {
        ret->name = wf_arena_strdup(r->names->arena, r->word);
        next(r);
    }
    type = arrays(r, type);
    if (is(r, ":")) {
        r->rc = wf_err_set(r->err, WF_EINVAL, "bit-fields cannot be passed");
        return;
    }
    ret->type = type;
    r->saw_const = is_const; /* of the array's elements, for a parameter that becomes a pointer to them */
}

static void ends(struct reader *r)
{
    while (take(r, ";"))
        ;
    if (r->rc == 0 && r->word[0])
        unexpected(r, "the end of the declaration");
}

/* ---- functions ---- */

static void parameter(struct reader *r, struct wf__cfunction *ret)
{
    if (ret->nparams == WF__C_MOST_PARAMS) {
        r->rc = wf_err_set(r->err, WF_ELIMIT, "more than %d parameters", WF__C_MOST_PARAMS);
        return;
    }
    struct wf__cmember *param = &ret->params[ret->nparams];
    variable(r, param);
    if (r->rc != 0)
        return;
    ret->nparams++;
    if (!param->name)
        param->name = wf_arena_printf(r->names->arena, "arg%zu", ret->nparams);
    if (param->type->kind == WF__C_ARRAY)
        param->type = wf__ctype_pointer(r->names, param->type->to, r->saw_const, param->type->count);
    if (param->type->size == 0)
        r->rc = wf_err_set(r->err, WF_EINVAL, "the parameter `%s` is of the type %s, which has no size", param->name,
            param->type->name);
}

static void parameters(struct reader *r, struct wf__cfunction *ret)
{
    if (is(r, "void")) { /* (void) or void * */
        const char *rest = r->at;
        while (isspace((unsigned char)*rest))
            rest++;
        if (*rest == ')')
            next(r);
    }
    while (r->rc == 0 && !is(r, ")")) {
        if (take(r, "...")) {
            ret->is_variadic = true;
            break;
        }
        parameter(r, ret);
        if (!take(r, ","))
            break;
    }
    if (!take(r, ")"))
        unexpected(r, "`,` or `)`");
}

int wf__cdecl_function(struct wf__cnames *names, const char *text, struct wf__cfunction *ret, struct wf_err *err)
{
    struct reader r;

    *ret = (struct wf__cfunction){0};
    begin(&r, names, text, err);
    const struct wf__ctype *type = specifiers(&r);
    if (r.rc == 0)
        type = pointers(&r, type);
    if (r.rc == 0 && !is_word(r.word[0]))
        unexpected(&r, "the function's name");
    if (r.rc != 0)
        return r.rc;
    ret->returns = type;
    ret->name = wf_arena_strdup(names->arena, r.word);
    next(&r);
    if (!take(&r, "("))
        unexpected(&r, "`(` and the parameters");
    parameters(&r, ret);
    ends(&r);
    if (r.rc == 0 && type->size == 0 && type->kind != WF__C_VOID)
        r.rc = wf_err_set(err, WF_EINVAL, "it returns %s, whose members are not declared under `types`", type->name);
    return r.rc;
}

int wf__cdecl_variable(struct wf__cnames *names, const char *text, struct wf__cmember *ret, struct wf_err *err)
{
    struct reader r;

    begin(&r, names, text, err);
    variable(&r, ret);
    ends(&r);
    if (r.rc == 0 && !ret->name)
        r.rc = wf_err_set(err, WF_EINVAL, "expected a type and a name, such as `int quot`");
    if (r.rc == 0 && ret->type->size == 0)
        r.rc = wf_err_set(err, WF_EINVAL, "%s has no size", ret->type->name);
    return r.rc;
}

int wf__cdecl_type(struct wf__cnames *names, const char *text, const struct wf__ctype **ret, struct wf_err *err)
{
    struct reader r;
    struct wf__cmember made;

    begin(&r, names, text, err);
    variable(&r, &made);
    ends(&r);
    if (r.rc == 0 && made.name)
        r.rc = wf_err_set(err, WF_EINVAL, "expected a type alone, found the name `%s`", made.name);
    if (r.rc == 0)
        *ret = made.type;
    return r.rc;
}
