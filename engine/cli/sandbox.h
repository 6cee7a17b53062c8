/* sandbox.h: --sandbox: the stand-ins of the plugins' remote sides, started, pointed at, and stopped. Loop thread.
 *
 * A stand-in is a program that a plugin's descriptor names. It is started with
 *     PROGRAM --port 0 --exit-with-parent --faults PROFILE [--seed SEED] [--state FILE]
 * and its standard input is a pipe that stays open as long as it is wanted. It answers with one line of JSON:
 *     {"url":URL, "config":{GROUP:{NAME:VALUE}}, "defaults":{GROUP:{NAME:VALUE}}, "secrets":{NAME:VALUE},
 *      "clock":URL, "now_ms":N}
 * A running one gives the same at URL/_sandbox/hello. config and secrets beat the user's own, so that nothing can reach
 * the real service; defaults are for what the user has not set. POST {"now_ms":N} to clock moves its time. */
#ifndef WF_CLI_SANDBOX_H
#define WF_CLI_SANDBOX_H

#include "cli/world.h"

struct wf_sandbox;

struct wf_sandbox_plan {
    const char *profile; /* none, realistic, hostile, or a URL */
    const char *seed;    /* may be NULL */
    bool real_clock;
    const char *state; /* beginning of the state files' names; NULL: kept in memory */
};

/* From --sandbox, --sandbox-seed, --sandbox-clock. 0: no sandbox is wanted; 1: *ret is filled; negative: a usage error. */
int wf_sandbox_plan(struct wf_config *, struct wf_sandbox_plan *ret, struct wf_err *);

/* Starts (or asks) the stand-ins. programs: NULL-terminated names; NULL: those of the loaded plugins. */
int wf_sandbox_start(struct wf_world *, struct wf_config *, const struct wf_sandbox_plan *, const char *const *programs,
    struct wf_sandbox **ret, struct wf_err *);
void wf_sandbox_stop(struct wf_sandbox *); /* NULL: nothing */
/* The beginning of the names of a run's state files; they lie beside the journal, so that a resumed rehearsal meets the
 * same world. The caller frees. */
char *wf_sandbox_state(struct wf_config *, const char *run_id);
bool wf_sandbox_is_lost(const struct wf_sandbox *); /* it was to go on from a state that is gone */
bool wf_sandbox_is_new(const struct wf_sandbox *);  /* no state file was there before */
/* Removes the state files. description: wf_sandbox_describe's. */
void wf_sandbox_forget(struct wf_config *, const char *run_id, const jv *description);
/* What resume needs: {"profile":...,"seed":...,"clock":...,"programs":[...]}. */
jv wf_sandbox_describe(const struct wf_sandbox *);

#endif
