/* test_diag.c: findings are kept, ordered and limited; typos are recognised. */
#include "suites.h"

static void order(void)
{
    struct wf_diags d;
    wf_diags_init(&d);
    wf_diags_add(&d, WF_SEV_ERROR, 202, (struct wf_loc){"f", 3, 1}, NULL, "third");
    wf_diags_add(&d, WF_SEV_WARNING, 304, (struct wf_loc){"f", 1, 9}, "", "second");
    wf_diags_add(&d, WF_SEV_ERROR, 201, (struct wf_loc){"f", 1, 2}, "do this", "first");
    wf_diags_sort(&d);
    char *text = wf_test_findings(&d);
    WF_ASSERT_TEXT(text, "1:2 E0201 first | do this\n1:9 W0304 second\n3:1 E0202 third\n");
    CU_ASSERT_EQUAL(d.errors, 2);
    free(text);
    wf_diags_done(&d);
}

static void limit(void)
{
    struct wf_diags d;
    wf_diags_init(&d);
    for (int i = 1; i <= 300; i++) {
        wf_diags_add(&d, WF_SEV_ERROR, 202, (struct wf_loc){"f", i, 1}, NULL, "wrong");
        wf_diags_add(&d, WF_SEV_ERROR, 202, (struct wf_loc){"f", 1, 1}, NULL, "wrong");
    }
    CU_ASSERT_EQUAL(d.count, 200);
    CU_ASSERT_EQUAL(d.errors, 300);
    wf_diags_done(&d);
}

static void titles(void)
{
    WF_ASSERT_TEXT(wf_diag_title(103), "duplicate key");
    WF_ASSERT_TEXT(wf_diag_title(504), "unknown setting under metadata.wfrun");
    CU_ASSERT_PTR_NULL(wf_diag_title(999));
}

static void suggestions(void)
{
    static const char *const names[] = {"retry", "set", "switch", "exceptWhen", "when", NULL};
    WF_ASSERT_TEXT(wf_suggest("rerty", names), "retry");
    WF_ASSERT_TEXT(wf_suggest("sett", names), "set");
    WF_ASSERT_TEXT(wf_suggest("swich", names), "switch");
    WF_ASSERT_TEXT(wf_suggest("exceptwhen", names), "exceptWhen");
    CU_ASSERT_PTR_NULL(wf_suggest("banana", names));
    CU_ASSERT_PTR_NULL(wf_suggest("", names));
    CU_ASSERT_PTR_NULL(wf_suggest("x", NULL));
}

static const struct wf_case cases[] = {
    {"findings_are_ordered_by_place", order},
    {"two_hundred_findings_are_kept_and_none_twice", limit},
    {"every_code_has_a_title", titles},
    {"a_typo_is_recognised_and_another_word_is_not", suggestions},
    {NULL, NULL},
};
const struct wf_suite diag_suite = {"diag", cases};
