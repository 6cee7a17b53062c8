/* state.h: the journal, opened for questions, and what it says of a run. Loop thread; blocks for a query. */
#ifndef WF_REPORT_STATE_H
#define WF_REPORT_STATE_H

#include <stdio.h>

#include "journal/journal.h"
#include "value/val.h"

/* The journal opened for questions or control; no run is driven. */
struct wf_state {
    const struct wf_backend_ops *ops;
    struct wf_backend *backend;
    struct wf_loop *loop;
    char *file;
};

struct wf_state_run {
    char id[101];
    char *namespace_, *name, *version;
    enum wf_run_status status;
    bool held;
    bool imported; /* another journal's: to be looked at */
    int64_t owner; /* of a held run: the process; 0: unknown */
    int64_t started_ms, updated_ms;
    uint64_t records;
    uint8_t definition[WF_SHA256_SIZE];
    jv input, meta, output; /* output: invalid when there is none */
};
/* By id or an unambiguous beginning of one. WF_ENOTFOUND, also when several begin so. */
int wf_state_find(struct wf_state *, const char *id, struct wf_state_run *ret, struct wf_err *);
void wf_state_run_done(struct wf_state_run *);
/* By its whole id, not only the beginning of one. False: there is none, as when it was noted and never begun. */
bool wf_state_has(struct wf_state *, const char *id, struct wf_state_run *ret);
/* The runs that the notes of a run name: key is what stands before the id. */
struct wf_run_ids {
    char **items;
    size_t count;
};
int wf_state_noted(struct wf_state *, const char *run_id, const char *key, struct wf_run_ids *ret, struct wf_err *);
void wf_run_ids_done(struct wf_run_ids *);
bool wf_run_id_is_valid(const char *); /* 1 to 100 of letters, digits, dot, hyphen, underscore */
bool wf_state_is_final(enum wf_run_status);

/* What waits for a person. */
struct wf_doubt {
    char *path, *task, *step, *key, *why; /* key: the idempotency key that the remote side was given */
    int64_t since_ms;
};
struct wf_doubts {
    struct wf_doubt *items;
    size_t count;
};
int wf_state_doubts(
    const struct wf_backend_ops *, struct wf_backend *, const char *run_id, struct wf_doubts *ret, struct wf_err *);
void wf_doubts_done(struct wf_doubts *);
/* With the command to type for each; once the run is over, none changes it any more. */
void wf_doubts_print(FILE *, const struct wf_doubts *, const char *run_id, bool is_over);

/* One note of a run; invalid: there is none, or it cannot be read. */
jv wf_state_note(const struct wf_backend_ops *, struct wf_backend *, const char *run_id, const char *key);
/* Items that failed within the budgets of their loops, of a run that completed; 0 also when it cannot be read. */
size_t wf_state_failed_items(const struct wf_backend_ops *, struct wf_backend *, const char *run_id);

#endif
