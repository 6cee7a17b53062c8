/* cmd_snapshot.c: `wfrun snapshot`: a picture of the remote side, for a rehearsal to begin with.
 *
 * It runs an installed step whose name ends in "-snapshot", by itself: without a run and a journal, for it changes nothing. The
 * step must declare that it only reads, and then the host lets no write of it pass. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/whole_file.h"
#include "cli/cmd.h"
#include "cli/input.h"
#include "cli/sandbox.h"
#include "cli/world.h"

#define DEFAULT_TIMEOUT_MS ((int64_t)600000)

struct shot {
    struct wf_loop *loop;
    char *output; /* what the step answered; NULL: it did not */
    size_t len;
    struct wf_err failure;
};

/* ---- which step ---- */

static bool is_snapshot(const struct wf_step_type *type)
{
    static const char tail[] = "-snapshot";
    size_t len = strlen(type->name);
    return len > sizeof tail - 1 && strcmp(type->name + len - (sizeof tail - 1), tail) == 0;
}

static void refused(void *arg, const char *file, const struct wf_err *err)
{
    (void)arg;
    fprintf(stderr, "wfrun: plugin %s is refused: %s\n", file, err->msg);
}

/* The one of that name, or the only one there is. */
static int find(struct wf_hosting *hosting, const char *name, const struct wf_step_entry **ret, struct wf_err *err)
{
    const struct wf_step_entry *found = NULL;
    wf_hosting_load_all(hosting, refused, NULL);
    for (size_t i = 0; i < wf_hosting_count(hosting); i++) {
        const struct wf_step_entry *entry = wf_hosting_at(hosting, i);
        if (!is_snapshot(entry->type) || (name && strcmp(entry->type->name, name) != 0))
            continue;
        if (found)
            return wf_err_set(err, WF_EINVAL, "snapshot: there are %s and %s here; name the one you want",
                found->type->name, entry->type->name);
        found = entry;
    }
    if (!found && name)
        return wf_err_set(err, WF_EINVAL, "snapshot: there is no step %s here whose name ends in -snapshot", name);
    if (!found)
        return wf_err_set(err, WF_EINVAL, "snapshot: no plugin here has a step whose name ends in -snapshot");
    if (found->type->effect > WF_EFFECT_READ || found->type->effect_of)
        return wf_err_set(
            err, WF_EINVAL, "snapshot: the step %s does not declare that it only reads", found->type->name);
    *ret = found;
    return 0;
}

/* ---- its input ---- */

static int read_input(const struct wf_invocation *inv, const struct wf_step_entry *entry, jv *ret, struct wf_err *err)
{
    jv input = jv_object();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < inv->opts.values[WF_OPT_SET].count; i++)
        rc = wf_input_set(&input, inv->opts.values[WF_OPT_SET].items[i], err);
    if (rc == 0 && entry->input_schema)
        rc = wf_schema_check(entry->input_schema, &input, err);
    if (rc < 0)
        jv_free(input);
    else
        *ret = input;
    return rc;
}

/* ---- the call ---- */

static void done(void *arg, const struct wf_answer *answer)
{
    struct shot *shot = arg;
    if (answer->kind == WF_ANSWER_SUCCEED) {
        shot->output = wf_asprintf("%.*s\n", (int)answer->output.len, answer->output.ptr);
        shot->len = answer->output.len + 1;
    } else {
        const struct wf_failure *failure = answer->failure;
        wf_err_set(&shot->failure, WF_EIO, "%s: %s", failure && failure->title ? failure->title : "the step failed",
            failure && failure->detail ? failure->detail : "it gave no reason");
    }
    wf_loop_stop(shot->loop);
}

/* There is no journal, and nothing that a later attempt would have to know. */
static void remember(
    void *arg, const char *name, struct wf_bytes json, void (*stored)(void *token, int rc), void *token)
{
    (void)arg;
    (void)name;
    (void)json;
    stored(token, 0);
}

static int take(struct wf_world *world, const struct wf_step_entry *entry, const jv *input, struct shot *shot)
{
    char id[WF_UUID_TEXT], *text = wf_val_text(input);
    int64_t now = wf_loop_now_ms(world->loop),
            span = entry->type->timeout_ms ? entry->type->timeout_ms : DEFAULT_TIMEOUT_MS;
    wf_uuid_random(id);
    const struct wf_call_request request = {
        .entry = entry,
        .mode = WF_MODE_RUN,
        .input = {text, strlen(text)},
        .run_id = id,
        .task = "/do/0/snapshot",
        .key = id,
        .attempt = 1,
        .deadline_ms = now + span,
        .intent_ms = now,
        .done = done,
        .remember = remember,
        .arg = shot,
    };
    wf_call_start(world->hosting, &request);
    wf_loop_run(world->loop);
    free(text);
    return shot->output ? 0 : shot->failure.code;
}

/* ---- the command ---- */

/* A picture of a stand-in is for practice. */
static int start_sandbox(struct wf_world *world, struct wf_config *config, struct wf_sandbox **ret, struct wf_err *err)
{
    struct wf_sandbox_plan plan;
    int rc = wf_sandbox_plan(config, &plan, err);
    return rc > 0 ? wf_sandbox_start(world, config, &plan, NULL, ret, err) : rc;
}

static int snapshot(struct wf_invocation *inv, struct wf_world *world, struct wf_err *err)
{
    const char *path = wf_opts_last(&inv->opts, WF_OPT_TO);
    const struct wf_step_entry *entry = NULL;
    struct wf_sandbox *sandbox = NULL;
    struct shot shot = {.loop = world->loop};
    jv input = jv_null();
    int status = WF_EXIT_USAGE;
    int rc = find(world->hosting, inv->opts.nargs ? inv->opts.args[0] : NULL, &entry, err);
    if (rc == 0)
        rc = read_input(inv, entry, &input, err);
    if (rc == 0) {
        status = WF_EXIT_FAULT;
        rc = start_sandbox(world, inv->config, &sandbox, err);
    }
    if (rc == 0) {
        rc = take(world, entry, &input, &shot);
        if (rc < 0)
            *err = shot.failure;
    }
    if (rc == 0)
        rc = wf_whole_file_write(path, WF_WHOLE_FOR_OWNER, shot.output, shot.len, err);
    if (rc == 0 && path)
        fprintf(stderr, "wfrun: %s written; rehearse on it with --sandbox --sandbox-seed %s\n", path, path);
    jv_free(input);
    free(shot.output);
    wf_sandbox_stop(sandbox);
    return rc < 0 ? wf_complain(err, status) : WF_EXIT_OK;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_world world;
    struct wf_err err = {0};
    if (wf_world_init(&world, inv->config, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int status = snapshot(inv, &world, &err);
    wf_world_done(&world);
    return status;
}

const struct wf_cmd wf_cmd_snapshot = {
    .name = "snapshot",
    .args = "[STEP]",
    .summary = "Take a picture of the remote side to rehearse on; changes nothing",
    .details = "Runs the installed step whose name ends in -snapshot, with reads alone: the host lets no write of it "
               "pass. The\n"
               "picture is a seed for --sandbox-seed and has no personal data in it as far as the step's README says. "
               "With --to\n"
               "FILE it goes to a file that only its owner can read; --set narrows it, as the step takes it.",
    .opts = WF_OPT_BIT(WF_OPT_TO) | WF_OPT_BIT(WF_OPT_SET) | WF_OPT_BIT(WF_OPT_SECRETS) |
            WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_ISOLATION) |
            WF_OPT_BIT(WF_OPT_CACERT) | WF_OPT_BIT(WF_OPT_CONNECT_TO) | WF_OPT_BIT(WF_OPT_SANDBOX) |
            WF_OPT_BIT(WF_OPT_SANDBOX_SEED),
    .min_args = 0,
    .max_args = 1,
    .exec = exec,
};
