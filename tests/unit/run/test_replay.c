/* test_replay.c: outcomes are delivered in the order of the journal, and nothing is done twice. */
#include "script.h"
#include "suites.h"

#define BEGUN                                                                                                          \
    {                                                                                                                  \
        "#begun", WF_OP_FACT, WF_REC_DONE, 1, "{\"engine\":\"1\",\"steps\":{}}"                                        \
    }
#define DONE(path, kind, seq, json)                                                                                    \
    {                                                                                                                  \
        path, kind, WF_REC_DONE, seq, json                                                                             \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, WF_OP_FACT, WF_REC_NONE, 0, NULL                                                                         \
    }

static void expect_silent(const struct script_end *end)
{
    CU_ASSERT_EQUAL(end->intents, 0);
    CU_ASSERT_EQUAL(end->outcomes, 0);
    CU_ASSERT_EQUAL(end->timers, 0);
    CU_ASSERT_EQUAL(end->past_facts, 0);
}

static const char timed[] = "- a: {call: read, timeout: {after: {minutes: 1}}}";

static void a_call_that_answered_before_its_time_out_counts(void)
{
    static const struct script_record records[] = {
        BEGUN, DONE("/do/0/a", WF_OP_STEP, 5, "{\"x\":1}"), DONE("/do/0/a/timeout", WF_OP_TIMER, 6, "null"), END};
    struct script_end end = script_run(timed, records, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    WF_ASSERT_TEXT(end.value, "{\"x\":1}");
    expect_silent(&end);
}

static void a_time_out_before_the_answer_counts(void)
{
    static const struct script_record records[] = {
        BEGUN, DONE("/do/0/a", WF_OP_STEP, 6, "{\"x\":1}"), DONE("/do/0/a/timeout", WF_OP_TIMER, 5, "null"), END};
    struct script_end end = script_run(timed, records, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_FAULTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(end.value, "errors/timeout"));
    expect_silent(&end);
}

static void what_came_of_an_effect_counts_also_after_the_time_out(void)
{
    static const struct script_record records[] = {
        BEGUN, DONE("/do/0/a", WF_OP_STEP, 6, "{\"x\":1}"), DONE("/do/0/a/timeout", WF_OP_TIMER, 5, "null"), END};
    struct script_end end = script_run("- a: {call: spend, timeout: {after: {minutes: 1}}}", records, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    WF_ASSERT_TEXT(end.value, "{\"x\":1}");
    expect_silent(&end);
}

/* The branch that heard its answer first has more to do after it: it still wins. */
static void a_race_is_won_by_the_lowest_seq_and_all_that_follows_from_it(void)
{
    static const char tasks[] = "- race:\n"
                                "    fork:\n"
                                "      compete: true\n"
                                "      branches:\n"
                                "        - short: {call: read}\n"
                                "        - long: {do: [{b: {call: read}}, {c: {set: {won: 1}}}, {d: {set: {won: 2}}}, "
                                "{e: {set: {won: long}}}]}\n";
    static const struct script_record long_first[] = {BEGUN,
        DONE("/do/0/race/fork/branches/1/long/do/0/b", WF_OP_STEP, 5, "{}"),
        DONE("/do/0/race/fork/branches/0/short", WF_OP_STEP, 6, "{\"won\":\"short\"}"), END};
    static const struct script_record short_first[] = {BEGUN,
        DONE("/do/0/race/fork/branches/1/long/do/0/b", WF_OP_STEP, 6, "{}"),
        DONE("/do/0/race/fork/branches/0/short", WF_OP_STEP, 5, "{\"won\":\"short\"}"), END};
    struct script_end end = script_run(tasks, long_first, false);

    WF_ASSERT_TEXT(end.value, "{\"won\":\"long\"}");
    expect_silent(&end);
    end = script_run(tasks, short_first, false);
    WF_ASSERT_TEXT(end.value, "{\"won\":\"short\"}");
    expect_silent(&end);
}

/* As it is in a replay: the race is decided by the order of the journal, not by who has less to do. */
static void a_race_of_timers_that_fire_together_ends_as_it_would_in_a_replay(void)
{
    static const char tasks[] =
        "- race:\n"
        "    fork:\n"
        "      compete: true\n"
        "      branches:\n"
        "        - short: {wait: {minutes: 1}}\n"
        "        - long: {do: [{b: {wait: {minutes: 1}}}, {c: {set: {won: 1}}}, {e: {set: {won: "
        "long}}}]}\n";
    static const char *const fires[] = {
        "/do/0/race/fork/branches/1/long/do/0/b/wait", "/do/0/race/fork/branches/0/short/wait", NULL};
    struct script_end end = script_run_timers(tasks, fires);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    WF_ASSERT_TEXT(end.value, "{\"won\":\"long\"}");
}

static void a_time_out_that_fires_with_what_it_waited_for_comes_second(void)
{
    static const char *const fires[] = {"/do/0/t/do/0/a/wait", "/do/0/t/timeout", NULL};
    struct script_end end =
        script_run_timers("- t: {timeout: {after: {minutes: 1}}, do: [{a: {wait: {minutes: 1}}}]}", fires);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
}

static void a_retry_that_was_decided_is_not_decided_again(void)
{
    static const char tasks[] = "- t:\n"
                                "    try: [{a: {call: read}}]\n"
                                "    catch: {retry: {delay: {seconds: 1}, limit: {duration: {seconds: 5}}}}\n";
    static const struct script_record records[] = {BEGUN, DONE("/do/0/t/attempt/first", WF_OP_FACT, 2, "1000"),
        {"/do/0/t/try/0/a", WF_OP_STEP, WF_REC_FAULT, 3, "{\"type\":\"https://e.x/y\",\"status\":500}"},
        DONE("/do/0/t/retry/1/wake", WF_OP_FACT, 4, "2000"), DONE("/do/0/t/retry/1/delay", WF_OP_TIMER, 5, "null"),
        DONE("/do/0/t/retry/1/try/0/a", WF_OP_STEP, 6, "{\"ok\":true}"), END};
    struct script_end end = script_run(tasks, records, false); /* decades later */

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    WF_ASSERT_TEXT(end.value, "{\"ok\":true}");
    expect_silent(&end);
}

static void an_intent_without_outcome_of_a_step_that_cannot_tell_is_in_doubt(void)
{
    static const struct script_record records[] = {BEGUN, DONE("/do/0/a", WF_OP_STEP, 2, "{}"),
        {"/do/1/b", WF_OP_STEP, WF_REC_INTENT, 0, "{\"step\":\"spend\",\"version\":\"1.2.3\",\"input\":{}}"}, END};
    struct script_end end = script_run("- a: {call: read}\n- b: {call: spend}", records, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_IN_DOUBT);
    WF_ASSERT_TEXT(end.parked_path, "/do/1/b");
    CU_ASSERT_EQUAL(end.outcomes, 0);
}

/* A cancel that was asked for before the crash comes again at once, long before the replay has found the doubt. */
static void a_cancel_does_not_hide_what_is_in_doubt(void)
{
    static const struct script_record records[] = {BEGUN, DONE("/do/0/a", WF_OP_STEP, 2, "{}"),
        {"/do/1/b", WF_OP_STEP, WF_REC_INTENT, 0, "{\"step\":\"spend\",\"version\":\"1.2.3\",\"input\":{}}"}, END};
    struct script_end end = script_run("- a: {call: read}\n- b: {call: spend}", records, true);

    CU_ASSERT_EQUAL(end.status, WF_RUN_IN_DOUBT);
    WF_ASSERT_TEXT(end.parked_path, "/do/1/b");
}

static void a_cancel_ends_what_is_not_in_doubt(void)
{
    static const struct script_record records[] = {BEGUN, DONE("/do/0/a", WF_OP_STEP, 2, "{}"), END};
    struct script_end end = script_run("- a: {call: read}\n- b: {call: spend}", records, true);

    CU_ASSERT_EQUAL(end.status, WF_RUN_CANCELLED);
    CU_ASSERT_EQUAL(end.intents, 0);
}

static void a_resolution_is_used_once(void)
{
    static const char intent[] = "{\"step\":\"spend\",\"version\":\"1.2.3\",\"input\":{}}";
    static const struct script_record given[] = {BEGUN, {"/do/0/a", WF_OP_STEP, WF_REC_INTENT, 0, intent},
        DONE("/do/0/a#resolved/1", WF_OP_FACT, 2, "{\"as\":\"done\",\"output\":7}"), END};
    static const struct script_record used[] = {BEGUN, {"/do/0/a", WF_OP_STEP, WF_REC_INTENT, 0, intent},
        DONE("/do/0/a#resolved/1", WF_OP_FACT, 2, "{\"as\":\"not-done\"}"),
        DONE("/do/0/a#repeated/1", WF_OP_FACT, 3, "null"), DONE("/do/0/a#again/1", WF_OP_FACT, 4, "{\"deadline\":9}"),
        END};
    struct script_end end = script_run("- a: {call: spend}", given, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    WF_ASSERT_TEXT(end.value, "7");
    end = script_run("- a: {call: spend}", used, false);
    CU_ASSERT_EQUAL(end.status, WF_RUN_IN_DOUBT);
}

static void a_word_given_is_the_word_in_every_replay(void)
{
    static const char tasks[] =
        "- a: {for: {in: '[1, 2]'}, do: [], metadata: {wfrun: {waves: [1, '100%'], gate: approval}}}";
    static const struct script_record go[] = {
        BEGUN, DONE("/do/0/a/for/wave/2", WF_OP_EVENT, 2, "{\"decision\":\"go\",\"by\":\"ann\"}"), END};
    static const struct script_record no[] = {BEGUN,
        DONE("/do/0/a/for/wave/2", WF_OP_EVENT, 2, "{\"decision\":\"no\",\"by\":\"ann\",\"reason\":\"too dear\"}"),
        END};
    static const struct script_record none[] = {
        BEGUN, {"/do/0/a/for/wave/2", WF_OP_EVENT, WF_REC_INTENT, 0, "{\"for\":\"approval\"}"}, END};
    struct script_end end = script_run(tasks, go, false);

    CU_ASSERT_EQUAL(end.status, WF_RUN_COMPLETED);
    expect_silent(&end);
    end = script_run(tasks, no, false);
    CU_ASSERT_EQUAL(end.status, WF_RUN_FAULTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(end.value, "wave 2 of 2 was refused by ann: too dear"));
    expect_silent(&end);
    end = script_run(tasks, none, false);
    CU_ASSERT_EQUAL(end.status, WF_RUN_WAITING);
    expect_silent(&end);
}

static const struct wf_case replay_cases[] = {
    {"a_call_that_answered_before_its_time_out_counts", a_call_that_answered_before_its_time_out_counts},
    {"a_time_out_before_the_answer_counts", a_time_out_before_the_answer_counts},
    {"what_came_of_an_effect_counts_also_after_the_time_out", what_came_of_an_effect_counts_also_after_the_time_out},
    {"a_race_is_won_by_the_lowest_seq_and_all_that_follows_from_it",
        a_race_is_won_by_the_lowest_seq_and_all_that_follows_from_it},
    {"a_race_of_timers_that_fire_together_ends_as_it_would_in_a_replay",
        a_race_of_timers_that_fire_together_ends_as_it_would_in_a_replay},
    {"a_time_out_that_fires_with_what_it_waited_for_comes_second",
        a_time_out_that_fires_with_what_it_waited_for_comes_second},
    {"a_retry_that_was_decided_is_not_decided_again", a_retry_that_was_decided_is_not_decided_again},
    {"an_intent_without_outcome_of_a_step_that_cannot_tell_is_in_doubt",
        an_intent_without_outcome_of_a_step_that_cannot_tell_is_in_doubt},
    {"a_cancel_does_not_hide_what_is_in_doubt", a_cancel_does_not_hide_what_is_in_doubt},
    {"a_cancel_ends_what_is_not_in_doubt", a_cancel_ends_what_is_not_in_doubt},
    {"a_resolution_is_used_once", a_resolution_is_used_once},
    {"a_word_given_is_the_word_in_every_replay", a_word_given_is_the_word_in_every_replay},
    {NULL, NULL},
};
const struct wf_suite replay_suite = {"replay", replay_cases};
