/* test_loop.c: posts, timers and the jump of the virtual clock. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "suites.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static struct wf_loop *loop;
static char order[64];
static int fired, jumps;
static int64_t jumped_to;

static void begin(void)
{
    loop = wf_loop_new();
    order[0] = '\0';
    fired = jumps = 0;
    jumped_to = 0;
}

static void stop_post(void *arg)
{
    (void)arg;
    wf_loop_stop(loop);
}

static void stop_timer(struct wf_timer *timer)
{
    (void)timer;
    wf_loop_stop(loop);
}

static void count_timer(struct wf_timer *timer)
{
    (void)timer;
    fired++;
}

/* ---- posts ---- */

static char letters[][2] = {"a", "b", "c", "d"};

static void note(void *arg)
{
    strcat(order, arg);
}

static void post_more(void *arg)
{
    note(arg);
    wf_loop_post(loop, note, letters[3]);
    wf_loop_post(loop, stop_post, NULL);
}

static void posts_run_in_order(void)
{
    begin();
    wf_loop_post(loop, note, letters[0]);
    wf_loop_post(loop, post_more, letters[1]);
    wf_loop_post(loop, note, letters[2]);
    CU_ASSERT_STRING_EQUAL(order, "");
    wf_loop_run(loop);
    WF_ASSERT_TEXT(order, "abcd");
    wf_loop_free(loop);
}

static void take_back(void *arg)
{
    note(arg);
    wf_loop_unpost(loop, note, letters[2]); /* of this turn */
    wf_loop_unpost(loop, note, letters[3]); /* of this turn, too */
    wf_loop_post(loop, stop_post, NULL);
}

static void what_is_taken_back_is_not_called(void)
{
    begin();
    wf_loop_post(loop, note, letters[0]);
    wf_loop_post(loop, take_back, letters[1]);
    wf_loop_post(loop, note, letters[2]);
    wf_loop_post(loop, note, letters[3]);
    wf_loop_unpost(loop, note, letters[0]);
    wf_loop_run(loop);
    WF_ASSERT_TEXT(order, "b");
    wf_loop_free(loop);
}

static int counted;

static void count_post(void *arg)
{
    (void)arg;
    if (++counted == 4000)
        wf_loop_stop(loop);
}

static void *post_thousand(void *arg)
{
    for (int i = 0; i < 1000; i++)
        wf_loop_post(loop, count_post, arg);
    return NULL;
}

static void posts_of_other_threads_all_arrive(void)
{
    pthread_t threads[4];

    begin();
    counted = 0;
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, post_thousand, NULL), 0);
    wf_loop_run(loop);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(counted, 4000);
    wf_loop_free(loop);
}

/* ---- timers ---- */

struct named_timer {
    struct wf_timer timer;
    const char *name;
};

static void note_timer(struct wf_timer *timer)
{
    strcat(order, ((struct named_timer *)timer)->name);
}

static void timers_fire_by_time_then_by_start(void)
{
    struct named_timer t[] = {{.name = "c"}, {.name = "a"}, {.name = "d"}, {.name = "b"}, {.name = "x"}};
    struct wf_timer end = {0};

    begin();
    int64_t now_ms = wf_loop_now_ms(loop);
    wf_timer_start(loop, &t[0].timer, now_ms + 3, note_timer);
    wf_timer_start(loop, &t[1].timer, now_ms - 5, note_timer);
    wf_timer_start(loop, &t[2].timer, now_ms + 3, note_timer);
    wf_timer_start(loop, &t[3].timer, now_ms + 1, note_timer);
    wf_timer_start(loop, &t[4].timer, now_ms + 2, note_timer);
    wf_timer_stop(loop, &t[4].timer);
    wf_timer_stop(loop, &t[4].timer);
    wf_timer_start(loop, &end, now_ms + 10, stop_timer);
    wf_loop_run(loop);
    WF_ASSERT_TEXT(order, "abcd");
    CU_ASSERT(wf_loop_now_ms(loop) >= now_ms + 10);
    wf_loop_free(loop);
}

static void many_timers_moved_and_stopped_fire_once_each(void)
{
    static struct wf_timer timers[5000];
    struct wf_timer end = {0};

    begin();
    int64_t now_ms = wf_loop_now_ms(loop);
    for (size_t i = 0; i < 5000; i++)
        wf_timer_start(loop, &timers[i], now_ms + HOUR_MS + (int64_t)(i * 7919 % 5000), count_timer);
    for (size_t i = 0; i < 5000; i += 2)
        wf_timer_start(loop, &timers[i], now_ms - (int64_t)(i * 7919 % 5000), count_timer);
    for (size_t i = 1; i < 5000; i += 2)
        wf_timer_stop(loop, &timers[i]);
    wf_timer_start(loop, &end, now_ms + 1, stop_timer);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(fired, 2500);
    wf_loop_free(loop);
}

static void start_again_for_the_past(struct wf_timer *timer)
{
    if (++fired < 1000000)
        wf_timer_start(loop, timer, 0, start_again_for_the_past);
}

static void a_timer_that_is_always_due_does_not_starve_posts(void)
{
    struct wf_timer timer = {0};

    begin();
    wf_timer_start(loop, &timer, 0, start_again_for_the_past);
    wf_loop_post(loop, stop_post, NULL);
    wf_loop_run(loop);
    CU_ASSERT(fired < 10);
    wf_loop_free(loop);
}

/* ---- jumps ---- */

static void jump_at_once(void *arg, int64_t now_ms)
{
    (void)arg;
    jumps++;
    jumped_to = now_ms;
    wf_loop_jumped(loop);
}

static void a_wait_of_hours_takes_no_time(void)
{
    struct wf_timer first = {0}, second = {0};

    begin();
    int64_t start_ms = wf_clock_mono_ms(), now_ms = wf_loop_now_ms(loop);
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    wf_timer_start(loop, &first, now_ms + HOUR_MS, count_timer);
    wf_timer_start(loop, &second, now_ms + 24 * HOUR_MS, stop_timer);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(fired, 1);
    CU_ASSERT_EQUAL(jumps, 2);
    CU_ASSERT_EQUAL(jumped_to, now_ms + 24 * HOUR_MS);
    CU_ASSERT(wf_loop_now_ms(loop) >= now_ms + 24 * HOUR_MS);
    CU_ASSERT(wf_clock_mono_ms() - start_ms < 5000);
    wf_loop_free(loop);
}

static void end_busy(struct wf_timer *timer)
{
    (void)timer;
    CU_ASSERT_EQUAL(jumps, 0);
    wf_loop_busy(loop, -1);
}

static void no_jump_while_something_is_busy(void)
{
    struct wf_timer far_timer = {0}, work = {0};

    begin();
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    wf_loop_busy(loop, 1);
    wf_timer_start(loop, &far_timer, wf_loop_now_ms(loop) + HOUR_MS, stop_timer);
    wf_timer_start_real(loop, &work, 20, end_busy);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(jumps, 1);
    wf_loop_free(loop);
}

static void a_real_timer_is_not_jumped_to(void)
{
    struct wf_timer real = {0};

    begin();
    int64_t start_ms = wf_clock_mono_ms();
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    wf_timer_start_real(loop, &real, 20, stop_timer);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(jumps, 0);
    CU_ASSERT(wf_clock_mono_ms() - start_ms >= 20);
    wf_loop_free(loop);
}

static void finish_jump(struct wf_timer *timer)
{
    (void)timer;
    CU_ASSERT_EQUAL(fired, 0);
    wf_loop_jumped(loop);
}

static struct wf_timer slow_world;

static void jump_slowly(void *arg, int64_t now_ms)
{
    (void)arg;
    (void)now_ms;
    jumps++;
    wf_timer_start_real(loop, &slow_world, 20, finish_jump);
}

static void the_clock_waits_for_a_slow_jumper(void)
{
    struct wf_timer timer = {0}, end = {0};

    begin();
    memset(&slow_world, 0, sizeof slow_world);
    int64_t now_ms = wf_loop_now_ms(loop);
    wf_loop_set_jumper(loop, jump_slowly, NULL);
    wf_timer_start(loop, &timer, now_ms + HOUR_MS, count_timer);
    wf_timer_start(loop, &end, now_ms + HOUR_MS, stop_timer);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(fired, 1);
    CU_ASSERT_EQUAL(jumps, 1);
    wf_loop_free(loop);
}

/* A worker answers by a post and lets go of busy after it: whatever the moment, the answer is seen before a jump. */
static struct wf_timer deadline;
static int rounds;
static pthread_t round_thread;

static void answer(void *arg);

static void *work_then_answer(void *arg)
{
    wf_loop_post(loop, answer, arg);
    wf_loop_busy(loop, -1);
    return NULL;
}

static void too_late(struct wf_timer *timer)
{
    (void)timer;
    CU_FAIL("the clock jumped to the deadline while an answer was on its way");
    wf_loop_stop(loop);
}

static void start_round(void)
{
    wf_timer_start(loop, &deadline, wf_loop_now_ms(loop) + HOUR_MS, too_late);
    wf_loop_busy(loop, 1);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&round_thread, NULL, work_then_answer, NULL), 0);
}

static void answer(void *arg)
{
    (void)arg;
    wf_timer_stop(loop, &deadline);
    pthread_join(round_thread, NULL);
    if (++rounds == 500)
        wf_loop_stop(loop);
    else
        start_round();
}

static void no_answer_of_a_worker_is_jumped_over(void)
{
    begin();
    rounds = 0;
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    start_round();
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(rounds, 500);
    CU_ASSERT_EQUAL(jumps, 0);
    wf_loop_free(loop);
}

static void *release_soon(void *arg)
{
    struct timespec ms = {0, 20000000};

    nanosleep(&ms, NULL);
    wf_loop_busy(loop, -1);
    return arg;
}

static void the_last_busy_worker_wakes_the_loop_for_its_jump(void)
{
    struct wf_timer timer = {0};
    pthread_t thread;

    begin();
    int64_t start_ms = wf_clock_mono_ms();
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    wf_loop_busy(loop, 1);
    wf_timer_start(loop, &timer, wf_loop_now_ms(loop) + HOUR_MS, stop_timer);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, release_soon, NULL), 0);
    wf_loop_run(loop);
    CU_ASSERT(wf_clock_mono_ms() - start_ms < 5000);
    pthread_join(thread, NULL);
    wf_loop_free(loop);
}

static const struct wf_case cases[] = {
    {"posts_run_in_order", posts_run_in_order},
    {"what_is_taken_back_is_not_called", what_is_taken_back_is_not_called},
    {"posts_of_other_threads_all_arrive", posts_of_other_threads_all_arrive},
    {"timers_fire_by_time_then_by_start", timers_fire_by_time_then_by_start},
    {"many_timers_moved_and_stopped_fire_once_each", many_timers_moved_and_stopped_fire_once_each},
    {"a_timer_that_is_always_due_does_not_starve_posts", a_timer_that_is_always_due_does_not_starve_posts},
    {"a_wait_of_hours_takes_no_time", a_wait_of_hours_takes_no_time},
    {"no_jump_while_something_is_busy", no_jump_while_something_is_busy},
    {"a_real_timer_is_not_jumped_to", a_real_timer_is_not_jumped_to},
    {"the_clock_waits_for_a_slow_jumper", the_clock_waits_for_a_slow_jumper},
    {"no_answer_of_a_worker_is_jumped_over", no_answer_of_a_worker_is_jumped_over},
    {"the_last_busy_worker_wakes_the_loop_for_its_jump", the_last_busy_worker_wakes_the_loop_for_its_jump},
    {NULL, NULL},
};
const struct wf_suite loop_suite = {"loop", cases};
