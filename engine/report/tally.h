/* tally.h: the counts behind the progress: loops, their iterations under way, how fast it goes. Loop thread. */
#ifndef WF_REPORT_TALLY_H
#define WF_REPORT_TALLY_H

#include "run/run.h"

/* An iteration that is being worked on. */
struct wf_tally_item {
    struct wf_tally_item *next;
    size_t index;        /* what happens inside has a path of the loop's, "/for/", index, "/" */
    char *label, *doing; /* doing: the step or its own words; may be NULL */
    int64_t done, total; /* of the step, or of a loop inside; total 0: unknown */
    int64_t started_ms;  /* steady clock */
};

/* The outermost loop that runs now. */
struct wf_tally {
    char *title, *path;          /* NULL: no loop has begun */
    int64_t total, done, failed; /* done: ended, failed ones among them */
    int64_t fresh;               /* of done, those that ended in this activation */
    int64_t started_ms;
    struct wf_tally_item *items, **end, *last; /* oldest first; end: where the next one goes; last: that ended */
    size_t nitems;
};

enum wf_tally_change {
    WF_TALLY_NOTHING,
    WF_TALLY_UPDATED, /* a number or a word */
    WF_TALLY_BEGUN,   /* a loop */
    WF_TALLY_ENDED,   /* an iteration: *ret_ended is it, until the next call */
};

void wf_tally_done(struct wf_tally *);
enum wf_tally_change wf_tally_event(struct wf_tally *, const struct wf_event *, const struct wf_tally_item **ret_ended);
double wf_tally_rate(const struct wf_tally *);     /* iterations a second; 0: too early to say */
int64_t wf_tally_left_ms(const struct wf_tally *); /* estimate; -1: too early to say */
/* "1.2 s", "3 min 4 s": into text of at least 32 bytes; returns it. */
const char *wf_span_text(int64_t ms, char *text);

#endif
