/* test_template.c: what is evaluated in data, and what is not. */
#include "def/template.h"
#include "suites.h"

static jv var(void *ctx, const char *name)
{
    (void)ctx;
    return jv_string_concat(jv_string("value of "), jv_string(name));
}

static void report(void *arg, const struct wf_err *err)
{
    (void)arg;
    fprintf(stderr, "%s\n", err->msg);
}

static const char *const vars[] = {"input", NULL};

/* Evaluates yaml on JSON data: the result as JSON, or the error's or the findings' words. The caller frees. */
static char *eval(const char *yaml, enum wf_tmpl_mode mode, const char *data)
{
    struct wf_arena *arena = wf_arena_new((size_t)1 << 20);
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_diags diags;
    const struct wf_node *node = NULL;
    wf_diags_init(&diags);
    CU_ASSERT_EQUAL_FATAL(wf_yaml_parse("f", yaml, strlen(yaml), arena, &diags, &node), 0);
    const struct wf_tmpl *tmpl = wf_tmpl_new(arena, exprs, node, mode, vars, &diags);
    char *text;
    if (diags.count > 0) {
        text = wf_test_findings(&diags);
    } else {
        const struct wf_env env = {.var = var};
        struct wf_err err = {0};
        jv dot = jv_parse(data), result;
        CU_ASSERT_EQUAL(wf_exprs_compile(exprs, report, NULL), 0);
        if (wf_tmpl_eval(tmpl, &dot, &env, &result, &err) == 0) {
            text = wf_val_text(&result);
            jv_free(result);
        } else {
            text = strdup(err.msg);
        }
        jv_free(dot);
    }
    wf_diags_done(&diags);
    wf_exprs_free(exprs);
    wf_arena_free(arena);
    return text;
}

static void expect(const char *yaml, enum wf_tmpl_mode mode, const char *data, const char *expected)
{
    char *text = eval(yaml, mode, data);
    WF_ASSERT_TEXT(text, expected);
    free(text);
}

static void data(void)
{
    expect("{a: '${ .x }', b: ['${ .y }', .x, 1], c: {d: '  ${ $input } '}}", WF_TMPL_DATA, "{\"x\":1,\"y\":null}",
        "{\"a\":1,\"b\":[null,\".x\",1],\"c\":{\"d\":\"value of input\"}}");
    expect("plain {x} ${x", WF_TMPL_DATA, "{\"x\":1}", "\"plain {x} ${x\"");
    expect("'${ .x }'", WF_TMPL_DATA, "{\"x\":\"${ .y }\",\"y\":2}", "\"${ .y }\"");
    expect("'${}'", WF_TMPL_DATA, "{}", "\"${}\"");
    expect("a: Hello ${ .x }", WF_TMPL_DATA, "{}",
        "1:4 W0205 with text around it `${ }` is not evaluated | make the whole text one expression: ${ \"Hello "
        "\\(.name)\" }\n");
}

static void expressions(void)
{
    expect(".x", WF_TMPL_EXPR, "{\"x\":1}", "1");
    expect("${ .x }", WF_TMPL_EXPR, "{\"x\":1}", "1");
    expect("{a: .x, b: '${ .x }'}", WF_TMPL_EXPR, "{\"x\":1}", "{\"a\":\".x\",\"b\":1}");
    expect("12", WF_TMPL_EXPR, "{}", "12");
    expect("''", WF_TMPL_EXPR, "{}", "1:1 E0401 an expression is empty or holds U+0000\n");
}

static void uris(void)
{
    static const char values[] =
        "{\"id\":\"a b/c~ü\",\"n\":7,\"t\":true,\"o\":{\"p\":\"q\"},\"x.y\":\"dotted\",\"z\":null}";
    expect("https://h/{id}?n={n}&t={t}", WF_TMPL_URI, values, "\"https://h/a%20b%2Fc~%C3%BC?n=7&t=true\"");
    expect("https://h/{o.p}/{x.y}/{z}{none}{o.none.p}.", WF_TMPL_URI, values, "\"https://h/q/dotted/.\"");
    expect("https://h/{o}", WF_TMPL_URI, values, "`o` in the URI is an object, not text or a number");
    expect("${ .id }", WF_TMPL_URI, values, "\"a b/c~ü\"");
    expect("https://h/plain", WF_TMPL_URI, values, "\"https://h/plain\"");
    expect("https://h/{+id}", WF_TMPL_URI, values,
        "1:1 E0205 `{+id}` is no URI template | between braces stands one name, such as {id}; for more write an "
        "expression: ${ \"https://host/\\(.id)\" }\n");
    expect("https://h/id}", WF_TMPL_URI, values,
        "1:1 E0205 a URI template has a `}` without `{` | a literal brace is written %7B or %7D\n");
}

static void http(void)
{
    expect("{endpoint: 'https://h/{n}', body: '{n}'}", WF_TMPL_HTTP, "{\"n\":1}",
        "{\"endpoint\":\"https://h/1\",\"body\":\"{n}\"}");
    expect("{endpoint: {uri: 'https://h/{n}', authentication: {bearer: {token: '{n}'}}}}", WF_TMPL_HTTP, "{\"n\":1}",
        "{\"endpoint\":{\"uri\":\"https://h/1\",\"authentication\":{\"bearer\":{\"token\":\"{n}\"}}}}");
}

static void marks(void)
{
    struct wf_arena *arena = wf_arena_new(4096);
    WF_ASSERT_TEXT(wf_expr_marked(arena, " ${ .a } \n", 10), " .a ");
    WF_ASSERT_TEXT(wf_expr_marked(arena, "${{a: 1}}", 9), "{a: 1}");
    CU_ASSERT_PTR_NULL(wf_expr_marked(arena, "${ .a } x", 9));
    CU_ASSERT_PTR_NULL(wf_expr_marked(arena, "x ${ .a }", 9));
    CU_ASSERT_PTR_NULL(wf_expr_marked(arena, "${}", 3));
    CU_ASSERT_PTR_NULL(wf_expr_marked(arena, "", 0));
    wf_arena_free(arena);
}

static const struct wf_case cases[] = {
    {"only_marked_strings_in_data_are_evaluated_and_once", data},
    {"a_string_that_is_an_expression_by_nature_needs_no_mark", expressions},
    {"names_in_endpoints_are_expanded_and_encoded", uris},
    {"only_the_endpoint_of_an_http_call_is_a_uri_template", http},
    {"a_mark_spans_the_whole_text", marks},
    {NULL, NULL},
};
const struct wf_suite template_suite = {"template", cases};
