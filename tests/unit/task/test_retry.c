/* test_retry.c: the arithmetic of retry policies. */
#include "task/retry.h"

#include "lib/cunit_main.h"

static void each_backoff_grows_by_its_own_rule(void)
{
    static const struct {
        enum wf_backoff backoff;
        int64_t delay_ms, n, expected_ms;
    } rows[] = {
        {WF_BACKOFF_CONSTANT, 300, 1, 300},
        {WF_BACKOFF_CONSTANT, 300, 9, 300},
        {WF_BACKOFF_LINEAR, 300, 1, 300},
        {WF_BACKOFF_LINEAR, 300, 2, 600},
        {WF_BACKOFF_LINEAR, 300, 10, 3000},
        {WF_BACKOFF_EXPONENTIAL, 300, 1, 300},
        {WF_BACKOFF_EXPONENTIAL, 300, 2, 600},
        {WF_BACKOFF_EXPONENTIAL, 300, 3, 1200},
        {WF_BACKOFF_EXPONENTIAL, 1, 11, 1024},
        {WF_BACKOFF_EXPONENTIAL, 0, 11, 0},
        {WF_BACKOFF_LINEAR, -5, 3, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(wf_retry_delay(rows[i].backoff, rows[i].delay_ms, rows[i].n), rows[i].expected_ms);
}

static void no_delay_is_longer_than_a_year(void)
{
    CU_ASSERT_EQUAL(wf_retry_delay(WF_BACKOFF_EXPONENTIAL, 1000, 60), WF_RETRY_MAX_MS);
    CU_ASSERT_EQUAL(wf_retry_delay(WF_BACKOFF_EXPONENTIAL, 1, INT64_MAX), WF_RETRY_MAX_MS);
    CU_ASSERT_EQUAL(wf_retry_delay(WF_BACKOFF_LINEAR, 1000, INT64_MAX), WF_RETRY_MAX_MS);
    CU_ASSERT_EQUAL(wf_retry_delay(WF_BACKOFF_CONSTANT, INT64_MAX, 1), WF_RETRY_MAX_MS);
}

int main(int argc, char **argv)
{
    static const struct wf_case cases[] = {
        {"each_backoff_grows_by_its_own_rule", each_backoff_grows_by_its_own_rule},
        {"no_delay_is_longer_than_a_year", no_delay_is_longer_than_a_year},
        {NULL, NULL},
    };
    static const struct wf_suite retry = {"retry", cases};
    static const struct wf_suite *const suites[] = {&retry, NULL};

    return wf_cunit_main(argc, argv, suites);
}
