/* test_term.c: term. */
#include "report/term.h"
#include "suites.h"

static void check_fit(const char *text, size_t width, bool pad, const char *expected)
{
    struct wf_buf buf;

    wf_buf_init(&buf, 1000);
    wf_text_fit(&buf, text, width, pad);
    char *fitted = wf_buf_take(&buf);
    WF_ASSERT_TEXT(fitted, expected);
    free(fitted);
}

static void width_counts_columns(void)
{
    CU_ASSERT_EQUAL(wf_text_width(""), 0);
    CU_ASSERT_EQUAL(wf_text_width("abc"), 3);
    CU_ASSERT_EQUAL(wf_text_width("Zürich"), 6);
    CU_ASSERT_EQUAL(wf_text_width("東京"), 4);
    CU_ASSERT_EQUAL(wf_text_width("e\u0301"), 1);
    CU_ASSERT_EQUAL(wf_text_width("a\xff"), 2);
}

static void text_is_padded_or_cut_to_the_width(void)
{
    check_fit("abc", 5, true, "abc  ");
    check_fit("abc", 5, false, "abc");
    check_fit("abcdef", 4, true, "abc…");
    check_fit("東京都", 6, true, "東京都");
    check_fit("東京都", 5, true, "東京…");
    check_fit("東京都", 4, true, "東… ");
    check_fit("abc", 0, true, "");
}

static void a_line_ends_at_a_blank_or_where_it_must(void)
{
    CU_ASSERT_EQUAL(wf_text_line("", 5), 0);
    CU_ASSERT_EQUAL(wf_text_line("abc de", 6), 6);
    CU_ASSERT_EQUAL(wf_text_line("abc de", 5), 3);
    CU_ASSERT_EQUAL(wf_text_line("abc de", 3), 3);
    CU_ASSERT_EQUAL(wf_text_line("abcdef", 4), 4);
    CU_ASSERT_EQUAL(wf_text_line("東京都", 5), 6);
    CU_ASSERT_EQUAL(wf_text_line("東京", 1), 3);
}

static void data_cannot_drive_the_terminal(void)
{
    check_fit("a\033[2Jb", 10, false, "a?[2Jb");
    check_fit("a\nb\x9b", 10, false, "a?b?");
    check_fit("\u202egnp.exe", 10, false, "?gnp.exe");
}

static const struct wf_case cases[] = {
    {"width_counts_columns", width_counts_columns},
    {"text_is_padded_or_cut_to_the_width", text_is_padded_or_cut_to_the_width},
    {"a_line_ends_at_a_blank_or_where_it_must", a_line_ends_at_a_blank_or_where_it_must},
    {"data_cannot_drive_the_terminal", data_cannot_drive_the_terminal},
    {NULL, NULL},
};
const struct wf_suite term_suite = {"term", cases};
