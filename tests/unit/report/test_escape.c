/* test_escape.c: what anybody wrote stays text in a page and in a spreadsheet. */
#include "report/escape.h"
#include "suites.h"

static void check_html(const char *text, const char *expected)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 10000);
    wf_html_text(&buf, text);
    WF_ASSERT_TEXT(buf.ptr ? buf.ptr : "", expected);
    wf_buf_done(&buf);
}

static void markup_is_text(void)
{
    check_html("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    check_html("a\" onload='x' &amp;", "a&quot; onload=&#39;x&#39; &amp;amp;");
    check_html("</title><!--]]>", "&lt;/title&gt;&lt;!--]]&gt;");
    check_html("Zoë 東京 🚀", "Zoë 東京 🚀");
    check_html("", "");
}

static void what_is_no_text_is_replaced(void)
{
    check_html("a\x01z\x1b[31m", "a\xef\xbf\xbdz\xef\xbf\xbd[31m");
    check_html("bad \xff\xc3( utf-8 \xc0\xbc", "bad \xef\xbf\xbd\xef\xbf\xbd( utf-8 \xef\xbf\xbd\xef\xbf\xbd");
    check_html("line\nand\ttab", "line\nand\ttab");
    check_html("gpj.\xe2\x80\xae"
               "exe",
        "gpj.\xef\xbf\xbd"
        "exe"); /* turns the direction */
    check_html("\xc2\x85", "\xef\xbf\xbd");
}

static void bytes_need_no_end(void)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 100);
    wf_html_bytes(&buf, "a<b\0c", 5);
    WF_ASSERT_TEXT(buf.ptr, "a&lt;b\xef\xbf\xbd"
                            "c");
    wf_buf_clear(&buf);
    wf_html_bytes(&buf, "\xe6\x9d\xb1", 2); /* cut inside of a character */
    WF_ASSERT_TEXT(buf.ptr, "\xef\xbf\xbd\xef\xbf\xbd");
    wf_buf_done(&buf);
}

static void check_csv(const char *text, const char *expected)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 10000);
    wf_csv_cell(&buf, text, true);
    WF_ASSERT_TEXT(buf.ptr ? buf.ptr : "", expected);
    wf_buf_done(&buf);
}

static void cells_are_quoted_when_they_must(void)
{
    check_csv("plain", "plain");
    check_csv("a,b", "\"a,b\"");
    check_csv("say \"hi\"", "\"say \"\"hi\"\"\"");
    check_csv("two\nlines", "\"two\nlines\"");
}

static void formulas_are_defused(void)
{
    check_csv("=1+1", "'=1+1");
    check_csv("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    check_csv("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0");
    check_csv("-2+3", "'-2+3");
    check_csv("@SUM(A1)", "'@SUM(A1)");
    check_csv("\t=1", "'\t=1");
    check_csv("-12.5", "-12.5"); /* a number computes nothing */
    check_csv("+31 20 123", "'+31 20 123");
    check_csv("-inf", "'-inf");
}

static void cells_of_a_line_are_divided(void)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 100);
    wf_csv_cell(&buf, "a", true);
    wf_csv_cell(&buf, "", false);
    wf_csv_cell(&buf, "b", false);
    WF_ASSERT_TEXT(buf.ptr, "a,,b");
    wf_buf_done(&buf);
}

static const struct wf_case cases[] = {
    {"markup_is_text", markup_is_text},
    {"what_is_no_text_is_replaced", what_is_no_text_is_replaced},
    {"bytes_need_no_end", bytes_need_no_end},
    {"cells_are_quoted_when_they_must", cells_are_quoted_when_they_must},
    {"formulas_are_defused", formulas_are_defused},
    {"cells_of_a_line_are_divided", cells_of_a_line_are_divided},
    {NULL, NULL},
};
const struct wf_suite escape_suite = {"escape", cases};
