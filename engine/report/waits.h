/* waits.h: what of a run waits for a person's word. Loop thread; blocks for a query. */
#ifndef WF_REPORT_WAITS_H
#define WF_REPORT_WAITS_H

#include "report/state.h"

struct wf_wait_item {
    jv note;                               /* as docs/journal.md has it */
    const char *path, *task, *need, *what; /* of the note; need: "pause" or "approval" */
    int64_t since_ms;
};
struct wf_waits {
    struct wf_wait_item *items;
    size_t count;
};
int wf_waits_read(
    const struct wf_backend_ops *, struct wf_backend *, const char *run_id, struct wf_waits *ret, struct wf_err *);
void wf_waits_done(struct wf_waits *);
void wf_waits_print(FILE *, const struct wf_waits *);
/* What it takes for it to go on, as half a sentence ("it needs an approval ..."). The caller frees. */
char *wf_wait_needs(const struct wf_wait_item *);
jv wf_waits_json(const struct wf_waits *);
/* What to type next: "approve RUN" or "resume RUN". The caller frees. */
char *wf_waits_command(const struct wf_waits *, const char *run_id);
bool wf_wait_is_approval(const struct wf_wait_item *);

#endif
