/* test_apart.c: what a plugin in a process of its own may do without harm to anybody else. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "stage.h"
#include "suites.h"

#define KILLERS "tests/plugins/killers"
/* The address sanitizer turns an exit in the middle of a call into a status of its own, for what is still held then. */
#ifdef WF_SANITIZED
#define EXIT_0 "it ended its process (exit status "
#define CLOSED "did not survive its step bad-close" /* it wants to tell of it through a descriptor that is closed too */
#else
#define CLOSED "it closed the descriptor that wfrun talks to it with"
#define EXIT_0 "it ended its process (exit status 0)"
#endif

static void begin(void)
{
    stage_begin(KILLERS);
    stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + 60000;
}

/* The step ends its process; the words say so, and the next call finds a new one. */
static void expect_end(const char *step, const char *words)
{
    stage.kind = WF_ANSWER_SUCCEED;
    stage_call(step, "{}");
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL);
    CU_ASSERT_TRUE(stage.unsure);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, "the plugin killers did not survive its step "));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, step));
    if (!strstr(stage.detail, words))
        WF_ASSERT_TEXT(stage.detail, words);
    stage_call("good-well", "{}");
    WF_ASSERT_TEXT(stage.output, "\"well\"");
}

static void a_crash_is_a_fault_of_the_step(void)
{
    begin();
    expect_end("bad-crash", "(run): it crashed (Segmentation fault)");
    expect_end("bad-crash-here", "it crashed (Segmentation fault)");
    expect_end("bad-thread", "it crashed (Segmentation fault)");
    expect_end("bad-overflow", "it crashed (Segmentation fault)");
    expect_end("bad-illegal", "it crashed (Illegal instruction)");
    expect_end("bad-divide", "it crashed (Floating point exception)");
    expect_end("bad-abort", "it crashed (Aborted)");
    stage_end();
}

static void the_log_has_a_backtrace(void)
{
    begin();
    expect_end("bad-crash", "Segmentation fault");
    CU_ASSERT_PTR_NOT_NULL(strstr(stage_log(), "killers: crashed: Segmentation fault; backtrace"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage_log(), "killers.so"));
    stage_end();
}

static void an_exit_is_a_fault_of_the_step(void)
{
    begin();
    expect_end("bad-exit", EXIT_0);
    expect_end("bad-exit-now", "it ended its process (exit status 3)");
    expect_end("bad-kill", "it was killed by the system or by somebody (Killed)");
    stage_end();
}

static void memory_has_a_limit(void)
{
#ifndef WF_SANITIZED
    begin();
    expect_end("bad-memory", "it crashed when its memory was used up (memory-mb: 1024)");
    expect_end("bad-free", "it crashed (Aborted)");
    stage_end();
#endif
}

static void descriptors_have_a_limit(void)
{
    begin();
    stage_call("bad-files", "{}");
    CU_ASSERT(atoi(stage.output) > 0 && atoi(stage.output) < 256);
#ifndef __SANITIZE_THREAD__ /* which finds the close and the recv at once, and never ends to look for a descriptor to tell it by */
    expect_end("bad-close", CLOSED);
#endif
    expect_end("bad-nonsense", "it wrote to the descriptor that wfrun talks to it with");
    stage_end();
}

/* The deadline is the answer; the process that went on regardless is killed 2 s later, while other calls go on. */
static bool is_logged(const char *step)
{
    char words[120];

    snprintf(words, sizeof words, "its step %s (run): its function did not return in 2 s", step);
    return strstr(stage_log(), words);
}

static void an_endless_step_ends_at_its_deadline(void)
{
    static const char *const steps[] = {"bad-spin", "bad-spin-here", "bad-lock", "bad-signals", NULL};

    begin();
    for (size_t i = 0; steps[i]; i++) {
        stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + 100;
        stage_call(steps[i], "{}");
        WF_ASSERT_TEXT(stage.type, "timeout");
        CU_ASSERT_TRUE(stage.unsure);
    }
    stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + 60000;
    stage_call("good-well", "{}");
    WF_ASSERT_TEXT(stage.output, "\"well\"");
    for (size_t s = 0; steps[s]; s++) {
        for (int i = 0; i < 100 && !is_logged(steps[s]); i++)
            stage_turn(100);
        CU_ASSERT_TRUE(is_logged(steps[s]));
    }
    stage_end();
}

static void an_answer_counts_whatever_comes_after(void)
{
    begin();
    stage_call("bad-after", "{}");
    WF_ASSERT_TEXT(stage.output, "\"done\"");
    stage_call("bad-after-spin", "{}");
    WF_ASSERT_TEXT(stage.output, "\"done\"");
    stage_call("good-well", "{}");
    WF_ASSERT_TEXT(stage.output, "\"well\"");
    stage_end();
}

static void a_flood_of_lines_is_cut(void)
{
    begin();
    stage_call("bad-chatter", "{}");
    WF_ASSERT_TEXT(stage.output, "\"said\"");
    stage_turn(50);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage_log(), "killers: writes more lines, which are dropped"));
    stage_end();
}

static void others_go_on_while_one_crashes(void)
{
    begin();
    stage.wait_for = 40;
    for (int i = 0; i < 20; i++) {
        stage_start("bad-crash", "{}");
        stage_start(i % 2 ? "good-well" : "good-well-here", "{}");
    }
    wf_loop_run(stage.loop);
    CU_ASSERT_EQUAL(stage.answers, 40);
    CU_ASSERT_EQUAL(stage.successes, 20);
    stage_end();
}

static void an_effect_that_cannot_be_told_is_the_worst(void)
{
    bool idempotent = true;

    begin();
    const struct wf_step_entry *entry = wf_hosting_find(stage.hosting, "bad-effect", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"1", 1}, &idempotent), WF_EFFECT_READ);
    CU_ASSERT_TRUE(idempotent);
    CU_ASSERT_EQUAL(wf_step_effect(entry, (struct wf_bytes){"22", 2}, &idempotent), WF_EFFECT_IRREVERSIBLE);
    CU_ASSERT_FALSE(idempotent);
    stage_call("good-well", "{}");
    WF_ASSERT_TEXT(stage.output, "\"well\"");
    stage_end();
}

static void a_plugin_that_cannot_be_loaded_says_why(void)
{
    static const struct {
        const char *file, *words;
    } refusals[] = {
        {"wrong-abi", "it was built for plugin ABI 2."},
        {"no-entry", "it has no function wf_plugin_entry: it is no plugin of wfrun"},
        {"incomplete", "the step never has no run function"},
        {"crash-in-open", "it crashed (Segmentation fault) while it was loaded"},
        {"abort-in-open", "it crashed (Aborted) while it was loaded"},
        {"open-fails", "its open failed (-5)"},
        {"crash-in-load", "it crashed (Bus error) while it was loaded"},
        {"bad-schema", "the output schema of the step never is wrong: "},
        {"no-undo", "the step never changes the world, but has neither undo nor no_undo"},
        {"short-step", "a step type's size is 8 and not at least "},
        {"refuses-host", "it refuses this wfrun (plugin ABI 1."},
    };

    stage_begin("tests/plugins/refused");
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct wf_err *err = wf_hosting_refusal(stage.hosting, refusals[i].file);
        CU_ASSERT_PTR_NOT_NULL_FATAL(err);
        if (strncmp(err->msg, refusals[i].words, strlen(refusals[i].words)) != 0)
            WF_ASSERT_TEXT(err->msg, refusals[i].words);
    }
    stage_end();
    stage_begin("tests/plugins/exit");
    wf_hosting_load_all(stage.hosting, NULL, NULL);
    const struct wf_err *err = wf_hosting_refusal(stage.hosting, "exit-in-open");
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->msg, EXIT_0));
    CU_ASSERT_PTR_NOT_NULL(strstr(err->msg, " while it was loaded"));
    stage_end();
}

static const struct wf_case cases[] = {
    {"a_crash_is_a_fault_of_the_step", a_crash_is_a_fault_of_the_step},
    {"the_log_has_a_backtrace", the_log_has_a_backtrace},
    {"an_exit_is_a_fault_of_the_step", an_exit_is_a_fault_of_the_step},
    {"memory_has_a_limit", memory_has_a_limit},
    {"descriptors_have_a_limit", descriptors_have_a_limit},
    {"an_endless_step_ends_at_its_deadline", an_endless_step_ends_at_its_deadline},
    {"an_answer_counts_whatever_comes_after", an_answer_counts_whatever_comes_after},
    {"a_flood_of_lines_is_cut", a_flood_of_lines_is_cut},
    {"others_go_on_while_one_crashes", others_go_on_while_one_crashes},
    {"an_effect_that_cannot_be_told_is_the_worst", an_effect_that_cannot_be_told_is_the_worst},
    {"a_plugin_that_cannot_be_loaded_says_why", a_plugin_that_cannot_be_loaded_says_why},
    {NULL, NULL},
};
const struct wf_suite apart_suite = {"apart", cases};
