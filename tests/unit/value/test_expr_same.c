/* test_expr_same.c: every native program gives what libjq gives: the same value, or the same error. */
#include "suites.h"
#include "value/expr.h"

static const char *const inputs[] = {
    "null",
    "true",
    "0",
    "-2.5",
    "\"text\"",
    "\"\\u00e4\\u20ac long enough to be cut\"",
    "[]",
    "[1,\"b\",null,[2]]",
    "{}",
    "{\"a\":{\"b\":[1,{\"c\":\"deep\"}]},\"n\":7,\"s\":\"str\",\"f\":false,\"a b\":3,\"z\":null}",
    "{\"a\":\"x\",\"n\":\"7\",\"s\":[1,2],\"f\":{\"a\":1}}",
};

static const char *const variables = "{\"x\":{\"y\":[10,20],\"k\":\"b\"},\"n\":3,\"s\":\"var\",\"nil\":null}";

/* All of these must be native. */
static const char *const programs[] = {
    /* paths */
    ".",
    ".a",
    ".a.b",
    ".a.b[1].c",
    ".a?",
    ".a?.b",
    ".a.b?",
    ".a?.b?",
    ".n.x",
    ".n.x?",
    ".[\"a\"]",
    ".[\"a\"]?",
    ".[0]",
    ".[0]?",
    ".[-1]",
    ".[1.7]",
    ".[.n]",
    ".[.s]",
    ".[$n]",
    ".[null]",
    ".[true]",
    ".[{}]",
    /* no `.[[1]]`: libjq 1.6 leaks what it looks for, whoever asks */
    ".\"a\"",
    ".\"a b\"",
    ".\"a\".\"b\"",
    ".a.\"b\"",
    ".\"a\"?",
    ".a[\"b\"]",
    ".a[\"b\"][0]",
    ". .a",
    ".a .b",
    ". [0]",
    ".\"a\\(1)\"",
    ".[\"a\\(\" b\")\"]",
    "(.a).b",
    "(.a)[\"b\"]",
    "((.))",
    ".a.b.c.d.e.f",
    ".z.y.x",
    "{\"a\":1}.a",
    "[1,2][1]",
    "\"abc\".a",
    "null.a",
    "1 .a",
    "true.a",
    ".[0][1]",
    ".[3][0]",
    ".\"\\u0061\"",
    ".s[0]",
    /* variables */
    "$x",
    "$x.y",
    "$x.y[0]",
    "$x[\"y\"]",
    "$x.y[1] + $n",
    "$nil",
    "$nil.a",
    "$s.a",
    "$x[.a]",
    ".[$s]",
    "$x.k",
    "$ n",
    ".[$x.k]",
    /* literals */
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.5",
    ".5",
    "1.",
    "1e3",
    "1E-2",
    "1e1000",
    "100000000000000000000",
    "0.1",
    "\"\"",
    "\"abc\"",
    "\"a\\nb\\t\\\"\\\\\\/\"",
    "\"\\u00e4\\ud83d\\ude00\"",
    "\"\xc3\xa4\"",
    "\"a\nb\"",
    "[]",
    "{}",
    "1 # comment",
    "# comment\n1",
    "\"# no comment\"",
    /* strings */
    "\"\\(.)\"",
    "\"a\\(.a)b\"",
    "\"\\(.a)\\(.n)\"",
    "\"\\(1 + 2) and \\(\"x\")\"",
    "\"\\(\"\\(\"deep\")\")\"",
    "\"\\(.n.x)\\(.s.y)\"",
    "\"\\(1e17) \\(0.1) \\(1.0) \\(-0)\"",
    "\"\\({a:[1,null]})\"",
    "\"\\(.a?)\"",
    "\"\\(.a | .b)\"",
    "\"x\" + \"\\(.)\"",
    "\"\\($x)\"",
    /* comparisons */
    ". == null",
    ".a == .b",
    ".n == 7",
    ".n != 7",
    ".n < 7",
    ".n <= 7",
    ".n > 7",
    ".n >= 7",
    ". < 1",
    ". < \"b\"",
    ". < []",
    ". < {}",
    ". > null",
    ". >= false",
    ". <= true",
    "null < false",
    "false < true",
    "true < 0",
    "0 < \"\"",
    "\"\" < []",
    "[] < {}",
    "[1,2] < [1,3]",
    "{\"a\":1} < {\"b\":0}",
    "{\"a\":2} < {\"a\":1,\"b\":1}",
    "{\"a\":1} == {\"a\":1.0}",
    "\"\xc3\xa4\" < \"z\"",
    "(1 / 3) == (1 / 3)",
    ". == .",
    ".a.b == [1,{\"c\":\"deep\"}]",
    "\"1\" == 1",
    "[] == []",
    "1 == 1",
    "1 < 2",
    "2 != 3",
    "null == false",
    ".n.x == 1",
    "1 == .n.x",
    ".a.x == .n.x",
    /* logic */
    "true and false",
    ". and true",
    ". or false",
    "not",
    ". | not",
    ".a and .n.x",
    ".f and .n.x",
    ".f or .n.x",
    ".a or .n.x",
    "true and 1 or null",
    "null or false and true",
    ".a == 1 or .n == 7 and .f",
    "1 and null",
    "(.a | not) and (.z | not)",
    ".a? and true",
    "false and .a.b.c.d",
    /* alternatives */
    ".a // 1",
    ".z // .f // \"last\"",
    "null // null",
    "false // false",
    ".a.b[0] // 5",
    ".n.x // 1",
    "1 // .n.x",
    ".a? // \"none\"",
    "(.a // {}) .b",
    "null // false // 3 + 1",
    "1 // 2 + 3",
    ".f // (.n.x)",
    ".a // .b == 1",
    /* arithmetic */
    ".n + 1",
    ". + 1",
    "1 + .",
    ". + \"x\"",
    ". + []",
    ". + {}",
    ". + null",
    "null + .",
    ". + .",
    ".a + .s",
    ". - 1",
    ". - .",
    ". - [1]",
    "[1,2,1,3] - [1,3]",
    "[[1],1] - [[1]]",
    "1 - 2 - 3",
    "8 / 2 / 2",
    "2 * 3 + 4",
    "2 + 3 * 4",
    "(2 + 3) * 4",
    "7 % 4 * 2",
    ". * 2",
    "2 * .",
    ". * 0",
    ". * 0.5",
    ". * 1.5",
    ". * -1",
    ". * .",
    "\"ab\" * 3",
    "\"ab\" * 0",
    "\"ab\" * 0.3",
    "\"ab\" * 1",
    "0 * \"ab\"",
    "{\"a\":{\"b\":1}} * {\"a\":{\"c\":2}}",
    ". / 2",
    ". / .",
    "1 / .",
    "\"a,b,c\" / \",\"",
    ". / \"x\"",
    "\"\" / \"\"",
    ". % 2",
    ". % .",
    "5 % .",
    "5.9 % 2.1",
    "-5 % 3",
    "5 % -3",
    "-7.9 % -2",
    "1e19 % 7",
    "-1e19 % 7",
    "5 % 1e19",
    "5 % 1e1000",
    "0.1 + 0.2",
    "1e308 * 10",
    "-1e308 * 10",
    "-1",
    "- .n",
    "-.",
    "-.a",
    "- 1 - 1",
    "-1 * 2",
    "2 - -3",
    "2 * -3 * 4",
    "2 * -3 + 4",
    "-(1 + 2)",
    "-1 | -.",
    ".n.x + .s.y",
    ".s.y - .n.x",
    ".n.x * 2",
    "{} + 1",
    "{} - {}",
    "[1] * 2",
    "{} / {}",
    "true + true",
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" - 1",
    "{\"a\":\"bbbbbbbbbbbbbbbbbbbbb\"} - 1",
    "\"\xc3\xa4\xe2\x82\xac\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\" - 1",
    "1 % 0.5",
    "0 / 0.5",
    ". % 0.1",
    /* pipes and conditions */
    ".a | .b",
    ".a | .b | .[0]",
    ". | . | .",
    ".a | length",
    "1 | . + 1 | . * 3",
    "$x | .y | .[0]",
    ".a | $n",
    "if . then 1 else 2 end",
    "if .a then .a.b elif .n then .n else \"none\" end",
    "if .n.x then 1 else 2 end",
    "if . then .n.x else .s.y end",
    "1 + if . then 1 else 2 end",
    "if . then 1 else 2 end + 3",
    "if .a? then 1 else 2 end",
    "if null then 1 elif false then 2 elif true then 3 else 4 end",
    "if . == null then \"nil\" else . end | tostring",
    "if (.n | not) then 1 else 2 end",
    /* arrays and objects */
    "[.]",
    "[1,2,3]",
    "[.a, .n, .s]",
    "[.a?]",
    "[.n.x?]",
    "[.a? , 1, .n?]",
    "[.n.x, 1]",
    "[[], [[]], {}]",
    "[.a | .b]",
    "[1 | . + 1]",
    "[.n // 0, .z // 1]",
    "[-1, - 2]",
    "{a:1}",
    "{\"a b\":1, c:\"d\"}",
    "{a}",
    "{a,n,s}",
    "{\"a b\"}",
    "{$n}",
    "{$n,$s,a:$x}",
    "{a:.n}",
    "{a:.a.b[0]}",
    "{a: -1}",
    "{a: .n | 2}",
    "{a: 1 | tostring}",
    "{(\"k\"):1}",
    "{(.s):1}",
    "{(.a):1}",
    "{(.n):.n.x}",
    "{(.n.x):.s.y}",
    "{a:.n.x, b:.s.y}",
    "{\"a\\(1)\":2}",
    "{a:1,a:2}",
    "{a:{b:{c:[1,{}]}}}",
    "{a:(1 + 2)}",
    "{a:[1,2]}",
    "{a:\"x\\(.)\"}",
    "{if:1,and:2,then:3,def:4}",
    "{a:not}",
    "{a:(.n == 7)}",
    "{a:.a?}",
    "{a:.x.y}",
    "{a:$x.y[0]}",
    "{b:{b:1}.b}",
    "{a:null} | .a",
    "{a:1}.a",
    "{z:1,a:2}",
    "{a:-.n}",
    /* functions */
    "length",
    ".a | length",
    ".s | length",
    ".n | length",
    "type",
    ".a | type",
    "keys",
    ".a | keys",
    "tostring",
    ".n | tostring",
    "tojson",
    ".s | tojson",
    "length + 1",
    "not | not",
    "not .a",
    "length | not",
    "keys | length",
    "type == \"object\"",
    "(keys | length) > 2",
    "\"\\(length)\"",
};

static jv get_var(void *ctx, const char *name)
{
    return wf_val_get(ctx, name);
}

static jv no_clock(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
    return jv_number(0);
}

static const char *const names[] = {"x", "n", "s", "nil", NULL};

static void complain(void *arg, const struct wf_err *err)
{
    (void)arg;
    fprintf(stderr, "does not compile: %s\n", err->msg);
}

static char *outcome(struct wf_expr *expr, const jv *dot, const struct wf_env *env)
{
    jv value;
    struct wf_err err = {0};

    if (wf_expr_eval(expr, dot, env, &value, &err) != 0)
        return strcat(strcpy(calloc(700, 1), "error: "), err.msg);
    char *text = wf_val_text(&value);
    jv_free(value);
    return text;
}

static void native_programs_give_what_libjq_gives(void)
{
    enum { COUNT = sizeof programs / sizeof *programs };
    static struct wf_expr *native[COUNT], *libjq[COUNT];
    struct wf_exprs *exprs = wf_exprs_new();
    jv vars = wf_test_json(variables);
    struct wf_env env = {.var = get_var, .now = no_clock, .ctx = &vars};

    for (size_t i = 0; i < COUNT; i++) {
        struct wf_err err = {0};

        wf_exprs_set_native(exprs, true);
        int rc = wf_exprs_add(exprs, programs[i], names, (struct wf_loc){0}, &native[i], &err);
        wf_exprs_set_native(exprs, false);
        rc += wf_exprs_add(exprs, programs[i], names, (struct wf_loc){0}, &libjq[i], &err);
        if (rc)
            fprintf(stderr, "%s: %s\n", programs[i], err.msg);
        CU_ASSERT_EQUAL_FATAL(rc, 0);
        if (!wf_expr_is_native(native[i]))
            fprintf(stderr, "not native: %s\n", programs[i]);
        CU_ASSERT_TRUE(wf_expr_is_native(native[i]));
        CU_ASSERT_FALSE(wf_expr_is_native(libjq[i]));
    }
    CU_ASSERT_EQUAL(wf_exprs_compile(exprs, complain, NULL), 0);
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
        jv dot = wf_test_json(inputs[k]);

        for (size_t i = 0; i < COUNT; i++) {
            char *ours = outcome(native[i], &dot, &env), *theirs = outcome(libjq[i], &dot, &env);

            if (strcmp(ours, theirs) != 0)
                fprintf(stderr, "%s   on   %s\n", programs[i], inputs[k]);
            WF_ASSERT_TEXT(ours, theirs);
            free(ours);
            free(theirs);
        }
        jv_free(dot);
    }
    jv_free(vars);
    wf_exprs_free(exprs);
}

/* In libjq's grammar these differ from what a hasty parser would take them for, or they are not ours to judge. */
static void what_is_not_certain_is_left_to_libjq(void)
{
    static const char *const rows[] = {".[]", ".[0:1]", "..", "1,2", "[1,2 | 3]", "[1 | 2,3]", "(.a)?", "$x?", ".a??",
        "{a: 1 + 2}", "{a: 1 // 2}", "{a: if . then 1 else 2 end}", "{(1):2}", "{1:2}", "1 == 1 == true", "1 < 2 < 3",
        "1 / 0", "1 % 0", ".a?//1", ".a.[\"b\"]", ".a .1", ". a", "1.a", "\"a\" \"b\"", ". not", "if . then 1 end",
        "map(.)", ".a |= 1", ".a = 1", ". as $y | $y", "def f: 1; f", "@base64", "@base64 \"\\(.)\"", "\"\\q\"",
        "\"\\ud800\"", "try 1", "reduce .[] as $i (0; .)", "length(1)", "and", "1 +", "{a", "| 1", "[,]", "{,}",
        "\"\\(1,2)\"", "label $f | 1", ".a[]", "[.[]]", "{a:(1,2)}", "{$x:1}", "{\"a\\(1)\"}", "{@base64 \"x\":1}",
        "if . then 1 else 2 end.a", "- - 1 |", "true false", "nan", "infinite", "empty", "error"};

    struct wf_exprs *exprs = wf_exprs_new();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_expr *expr = NULL;

        if (wf_exprs_add(exprs, rows[i], names, (struct wf_loc){0}, &expr, NULL) == 0 && wf_expr_is_native(expr)) {
            fprintf(stderr, "native: %s\n", rows[i]);
            CU_FAIL("native");
        }
    }
    wf_exprs_free(exprs);
}

static const struct wf_case cases[] = {
    {"native_programs_give_what_libjq_gives", native_programs_give_what_libjq_gives},
    {"what_is_not_certain_is_left_to_libjq", what_is_not_certain_is_left_to_libjq},
    {NULL, NULL},
};
const struct wf_suite expr_same_suite = {"expr_same", cases};
