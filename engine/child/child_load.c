/* child_load.c: the plugin of this process, and what wfrun has to know of it. */
#include <stdlib.h>
#include <string.h>

#include "child/child.h"
#include "host/check.h"

#define MOST_JSON ((size_t)64 << 20)

int wf_child_load(const char *file, struct wf_err *ret_err)
{
    static struct wf_manifest *manifest; /* for the life of the process */
    const struct wf_plugin *plugin = NULL;
    int rc = wf__object_open(file, wf_child_confine, &manifest, &plugin, ret_err);

    if (rc != 0)
        return rc;
    wf_child.plugin = plugin;
    int32_t opened = plugin->open(&wf_child_table, &wf_child.state);
    return opened == 0 ? 0 : wf_err_set(ret_err, WF_EINVAL, "its open failed (%d)", opened);
}

/* ---- as JSON ---- */

static void add_text(struct wf_buf *buf, const char *key, const char *text)
{
    if (!text)
        return;
    wf_buf_printf(buf, "\"%s\":", key);
    wf_buf_json_string(buf, text, strlen(text));
    wf_buf_char(buf, ',');
}

static void add_number(struct wf_buf *buf, const char *key, int64_t number)
{
    wf_buf_printf(buf, "\"%s\":%lld,", key, (long long)number);
}

/* In place of the comma. */
static void close_with(struct wf_buf *buf, char c)
{
    if (buf->len > 0 && buf->ptr[buf->len - 1] == ',')
        buf->ptr[buf->len - 1] = c;
    else
        wf_buf_char(buf, c);
}

static void add_step(struct wf_buf *buf, const struct wf_step_type *type)
{
    wf_buf_char(buf, '{');
    add_text(buf, "name", type->name);
    add_text(buf, "summary", type->summary);
    add_text(buf, "input", type->input_schema);
    add_text(buf, "output", type->output_schema);
    add_text(buf, "no_undo", type->no_undo);
    add_number(buf, "effect", type->effect);
    add_number(buf, "flags", type->flags);
    add_number(buf, "max_parallel", type->max_parallel);
    add_number(buf, "timeout_ms", type->timeout_ms);
    add_number(buf, "plan", type->plan != NULL);
    add_number(buf, "verify", type->verify != NULL);
    add_number(buf, "undo", type->undo != NULL);
    add_number(buf, "effect_of", type->effect_of != NULL);
    add_number(buf, "plan_undo", WF_STEP_HAS(type, plan_undo) != 0);
    close_with(buf, '}');
    wf_buf_char(buf, ',');
}

char *wf_child_describe(const struct wf_plugin *plugin)
{
    struct wf_buf buf;

    wf_buf_init(&buf, MOST_JSON);
    wf_buf_char(&buf, '{');
    add_number(&buf, "abi_minor", plugin->abi_minor);
    add_text(&buf, "name", plugin->name);
    add_text(&buf, "version", plugin->version);
    add_text(&buf, "summary", plugin->summary);
    add_text(&buf, "config_group", plugin->config_group);
    add_text(&buf, "standin", plugin->standin);
    wf_buf_str(&buf, "\"config\":[");
    for (const struct wf_config_row *const *row = plugin->config; row && *row; row++) {
        wf_buf_char(&buf, '{');
        add_text(&buf, "name", (*row)->name);
        add_text(&buf, "default", (*row)->default_value);
        add_text(&buf, "help", (*row)->help);
        close_with(&buf, '}');
        wf_buf_char(&buf, ',');
    }
    close_with(&buf, ']');
    wf_buf_str(&buf, ",\"secrets\":[");
    for (const char *const *name = plugin->secrets; name && *name; name++) {
        wf_buf_json_string(&buf, *name, strlen(*name));
        wf_buf_char(&buf, ',');
    }
    close_with(&buf, ']');
    wf_buf_str(&buf, ",\"steps\":[");
    for (size_t i = 0; plugin->steps[i]; i++)
        add_step(&buf, plugin->steps[i]);
    close_with(&buf, ']');
    wf_buf_char(&buf, '}');
    return wf_buf_take(&buf);
}
