/* brake.h: how a `for` is held back: it goes on in waves, and between two of them stands a gate. Loop thread. */
#ifndef WF_TASK_BRAKE_H
#define WF_TASK_BRAKE_H

#include "task/task.h"

#define WF_BRAKE_SLOT (SIZE_MAX - 1) /* of the wish for a word; below it are the iterations */

struct wf_brake {
    size_t total;
    size_t *bounds; /* items at the end of each wave, growing; the last is total */
    size_t waves, wave;
};

/* -1: the settings make no sense, with an error object. */
int wf_brake_init(struct wf_brake *, struct wf_frame *, size_t total, jv *ret_error);
void wf_brake_done(struct wf_brake *);
size_t wf_brake_bound(const struct wf_brake *); /* items that may have started */
/* All of this wave have ended: outputs as they are so far. 1: the next may begin; 0: not before WF_BRAKE_SLOT wakes;
 * -1: it shall not, with an error object. */
int wf_brake_gate(struct wf_brake *, struct wf_frame *, const jv *outputs, jv *ret_error);
/* What came at WF_BRAKE_SLOT. 0: the next wave may begin; -1: it shall not. Consumes word. */
int wf_brake_decided(struct wf_brake *, struct wf_frame *, jv word, jv *ret_error);

#endif
