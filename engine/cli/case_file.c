/* case_file.c: reads the cases of a step and says where one is not written as it should be. */
#include "cli/case_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "value/schema.h"

#define CASE_MEMORY ((size_t)64 << 20)

#define TEXTS       "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\"]}}"
#define EXCHANGE                                                                                                       \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"request\",\"reply\"],\"properties\":{"        \
    "\"request\":{\"type\":\"string\",\"pattern\":\"^[A-Z]+ https?://\"},\"headers\":" TEXTS ",\"body\":true,"         \
    "\"reply\":{\"anyOf\":[{\"enum\":[\"not-sent\",\"unknown\"]},{\"type\":\"object\",\"additionalProperties\":false," \
    "\"properties\":{\"status\":{\"type\":\"integer\",\"minimum\":100,\"maximum\":599},\"headers\":" TEXTS             \
    ",\"body\":true}}]}}}"

static const char schema_text[] =
    "{\"type\":\"object\",\"required\":[\"step\",\"cases\"],\"additionalProperties\":false,\"properties\":{"
    "\"step\":{\"type\":\"string\"},\"faults\":{\"enum\":[true,false,\"not-memory\"]},\"config\":" TEXTS
    ",\"secrets\":{\"type\":\"object\"},"
    "\"cases\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\",\"required\":[\"case\"],"
    "\"additionalProperties\":false,\"anyOf\":[{\"required\":[\"output\"]},{\"required\":[\"error\"]},{\"required\":["
    "\"retry\"]},{\"required\":[\"verdict\"]},{\"required\":[\"plan\"]}],\"properties\":{"
    "\"case\":{\"type\":\"string\",\"minLength\":1},"
    "\"mode\":{\"enum\":[\"run\",\"plan\",\"verify\",\"undo\",\"plan-undo\"]},"
    "\"with\":true,\"attempt\":{\"type\":\"integer\",\"minimum\":1},"
    "\"config\":" TEXTS ",\"secrets\":{\"type\":\"object\"},\"remembered\":{\"type\":\"object\"},"
    "\"http\":{\"type\":\"array\",\"items\":" EXCHANGE "},"
    "\"output\":true,\"error\":{\"type\":\"object\"},\"retry\":{\"type\":\"object\"},"
    "\"verdict\":{\"enum\":[\"yes\",\"no\",\"unknown\"]},"
    "\"plan\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"action\":{\"enum\":[\"nothing\","
    "\"create\",\"change\",\"remove\",\"cannot\"]},\"words\":{\"type\":\"string\"},\"costMicros\":{\"type\":"
    "\"integer\"}"
    ",\"currency\":{\"type\":\"string\"},\"untilMs\":{\"type\":\"integer\"},\"output\":true,\"facts\":{\"type\":"
    "\"object\"}}},\"remembers\":{\"type\":\"object\"},\"sleptMs\":{\"type\":\"integer\"},"
    "\"faults\":{\"enum\":[true,false,\"not-memory\"]}}}}}}";

static int check(const struct wf_case_file *file, struct wf_diags *diags)
{
    struct wf_schema *schema = NULL;
    struct wf_err err = {0};
    int rc = wf_schema_new(jv_parse(schema_text), &schema, &err);

    if (rc == 0)
        rc = wf_schema_check(schema, &file->value, &err);
    if (rc != 0) {
        err.loc = wf_node_at(file->root, err.pointer)->loc;
        wf_diags_add(diags, WF_SEV_ERROR, 205, err.loc, *err.hint ? err.hint : "docs/plugin-testing.md lists the keys",
            "%s", err.msg);
    }
    wf_schema_free(schema);
    return rc != 0 ? WF_EINVAL : 0;
}

int wf_case_file_read(const char *path, struct wf_case_file *ret, struct wf_diags *diags)
{
    char *text = NULL;
    size_t len = 0;
    struct wf_err err = {0};

    *ret = (struct wf_case_file){.path = path, .value = jv_null()};
    if (wf_yaml_read_file(path, &text, &len, &err) < 0) {
        wf_diags_add(diags, WF_SEV_ERROR, 101, (struct wf_loc){path, 1, 1}, NULL, "%s", err.msg);
        return WF_EINVAL;
    }
    ret->arena = wf_arena_new(CASE_MEMORY);
    int rc = wf_yaml_parse(path, text, len, ret->arena, diags, &ret->root);
    free(text);
    if (rc == 0) {
        ret->value = wf_node_value(ret->root);
        rc = check(ret, diags);
    }
    if (rc != 0) {
        wf_case_file_done(ret);
        return WF_EINVAL;
    }
    ret->step = wf_val_string(&ret->value, "step", "");
    ret->count = wf_node_get(ret->root, "cases")->count;
    return 0;
}

void wf_case_file_done(struct wf_case_file *file)
{
    jv_free(file->value);
    file->value = jv_null();
    if (file->arena)
        wf_arena_free(file->arena);
    file->arena = NULL;
}

static const struct wf_node *case_node(const struct wf_case_file *file, size_t index)
{
    return wf_node_get(file->root, "cases")->items[index];
}

const char *wf_case_name(const struct wf_case_file *file, size_t index)
{
    return wf_node_get(case_node(file, index), "case")->text;
}

struct wf_loc wf_case_loc(const struct wf_case_file *file, size_t index)
{
    return wf_node_get(case_node(file, index), "case")->loc;
}

enum wf_case_faults wf_case_faults(const struct wf_case_file *file, size_t index)
{
    const struct wf_node *word = wf_node_get(case_node(file, index), "faults");

    if (!word)
        word = wf_node_get(file->root, "faults");
    if (!word)
        return WF_CASE_FAULTS;
    if (word->kind == WF_NODE_STRING)
        return WF_CASE_NOT_MEMORY;
    return word->boolean ? WF_CASE_FAULTS : WF_CASE_NO_FAULTS;
}
