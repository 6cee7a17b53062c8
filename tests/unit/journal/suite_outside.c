/* suite_outside.c: the promises of journal.h about ends, timers, controls and queries, demanded of every backend. */
#include "suite.h"

/* ---- end ---- */

static void write_row(void *arg, const struct wf_run_row *row)
{
    wf_buf_printf(arg, "%s %s/%s:%s %s %s %d %.*s %.*s %.*s\n", row->run_id, row->namespace_, row->name, row->version,
        wf_run_status_name(row->status), row->held ? "held" : "free", (int)row->records, (int)row->start.input.len,
        row->start.input.ptr, (int)row->start.meta.len, row->start.meta.ptr, (int)row->output.len,
        row->output.ptr ? row->output.ptr : "");
}

static char *rows(struct desk *desk, struct wf_query asked)
{
    struct wf_buf text;

    wf_buf_init(&text, 1 << 20);
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &asked, write_row, &text, NULL), 0);
    return wf_buf_take(&text);
}

static void check_rows(struct desk *desk, struct wf_query asked, const char *expected)
{
    char *text = rows(desk, asked);

    WF_ASSERT_TEXT(text, expected);
    free(text);
}

static void a_finished_run_keeps_its_output_and_takes_no_more(struct desk *desk)
{
    struct wf_err err = {0};

    desk_begin(desk, "run-1");
    desk_done(desk, "/a", "1", 4);
    desk_run(desk, 1);
    desk_forget(desk);
    check_rows(desk, (struct wf_query){.run_id = "run-1", .status = -1},
        "run-1 tests/flow:1.0.0 running held 1 {\"n\":1} {\"file\":\"flow.yaml\"} \n");
    desk->ops->finish(desk->ref, WF_RUN_COMPLETED, desk_json("{\"ok\":true}"), 5);
    desk_run(desk, 1);
    DESK_TOLD(desk, "stored 5 0\n");
    check_rows(desk, (struct wf_query){.run_id = "run-1", .status = -1},
        "run-1 tests/flow:1.0.0 completed free 1 {\"n\":1} {\"file\":\"flow.yaml\"} {\"ok\":true}\n");
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "completed"));
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_CANCEL, NULL, "{}"), WF_EINVAL);
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_RESOLVE, "/a", "{}"), WF_EINVAL);
}

static void finish_and_park_need_no_token(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk->ops->park(desk->ref, WF_RUN_SUSPENDED, 0);
    desk_begin(desk, "run-2");
    desk->ops->finish(desk->ref, WF_RUN_FAULTED, desk_json("{}"), 0);
    desk_begin(desk, "run-3");
    desk_intent(desk, "/a", 1);
    desk_run(desk, 1);
    DESK_TOLD(desk, "stored 1 0\n");
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_SUSPENDED);
    CU_ASSERT_EQUAL(desk_status(desk, "run-2"), WF_RUN_FAULTED);
    desk_reopen(desk);
    DESK_TOLD(desk, "");
}

static void a_query_filters_and_shows_the_newest_first(struct desk *desk)
{
    struct wf_err err = {0};
    struct wf_start start = desk_start_of("b-2");

    desk_begin(desk, "a-1");
    park(desk, WF_RUN_WAITING);
    start.name = "other";
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), 0);
    desk_run(desk, 1);
    desk_forget(desk);
    park(desk, WF_RUN_SUSPENDED);
    desk_begin(desk, "a-10");
    park(desk, WF_RUN_WAITING);
#define TAIL " waiting free 0 {\"n\":1} {\"file\":\"flow.yaml\"} \n"
    check_rows(desk, (struct wf_query){.name = "flow", .status = -1},
        "a-10 tests/flow:1.0.0" TAIL "a-1 tests/flow:1.0.0" TAIL);
    check_rows(desk, (struct wf_query){.status = WF_RUN_WAITING, .limit = 1}, "a-10 tests/flow:1.0.0" TAIL);
    check_rows(desk, (struct wf_query){.run_id = "a-1", .status = -1}, "a-1 tests/flow:1.0.0" TAIL);
    check_rows(desk, (struct wf_query){.run_id = "b", .status = WF_RUN_WAITING}, "");
#undef TAIL
    struct wf_query both = {.run_id = "a-", .status = -1}, wild = {.run_id = "_-1", .status = -1};
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &both, write_row, NULL, &err), WF_ENOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "2 runs"));
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &wild, write_row, NULL, NULL), WF_ENOTFOUND);
}

/* ---- timers ---- */

static void a_timer_fires_once_at_or_after_its_time(struct desk *desk)
{
    int64_t now, wake;

    desk_begin(desk, "run-1");
    now = wf_loop_now_ms(desk->loop);
    wake = now + 30;
    desk->ops->timer(desk->ref, "/late", wake);
    desk->ops->timer(desk->ref, "/past", now - 1000);
    desk_run(desk, 2);
    CU_ASSERT_TRUE(wf_loop_now_ms(desk->loop) >= wake);
    DESK_TOLD(desk, "fired /past\nfired /late\n");
    desk_rest(desk, 20);
    DESK_TOLD(desk, "");
    CU_ASSERT_EQUAL(look(desk, "/late").state, WF_REC_NONE);
}

static void a_stopped_or_moved_timer_does_not_fire_early(struct desk *desk)
{
    int64_t now;

    desk_begin(desk, "run-1");
    now = wf_loop_now_ms(desk->loop);
    desk->ops->timer(desk->ref, "/stopped", now);
    desk->ops->timer(desk->ref, "/moved", now);
    desk->ops->timer(desk->ref, "/moved", now + 20);
    desk->ops->timer_stop(desk->ref, "/stopped");
    desk->ops->timer_stop(desk->ref, "/never-asked-for");
    desk_run(desk, 1);
    CU_ASSERT_TRUE(wf_loop_now_ms(desk->loop) >= now + 20);
    DESK_TOLD(desk, "fired /moved\n");
}

static void timers_end_with_the_activation(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk->ops->timer(desk->ref, "/t", wf_loop_now_ms(desk->loop) + 20);
    park(desk, WF_RUN_WAITING);
    desk_rest(desk, 30);
    DESK_TOLD(desk, "");
}

/* ---- controls ---- */

static void a_control_reaches_the_active_run_whole(struct desk *desk)
{
    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_RESOLVE, "/do/3/buy", "{\"as\":\"done\"}"), 0);
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_SUSPEND, NULL, "{\"by\":\"me\"}"), 0);
    DESK_TOLD(desk, "");
    desk_run(desk, 2);
    DESK_TOLD(desk, "resolve /do/3/buy {\"as\":\"done\"}\nsuspend - {\"by\":\"me\"}\n");
    desk_rest(desk, 250);
    DESK_TOLD(desk, "");
}

static void cancel_and_suspend_of_an_idle_run_take_effect_at_once(struct desk *desk)
{
    desk_begin(desk, "run-1");
    park(desk, WF_RUN_WAITING);
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_SUSPEND, NULL, "{}"), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_SUSPENDED);
    resume(desk, "run-1");
    desk_rest(desk, 250);
    DESK_TOLD(desk, "");
    park(desk, WF_RUN_WAITING);
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_CANCEL, NULL, "{}"), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_CANCELLED);
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", NULL), WF_EINVAL);
}

static void note_the_resolution(struct desk *desk, struct wf_run_ref *ref, const struct wf_control *asked)
{
    if (asked->kind == WF_CONTROL_RESOLVE || asked->kind == WF_CONTROL_DECIDE)
        desk->ops->outcome(ref, "/a#resolved/1", WF_OP_FACT, WF_REC_DONE, asked->json, 0);
}

static void waits_for_the_next_activation(struct desk *desk, enum wf_control_kind kind, const char *told)
{
    desk_begin(desk, "run-1");
    park(desk, WF_RUN_IN_DOUBT);
    CU_ASSERT_EQUAL(send(desk, "run-1", kind, "/a", "1"), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_IN_DOUBT);
    desk->on_control = note_the_resolution;
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", NULL), 0);
    desk_run(desk, 2);
    DESK_TOLD(desk, told);
    park(desk, WF_RUN_IN_DOUBT);
    resume(desk, "run-1");
    check_text(look(desk, "/a#resolved/1").outcome, "1");
    desk_rest(desk, 250);
    DESK_TOLD(desk, "");
}

static void a_resolution_waits_for_the_next_activation(struct desk *desk)
{
    waits_for_the_next_activation(desk, WF_CONTROL_RESOLVE, "activate run-1 {\"n\":1}\nresolve /a 1\n");
}

static void a_decision_waits_for_the_next_activation(struct desk *desk)
{
    waits_for_the_next_activation(desk, WF_CONTROL_DECIDE, "activate run-1 {\"n\":1}\ndecide /a 1\n");
}

static void a_cancel_comes_again_until_the_run_has_ended(struct desk *desk)
{
    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_CANCEL, NULL, "{}"), 0);
    desk_run(desk, 1);
    DESK_TOLD(desk, "cancel - {}\n");
    park(desk, WF_RUN_IN_DOUBT);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_IN_DOUBT);
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", NULL), 0);
    desk_run(desk, 2);
    DESK_TOLD(desk, "activate run-1 {\"n\":1}\ncancel - {}\n");
    desk->ops->finish(desk->ref, WF_RUN_CANCELLED, desk_json("null"), 1);
    desk_run(desk, 1);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_CANCELLED);
}

static void a_cancel_that_comes_while_the_run_parks_is_not_lost(struct desk *desk)
{
    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_CANCEL, NULL, "{}"), 0);
    park(desk, WF_RUN_WAITING);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_CANCELLED);
}

/* ---- notes and definitions ---- */

static void write_note(void *arg, const char *key, struct wf_slice json)
{
    wf_buf_printf(arg, "%s=%.*s\n", key, (int)json.len, json.ptr);
}

static void the_last_note_counts_and_null_takes_it_away(struct desk *desk)
{
    struct wf_buf text;

    wf_buf_init(&text, 1000);
    desk_begin(desk, "run-1");
    desk->ops->note(desk->ref, "parked", desk_json("1"));
    desk->ops->note(desk->ref, "gone", desk_json("2"));
    desk->ops->note(desk->ref, "parked", desk_json("3"));
    desk->ops->note(desk->ref, "gone", desk_json("null"));
    desk->ops->note(desk->ref, "never", desk_json("null"));
    desk->ops->note(desk->ref, "done", desk_json("{}"));
    desk_intent(desk, "/a", 1);
    desk_run(desk, 1);
    CU_ASSERT_EQUAL(desk->ops->notes(desk->backend, "run-1", write_note, &text, NULL), 0);
    WF_ASSERT_TEXT(text.ptr, "done={}\nparked=3\n");
    wf_buf_done(&text);
}

static void a_definition_is_kept_byte_for_byte(struct desk *desk)
{
    const uint8_t one[WF_SHA256_SIZE] = {1}, two[WF_SHA256_SIZE] = {2};
    char *text = NULL;
    size_t len = 0;

    CU_ASSERT_EQUAL(desk->ops->put_definition(desk->backend, one, "a\0b\n", 4, NULL), 0);
    CU_ASSERT_EQUAL(desk->ops->put_definition(desk->backend, one, "a\0b\n", 4, NULL), 0);
    CU_ASSERT_EQUAL(desk->ops->get_definition(desk->backend, two, &text, &len, NULL), WF_ENOTFOUND);
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_EQUAL_FATAL(desk->ops->get_definition(desk->backend, one, &text, &len, NULL), 0);
    CU_ASSERT_EQUAL(len, 4);
    CU_ASSERT_EQUAL(memcmp(text, "a\0b\n", 4), 0);
    free(text);
}

/* ---- the list ---- */

#define PROMISES(X)                                                                                                    \
    X(a_finished_run_keeps_its_output_and_takes_no_more)                                                               \
    X(finish_and_park_need_no_token)                                                                                   \
    X(a_query_filters_and_shows_the_newest_first)                                                                      \
    X(a_timer_fires_once_at_or_after_its_time)                                                                         \
    X(a_stopped_or_moved_timer_does_not_fire_early)                                                                    \
    X(timers_end_with_the_activation)                                                                                  \
    X(a_control_reaches_the_active_run_whole)                                                                          \
    X(cancel_and_suspend_of_an_idle_run_take_effect_at_once)                                                           \
    X(a_resolution_waits_for_the_next_activation)                                                                      \
    X(a_decision_waits_for_the_next_activation)                                                                        \
    X(a_cancel_comes_again_until_the_run_has_ended)                                                                    \
    X(a_cancel_that_comes_while_the_run_parks_is_not_lost)                                                             \
    X(the_last_note_counts_and_null_takes_it_away)                                                                     \
    X(a_definition_is_kept_byte_for_byte)
SUITES_OF(PROMISES, outside)
