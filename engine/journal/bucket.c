/* bucket.c: token buckets in memory. See bucket.h. */
#include "config.h" /* _GNU_SOURCE: tdestroy */

#include "journal/bucket.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct bucket {
    char *key;
    int64_t due_us;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct bucket *)a)->key, ((const struct bucket *)b)->key);
}

static struct bucket *bucket_of(struct wf__buckets *buckets, const char *key)
{
    struct bucket wanted = {.key = (char *)(uintptr_t)key}, *made;
    struct bucket **found = tfind(&wanted, &buckets->by_key, by_key);

    if (found)
        return *found;
    made = wf_calloc(1, sizeof *made);
    made->key = wf_strdup(key);
    (void)tsearch(made, &buckets->by_key, by_key);
    return made;
}

int64_t wf__bucket_wake_ms(const struct wf_rate *rate, int64_t due_us, int64_t now_ms)
{
    int64_t wake_us = due_us - rate->interval_us * rate->burst;

    return wake_us <= now_ms * 1000 ? now_ms : (wake_us + 999) / 1000;
}

int64_t wf__bucket_take(struct wf__buckets *buckets, const struct wf_rate *rate, int64_t now_ms)
{
    struct bucket *bucket = bucket_of(buckets, rate->key);

    if (bucket->due_us < now_ms * 1000)
        bucket->due_us = now_ms * 1000;
    bucket->due_us += rate->interval_us;
    return wf__bucket_wake_ms(rate, bucket->due_us, now_ms);
}

static void bucket_free(void *arg)
{
    struct bucket *bucket = arg;

    free(bucket->key);
    free(bucket);
}

void wf__buckets_done(struct wf__buckets *buckets)
{
    tdestroy(buckets->by_key, bucket_free);
    buckets->by_key = NULL;
}
