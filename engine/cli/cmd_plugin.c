/* cmd_plugin.c: `wfrun plugin`: what the plugins here can do, and why some were refused; its other parts have files of
 * their own. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "cli/plugin_page.h"
#include "cli/plugin_sub.h"
#include "cli/world.h"
#include "report/table.h"
#include "report/term.h"

/* Words of a refusal are printed where it happens: the plugins that work are listed all the same. */
static void refused(void *arg, const char *file, const struct wf_err *err)
{
    size_t *count = arg;
    (*count)++;
    fprintf(stderr, "wfrun: plugin %s is refused: %s\n", file, err->msg);
    if (err->hint[0])
        fprintf(stderr, "  hint: %s\n", err->hint);
}

/* ---- list ---- */

static int list(struct wf_world *world)
{
    static const char *const titles[] = {"STEP", "EFFECT", "PLUGIN", "VERSION", "RUNS", "SUMMARY"};
    struct wf_table table;
    size_t columns, rows;
    wf_table_init(&table, titles, 6);
    for (size_t i = 0; i < wf_hosting_count(world->hosting); i++) {
        const struct wf_step_entry *entry = wf_hosting_at(world->hosting, i);
        wf_table_add(
            &table, (const char *const[]){entry->type->name, wf_effect_names[entry->type->effect], entry->plugin->name,
                        entry->plugin->version, wf_isolation_name(entry->is_apart), entry->type->summary});
    }
    bool terminal = isatty(STDOUT_FILENO);
    wf_term_size(STDOUT_FILENO, &columns, &rows);
    if (table.nrows)
        wf_table_print(&table, stdout, terminal ? columns : SIZE_MAX / 2, 0, terminal && wf_term_colour(stdout));
    else
        fputs("wfrun: there are no plugins here; --plugin-dir DIR names another folder\n", stderr);
    wf_table_done(&table);
    return WF_EXIT_OK;
}

/* ---- show ---- */

/* By the plugin's name or that of one of its steps. */
static const struct wf_step_entry *find(const struct wf_hosting *hosting, const char *name)
{
    for (size_t i = 0; i < wf_hosting_count(hosting); i++) {
        const struct wf_step_entry *entry = wf_hosting_at(hosting, i);
        if (strcmp(entry->plugin->name, name) == 0 || strcmp(entry->type->name, name) == 0)
            return entry;
    }
    return NULL;
}

static int unknown(const struct wf_hosting *hosting, const char *name)
{
    size_t count = wf_hosting_count(hosting);
    const char **names = wf_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = wf_hosting_at(hosting, i)->plugin->name;
    const char *close = wf_suggest(name, names);
    fprintf(stderr, "wfrun: there is no plugin or step %s here\n", name);
    if (close)
        fprintf(stderr, "  hint: did you mean %s?\n", close);
    free(names);
    return WF_EXIT_USAGE;
}

static int show(struct wf_world *world, const char *name, const char *form)
{
    const struct wf_step_entry *found = find(world->hosting, name);
    if (!found)
        return unknown(world->hosting, name);
    if (!form || strcmp(form, "text") == 0) {
        wf_plugin_page(world, found);
    } else if (strcmp(form, "json") == 0) {
        wf_plugin_json(world, found);
    } else if (strcmp(form, "man") == 0) {
        wf_step_man(found);
    } else {
        fprintf(stderr, "wfrun: --output %s: there are text, json and man\n", form);
        return WF_EXIT_USAGE;
    }
    return WF_EXIT_OK;
}

/* ---- the parts ---- */

/* With the plugins of this process loaded. */
static int look(struct wf_invocation *inv)
{
    struct wf_world world;
    struct wf_err err = {0};
    size_t refusals = 0;
    if (wf_world_init(&world, inv->config, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    wf_hosting_load_all(world.hosting, refused, &refusals);
    int status =
        inv->opts.nargs == 1 ? list(&world) : show(&world, inv->opts.args[1], wf_opts_last(&inv->opts, WF_OPT_PAGE));
    wf_world_done(&world);
    return status;
}

static const struct part {
    const char *name;
    size_t min_args, max_args; /* behind the name */
    uint64_t opts;
    int (*exec)(struct wf_invocation *);
} parts[] = {
    {"list", 0, 0, WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_SECRETS), look},
    {"show", 1, 1,
        WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_SECRETS) |
            WF_OPT_BIT(WF_OPT_PAGE),
        look},
    {"new", 1, 1,
        WF_OPT_BIT(WF_OPT_EFFECT) | WF_OPT_BIT(WF_OPT_LANG) | WF_OPT_BIT(WF_OPT_HEADER) | WF_OPT_BIT(WF_OPT_LIBRARY),
        wf_plugin_new},
    {"lock", 1, 1,
        WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_SECRETS) |
            WF_OPT_BIT(WF_OPT_REGISTER) | WF_OPT_BIT(WF_OPT_CHECK),
        wf_plugin_lock},
    {"test", 0, 1, WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY), wf_plugin_test},
};

static int exec(struct wf_invocation *inv)
{
    size_t nargs = inv->opts.nargs - 1;
    struct wf_err err = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct part *part = &parts[i];
        char name[40];
        if (strcmp(part->name, inv->opts.args[0]) != 0 || nargs < part->min_args || nargs > part->max_args)
            continue;
        snprintf(name, sizeof name, "plugin %s", part->name);
        if (wf_opts_restrict(&inv->opts, part->opts, name, &err) < 0)
            return wf_complain(&err, WF_EXIT_USAGE);
        return part->exec(inv);
    }
    fprintf(stderr, "wfrun: plugin: say one of: wfrun plugin %s\n", wf_cmd_plugin.args);
    return WF_EXIT_USAGE;
}

const struct wf_cmd wf_cmd_plugin = {
    .name = "plugin",
    .args = "list | show NAME | new NAME | lock WORKFLOW | test [FILE|DIR]",
    .summary = "The steps that are here; a new one, and its tests",
    .details =
        "`list` and `show` tell of the steps that are here, their schemas and settings; plugins that were refused "
        "are named on standard error, each with the reason.\n\n`new` writes a folder NAME with a step that builds "
        "and passes its tests as it stands; with `--lang manifest --header FILE --library SONAME` it drafts a manifest "
        "of the functions in a C header, in which a comment asks for whatever the header does not say.\n\n`lock` "
        "writes "
        "WORKFLOW.lock: the SHA-256 of each plugin that the workflow and those it runs need. From then on run, plan, "
        "apply, resume, retry and rollback load no other plugin for it. Libraries that a plugin is linked with are not "
        "in it.\n\n`test` runs "
        "the "
        "cases of a plugin: a case file, or those of a "
        "folder, whose names end in cases.yaml. Each case runs in a process of its own, and once more for every "
        "call of the host that can fail. Output is TAP; exit status 1 when a case fails.",
    .opts = WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_SECRETS) |
            WF_OPT_BIT(WF_OPT_EFFECT) | WF_OPT_BIT(WF_OPT_LANG) | WF_OPT_BIT(WF_OPT_PAGE) | WF_OPT_BIT(WF_OPT_HEADER) |
            WF_OPT_BIT(WF_OPT_LIBRARY) | WF_OPT_BIT(WF_OPT_REGISTER) | WF_OPT_BIT(WF_OPT_CHECK),
    .min_args = 1,
    .max_args = 2,
    .exec = exec,
};
