/* def_run.c: run: workflow; the other things a `run` may start belong to later versions. */
#include <string.h>

#include "def/load.h"

static void check_others(struct wf__load *ld, const struct wf_task *task, const struct wf_node *run)
{
    static const char *const kinds[] = {"shell", "script", "container", NULL};
    bool found = wf_node_get(run, "workflow") != NULL;
    for (size_t i = 0; kinds[i]; i++) {
        const struct wf_node *key = wf_node_key(run, kinds[i]);
        if (!key)
            continue;
        wf__error(ld, 207, key->loc, "put it into a step plugin and call that",
            "this version of wfrun does not run `run: %s`", kinds[i]);
        found = true;
    }
    if (!found)
        wf__error(ld, 201, wf__key_loc(task->node, "run"), NULL, "`run` needs `workflow`");
}

static void check_return(struct wf__load *ld, const struct wf_node *run)
{
    static const char *const values[] = {"stdout", "stderr", "code", "all", "none", NULL};
    const struct wf_node *node = wf__member(run, "return", WF__STRING);
    char hint[120];
    for (size_t i = 0; node && values[i]; i++)
        if (strcmp(values[i], node->text) == 0)
            return;
    if (node)
        wf__error(ld, 205, node->loc, wf__hint_names(hint, sizeof hint, node->text, values),
            "`return` cannot be `%.60s`", node->text);
}

void wf__load_run(
    struct wf__load *ld, struct wf_task *task, const struct wf__scope *scope, const struct wf__siblings *in)
{
    static const struct wf__prop run_props[] = {{"workflow", WF__MAP, false}, {"shell", WF__MAP, false},
        {"script", WF__MAP, false}, {"container", WF__MAP, false}, {"await", WF__BOOL, false},
        {"return", WF__STRING, false}, {NULL, 0, false}};
    static const struct wf__prop workflow_props[] = {{"namespace", WF__STRING, true}, {"name", WF__STRING, true},
        {"version", WF__STRING, true}, {"input", WF__MAP, false}, {NULL, 0, false}};
    const struct wf_node *run = wf__member(task->node, "run", WF__MAP);
    (void)in;
    if (!run)
        return;
    wf__shape_check(ld->diags, run, wf__key_loc(task->node, "run"), "`run`", run_props, NULL);
    check_others(ld, task, run);
    check_return(ld, run);
    const struct wf_node *await = wf__member(run, "await", WF__BOOL);
    if (await && !await->boolean)
        wf__error(ld, 207, await->loc, "leave out `await`, or run both in the branches of a `fork`",
            "this version of wfrun waits for every sub-workflow; `await: false` is not run");
    const struct wf_node *workflow = wf__member(run, "workflow", WF__MAP);
    if (!workflow)
        return;
    wf__shape_check(ld->diags, workflow, wf__key_loc(run, "workflow"), "`workflow`", workflow_props, NULL);
    const char *version = wf__member_text(workflow, "version");
    task->run.namespace_ = wf__member_text(workflow, "namespace");
    task->run.name = wf__member_text(workflow, "name");
    task->run.version = version && strcmp(version, "latest") != 0 ? version : NULL;
    task->run.input = wf__tmpl(ld, wf__member(workflow, "input", WF__MAP), WF_TMPL_DATA, scope->body);
}
