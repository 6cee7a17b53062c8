/* suite_share.c: the promises of journal.h about what runs share: rates and locks, demanded of every backend. */
#include "suite.h"

/* Two runs in one journal; desk->ref is that of the second. */
static struct wf_run_ref *begin_two(struct desk *desk)
{
    struct wf_run_ref *first = desk_begin(desk, "run-1");

    desk_begin(desk, "run-2");
    return first;
}

/* ---- rates ---- */

static void a_full_bucket_lets_its_burst_through_at_once_and_then_one_each_interval(struct desk *desk)
{
    static const struct wf_rate rate = {.key = "partner", .interval_us = 50000, .burst = 3};
    int64_t before, after;

    desk_begin(desk, "run-1");
    before = wf_loop_now_ms(desk->loop);
    for (int i = 0; i < 5; i++)
        desk->ops->rate(desk->ref, (const char *const[]){"/0", "/1", "/2", "/3", "/4"}[i], &rate);
    desk_run(desk, 5);
    after = wf_loop_now_ms(desk->loop);
    DESK_TOLD(desk, "fired /0\nfired /1\nfired /2\nfired /3\nfired /4\n");
    CU_ASSERT_TRUE(after - before >= 2 * 50); /* of five the first three had not to wait */
}

static void a_bucket_is_shared_by_the_runs_and_each_key_has_its_own(struct desk *desk)
{
    static const struct wf_rate hourly = {.key = "partner", .interval_us = (int64_t)3600 * 1000000, .burst = 1},
                                other = {.key = "another", .interval_us = (int64_t)3600 * 1000000, .burst = 1};
    struct wf_run_ref *first = begin_two(desk);

    desk->ops->rate(first, "/a", &hourly);
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /a\n");
    desk->ops->rate(desk->ref, "/b", &hourly);
    desk->ops->rate(desk->ref, "/c", &other);
    desk_run(desk, 1);
    desk_rest(desk, 50);
    DESK_TOLD(desk, "fired /c\n");
}

static void a_token_that_nobody_waits_for_any_more_wakes_nobody(struct desk *desk)
{
    static const struct wf_rate rate = {.key = "partner", .interval_us = 20000, .burst = 1};

    desk_begin(desk, "run-1");
    desk->ops->rate(desk->ref, "/a", &rate);
    desk_run(desk, 1);
    desk_forget(desk);
    desk->ops->rate(desk->ref, "/b", &rate);
    desk->ops->timer_stop(desk->ref, "/b");
    desk->ops->rate(desk->ref, "/c", &rate);
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /c\n");
}

/* ---- locks ---- */

static void a_lock_is_held_by_one_and_given_on_in_the_order_of_asking(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk->ops->lock(desk->ref, "/a", "contoso");
    desk->ops->lock(desk->ref, "/b", "contoso");
    desk->ops->lock(desk->ref, "/c", "contoso");
    desk->ops->lock(desk->ref, "/d", "fabrikam");
    DESK_TOLD(desk, ""); /* never from inside the call */
    desk_run(desk, 2);
    desk_rest(desk, 20);
    CU_ASSERT_PTR_NOT_NULL(strstr(desk->told.ptr, "fired /a\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(desk->told.ptr, "fired /d\n"));
    CU_ASSERT_PTR_NULL(strstr(desk->told.ptr, "fired /b\n"));
    desk_forget(desk);
    desk->ops->unlock(desk->ref, "/a", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /b\n");
    desk->ops->unlock(desk->ref, "/b", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /c\n");
    desk->ops->unlock(desk->ref, "/c", "contoso");
    desk->ops->lock(desk->ref, "/a", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /a\n");
}

static void who_waits_no_more_is_passed_over(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk->ops->lock(desk->ref, "/a", "contoso");
    desk->ops->lock(desk->ref, "/b", "contoso");
    desk->ops->lock(desk->ref, "/c", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /a\n");
    desk->ops->unlock(desk->ref, "/b", "contoso");
    desk->ops->unlock(desk->ref, "/nobody", "contoso");
    desk->ops->unlock(desk->ref, "/a", "nothing");
    desk->ops->unlock(desk->ref, "/a", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /c\n");
}

static void the_end_of_a_run_lets_go_of_its_locks(struct desk *desk)
{
    struct wf_run_ref *first = begin_two(desk);

    desk->ops->lock(first, "/a", "contoso");
    desk->ops->lock(desk->ref, "/a", "contoso");
    desk_run(desk, 1);
    DESK_TOLD(desk, "fired /a\n");
    desk->ops->park(first, WF_RUN_WAITING, 99);
    desk_run(desk, 2);
    DESK_TOLD(desk, "stored 99 0\nfired /a\n");
}

#define PROMISES(X)                                                                                                    \
    X(a_full_bucket_lets_its_burst_through_at_once_and_then_one_each_interval)                                         \
    X(a_bucket_is_shared_by_the_runs_and_each_key_has_its_own)                                                         \
    X(a_token_that_nobody_waits_for_any_more_wakes_nobody)                                                             \
    X(a_lock_is_held_by_one_and_given_on_in_the_order_of_asking)                                                       \
    X(who_waits_no_more_is_passed_over)                                                                                \
    X(the_end_of_a_run_lets_go_of_its_locks)
SUITES_OF(PROMISES, share)
