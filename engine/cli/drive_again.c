/* drive_again.c: the settings and the world of an earlier run, for whoever goes on with it or comes after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/drive.h"

void wf_drive_keep_settings(struct wf_invocation *inv, const jv *meta)
{
    jv kept = wf_val_get(meta, "settings");
    if (jv_is_valid(kept))
        wf_config_set_kept(inv->config, &kept);
    jv_free(kept);
}

const char *wf_drive_locked_by(const jv *meta)
{
    return wf_val_string(meta, "lock", wf_val_string(meta, "file", NULL));
}

/* Its lock, and the stand-ins of the rehearsal again, with the state they had. */
int wf_drive_again(struct wf_drive *drive, const jv *meta)
{
    int status = wf_drive_lock(drive, wf_drive_locked_by(meta));
    if (status)
        return status;
    snprintf(drive->world_id, sizeof drive->world_id, "%s", wf_val_string(meta, "world", drive->run_id));
    jv sandbox = wf_val_get(meta, "sandbox");
    if (jv_get_kind(sandbox) != JV_KIND_OBJECT) {
        jv_free(sandbox);
        return 0;
    }
    jv programs = wf_val_get(&sandbox, "programs");
    size_t count = jv_get_kind(programs) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(programs)) : 0;
    char **names = wf_calloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        jv name = jv_array_get(jv_copy(programs), (int)i);
        names[i] = wf_strdup(jv_get_kind(name) == JV_KIND_STRING ? jv_string_value(name) : "");
        jv_free(name);
    }
    char *state = drive->ephemeral ? NULL : wf_sandbox_state(drive->inv->config, drive->world_id);
    struct wf_err err = {0};
    const struct wf_sandbox_plan plan = {
        .profile = wf_val_string(&sandbox, "profile", "none"),
        .seed = wf_val_string(&sandbox, "seed", NULL),
        .real_clock = strcmp(wf_val_string(&sandbox, "clock", "virtual"), "real") == 0,
        .state = state,
    };
    int rc =
        wf_sandbox_start(&drive->world, drive->inv->config, &plan, (const char *const *)names, &drive->sandbox, &err);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(state);
    jv_free(programs);
    jv_free(sandbox);
    if (wf_signals_came())
        return wf_signals_leave();
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

/* ---- a run that comes after another ---- */

/* A rehearsal's stand-ins forget when their run is over. */
int wf_drive_world(struct wf_drive *drive, const struct wf_state_run *run)
{
    wf_signals_watch(false);
    jv sandbox = wf_val_get(&run->meta, "sandbox");
    if (jv_get_kind(sandbox) == JV_KIND_OBJECT)
        wf_signals_defer();
    jv_free(sandbox);
    snprintf(drive->world_id, sizeof drive->world_id, "%s", run->id);
    int status = wf_drive_again(drive, &run->meta);
    if (status || !drive->sandbox || !wf_sandbox_is_lost(drive->sandbox))
        return status;
    fprintf(stderr,
        "wfrun: run %s was a rehearsal, and its world ended with it\n"
        "  hint: to rehearse what comes after a run, start the stand-in yourself and give its URL: --sandbox=URL\n",
        run->id);
    return WF_EXIT_FAULT;
}

static bool is_run(struct wf_state *state, const char *id)
{
    struct wf_state_run run;

    if (!wf_state_has(state, id, &run))
        return false;
    wf_state_run_done(&run);
    return true;
}

static int take_given(struct wf_state *state, const char *id, char ret_id[101])
{
    if (!wf_run_id_is_valid(id)) {
        fprintf(stderr, "wfrun: --run-id %s: an id has 1 to 100 of letters, digits, dot, hyphen, underscore\n", id);
        return WF_EXIT_USAGE;
    }
    if (is_run(state, id)) {
        fprintf(stderr, "wfrun: --run-id %s: there is such a run already\n", id);
        return WF_EXIT_USAGE;
    }
    snprintf(ret_id, 101, "%s", id);
    return 0;
}

int wf_drive_successor(
    struct wf_state *state, const char *given, const char *run_id, const char *word, char ret_id[101])
{
    if (given)
        return take_given(state, given, ret_id);
    for (unsigned number = 1;; number++) {
        char *id = wf_asprintf("%s-%s-%u", run_id, word, number);
        bool fits = strlen(id) <= 100;
        if (fits)
            snprintf(ret_id, 101, "%s", id);
        else
            wf_uuid_random(ret_id);
        free(id);
        if (!fits || !is_run(state, ret_id))
            return 0;
    }
}
