/* test_load.c: what a good definition becomes. */
#include "base/alloc.h"
#include "suites.h"

static const struct wf_task *find(const struct wf_def *def, size_t i)
{
    CU_ASSERT_FATAL(i < def->body.count);
    return def->body.tasks[i];
}

static void document(void)
{
    struct wf_def *def = wf_test_load_good(
        "document:\n  dsl: 1.0.3\n  namespace: n-1\n  name: my-flow\n  version: 1.0.0-rc.1+b\n"
        "  title: T\n  summary: S\n  tags: {a: b}\n  metadata:\n    other: 1\n    wfrun:\n"
        "      report:\n        title: R\n        rows: .items\n        columns: {A: .a, B: '${ .b }'}\n"
        "        attention: {Late: .late}\n"
        "input: {from: .x, schema: {format: json, document: {type: object}}}\n"
        "output: {as: {a: '${ $context }'}}\n"
        "timeout: {after: PT1H}\nevaluate: {language: jq, mode: loose}\n"
        "schedule: {every: {minutes: 5}}\nuse: {secrets: [a, b]}\ndo: []\nx: y\n");
    WF_ASSERT_TEXT(def->dsl, "1.0.3");
    WF_ASSERT_TEXT(def->namespace_, "n-1");
    WF_ASSERT_TEXT(def->name, "my-flow");
    WF_ASSERT_TEXT(def->version, "1.0.0-rc.1+b");
    WF_ASSERT_TEXT(def->title, "T");
    WF_ASSERT_TEXT(def->summary, "S");
    WF_ASSERT_TEXT(def->secrets[1], "b");
    CU_ASSERT_PTR_NULL(def->secrets[2]);
    CU_ASSERT_EQUAL(def->timeout->fixed.ms, 3600000);
    CU_ASSERT_EQUAL(def->report.ncolumns, 2);
    WF_ASSERT_TEXT(def->report.columns[1].title, "B");
    CU_ASSERT_PTR_NOT_NULL(def->report.rows);
    CU_ASSERT_EQUAL(def->report.nattention, 1);
    WF_ASSERT_TEXT(def->report.attention[0].title, "Late");
    CU_ASSERT_PTR_NOT_NULL(def->input_schema);
    CU_ASSERT_PTR_NOT_NULL(def->output_as);
    CU_ASSERT_EQUAL(def->body.count, 0);
    char digest[WF_SHA256_TEXT], again[WF_SHA256_TEXT];
    uint8_t bytes[WF_SHA256_SIZE];
    wf_sha256(def->source, def->source_len, bytes);
    wf_sha256_text(bytes, again);
    wf_sha256_text(def->sha256, digest);
    WF_ASSERT_TEXT(digest, again);
    wf_def_unref(wf_def_ref(def));
    wf_def_unref(def);
    wf_def_unref(NULL);
}

static void references(void)
{
    struct wf_def *def = wf_test_load_good(
        WF_TEST_HEAD "do:\n"
                     "  - a/b~c: {set: {x: 1}}\n"
                     "  - loop: {for: {in: .x}, do: [{in: {set: {x: 1}}}]}\n"
                     "  - t: {try: [{x: {set: {x: 1}}}], catch: {do: [{y: {set: {x: 1}}}]}}\n"
                     "  - f: {fork: {branches: [{p: {set: {x: 1}}}, {q: {do: [{r: {set: {x: 1}}}]}}]}}\n"
                     "  - c: {call: fn}\n"
                     "use: {functions: {fn: {do: [{z: {set: {x: 1}}}]}}}\n");
    WF_ASSERT_TEXT(find(def, 0)->ref, "/do/0/a~1b~0c");
    WF_ASSERT_TEXT(find(def, 1)->for_.body.tasks[0]->ref, "/do/1/loop/do/0/in");
    WF_ASSERT_TEXT(find(def, 2)->try_.body.tasks[0]->ref, "/do/2/t/try/0/x");
    WF_ASSERT_TEXT(find(def, 2)->try_.handler.tasks[0]->ref, "/do/2/t/catch/do/0/y");
    WF_ASSERT_TEXT(find(def, 3)->fork.branches.tasks[0]->ref, "/do/3/f/fork/branches/0/p");
    WF_ASSERT_TEXT(find(def, 3)->fork.branches.tasks[1]->do_.tasks[0]->ref, "/do/3/f/fork/branches/1/q/do/0/r");
    WF_ASSERT_TEXT(find(def, 4)->call.function->task->ref, "/use/functions/fn");
    WF_ASSERT_TEXT(find(def, 4)->call.function->task->do_.tasks[0]->ref, "/use/functions/fn/do/0/z");
    CU_ASSERT_EQUAL(find(def, 1)->loc.line, 4);
    CU_ASSERT_EQUAL(find(def, 1)->loc.col, 5);
    wf_def_unref(def);
}

static void flows(void)
{
    struct wf_def *def =
        wf_test_load_good(WF_TEST_HEAD "do:\n"
                                       "  - a: {set: {x: 1}, then: c}\n"
                                       "  - b: {set: {x: 1}, then: end}\n"
                                       "  - c: {switch: [{one: {when: .x, then: b}}, {two: {then: exit}}]}\n");
    CU_ASSERT_EQUAL(find(def, 0)->then.kind, WF_FLOW_TASK);
    CU_ASSERT_EQUAL(find(def, 0)->then.target, 2);
    CU_ASSERT_EQUAL(find(def, 1)->then.kind, WF_FLOW_END);
    CU_ASSERT_EQUAL(find(def, 2)->then.kind, WF_FLOW_CONTINUE);
    const struct wf_task *c = find(def, 2);
    CU_ASSERT_EQUAL(c->switch_.count, 2);
    CU_ASSERT_EQUAL(c->switch_.cases[0].then.target, 1);
    WF_ASSERT_TEXT(c->switch_.cases[1].name, "two");
    CU_ASSERT_PTR_NULL(c->switch_.cases[1].when);
    CU_ASSERT_EQUAL(c->switch_.cases[1].then.kind, WF_FLOW_EXIT);
    wf_def_unref(def);
}

static void tries(void)
{
    struct wf_def *def = wf_test_load_good(WF_TEST_HEAD
        "do:\n"
        "  - a:\n      try: []\n      catch:\n"
        "        errors: {with: {type: https://open-workflow-specification.org/dsl/errors/types/timeout, status: 408, "
        "details: d}}\n"
        "        as: err\n        when: $err.status == 408\n        retry: slow\n        then: end\n"
        "  - b: {try: [], catch: {errors: {with: {type: 'https://example.com/x', detail: e}}, retry: {}, do: []}}\n"
        "use:\n  retries:\n    slow:\n      exceptWhen: $err.status == 1\n      delay: {seconds: 2, milliseconds: 5}\n"
        "      backoff: {exponential: {}}\n      jitter: {from: PT0.5S, to: '${ .longest }'}\n"
        "      limit: {attempt: {count: 5, duration: PT1M}, duration: P1D}\n");
    const struct wf_task *a = find(def, 0), *b = find(def, 1);
    WF_ASSERT_TEXT(a->try_.filter.type, "timeout");
    CU_ASSERT_EQUAL(a->try_.filter.status, 408);
    WF_ASSERT_TEXT(a->try_.filter.detail, "d");
    WF_ASSERT_TEXT(a->try_.as, "err");
    CU_ASSERT_PTR_NOT_NULL(a->try_.when);
    CU_ASSERT_FALSE(a->try_.has_handler);
    CU_ASSERT_TRUE(a->try_.has_then);
    CU_ASSERT_EQUAL(a->try_.then.kind, WF_FLOW_END);
    const struct wf_retry_def *r = a->try_.retry;
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_PTR_NULL(r->when);
    CU_ASSERT_PTR_NOT_NULL(r->except_when);
    CU_ASSERT_EQUAL(r->delay.fixed.ms, 2005);
    CU_ASSERT_EQUAL(r->backoff, WF_BACKOFF_EXPONENTIAL);
    CU_ASSERT_TRUE(r->has_jitter && r->has_count && r->has_duration && r->has_attempt_duration);
    CU_ASSERT_EQUAL(r->jitter_from.fixed.ms, 500);
    CU_ASSERT_PTR_NOT_NULL(r->jitter_to.dynamic);
    CU_ASSERT_EQUAL(r->count, 5);
    CU_ASSERT_EQUAL(r->duration.fixed.ms, 86400000);
    CU_ASSERT_EQUAL(r->attempt_duration.fixed.ms, 60000);
    WF_ASSERT_TEXT(b->try_.filter.type, "https://example.com/x");
    WF_ASSERT_TEXT(b->try_.filter.detail, "e");
    WF_ASSERT_TEXT(b->try_.as, "error");
    CU_ASSERT_TRUE(b->try_.has_handler);
    CU_ASSERT_FALSE(b->try_.retry->has_count);
    CU_ASSERT_EQUAL(b->try_.retry->backoff, WF_BACKOFF_CONSTANT);
    wf_def_unref(def);
}

static void kinds(void)
{
    struct wf_def *def = wf_test_load_good(WF_TEST_HEAD
        "do:\n"
        "  - a: {for: {each: pet, in: [{n: 1}], at: i}, while: $pet.n > $i, do: [{x: {if: $pet.n, set: {y: '${ $i "
        "}'}}}],"
        " metadata: {wfrun: {concurrency: 8, label: $pet.name}}}\n"
        "  - b: {for: {in: .list}, do: []}\n"
        "  - c: {fork: {compete: true, branches: []}}\n"
        "  - d: {run: {await: true, workflow: {namespace: n, name: m, version: latest, input: {a: '${ .x }'}}}}\n"
        "  - e: {run: {workflow: {namespace: n, name: m, version: 2.0.0}}}\n"
        "  - f: {wait: '${ .delay }', timeout: short}\n"
        "  - g: {set: '${ $task.name }', export: {as: '${ $context + $output }'}}\n"
        "  - h: {do: [{x: {set: {t: '${ $task }'}}}], output: {as: .x}}\n"
        "  - i: {if: .never, raise: {error: gone}}\n"
        "  - j: {call: 'purchase:1.2.0@default', with: {sku: x}}\n"
        "  - k: {call: greet}\n"
        "use:\n  timeouts: {short: {after: {seconds: 3}}}\n  errors: {gone: {type: 'https://e/x', status: 410, title: "
        "'${ .t }'}}\n");
    const struct wf_task *a = find(def, 0), *d = find(def, 3), *g = find(def, 6), *i = find(def, 8);
    WF_ASSERT_TEXT(a->for_.each, "pet");
    WF_ASSERT_TEXT(a->for_.at, "i");
    CU_ASSERT_TRUE(wf_tmpl_is_constant(a->for_.in));
    CU_ASSERT_PTR_NOT_NULL(a->for_.while_);
    CU_ASSERT_EQUAL(a->hints.concurrency, 8);
    CU_ASSERT_PTR_NOT_NULL(a->hints.label);
    WF_ASSERT_TEXT(find(def, 1)->for_.each, "item");
    WF_ASSERT_TEXT(find(def, 1)->for_.at, "index");
    CU_ASSERT_EQUAL(find(def, 1)->hints.concurrency, 0);
    CU_ASSERT_TRUE(find(def, 2)->fork.compete);
    CU_ASSERT_PTR_NULL(d->run.version);
    CU_ASSERT_PTR_NOT_NULL(d->run.input);
    WF_ASSERT_TEXT(find(def, 4)->run.version, "2.0.0");
    CU_ASSERT_PTR_NOT_NULL(find(def, 5)->wait.dynamic);
    CU_ASSERT_EQUAL(find(def, 5)->timeout->fixed.ms, 3000);
    CU_ASSERT_TRUE(g->uses_task);
    CU_ASSERT_FALSE(find(def, 7)->uses_task);
    CU_ASSERT_TRUE(find(def, 7)->do_.tasks[0]->uses_task);
    CU_ASSERT_PTR_NOT_NULL(i->raise.type);
    CU_ASSERT_FALSE(wf_tmpl_is_constant(i->raise.title));
    CU_ASSERT_PTR_NULL(i->raise.detail);
    WF_ASSERT_TEXT(find(def, 9)->call.step->name, "purchase");
    CU_ASSERT_PTR_NULL(find(def, 10)->call.with);
    WF_ASSERT_TEXT(wf_task_kind_name(WF_TASK_SWITCH), "switch");
    CU_ASSERT_EQUAL(find(def, 9)->kind, WF_TASK_CALL);
    wf_def_unref(def);
}

static jv secrets(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return jv_parse("{\"pc\":{\"username\":\"u\",\"password\":\"p\"}}");
}

static void authentications(void)
{
    struct wf_def *def = wf_test_load_good(WF_TEST_HEAD
        "do:\n"
        "  - a: {call: http, with: {method: get, endpoint: {uri: 'https://h/{x}', authentication: {use: login}}}}\n"
        "  - b: {call: greet, with: {authentication: {basic: {use: pc}}}}\n"
        "use: {secrets: [pc], authentications: {login: {basic: {use: pc}}, other: {bearer: {token: '${ $secrets.pc "
        "}'}}}}\n");
    static const char *const expected[] = {
        "{\"method\":\"get\",\"endpoint\":{\"uri\":\"https://h/1\",\"authentication\":{\"basic\":{\"username\":\"u\","
        "\"password\":\"p\"}}}}",
        "{\"authentication\":{\"basic\":{\"username\":\"u\",\"password\":\"p\"}}}",
    };
    const struct wf_env env = {.var = secrets};
    for (size_t i = 0; i < 2; i++) {
        jv dot = jv_parse("{\"x\":1}"), with, wanted = jv_parse(expected[i]);
        CU_ASSERT_EQUAL_FATAL(wf_tmpl_eval(find(def, i)->call.with, &dot, &env, &with, NULL), 0);
        CU_ASSERT_TRUE(jv_equal(with, wanted));
        jv_free(dot);
    }
    wf_def_unref(def);
}

static void schema_files(void)
{
    FILE *file = tmpfile();
    char *text = NULL;
    fputs("{\"type\": \"object\"}", file);
    fflush(file);
    rewind(file);
    text = wf_asprintf(
        "%sdo: []\ninput: {schema: {resource: {endpoint: 'file:///dev/fd/%d'}}}\n", WF_TEST_HEAD, fileno(file));
    struct wf_def *def = wf_test_load_good(text);
    CU_ASSERT_PTR_NOT_NULL(def->input_schema);
    wf_def_unref(def);
    free(text);
    fclose(file);
}

static void error_types(void)
{
    WF_ASSERT_TEXT(wf_error_type_uri("timeout"), "https://serverlessworkflow.io/spec/1.0.0/errors/timeout");
    CU_ASSERT_EQUAL(wf_error_type_status("timeout"), 408);
    CU_ASSERT_PTR_NULL(wf_error_type_uri("nonesuch"));
    CU_ASSERT_EQUAL(wf_error_type_status("nonesuch"), 0);
    WF_ASSERT_TEXT(wf_error_type_name("https://serverlessworkflow.io/spec/1.0.0/errors/runtime"), "runtime");
    WF_ASSERT_TEXT(wf_error_type_name("https://serverlessworkflow.io/dsl/errors/types/runtime"), "runtime");
    WF_ASSERT_TEXT(wf_error_type_name("https://open-workflow-specification.org/spec/1.0.0/errors/runtime"), "runtime");
    CU_ASSERT_PTR_NULL(wf_error_type_name("https://serverlessworkflow.io/spec/1.0.0/errors/other"));
    CU_ASSERT_PTR_NULL(wf_error_type_name("https://example.com/errors/runtime"));
}

static void deep(void)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fputs(WF_TEST_HEAD "do: ", out);
    for (int i = 0; i < 30; i++)
        fputs("[{t: {do: ", out);
    fputs("[{t: {set: {x: 1}}}]", out);
    for (int i = 0; i < 30; i++)
        fputs("}}]", out);
    fclose(out);
    struct wf_def *def = wf_test_load_good(text);
    const struct wf_task *task = find(def, 0);
    for (int i = 0; i < 30; i++)
        task = task->do_.tasks[0];
    CU_ASSERT_EQUAL(task->kind, WF_TASK_SET);
    wf_def_unref(def);
    free(text);
}

static const struct wf_case cases[] = {
    {"the_document_and_the_top_level_are_kept", document},
    {"every_task_has_its_json_pointer", references},
    {"flow_directives_become_positions", flows},
    {"try_catch_and_retry_are_kept", tries},
    {"every_kind_of_task_is_kept", kinds},
    {"authentications_by_name_become_data", authentications},
    {"a_schema_comes_from_a_file", schema_files},
    {"standard_errors_have_many_spellings", error_types},
    {"thirty_levels_of_tasks_load", deep},
    {NULL, NULL},
};
const struct wf_suite load_suite = {"load", cases};
