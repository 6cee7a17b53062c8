/* describe.c: what a process says of its plugin becomes a descriptor here. It is checked as one that was loaded. */
#include "host/describe.h"

#include <limits.h>
#include <string.h>

#include "value/val.h"

static jv get(const jv *object, const char *key)
{
    return jv_get_kind(*object) == JV_KIND_OBJECT ? jv_object_get(jv_copy(*object), jv_string(key)) : jv_invalid();
}

static const char *get_text(struct wf_arena *texts, const jv *object, const char *key)
{
    jv value = get(object, key);
    const char *text = jv_get_kind(value) == JV_KIND_STRING ? wf_arena_strdup(texts, jv_string_value(value)) : NULL;

    jv_free(value);
    return text;
}

static int64_t get_number(const jv *object, const char *key)
{
    jv value = get(object, key);
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : 0;

    jv_free(value);
    return number >= 0 && number < 9e15 ? (int64_t)number : 0;
}

/* Items of the list under key, each made by `make`; NULL-terminated. */
static const void **get_list(struct wf_arena *texts, const jv *object, const char *key,
    const void *(*make)(struct wf_arena *, const jv *, const void *arg), const void *arg)
{
    jv list = get(object, key);
    int count = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list)) : 0;
    const void **items = wf_arena_alloc(texts, ((size_t)count + 1) * sizeof *items);

    for (int i = 0; i < count; i++) {
        jv item = jv_array_get(jv_copy(list), i);
        items[i] = make(texts, &item, arg);
        jv_free(item);
    }
    jv_free(list);
    return items;
}

static const void *make_row(struct wf_arena *texts, const jv *item, const void *arg)
{
    struct wf_config_row *row = wf_arena_alloc(texts, sizeof *row);

    (void)arg;
    *row = (struct wf_config_row){
        sizeof *row, get_text(texts, item, "name"), get_text(texts, item, "default"), get_text(texts, item, "help")};
    return row;
}

static const void *make_name(struct wf_arena *texts, const jv *item, const void *arg)
{
    (void)arg;
    return wf_arena_strdup(texts, jv_get_kind(*item) == JV_KIND_STRING ? jv_string_value(*item) : "");
}

static const void *make_step(struct wf_arena *texts, const jv *item, const void *arg)
{
    const struct wf_step_type *slots = arg;
    struct wf_step_type *type = wf_arena_alloc(texts, sizeof *type);

    *type = *slots;
    type->name = get_text(texts, item, "name");
    type->summary = get_text(texts, item, "summary");
    type->input_schema = get_text(texts, item, "input");
    type->output_schema = get_text(texts, item, "output");
    type->no_undo = get_text(texts, item, "no_undo");
    type->effect = (uint32_t)get_number(item, "effect");
    type->flags = (uint32_t)get_number(item, "flags");
    type->max_parallel = (uint32_t)get_number(item, "max_parallel");
    type->timeout_ms = get_number(item, "timeout_ms");
    if (!get_number(item, "plan"))
        type->plan = NULL;
    if (!get_number(item, "verify"))
        type->verify = NULL;
    if (!get_number(item, "undo"))
        type->undo = NULL;
    if (!get_number(item, "effect_of"))
        type->effect_of = NULL;
    if (!get_number(item, "plan_undo"))
        type->plan_undo = NULL;
    return type;
}

int wf__describe(struct wf_arena *texts, const char *json, size_t len, const struct wf_plugin *base,
    const struct wf_step_type *slots, const struct wf_plugin **ret, struct wf_err *ret_err)
{
    struct wf_plugin *plugin = wf_arena_alloc(texts, sizeof *plugin);
    jv value;
    int rc = wf_val_parse(json, len, &value, ret_err);

    if (rc != 0)
        return rc;
    *plugin = *base;
    plugin->abi_minor = (uint16_t)get_number(&value, "abi_minor");
    plugin->name = get_text(texts, &value, "name");
    plugin->version = get_text(texts, &value, "version");
    plugin->summary = get_text(texts, &value, "summary");
    plugin->config_group = get_text(texts, &value, "config_group");
    plugin->standin = get_text(texts, &value, "standin");
    plugin->config = (const struct wf_config_row *const *)get_list(texts, &value, "config", make_row, NULL);
    plugin->secrets = (const char *const *)get_list(texts, &value, "secrets", make_name, NULL);
    plugin->steps = (const struct wf_step_type *const *)get_list(texts, &value, "steps", make_step, slots);
    for (size_t i = 0; plugin->config[i]; i++)
        if (!plugin->config[i]->name)
            rc = wf_err_set(ret_err, WF_EINVAL, "it has a setting without a name");
    jv_free(value);
    *ret = plugin;
    return rc;
}
