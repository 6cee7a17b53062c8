/* retry.c: the arithmetic of retry policies. */
#include "task/retry.h"

#include <stdio.h>

int64_t wf_retry_delay(enum wf_backoff backoff, int64_t delay_ms, int64_t n)
{
    int64_t factor = 1;

    if (backoff == WF_BACKOFF_LINEAR)
        factor = n;
    else if (backoff == WF_BACKOFF_EXPONENTIAL)
        factor = n > 40 ? (int64_t)1 << 40 : (int64_t)1 << (n - 1);
    if (delay_ms <= 0)
        return 0;
    return factor > WF_RETRY_MAX_MS / delay_ms ? WF_RETRY_MAX_MS : delay_ms * factor;
}

static int jitter(struct wf_frame *frame, const struct wf_retry_def *retry, int64_t *delay_ms, jv *ret_error)
{
    struct wf_duration from, to;
    int64_t low, span;

    if (!retry->has_jitter)
        return 0;
    if (wf_frame_duration(frame, &retry->jitter_from, &from, ret_error) != 0 ||
        wf_frame_duration(frame, &retry->jitter_to, &to, ret_error) != 0)
        return -1;
    low = wf_duration_ms(from);
    span = wf_duration_ms(to) - low;
    *delay_ms += low + (span > 0 ? (int64_t)(wf_random_u64() % (uint64_t)(span + 1)) : 0);
    return 0;
}

int wf_retry_next(
    struct wf_frame *frame, const struct wf_retry_def *retry, int64_t n, int64_t *ret_wake_ms, jv *ret_error)
{
    struct wf_duration base, limit;
    int64_t delay_ms;
    char name[40];

    if (retry->has_count && n > retry->count)
        return 0;
    if (wf_frame_duration(frame, &retry->delay, &base, ret_error) != 0)
        return -1;
    delay_ms = wf_retry_delay(retry->backoff, wf_duration_ms(base), n);
    if (jitter(frame, retry, &delay_ms, ret_error) != 0)
        return -1;
    *ret_wake_ms = wf_frame_now(frame) + delay_ms;
    if (!retry->has_duration)
        return 1;
    if (wf_frame_duration(frame, &retry->duration, &limit, ret_error) != 0)
        return -1;
    /* Whether there is another attempt hangs on clock and chance: it is decided once. */
    snprintf(name, sizeof name, "retry/%lld/wake", (long long)n);
    *ret_wake_ms = wf_frame_fact_ms(frame, name, *ret_wake_ms);
    return *ret_wake_ms <= wf_frame_fact_now(frame, "attempt/first") + wf_duration_ms(limit);
}
