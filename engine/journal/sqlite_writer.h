/* sqlite_writer.h: the journal thread: everything that waits goes into one transaction, then the loop is told.
 *
 *     loop thread                          journal thread
 *     push, push, push -> [filling batch]
 *                          swap  ------->  BEGIN, INSERT ..., COMMIT (fdatasync)
 *     done  <------------ [stored batch] <- ring the bell
 *
 * A batch is one growing piece of memory that is used again, so that a record costs no allocation. The queue holds at
 * most WF__QUEUE_MAX bytes beside the batch being written: a loop that is further ahead of its disk waits in push. */
#ifndef WF_JOURNAL_SQLITE_WRITER_H
#define WF_JOURNAL_SQLITE_WRITER_H

#include "journal/bell.h"
#include "journal/chain.h"

#define WF__QUEUE_MAX ((size_t)32 << 20)

struct wf__writer;
struct wf__batch;

/* The run's side that the journal thread works with. */
struct wf__writer_run {
    int64_t num, epoch; /* fixed */
    uint64_t checked;   /* journal thread: the transaction in which the epoch was found right */
    int fenced;         /* journal thread: not 0: this and nothing later of the run is stored */
    /* The chain, from the activation on the journal thread's. */
    struct wf_link link;
    uint64_t records;
    bool linked;                 /* records were added in this transaction */
    struct wf__writer_run *next; /* that was linked */
};

struct wf__item {
    enum wf__item_kind {
        WF__ITEM_ROW,     /* an intent or outcome */
        WF__ITEM_NOTE,    /* row.path: its key; row.at_ms; row.json */
        WF__ITEM_END,     /* status; row.at_ms; row.json: the output; number: the last control that was delivered */
        WF__ITEM_USED,    /* number: a control that need not be delivered again */
        WF__ITEM_TOKEN,   /* row.path: who wants it; row.json: the bucket's key; row.at_ms; interval_us, burst. Comes
                             back with number: when the bucket's next token is due, in microseconds */
        WF__ITEM_NOTHING, /* only asks when everything before it is stored */
    } kind;
    int rc; /* pushed with not 0: refused, the run is fenced. Comes back as 0 or why it is not stored. */
    enum wf_run_status status;
    uint64_t token;
    int64_t number;
    int64_t interval_us, burst;
    struct wf__writer_run *run;
    struct wf__row row; /* copied by push */
};

/* Opens a connection of its own. stop_after: see struct wf_settings. */
int wf__writer_new(const char *file, uint64_t stop_after, struct wf__bell *, struct wf__writer **ret, struct wf_err *);
void wf__writer_push(struct wf__writer *, const struct wf__item *); /* loop thread */
void wf__writer_go(struct wf__writer *);                            /* loop thread: commit what was pushed, now */
/* Loop thread: the next batch whose fate is known, in the order of pushing, or NULL. Give it back with _reuse. */
struct wf__batch *wf__writer_done(struct wf__writer *);
void wf__writer_reuse(struct wf__writer *, struct wf__batch *);
struct wf__item *wf__batch_next(struct wf__batch *, struct wf__item *after); /* NULL: the first; ends with NULL */
/* Why nothing is written any more; code 0: all is well. Any thread. */
void wf__writer_failure(struct wf__writer *, struct wf_err *ret);
void wf__writer_stop(struct wf__writer *); /* loop thread: writes everything, ends the thread; _done works still */
void wf__writer_free(struct wf__writer *); /* after _stop; may be NULL */

#endif
