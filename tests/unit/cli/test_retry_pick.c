/* test_retry_pick.c: which records a retry keeps. */
#include "cli/retry_pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "report/oppath.h"
#include "suites.h"

#define SPEND "{\"step\":\"buy\",\"effect\":\"spend\",\"input\":{}}"
#define PUT   "{\"step\":\"put\",\"effect\":\"write\",\"input\":{}}"

static struct wf_seed row(
    const char *path, enum wf_op_kind kind, enum wf_rec_state state, int64_t at_ms, const char *json)
{
    return (struct wf_seed){.path = path, .kind = kind, .state = state, .at_ms = at_ms, .json = {json, strlen(json)}};
}

/* "done PATH", "fault PATH" of a read; "SPEND done PATH", "PUT done PATH", "SPEND intent PATH"; "fact PATH", "timer PATH",
 * "timer-open PATH". */
static size_t rows_of(const char *line, struct wf_seed rows[2])
{
    const char *intent = strncmp(line, "SPEND ", 6) == 0 ? SPEND : strncmp(line, "PUT ", 4) == 0 ? PUT : NULL;
    const char *word = intent ? strchr(line, ' ') + 1 : line, *path = strchr(word, ' ') + 1;
    enum wf_op_kind kind = strncmp(word, "timer", 5) == 0   ? WF_OP_TIMER
                           : strncmp(word, "fact ", 5) == 0 ? WF_OP_FACT
                                                            : WF_OP_STEP;
    bool open = strncmp(word, "intent ", 7) == 0 || strncmp(word, "timer-open ", 11) == 0;
    size_t count = 0;
    if (intent || kind == WF_OP_TIMER)
        rows[count++] = row(path, kind, WF_REC_INTENT, 1, intent ? intent : "{}");
    if (!open)
        rows[count++] = row(path, kind, strncmp(word, "fault ", 6) == 0 ? WF_REC_FAULT : WF_REC_DONE, 2, "1");
    return count;
}

static bool puts_are_idempotent(void *arg, const struct wf_record *record)
{
    (void)arg;
    (void)record;
    return true;
}

static struct wf_past *past_of(struct wf_backend *backend, const char *const *lines)
{
    struct wf_seed rows[100];
    size_t count = 0;
    struct wf_start start = {.run_id = "r", .namespace_ = "t", .name = "t", .version = "1.0.0", .input = {"1", 1}};
    struct wf_past *past = NULL;
    for (size_t i = 0; lines[i]; i++)
        count += rows_of(lines[i], rows + count);
    CU_ASSERT_EQUAL_FATAL(
        wf_journal_mem.seed(backend, &start, rows, count, WF_RUN_FAULTED, (struct wf_slice){"1", 1}, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(wf_past_read(&wf_journal_mem, backend, "r", &past, NULL), 0);
    return past;
}

/* The paths that are kept, one a line, as the new run's journal has them. */
static void check(const char *const *lines, struct wf_retry_ask ask, const char *expected)
{
    struct wf_loop *loop = wf_loop_new();
    const struct wf_settings settings = {.loop = loop};
    struct wf_backend *backend = NULL;
    struct wf_retry_pick pick;
    struct wf_buf text;
    size_t count;
    CU_ASSERT_EQUAL_FATAL(wf_journal_mem.open(&settings, &backend, NULL), 0);
    struct wf_past *past = past_of(backend, lines);
    ask.is_idempotent = puts_are_idempotent;
    wf_retry_pick(past, &ask, &pick);
    struct wf_seed *rows = wf_retry_rows(&pick, &count);
    wf_buf_init(&text, 1 << 16);
    for (size_t i = 0; i < count; i++)
        if (rows[i].state != WF_REC_INTENT || (i + 1 == count || strcmp(rows[i].path, rows[i + 1].path) != 0))
            wf_buf_printf(&text, "%s\n", rows[i].path);
    if (pick.nrepeated)
        wf_buf_printf(&text, "%zu repeated\n", pick.nrepeated);
    char *kept = wf_buf_take(&text);
    WF_ASSERT_TEXT(kept ? kept : "", expected);
    free(kept);
    free(rows);
    wf_retry_pick_done(&pick);
    wf_past_free(past);
    wf_journal_mem.close(backend);
    wf_loop_free(loop);
}

static const struct wf_retry_ask faults = {.rule = WF_RETRY_FAULTS};

static void a_fault_goes_with_what_was_remembered_of_it(void)
{
    static const char *const lines[] = {
        "fact #begun", "done /do/0/a", "SPEND done /do/1/b", "fact /do/2/c#1", "PUT fault /do/2/c", NULL};
    check(lines, faults, "#begun\n/do/0/a\n/do/1/b\n");
}

static void what_follows_from_a_fault_goes_but_for_what_cost_money(void)
{
    static const char *const lines[] = {"fault /do/0/t/try/0/a", "done /do/0/t/catch/do/0/b", "done /do/1/c",
        "SPEND done /do/2/d", "fact /do/2/d#1", "PUT done /do/3/e", NULL};
    check(lines, faults, "/do/2/d\n");
}

static void other_iterations_and_branches_stay(void)
{
    static const char *const lines[] = {"done /do/0/l/for/0/do/0/a", "fault /do/0/l/for/1/do/0/a",
        "fact /do/0/l/for/1#failed", "fact /do/0/l/for/1#ended", "done /do/0/l/for/2/do/0/a",
        "fact /do/0/l/for/2#ended", "done /do/1/f/fork/branches/0/x", "fault /do/2/g/fork/branches/0/x",
        "done /do/2/g/fork/branches/1/y", NULL};
    check(lines, faults, "/do/0/l/for/0/do/0/a\n/do/0/l/for/2/do/0/a\n/do/0/l/for/2#ended\n");
}

static void a_fault_that_a_later_attempt_made_good_stays(void)
{
    static const char *const lines[] = {"fault /do/0/t/try/0/a", "timer /do/0/t/retry/1/delay",
        "SPEND done /do/0/t/retry/1/try/0/a", "fault /do/1/b", NULL};
    check(lines, faults, "/do/0/t/try/0/a\n/do/0/t/retry/1/delay\n/do/0/t/retry/1/try/0/a\n");
}

static void a_fault_whose_handler_bought_something_else_stays(void)
{
    static const char *const lines[] = {
        "SPEND fault /do/0/t/try/0/a", "SPEND done /do/0/t/catch/do/0/b", "fault /do/1/c", NULL};
    check(lines, faults, "/do/0/t/try/0/a\n/do/0/t/catch/do/0/b\n");
}

static void attempts_that_all_failed_go_with_their_delays(void)
{
    static const char *const lines[] = {
        "fault /do/0/t/try/0/a", "timer /do/0/t/retry/1/delay", "fault /do/0/t/retry/1/try/0/a", NULL};
    check(lines, faults, "");
}

static void a_timeout_that_fired_is_tried_again_and_one_that_ran_is_not_kept(void)
{
    static const char *const lines[] = {"timer-open /do/0/a/timeout", "done /do/0/a",
        "done /do/1/f/fork/branches/0/t/do/0/b", "timer /do/1/f/fork/branches/0/t/timeout",
        "timer-open /do/1/f/fork/branches/1/w/wait", NULL};
    check(lines, faults, "/do/0/a\n/do/1/f/fork/branches/0/t/do/0/b\n/do/1/f/fork/branches/1/w/wait\n");
}

static void failed_items_keep_their_effects_and_nothing_else(void)
{
    static const char *const lines[] = {"done /do/0/l/for/0/do/0/a", "done /do/0/l/for/1/do/0/a",
        "PUT done /do/0/l/for/1/do/1/b", "SPEND done /do/0/l/for/1/do/2/c", "fault /do/0/l/for/1/do/3/d",
        "fact /do/0/l/for/1#failed", "done /do/1/e", "PUT done /do/2/f", "SPEND done /do/3/g", NULL};
    check(lines, (struct wf_retry_ask){.rule = WF_RETRY_FAILED},
        "/do/0/l/for/0/do/0/a\n/do/0/l/for/1/do/1/b\n/do/0/l/for/1/do/2/c\n/do/3/g\n");
}

static void from_a_task_on_all_goes_in_every_iteration(void)
{
    static const char *const lines[] = {"done /do/0/l/for/0/do/0/a", "done /do/0/l/for/0/do/1/b",
        "done /do/0/l/for/10/do/0/a", "done /do/0/l/for/10/do/1/b@2", "SPEND done /do/0/l/for/10/do/2/c",
        "fact /do/0/l/for/0#ended", "done /do/1/d", NULL};
    check(lines, (struct wf_retry_ask){.rule = WF_RETRY_FROM, .from = "/do/0/l/do/1/b"},
        "/do/0/l/for/0/do/0/a\n/do/0/l/for/10/do/0/a\n1 repeated\n");
}

static void what_was_taken_back_is_not_done(void)
{
    static const char *const undone[] = {"/do/1/b"};
    static const char *const lines[] = {
        "done /do/0/a", "SPEND done /do/1/b", "done /do/2/c", "SPEND done /do/3/d", "fault /do/4/e", NULL};
    check(lines, (struct wf_retry_ask){.rule = WF_RETRY_FAULTS, .undone = undone, .nundone = 1}, "/do/0/a\n/do/3/d\n");
}

static void paths_part_where_they_differ(void)
{
    size_t common;
    CU_ASSERT_EQUAL(wf_oppath_kin("/do/0/l/for/1/do/0/a", "/do/0/l/for/10/do/0/a", &common), WF_OPPATH_APART);
    CU_ASSERT_EQUAL(common, strlen("/do/0/l/for"));
    CU_ASSERT_EQUAL(wf_oppath_kin("/do/0/for/do/1/a", "/do/0/for/do/2/a", &common), WF_OPPATH_LINE);
    CU_ASSERT_EQUAL(wf_oppath_kin("/do/0/f/fork/branches/0/a", "/do/0/f/fork/branches/1/b", &common), WF_OPPATH_APART);
    CU_ASSERT_EQUAL(wf_oppath_kin("/do/0/a", "/do/0/a/now", &common), WF_OPPATH_SAME);
    CU_ASSERT_EQUAL(wf_oppath_kin("/do/0/t/try/0/a", "/do/0/t/catch/do/0/a", &common), WF_OPPATH_LINE);
    CU_ASSERT_TRUE(wf_oppath_is_in("/do/0/a#1", "/do/0/a"));
    CU_ASSERT_FALSE(wf_oppath_is_in("/do/0/ab", "/do/0/a"));
}

static const struct wf_case cases[] = {
    {"a_fault_goes_with_what_was_remembered_of_it", a_fault_goes_with_what_was_remembered_of_it},
    {"what_follows_from_a_fault_goes_but_for_what_cost_money", what_follows_from_a_fault_goes_but_for_what_cost_money},
    {"other_iterations_and_branches_stay", other_iterations_and_branches_stay},
    {"a_fault_that_a_later_attempt_made_good_stays", a_fault_that_a_later_attempt_made_good_stays},
    {"a_fault_whose_handler_bought_something_else_stays", a_fault_whose_handler_bought_something_else_stays},
    {"attempts_that_all_failed_go_with_their_delays", attempts_that_all_failed_go_with_their_delays},
    {"a_timeout_that_fired_is_tried_again_and_one_that_ran_is_not_kept",
        a_timeout_that_fired_is_tried_again_and_one_that_ran_is_not_kept},
    {"failed_items_keep_their_effects_and_nothing_else", failed_items_keep_their_effects_and_nothing_else},
    {"from_a_task_on_all_goes_in_every_iteration", from_a_task_on_all_goes_in_every_iteration},
    {"what_was_taken_back_is_not_done", what_was_taken_back_is_not_done},
    {"paths_part_where_they_differ", paths_part_where_they_differ},
    {NULL, NULL},
};
const struct wf_suite retry_pick_suite = {"retry_pick", cases};
