/* bucket.h: token buckets in memory: how often something may happen, whoever does it. Loop thread.
 *
 * A bucket is one number: when its next token would be due if all came evenly. A full one lets `burst` through at once.
 * A token is taken when it is asked for, and says when it may be used, so those who wait need not ask again. */
#ifndef WF_JOURNAL_BUCKET_H
#define WF_JOURNAL_BUCKET_H

#include "journal/journal.h"

struct wf__buckets {
    void *by_key; /* tsearch tree */
};

/* When the token may be used. */
int64_t wf__bucket_take(struct wf__buckets *, const struct wf_rate *, int64_t now_ms);
/* The same, of a bucket that is kept elsewhere: due_us is what it holds after the token was taken. */
int64_t wf__bucket_wake_ms(const struct wf_rate *, int64_t due_us, int64_t now_ms);
void wf__buckets_done(struct wf__buckets *);

#endif
