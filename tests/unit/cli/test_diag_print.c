/* test_diag_print.c: diag_print. */
#include "cli/diag_print.h"
#include "suites.h"

static void check_human(const char *source, int line, int col, const char *hint, const char *expected)
{
    struct wf_diags diags;
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);

    wf_diags_init(&diags);
    wf_diags_add(&diags, WF_SEV_ERROR, 203, (struct wf_loc){"w.yaml", line, col}, hint, "`sett` is no task type");
    wf_diags_print(file, &diags, source, source ? strlen(source) : 0);
    fclose(file);
    WF_ASSERT_TEXT(text, expected);
    free(text);
    wf_diags_done(&diags);
}

static void the_first_line_is_what_editors_read(void)
{
    check_human("a: 1\nb:\n  sett: {}\n", 3, 3, "did you mean `set`?",
        "w.yaml:3:3: error[WF0203]: `sett` is no task type\n    3 |   sett: {}\n      |   ^~~~\n  hint: did you mean "
        "`set`?\n");
}

static void the_caret_counts_columns_not_bytes(void)
{
    check_human("東京: x\n", 1, 5, NULL,
        "w.yaml:1:5: error[WF0203]: `sett` is no task type\n    1 | 東京: x\n      |       ^\n");
}

static void a_place_outside_the_file_has_no_excerpt(void)
{
    check_human("a: 1\n", 9, 1, NULL, "w.yaml:9:1: error[WF0203]: `sett` is no task type\n");
}

static void an_expression_is_underlined_whole(void)
{
    check_human("x: ${ .a + }\n", 1, 4, NULL,
        "w.yaml:1:4: error[WF0203]: `sett` is no task type\n    1 | x: ${ .a + }\n      |    ^~~~~~~~~\n");
}

static char *machine(enum wf_diag_format format)
{
    struct wf_diags diags;
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);

    wf_diags_init(&diags);
    wf_diags_add(&diags, WF_SEV_WARNING, 304, (struct wf_loc){"a,b.yaml", 2, 7}, "100%", "two\nlines");
    jv list = wf_diag_collect(jv_array(), &diags);
    wf_diag_write(file, format, &list);
    jv_free(list);
    fclose(file);
    wf_diags_done(&diags);
    return text;
}

static void github_commands_are_escaped(void)
{
    char *text = machine(WF_DIAG_GITHUB);

    WF_ASSERT_TEXT(text, "::warning file=a%2Cb.yaml,line=2,col=7,title=WF0304::two%0Alines -- 100%25\n");
    free(text);
}

static void sarif_has_the_rule_and_the_place(void)
{
    char *text = machine(WF_DIAG_SARIF);
    struct wf_err err = {0};
    jv log;

    CU_ASSERT_EQUAL_FATAL(wf_val_parse(text, strlen(text), &log, &err), 0);
    WF_ASSERT_TEXT(wf_val_string(&log, "version", ""), "2.1.0");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"ruleId\": \"WF0304\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"startLine\": 2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"id\": \"WF0101\""));
    jv_free(log);
    free(text);
}

static void formats_are_known_by_name(void)
{
    enum wf_diag_format format;

    CU_ASSERT_EQUAL(wf_diag_format_parse("sarif", &format), 0);
    CU_ASSERT_EQUAL(format, WF_DIAG_SARIF);
    CU_ASSERT_EQUAL(wf_diag_format_parse("xml", &format), -1);
}

static const struct wf_case cases[] = {
    {"the_first_line_is_what_editors_read", the_first_line_is_what_editors_read},
    {"the_caret_counts_columns_not_bytes", the_caret_counts_columns_not_bytes},
    {"a_place_outside_the_file_has_no_excerpt", a_place_outside_the_file_has_no_excerpt},
    {"an_expression_is_underlined_whole", an_expression_is_underlined_whole},
    {"github_commands_are_escaped", github_commands_are_escaped},
    {"sarif_has_the_rule_and_the_place", sarif_has_the_rule_and_the_place},
    {"formats_are_known_by_name", formats_are_known_by_name},
    {NULL, NULL},
};
const struct wf_suite diag_print_suite = {"diag_print", cases};
