/* test_expr.c: expr: what is refused, with which words; libjq's fences; variables, now, budget, results. */
#include <time.h>

#include "base/clock.h"
#include "suites.h"
#include "value/expr.h"

static const char *const names[] = {"input", "context", "x", NULL};

static jv get_var(void *ctx, const char *name)
{
    return strcmp(name, "x") == 0 ? jv_number(42) : jv_copy(*(jv *)ctx);
}

static jv get_now(void *ctx, uint32_t id)
{
    (void)ctx;
    return jv_number(1000 + id);
}

struct complaints {
    int count;
    struct wf_err last;
};

static void keep(void *arg, const struct wf_err *err)
{
    struct complaints *complaints = arg;

    complaints->count++;
    complaints->last = *err;
}

/* The result as text, or the message of whatever went wrong; the caller frees. */
static char *run(const char *program, const char *input)
{
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr;
    struct wf_err err = {0};
    struct complaints complaints = {0};
    jv dot = wf_test_json(input), value = jv_invalid();
    struct wf_env env = {get_var, get_now, &dot};
    char *text = NULL;

    wf_exprs_set_budget(exprs, 100);
    if (wf_exprs_add(exprs, program, names, (struct wf_loc){"flow.yaml", 3, 7}, &expr, &err) == 0) {
        wf_exprs_compile(exprs, keep, &complaints);
        if (complaints.count > 0)
            err = complaints.last;
        else if (wf_expr_eval(expr, &dot, &env, &value, &err) == 0)
            text = wf_val_text(&value);
    }
    if (!text) {
        CU_ASSERT_EQUAL(err.loc.line, 3);
        text = strdup(err.msg);
    }
    jv_free(value);
    jv_free(dot);
    wf_exprs_free(exprs);
    return text;
}

static void check_run(const char *program, const char *input, const char *expected)
{
    char *text = run(program, input);

    if (!strstr(text, expected))
        fprintf(stderr, "%s on %s\n  is       %s\n  expected %s\n", program, input, text, expected);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, expected));
    free(text);
}

struct row {
    const char *program, *input, *expected;
};
#define CHECK_ROWS(rows)                                                                                               \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                                         \
    check_run(rows[i].program, rows[i].input, rows[i].expected)

static void libjq_evaluates_what_is_not_native(void)
{
    static const struct row rows[] = {
        {"map(.a)", "[{\"a\":1},{\"a\":2}]", "[1,2]"},
        {"[.[] | select(. > $x)]", "[41,42,43]", "[43]"},
        {"$input | map(. + $x)", "[1]", "[43]"},
        {"reduce .[] as $n (0; . + $n)", "[1,2,3]", "6"},
        {"def f(g; $y): g + $y; f(.; 1)", "1", "2"},
        {". as {a: $q, b: [$r]} | $q + $r", "{\"a\":1,\"b\":[2]}", "3"},
        {"label $out | .[] | if . > 1 then ., break $out else empty end", "[1,2,3]", "2"},
        {"to_entries | map(.key)", "{\"b\":1,\"a\":2}", "[\"b\",\"a\"]"},
        {"{env: 1, input: 2, now: 3} | .env + .input", "null", "3"},
        {"map(.) # the end", "[1]", "[1]"},
        {"error({a: 1})", "null", "{\"a\":1}"},
        {"error(\"words\")", "null", "words"},
        {"[.[] | tostring] | join(\",\")", "[1,2]", "1,2"},
        {"test(\"^a+$\")", "\"aaa\"", "true"},
    };

    CHECK_ROWS(rows);
}

static void several_results_are_an_array_and_none_is_null(void)
{
    static const struct row rows[] = {
        {"1,2", "null", "[1,2]"},
        {".[]", "[1,2,3]", "[1,2,3]"},
        {".[]", "[1]", "1"},
        {".[]", "[]", "null"},
        {"empty", "1", "null"},
        {".a?", "1", "null"},
        {"1, error(\"late\")", "null", "late"},
    };

    CHECK_ROWS(rows);
}

static void what_reaches_outside_is_refused(void)
{
    static const struct row rows[] = {
        {"env", "null", "`env` is not available"},
        {"$ENV", "null", "$ENV is not available"},
        {"$ENV.PATH", "null", "$ENV is not available"},
        {"$ ENV", "null", "$ENV is not available"},
        {"{$ENV}", "null", "$ENV is not available"},
        {"input", "null", "`input` is not available"},
        {"[inputs]", "null", "`inputs` is not available"},
        {". | debug", "null", "`debug` is not available"},
        {"stderr", "null", "`stderr` is not available"},
        {"halt", "null", "`halt` is not available"},
        {"\"a\\(halt_error)\"", "null", "`halt_error` is not available"},
        {"import \"a\" as a; 1", "null", "`import` is not available"},
        {"include \"a\"; 1", "null", "`include` is not available"},
        {"\"a\" | modulemeta", "null", "`modulemeta` is not available"},
        {"input_filename", "null", "`input_filename` is not available"},
        {"get_search_list", "null", "`get_search_list` is not available"},
        {"{a: env}", "null", "`env` is not available"},
        {"{(env): 1}", "null", "`env` is not available"},
        {"{a: [1, env]}", "null", "`env` is not available"},
        {"__wf0", "null", "names that begin with __wf are reserved"},
        {"$__wfd", "null", "the variable $__wfd is not bound"},
        {"$__loc__", "null", "the variable $__loc__ is not bound"},
    };

    CHECK_ROWS(rows);
}

static void words_that_only_look_forbidden_are_fine(void)
{
    static const struct row rows[] = {
        {".env", "{\"env\":1}", "1"},
        {"{env: 2}.env", "null", "2"},
        {"\"env\"", "null", "env"},
        {"1 # env", "null", "1"},
        {"{env}", "{\"env\":5}", "5"},
        {"map(.halt)", "[{\"halt\":1}]", "[1]"},
    };

    CHECK_ROWS(rows);
}

static void no_expression_breaks_out_of_its_program(void)
{
    static const struct row rows[] = {
        {"1); def x: (2", "null", ") without its opening bracket at character 2"},
        {"(1", "null", "a bracket that is not closed, opened at character 1"},
        {"[1)", "null", ") where ] is expected"},
        {"{\"a\": \"b}", "null", "a string that is not closed, opened at character 7"},
        {"\"\\(1\"", "null", "a string that is not closed, opened at character 5"},
        {"\"\\(1])\"", "null", "] where ) is expected"},
        {"", "null", "the expression is empty"},
        {"  # only a comment", "null", "the expression is empty"},
        {"1 # )\n + (1)", "null", "2"},
        {"\"\xff\"", "null", "bytes that are not UTF-8"},
        {".a = 'x'", "null", "a character that jq does not know at character 6"},
        {"\"a\\", "null", "a lone backslash"},
        {"1 end", "null", "syntax error"},
        {"1; 2", "null", "syntax error"},
    };

    CHECK_ROWS(rows);
}

static void unbound_variables_are_named_with_those_that_are_bound(void)
{
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr;
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(
        wf_exprs_add(exprs, ".a + $contxt.b", names, (struct wf_loc){"f", 1, 1}, &expr, &err), WF_ENOTFOUND);
    WF_ASSERT_TEXT(err.msg, "the variable $contxt is not bound here (character 6)");
    WF_ASSERT_TEXT(err.hint, "bound at this place: $input, $context, $x");
    wf_exprs_free(exprs);
    check_run(". as [$a] | $a", "[7]", "7");
    check_run("(. as $a | $a) + $a", "7", "$a is not defined");
}

static void a_bad_expression_does_not_spoil_the_others(void)
{
    static const char *const texts[] = {"map(.)", "map(", "map(. + 1)", "nosuch", "if . then 1 end", "[.[]]"};
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr[6] = {NULL};
    struct complaints complaints = {0};
    jv dot = wf_test_json("[1]"), value;
    struct wf_env env = {get_var, get_now, &dot};

    for (int i = 0; i < 6; i++) {
        struct wf_err err = {0};

        CU_ASSERT_EQUAL(wf_exprs_add(exprs, texts[i], names, (struct wf_loc){"f", i + 1, 1}, &expr[i], &err),
            i == 1 ? WF_EINVAL : 0);
    }
    CU_ASSERT_EQUAL(wf_exprs_compile(exprs, keep, &complaints), 2);
    CU_ASSERT_EQUAL(complaints.count, 2);
    CU_ASSERT_EQUAL(complaints.last.loc.line, 5);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaints.last.hint, "else"));
    for (int i = 0; i < 6; i += 2) {
        bool good = i != 4;

        CU_ASSERT_EQUAL(wf_expr_eval(expr[i], &dot, &env, &value, NULL), good ? 0 : WF_EINVAL);
        if (good)
            jv_free(value);
    }
    CU_ASSERT_EQUAL_FATAL(wf_expr_eval(expr[5], &dot, &env, &value, NULL), 0);
    jv_free(value);
    CU_ASSERT_EQUAL(wf_exprs_compile(exprs, keep, &complaints), 0);
    jv_free(dot);
    wf_exprs_free(exprs);
}

static void complaints_are_in_plain_words(void)
{
    static const struct row rows[] = {
        {"map(.) +", "null", "syntax error, unexpected the end of the expression"},
        {"map(.)\n| nosuch(1)", "null", "nosuch/1 is not defined (line 2 of the expression)"},
        {"{a: 1 + 2}", "null", "syntax error, unexpected '+', expecting '}'"},
        {"1 / 0", "null", "Division by zero?"},
    };

    CHECK_ROWS(rows);
}

static void what_later_versions_of_jq_have_is_supplied_or_explained(void)
{
    static const struct row rows[] = {
        {"pick(.a.b)", "{\"a\":{\"b\":1,\"c\":2},\"d\":3}", "{\"a\":{\"b\":1}}"},
        {"map(abs)", "[-1,2,-0.5]", "[1,2,0.5]"},
        {"abs", "\"x\"", "string (\"x\") has no absolute value"},
        {"toarray", "1", "[1]"},
        {"toarray", "[1]", "[1]"},
        {"have_literal_numbers", "null", "false"},
        {"def abs: 7; abs", "-1", "7"},
    };
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr;
    struct complaints complaints = {0};

    CHECK_ROWS(rows);
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, ".a | trim", names, (struct wf_loc){0}, &expr, NULL), 0);
    CU_ASSERT_EQUAL(wf_exprs_compile(exprs, keep, &complaints), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaints.last.hint, "gsub("));
    wf_exprs_free(exprs);
}

static void what_would_abort_libjq_is_an_error(void)
{
    static const struct row rows[] = {
        {"implode", "[-1]", "implode wants an array of code points"},
        {"implode", "[1114112]", "implode wants an array of code points"},
        {"implode", "[\"a\"]", "implode wants an array of code points"},
        {"[65,66] | implode", "null", "AB"},
        {"map(. % -1)", "[1e1000]", "[0]"},
        {"map(. % 3)", "[7]", "[1]"},
        {"1e1000 % -1", "null", "0"},
        {"1e300 | todate", "null", "seconds are not within the years 0 to 9999"},
        {"strftime(\"%A, %B %d, %Y\")", "1425599621", "Thursday, March 05, 2015"},
        {"strftime(\"%Y\")", "1e18", "seconds are not within the years 0 to 9999"},
        {"1425599621 | todate", "null", "2015-03-05T23:53:41Z"},
        {"[.[] | gmtime | mktime]", "[1425599621]", "[1425599621]"},
        {".[1e9] = 1", "null", "an array may have at most 1000000 items here"},
        {".[1e9] |= 1", "null", "an array may have at most 1000000 items here"},
        {".a[1e9] += 1", "null", "an array may have at most 1000000 items here"},
        {"setpath([1e9]; 1)", "null", "an array may have at most 1000000 items here"},
        {".[2] = 1 | .[0] |= 3 | .[1] += 2", "null", "[3,2,1]"},
        {"map(. * 1e9)", "[\"a\"]", "the repeated string would be longer than 64 MiB"},
        {"map(. * 1e9)", "[\"\"]", "the repeated string would be longer than 64 MiB"},
        {"map(1e9 * .)", "[\"a\"]", "the repeated string would be longer than 64 MiB"},
        {"map(. * 2, . * .)", "[3]", "[6,9]"},
        {"map(5 % .)", "[0]", "cannot be divided (remainder) because the divisor is zero"},
    };

    CHECK_ROWS(rows);
}

static void now_asks_the_environment(void)
{
    check_run("now", "null", "1000");
    check_run("[now, now] | map(. + 1)", "null", "[1001,1001]");
    check_run("def f: now; f", "null", "1000");
}

static void an_endless_expression_is_stopped_and_the_others_go_on(void)
{
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *endless, *good;
    struct wf_err err = {0};
    struct complaints complaints = {0};
    jv dot = jv_number(1), value;
    struct wf_env env = {get_var, get_now, &dot};

    wf_exprs_set_budget(exprs, 50);
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, "def f: f; f", names, (struct wf_loc){0}, &endless, &err), 0);
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, "[., 2] | map(. + 1)", names, (struct wf_loc){0}, &good, &err), 0);
    CU_ASSERT_EQUAL_FATAL(wf_exprs_compile(exprs, keep, &complaints), 0);
    for (int i = 0; i < 2; i++) {
        int64_t start = wf_clock_mono_ms();

        memset(&err, 0, sizeof err);
        CU_ASSERT_EQUAL(wf_expr_eval(endless, &dot, &env, &value, &err), WF_ELIMIT);
        CU_ASSERT_TRUE(wf_clock_mono_ms() - start >= 50);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "stopped after 50 ms"));
        CU_ASSERT_EQUAL_FATAL(wf_expr_eval(good, &dot, &env, &value, &err), 0);
        char *text = wf_val_text(&value);
        WF_ASSERT_TEXT(text, "[2,3]");
        free(text);
        jv_free(value);
    }
    jv_free(dot);
    wf_exprs_free(exprs);
}

static void expressions_know_their_facts(void)
{
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *a, *b;

    wf_exprs_add(exprs, ".a + $x", names, (struct wf_loc){"f", 1, 2}, &a, NULL);
    wf_exprs_add(exprs, "map($context)", names, (struct wf_loc){"f", 3, 4}, &b, NULL);
    CU_ASSERT_EQUAL(wf_expr_id(a), 0);
    CU_ASSERT_EQUAL(wf_expr_id(b), 1);
    WF_ASSERT_TEXT(wf_expr_text(b), "map($context)");
    CU_ASSERT_EQUAL(wf_expr_loc(b).col, 4);
    CU_ASSERT_TRUE(wf_expr_uses(a, "x"));
    CU_ASSERT_FALSE(wf_expr_uses(a, "context"));
    CU_ASSERT_TRUE(wf_expr_is_native(a));
    CU_ASSERT_FALSE(wf_expr_is_native(b));
    wf_exprs_free(exprs);
}

static void deep_and_long_programs_have_limits(void)
{
    enum { LEN = 70000 };
    char *text = calloc(LEN + 1, 1);
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr;

    memset(text, '.', LEN);
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, text, names, (struct wf_loc){0}, &expr, NULL), WF_ELIMIT);
    memset(text, '(', LEN);
    text[1000] = '\0';
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, text, names, (struct wf_loc){0}, &expr, NULL), WF_ELIMIT);
    memset(text, '-', 1000);
    text[999] = '1';
    CU_ASSERT_EQUAL(wf_exprs_add(exprs, text, names, (struct wf_loc){0}, &expr, NULL), 0);
    CU_ASSERT_FALSE(wf_expr_is_native(expr));
    free(text);
    wf_exprs_free(exprs);
}

/* More than a second each would make a start slow; the figures in expr.h are far below. */
static void many_expressions_compile_in_few_programs(void)
{
    struct wf_exprs *exprs = wf_exprs_new();
    struct complaints complaints = {0};
    struct wf_expr *expr;
    int64_t start = wf_clock_mono_ms();

    for (int i = 0; i < 60; i++) {
        char text[60];

        snprintf(text, sizeof text, "map(select(.a == %d)) | length", i);
        CU_ASSERT_EQUAL_FATAL(wf_exprs_add(exprs, text, names, (struct wf_loc){0}, &expr, NULL), 0);
    }
    CU_ASSERT_EQUAL(wf_exprs_compile(exprs, keep, &complaints), 0);
    CU_ASSERT_TRUE(wf_clock_mono_ms() - start < 3000);
    jv dot = wf_test_json("[{\"a\":59},{\"a\":59}]"), value = jv_invalid();
    struct wf_env env = {get_var, get_now, &dot};
    CU_ASSERT_EQUAL(wf_expr_eval(expr, &dot, &env, &value, NULL), 0);
    CU_ASSERT_EQUAL(jv_number_value(value), 2);
    jv_free(dot);
    wf_exprs_free(exprs);
}

static const struct wf_case cases[] = {
    {"libjq_evaluates_what_is_not_native", libjq_evaluates_what_is_not_native},
    {"several_results_are_an_array_and_none_is_null", several_results_are_an_array_and_none_is_null},
    {"what_reaches_outside_is_refused", what_reaches_outside_is_refused},
    {"words_that_only_look_forbidden_are_fine", words_that_only_look_forbidden_are_fine},
    {"no_expression_breaks_out_of_its_program", no_expression_breaks_out_of_its_program},
    {"unbound_variables_are_named_with_those_that_are_bound", unbound_variables_are_named_with_those_that_are_bound},
    {"a_bad_expression_does_not_spoil_the_others", a_bad_expression_does_not_spoil_the_others},
    {"complaints_are_in_plain_words", complaints_are_in_plain_words},
    {"what_later_versions_of_jq_have_is_supplied_or_explained",
        what_later_versions_of_jq_have_is_supplied_or_explained},
    {"what_would_abort_libjq_is_an_error", what_would_abort_libjq_is_an_error},
    {"now_asks_the_environment", now_asks_the_environment},
    {"an_endless_expression_is_stopped_and_the_others_go_on", an_endless_expression_is_stopped_and_the_others_go_on},
    {"expressions_know_their_facts", expressions_know_their_facts},
    {"deep_and_long_programs_have_limits", deep_and_long_programs_have_limits},
    {"many_expressions_compile_in_few_programs", many_expressions_compile_in_few_programs},
    {NULL, NULL},
};
const struct wf_suite expr_suite = {"expr", cases};
