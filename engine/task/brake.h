/* brake.h: how a `for` is held back: it goes on in waves, between two of them stands a gate, and it ends when too many
 * items have failed. Loop thread. */
#ifndef WF_TASK_BRAKE_H
#define WF_TASK_BRAKE_H

#include "task/task.h"

#define WF_BRAKE_SLOT (SIZE_MAX - 1) /* of the wish for a word; below it are the iterations */

struct wf_brake {
    size_t total;
    size_t *bounds; /* items at the end of each wave, growing; the last is total */
    size_t waves, wave;
    bool tolerant; /* a failed item is not at once the loop's fault */
    size_t allowed, failed;
    char *reasons;              /* the first ones; NULL: none */
    int64_t interval_us, burst; /* of the rate */
};

/* -1: the settings make no sense, with an error object. */
int wf_brake_init(struct wf_brake *, struct wf_frame *, size_t total, jv *ret_error);
void wf_brake_done(struct wf_brake *);
/* Items that may have started by now. */
size_t wf_brake_bound(const struct wf_brake *);

/* What an iteration has to wait for before it begins. 1: something; 0: nothing; -1: it cannot be told, with an error
 * object. */
int wf_brake_turn(struct wf_brake *, struct wf_frame *, struct wf_scope *, size_t index, const jv *data,
    struct wf_turn *ret, jv *ret_error);

/* Has the item failed, by what its iteration left? Then why, as an error object. */
bool wf_brake_judge(struct wf_frame *, struct wf_scope *, size_t index, bool faulted, const jv *value, jv *ret_error);
/* Count a failed item and keep why; label: NULL, or what people call it. Consumes error. */
void wf_brake_failed(struct wf_brake *, struct wf_frame *, size_t index, const char *label, jv error);
bool wf_brake_is_exceeded(const struct wf_brake *);
jv wf_brake_fault(const struct wf_brake *, struct wf_frame *, size_t begun);

/* All of this wave have ended: outputs as they are so far. 1: the next may begin; 0: not before WF_BRAKE_SLOT wakes;
 * -1: it shall not, with an error object. */
int wf_brake_gate(struct wf_brake *, struct wf_frame *, const jv *outputs, jv *ret_error);
/* What came at WF_BRAKE_SLOT. 0: the next wave may begin; -1: it shall not. Consumes word. */
int wf_brake_decided(struct wf_brake *, struct wf_frame *, jv word, jv *ret_error);

#endif
