/* suite.c: the promises of journal.h about activations and records, demanded of every backend. */
#include "suite.h"

/* ---- activation ---- */

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

/* ---- records ---- */

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

/* ---- the list ---- */

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
    X(close_stores_and_answers_what_is_under_way)
SUITES_OF(PROMISES, records)
