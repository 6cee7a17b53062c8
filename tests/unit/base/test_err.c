/* test_err.c: err. */
#include "base/err.h"
#include "base/utf8.h"
#include "suites.h"

static void set_returns_the_code_and_fills_the_message(void)
{
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(wf_err_set(&err, WF_EIO, "cannot open %s", "x"), WF_EIO);
    CU_ASSERT_EQUAL(err.code, WF_EIO);
    WF_ASSERT_TEXT(err.msg, "cannot open x");
    CU_ASSERT_EQUAL(wf_err_set(NULL, WF_EINVAL, "nobody listens"), WF_EINVAL);
}

static void the_first_message_is_kept(void)
{
    struct wf_err err = {0};

    wf_err_at(&err, WF_EINVAL, (struct wf_loc){"a.yaml", 3, 9}, "low level");
    wf_err_set(&err, WF_EIO, "high level");
    wf_err_at(&err, WF_EIO, (struct wf_loc){"b.yaml", 1, 1}, "higher level");
    wf_err_hint(&err, "first %d", 1);
    wf_err_hint(&err, "second");
    CU_ASSERT_EQUAL(err.code, WF_EINVAL);
    CU_ASSERT_EQUAL(err.loc.line, 3);
    WF_ASSERT_TEXT(err.msg, "low level");
    WF_ASSERT_TEXT(err.hint, "first 1");
}

static void a_long_message_is_cut_between_characters(void)
{
    for (size_t lead = 0; lead < 4; lead++) {
        struct wf_err err = {0};
        char text[1400];

        memset(text, 'a', lead);
        for (size_t i = lead; i + 1 < sizeof text - 2; i += 2)
            memcpy(text + i, "\xc3\xa4", 3);
        wf_err_set(&err, WF_EINVAL, "%s", text);
        size_t len = strlen(err.msg);
        CU_ASSERT_TRUE(len > sizeof err.msg - 8);
        CU_ASSERT_EQUAL(wf_utf8_valid(err.msg, len), len);
        WF_ASSERT_TEXT(err.msg + len - 3, "...");
    }
}

static const struct wf_case cases[] = {
    {"set_returns_the_code_and_fills_the_message", set_returns_the_code_and_fills_the_message},
    {"the_first_message_is_kept", the_first_message_is_kept},
    {"a_long_message_is_cut_between_characters", a_long_message_is_cut_between_characters},
    {NULL, NULL},
};
const struct wf_suite err_suite = {"err", cases};
