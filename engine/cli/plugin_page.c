/* plugin_page.c: what a descriptor tells, written: one order of things, as text and as a man page. */
#include "cli/plugin_page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "config.h"

#define LEFT 28 /* of text: where the words of a row begin */

/* ---- two forms of the same things ---- */

struct page {
    enum wf_page_form form;
};

static void heading(const struct page *page, const char *title)
{
    if (page->form == WF_PAGE_TEXT) {
        printf("\n  %s\n", title);
        return;
    }
    printf(".SH ");
    for (; *title; title++)
        putchar(toupper((unsigned char)*title));
    putchar('\n');
}

/* A thing with its kind (may be empty) and words (may be empty). */
static void row(void *arg, const char *name, const char *kind, const char *words)
{
    const struct page *page = arg;
    if (page->form == WF_PAGE_MAN) {
        fputs(".TP\n.B ", stdout);
        wf_roff(name);
        if (*kind)
            wf_roff(kind);
        if (*kind && *words)
            puts(".br");
        if (*words)
            wf_roff(words);
        return;
    }
    if (name[strlen(name) - 1] == ':') /* a fact, and no thing in a list */
        printf("  %s %s\n", name, words);
    else if (strlen(name) > LEFT - 5)
        printf("    %s\n%*s%s\n", name, LEFT, "", *kind ? kind : words);
    else
        printf("    %-*s %s\n", LEFT - 5, name, *kind ? kind : words);
    if (*kind && *words)
        printf("%*s%s\n", LEFT, "", words);
}

static void schema(const struct page *page, const char *title, const char *text)
{
    heading(page, title);
    if (text)
        wf_page_schema(text, row, (void *)page);
    else
        row((void *)page, "any value", "", "");
}

/* ---- a step ---- */

static const char *after_crash(const struct wf_step_type *type)
{
    if (type->effect <= WF_EFFECT_READ || (type->effect == WF_EFFECT_WRITE && type->flags & WF_STEP_IDEMPOTENT))
        return "is simply repeated";
    return type->verify ? "asks whether it happened" : "waits for a person to say whether it happened";
}

static void facts(const struct page *page, const struct wf_step_type *type)
{
    void *arg = (void *)page;
    char text[300];
    snprintf(text, sizeof text, "%s%s", wf_effect_names[type->effect],
        type->effect_of ? " at most; it depends on the input" : "");
    row(arg, "effect:", "", text);
    row(arg, "after a crash:", "", after_crash(type));
    row(arg, "in a plan:", "",
        type->effect <= WF_EFFECT_READ ? "is called, for it changes nothing"
        : type->plan                   ? "says what it would do"
                                       : "cannot be foreseen, and nothing after it");
    if (type->effect >= WF_EFFECT_WRITE) {
        bool looks = WF_STEP_HAS(type, plan_undo);
        snprintf(text, sizeof text, "%s%s", type->undo ? "yes" : "no; ",
            type->undo ? (looks ? "; a rollback shows beforehand what it would do" : "") : type->no_undo);
        row(arg, "undo:", "", text);
    }
    snprintf(text, sizeof text, "%lld s unless the task sets one",
        (long long)(type->timeout_ms ? type->timeout_ms : 600000) / 1000);
    row(arg, "time-out:", "", text);
    if (type->max_parallel || type->flags & WF_STEP_SERIAL) {
        snprintf(text, sizeof text, "%u at a time", type->flags & WF_STEP_SERIAL ? 1 : type->max_parallel);
        row(arg, "calls:", "", text);
    }
}

static void settings(const struct page *page, const struct wf_world *world, const struct wf_plugin *plugin)
{
    const char *group = plugin->config_group ? plugin->config_group : plugin->name;
    char name[200], value[500];
    if (plugin->config && *plugin->config)
        heading(page, "settings");
    for (const struct wf_config_row *const *at = plugin->config; at && *at; at++) {
        const char *set = world ? wf_config_plugin(world->config, group, (*at)->name) : NULL;
        const char *otherwise = (*at)->default_value && *(*at)->default_value ? (*at)->default_value : "(not set)";
        snprintf(name, sizeof name, "%s.%s", group, (*at)->name);
        snprintf(value, sizeof value, "%s%s", set ? set : otherwise, set || *otherwise == '(' ? "" : " (default)");
        row((void *)page, name, value, (*at)->help ? (*at)->help : "");
    }
    if (plugin->secrets && *plugin->secrets)
        heading(page, "secrets");
    for (const char *const *at = plugin->secrets; at && *at; at++)
        row((void *)page, *at, !world ? "" : wf_secrets_get(world->secrets, *at) ? "given" : "not given", "");
    if (plugin->standin) {
        heading(page, "sandbox");
        row((void *)page, plugin->standin, "", "stands in for the remote side under --sandbox");
    }
}

void wf_plugin_page(const struct wf_world *world, const struct wf_step_entry *entry)
{
    const struct page page = {WF_PAGE_TEXT};
    const struct wf_plugin *plugin = entry->plugin;
    printf("plugin %s %s: %s\n  file: %s\n  ABI: %u.%u\n  runs: %s\n", plugin->name, plugin->version, plugin->summary,
        entry->file, plugin->abi_major, plugin->abi_minor,
        entry->is_apart ? "in processes of its own (isolation: process)"
                        : "in wfrun's process (isolation: in-process)");
    for (const struct wf_step_type *const *type = plugin->steps; *type; type++) {
        printf("\nstep %s: %s\n", (*type)->name, (*type)->summary);
        facts(&page, *type);
        schema(&page, "with", (*type)->input_schema);
        schema(&page, "output", (*type)->output_schema);
    }
    settings(&page, world, plugin);
}

void wf_step_man(const struct wf_step_entry *entry)
{
    const struct page page = {WF_PAGE_MAN};
    const struct wf_step_type *type = entry->type;
    printf(".TH WFRUN-STEP-");
    for (const char *p = type->name; *p; p++)
        putchar(toupper((unsigned char)*p));
    printf(" 7 \"\" \"%s %s\" \"Steps of wfrun\"\n.SH NAME\n", entry->plugin->name, entry->plugin->version);
    printf("wfrun\\-step\\-%s \\- ", type->name);
    wf_roff(type->summary);
    printf(".SH SYNOPSIS\n.nf\n\\- task:\n    call: %s\n    with: ...\n.fi\n.SH DESCRIPTION\n", type->name);
    wf_roff(entry->plugin->summary);
    facts(&page, type);
    schema(&page, "with", type->input_schema);
    schema(&page, "output", type->output_schema);
    settings(&page, NULL, entry->plugin);
    printf(".SH SEE ALSO\n.BR wfrun (1)\n");
}

/* ---- JSON ---- */

static jv text_or_null(const char *text)
{
    return text ? jv_string(text) : jv_null();
}

static jv parsed(const char *text)
{
    jv value;
    struct wf_err err = {0};
    return text && wf_val_parse(text, strlen(text), &value, &err) == 0 ? value : jv_null();
}

static jv step_json(const struct wf_step_type *type)
{
    jv step = wf_val_set(jv_object(), "name", jv_string(type->name));
    step = wf_val_set(step, "summary", jv_string(type->summary));
    step = wf_val_set(step, "effect", jv_string(wf_effect_names[type->effect]));
    step = wf_val_set(step, "effectDependsOnInput", type->effect_of ? jv_true() : jv_false());
    step = wf_val_set(step, "idempotent", type->flags & WF_STEP_IDEMPOTENT ? jv_true() : jv_false());
    step = wf_val_set(step, "plan", type->plan ? jv_true() : jv_false());
    step = wf_val_set(step, "verify", type->verify ? jv_true() : jv_false());
    step = wf_val_set(step, "undo", type->undo ? jv_true() : jv_false());
    step = wf_val_set(step, "noUndo", text_or_null(type->no_undo));
    step = wf_val_set(step, "timeoutMs", jv_number((double)(type->timeout_ms ? type->timeout_ms : 600000)));
    step = wf_val_set(step, "input", parsed(type->input_schema));
    return wf_val_set(step, "output", parsed(type->output_schema));
}

void wf_plugin_json(const struct wf_world *world, const struct wf_step_entry *entry)
{
    const struct wf_plugin *plugin = entry->plugin;
    const char *group = plugin->config_group ? plugin->config_group : plugin->name;
    jv page = wf_val_set(jv_object(), "name", jv_string(plugin->name)), steps = jv_array(), rows = jv_array(),
       secrets = jv_array();
    for (const struct wf_step_type *const *type = plugin->steps; *type; type++)
        steps = jv_array_append(steps, step_json(*type));
    for (const struct wf_config_row *const *at = plugin->config; at && *at; at++) {
        jv item = wf_val_set(jv_object(), "name", jv_string((*at)->name));
        item = wf_val_set(item, "default", text_or_null((*at)->default_value));
        item = wf_val_set(item, "value", text_or_null(wf_config_plugin(world->config, group, (*at)->name)));
        rows = jv_array_append(rows, wf_val_set(item, "help", text_or_null((*at)->help)));
    }
    for (const char *const *at = plugin->secrets; at && *at; at++)
        secrets = jv_array_append(secrets, jv_string(*at));
    page = wf_val_set(page, "version", jv_string(plugin->version));
    page = wf_val_set(page, "file", jv_string(entry->file));
    page = wf_val_set(page, "isolation", jv_string(wf_isolation_name(entry->is_apart)));
    page = wf_val_set(page, "summary", jv_string(plugin->summary));
    page = wf_val_set(page, "steps", steps);
    page = wf_val_set(page, "settingsGroup", jv_string(group));
    page = wf_val_set(page, "settings", rows);
    page = wf_val_set(page, "secrets", secrets);
    page = wf_val_set(page, "standin", text_or_null(plugin->standin));
    struct wf_buf buf;
    wf_buf_init(&buf, WF_VAL_MAX_BYTES);
    wf_val_write_pretty(&page, &buf);
    puts(buf.ptr);
    wf_buf_done(&buf);
    jv_free(page);
}
