/* suite_seed.c: the promises of journal.h about runs with a past, demanded of every backend. */
#include "suite.h"

static struct wf_seed row(const char *path, enum wf_rec_state state, const char *json)
{
    return (struct wf_seed){
        .path = path, .kind = WF_OP_STEP, .state = state, .at_ms = 1750000000000, .json = desk_json(json)};
}

static int seed(struct desk *desk, const struct wf_seed *rows, size_t count, struct wf_err *err)
{
    struct wf_start start = desk_start_of("run-2");

    return desk->ops->seed(desk->backend, &start, rows, count, WF_RUN_WAITING, (struct wf_slice){NULL, 0}, err);
}

static void a_seeded_run_has_its_past_and_goes_on_from_there(struct desk *desk)
{
    const struct wf_seed rows[] = {row("/a", WF_REC_INTENT, "{\"i\":1}"), row("/b", WF_REC_DONE, "2"),
        row("/a", WF_REC_DONE, "1"), row("/c", WF_REC_INTENT, "{}")};

    CU_ASSERT_EQUAL_FATAL(seed(desk, rows, 4, NULL), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-2"), WF_RUN_WAITING);
    DESK_TOLD(desk, "");
    resume(desk, "run-2");
    CU_ASSERT_EQUAL(look(desk, "/b").seq, 1);
    CU_ASSERT_EQUAL(look(desk, "/a").seq, 2);
    CU_ASSERT_EQUAL(look(desk, "/a").outcome_ms, 1750000000000);
    check_text(look(desk, "/a").intent, "{\"i\":1}");
    check_text(look(desk, "/a").outcome, "1");
    CU_ASSERT_EQUAL(look(desk, "/c").state, WF_REC_INTENT);
    CU_ASSERT_EQUAL(desk_done(desk, "/c", "3", 0), 3);
    park(desk, WF_RUN_WAITING);
    resume(desk, "run-2");
    CU_ASSERT_EQUAL(look(desk, "/c").seq, 3);
}

static void a_run_may_be_seeded_as_ended(struct desk *desk)
{
    const struct wf_seed rows[] = {row("/a", WF_REC_FAULT, "{}")};
    struct wf_start start = desk_start_of("run-2");
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(
        desk->ops->seed(desk->backend, &start, rows, 1, WF_RUN_COMPLETED, desk_json("{\"ok\":true}"), NULL), 0);
    CU_ASSERT_EQUAL(desk_status(desk, "run-2"), WF_RUN_COMPLETED);
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-2", &err), WF_EINVAL);
}

static void an_id_that_is_taken_is_refused_and_nothing_changes(struct desk *desk)
{
    const struct wf_seed rows[] = {row("/a", WF_REC_DONE, "1")};
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(seed(desk, NULL, 0, NULL), 0);
    CU_ASSERT_EQUAL(seed(desk, rows, 1, &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "run-2"));
    resume(desk, "run-2");
    CU_ASSERT_EQUAL(look(desk, "/a").state, WF_REC_NONE);
}

static void rows_that_are_none_of_a_run_leave_no_run_behind(struct desk *desk)
{
    const struct wf_seed twice[] = {row("/a", WF_REC_DONE, "1"), row("/a", WF_REC_DONE, "2")};
    const struct wf_seed late[] = {row("/a", WF_REC_DONE, "1"), row("/a", WF_REC_INTENT, "{}")};
    const struct wf_seed none[] = {row("/a", WF_REC_NONE, "1")};
    const struct wf_seed unnamed[] = {row("", WF_REC_DONE, "1")};

    CU_ASSERT_EQUAL(seed(desk, twice, 2, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(seed(desk, late, 2, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(seed(desk, none, 1, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(seed(desk, unnamed, 1, NULL), WF_ELIMIT);
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-2", NULL), WF_ENOTFOUND);
}

static void write_note(void *arg, const char *key, struct wf_slice json)
{
    wf_buf_printf(arg, "%s %.*s\n", key, (int)json.len, json.ptr);
}

static void check_notes(struct desk *desk, const char *expected)
{
    struct wf_buf text;
    char *told;

    wf_buf_init(&text, 1 << 20);
    CU_ASSERT_EQUAL(desk->ops->notes(desk->backend, "run-2", write_note, &text, NULL), 0);
    told = wf_buf_take(&text);
    WF_ASSERT_TEXT(told ? told : "", expected);
    free(told);
}

static void an_idle_run_can_be_annotated(struct desk *desk)
{
    CU_ASSERT_EQUAL(desk->ops->annotate(desk->backend, "run-2", "k", desk_json("1"), NULL), WF_ENOTFOUND);
    CU_ASSERT_EQUAL(seed(desk, NULL, 0, NULL), 0);
    CU_ASSERT_EQUAL(desk->ops->annotate(desk->backend, "run-2", "k", desk_json("1"), NULL), 0);
    CU_ASSERT_EQUAL(desk->ops->annotate(desk->backend, "run-2", "k", desk_json("2"), NULL), 0);
    check_notes(desk, "k 2\n");
    CU_ASSERT_EQUAL(desk->ops->annotate(desk->backend, "run-2", "k", desk_json("null"), NULL), 0);
    check_notes(desk, "");
}

#define PROMISES(X)                                                                                                    \
    X(a_seeded_run_has_its_past_and_goes_on_from_there)                                                                \
    X(a_run_may_be_seeded_as_ended)                                                                                    \
    X(an_id_that_is_taken_is_refused_and_nothing_changes)                                                              \
    X(rows_that_are_none_of_a_run_leave_no_run_behind)                                                                 \
    X(an_idle_run_can_be_annotated)
SUITES_OF(PROMISES, seed)
