/* test_log.c: log. */
#include "base/alloc.h"
#include "base/log.h"
#include "suites.h"

static char last[5000];
static enum wf_log_level last_level;

static void keep(enum wf_log_level level, const char *text, void *arg)
{
    ++*(int *)arg;
    last_level = level;
    snprintf(last, sizeof last, "%s", text);
}

static void lines_above_the_level_are_dropped(void)
{
    int count = 0;

    wf_log_set(WF_LOGL_INFO, keep, &count);
    wf_log(WF_LOGL_DEBUG, "dropped");
    CU_ASSERT_EQUAL(count, 0);
    wf_log(WF_LOGL_INFO, "kept %d", 1);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(last_level, WF_LOGL_INFO);
    WF_ASSERT_TEXT(last, "kept 1");
    wf_log_set(WF_LOGL_WARN, NULL, NULL);
}

static void check_mask(const char *text, const char *expected)
{
    char *masked = wf_mask_apply(wf_strdup(text));

    WF_ASSERT_TEXT(masked, expected);
    free(masked);
}

static void secrets_are_replaced_wherever_they_stand(void)
{
    wf_mask_add("hunter2", 7);
    wf_mask_add("hunter2", 7);
    wf_mask_add("hunter2-long", 12);
    wf_mask_add("abc", 3);
    check_mask("hunter2", "***");
    check_mask("a hunter2hunter2 b hunter2", "a ****** b ***");
    check_mask("the hunter2-long one", "the *** one");
    check_mask("abc hunter", "abc hunter");
    check_mask("", "");
    CU_ASSERT_PTR_NULL(wf_mask_apply(NULL));
}

static const struct wf_case cases[] = {
    {"lines_above_the_level_are_dropped", lines_above_the_level_are_dropped},
    {"secrets_are_replaced_wherever_they_stand", secrets_are_replaced_wherever_they_stand},
    {NULL, NULL},
};
const struct wf_suite log_suite = {"log", cases};
