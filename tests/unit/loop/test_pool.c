/* test_pool.c: jobs on worker threads, and what they mean for the virtual clock. */
#include <semaphore.h>
#include <stdatomic.h>

#include "base/err.h"
#include "loop/loop.h"
#include "loop/pool.h"
#include "suites.h"

static struct wf_loop *loop;
static struct wf_pool *pool;
static atomic_int worked;
static int ended, wanted;
static sem_t gate;

static void begin(unsigned most)
{
    loop = wf_loop_new();
    pool = wf_pool_new(loop, most, (size_t)256 * 1024);
    atomic_store(&worked, 0);
    ended = 0;
    sem_init(&gate, 0, 0);
}

static void end(void)
{
    wf_pool_free(pool);
    wf_loop_free(loop);
    sem_destroy(&gate);
}

static void count_work(struct wf_job *job)
{
    (void)job;
    CU_ASSERT_FALSE(wf_loop_is_here(loop));
    atomic_fetch_add(&worked, 1);
}

static void count_done(struct wf_job *job)
{
    (void)job;
    CU_ASSERT_TRUE(wf_loop_is_here(loop));
    if (++ended == wanted)
        wf_loop_stop(loop);
}

static void every_job_is_worked_and_done_once(void)
{
    static struct wf_job jobs[2000];

    begin(4);
    wanted = 2000;
    for (int i = 0; i < wanted; i++) {
        jobs[i] = (struct wf_job){.work = count_work, .done = count_done};
        CU_ASSERT_EQUAL(wf_pool_submit(pool, &jobs[i]), 0);
    }
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(atomic_load(&worked), 2000);
    CU_ASSERT_EQUAL(ended, 2000);
    CU_ASSERT(wf_pool_threads(pool) <= 4);
    end();
}

static void a_thousand_jobs_one_after_the_other_need_few_threads(void)
{
    struct wf_job job = {.work = count_work, .done = count_done};

    begin(64);
    for (int i = 0; i < 1000; i++) {
        wanted = i + 1;
        CU_ASSERT_EQUAL(wf_pool_submit(pool, &job), 0);
        wf_loop_run(loop);
    }
    CU_ASSERT_EQUAL(ended, 1000);
    CU_ASSERT(wf_pool_threads(pool) <= 3);
    end();
}

static void wait_at_gate(struct wf_job *job)
{
    (void)job;
    sem_wait(&gate);
    atomic_fetch_add(&worked, 1);
}

static void open_gate(struct wf_timer *timer)
{
    (void)timer;
    CU_ASSERT_EQUAL(wf_pool_threads(pool), 8);
    for (int i = 0; i < 8; i++)
        sem_post(&gate);
}

static void blocked_jobs_run_beside_each_other(void)
{
    struct wf_job jobs[8];
    struct wf_timer timer = {0};

    begin(8);
    wanted = 8;
    for (int i = 0; i < wanted; i++) {
        jobs[i] = (struct wf_job){.work = wait_at_gate, .done = count_done};
        CU_ASSERT_EQUAL(wf_pool_submit(pool, &jobs[i]), 0);
    }
    wf_timer_start_real(loop, &timer, 5, open_gate);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(atomic_load(&worked), 8);
    end();
}

/* ---- the virtual clock ---- */

static int jumps;

static void jump_at_once(void *arg, int64_t now_ms)
{
    (void)arg;
    (void)now_ms;
    jumps++;
    wf_loop_jumped(loop);
}

static void wake_sleeper(struct wf_timer *timer)
{
    (void)timer;
    wf_loop_busy(loop, 1); /* on behalf of the worker that goes on */
    sem_post(&gate);
}

/* As the host's sleep: the worker lets go of its busy count while it is parked. */
static void sleep_virtually(struct wf_job *job)
{
    (void)job;
    wf_loop_busy(loop, -1);
    sem_wait(&gate);
}

static void a_job_that_waits_for_a_sleeping_thread_does_not_hold_the_clock(void)
{
    struct wf_job sleeper = {.work = sleep_virtually, .done = count_done};
    struct wf_job next = {.work = count_work, .done = count_done};
    struct wf_timer timer = {0};

    begin(1);
    wanted = 2;
    jumps = 0;
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    CU_ASSERT_EQUAL(wf_pool_submit(pool, &sleeper), 0);
    CU_ASSERT_EQUAL(wf_pool_submit(pool, &next), 0);
    wf_timer_start(loop, &timer, wf_loop_now_ms(loop) + 3600 * 1000, wake_sleeper);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(jumps, 1);
    CU_ASSERT_EQUAL(atomic_load(&worked), 1);
    end();
}

static void a_timer(struct wf_timer *timer)
{
    (void)timer;
    CU_FAIL("the clock jumped while a worker had work");
    wf_loop_stop(loop);
}

static void a_running_or_promised_job_holds_the_clock(void)
{
    static struct wf_job jobs[500];
    struct wf_timer timer = {0};

    begin(3);
    wanted = 500;
    wf_loop_set_jumper(loop, jump_at_once, NULL);
    wf_timer_start(loop, &timer, wf_loop_now_ms(loop) + 3600 * 1000, a_timer);
    for (int i = 0; i < wanted; i++) {
        jobs[i] = (struct wf_job){.work = count_work, .done = count_done};
        CU_ASSERT_EQUAL(wf_pool_submit(pool, &jobs[i]), 0);
    }
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(ended, 500);
    end();
}

static const struct wf_case cases[] = {
    {"every_job_is_worked_and_done_once", every_job_is_worked_and_done_once},
    {"a_thousand_jobs_one_after_the_other_need_few_threads", a_thousand_jobs_one_after_the_other_need_few_threads},
    {"blocked_jobs_run_beside_each_other", blocked_jobs_run_beside_each_other},
    {"a_job_that_waits_for_a_sleeping_thread_does_not_hold_the_clock",
        a_job_that_waits_for_a_sleeping_thread_does_not_hold_the_clock},
    {"a_running_or_promised_job_holds_the_clock", a_running_or_promised_job_holds_the_clock},
    {NULL, NULL},
};
const struct wf_suite pool_suite = {"pool", cases};
