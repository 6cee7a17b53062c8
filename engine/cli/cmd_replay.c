/* cmd_replay.c: `wfrun replay`: walks through a run again by what its journal says, and touches nothing. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "cli/bundle_file.h"
#include "cli/drive.h"
#include "cli/state_file.h"
#include "run/run.h"

#define TOLD_MAX 20

struct replay {
    struct wf_drive drive; /* first: what is told of it leads here */
    jv steps;              /* an object whose keys are the paths of those that it came to */
    size_t differences;
    char *stands_at; /* the first operation that the journal does not have */
};

static void differs(struct replay *replay, const char *path, const char *why)
{
    if (++replay->differences <= TOLD_MAX)
        fprintf(stderr, "wfrun: it differs at %s: %s\n", path, why);
}

static void replayed(struct wf_drive *drive, const char *path, const char *why)
{
    struct replay *replay = (struct replay *)drive;
    if (!why) {
        replay->stands_at = wf_strdup(path);
        return;
    }
    replay->steps = jv_object_set(replay->steps, jv_string(path), jv_true());
    if (*why)
        differs(replay, path, why);
}

/* ---- the run ---- */

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

/* ---- what came of it ---- */

/* Steps of the journal that the run did not come to. A step's own facts stand behind a '#'. */
static void tell_more(struct replay *replay, const struct wf_bundle *bundle)
{
    for (size_t i = 0; i < bundle->nrows; i++) {
        const struct wf_log_row *row = &bundle->rows[i];
        if (strcmp(row->kind, "step") == 0 && strcmp(row->state, "intent") != 0 &&
            !jv_object_has(jv_copy(replay->steps), jv_string(row->path)))
            differs(replay, row->path, "the journal has it, and the run does not come to it");
    }
    if (replay->differences > TOLD_MAX)
        fprintf(stderr, "wfrun: and at %zu more\n", replay->differences - TOLD_MAX);
}

/* As a JSON Pointer, the first place where two values are not the same; they are not. The caller frees. */
static char *first_difference(jv a, jv b)
{
    jv keys = jv_get_kind(a) == JV_KIND_OBJECT && jv_get_kind(b) == JV_KIND_OBJECT
                  ? jv_keys(jv_object_merge(jv_copy(a), jv_copy(b)))
              : jv_get_kind(a) == JV_KIND_ARRAY && jv_get_kind(b) == JV_KIND_ARRAY ? jv_copy(a)
                                                                                   : jv_array();
    bool list = jv_get_kind(a) == JV_KIND_ARRAY;
    char *place = NULL;
    for (int i = 0, count = jv_array_length(jv_copy(keys)); i < count && !place; i++) {
        jv key = list ? jv_number(i) : jv_array_get(jv_copy(keys), i);
        jv one = jv_get(jv_copy(a), jv_copy(key)), other = jv_get(jv_copy(b), jv_copy(key));
        if (jv_equal(jv_copy(one), jv_copy(other))) {
            jv_free(one);
            jv_free(other);
        } else {
            char *inner = first_difference(one, other);
            place = list ? wf_asprintf("/%d%s", i, inner) : wf_asprintf("/%s%s", jv_string_value(key), inner);
            free(inner);
        }
        jv_free(key);
    }
    jv_free(keys);
    jv_free(a);
    jv_free(b);
    return place ? place : wf_strdup("");
}

/* Of a run that ended in the same way: did it end with the same? */
static void compare_end(struct replay *replay, const struct wf_bundle *bundle)
{
    const jv *now = &replay->drive.value;
    jv then;
    if (!bundle->output.ptr || wf_val_parse_long(bundle->output.ptr, bundle->output.len, INT_MAX - 1, &then, NULL) != 0)
        return;
    if (jv_equal(jv_copy(then), jv_copy(*now))) {
        jv_free(then);
        return;
    }
    char *place = first_difference(then, jv_copy(*now));
    char *where = wf_asprintf("the end%s%s", *place ? ", in " : "", place);
    differs(replay, where,
        bundle->chain.status == WF_RUN_COMPLETED ? "it is another output than the run had"
                                                 : "it is another error than the run had");
    free(where);
    free(place);
}

static bool is_over(const struct wf_bundle *bundle)
{
    return bundle->chain.status == WF_RUN_COMPLETED || bundle->chain.status == WF_RUN_FAULTED;
}

static int tell_same(const struct replay *replay, const struct wf_bundle *bundle)
{
    const struct wf_drive *drive = &replay->drive;
    struct wf_err err = {0};
    fprintf(stderr, "wfrun: run %s replayed from %zu records", drive->run_id, bundle->nrows);
    if (!is_over(bundle)) {
        fprintf(stderr, ", to where it was %s%s%s\n", wf_run_status_name(bundle->chain.status),
            replay->stands_at ? ": " : "", replay->stands_at ? replay->stands_at : "");
        return WF_EXIT_OK;
    }
    fprintf(stderr, ": it %s again, with the same %s\n", wf_run_status_name(bundle->chain.status),
        bundle->chain.status == WF_RUN_COMPLETED ? "output" : "error");
    return wf_output_write(stdout, drive->form, &drive->value, wf_drive_reporter(drive), &err) < 0
               ? wf_complain(&err, WF_EXIT_FAULT)
               : WF_EXIT_OK;
}

static int tell(struct replay *replay, const struct wf_bundle *bundle)
{
    struct wf_drive *drive = &replay->drive;
    enum wf_run_status expected = is_over(bundle) ? bundle->chain.status : WF_RUN_WAITING;
    bool same = drive->status == expected;
    if (same && is_over(bundle))
        compare_end(replay, bundle);
    tell_more(replay, bundle);
    if (same && !replay->differences)
        return tell_same(replay, bundle);
    if (same)
        fprintf(stderr, "wfrun: the replay of run %s is not what the run was\n", drive->run_id);
    else if (drive->status == WF_RUN_WAITING && replay->stands_at)
        fprintf(stderr, "wfrun: the run %s %s, and its replay is at an operation that the journal does not have: %s\n",
            drive->run_id, wf_run_status_name(bundle->chain.status), replay->stands_at);
    else
        fprintf(stderr, "wfrun: the run %s was %s, and its replay is %s\n", drive->run_id,
            wf_run_status_name(bundle->chain.status), wf_run_status_name(drive->status));
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
        replay.steps = jv_object();
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
        jv_free(replay.steps);
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
