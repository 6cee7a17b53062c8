/* drive.h: one run driven by this process, from start or resume to its end, and what is then said about it. Loop thread. */
#ifndef WF_CLI_DRIVE_H
#define WF_CLI_DRIVE_H

#include "base/log.h"
#include "cli/cmd.h"
#include "cli/events.h"
#include "cli/output.h"
#include "cli/planner.h"
#include "cli/progress.h"
#include "cli/register.h"
#include "cli/sandbox.h"
#include "cli/world.h"
#include "report/state.h"
#include "report/waits.h"

struct wf_drive {
    struct wf_invocation *inv;
    struct wf_world world;
    struct wf_engine *engine;
    struct wf_registry *registry;
    struct wf_sandbox *sandbox;
    struct wf_events *events;
    struct wf_progress *progress;
    struct wf_signals *signals;
    struct wf_planner *planner; /* not NULL: this is a planning run */
    struct wf_def *def;         /* of the run; known once it has begun */
    struct wf_def
        *sub; /* the last sub-workflow with a report that completed, and its output: they may be the run's too */
    jv sub_output;
    enum wf_form form;
    enum wf_progress_mode mode;
    enum wf_log_level log_level;
    bool ephemeral, summary; /* summary: a table at the end, on standard error */
    bool accepted, begun;    /* accepted: the journal has the run; begun: the engine has entered it */
    char run_id[101];
    char world_id[101]; /* the run whose rehearsal this one goes on in; "": its own */
    bool keep_world;    /* another run will go on in it */
    struct wf_doubts doubts;
    struct wf_waits waits;
    jv undone; /* of the plan that it applied; invalid: nothing */
    void (*replayed)(struct wf_drive *, const char *path, const char *why); /* of a replay; else NULL */
    size_t failed_items;
    /* how it ended */
    bool ended;
    enum wf_run_status status;
    jv value; /* output or error object; invalid: none */
    struct wf_err failure;
    int signo; /* that interrupted it; 0: none */
};

/* Options are understood, plugins can be found. 0, or an exit status after a word to standard error. */
int wf_drive_init(struct wf_drive *, struct wf_invocation *);
void wf_drive_done(struct wf_drive *);

/* drive_begin.c: what run, plan and apply have in common before a run begins. Each 0, or an exit status after words. */
int wf_drive_lock(struct wf_drive *, const char *path);    /* to the plugins of this workflow's lock file, if any */
int wf_drive_load(struct wf_drive *, const char *path);    /* the definition, under its lock */
int wf_drive_input(const struct wf_invocation *, jv *ret); /* --input and --set */
int wf_drive_sandbox(struct wf_drive *);                   /* --sandbox */
/* What `wfrun resume` must know. terms are consumed. */
jv wf_drive_meta(const struct wf_drive *, const char *file, jv terms);
int wf_drive_begin(struct wf_drive *, jv meta, jv input); /* both are consumed */

/* The engine with its journal. file: the workflow's, for its neighbours; NULL: none. 0 or an exit status. */
int wf_drive_open(struct wf_drive *, const char *file);
/* Run until it is over. */
void wf_drive_run(struct wf_drive *);
/* A plan was made with it: ready for a run in the same world. */
void wf_drive_after_plan(struct wf_drive *);
/* Run, and again after an approval that is given here; then report. An exit status. */
int wf_drive_go(struct wf_drive *);
/* What people must know of a run that is over or parked, from the journal. */
void wf_drive_read_notes(struct wf_drive *, const struct wf_backend_ops *, struct wf_backend *);
/* Output to standard output, all else to standard error; also for a run that ended in another process. */
int wf_drive_report(struct wf_drive *);
/* Whose report shows the output: the workflow's own, else that of the sub-workflow whose output it passes on. */
const struct wf_def *wf_drive_reporter(const struct wf_drive *);

/* drive_again.c; meta: of the earlier run. */
void wf_drive_keep_settings(struct wf_invocation *, const jv *meta); /* before wf_drive_init */
int wf_drive_again(struct wf_drive *, const jv *meta); /* its lock; its rehearsal, if it was one. 0 or an exit status */
/* The workflow whose lock it holds to: its own; a rollback's, that of the run that it takes back. May be NULL. */
const char *wf_drive_locked_by(const jv *meta);
/* A run that comes after another one, in the world of its rehearsal if it was one. 0 or an exit status. */
int wf_drive_world(struct wf_drive *, const struct wf_state_run *);
/* Its id: the one given, which may be NULL, else RUN-WORD-N that no run has yet. 0 or an exit status. */
int wf_drive_successor(struct wf_state *, const char *given, const char *run_id, const char *word, char ret_id[101]);

/* drive_signals.c: SIGINT, SIGTERM and SIGHUP end the run in good order; a second one ends the process at once. */
struct wf_signals *wf_signals_new(struct wf_drive *);
void wf_signals_free(struct wf_signals *);
void wf_signals_begun(struct wf_signals *); /* the engine has entered the run: what came earlier counts now */
/* Until then: a signal ends the process, as a cancelled or an interrupted one. After _defer, when there are stand-ins to
 * be stopped, it is noted, and a second one ends the process. */
void wf_signals_watch(bool ephemeral);
void wf_signals_defer(void);
bool wf_signals_came(void);
int wf_signals_leave(void); /* says so; the exit status */

#endif
