/* cmd_replay.c: `wfrun replay`: walks through a run again by what its journal says, and touches nothing. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "cli/bundle_file.h"
#include "cli/drive.h"
#include "run/run.h"

struct replay {
    struct wf_drive drive; /* first: what is told of it leads here */
    size_t differences;
    char *stands_at; /* the first operation that the journal does not have */
};

static void replayed(struct wf_drive *drive, const char *path, const char *why)
{
    struct replay *replay = (struct replay *)drive;
    if (why && ++replay->differences <= 20)
        fprintf(stderr, "wfrun: it differs at %s: %s\n", path, why);
    if (!why)
        replay->stands_at = wf_strdup(path);
}

/* ---- the run ------------------------------------------------------------------------------------------------------ */

/* A file of `wfrun export`, or a run of the journal. */
static int find_bundle(struct wf_invocation *inv, struct wf_bundle **ret, struct wf_err *err)
{
    const char *name = inv->opts.args[0];
    struct wf_state state;
    struct stat info;
    char *signer;
    int rc;
    if (stat(name, &info) == 0) {
        rc = wf_bundle_of_file(inv, name, ret, &signer, err);
        free(signer);
        return rc;
    }
    rc = wf_state_open(inv->config, true, &state, err);
    if (rc == 0) {
        rc = wf_bundle_of_run(&state, name, ret, err);
        wf_state_close(&state);
    }
    if (rc == WF_ENOTFOUND) {
        err->hint[0] = '\0';
        wf_err_hint(err, "name a run (`wfrun list` shows them) or the file of a bundle; there is no file %s", name);
    }
    return rc;
}

static jv meta_of(const struct wf_bundle *bundle)
{
    jv meta;
    bool good =
        bundle->start.meta.ptr && wf_val_parse(bundle->start.meta.ptr, bundle->start.meta.len, &meta, NULL) == 0;
    return good ? meta : jv_object();
}

/* Every answer is a record's: no stand-in is started, and no step runs. */
static int walk(struct wf_drive *drive, const struct wf_bundle *bundle)
{
    struct wf_err err = {0};
    jv meta = meta_of(bundle);
    const char *file = wf_val_string(&meta, "file", NULL);
    int status = wf_drive_open(drive, file);
    jv_free(meta);
    if (status)
        return status;
    if (wf_bundle_seed(bundle, &wf_journal_mem, wf_engine_backend(drive->engine), &err) < 0 ||
        wf_engine_resume(drive->engine, drive->run_id, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    wf_drive_run(drive);
    if (!drive->failure.code)
        return WF_EXIT_OK;
    return wf_complain(&drive->failure, wf_exit_of(&drive->failure));
}

/* ---- what came of it ---------------------------------------------------------------------------------------------- */

static bool is_same_end(const struct wf_drive *drive, const struct wf_bundle *bundle)
{
    jv then;
    if (drive->status != bundle->chain.status)
        return false;
    if (!bundle->output.ptr || wf_val_parse(bundle->output.ptr, bundle->output.len, &then, NULL) != 0)
        return true;
    return jv_equal(then, jv_copy(drive->value));
}

static int tell(struct replay *replay, const struct wf_bundle *bundle)
{
    struct wf_drive *drive = &replay->drive;
    bool ended = bundle->chain.status == WF_RUN_COMPLETED || bundle->chain.status == WF_RUN_FAULTED;
    struct wf_err err = {0};
    if (ended && !replay->differences && is_same_end(drive, bundle)) {
        fprintf(stderr, "wfrun: run %s replayed from %zu records: it %s again, with the same %s\n", drive->run_id,
            bundle->nrows, bundle->chain.status == WF_RUN_COMPLETED ? "completed" : "faulted",
            bundle->chain.status == WF_RUN_COMPLETED ? "output" : "error");
        return wf_output_write(stdout, drive->form, &drive->value, wf_drive_reporter(drive), &err) < 0
                   ? wf_complain(&err, WF_EXIT_FAULT)
                   : WF_EXIT_OK;
    }
    if (!ended && !replay->differences && drive->status == WF_RUN_WAITING) {
        fprintf(stderr, "wfrun: run %s replayed from %zu records, to where it was %s%s%s\n", drive->run_id,
            bundle->nrows, wf_run_status_name(bundle->chain.status), replay->stands_at ? ": " : "",
            replay->stands_at ? replay->stands_at : "");
        return WF_EXIT_OK;
    }
    fprintf(stderr, "wfrun: the replay of run %s did not end as the run did: it was %s, and is now %s", drive->run_id,
        wf_run_status_name(bundle->chain.status),
        drive->status == WF_RUN_WAITING ? "at an operation that the journal does not have: "
                                        : wf_run_status_name(drive->status));
    fprintf(stderr, "%s\n", drive->status == WF_RUN_WAITING && replay->stands_at ? replay->stands_at : "");
    if (wf_bundle_redacted(bundle))
        fprintf(stderr, "  hint: %zu of its texts are redacted, so what was computed from them is something else\n",
            wf_bundle_redacted(bundle));
    return WF_EXIT_FAULT;
}

static int exec(struct wf_invocation *inv)
{
    struct wf_bundle *bundle = NULL;
    struct wf_err err = {0};
    struct replay replay;
    if (find_bundle(inv, &bundle, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    jv meta = meta_of(bundle);
    wf_drive_keep_settings(inv, &meta);
    jv_free(meta);
    int status = wf_drive_init(&replay.drive, inv);
    if (!status) {
        replay.differences = 0;
        replay.stands_at = NULL;
        replay.drive.ephemeral = true;
        replay.drive.summary = false;
        replay.drive.replayed = replayed;
        snprintf(replay.drive.run_id, sizeof replay.drive.run_id, "%s", bundle->start.run_id);
        wf_signals_watch(true);
        status = walk(&replay.drive, bundle);
        if (!status)
            status = tell(&replay, bundle);
        wf_drive_done(&replay.drive);
        free(replay.stands_at);
    }
    wf_bundle_free(bundle);
    return status;
}

const struct wf_cmd wf_cmd_replay = {
    .name = "replay",
    .args = "RUN|FILE",
    .summary = "Walk through a run again by its journal, and touch nothing",
    .details =
        "FILE is a bundle of `wfrun export`, also of another machine; the plugins have to be here, and none of their\n"
        "steps is run: every answer is the one that was written down. Ends with 0 when the run ends, or stands, as it\n"
        "did; a difference is named with its operation, and the status is 1.",
    .opts = WF_OPTS_DRIVE,
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
