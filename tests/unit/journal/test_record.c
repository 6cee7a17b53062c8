/* test_record.c: words and limits of records. */
#include <string.h>

#include "journal/record.h"
#include "suites.h"

static void every_word_is_read_again(void)
{
    for (int i = WF_OP_STEP; i <= WF_OP_FACT; i++) {
        enum wf_op_kind kind;
        CU_ASSERT_EQUAL(wf__kind_read(wf__kind_word((enum wf_op_kind)i), &kind, NULL), 0);
        CU_ASSERT_EQUAL((int)kind, i);
    }
    for (int i = WF_REC_INTENT; i <= WF_REC_FAULT; i++) {
        enum wf_rec_state state;
        CU_ASSERT_EQUAL(wf__state_read(wf__state_word((enum wf_rec_state)i), &state, NULL), 0);
        CU_ASSERT_EQUAL((int)state, i);
    }
    for (int i = WF_RUN_RUNNING; i <= WF_RUN_COMPLETED; i++) {
        enum wf_run_status status;
        CU_ASSERT_EQUAL(wf__status_read(wf__status_word((enum wf_run_status)i), &status, NULL), 0);
        CU_ASSERT_EQUAL((int)status, i);
    }
    for (int i = WF_CONTROL_CANCEL; i <= WF_CONTROL_DECIDE; i++) {
        enum wf_control_kind kind;
        CU_ASSERT_EQUAL(wf__control_read(wf__control_word((enum wf_control_kind)i), &kind, NULL), 0);
        CU_ASSERT_EQUAL((int)kind, i);
    }
}

static void the_words_of_the_format_are_fixed(void)
{
    WF_ASSERT_TEXT(wf__kind_word(WF_OP_STEP), "step");
    WF_ASSERT_TEXT(wf__kind_word(WF_OP_FACT), "fact");
    WF_ASSERT_TEXT(wf__state_word(WF_REC_INTENT), "intent");
    WF_ASSERT_TEXT(wf__state_word(WF_REC_DONE), "done");
    WF_ASSERT_TEXT(wf_run_status_name(WF_RUN_IN_DOUBT), "in doubt");
}

static void an_unknown_word_is_refused_and_nothing_is_set(void)
{
    enum wf_op_kind kind = WF_OP_EMIT;
    enum wf_rec_state state = WF_REC_DONE;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(wf__kind_read("teleport", &kind, &err), WF_EMISMATCH);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "teleport"));
    CU_ASSERT_EQUAL(kind, WF_OP_EMIT);
    CU_ASSERT_EQUAL(wf__kind_read(NULL, &kind, NULL), WF_EMISMATCH);
    CU_ASSERT_EQUAL(wf__kind_read("", &kind, NULL), WF_EMISMATCH);
    CU_ASSERT_EQUAL(wf__state_read("maybe", &state, NULL), WF_EMISMATCH);
    CU_ASSERT_EQUAL(state, WF_REC_DONE);
}

static void limits_are_inclusive(void)
{
    static char path[WF_PATH_MAX + 2];
    struct wf__row row = {.path = path, .state = WF_REC_DONE, .json = {"", WF_RECORD_MAX}};

    CU_ASSERT_EQUAL(wf__row_check(&row, NULL), WF_ELIMIT);
    memset(path, 'p', WF_PATH_MAX);
    CU_ASSERT_EQUAL(wf__row_check(&row, NULL), 0);
    row.json.len++;
    CU_ASSERT_EQUAL(wf__row_check(&row, NULL), WF_ELIMIT);
    row.json.len = 0;
    path[WF_PATH_MAX] = 'p';
    CU_ASSERT_EQUAL(wf__row_check(&row, NULL), WF_ELIMIT);
}

static const struct wf_case cases[] = {
    {"every_word_is_read_again", every_word_is_read_again},
    {"the_words_of_the_format_are_fixed", the_words_of_the_format_are_fixed},
    {"an_unknown_word_is_refused_and_nothing_is_set", an_unknown_word_is_refused_and_nothing_is_set},
    {"limits_are_inclusive", limits_are_inclusive},
    {NULL, NULL},
};
const struct wf_suite record_suite = {"record", cases};
