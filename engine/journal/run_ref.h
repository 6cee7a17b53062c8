/* run_ref.h: what an activation is to every backend: identity, the map of operations, timers. Loop thread. */
#ifndef WF_JOURNAL_RUN_REF_H
#define WF_JOURNAL_RUN_REF_H

#include "journal/opmap.h"

/* A backend's own struct begins with this one. */
struct wf_run_ref {
    struct wf_run_ref *next; /* in the backend's list of activations */
    struct wf_backend *backend;
    struct wf_loop *loop;
    const struct wf_engine_ops *engine;
    void *engine_arg;
    char *run_id;
    struct wf__opmap *map; /* the backend's */
    bool keep_texts;       /* of everything, because there is no other copy */
    bool activated;        /* the engine knows it */
    bool ending;           /* park or finish was asked for */
    bool lost;             /* the engine was told, or will be at once */
    struct wf__alarm *alarms;
};

void wf__ref_init(struct wf_run_ref *, struct wf_backend *, const struct wf_settings *, const char *run_id,
    struct wf__opmap *, bool keep_texts);
void wf__ref_done(struct wf_run_ref *); /* stops its timers; not the map */

/* Fills in time and, for an outcome, seq, and adds the row to the map. 1: new; 0: the map had it, then row->seq is that
 * of the first outcome; negative: refused, with words. */
int wf__ref_add(struct wf_run_ref *, struct wf__row *row, struct wf_err *);

/* These three are the backend's functions as they are. */
void wf__ref_lookup(struct wf_run_ref *, const char *path, struct wf_record *ret);
void wf__ref_timer(struct wf_run_ref *, const char *path, int64_t wake_ms);
void wf__ref_timer_stop(struct wf_run_ref *, const char *path);

void wf__ref_timer_move(struct wf_run_ref *, const char *path, int64_t wake_ms); /* unless it was stopped */

/* A copy that owns its texts. */
void wf__start_copy(struct wf_start *to, const struct wf_start *from);
void wf__start_done(struct wf_start *);

/* A note's JSON that takes the note away. */
bool wf__note_is_none(struct wf_slice json);

#endif
