/* test_input.c: input. */
#include "cli/input.h"
#include "suites.h"

/* Applies assignments, a NULL-terminated list, and compares the result with JSON text. */
static void check(const char *start, const char *const *assignments, const char *expected)
{
    struct wf_err err = {0};
    jv value;

    CU_ASSERT_EQUAL_FATAL(wf_val_parse(start, strlen(start), &value, &err), 0);
    for (; *assignments; assignments++) {
        int rc = wf_input_set(&value, *assignments, &err);
        CU_ASSERT_EQUAL(rc, 0);
    }
    char *text = wf_val_text(&value);
    WF_ASSERT_TEXT(text, expected);
    free(text);
    jv_free(value);
}
#define CHECK(start, expected, ...) check(start, (const char *const[]){__VA_ARGS__, NULL}, expected)

static void values_have_the_types_of_yaml_scalars(void)
{
    CHECK("null", "{\"a\":1}", "a=1");
    CHECK("null", "{\"a\":\"1\"}", "a=\"1\"");
    CHECK("null", "{\"a\":true,\"b\":null,\"c\":1.5}", "a=true", "b=null", "c=1.5");
    CHECK("null", "{\"a\":\"yes\"}", "a=yes");
    CHECK("null", "{\"a\":\"\"}", "a=");
    CHECK("null", "{\"a\":[1,2]}", "a=[1, 2]");
    CHECK("null", "{\"a\":\"b=c\"}", "a=b=c");
}

static void paths_make_what_is_missing_on_the_way(void)
{
    CHECK("null", "{\"a\":{\"b\":[{\"c\":1}]}}", "a.b[0].c=1");
    CHECK("{\"a\":{\"x\":0}}", "{\"a\":{\"x\":0,\"b\":2}}", "a.b=2");
    CHECK("{\"list\":[1,2,3]}", "{\"list\":[1,9,3]}", "list[1]=9");
    CHECK("null", "{\"a\":[null,null,1]}", "a[2]=1");
    CHECK("null", "{\"a.b\":1}", "\"a.b\"=1");
    CHECK("[1]", "[5]", "[0]=5");
}

static void later_assignments_win(void)
{
    CHECK("null", "{\"a\":2}", "a=1", "a=2");
}

static void bad_assignments_are_refused_with_words(void)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"a", "there is no ="},
        {"=1", "not a path"},
        {"a..b=1", "not a path"},
        {"a[x]=1", "not a path"},
        {"a[-1]=1", "not a path"},
        {"a[9999999]=1", "not a path"},
        {"a[0=1", "not a path"},
        {"s.t=1", "value of another kind"},
        {"a=[1", "--set a=[1: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wf_err err = {0};
        jv value = wf_val_set(jv_object(), "s", jv_string("text"));
        CU_ASSERT_TRUE(wf_input_set(&value, bad[i].text, &err) < 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, bad[i].part));
        char *text = wf_val_text(&value);
        WF_ASSERT_TEXT(text, "{\"s\":\"text\"}");
        free(text);
        jv_free(value);
    }
}

static void a_file_that_is_missing_is_a_finding(void)
{
    struct wf_diags diags;
    jv value;

    wf_diags_init(&diags);
    CU_ASSERT_EQUAL(wf_input_read("/nonexistent/input.json", &diags, &value), WF_EINVAL);
    CU_ASSERT_EQUAL_FATAL(diags.count, 1);
    CU_ASSERT_EQUAL(diags.items[0].code, 101);
    wf_diags_done(&diags);
}

static const struct wf_case cases[] = {
    {"values_have_the_types_of_yaml_scalars", values_have_the_types_of_yaml_scalars},
    {"paths_make_what_is_missing_on_the_way", paths_make_what_is_missing_on_the_way},
    {"later_assignments_win", later_assignments_win},
    {"bad_assignments_are_refused_with_words", bad_assignments_are_refused_with_words},
    {"a_file_that_is_missing_is_a_finding", a_file_that_is_missing_is_a_finding},
    {NULL, NULL},
};
const struct wf_suite input_suite = {"input", cases};
