/* suite.c: the promises of journal.h, demanded of every backend. */
#include <stdint.h>

#include "base/alloc.h"
#include "desk.h"

static void with(const struct wf_backend_ops *ops, void (*promise)(struct desk *))
{
    struct desk desk;

    desk_open(&desk, ops);
    promise(&desk);
    desk_close(&desk);
}

static struct wf_record look(struct desk *desk, const char *path)
{
    struct wf_record record;

    desk->ops->lookup(desk->ref, path, &record);
    return record;
}

static void check_text(struct wf_slice is, const char *expected)
{
    char *text = wf_memdup(is.ptr ? is.ptr : "", is.len);

    WF_ASSERT_TEXT(text, expected);
    free(text);
}

static void resume(struct desk *desk, const char *run_id)
{
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, run_id, NULL), 0);
    desk_run(desk, 1);
    desk_forget(desk);
}

static void park(struct desk *desk, enum wf_run_status status)
{
    desk->ops->park(desk->ref, status, 99);
    desk_run(desk, 1);
    DESK_TOLD(desk, "stored 99 0\n");
}

static int send(struct desk *desk, const char *run_id, enum wf_control_kind kind, const char *path, const char *json)
{
    struct wf_control control = {kind, path, desk_json(json)};

    return desk->ops->control(desk->backend, run_id, &control, NULL);
}

/* ---- activation -------------------------------------------------------------------------------------------------- */

static void a_started_run_is_activated_later(struct desk *desk)
{
    struct wf_start start = desk_start_of("run-1");

    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), 0);
    DESK_TOLD(desk, "");
    desk_run(desk, 1);
    DESK_TOLD(desk, "activate run-1 {\"n\":1}\n");
}

static void an_active_run_is_not_activated_twice(struct desk *desk)
{
    struct wf_start start = desk_start_of("run-1");
    struct wf_err err = {0};

    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, &err), WF_EHELD);
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", NULL), WF_EHELD);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "run-1"));
}

static void start_of_a_known_run_activates_it_again(struct desk *desk)
{
    struct wf_start start = desk_start_of("run-1");

    desk_begin(desk, "run-1");
    desk_done(desk, "/do/0/a", "1", 0);
    park(desk, WF_RUN_WAITING);
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), 0);
    desk_run(desk, 1);
    CU_ASSERT_EQUAL(look(desk, "/do/0/a").state, WF_REC_DONE);
}

static void start_with_another_definition_or_input_is_refused(struct desk *desk)
{
    struct wf_start start = desk_start_of("run-1");
    struct wf_err err = {0};

    desk_begin(desk, "run-1");
    park(desk, WF_RUN_WAITING);
    start.input = desk_json("{\"n\":2}");
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "another input"));
    start = desk_start_of("run-1");
    start.definition[0] = 9;
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), WF_EINVAL);
}

static void a_bad_run_id_is_refused(struct desk *desk)
{
    static const char *const bad[] = {"", "a b", "a/b", "r\xc3\xb6", NULL};
    struct wf_start start = desk_start_of("");
    char longest[102];

    for (size_t i = 0; bad[i]; i++) {
        start.run_id = bad[i];
        CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), WF_EINVAL);
    }
    memset(longest, 'x', sizeof longest);
    longest[101] = '\0';
    start.run_id = longest;
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), WF_EINVAL);
    longest[100] = '\0';
    CU_ASSERT_EQUAL(desk->ops->start(desk->backend, &start, NULL), 0);
    desk_run(desk, 1);
}

static void an_unknown_run_is_not_found(struct desk *desk)
{
    struct wf_query asked = {.run_id = "nobody", .status = -1};
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "nobody", &err), WF_ENOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "nobody"));
    CU_ASSERT_EQUAL(send(desk, "nobody", WF_CONTROL_CANCEL, NULL, "{}"), WF_ENOTFOUND);
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &asked, NULL, NULL, NULL), WF_ENOTFOUND);
    CU_ASSERT_EQUAL(desk->ops->history(desk->backend, "nobody", NULL, NULL, NULL), WF_ENOTFOUND);
    CU_ASSERT_EQUAL(desk->ops->notes(desk->backend, "nobody", NULL, NULL, NULL), WF_ENOTFOUND);
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

static void stored_comes_in_the_order_of_asking(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk_intent(desk, "/a", 1);
    desk_intent(desk, "/b", 2);
    desk_done(desk, "/b", "2", 0);
    desk_done(desk, "/a", "1", 3);
    desk_run(desk, 3);
    DESK_TOLD(desk, "stored 1 0\nstored 2 0\nstored 3 0\n");
}

static void a_lookup_tells_what_was_asked_for_at_once(struct desk *desk)
{
    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(look(desk, "/a").state, WF_REC_NONE);
    desk_intent(desk, "/a", 0);
    CU_ASSERT_EQUAL(look(desk, "/a").state, WF_REC_INTENT);
    CU_ASSERT_EQUAL(look(desk, "/a").seq, 0);
    CU_ASSERT_TRUE(look(desk, "/a").intent_ms > 0);
    CU_ASSERT_EQUAL(look(desk, "/a").outcome_ms, 0);
    desk->ops->outcome(desk->ref, "/a", WF_OP_STEP, WF_REC_FAULT, desk_json("{\"type\":\"x\"}"), 0);
    CU_ASSERT_EQUAL(look(desk, "/a").state, WF_REC_FAULT);
    CU_ASSERT_EQUAL(look(desk, "/a").kind, WF_OP_STEP);
    CU_ASSERT_EQUAL(look(desk, "/a").seq, 1);
}

static void the_text_of_a_fact_can_be_read_at_once(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk->ops->outcome(desk->ref, "/now", WF_OP_FACT, WF_REC_DONE, desk_json("17"), 0);
    check_text(look(desk, "/now").outcome, "17");
}

static void outcomes_are_numbered_and_the_first_of_a_path_stays(struct desk *desk)
{
    desk_begin(desk, "run-1");
    CU_ASSERT_EQUAL(desk_done(desk, "/a", "1", 0), 1);
    CU_ASSERT_EQUAL(desk_done(desk, "/b", "2", 0), 2);
    CU_ASSERT_EQUAL(desk_done(desk, "/a", "3", 7), 1);
    desk_intent(desk, "/b", 8);
    desk_run(desk, 2);
    DESK_TOLD(desk, "stored 7 0\nstored 8 0\n");
    park(desk, WF_RUN_WAITING);
    resume(desk, "run-1");
    check_text(look(desk, "/a").outcome, "1");
    CU_ASSERT_EQUAL(look(desk, "/b").state, WF_REC_DONE);
    CU_ASSERT_EQUAL(desk_done(desk, "/a", "4", 0), 1);
    CU_ASSERT_EQUAL(desk_done(desk, "/c", "5", 0), 3);
}

static void a_resumed_run_has_its_records(struct desk *desk)
{
    struct wf_record before, after;

    desk_begin(desk, "run-1");
    desk_intent(desk, "/a", 0);
    desk_done(desk, "/a", "{\"id\":\"x\"}", 0);
    desk_intent(desk, "/doubt", 0);
    desk->ops->intent(desk->ref, "/timer", WF_OP_TIMER, desk_json("{\"wake\":5}"), 0);
    before = look(desk, "/a");
    park(desk, WF_RUN_IN_DOUBT);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_IN_DOUBT);
    resume(desk, "run-1");
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_RUNNING);
    after = look(desk, "/a");
    CU_ASSERT_EQUAL(after.state, WF_REC_DONE);
    CU_ASSERT_EQUAL(after.seq, 1);
    CU_ASSERT_EQUAL(after.intent_ms, before.intent_ms);
    CU_ASSERT_EQUAL(after.outcome_ms, before.outcome_ms);
    check_text(after.intent, "{\"step\":\"buy\"}");
    check_text(after.outcome, "{\"id\":\"x\"}");
    CU_ASSERT_EQUAL(look(desk, "/doubt").state, WF_REC_INTENT);
    CU_ASSERT_EQUAL(look(desk, "/timer").kind, WF_OP_TIMER);
    check_text(look(desk, "/timer").intent, "{\"wake\":5}");
}

static void every_kind_and_any_text_comes_back(struct desk *desk)
{
    static const char *const paths[] = {"/k/0", "/k/1", "/k/2", "/k/3", "/k/4", "/k/5"};
    char longest[WF_PATH_MAX + 1];
    char *big = wf_calloc(3 << 20, 1);

    memset(longest, 'p', WF_PATH_MAX);
    longest[WF_PATH_MAX] = '\0';
    memset(big, ' ', (3 << 20) - 1);
    big[0] = '1';
    desk_begin(desk, "run-1");
    for (int kind = WF_OP_STEP; kind <= WF_OP_FACT; kind++)
        desk->ops->outcome(
            desk->ref, paths[kind], (enum wf_op_kind)kind, WF_REC_DONE, desk_json("\"\\u0000 \xc3\xa9\""), 0);
    desk->ops->intent(desk->ref, "/nothing", WF_OP_EVENT, (struct wf_slice){NULL, 0}, 0);
    desk_done(desk, longest, big, 0);
    park(desk, WF_RUN_WAITING);
    resume(desk, "run-1");
    for (int kind = WF_OP_STEP; kind <= WF_OP_FACT; kind++) {
        CU_ASSERT_EQUAL(look(desk, paths[kind]).kind, (enum wf_op_kind)kind);
        check_text(look(desk, paths[kind]).outcome, "\"\\u0000 \xc3\xa9\"");
    }
    CU_ASSERT_PTR_NULL(look(desk, "/nothing").intent.ptr);
    CU_ASSERT_EQUAL(look(desk, longest).outcome.len, (3 << 20) - 1);
    CU_ASSERT_EQUAL(memcmp(look(desk, longest).outcome.ptr, big, (3 << 20) - 1), 0);
    free(big);
}

static void history_has_every_record_in_the_order_of_its_last_change(struct desk *desk)
{
    char *history;

    desk_begin(desk, "run-1");
    desk_intent(desk, "/a", 0);
    desk_intent(desk, "/b", 0);
    desk_done(desk, "/fact", "0", 0);
    desk_done(desk, "/a", "1", 1);
    desk_run(desk, 1);
    history = desk_history(desk, "run-1");
    WF_ASSERT_TEXT(history, "1 0 0 /b {\"step\":\"buy\"} \n"
                            "2 0 1 /fact  0\n"
                            "2 0 2 /a {\"step\":\"buy\"} 1\n");
    free(history);
}

static void many_runs_share_the_journal_and_stay_apart(struct desk *desk)
{
    enum { RUNS = 20, OPS = 50 };
    struct wf_run_ref *refs[RUNS];
    char id[20], path[20], json[20];

    for (int run = 0; run < RUNS; run++) {
        snprintf(id, sizeof id, "run-%d", run);
        refs[run] = desk_begin(desk, id);
    }
    for (int op = 0; op < OPS; op++) {
        for (int run = 0; run < RUNS; run++) {
            desk->ref = refs[run];
            snprintf(path, sizeof path, "/do/%d", op);
            snprintf(json, sizeof json, "%d", run * 1000 + op);
            desk_intent(desk, path, 0);
            CU_ASSERT_EQUAL_FATAL(desk_done(desk, path, json, 0), (uint64_t)op + 1);
        }
    }
    for (int run = 0; run < RUNS; run++)
        desk->ops->park(refs[run], WF_RUN_WAITING, (uint64_t)run + 1);
    desk_run(desk, RUNS);
    desk_forget(desk);
    resume(desk, "run-7");
    check_text(look(desk, "/do/0").outcome, "7000");
    check_text(look(desk, "/do/49").outcome, "7049");
    CU_ASSERT_EQUAL(look(desk, "/do/49").seq, 50);
    CU_ASSERT_EQUAL(look(desk, "/do/50").state, WF_REC_NONE);
}

static void what_passes_a_limit_is_refused_and_the_run_is_lost(struct desk *desk)
{
    char path[WF_PATH_MAX + 2];
    struct wf_run_ref *other = desk_begin(desk, "run-2");
    struct wf_err err = {0};

    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    desk_begin(desk, "run-1");
    desk_intent(desk, "/before", 1);
    desk_intent(desk, path, 2);
    desk_intent(desk, "/after", 3);
    desk_run(desk, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(desk->told.ptr, "stored 1 0\nstored 2 -3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(desk->told.ptr, "lost\n"));
    CU_ASSERT_PTR_NULL(strstr(desk->told.ptr, "stored 3 0\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(desk->told.ptr, "stored 3 -"));
    desk_forget(desk);
    desk->ops->failure(desk->backend, &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "513 bytes"));
    desk->ref = other;
    desk_intent(desk, "/other", 4);
    desk_run(desk, 1);
    DESK_TOLD(desk, "stored 4 0\n");
}

static void close_stores_and_answers_what_is_under_way(struct desk *desk)
{
    desk_begin(desk, "run-1");
    desk_intent(desk, "/a", 1);
    desk_done(desk, "/a", "1", 2);
    desk->ops->timer(desk->ref, "/timer", 0);
    desk->ops->finish(desk->ref, WF_RUN_COMPLETED, desk_json("\"out\""), 3);
    desk_reopen(desk);
    DESK_TOLD(desk, "stored 1 0\nstored 2 0\nstored 3 0\n");
}

/* ---- end --------------------------------------------------------------------------------------------------------- */

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
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &both, write_row, NULL, &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "2 runs"));
    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &wild, write_row, NULL, NULL), WF_ENOTFOUND);
}

/* ---- timers ------------------------------------------------------------------------------------------------------ */

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

/* ---- controls ---------------------------------------------------------------------------------------------------- */

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
    if (asked->kind == WF_CONTROL_RESOLVE)
        desk->ops->outcome(ref, "/a#resolved/1", WF_OP_FACT, WF_REC_DONE, asked->json, 0);
}

static void a_resolution_waits_for_the_next_activation(struct desk *desk)
{
    desk_begin(desk, "run-1");
    park(desk, WF_RUN_IN_DOUBT);
    CU_ASSERT_EQUAL(send(desk, "run-1", WF_CONTROL_RESOLVE, "/a", "1"), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_IN_DOUBT);
    desk->on_control = note_the_resolution;
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", NULL), 0);
    desk_run(desk, 2);
    DESK_TOLD(desk, "activate run-1 {\"n\":1}\nresolve /a 1\n");
    park(desk, WF_RUN_IN_DOUBT);
    resume(desk, "run-1");
    check_text(look(desk, "/a#resolved/1").outcome, "1");
    desk_rest(desk, 250);
    DESK_TOLD(desk, "");
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

/* ---- notes and definitions --------------------------------------------------------------------------------------- */

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

/* ---- the same list for each backend ------------------------------------------------------------------------------ */

#define PROMISES(X)                                                                                                    \
    X(a_started_run_is_activated_later)                                                                                \
    X(an_active_run_is_not_activated_twice)                                                                            \
    X(start_of_a_known_run_activates_it_again)                                                                         \
    X(start_with_another_definition_or_input_is_refused)                                                               \
    X(a_bad_run_id_is_refused)                                                                                         \
    X(an_unknown_run_is_not_found)                                                                                     \
    X(stored_comes_in_the_order_of_asking)                                                                             \
    X(a_lookup_tells_what_was_asked_for_at_once)                                                                       \
    X(the_text_of_a_fact_can_be_read_at_once)                                                                          \
    X(outcomes_are_numbered_and_the_first_of_a_path_stays)                                                             \
    X(a_resumed_run_has_its_records)                                                                                   \
    X(every_kind_and_any_text_comes_back)                                                                              \
    X(history_has_every_record_in_the_order_of_its_last_change)                                                        \
    X(many_runs_share_the_journal_and_stay_apart)                                                                      \
    X(what_passes_a_limit_is_refused_and_the_run_is_lost)                                                              \
    X(close_stores_and_answers_what_is_under_way)                                                                      \
    X(a_finished_run_keeps_its_output_and_takes_no_more)                                                               \
    X(finish_and_park_need_no_token)                                                                                   \
    X(a_query_filters_and_shows_the_newest_first)                                                                      \
    X(a_timer_fires_once_at_or_after_its_time)                                                                         \
    X(a_stopped_or_moved_timer_does_not_fire_early)                                                                    \
    X(timers_end_with_the_activation)                                                                                  \
    X(a_control_reaches_the_active_run_whole)                                                                          \
    X(cancel_and_suspend_of_an_idle_run_take_effect_at_once)                                                           \
    X(a_resolution_waits_for_the_next_activation)                                                                      \
    X(a_cancel_comes_again_until_the_run_has_ended)                                                                    \
    X(a_cancel_that_comes_while_the_run_parks_is_not_lost)                                                             \
    X(the_last_note_counts_and_null_takes_it_away)                                                                     \
    X(a_definition_is_kept_byte_for_byte)

#define ON_MEM(name)                                                                                                   \
    static void mem_##name(void)                                                                                       \
    {                                                                                                                  \
        with(&wf_journal_mem, name);                                                                                   \
    }
#define ON_SQLITE(name)                                                                                                \
    static void sqlite_##name(void)                                                                                    \
    {                                                                                                                  \
        with(&wf_journal_sqlite, name);                                                                                \
    }
PROMISES(ON_MEM)
PROMISES(ON_SQLITE)

#define MEM_CASE(name)    {#name, mem_##name},
#define SQLITE_CASE(name) {#name, sqlite_##name},
static const struct wf_case mem_cases[] = {PROMISES(MEM_CASE){NULL, NULL}};

static const struct wf_case sqlite_cases[] = {PROMISES(SQLITE_CASE){NULL, NULL}};

const struct wf_suite promises_mem_suite = {"mem", mem_cases};
const struct wf_suite promises_sqlite_suite = {"sqlite", sqlite_cases};
