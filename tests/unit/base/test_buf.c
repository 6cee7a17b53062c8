/* test_buf.c: buf. */
#include "base/buf.h"
#include "suites.h"

static void it_grows_and_stays_terminated(void)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 100000);
    for (int i = 0; i < 10000; i++) {
        wf_buf_char(&buf, 'a');
        CU_ASSERT_EQUAL_FATAL(buf.ptr[buf.len], '\0');
    }
    wf_buf_printf(&buf, "%05d", 42);
    CU_ASSERT_EQUAL(buf.len, 10005);
    WF_ASSERT_TEXT(buf.ptr + 9999, "a00042");
    CU_ASSERT_FALSE(buf.failed);
    wf_buf_clear(&buf);
    wf_buf_str(&buf, "x");
    WF_ASSERT_TEXT(buf.ptr, "x");
    wf_buf_done(&buf);
}

static void beyond_the_maximum_it_stays_failed(void)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 5);
    wf_buf_str(&buf, "12345");
    CU_ASSERT_FALSE(buf.failed);
    wf_buf_str(&buf, "6");
    CU_ASSERT_TRUE(buf.failed);
    wf_buf_str(&buf, "");
    CU_ASSERT_TRUE(buf.failed);
    CU_ASSERT_EQUAL(buf.len, 5);
    wf_buf_clear(&buf);
    CU_ASSERT_FALSE(buf.failed);
    wf_buf_printf(&buf, "%s", "123456");
    CU_ASSERT_TRUE(buf.failed);
    wf_buf_done(&buf);
}

static void take_gives_the_text_away(void)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 10);
    char *nothing = wf_buf_take(&buf);
    WF_ASSERT_TEXT(nothing, "");
    wf_buf_str(&buf, "text");
    char *text = wf_buf_take(&buf);
    WF_ASSERT_TEXT(text, "text");
    CU_ASSERT_PTR_NULL(buf.ptr);
    free(nothing);
    free(text);
}

static void check_json(const char *text, size_t len, const char *expected)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 1000);
    wf_buf_json_string(&buf, text, len);
    WF_ASSERT_TEXT(buf.ptr, expected);
    wf_buf_done(&buf);
}

static void json_strings_are_escaped(void)
{
    check_json("", 0, "\"\"");
    check_json("plain \xc3\xa4", 8, "\"plain \xc3\xa4\"");
    check_json("\"\\/\b\f\n\r\t", 8, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    check_json("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
}

static void bad_utf8_in_json_strings_becomes_the_replacement(void)
{
    check_json("a\xff z", 4, "\"a\xef\xbf\xbd z\"");
    check_json("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_json("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static const struct wf_case cases[] = {
    {"it_grows_and_stays_terminated", it_grows_and_stays_terminated},
    {"beyond_the_maximum_it_stays_failed", beyond_the_maximum_it_stays_failed},
    {"take_gives_the_text_away", take_gives_the_text_away},
    {"json_strings_are_escaped", json_strings_are_escaped},
    {"bad_utf8_in_json_strings_becomes_the_replacement", bad_utf8_in_json_strings_becomes_the_replacement},
    {NULL, NULL},
};
const struct wf_suite buf_suite = {"buf", cases};
