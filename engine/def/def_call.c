/* def_call.c: call tasks: a function of the definition, or a step of the default catalog. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "def/load.h"

#define MAX_CALL_NAME  256
#define MAX_HINT_NAMES 256

/* `name`, `name:version` or `name:version@catalog`, cut into its parts. */
struct call_name {
    char name[MAX_CALL_NAME];
    const char *version, *catalog; /* NULL: not given */
};

static bool split(const char *text, struct call_name *ret)
{
    if (strlen(text) >= sizeof ret->name)
        return false;
    memcpy(ret->name, text, strlen(text) + 1);
    ret->version = ret->catalog = NULL;
    char *at = strchr(ret->name, '@');
    if (at) {
        *at = '\0';
        ret->catalog = at + 1;
    }
    char *colon = strchr(ret->name, ':');
    if (colon) {
        *colon = '\0';
        ret->version = colon + 1;
    }
    return true;
}

static const struct wf_function *find_function(struct wf__load *ld, const char *name)
{
    const struct wf__section *section = &ld->use[WF__USE_FUNCTIONS];
    for (size_t i = 0; section->map && i < section->map->count; i++)
        if (strcmp(section->names[i], name) == 0)
            return &ld->functions[i];
    return NULL;
}

static const char *const *step_names(const struct wf__load *ld)
{
    static const char *const none[] = {NULL};
    const char *const *names = ld->catalog->names ? ld->catalog->names(ld->catalog->ctx) : NULL;
    return names ? names : none;
}

static bool is_protocol(const char *name)
{
    static const char *const names[] = {"http", "openapi", "grpc", "asyncapi", "a2a", "mcp", NULL};
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void report_unknown(struct wf__load *ld, const struct wf_node *call, const struct call_name *parts)
{
    const char *names[MAX_HINT_NAMES];
    char hint[300];
    size_t n = 0;
    for (const char *const *s = ld->use[WF__USE_FUNCTIONS].names; *s && n < MAX_HINT_NAMES - 1; s++)
        names[n++] = *s;
    for (const char *const *s = step_names(ld); *s && n < MAX_HINT_NAMES - 1; s++)
        names[n++] = *s;
    names[n] = NULL;
    const char *close = wf_suggest(parts->name, names);
    if (close)
        snprintf(hint, sizeof hint, "did you mean `%s`?", close);
    else
        snprintf(hint, sizeof hint, "`wfrun plugin list` shows the steps that are installed");
    if (is_protocol(parts->name))
        wf__error(ld, 501, call->loc, hint, "no installed plugin does `call: %s`", parts->name);
    else
        wf__error(ld, 501, call->loc, hint, "no function and no step is called `%.100s`", parts->name);
}

/* A catalog of the definition is known by its name, but this version has only the steps of its plugins. */
static bool is_other_catalog(struct wf__load *ld, const struct wf_node *call, const struct call_name *parts)
{
    if (strstr(call->text, "://")) {
        wf__error(ld, 501, call->loc, "define the function under use.functions",
            "this version of wfrun does not fetch functions by URI");
        return true;
    }
    if (!parts->catalog || strcmp(parts->catalog, "default") == 0)
        return false;
    struct wf_node name = *call;
    name.text = parts->catalog;
    name.len = strlen(parts->catalog);
    if (wf__use_find(ld, WF__USE_CATALOGS, &name))
        wf__error(ld, 501, call->loc, "define the function under use.functions",
            "this version of wfrun does not read catalogs other than `default`");
    return true;
}

static const struct wf_step_info *find_step(struct wf__load *ld, const struct wf_node *call)
{
    struct call_name parts;
    if (!split(call->text, &parts)) {
        wf__error(ld, 501, call->loc, NULL, "the name of a step is shorter than %d bytes", MAX_CALL_NAME);
        return NULL;
    }
    if (is_other_catalog(ld, call, &parts))
        return NULL;
    const struct wf_step_info *step = ld->catalog->find(ld->catalog->ctx, parts.name, parts.version);
    if (step)
        return step;
    const struct wf_step_info *other = parts.version ? ld->catalog->find(ld->catalog->ctx, parts.name, NULL) : NULL;
    if (other)
        wf__error(ld, 501, call->loc, "leave the version out to take the installed one",
            "the step `%s` is installed in version %s, not %s", parts.name, other->version, parts.version);
    else
        report_unknown(ld, call, &parts);
    return NULL;
}

static void note_step(struct wf__load *ld, const struct wf_step_info *step)
{
    struct wf_step_use *use;

    for (use = ld->def->steps; use; use = use->next)
        if (use->step == step)
            return;
    use = wf__alloc(ld, sizeof *use);
    use->step = step;
    use->next = ld->def->steps;
    ld->def->steps = use;
}

/* What is to be undone is named, not described. */
static void check_undo(struct wf__load *ld, const struct wf_task *task, const struct wf_node *with)
{
    if (!with || !wf_node_get(with, "run") || !wf_node_get(with, "path"))
        wf__error(ld, 502, with ? wf__key_loc(task->node, "with") : task->loc, NULL,
            "`mode: undo` takes `with: {run: ID, path: PATH}`, an operation of an earlier run");
}

void wf__load_call(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    const struct wf_node *call = wf__member(task->node, "call", WF__STRING);
    const struct wf_node *with = wf__member(task->node, "with", WF__MAP);
    enum wf_tmpl_mode mode = WF_TMPL_DATA;
    (void)in;
    if (!call)
        return;
    task->call.name = call->text;
    task->call.function = find_function(ld, call->text);
    if (!task->call.function) {
        task->call.step = find_step(ld, call);
        if (with)
            with = wf__auth_resolve(ld, with);
        if (task->call.step) {
            note_step(ld, task->call.step);
            if (wf__mode_is_undo(task->node))
                check_undo(ld, task, with);
            else if (with || !wf_node_get(task->node, "with"))
                wf__check_with(ld, task, with);
        }
        if (strcmp(call->text, "http") == 0)
            mode = WF_TMPL_HTTP;
    }
    task->call.with = wf__tmpl(ld, with, mode, scope->body);
}
