/* bell.h: one pending call on the loop, however often it is rung; safe to ring while its owner goes away. */
#ifndef WF_JOURNAL_BELL_H
#define WF_JOURNAL_BELL_H

struct wf_loop;
struct wf__bell;

/* answer(arg) is called on the loop thread after each ring, once for rings that came together. */
struct wf__bell *wf__bell_new(struct wf_loop *, void (*answer)(void *arg), void *arg);
void wf__bell_ring(struct wf__bell *); /* any thread */
/* Loop thread, when no other thread rings any more. answer is not called again. */
void wf__bell_free(struct wf__bell *);

#endif
