/* plan.h: a plan that is being applied: which effects it has, found again by what they are computed from. Loop thread.
 *
 * An item is recognised by its step and its facts, not by its place: facts name what they are about, so a customer that
 * has come in between and shifts every place after it changes nothing for the others. */
#ifndef WF_RUN_PLAN_H
#define WF_RUN_PLAN_H

#include "run/run.h"

#define WF_PLAN_MAX ((size_t)256 << 20) /* bytes of its canonical form: some 400,000 items of a migration */

struct wf_plan;

/* From the JSON text of a plan file, as far as applying needs it. WF_EINVAL with words when it is none. */
int wf_plan_read(const char *text, size_t len, struct wf_plan **ret, struct wf_err *);
void wf_plan_free(struct wf_plan *);

/* Take the item that the step says it would do now. NULL: it was planned so, and is used up. Else why it must not be
 * done, in words that the caller frees. path: of the operation, to tell what was planned there instead. */
char *wf_plan_take(struct wf_plan *, const char *step, const char *path, const struct wf_quote *);

/* What the plan has for an item, by the beginning of its paths ("": all): how many effects, their cost, whose. The caller
 * frees. */
char *wf_plan_describe(const struct wf_plan *, const char *item);
/* What it has and was not done: {"count", "items": [{"label", "step", "words"}, ...]}, the first max of them. Invalid:
 * all was done. */
jv wf_plan_undone(const struct wf_plan *, size_t max);

#endif
