/* test_yaml.c: YAML 1.2 scalars, places, aliases, limits and everything that is refused. */
#include "base/alloc.h"
#include "base/buf.h"
#include "def/yaml.h"
#include "suites.h"

static struct wf_arena *arena;
static struct wf_diags diags;

static const struct wf_node *parse_bytes(const char *text, size_t len)
{
    const struct wf_node *root = NULL;
    arena = wf_arena_new((size_t)512 << 20);
    wf_diags_init(&diags);
    int rc = wf_yaml_parse("f.yaml", text, len, arena, &diags, &root);
    CU_ASSERT_EQUAL(rc, diags.errors ? WF_EINVAL : 0);
    CU_ASSERT_EQUAL(root == NULL, rc != 0);
    return root;
}

static void done(void)
{
    wf_diags_done(&diags);
    wf_arena_free(arena);
}

/* The value as JSON, or the findings. */
static void expect(const char *yaml, const char *expected)
{
    const struct wf_node *root = parse_bytes(yaml, strlen(yaml));
    char *text;
    if (root && diags.count == 0) {
        jv value = wf_node_value(root);
        text = wf_val_text(&value);
        jv_free(value);
    } else {
        text = wf_test_findings(&diags);
    }
    WF_ASSERT_TEXT(text, expected);
    free(text);
    done();
}

static void scalars(void)
{
    static const char *const rows[][2] = {
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"nULL", "\"nULL\""},
        {"", "null"},
        {"true", "true"},
        {"True", "true"},
        {"TRUE", "true"},
        {"tRUE", "\"tRUE\""},
        {"False", "false"},
        {"on", "\"on\""},
        {"yes", "\"yes\""},
        {"no", "\"no\""},
        {"off", "\"off\""},
        {"y", "\"y\""},
        {"12", "12"},
        {"-12", "-12"},
        {"+12", "12"},
        {"017", "17"},
        {"0o17", "15"},
        {"0x1F", "31"},
        {"0b11", "\"0b11\""},
        {"0o18", "\"0o18\""},
        {"0xG", "\"0xG\""},
        {"1_000", "\"1_000\""},
        {"12:30:45", "\"12:30:45\""},
        {"1.5", "1.5"},
        {".5", "0.5"},
        {"5.", "5"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"-1.5e-1", "-0.15"},
        {".", "\".\""},
        {"-", "\"-\""},
        {"1e", "\"1e\""},
        {"1.2.3", "\"1.2.3\""},
        {"e3", "\"e3\""},
        {"'12'", "\"12\""},
        {"\"true\"", "\"true\""},
        {"2026-01-31", "\"2026-01-31\""},
        {"!!str 12", "\"12\""},
        {"! 12", "\"12\""},
        {"!!int '12'", "12"},
        {"!!float 12", "12"},
        {"!!null ''", "null"},
        {"9007199254740992", "9007199254740992"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* "-" alone would be a list entry. */
        char *yaml = wf_asprintf(strcmp(rows[i][0], "-") == 0 ? "[%s]" : "%s", rows[i][0]);
        if (strcmp(rows[i][0], "-") != 0)
            expect(yaml, rows[i][1]);
        free(yaml);
    }
}

static void numbers_json_lacks(void)
{
    expect("a: .inf", "1:4 E0102 `.inf`: JSON has no such number; quote it if it is meant as text\n");
    expect("a: -.INF", "1:4 E0102 `-.INF`: JSON has no such number; quote it if it is meant as text\n");
    expect("a: .NaN", "1:4 E0102 `.NaN`: JSON has no such number; quote it if it is meant as text\n");
    expect("a: 1e999", "1:4 E0102 `1e999`: the number is too large; quote it if it is meant as text\n");
    expect("a: 12345678901234567891",
        "1:4 W0205 12345678901234567891 loses digits: numbers are exact up to 2^53 | quote it to keep it as text\n");
}

static void collections(void)
{
    expect(
        "a: 1\nb: [x, {c: ~}]\n200: ok\ntrue: t", "{\"a\":1,\"b\":[\"x\",{\"c\":null}],\"200\":\"ok\",\"true\":\"t\"}");
    expect("{\"a\":\"\\u00e4\\n\",\"b\":[]}", "{\"a\":\"ä\\n\",\"b\":[]}");
    expect("a: |\n  one\n  two\nb: >-\n  x\n  y", "{\"a\":\"one\\ntwo\\n\",\"b\":\"x y\"}");
    expect("\xEF\xBB\xBF"
           "a: 1",
        "{\"a\":1}");
    expect("# only a comment", "null");
}

static void aliases(void)
{
    expect("a: &x {b: 1}\nc: *x\nd: [*x, *x]", "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}");
    expect("&k key: v\nother: *k", "{\"key\":\"v\",\"other\":\"key\"}");
    expect("a: *x",
        "1:4 E0102 no anchor &x before this alias | an anchor (&name) has to come before its aliases (*name)\n");
    expect("a: &x [1, *x]", "1:11 E0102 the alias *x is inside of what it stands for\n");
}

static void places(void)
{
    const char *yaml = "a: 1\nbä: {c: 'x', dü: y}\n";
    const struct wf_node *root = parse_bytes(yaml, strlen(yaml));
    const struct wf_node *b = wf_node_get(root, "bä");
    CU_ASSERT_EQUAL(wf_node_key(root, "bä")->loc.line, 2);
    CU_ASSERT_EQUAL(b->loc.col, 5);
    CU_ASSERT_EQUAL(wf_node_key(b, "dü")->loc.col, 14);
    CU_ASSERT_EQUAL(wf_node_get(b, "dü")->loc.col, 18);
    CU_ASSERT_PTR_NULL(wf_node_get(b, "none"));
    CU_ASSERT_PTR_NULL(wf_node_get(wf_node_get(b, "c"), "none"));
    WF_ASSERT_TEXT(b->loc.file, "f.yaml");
    done();
}

static void refused(void)
{
    expect("a: 1\nb: 2\na: 3\nb: 4", "3:1 E0103 `a` is already given at line 1, column 1 | keep one of them, "
                                     "or give this one its own name\n"
                                     "4:1 E0103 `b` is already given at line 2, column 1 | keep one of them, or give "
                                     "this one its own name\n");
    expect("a: {<<: {b: 1}}",
        "1:5 E0102 merge keys are not supported | YAML 1.2 has no merge keys: write the properties"
        " out, or alias the whole value\n");
    expect("a: !ruby/object x", "1:4 E0102 unknown tag !ruby/object | only the core tags !!str !!int !!float !!bool"
                                " !!null !!seq !!map are known\n");
    expect("a: !!int x", "1:4 E0102 the tag tag:yaml.org,2002:int does not fit text\n");
    expect("a: 1\n---\nb: 2", "2:1 E0102 a second document begins here | put it into a file of its own\n");
    expect("{a: 1, [b]: 2}", "1:8 E0102 a key has to be text, not a list | a text that begins with { or [ has to be"
                             " quoted\n");
    expect("\"a\\0b\": 1", "1:1 E0102 a key may not hold U+0000\n");
    expect("?\n: 1", "1:2 E0102 a key is missing before `:`\n");
    expect("ä: \xFF", "1:4 E0102 not valid UTF-8 | save the file as UTF-8\n");
    expect("ok: 1\nb: \x01", "2:4 E0102 control characters are not allowed\n");
    expect("a: b: c",
        "1:5 E0102 mapping values are not allowed in this context | quote a text that holds `: `, or check"
        " the indentation\n");
    expect("a:\n\tb: 1",
        "2:1 E0102 found character that cannot start any token, while scanning for the next token (line 2)"
        " | indent with spaces, not with tabs\n");
    expect("a: [1, 2", "2:1 E0102 did not find expected ',' or ']', while parsing a flow sequence (line 1) | check the"
                       " indentation, and that quotes and brackets are closed\n");
}

static void bomb(void)
{
    struct wf_buf buf;
    wf_buf_init(&buf, 4096);
    wf_buf_str(&buf, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) {
        wf_buf_printf(&buf, "a%d: &a%d [x", i, i);
        for (int k = 0; k < 9; k++)
            wf_buf_printf(&buf, ",*a%d", i - 1);
        wf_buf_str(&buf, "]\n");
    }
    parse_bytes(buf.ptr, buf.len);
    CU_ASSERT_PTR_NOT_NULL(wf_test_finding(&diags, 104));
    wf_buf_done(&buf);
    done();
}

static void deep(void)
{
    struct wf_buf buf;
    wf_buf_init(&buf, (size_t)1 << 20);
    for (int i = 0; i < 100000; i++)
        wf_buf_char(&buf, '[');
    parse_bytes(buf.ptr, buf.len);
    const struct wf_diag *d = wf_test_finding(&diags, 104);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL(d->loc.col, WF_YAML_MAX_DEPTH + 1);
    done();

    /* Two anchors of 60 levels each pass alone; one inside of the other does not. */
    wf_buf_clear(&buf);
    wf_buf_str(&buf, "a: &x ");
    for (int i = 0; i < 60; i++)
        wf_buf_char(&buf, '[');
    for (int i = 0; i < 60; i++)
        wf_buf_char(&buf, ']');
    wf_buf_str(&buf, "\nb: ");
    for (int i = 0; i < 60; i++)
        wf_buf_char(&buf, '[');
    wf_buf_str(&buf, "*x");
    for (int i = 0; i < 60; i++)
        wf_buf_char(&buf, ']');
    parse_bytes(buf.ptr, buf.len);
    CU_ASSERT_PTR_NOT_NULL(wf_test_finding(&diags, 104));
    wf_buf_done(&buf);
    done();
}

static void large(void)
{
    char *text = wf_calloc(WF_YAML_MAX_BYTES + 1, 1);
    memset(text, 'a', WF_YAML_MAX_BYTES + 1);
    parse_bytes(text, WF_YAML_MAX_BYTES + 1);
    CU_ASSERT_PTR_NOT_NULL(wf_test_finding(&diags, 104));
    done();

    uint32_t seed = 7;
    for (size_t i = 0; i < (size_t)1 << 20; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = (char)(seed >> 24);
    }
    parse_bytes(text, (size_t)1 << 20);
    CU_ASSERT_EQUAL(diags.errors, 1);
    done();

    for (size_t i = 0; i < (size_t)1 << 20; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = "ab:-[]{} ,\n'\"&*#?|"[(seed >> 24) % 18];
    }
    parse_bytes(text, (size_t)1 << 20);
    CU_ASSERT(diags.errors > 0);
    free(text);
    done();
}

static void small_arena(void)
{
    struct wf_arena *small = wf_arena_new(4096);
    const struct wf_node *root = NULL;
    struct wf_buf buf;
    wf_buf_init(&buf, 65536);
    wf_buf_char(&buf, '[');
    for (int i = 0; i < 1000; i++)
        wf_buf_str(&buf, "abc, ");
    wf_buf_char(&buf, ']');
    wf_diags_init(&diags);
    CU_ASSERT_EQUAL(wf_yaml_parse("f.yaml", buf.ptr, buf.len, small, &diags, &root), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(wf_test_finding(&diags, 104));
    wf_buf_done(&buf);
    wf_diags_done(&diags);
    wf_arena_free(small);
}

static void files(void)
{
    char *text = NULL;
    size_t len = 0;
    struct wf_err err = {0};
    CU_ASSERT_EQUAL(wf_yaml_read_file("/nowhere/at/all.yaml", &text, &len, &err), WF_ENOTFOUND);
    WF_ASSERT_TEXT(err.msg, "/nowhere/at/all.yaml cannot be opened: No such file or directory");
    err = (struct wf_err){0};
    CU_ASSERT_EQUAL(wf_yaml_read_file("/", &text, &len, &err), WF_EIO);
    CU_ASSERT_PTR_NULL(text);

    FILE *file = tmpfile();
    char path[64];
    snprintf(path, sizeof path, "/dev/fd/%d", fileno(file));
    fputs("a: 1\n", file);
    fflush(file);
    rewind(file);
    CU_ASSERT_EQUAL(wf_yaml_read_file(path, &text, &len, &err), 0);
    CU_ASSERT_EQUAL(len, 5);
    WF_ASSERT_TEXT(text, "a: 1\n");
    free(text);
    fclose(file);
}

static const struct wf_case cases[] = {
    {"scalars_follow_the_yaml_1_2_core_schema", scalars},
    {"numbers_that_json_lacks_are_refused", numbers_json_lacks},
    {"lists_and_maps_become_json", collections},
    {"aliases_share_and_never_form_rings", aliases},
    {"every_node_knows_its_line_and_column_in_characters", places},
    {"what_yaml_1_2_lacks_is_refused_with_words", refused},
    {"an_alias_bomb_is_stopped", bomb},
    {"deep_nesting_is_stopped", deep},
    {"large_and_random_files_are_stopped", large},
    {"a_full_arena_is_a_finding", small_arena},
    {"a_file_is_read_or_refused_with_words", files},
    {NULL, NULL},
};
const struct wf_suite yaml_suite = {"yaml", cases};
