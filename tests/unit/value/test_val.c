/* test_val.c: val. */
#include <math.h>
#include <stdlib.h>

#include "suites.h"

/* Parses and writes again. */
static void check_text(const char *in, const char *out)
{
    jv value = wf_test_json(in);

    CU_ASSERT_TRUE_FATAL(jv_is_valid(value));
    char *text = wf_val_text(&value);
    WF_ASSERT_TEXT(text, out);
    free(text);
    jv_free(value);
}

static void json_is_read_and_written_compact(void)
{
    static const char *const rows[][2] = {
        {"null", "null"},
        {" [ ] ", "[]"},
        {"{}", "{}"},
        {"{\"b\":1,\"a\":[true,false,{\"c\":null}]}", "{\"b\":1,\"a\":[true,false,{\"c\":null}]}"},
        {"[[],{},[[]]]", "[[],{},[[]]]"},
        {"\r\n\t \"\\u00e4\\n\\/\\ud83d\\ude00\"", "\"\xc3\xa4\\n/\xf0\x9f\x98\x80\""},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
        {"\"\\u0000\"", "\"\\u0000\""},
        {"-0", "-0"},
        {"0.1", "0.1"},
        {"1.0", "1"},
        {"-12.50E+1", "-125"},
        {"9007199254740992", "9007199254740992"},
        {"9007199254740993", "9007199254740992"},
        {"123456789012345", "123456789012345"},
        {"1e300", "1e+300"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"5e-324", "4.94065645841247e-324"},
        {"1e999", "1.7976931348623157e+308"},
        {"-1e999", "-1.7976931348623157e+308"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_text(rows[i][0], rows[i][1]);
}

static void what_is_not_json_is_refused(void)
{
    static const char *const rows[] = {"", " ", "nan", "NaN", "Infinity", "tru", "truex", "01", "-", "+1", ".5", "1.",
        "1e", "1e+", "0x1", "1 2", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "[", "{", "[1", "{\"a\":1", "]", "}", "[}", "{]", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
        "\"\t\"", "\"\xff\"", "\"\xed\xa0\x80\"", "[1]]", "{}{}", "\xef\xbb\xbf{}", "# c\n1", "[1]//",
        "{\"a\":1 \"b\":2}"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jv value = jv_invalid();
        struct wf_err err = {0};

        if (wf_val_parse(rows[i], strlen(rows[i]), &value, &err) != WF_EINVAL) {
            fprintf(stderr, "accepted: %s\n", rows[i]);
            CU_FAIL("accepted");
        }
        CU_ASSERT_FALSE(jv_is_valid(value));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "line "));
    }
}

static void a_nul_byte_is_no_end(void)
{
    jv value;

    CU_ASSERT_EQUAL(wf_val_parse("1\0", 2, &value, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(wf_val_parse("\"\0\"", 3, &value, NULL), WF_EINVAL);
}

static void errors_name_line_and_column_in_characters(void)
{
    struct wf_err err = {0};
    jv value;
    const char *text = "{\n  \"\xc3\xa4\": oops}";

    CU_ASSERT_EQUAL(wf_val_parse(text, strlen(text), &value, &err), WF_EINVAL);
    WF_ASSERT_TEXT(
        err.msg, "not JSON: line 2, column 8: expected a value (object, array, string, number, true, false or null)");
}

static char *nested(size_t depth)
{
    char *text = calloc(2 * depth + 1, 1);

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

static void what_is_written_can_be_read_again_however_objects_nest(void)
{
    jv value = jv_number(1);
    size_t depth = 0;
    char *text;

    /* An array in every third place. */
    for (; (text = wf_val_text(&value)); depth++) {
        jv read;
        CU_ASSERT_EQUAL_FATAL(wf_val_parse(text, strlen(text), &read, NULL), 0);
        jv_free(read);
        free(text);
        value = depth % 3 == 2 ? JV_ARRAY(value) : JV_OBJECT(jv_string("x"), value);
    }
    CU_ASSERT(depth > 120 && depth < WF_VAL_MAX_DEPTH);
    jv_free(value);
}

static void depth_has_a_limit_on_both_ways(void)
{
    char *most = nested(WF_VAL_MAX_DEPTH), *more = nested(WF_VAL_MAX_DEPTH + 1);
    jv value;

    CU_ASSERT_EQUAL(wf_val_parse(more, strlen(more), &value, NULL), WF_ELIMIT);
    CU_ASSERT_EQUAL_FATAL(wf_val_parse(most, strlen(most), &value, NULL), 0);
    char *text = wf_val_text(&value);
    WF_ASSERT_TEXT(text, most);
    value = JV_ARRAY(value);
    CU_ASSERT_PTR_NULL(wf_val_text(&value));
    jv_free(value);
    free(text);
    free(most);
    free(more);
}

static void bytes_have_a_limit(void)
{
    jv value;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(wf_val_parse("", WF_VAL_MAX_BYTES + 1, &value, &err), WF_ELIMIT);
    CU_ASSERT_EQUAL(wf_val_parse_long("[10]", 4, 3, &value, &err), WF_ELIMIT);
}

static void what_is_long_can_be_read_where_that_is_allowed(void)
{
    size_t len = WF_VAL_MAX_BYTES + 2;
    char *text = calloc(len, 1);
    jv value;

    memset(text, ' ', len);
    text[len - 1] = '1';
    CU_ASSERT_EQUAL(wf_val_parse(text, len, &value, NULL), WF_ELIMIT);
    CU_ASSERT_EQUAL_FATAL(wf_val_parse_long(text, len, len, &value, NULL), 0);
    CU_ASSERT_EQUAL(jv_number_value(value), 1);
    jv_free(value);
    free(text);
}

static void a_full_buffer_is_failed(void)
{
    jv value = wf_test_json("[\"0123456789\"]");
    struct wf_buf buf;

    wf_buf_init(&buf, 5);
    wf_val_write(&value, &buf);
    CU_ASSERT_TRUE(buf.failed);
    wf_buf_done(&buf);
    jv_free(value);
}

static void pretty_is_indented_by_two(void)
{
    jv value = wf_test_json("{\"a\":[1,{\"b\":[]}],\"c\":{}}");
    struct wf_buf buf;

    wf_buf_init(&buf, 1000);
    wf_val_write_pretty(&value, &buf);
    WF_ASSERT_TEXT(buf.ptr, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
    wf_buf_done(&buf);
    jv_free(value);
}

static void numbers_read_back_the_same(void)
{
    uint64_t bits = 0x9e3779b97f4a7c15u;

    for (int i = 0; i < 20000; i++) {
        double number;

        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        jv value = jv_number(number);
        char *text = wf_val_text(&value);
        jv back = wf_test_json(text);
        CU_ASSERT_EQUAL_FATAL(jv_number_value(back), number);
        free(text);
        jv_free(back);
    }
    jv nothing = jv_number(NAN);
    char *text = wf_val_text(&nothing);
    WF_ASSERT_TEXT(text, "null");
    free(text);
}

static void members_are_looked_up_without_consuming(void)
{
    jv object = wf_test_json("{\"s\":\"text\",\"n\":2.5,\"z\":null}");
    jv member = wf_val_get(&object, "z"), none = wf_val_get(&object, "x"), scalar = jv_number(1);

    CU_ASSERT_EQUAL(jv_get_kind(member), JV_KIND_NULL);
    CU_ASSERT_FALSE(jv_is_valid(none));
    CU_ASSERT_FALSE(jv_is_valid(wf_val_get(&scalar, "x")));
    WF_ASSERT_TEXT(wf_val_string(&object, "s", "-"), "text");
    WF_ASSERT_TEXT(wf_val_string(&object, "n", "-"), "-");
    CU_ASSERT_EQUAL(wf_val_number(&object, "n", 0), 2.5);
    CU_ASSERT_EQUAL(wf_val_number(&object, "s", -1), -1);
    object = wf_val_set(object, "s", jv_string("other"));
    WF_ASSERT_TEXT(wf_val_string(&object, "s", "-"), "other");
    jv_free(object);
}

static void only_false_and_null_are_false(void)
{
    static const char *const rows[] = {"0", "\"\"", "[]", "{}", "true"};
    jv no = jv_false(), nothing = jv_null();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jv value = wf_test_json(rows[i]);

        CU_ASSERT_TRUE(wf_val_truthy(&value));
        jv_free(value);
    }
    CU_ASSERT_FALSE(wf_val_truthy(&no));
    CU_ASSERT_FALSE(wf_val_truthy(&nothing));
}

static const struct wf_case cases[] = {
    {"json_is_read_and_written_compact", json_is_read_and_written_compact},
    {"what_is_not_json_is_refused", what_is_not_json_is_refused},
    {"a_nul_byte_is_no_end", a_nul_byte_is_no_end},
    {"errors_name_line_and_column_in_characters", errors_name_line_and_column_in_characters},
    {"depth_has_a_limit_on_both_ways", depth_has_a_limit_on_both_ways},
    {"what_is_written_can_be_read_again_however_objects_nest", what_is_written_can_be_read_again_however_objects_nest},
    {"bytes_have_a_limit", bytes_have_a_limit},
    {"what_is_long_can_be_read_where_that_is_allowed", what_is_long_can_be_read_where_that_is_allowed},
    {"a_full_buffer_is_failed", a_full_buffer_is_failed},
    {"pretty_is_indented_by_two", pretty_is_indented_by_two},
    {"numbers_read_back_the_same", numbers_read_back_the_same},
    {"members_are_looked_up_without_consuming", members_are_looked_up_without_consuming},
    {"only_false_and_null_are_false", only_false_and_null_are_false},
    {NULL, NULL},
};
const struct wf_suite val_suite = {"val", cases};
