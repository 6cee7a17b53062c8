/* drive.c: sets up a run's engine, lets it go, and takes everything down again. */
#include "cli/drive.h"
#include "cli/state_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/approve.h"
#include "cli/diag_print.h"
#include "run/run.h"

static int log_level(enum wf_log_level *ret, struct wf_err *err)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    const char *wanted = getenv("WFRUN_LOG");
    *ret = WF_LOGL_WARN;
    for (size_t i = 0; wanted && i < sizeof names / sizeof *names; i++) {
        if (strcmp(wanted, names[i]) == 0) {
            *ret = (enum wf_log_level)i;
            return 0;
        }
    }
    return wanted && *wanted ? wf_err_set(err, WF_EINVAL, "WFRUN_LOG=%s: there are error, warn, info and debug", wanted)
                             : 0;
}

/* As curl has it: each part may be empty, and an IPv6 address has brackets. */
static int check_connect_to(struct wf_config *config, struct wf_err *err)
{
    for (const char *const *text = wf_config_list(config, WF_OPT_CONNECT_TO); *text; text++) {
        size_t colons = 0;
        for (const char *p = *text; *p; p++)
            colons += *p == ':';
        if (colons < 3)
            return wf_err_set(err, WF_EINVAL, "--connect-to %s: it takes HOST:PORT:HOST2:PORT2", *text);
    }
    return 0;
}

int wf_drive_init(struct wf_drive *drive, struct wf_invocation *inv)
{
    struct wf_err err = {0};
    *drive = (struct wf_drive){.inv = inv, .value = jv_invalid(), .sub_output = jv_invalid(), .undone = jv_invalid()};
    if (log_level(&drive->log_level, &err) < 0 || check_connect_to(inv->config, &err) < 0 ||
        wf_form_parse(wf_config_text(inv->config, WF_OPT_OUTPUT), &drive->form, &err) < 0 ||
        wf_progress_mode_parse(wf_config_text(inv->config, WF_OPT_PROGRESS), stderr, &drive->mode, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    if (wf_opts_has(&inv->opts, WF_OPT_DETACH) && drive->mode == WF_PROGRESS_TTY)
        drive->mode = WF_PROGRESS_PLAIN; /* goes to a file */
    drive->summary = drive->mode == WF_PROGRESS_TTY || drive->mode == WF_PROGRESS_PLAIN;
    if (wf_world_init(&drive->world, inv->config, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    drive->progress = wf_progress_new(drive->mode, stderr, drive->world.loop);
    wf_log_set(drive->log_level, wf_progress_log, drive->progress);
    const char *events = wf_config_text(inv->config, WF_OPT_EVENTS);
    if (events && wf_events_open(events, &drive->events, &err) < 0) {
        wf_drive_done(drive);
        return wf_complain(&err, WF_EXIT_USAGE);
    }
    return 0;
}

/* The world of a rehearsal is kept as long as the run can go on in it. */
static void leave_sandbox(struct wf_drive *drive)
{
    bool over = drive->ended && !drive->failure.code && wf_state_is_final(drive->status);
    if (!drive->sandbox)
        return;
    jv description = wf_sandbox_describe(drive->sandbox);
    bool unused = !drive->accepted && wf_sandbox_is_new(drive->sandbox);
    wf_sandbox_stop(drive->sandbox);
    if (!drive->ephemeral && !drive->keep_world && (over || unused))
        wf_sandbox_forget(drive->inv->config, drive->world_id[0] ? drive->world_id : drive->run_id, &description);
    jv_free(description);
}

void wf_drive_done(struct wf_drive *drive)
{
    wf_signals_free(drive->signals);
    wf_engine_free(drive->engine);
    wf_def_unref(drive->def);
    wf_def_unref(drive->sub);
    jv_free(drive->sub_output);
    wf_registry_free(drive->registry);
    leave_sandbox(drive);
    wf_events_close(drive->events);
    wf_log_set(WF_LOGL_WARN, NULL, NULL);
    wf_progress_free(drive->progress);
    wf_planner_free(drive->planner);
    wf_doubts_done(&drive->doubts);
    wf_waits_done(&drive->waits);
    jv_free(drive->value);
    jv_free(drive->undone);
    wf_world_done(&drive->world);
}

/* ---- the engine's questions and news ---- */

static struct wf_def *find_def(void *arg, const char *namespace_, const char *name, const char *version)
{
    const struct wf_drive *drive = arg;
    return wf_registry_find(drive->registry, namespace_, name, version);
}

static const char *find_secret(void *arg, const char *name)
{
    const struct wf_drive *drive = arg;
    const char *json = wf_secrets_get(drive->world.secrets, name);
    return json || !drive->replayed ? json : "\"***\""; /* as the journal has them */
}

static void on_replayed(void *arg, const char *path, const char *why)
{
    struct wf_drive *drive = arg;
    drive->replayed(drive, path, why);
}

static void note_sub(struct wf_drive *drive, const struct wf_event *event)
{
    if (!event->def->report.ncolumns || !event->value)
        return;
    wf_def_unref(drive->sub);
    jv_free(drive->sub_output);
    drive->sub = wf_def_ref((struct wf_def *)(uintptr_t)event->def);
    drive->sub_output = jv_copy(*event->value);
}

static void on_event(void *arg, const struct wf_event *event)
{
    struct wf_drive *drive = arg;
    if (event->kind == WF_EV_WORKFLOW_STARTED && !drive->def && strcmp(event->run_id, drive->run_id) == 0)
        drive->def = wf_def_ref((struct wf_def *)(uintptr_t)event->def); /* resumed: the engine loaded it */
    if (event->kind == WF_EV_WORKFLOW_STARTED && drive->signals)
        wf_signals_begun(drive->signals);
    if (event->kind == WF_EV_WORKFLOW_COMPLETED)
        note_sub(drive, event);
    wf_progress_event(drive->progress, event);
    if (drive->planner)
        wf_planner_event(drive->planner, event);
    if (drive->events)
        wf_events_write(drive->events, event);
}

static void on_ended(
    void *arg, const char *run_id, enum wf_run_status status, const jv *value, const struct wf_err *err)
{
    struct wf_drive *drive = arg;
    if (strcmp(run_id, drive->run_id) != 0)
        return;
    drive->ended = true;
    drive->status = status;
    if (value)
        drive->value = jv_copy(*value);
    if (err)
        drive->failure = *err;
    wf_loop_stop(drive->world.loop);
}

static uint64_t stop_after(void)
{
    const char *text = getenv("WFRUN_TEST_STOP_AFTER"); /* docs/testing.md */
    return text ? strtoull(text, NULL, 10) : 0;
}

int wf_drive_open(struct wf_drive *drive, const char *file)
{
    struct wf_config *config = drive->inv->config;
    struct wf_err err = {0};
    char *state = drive->ephemeral ? NULL : wf_state_file(config);
    drive->registry = wf_registry_new(&drive->world, config, file);
    const struct wf_engine_settings settings = {
        .loop = drive->world.loop,
        .hosting = drive->world.hosting,
        .catalog = wf_catalog_steps(drive->world.catalog),
        .journal = drive->ephemeral ? &wf_journal_mem : &wf_journal_sqlite,
        .location = state,
        .stop_after = drive->planner ? 0 : stop_after(),
        .planning = drive->planner != NULL,
        .replayed = drive->replayed ? on_replayed : NULL,
        .find_def = find_def,
        .secret = find_secret,
        .event = on_event,
        .ended = on_ended,
        .arg = drive,
    };
    int rc = state ? wf_state_make_folder(state, &err) : 0;
    if (rc == 0)
        rc = wf_engine_new(&settings, &drive->engine, &err);
    free(state);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

/* ---- to the end ---- */

void wf_drive_read_notes(struct wf_drive *drive, const struct wf_backend_ops *ops, struct wf_backend *backend)
{
    struct wf_err err = {0};
    if (drive->status == WF_RUN_IN_DOUBT)
        wf_state_doubts(ops, backend, drive->run_id, &drive->doubts, &err);
    if (drive->status == WF_RUN_WAITING)
        wf_waits_read(ops, backend, drive->run_id, &drive->waits, &err);
    if (wf_state_is_final(drive->status))
        drive->undone = wf_state_note(ops, backend, drive->run_id, WF_NOTE_UNDONE);
    if (drive->status == WF_RUN_COMPLETED)
        drive->failed_items = wf_state_failed_items(ops, backend, drive->run_id);
}

void wf_drive_run(struct wf_drive *drive)
{
    drive->signals = wf_signals_new(drive);
    if (!drive->ended)
        wf_loop_run(drive->world.loop);
    wf_progress_stop(drive->progress);
    wf_drive_read_notes(
        drive, drive->ephemeral ? &wf_journal_mem : &wf_journal_sqlite, wf_engine_backend(drive->engine));
}

/* The end that it came to is forgotten: the run, or another one in the same world, is to be driven now. */
static void forget_end(struct wf_drive *drive)
{
    wf_signals_free(drive->signals);
    drive->signals = NULL;
    jv_free(drive->value);
    drive->value = jv_invalid();
    jv_free(drive->undone);
    drive->undone = jv_invalid();
    wf_waits_done(&drive->waits);
    drive->ended = drive->begun = false;
    wf_progress_free(drive->progress);
    drive->progress = wf_progress_new(drive->mode, stderr, drive->world.loop);
    wf_log_set(drive->log_level, wf_progress_log, drive->progress);
}

void wf_drive_after_plan(struct wf_drive *drive)
{
    forget_end(drive);
    wf_engine_free(drive->engine);
    wf_registry_free(drive->registry);
    wf_planner_free(drive->planner);
    wf_def_unref(drive->sub);
    jv_free(drive->sub_output);
    drive->engine = NULL;
    drive->registry = NULL;
    drive->planner = NULL;
    drive->sub = NULL;
    drive->sub_output = jv_invalid();
    drive->accepted = false;
}

int wf_drive_go(struct wf_drive *drive)
{
    struct wf_err err = {0};
    wf_drive_run(drive);
    while (!drive->failure.code && drive->status == WF_RUN_WAITING && wf_approve_here(drive)) {
        forget_end(drive);
        if (wf_engine_resume(drive->engine, drive->run_id, &err) < 0)
            return wf_complain(&err, wf_exit_of(&err));
        wf_drive_run(drive);
    }
    return wf_drive_report(drive);
}
