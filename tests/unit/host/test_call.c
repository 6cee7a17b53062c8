/* test_call.c: answers, deadlines, limits, and what the host tells a plugin. */
#include <string.h>

#include "base/clock.h"
#include "stage.h"
#include "suites.h"

static void a_step_is_told_about_its_call(void)
{
    stage_begin("tests/plugins");
    stage.next.attempt = 3;
    stage_call("good-about", "{}");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_SUCCEED);
    WF_ASSERT_TEXT(stage.output,
        "{\"run\":\"run-1\",\"task\":\"/do/0/x\",\"key\":\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\",\"attempt\":3,"
        "\"region\":\"eu\",\"unlisted\":null,\"secret\":{\"value\":\"hush\"},\"refused\":-1,\"left\":true}");
    stage_end();
}

static void expect_wrong(const char *step, const char *words)
{
    stage_begin("tests/plugins");
    stage_call(step, "{}");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL);
    WF_ASSERT_TEXT(stage.type, "runtime");
    CU_ASSERT_EQUAL(stage.status, 500);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, "plugin citizens"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, step));
    if (!strstr(stage.detail, words))
        WF_ASSERT_TEXT(stage.detail, words);
    stage_end();
}

static void a_wrong_answer_names_the_plugin(void)
{
    expect_wrong("bad-no-answer", "returned without an answer");
    expect_wrong("bad-json", "is wrong: ");
    expect_wrong("bad-deep", "is wrong: ");
    expect_wrong("bad-large", "it has 16777217 bytes and may have 16777216");
    expect_wrong("bad-kind", "it is not of the kind that was asked for (succeed, fail or retry)");
    expect_wrong("bad-schema", "/answer");
}

static void only_the_first_answer_counts(void)
{
    char log[1000];

    stage_begin("tests/plugins");
    stage_call("bad-twice", "{}");
    stage_turn(10);
    CU_ASSERT_EQUAL(stage.answers, 1);
    WF_ASSERT_TEXT(stage.output, "{\"answer\":1}");
    stage_last_log(log);
    WF_ASSERT_TEXT(log, "citizens: a second answer of the step bad-twice was refused (/do/0/x)");
    stage_end();
}

static void a_retry_is_passed_up(void)
{
    stage_begin("tests/plugins");
    stage_call("good-retry", "{}");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_RETRY);
    CU_ASSERT_EQUAL(stage.after_ms, 1500);
    CU_ASSERT_EQUAL(stage.status, 503);
    WF_ASSERT_TEXT(stage.type, "communication");
    WF_ASSERT_TEXT(stage.detail, "busy");
    stage_end();
}

static void what_a_step_does_not_offer_is_said(void)
{
    stage_begin("tests/plugins");
    stage.next.mode = WF_MODE_PLAN;
    stage_call("good-nap", "1");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL);
    WF_ASSERT_TEXT(stage.detail, "the step good-nap of the plugin citizens has no plan");
    stage_end();
}

/* ---- deadlines and cancelling ---- */

static void expect_timeout(const char *step, int64_t after_ms)
{
    stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + after_ms;
    stage_call(step, "3600000");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL);
    WF_ASSERT_TEXT(stage.type, "timeout");
    CU_ASSERT_EQUAL(stage.status, 408);
}

static void a_step_that_never_answers_times_out(void)
{
    stage_begin("tests/plugins");
    stage_call("good-cancels", "{}");
    int before = atoi(stage.output);
    expect_timeout("bad-never", 20);
    WF_ASSERT_TEXT(stage.detail, "the step bad-never of the plugin citizens did not answer before its deadline");
    stage.next.deadline_ms = 0;
    if (STAGE_APART) /* until its process is free for another call */
        stage_turn(100);
    stage_call("good-cancels", "{}");
    CU_ASSERT_EQUAL(atoi(stage.output), before + 1);
    stage_end();
}

static void a_late_answer_is_dropped(void)
{
    stage_begin("tests/plugins");
    expect_timeout("bad-deaf", 20);
    expect_timeout("bad-later", 20);
    stage_turn(200); /* both answer now */
    CU_ASSERT_EQUAL(stage.answers, 2);
    stage_end();
}

static void a_deadline_wakes_a_sleeper(void)
{
    stage_begin("tests/plugins");
    int64_t start_ms = wf_clock_mono_ms();
    expect_timeout("good-nap", 30);
    CU_ASSERT(wf_clock_mono_ms() - start_ms < 5000);
    stage_end();
}

static void a_deadline_in_the_past_starts_nothing(void)
{
    stage_begin("tests/plugins");
    expect_timeout("bad-later", -1);
    stage_end();
}

static void a_cancelled_call_answers_no_more(void)
{
    stage_begin("tests/plugins");
    wf_call_cancel(stage_start("bad-later", "{}"));
    wf_call_cancel(stage_start("bad-deaf", "{}"));
    wf_call_cancel(stage_start("good-nap", "3600000"));
    wf_call_cancel(stage_start("good-about", "{}"));
    stage_turn(200);
    CU_ASSERT_EQUAL(stage.answers, 0);
    stage_end();
}

/* ---- limits ---- */

static void call_many(const char *step, int count)
{
    stage.wait_for = stage.answers + count;
    for (int i = 0; i < count; i++)
        stage_start(step, "{}");
    wf_loop_run(stage.loop);
}

static void no_more_calls_than_max_parallel_run_at_once(void)
{
    stage_begin("tests/plugins");
    call_many("good-few", 40);
    CU_ASSERT_EQUAL(stage.answers, 40);
    /* Apart each process counts itself, and has one call at a time. */
    WF_ASSERT_TEXT(stage.output, STAGE_APART ? "1" : "3");
    stage_end();
}

static void calls_of_a_serial_plugin_never_overlap(void)
{
    stage_begin("tests/plugins");
    for (int i = 0; i < 10; i++) {
        stage_start("serial-one", "{}");
        stage_start("serial-two", "{}");
    }
    call_many("serial-one", 1);
    while (stage.answers < 21)
        stage_turn(5);
    WF_ASSERT_TEXT(stage.output, "\"alone\"");
    stage_end();
}

static void a_queued_call_can_be_cancelled(void)
{
    struct wf_call *calls[20];

    stage_begin("tests/plugins");
    for (int i = 0; i < 20; i++)
        calls[i] = stage_start("good-few", "{}");
    for (int i = 5; i < 20; i++)
        wf_call_cancel(calls[i]);
    call_many("good-few", 1);
    while (stage.answers < 6)
        stage_turn(5);
    stage_turn(20);
    CU_ASSERT_EQUAL(stage.answers, 6);
    stage_end();
}

static void more_blocking_calls_than_threads_all_end(void)
{
    stage_begin("tests/plugins");
    call_many("bad-twice", 300);
    CU_ASSERT_EQUAL(stage.answers, 300);
    stage_end();
}

/* ---- the host's functions ---- */

static void sleep_and_progress_work(void)
{
    stage_begin("tests/plugins");
    stage_call("good-nap", "5");
    WF_ASSERT_TEXT(stage.output, "0");
    CU_ASSERT_EQUAL(stage.progresses, 1);
    stage_end();
}

static void a_sleep_of_an_hour_is_jumped_over(void)
{
    stage_begin("tests/plugins");
    stage_virtual_clock();
    int64_t start_ms = wf_clock_mono_ms();
    stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + 7200 * 1000;
    stage.wait_for = 50; /* more sleepers than threads */
    for (int i = 0; i < 50; i++)
        stage_start("good-nap", "60000");
    wf_loop_run(stage.loop);
    CU_ASSERT_EQUAL(stage.answers, 50);
    WF_ASSERT_TEXT(stage.output, "0");
    CU_ASSERT(stage.jumps >= (STAGE_APART ? 2 : 7)); /* 32 processes; 8 threads */
    CU_ASSERT(wf_clock_mono_ms() - start_ms < 5000);
    stage_end();
}

static void the_clock_does_not_jump_over_work(void)
{
    stage_begin("tests/plugins");
    stage_virtual_clock();
    stage_call("bad-later", "{}"); /* 100 ms in a thread of its own */
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_SUCCEED);
    stage_call("bad-deaf", "{}");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_SUCCEED);
    CU_ASSERT_EQUAL(stage.jumps, 0);
    stage_end();
}

static void what_is_remembered_is_recalled(void)
{
    const struct wf_memo memos[] = {{"cart", {"{\"id\":0}", 8}}, {"cart", {"{\"id\":1}", 8}}};

    stage_begin("tests/plugins");
    stage_call("good-recall", "{}");
    WF_ASSERT_TEXT(stage.output, "{\"rc\":0,\"before\":null,\"now\":{\"id\":2}}");
    WF_ASSERT_TEXT(stage.remembered, "cart={\"id\":2}");
    stage.next.memos = memos;
    stage.next.nmemos = 2;
    stage_call("good-recall", "{}");
    WF_ASSERT_TEXT(stage.output, "{\"rc\":0,\"before\":{\"id\":1},\"now\":{\"id\":2}}");
    stage_end();
}

static const struct wf_case cases[] = {
    {"a_step_is_told_about_its_call", a_step_is_told_about_its_call},
    {"a_wrong_answer_names_the_plugin", a_wrong_answer_names_the_plugin},
    {"only_the_first_answer_counts", only_the_first_answer_counts},
    {"a_retry_is_passed_up", a_retry_is_passed_up},
    {"what_a_step_does_not_offer_is_said", what_a_step_does_not_offer_is_said},
    {"a_step_that_never_answers_times_out", a_step_that_never_answers_times_out},
    {"a_late_answer_is_dropped", a_late_answer_is_dropped},
    {"a_deadline_wakes_a_sleeper", a_deadline_wakes_a_sleeper},
    {"a_deadline_in_the_past_starts_nothing", a_deadline_in_the_past_starts_nothing},
    {"a_cancelled_call_answers_no_more", a_cancelled_call_answers_no_more},
    {"no_more_calls_than_max_parallel_run_at_once", no_more_calls_than_max_parallel_run_at_once},
    {"calls_of_a_serial_plugin_never_overlap", calls_of_a_serial_plugin_never_overlap},
    {"a_queued_call_can_be_cancelled", a_queued_call_can_be_cancelled},
    {"more_blocking_calls_than_threads_all_end", more_blocking_calls_than_threads_all_end},
    {"sleep_and_progress_work", sleep_and_progress_work},
    {"a_sleep_of_an_hour_is_jumped_over", a_sleep_of_an_hour_is_jumped_over},
    {"the_clock_does_not_jump_over_work", the_clock_does_not_jump_over_work},
    {"what_is_remembered_is_recalled", what_is_remembered_is_recalled},
    {NULL, NULL},
};
const struct wf_suite call_suite = {"call", cases};
