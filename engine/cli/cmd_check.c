/* cmd_check.c: `wfrun check`: every finding about definitions in one pass. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/diag_print.h"
#include "cli/world.h"

static int check_one(struct wf_world *world, const char *path, enum wf_diag_format format, jv *list)
{
    struct wf_diags diags;
    struct wf_def *def = NULL;
    char *text = NULL;
    size_t len = 0;
    wf_diags_init(&diags);
    int status = wf_world_load(world, path, &diags, &def, &text, &len);
    if (format == WF_DIAG_HUMAN)
        wf_diags_print(stderr, &diags, text, len);
    else
        *list = wf_diag_collect(*list, &diags);
    wf_diags_done(&diags);
    if (def)
        wf_def_unref(def);
    free(text);
    return status;
}

static int exec(struct wf_invocation *inv)
{
    const char *name = wf_config_text(inv->config, WF_OPT_FORMAT);
    enum wf_diag_format format = WF_DIAG_HUMAN;
    struct wf_world world;
    struct wf_err err = {0};
    if (name && wf_diag_format_parse(name, &format) < 0) {
        wf_err_set(&err, WF_EINVAL, "--format %s: there are human, json, sarif and github", name);
        return wf_complain(&err, WF_EXIT_USAGE);
    }
    if (wf_world_init(&world, inv->config, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    jv list = jv_array();
    int status = 0;
    for (size_t i = 0; i < inv->opts.nargs; i++) {
        int one = check_one(&world, inv->opts.args[i], format, &list);
        status = one ? one : status;
    }
    if (format != WF_DIAG_HUMAN)
        wf_diag_write(stdout, format, &list);
    jv_free(list);
    wf_world_done(&world);
    return status;
}

const struct wf_cmd wf_cmd_check = {
    .name = "check",
    .args = "FILE...",
    .summary = "Validate definitions: all errors at once, with place and hint",
    .details =
        "Silent when all is well. Findings go to standard error as FILE:LINE:COL: error[WF0203]: text; with --format\n"
        "json, sarif or github to standard output in that form.",
    .opts = WF_OPT_BIT(WF_OPT_FORMAT) | WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) |
            WF_OPT_BIT(WF_OPT_ISOLATION),
    .min_args = 1,
    .max_args = 10000,
    .exec = exec,
};
