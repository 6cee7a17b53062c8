/* input.c: reads the input and puts single values into it. */
#include "cli/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "def/yaml.h"

#define INPUT_MEMORY ((size_t)1 << 30)
#define STEPS_MAX    64
#define INDEX_MAX    100000

static int parse(const char *name, const char *text, size_t len, struct wf_diags *diags, jv *ret)
{
    struct wf_arena *arena = wf_arena_new(INPUT_MEMORY);
    const struct wf_node *root = NULL;
    struct wf_err err = {0};
    int rc = 0;
    /* A large JSON input takes the short way; what it does not understand may still be YAML, with better words. */
    if (wf_val_parse(text, len, ret, &err) < 0) {
        rc = wf_yaml_parse(name, text, len, arena, diags, &root);
        if (rc == 0)
            *ret = wf_node_value(root);
    }
    wf_arena_free(arena);
    return rc;
}

int wf_input_read(const char *path, struct wf_diags *diags, jv *ret)
{
    char *text = NULL;
    size_t len = 0;
    struct wf_err err = {0};
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    int rc = wf_yaml_read_file(path, &text, &len, &err);
    if (rc < 0) {
        wf_diags_add(diags, WF_SEV_ERROR, 101, (struct wf_loc){name, 1, 1},
            "give a readable JSON or YAML file with --input", "%s", err.msg);
        return WF_EINVAL;
    }
    rc = parse(name, text, len, diags, ret);
    free(text);
    return rc;
}

/* ---- --set ---- */

struct step {
    char *key; /* NULL: index */
    int index;
};

struct steps {
    struct step items[STEPS_MAX];
    size_t count;
};

static int bad_path(const char *text, const char *at, struct wf_err *err)
{
    int rc = wf_err_set(err, WF_EINVAL, "--set %s: not a path at character %zu", text, (size_t)(at - text) + 1);
    wf_err_hint(err, "write it as name.other[0]=value");
    return rc;
}

/* One step of the path at *at; moves on. */
static int parse_step(const char *text, const char **at, struct steps *steps, struct wf_err *err)
{
    const char *p = *at;
    struct step *step = &steps->items[steps->count];
    if (*p == '[') {
        char *end;
        long index = strtol(p + 1, &end, 10);
        if (end == p + 1 || *end != ']' || index < 0 || index > INDEX_MAX)
            return bad_path(text, p, err);
        *step = (struct step){NULL, (int)index};
        p = end + 1;
    } else {
        if (steps->count && *p++ != '.')
            return bad_path(text, p - 1, err);
        bool quoted = *p == '"';
        const char *start = p + quoted;
        size_t len = quoted ? strcspn(start, "\"") : strcspn(start, ".[=");
        if (len == 0 || (quoted && start[len] != '"'))
            return bad_path(text, p, err);
        *step = (struct step){wf_memdup(start, len), 0};
        p = start + len + quoted;
    }
    steps->count++;
    *at = p;
    return 0;
}

static int parse_path(const char *text, const char **ret_rest, struct steps *steps, struct wf_err *err)
{
    const char *p = text;
    while (*p != '=') {
        if (*p == '\0') {
            wf_err_set(err, WF_EINVAL, "--set %s: there is no =", text);
            wf_err_hint(err, "write it as name.other[0]=value");
            return WF_EINVAL;
        }
        if (steps->count == STEPS_MAX)
            return wf_err_set(err, WF_ELIMIT, "--set %s: deeper than %d", text, STEPS_MAX);
        int rc = parse_step(text, &p, steps, err);
        if (rc < 0)
            return rc;
    }
    if (!steps->count)
        return bad_path(text, p, err);
    *ret_rest = p + 1;
    return 0;
}

/* Puts leaf where the steps lead; consumes both. Invalid: a value on the way is of another kind. */
static jv place(jv value, const struct step *steps, size_t count, jv leaf)
{
    if (!count) {
        jv_free(value);
        return leaf;
    }
    jv_kind kind = jv_get_kind(value);
    if (kind == JV_KIND_NULL) {
        jv_free(value);
        value = steps->key ? jv_object() : jv_array();
        kind = jv_get_kind(value);
    }
    if (kind != (steps->key ? JV_KIND_OBJECT : JV_KIND_ARRAY)) {
        jv_free(value);
        jv_free(leaf);
        return jv_invalid();
    }
    jv old = steps->key ? wf_val_get(&value, steps->key) : jv_array_get(jv_copy(value), steps->index);
    if (!jv_is_valid(old)) {
        jv_free(old);
        old = jv_null();
    }
    jv inner = place(old, steps + 1, count - 1, leaf); /* at most STEPS_MAX deep */
    if (!jv_is_valid(inner)) {
        jv_free(value);
        return inner;
    }
    return steps->key ? wf_val_set(value, steps->key, inner) : jv_array_set(value, steps->index, inner);
}

static int scalar(const char *assignment, const char *text, jv *ret, struct wf_err *err)
{
    struct wf_arena *arena = wf_arena_new(INPUT_MEMORY);
    struct wf_diags diags;
    const struct wf_node *root = NULL;
    wf_diags_init(&diags);
    int rc = 0;
    if (*text == '\0')
        *ret = jv_string("");
    else if (wf_yaml_parse("--set", text, strlen(text), arena, &diags, &root) == 0)
        *ret = wf_node_value(root);
    else {
        rc = wf_err_set(err, WF_EINVAL, "--set %s: %s", assignment, diags.count ? diags.items[0].msg : "not YAML");
        wf_err_hint(err, "quote text that is no plain YAML: --set 'name=\"a: b\"'");
    }
    wf_diags_done(&diags);
    wf_arena_free(arena);
    return rc;
}

int wf_input_set(jv *value, const char *assignment, struct wf_err *err)
{
    struct steps steps = {.count = 0};
    const char *rest = "";
    jv leaf = jv_null();
    int rc = parse_path(assignment, &rest, &steps, err);
    if (rc == 0)
        rc = scalar(assignment, rest, &leaf, err);
    if (rc == 0) {
        jv placed = place(jv_copy(*value), steps.items, steps.count, leaf);
        if (jv_is_valid(placed)) {
            jv_free(*value);
            *value = placed;
        } else {
            jv_free(placed);
            rc = wf_err_set(
                err, WF_EINVAL, "--set %s: the input has a value of another kind on the way there", assignment);
            wf_err_hint(err, "a name goes into an object, a number in brackets into a list; --set counts in order");
        }
    }
    for (size_t i = 0; i < steps.count; i++)
        free(steps.items[i].key);
    return rc;
}
