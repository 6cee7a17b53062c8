/* test_clock.c: clock. */
#include "base/clock.h"
#include "base/err.h"
#include "suites.h"

#define DAY ((int64_t)86400000)

static void times_are_written_in_utc_with_milliseconds(void)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1769853600123, "2026-01-31T10:00:00.123Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-62135596800000, "0001-01-01T00:00:00.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    char text[WF_TIME_TEXT];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wf_time_format(rows[i].ms, text);
        WF_ASSERT_TEXT(text, rows[i].text);
    }
}

static void durations_are_read(void)
{
    static const struct {
        const char *text;
        int64_t ms;
        int32_t months;
    } rows[] = {
        {"PT0S", 0, 0},
        {"PT15M", 900000, 0},
        {"P1D", DAY, 0},
        {"P2W", 14 * DAY, 0},
        {"P1Y2M3DT4H5M6.789S", 3 * DAY + 4 * 3600000 + 5 * 60000 + 6789, 14},
        {"PT0.5S", 500, 0},
        {"PT0,25S", 250, 0},
        {"PT1.5H", 5400000, 0},
        {"P0.5Y", 0, 6},
        {"P0.5M", 15 * DAY, 0},
        {"P1M", 0, 1},
        {"PT36H", 36 * 3600000, 0},
        {"P10000Y", 0, 120000},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_duration d = {-1, -1};

        CU_ASSERT_EQUAL(wf_duration_parse(rows[i].text, &d, NULL), 0);
        CU_ASSERT_EQUAL(d.ms, rows[i].ms);
        CU_ASSERT_EQUAL(d.months, rows[i].months);
    }
}

static void what_is_no_duration_is_refused_with_a_hint(void)
{
    static const char *const rows[] = {"", "P", "PT", "P1DT", "1D", "P1", "PT1", "P-1D", "P1S", "PT1D", "P1D1Y",
        "PT1M1H", "P1D1D", "pt1s", "PT1S ", " PT1S", "PT.5S", "PT1.S", "PTT1S", "PT1HT1M", "P1e3D", "PT0x1S", "PTinfS"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_duration d = {7, 7};
        struct wf_err err = {0};

        if (wf_duration_parse(rows[i], &d, &err) != WF_EINVAL)
            CU_FAIL("a text that is no duration was read");
        CU_ASSERT_EQUAL(d.ms, 7);
        CU_ASSERT_NOT_EQUAL(err.hint[0], '\0');
    }
}

static void endless_durations_are_refused(void)
{
    static const char *const rows[] = {
        "P10001Y", "P99999999999999999999999Y", "PT999999999999999999999999S", "P4000000D"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_duration d;

        CU_ASSERT_EQUAL(wf_duration_parse(rows[i], &d, NULL), WF_ELIMIT);
    }
}

static void months_follow_the_calendar(void)
{
    const int64_t jan31 = 1769853600000; /* 2026-01-31T10:00:00Z */
    char text[WF_TIME_TEXT];

    wf_time_format(wf_duration_from((struct wf_duration){.months = 1}, jan31), text);
    WF_ASSERT_TEXT(text, "2026-02-28T10:00:00.000Z");
    wf_time_format(wf_duration_from((struct wf_duration){.months = 25, .ms = 5}, jan31), text);
    WF_ASSERT_TEXT(text, "2028-02-29T10:00:00.005Z");
    wf_time_format(wf_duration_from((struct wf_duration){.months = 12}, -1), text);
    WF_ASSERT_TEXT(text, "1970-12-31T23:59:59.999Z");
    CU_ASSERT_EQUAL(wf_duration_from((struct wf_duration){.ms = 5}, 7), 12);
}

static void limits_count_months_of_30_and_years_of_365_days(void)
{
    CU_ASSERT_EQUAL(wf_duration_ms((struct wf_duration){.months = 14, .ms = 1}), (365 + 60) * DAY + 1);
}

static void the_steady_clock_does_not_go_back(void)
{
    int64_t before = wf_clock_mono_ms();

    CU_ASSERT_TRUE(wf_clock_mono_ms() >= before);
    CU_ASSERT_TRUE(wf_clock_real_ms() > 1600000000000);
}

static const struct wf_case cases[] = {
    {"times_are_written_in_utc_with_milliseconds", times_are_written_in_utc_with_milliseconds},
    {"durations_are_read", durations_are_read},
    {"what_is_no_duration_is_refused_with_a_hint", what_is_no_duration_is_refused_with_a_hint},
    {"endless_durations_are_refused", endless_durations_are_refused},
    {"months_follow_the_calendar", months_follow_the_calendar},
    {"limits_count_months_of_30_and_years_of_365_days", limits_count_months_of_30_and_years_of_365_days},
    {"the_steady_clock_does_not_go_back", the_steady_clock_does_not_go_back},
    {NULL, NULL},
};
const struct wf_suite clock_suite = {"clock", cases};
