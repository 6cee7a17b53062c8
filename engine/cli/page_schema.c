/* page_schema.c: a JSON Schema in words: which properties there are, of what kind, and what they mean. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/plugin_page.h"

#define DEPTH_MAX 6
#define WORDS_MAX ((size_t)1 << 20)

typedef void (*row_fn)(void *arg, const char *path, const char *kind, const char *words);

struct walk {
    jv root; /* for $ref */
    row_fn row;
    void *arg;
};

/* "a", 5: as JSON, but texts bare. */
static void add_value(struct wf_buf *buf, const jv *value)
{
    char *text = wf_val_text(value);
    wf_buf_str(buf, jv_get_kind(*value) == JV_KIND_STRING ? jv_string_value(*value) : text);
    free(text);
}

/* The items of a list, with a word between them. */
static void add_list(struct wf_buf *buf, const jv *list, const char *between)
{
    jv_array_foreach(*list, i, item) {
        if (i)
            wf_buf_str(buf, between);
        add_value(buf, &item);
        jv_free(item);
    }
}

static void add_limit(struct wf_buf *buf, const jv *schema, const char *key, const char *words)
{
    jv value = wf_val_get(schema, key);
    if (jv_is_valid(value)) {
        wf_buf_printf(buf, "%s%s ", buf->len ? ", " : "", words);
        add_value(buf, &value);
    }
    jv_free(value);
}

static void add_kind(struct wf_buf *buf, const jv *schema, bool required)
{
    static const char *const limits[][2] = {{"const", "always"}, {"pattern", "as"}, {"format", "a"},
        {"contentEncoding", "in"}, {"minimum", "at least"}, {"maximum", "at most"}, {"minLength", "length at least"},
        {"maxLength", "length at most"}, {"minItems", "items at least"}, {"maxItems", "items at most"},
        {"default", "default"}};
    jv type = wf_val_get(schema, "type"), values = wf_val_get(schema, "enum"), items = wf_val_get(schema, "items");

    if (jv_get_kind(values) == JV_KIND_ARRAY)
        add_list(buf, &values, " | ");
    else if (jv_get_kind(type) == JV_KIND_ARRAY)
        add_list(buf, &type, " or ");
    else if (jv_is_valid(type))
        add_value(buf, &type);
    else
        wf_buf_str(buf, "any");
    if (jv_get_kind(items) == JV_KIND_OBJECT && jv_get_kind(type) == JV_KIND_STRING) {
        jv inner = wf_val_get(&items, "type");
        if (jv_get_kind(inner) == JV_KIND_STRING)
            wf_buf_printf(buf, " of %ss", jv_string_value(inner));
        jv_free(inner);
    }
    if (required)
        wf_buf_str(buf, ", required");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        add_limit(buf, schema, limits[i][0], limits[i][1]);
    jv_free(type);
    jv_free(values);
    jv_free(items);
}

/* What a $ref of the same document leads to, one step. Consumes schema. */
static jv follow(const struct walk *walk, jv schema)
{
    const char *ref = wf_val_string(&schema, "$ref", NULL);
    if (!ref || strncmp(ref, "#/", 2) != 0)
        return schema;
    jv at = jv_copy(walk->root);
    for (const char *p = ref + 2; *p && jv_is_valid(at);) {
        size_t len = strcspn(p, "/");
        char *key = strndup(p, len);
        jv next = wf_val_get(&at, key);
        free(key);
        jv_free(at);
        at = next;
        p += len + (p[len] == '/');
    }
    jv_free(schema);
    return at;
}

static bool is_required(const jv *schema, const char *name)
{
    jv list = wf_val_get(schema, "required");
    bool found = false;
    if (jv_get_kind(list) == JV_KIND_ARRAY) {
        jv_array_foreach(list, i, item) {
            found = found || (jv_get_kind(item) == JV_KIND_STRING && strcmp(jv_string_value(item), name) == 0);
            jv_free(item);
        }
    }
    jv_free(list);
    return found;
}

static void walk_in(const struct walk *, jv schema, const char *path, int depth);

static void walk_property(const struct walk *walk, jv property, const char *path, bool required, int depth)
{
    struct wf_buf kind;
    jv items;
    property = follow(walk, property);
    wf_buf_init(&kind, WORDS_MAX);
    add_kind(&kind, &property, required);
    walk->row(walk->arg, path, kind.ptr, wf_val_string(&property, "description", ""));
    wf_buf_done(&kind);
    items = wf_val_get(&property, "items");
    if (jv_get_kind(items) == JV_KIND_OBJECT) {
        struct wf_buf below;
        wf_buf_init(&below, WORDS_MAX);
        wf_buf_printf(&below, "%s[]", path);
        walk_in(walk, follow(walk, jv_copy(items)), below.ptr, depth + 1);
        wf_buf_done(&below);
    }
    jv_free(items);
    walk_in(walk, property, path, depth + 1);
}

/* Consumes schema. */
static void walk_in(const struct walk *walk, jv schema, const char *path, int depth)
{
    jv properties = wf_val_get(&schema, "properties");
    if (depth < DEPTH_MAX && jv_get_kind(properties) == JV_KIND_OBJECT) {
        jv_object_foreach(properties, name, property) {
            struct wf_buf below;
            wf_buf_init(&below, WORDS_MAX);
            wf_buf_printf(&below, "%s%s%s", path, *path ? "." : "", jv_string_value(name));
            walk_property(walk, property, below.ptr, is_required(&schema, jv_string_value(name)), depth);
            wf_buf_done(&below);
            jv_free(name);
        }
    }
    jv_free(properties);
    jv_free(schema);
}

void wf_page_schema(const char *text, row_fn row, void *arg)
{
    struct walk walk = {.row = row, .arg = arg};
    struct wf_err err = {0};
    if (!text || wf_val_parse(text, strlen(text), &walk.root, &err) < 0)
        return;
    jv properties = wf_val_get(&walk.root, "properties");
    if (jv_is_valid(properties))
        walk_in(&walk, jv_copy(walk.root), "", 0);
    else /* a number, a text, a list, anything */
        walk_property(&walk, jv_copy(walk.root), "the value", false, 0);
    jv_free(properties);
    jv_free(walk.root);
}
