/* schema_compile.c: a JSON Schema document to nodes, by one table of keywords. */
#include "value/schema_compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define MAX_NODES 20000

enum kind {
    NUMBER,    /* struct wf__bound */
    POSITIVE,  /* the same, above 0 */
    COUNT,     /* the same, an integer from 0 on */
    SCHEMA,    /* struct wf__snode * */
    SCHEMAS,   /* struct wf__slist */
    MAP,       /* struct wf__smap */
    PATTERNS,  /* the same; names are patterns */
    ANY,       /* jv */
    ARRAY,     /* jv, an array */
    NAMES,     /* jv, an array of strings */
    NAMES_MAP, /* jv, an object of arrays of strings */
    PATTERN,   /* struct wf__pattern */
    BOOLEAN,   /* bool */
    TYPE,      /* unsigned */
    REFERENCE, /* struct wf__snode *, later */
};

static const struct keyword {
    const char *name;
    enum kind kind;
    size_t offset;
} keywords[] = {
#define ROW(name, kind, field)                                                                                         \
    {                                                                                                                  \
        name, kind, offsetof(struct wf__snode, field)                                                                  \
    }
    ROW("type", TYPE, types),
    ROW("enum", ARRAY, enumeration),
    ROW("const", ANY, constant),
    ROW("multipleOf", POSITIVE, multiple_of),
    ROW("maximum", NUMBER, maximum),
    ROW("exclusiveMaximum", NUMBER, exclusive_maximum),
    ROW("minimum", NUMBER, minimum),
    ROW("exclusiveMinimum", NUMBER, exclusive_minimum),
    ROW("maxLength", COUNT, max_length),
    ROW("minLength", COUNT, min_length),
    ROW("pattern", PATTERN, pattern),
    ROW("maxItems", COUNT, max_items),
    ROW("minItems", COUNT, min_items),
    ROW("uniqueItems", BOOLEAN, unique_items),
    ROW("maxContains", COUNT, max_contains),
    ROW("minContains", COUNT, min_contains),
    ROW("maxProperties", COUNT, max_properties),
    ROW("minProperties", COUNT, min_properties),
    ROW("required", NAMES, required),
    ROW("dependentRequired", NAMES_MAP, dependent_required),
    ROW("dependentSchemas", MAP, dependent_schemas),
    ROW("properties", MAP, properties),
    ROW("patternProperties", PATTERNS, pattern_properties),
    ROW("additionalProperties", SCHEMA, additional_properties),
    ROW("propertyNames", SCHEMA, property_names),
    ROW("prefixItems", SCHEMAS, prefix_items),
    ROW("items", SCHEMA, items),
    ROW("contains", SCHEMA, contains),
    ROW("allOf", SCHEMAS, all_of),
    ROW("anyOf", SCHEMAS, any_of),
    ROW("oneOf", SCHEMAS, one_of),
    ROW("not", SCHEMA, negated),
    ROW("if", SCHEMA, if_node),
    ROW("then", SCHEMA, then_node),
    ROW("else", SCHEMA, else_node),
    ROW("unevaluatedProperties", SCHEMA, unevaluated_properties),
    ROW("unevaluatedItems", SCHEMA, unevaluated_items),
    ROW("$ref", REFERENCE, ref),
    ROW("$dynamicRef", REFERENCE, dynamic_ref),
    ROW("$defs", MAP, defs),
    ROW("definitions", MAP, defs),
#undef ROW
};

/* The schema that is being compiled. */
struct place {
    struct wf__snode *node;
    const char *base; /* URI that references are relative to */
};

int wf__sbad(struct wf__scompiler *c, const char *pointer, const char *keyword, const char *what)
{
    char *place = keyword ? wf__spointer_add(pointer, keyword) : wf_strdup(pointer);

    if (c->err && c->err->msg[0] == '\0')
        snprintf(c->err->pointer, sizeof c->err->pointer, "%s", place);
    wf_err_set(c->err, WF_EINVAL, "the schema is wrong at %s: %s", place[0] ? place : "its top", what);
    free(place);
    return WF_EINVAL;
}

char *wf__spointer_add(const char *pointer, const char *key)
{
    struct wf_buf buf;

    wf_buf_init(&buf, SIZE_MAX / 4);
    wf_buf_str(&buf, pointer);
    wf_buf_char(&buf, '/');
    for (; *key; key++) {
        if (*key == '~' || *key == '/')
            wf_buf_str(&buf, *key == '~' ? "~0" : "~1");
        else
            wf_buf_char(&buf, *key);
    }
    return wf_buf_take(&buf);
}

/* ---- values of keywords; each consumes value and returns NULL, or what it should be ---- */

static const char *read_bound(enum kind kind, jv value, struct wf__bound *ret)
{
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : NAN;

    jv_free(value);
    if (isnan(number))
        return "must be a number";
    if (kind == POSITIVE && number <= 0)
        return "must be above 0";
    if (kind == COUNT && (number < 0 || floor(number) != number))
        return "must be an integer, 0 or more";
    *ret = (struct wf__bound){true, number};
    return NULL;
}

static unsigned type_bit(const char *name)
{
    static const char *const names[] = {"null", "boolean", "number", "string", "array", "object", "integer"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return 1u << i;
    }
    return 0;
}

static const char *read_type(jv value, unsigned *ret)
{
    static const char wrong[] = "must be null, boolean, number, integer, string, array or object, or an array of these";
    unsigned types = 0;
    bool good = true;

    if (jv_get_kind(value) == JV_KIND_STRING)
        value = JV_ARRAY(value);
    if (jv_get_kind(value) != JV_KIND_ARRAY || jv_array_length(jv_copy(value)) == 0) {
        jv_free(value);
        return wrong;
    }
    jv_array_foreach(value, i, name) {
        unsigned bit = jv_get_kind(name) == JV_KIND_STRING ? type_bit(jv_string_value(name)) : 0;

        good = good && bit;
        types |= bit;
        jv_free(name);
    }
    jv_free(value);
    *ret = types;
    return good ? NULL : wrong;
}

static bool is_names(jv value)
{
    bool good = jv_get_kind(value) == JV_KIND_ARRAY;

    if (good) {
        jv_array_foreach(value, i, name) {
            good = good && jv_get_kind(name) == JV_KIND_STRING;
            jv_free(name);
        }
    }
    jv_free(value);
    return good;
}

static bool is_names_map(jv value)
{
    bool good = jv_get_kind(value) == JV_KIND_OBJECT;

    if (good) {
        jv_object_foreach(value, key, names) {
            good = is_names(names) && good;
            jv_free(key);
        }
    }
    jv_free(value);
    return good;
}

static const char *read_json(enum kind kind, jv value, jv *ret)
{
    const char *wrong = NULL;

    if (kind == ARRAY && jv_get_kind(value) != JV_KIND_ARRAY)
        wrong = "must be an array";
    else if (kind == NAMES && !is_names(jv_copy(value)))
        wrong = "must be an array of strings";
    else if (kind == NAMES_MAP && !is_names_map(jv_copy(value)))
        wrong = "must be an object of arrays of strings";
    if (wrong) {
        jv_free(value);
        return wrong;
    }
    *ret = value;
    return NULL;
}

/* ECMA 262 as far as PCRE2 goes: \uXXXX, and $ only at the very end. */
static int read_pattern(struct wf__scompiler *c, const char *text, const char *pointer, struct wf__pattern *ret)
{
    int code;
    size_t offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
        PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C, &code,
        &offset, NULL);

    if (!compiled) {
        char reason[120], what[200];

        pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
        snprintf(what, sizeof what, "not a regular expression: %s (at byte %zu)", reason, offset);
        return wf__sbad(c, pointer, NULL, what);
    }
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it matching is slower, no more */
    ret->text = wf_strdup(text);
    ret->code = compiled;
    return 0;
}

/* ---- nested schemas ---- */

static int compile_list(
    struct wf__scompiler *c, const struct place *at, jv value, const char *pointer, struct wf__slist *ret)
{
    if (jv_get_kind(value) != JV_KIND_ARRAY || jv_array_length(jv_copy(value)) == 0) {
        jv_free(value);
        return wf__sbad(c, pointer, NULL, "must be an array of at least one schema");
    }
    int count = jv_array_length(jv_copy(value)), rc = 0;
    ret->list = wf_calloc((size_t)count, sizeof(struct wf__snode *));
    for (int i = 0; i < count && !rc; i++) {
        char *place = wf_asprintf("%s/%d", pointer, i);

        rc = wf__scompile(c, jv_array_get(jv_copy(value), i), place, at->base, &ret->list[i]);
        ret->count++;
        free(place);
    }
    jv_free(value);
    return rc;
}

/* Consumes schema. */
static int compile_member(struct wf__scompiler *c, const struct place *at, const char *name, jv schema,
    const char *pointer, bool pattern, struct wf__smap *map)
{
    char *place = wf__spointer_add(pointer, name);
    struct wf__smember *member = &map->list[map->count];

    map->index = jv_object_set(map->index, jv_string(name), jv_number((double)map->count));
    map->count++;
    member->name = wf_strdup(name);
    int rc = pattern ? read_pattern(c, name, place, &member->pattern) : 0;
    if (rc)
        jv_free(schema);
    else
        rc = wf__scompile(c, schema, place, at->base, &member->node);
    free(place);
    return rc;
}

static int compile_map(
    struct wf__scompiler *c, const struct place *at, jv value, const char *pointer, bool pattern, struct wf__smap *map)
{
    int rc = 0;

    if (jv_get_kind(value) != JV_KIND_OBJECT) {
        jv_free(value);
        return wf__sbad(c, pointer, NULL, "must be an object of schemas");
    }
    /* `definitions` may follow `$defs`: append. */
    size_t more = (size_t)jv_object_length(jv_copy(value));
    map->list = wf_realloc(map->list, (map->count + more) * sizeof *map->list);
    memset(map->list + map->count, 0, more * sizeof *map->list);
    if (!jv_is_valid(map->index))
        map->index = jv_object();
    for (int it = jv_object_iter(value); !rc && jv_object_iter_valid(value, it); it = jv_object_iter_next(value, it)) {
        jv key = jv_object_iter_key(value, it);

        rc = compile_member(c, at, jv_string_value(key), jv_object_iter_value(value, it), pointer, pattern, map);
        jv_free(key);
    }
    jv_free(value);
    return rc;
}

static int note_reference(
    struct wf__scompiler *c, const struct place *at, jv value, const char *pointer, struct wf__snode **target)
{
    if (jv_get_kind(value) != JV_KIND_STRING) {
        jv_free(value);
        return wf__sbad(c, pointer, NULL, "must be a string");
    }
    c->refs = wf_realloc(c->refs, (c->nrefs + 1) * sizeof *c->refs);
    c->refs[c->nrefs++] = (struct wf__sref){.target = target,
        .text = wf_strdup(jv_string_value(value)),
        .base = wf_strdup(at->base),
        .pointer = wf_strdup(pointer)};
    jv_free(value);
    return 0;
}

/* ---- one schema ---- */

/* Consumes value. */
static int compile_keyword(
    struct wf__scompiler *c, const struct place *at, const struct keyword *keyword, jv value, const char *pointer)
{
    void *field = (char *)at->node + keyword->offset;
    const char *wrong = NULL;

    switch (keyword->kind) {
    case SCHEMA:
        return wf__scompile(c, value, pointer, at->base, field);
    case SCHEMAS:
        return compile_list(c, at, value, pointer, field);
    case MAP:
    case PATTERNS:
        return compile_map(c, at, value, pointer, keyword->kind == PATTERNS, field);
    case REFERENCE:
        return note_reference(c, at, value, pointer, field);
    case PATTERN: {
        int rc = jv_get_kind(value) == JV_KIND_STRING ? read_pattern(c, jv_string_value(value), pointer, field)
                                                      : wf__sbad(c, pointer, NULL, "must be a string");
        jv_free(value);
        return rc;
    }
    case NUMBER:
    case POSITIVE:
    case COUNT:
        wrong = read_bound(keyword->kind, value, field);
        break;
    case ANY:
    case ARRAY:
    case NAMES:
    case NAMES_MAP:
        wrong = read_json(keyword->kind, value, field);
        break;
    case BOOLEAN:
        if (jv_get_kind(value) != JV_KIND_TRUE && jv_get_kind(value) != JV_KIND_FALSE)
            wrong = "must be true or false";
        else
            *(bool *)field = jv_get_kind(value) == JV_KIND_TRUE;
        jv_free(value);
        break;
    case TYPE:
        wrong = read_type(value, field);
        break;
    }
    return wrong ? wf__sbad(c, pointer, NULL, wrong) : 0;
}

static struct wf__snode *node_new(struct wf__scompiler *c, const char *pointer)
{
    struct wf_schema *schema = c->schema;
    struct wf__snode *node = wf_calloc(1, sizeof *node);

    node->pointer = wf_strdup(pointer);
    node->enumeration = node->constant = node->required = node->dependent_required = jv_invalid();
    node->properties.index = node->pattern_properties.index = jv_invalid();
    node->dependent_schemas.index = node->defs.index = jv_invalid();
    if (schema->count == schema->cap) {
        schema->cap = schema->cap > 0 ? schema->cap * 2 : 16;
        schema->nodes = wf_realloc(schema->nodes, schema->cap * sizeof(struct wf__snode *));
    }
    c->places = jv_object_set(c->places, jv_string(pointer), jv_number((double)schema->count));
    schema->nodes[schema->count++] = node;
    return node;
}

/* $id and anchors. *ret_base: the URI that holds within this schema; the caller frees. */
static void note_names(
    struct wf__scompiler *c, const jv *schema, const char *pointer, const char *base, char **ret_base)
{
    static const char *const anchors[] = {"$anchor", "$dynamicAnchor"};
    const char *id = wf_val_string(schema, "$id", NULL);

    *ret_base = id ? wf__suri_join(base, id) : wf_strdup(base);
    (*ret_base)[strcspn(*ret_base, "#")] = '\0';
    if (id || pointer[0] == '\0')
        c->ids = jv_object_set(c->ids, jv_string(*ret_base), jv_string(pointer));
    for (size_t i = 0; i < 2; i++) {
        const char *anchor = wf_val_string(schema, anchors[i], NULL);

        if (anchor)
            c->anchors = jv_object_set(c->anchors, jv_string_fmt("%s#%s", *ret_base, anchor), jv_string(pointer));
    }
}

static int compile_object(
    struct wf__scompiler *c, const jv *schema, const char *pointer, const char *base, struct wf__snode *node)
{
    struct place at = {.node = node};
    char *own_base;
    int rc = 0;

    note_names(c, schema, pointer, base, &own_base);
    at.base = own_base;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords && !rc; i++) {
        jv value = wf_val_get(schema, keywords[i].name);

        if (!jv_is_valid(value))
            continue;
        char *place = wf__spointer_add(pointer, keywords[i].name);
        rc = compile_keyword(c, &at, &keywords[i], value, place);
        free(place);
    }
    free(own_base);
    return rc;
}

int wf__scompile(struct wf__scompiler *c, jv schema, const char *pointer, const char *base, struct wf__snode **ret)
{
    jv_kind kind = jv_get_kind(schema);
    int rc = 0;

    if (c->schema->count >= MAX_NODES || c->depth >= WF_VAL_MAX_DEPTH) {
        jv_free(schema);
        return wf_err_set(c->err, WF_ELIMIT,
            "the schema is too large (more than %d schemas, or nested more than %d deep)", MAX_NODES, WF_VAL_MAX_DEPTH);
    }
    *ret = node_new(c, pointer);
    c->depth++;
    if (kind == JV_KIND_FALSE)
        (*ret)->never = true;
    else if (kind == JV_KIND_OBJECT)
        rc = compile_object(c, &schema, pointer, base, *ret);
    else if (kind != JV_KIND_TRUE)
        rc = wf__sbad(c, pointer, NULL, "a schema is an object, true or false");
    c->depth--;
    jv_free(schema);
    return rc;
}

int wf_schema_new(jv schema, struct wf_schema **ret, struct wf_err *err)
{
    struct wf__scompiler c = {.schema = wf_calloc(1, sizeof(struct wf_schema)),
        .root = jv_copy(schema),
        .places = jv_object(),
        .ids = jv_object(),
        .anchors = jv_object(),
        .err = err};
    struct wf__snode *root;
    int rc = wf__scompile(&c, schema, "", "", &root);

    if (!rc)
        rc = wf__sresolve_all(&c);
    for (size_t i = 0; i < c.nrefs; i++) {
        free(c.refs[i].text);
        free(c.refs[i].base);
        free(c.refs[i].pointer);
    }
    free(c.refs);
    jv_free(c.root);
    jv_free(c.places);
    jv_free(c.ids);
    jv_free(c.anchors);
    if (rc)
        wf_schema_free(c.schema);
    else
        *ret = c.schema;
    return rc;
}
