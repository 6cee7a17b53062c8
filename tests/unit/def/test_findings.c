/* test_findings.c: every kind of mistake, with its exact place, code and words. */
#include "base/alloc.h"
#include "suites.h"

struct row {
    const char *text;   /* below WF_TEST_HEAD: begins in line 2 */
    const char *places; /* all findings */
    const char *words;  /* some of the words; NULL: not looked at */
};

static void check_text(const char *text, const char *places, const char *words)
{
    struct wf_diags diags;
    struct wf_def *def = wf_test_load(text, &diags);
    char *found = wf_test_places(&diags), *all = wf_test_findings(&diags);
    WF_ASSERT_TEXT(found, places);
    if (words && !strstr(all, words))
        WF_ASSERT_TEXT(all, words);
    for (size_t i = 0; i < diags.count; i++)
        CU_ASSERT_PTR_NOT_NULL(wf_diag_title(diags.items[i].code));
    free(found);
    free(all);
    wf_diags_done(&diags);
    wf_def_unref(def);
}

static void check(const struct row *rows)
{
    for (; rows->text; rows++) {
        char *text = wf_asprintf("%s%s", WF_TEST_HEAD, rows->text);
        check_text(text, rows->places, rows->words);
        free(text);
    }
}

static void documents(void)
{
    check_text("", "1:1 E0201\n", "the file is empty");
    check_text("[]", "1:1 E0205\n", "a workflow must be a map, is a list");
    check_text("do: []", "1:1 E0201\n", "a workflow needs `document`");
    check_text("document: {}\ndo: []", "1:1 E0201\n1:1 E0201\n1:1 E0201\n1:1 E0201\n", "`document` needs `namespace`");
    check_text("document: {dsl: 1.2.3, namespace: a_b, name: '', version: 1.0, naem: x}\ndo: []",
        "1:17 W0206\n1:35 E0205\n1:46 E0205\n1:59 E0205\n1:64 E0202\n", "did you mean `name`?");
    check_text("document: {dsl: 01.0.0, namespace: -a, name: a-, version: 1.0.0-01}\ndo: []",
        "1:17 E0205\n1:36 E0205\n1:46 E0205\n1:59 E0205\n", NULL);
    check_text("a: [", "2:1 E0102\n", NULL);
}

static void top_levels(void)
{
    static const struct row rows[] = {
        {"", "1:1 E0201\n", "a workflow needs `do`"},
        {"do: {a: {set: {b: 1}}}", "2:5 E0205\n", "`do` must be a list, is a map"},
        {"do: []\ninptu: {}\nx-own: 1", "3:1 W0202\n", "did you mean `input`?"},
        {"do: []\ndo: []", "3:1 E0103\n", "`do` is already given at line 2, column 1"},
        {"do: []\nevaluate: {language: js, mode: odd, x: 1}", "3:22 E0207\n3:32 E0205\n3:37 E0202\n", "jq"},
        {"do: []\nschedule: {every: {secs: 1}, corn: x}", "3:20 E0202\n3:30 E0202\n", "did you mean `cron`?"},
        {"do: []\ninput: {from: [], form: .x}", "3:15 E0205\n3:19 E0202\n", "did you mean `from`?"},
        {"do: []\noutput: {as: '${ $input }'}", "3:14 E0403\n", "$input"},
        {"do: []\ntimeout: slow", "3:10 E0302\n", "no timeout is called `slow`"},
        {"do: []\ntimeout: {}", "3:1 E0201\n", "a timeout needs `after`"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void tasks(void)
{
    static const struct row rows[] = {
        {"do:\n  - a: {sett: {x: 1}}", "3:9 E0203\n", "`sett` is no task type | did you mean `set`?"},
        {"do:\n  - a: {if: .x}", "3:5 E0203\n", "allowed are call, for, do,"},
        {"do:\n  - a: {set: {x: 1}, wait: PT1S}", "3:22 E0204\n", "task `a` has both `set` and `wait`"},
        {"do:\n  - a: {for: {in: .x}, do: [], set: {x: 1}}", "3:32 E0204\n", NULL},
        {"do:\n  - a: {set: {x: 1}, inptu: {}}", "3:22 E0202\n", "task `a` (set) has no property `inptu`"},
        {"do:\n  - a: {set: {x: 1}, with: {}}", "3:22 E0202\n", "allowed are set, if, input"},
        {"do:\n  - a: 5", "3:8 E0205\n", "task `a` must be a map, is a number"},
        {"do:\n  - a:\n    set: {x: 1}", "4:5 E0205\n", "`set` stands beside `a`"},
        {"do:\n  - []\n  - {}", "3:5 E0205\n4:5 E0205\n", "this is an empty map"},
        {"do:\n  - a: {set: {x: 1}, if: true, then: 1}", "3:26 E0205\n3:38 E0205\n", "quote it: 'true'"},
        {"do:\n  - a: {emit: {event: {with: {type: x}}}}", "3:9 E0207\n", "does not run `emit` tasks"},
        {"do:\n  - a: {listen: {to: {any: []}}, foreach: {}}", "3:9 E0207\n", NULL},
        {"do:\n  - a: {set: {}}\n  - b: {set: []}", "3:14 E0205\n4:14 E0205\n", "at least one property"},
        {"do:\n  - a: {wait: {secnds: 1}}\n  - b: {wait: {}}", "3:16 E0202\n4:15 E0201\n", "did you mean `seconds`?"},
        {"do:\n  - a: {wait: {seconds: 1.5, minutes: '1', hours: -1}}", "3:25 E0205\n3:39 E0205\n3:51 E0205\n", NULL},
        {"do:\n  - a: {wait: 5 minutes}", "3:15 E0205\n", "write PT15M"},
        {"do:\n  - a: {wait: {days: 3650000, hours: 1}}", "3:15 E0205\n", "longer than 10,000 years"},
        {"do:\n  - a: {raise: {error: {status: x}}}", "3:17 E0201\n3:33 E0205\n", "an error needs `type`"},
        {"do:\n  - a: {raise: {error: {type: a b, status: 1.5}}}", "3:31 E0205\n3:44 E0205\n", "must be a URI"},
        {"do:\n  - a: {raise: {}}", "3:9 E0201\n", "`raise` needs `error`"},
        {"do:\n  - a: {fork: {branches: {}, competes: true}}", "3:26 E0205\n3:30 E0202\n", "did you mean `compete`?"},
        {"do:\n  - a: {for: {each: x}, do: []}", "3:9 E0201\n", "`for` needs `in`"},
        {"do:\n  - a: {for: {in: .x}}", "3:5 E0201\n", "task `a` (for) needs `do`"},
        {"do:\n  - a: {for: {in: [1]}, do: []}", "3:20 E0205\n", "an item of an inline list must be a map"},
        {"do:\n  - a: {switch: []}", "3:17 E0205\n", "at least one case"},
        {"do:\n  - a: {switch: [{b: {when: .x}}, 5]}", "3:19 E0201\n3:35 E0205\n", "a case needs `then`"},
        {"do:\n  - a: {switch: [{b: {then: end}}, {c: {then: end}}]}", "3:37 W0304\n", "is never taken"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void runs(void)
{
    static const struct row rows[] = {
        {"do:\n  - a: {run: {await: false, workflow: {namespace: n, name: m, version: '1.0.0'}}}", "3:22 E0207\n",
            "fork"},
        {"do:\n  - a: {run: {shell: {command: ls}}}", "3:15 E0207\n", "does not run `run: shell`"},
        {"do:\n  - a: {run: {await: true}}", "3:9 E0201\n", "`run` needs `workflow`"},
        {"do:\n  - a: {run: {workflow: {namespace: n, name: m}}}", "3:15 E0201\n", "`workflow` needs `version`"},
        {"do:\n  - a: {run: {workflow: {namespace: n, name: m, version: 1.0.0, input: .x}, return: al}}",
            "3:72 E0205\n3:85 E0205\n", "did you mean `all`?"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void tries(void)
{
#define TRY(catch) "do:\n  - a: {try: [], catch: " catch "}"
    static const struct row rows[] = {
        {"do:\n  - a: {try: []}", "3:5 E0201\n", "task `a` (try) needs `catch`"},
        {TRY("{rety: {}}"), "3:26 E0202\n", "did you mean `retry`?"},
        {TRY("{retry: slwo}") "\nuse: {retries: {slow: {}}}", "3:33 E0302\n", "did you mean `slow`?"},
        {TRY("{retry: slow}"), "3:33 E0302\n", "define it under use.retries"},
        {TRY("{retry: {backoff: {}}}"), "3:43 E0205\n", "exactly one of constant"},
        {TRY("{retry: {backoff: {linear: {}, constant: {}}}}"), "3:56 E0205\n", NULL},
        {TRY("{retry: {backoff: {exponential: }}}"), "3:57 E0205\n", "`exponential` must be a map, is empty"},
        {TRY("{retry: {jitter: {from: PT1S}}}"), "3:34 E0201\n", "`jitter` needs `to`"},
        {TRY("{retry: {jitter: {from: PT2S, to: PT1S}}}"), "3:49 E0205\n", "must not be longer"},
        {TRY("{retry: {limit: {attempt: {count: -1, duraton: PT1S}}}}"), "3:59 E0205\n3:63 E0202\n", NULL},
        {TRY("{retry: {delay: 5s}}"), "3:41 E0205\n", NULL},
        {TRY("{errors: {with: {status: '404', typ: x}}}"), "3:50 E0205\n3:57 E0202\n", "did you mean `type`?"},
        {TRY("{errors: {with: {}}}"), "3:41 E0205\n", "catch every error"},
        {TRY("{errors: {with: {type: '${ .x }'}}}"), "3:48 E0205\n", "put the condition into `when`"},
        {TRY("{as: input, when: $err}"), "3:30 E0402\n3:43 E0403\n", "another name"},
        {NULL, NULL, NULL},
    };
#undef TRY
    check(rows);
}

static void flows(void)
{
    static const struct row rows[] = {
        {"do:\n  - a: {set: {x: 1}, then: bb}\n  - b: {set: {x: 1}}\n  - bbb: {set: {x: 1}}", "3:28 E0301\n",
            "did you mean"},
        {"do:\n  - a: {set: {x: 1}, then: b}\n  - b: {set: {x: 1}}\n  - b: {set: {x: 1}}", "3:28 E0303\n",
            "lines 4 and 5"},
        {"do:\n  - b: {set: {x: 1}}\n  - b: {set: {x: 1}}", "", NULL},
        {"do:\n  - a: {set: {x: 1}, then: end}\n  - b: {set: {x: 1}}", "4:5 W0304\n", "`b` can never run"},
        {"do:\n  - a: {set: {x: 1}, if: .x, then: end}\n  - b: {set: {x: 1}}", "", NULL},
        {"do:\n  - a: {raise: {error: {type: t, status: 1}}}\n  - b: {set: {x: 1}}", "4:5 W0304\n", NULL},
        {"do:\n  - a: {switch: [{c: {when: .x, then: c}}, {d: {then: d}}]}\n  - b: {set: {x: 1}}\n  - c: {set: {x: "
         "1}}\n"
         "  - d: {set: {x: 1}}",
            "4:5 W0304\n", NULL},
        {"do:\n  - a: {switch: [{c: {when: .x, then: c}}]}\n  - b: {set: {x: 1}}\n  - c: {set: {x: 1}}", "", NULL},
        {"do:\n  - a: {try: [], catch: {then: c}, then: end}\n  - b: {set: {x: 1}, then: b}\n  - c: {set: {x: 1}}",
            "4:5 W0304\n", NULL},
        {"do:\n  - a: {do: [{b: {set: {x: 1}, then: c}}]}\n  - c: {set: {x: 1}}", "3:38 E0301\n", NULL},
        {"do:\n  - a: {fork: {branches: [{b: {set: {x: 1}, then: c}}, {c: {set: {x: 1}, then: end}}]}}", "3:51 E0301\n",
            "a branch or a function"},
        {"do:\n  - a: {switch: [{c: {then: exitt}}]}", "3:29 E0301\n", "did you mean `exit`?"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void calls(void)
{
    static const struct row rows[] = {
        {"do:\n  - a: {call: purchse}", "3:15 E0501\n", "did you mean `purchase`?"},
        {"do:\n  - a: {call: banana}", "3:15 E0501\n", "wfrun plugin list"},
        {"do:\n  - a: {call: grpc, with: {}}", "3:15 E0501\n", "no installed plugin does `call: grpc`"},
        {"do:\n  - a: {call: purchase:9.0.0, with: {sku: x}}", "3:15 E0501\n",
            "is installed in version 1.2.0, not 9.0.0"},
        {"do:\n  - a: {call: https://x/f.yaml}", "3:15 E0501\n", "by URI"},
        {"do:\n  - a: {call: f:1.0.0@mine}", "3:15 E0302\n", "no catalog is called `mine`"},
        {"do:\n  - a: {call: f:1.0.0@mine}\nuse: {catalogs: {mine: {endpoint: https://x}}}", "3:15 E0501\n",
            "`default`"},
        {"do:\n  - a: {call: purchase, with: {sku: x, quantity: 0}}", "3:50 E0502\n", "the step `purchase`"},
        {"do:\n  - a: {call: purchase, with: {sku: x, quantty: 1}}", "3:40 E0502\n", "did you mean"},
        {"do:\n  - a: {call: purchase}", "3:9 E0502\n", NULL},
        {"do:\n  - a: {call: purchase, with: {sku: '${ .sku }', quantity: '${ .n }'}}", "", NULL},
        {"do:\n  - a: {call: purchase, with: [1]}", "3:31 E0205\n", NULL},
        {"do:\n  - a: {call: http, with: {method: get, endpoint: 'https://h/{a b}'}}", "3:51 E0205\n",
            "no URI template"},
        {"do:\n  - a: {call: http, with: {method: get, endpoint: 'https://h', query: {n: 1}}}", "3:75 E0502\n", NULL},
        {"do:\n  - a: {call: http, with: {method: get, endpoint: {uri: 'https://h', authentication: {use: x}}}}",
            "3:92 E0302\n", "no authentication is called `x`"},
        {"do:\n  - a: {call: http, with: {method: get, endpoint: {uri: 'https://h', authentication: {basic: {use: "
         "x}}}}}",
            "3:100 E0302\n", "the secret `x` is not declared"},
        {"do:\n  - a: {call: f}\nuse: {functions: {f: {set: {x: '${ $item }'}}}}", "4:32 E0403\n", NULL},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void uses(void)
{
    static const struct row rows[] = {
        {"do: []\nuse: {erorrs: {}}", "3:7 E0202\n", "did you mean `errors`?"},
        {"do: []\nuse: {extensions: [{log: {extend: all}}]}", "3:7 E0207\n", "extensions"},
        {"do: []\nuse: {extensions: []}", "", NULL},
        {"do: []\nuse: {secrets: [a, 1]}", "3:20 E0205\n", NULL},
        {"do: []\nuse: {retries: {r: {dely: PT1S}}}", "3:21 E0202\n", "did you mean `delay`?"},
        {"do: []\nuse: {errors: {e: {type: x}}}", "3:16 E0201\n", "`status`"},
        {"do: []\nuse: {timeouts: {t: {afer: PT1S}}}", "3:18 E0201\n3:22 E0202\n", NULL},
        {"do: []\nuse: {catalogs: {c: {}}}", "3:18 E0201\n", "`endpoint`"},
        {"do: []\nuse: {authentications: {a: {basic: {username: x}}, b: {}, c: {basic: {use: s}}}}",
            "3:29 E0201\n3:52 E0205\n3:76 E0302\n", "exactly one of basic"},
        {"do: []\nuse: {catalogs: {c: {endpoint: {}}}}", "3:22 E0201\n", "`uri`"},
        {"do: []\nuse: {authentications: {a: {oauth2: {authority: x, grant: pasword, client: {idd: x}, scopes: [1]}}}}",
            "3:59 E0205\n3:77 E0202\n3:95 E0205\n", "did you mean `password`?"},
        {"do:\n  - a: {raise: {error: e}}\n  - b: {raise: {error: e}}\nuse: {errors: {e: {type: x, status: x}}}",
            "5:37 E0205\n", NULL},
        {"do:\n  - a: {raise: {error: gnoe}}\nuse: {errors: {gone: {type: x, status: 1}}}", "3:24 E0302\n",
            "did you mean `gone`?"},
        {"do:\n  - a: {set: {x: '${ $secrets.pc }', y: '${ $secrets[\"pd\"] }', z: $secrets.no}}\nuse: {secrets: [pc]}",
            "3:41 E0302\n", "the secret `pd` is not declared | did you mean `pc`?"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void expressions(void)
{
    static const struct row rows[] = {
        {"do:\n  - a: {set: {x: '${ .[ }'}}", "3:18 E0401\n", NULL},
        {"do:\n  - a: {set: {x: '${ nosuch(1) }'}}", "3:18 E0401\n", NULL},
        {"do:\n  - a: {set: {x: '${ .a } ${ .b }'}}", "3:18 E0401\n", "one text holds one expression"},
        {"do:\n  - a: {set: {x: '${ $ENV.HOME }'}}", "3:18 E0402\n", NULL},
        {"do:\n  - a: {set: {x: '${ input }'}}", "3:18 E0402\n", NULL},
        {"do:\n  - a: {set: {x: '${ $item }'}}", "3:18 E0403\n", "$item"},
        {"do:\n  - a: {if: $input, set: {x: 1}}", "3:13 E0403\n", NULL},
        {"do:\n  - a: {set: {x: 1}, output: {as: $output}, export: {as: $output}}", "3:35 E0403\n", NULL},
        {"do:\n  - a: {for: {each: x, at: i, in: $x}, while: $i, do: [{b: {set: {c: '${ [$x, $i, $index] }'}}}]}",
            "3:35 E0403\n3:70 E0403\n", "$index"},
        {"do:\n  - a: {for: {each: my-item, in: .x}, do: []}", "3:21 E0402\n", "no name for a variable"},
        {"do:\n  - a: {for: {each: index, in: .x}, do: []}", "3:14 E0402\n", "different names"},
        {"do:\n  - a: {try: [{b: {set: {x: '${ $error }'}}}], catch: {do: [{c: {set: {x: '${ $error }'}}}]}}",
            "3:29 E0403\n", "$error"},
        {"do:\n  - a: {set: {x: ''}, if: ''}", "3:27 E0401\n", "empty"},
        {"do: []\ninput: {schema: {document: {type: 5}}}", "3:35 E0503\n", NULL},
        {"do: []\ninput: {schema: {}}", "3:9 E0201\n", "`schema` needs `document`"},
        {"do: []\ninput: {schema: {format: avro, document: {}}}", "3:26 E0207\n", NULL},
        {"do: []\ninput: {schema: {document: {}, resource: {endpoint: x}}}", "3:32 E0205\n", NULL},
        {"do: []\ninput: {schema: {resource: {endpoint: 'https://x/y'}}}", "3:39 E0207\n", "from files only"},
        {"do: []\ninput: {schema: {resource: {endpoint: none.json}}}", "3:39 E0101\n", "dir/none.json"},
        {NULL, NULL, NULL},
    };
    check(rows);
}

static void hints(void)
{
    static const struct row rows[] = {
#define LOOP(wfrun) "do:\n  - a: {for: {in: .x}, do: [], metadata: {wfrun: " wfrun "}}"
        {LOOP("{concurency: 1}"), "3:51 W0504\n", "did you mean `concurrency`?"},
        {LOOP("{concurrency: 0}"), "3:64 E0205\n", "from 1 to 10000"},
        {LOOP("{concurrency: 10001}"), "3:64 E0205\n", NULL},
        {LOOP("{label: 5}"), "3:58 E0205\n", "must be an expression"},
        {LOOP("{label: $other}"), "3:58 E0403\n", NULL},
        {LOOP("5"), "3:50 E0205\n", NULL},
        {LOOP("{waves: 5}"), "3:58 E0505\n", "end with"},
        {LOOP("{waves: [1, 2]}"), "3:58 E0505\n", "end with"},
        {LOOP("{waves: [1, '10', '100%']}"), "3:62 E0505\n", "a whole number such as 5"},
        {LOOP("{waves: [1.5, '100%']}"), "3:59 E0505\n", NULL},
        {LOOP("{waves: ['20%', '10%', '100%']}"), "3:66 E0505\n", "counted from the first item"},
        {LOOP("{waves: [0, '100%']}"), "3:59 E0505\n", NULL},
        {LOOP("{waves: '${ $nothing }'}"), "3:58 E0403\n", NULL},
        {LOOP("{waves: ['100%'], gate: stop}"), "3:74 E0505\n", "write pause, approval"},
        {LOOP("{waves: ['100%'], gate: {chek: .x}}"), "3:68 E0201\n3:75 E0202\n", NULL},
        {LOOP("{failureBudget: many}"), "3:66 E0505\n", "10%"},
        {LOOP("{failureBudget: -1}"), "3:66 E0505\n", NULL},
        {LOOP("{failureBudget: '101%'}"), "3:66 E0505\n", NULL},
        {LOOP("{failureBudget: '${ $item }'}"), "3:66 E0403\n", NULL},
        {LOOP("{failureBudget: 1, continueOnFault: true}"), "3:51 E0506\n", "leave one of them out"},
        {LOOP("{failureBudget: 1, continueOnFault: false}"), "", NULL},
        {LOOP("{continueOnFault: 1}"), "3:68 E0205\n", NULL},
        {LOOP("{failed: true}"), "3:59 E0505\n", "write a jq expression"},
        {LOOP("{failed: $other}"), "3:59 E0403\n", NULL},
        {LOOP("{lock: 5}"), "3:57 E0505\n", "write a jq expression"},
        {LOOP("{lock: $other}"), "3:57 E0403\n", NULL},
        {LOOP("{rateLimit: 5/s}"), "3:62 E0505\n", "write {key:"},
        {LOOP("{rateLimit: {rate: 5/s}}"), "3:51 E0201\n", "key"},
        {LOOP("{rateLimit: {key: .x, rate: 5 per second}}"), "3:78 E0505\n", "300/m"},
        {LOOP("{rateLimit: {key: .x, rate: 0/s}}"), "3:78 E0505\n", NULL},
        {LOOP("{rateLimit: {key: .x, rate: 5}}"), "3:78 E0505\n", NULL},
        {LOOP("{rateLimit: {key: .x, rate: 5/d}}"), "3:78 E0505\n", NULL},
        {LOOP("{rateLimit: {key: .x, rate: 5/s, burst: 0}}"), "3:90 E0505\n", "at once"},
        {LOOP("{rateLimit: {key: .x, rate: 5/s, burst: many}}"), "3:90 E0505\n", NULL},
        {LOOP("{rateLimit: {key: .x, rate: 5/s, bursts: 2}}"), "3:83 E0202\n", "burst"},
        {LOOP("{rateLimit: {key: $other, rate: 300/m, burst: 2}}"), "3:68 E0403\n", NULL},
        {LOOP("{rateLimit: {key: $item, rate: '${ $item.rate }'}}"), "3:81 E0403\n", NULL},
        {LOOP("{rateLimit: {key: $item.id, rate: '${ .rate }', burst: '${ .burst }'}, lock: $item.id}"), "", NULL},
        {LOOP("{gate: pause}"), "3:51 E0506\n", "add `waves`"},
        {"do:\n  - a: {set: {x: 1}, metadata: {wfrun: {concurrency: 5}, mine: 1}}", "3:41 W0504\n", "`for` tasks only"},
#undef LOOP
#define UNDO(mode, with) "do:\n  - a: {call: purchase, metadata: {wfrun: {mode: " mode "}}, with: " with "}"
        {UNDO("undo", "{run: r, path: /do/0/a}"), "", NULL},
        {UNDO("undo", "{sku: x}"), "3:58 E0502\n", "an operation of an earlier run"},
        {UNDO("redo", "{sku: x}"), "3:44 E0205\n", "can be `undo`"},
        {"do:\n  - a: {set: {x: 1}, metadata: {wfrun: {mode: undo}}}", "3:41 E0205\n", "a plugin's step only"},
#undef UNDO
        {NULL, NULL, NULL},
    };
    check(rows);
    check_text("document:\n  dsl: 1.0.3\n  namespace: t\n  name: t\n  version: 1.0.0\n  metadata:\n    wfrun:\n      "
               "reprot: 1\n"
               "      report: {titel: x, rows: $x, columns: {A: 1}, attention: {B: $y}}\ndo: []",
        "8:7 W0504\n9:16 W0504\n9:32 E0403\n9:49 E0205\n9:68 E0403\n", "did you mean `report`?");
}

static void on_cancel(void)
{
    check_text("document:\n  dsl: 1.0.3\n  namespace: t\n  name: t\n  version: 1.0.0\n"
               "  metadata: {wfrun: {onCancel: refund}}\ndo: []",
        "6:22 E0205\n", "`onCancel` can be `rollback`");
}

static void many(void)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fputs(WF_TEST_HEAD "do:\n", out);
    for (int i = 0; i < 300; i++)
        fprintf(out, "  - t%d: {sett: {x: 1}}\n", i);
    fclose(out);
    struct wf_diags diags;
    wf_def_unref(wf_test_load(text, &diags));
    CU_ASSERT_EQUAL(diags.count, 200);
    CU_ASSERT_EQUAL(diags.errors, 300);
    WF_ASSERT_TEXT(diags.items[0].loc.file, "dir/f.yaml");
    wf_diags_done(&diags);
    free(text);
}

static void limits(void)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fputs(WF_TEST_HEAD "do:\n", out);
    for (int i = 0; i < 10001; i++)
        fputs("- t: {set: {x: 1}}\n", out);
    fclose(out);
    check_text(text, "10003:3 E0104\n", "more than 10000 tasks");
    free(text);

    char name[258];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    text = wf_asprintf("%sdo: [{%s: {set: {x: 1}}}]", WF_TEST_HEAD, name);
    check_text(text, "2:7 E0104\n", "at most 256 bytes");
    free(text);
}

static const struct wf_case cases[] = {
    {"mistakes_in_the_document_are_found", documents},
    {"mistakes_at_the_top_level_are_found", top_levels},
    {"mistakes_in_tasks_are_found", tasks},
    {"mistakes_in_runs_are_found", runs},
    {"mistakes_in_try_and_retry_are_found", tries},
    {"a_then_that_leads_nowhere_and_tasks_nobody_reaches_are_found", flows},
    {"mistakes_in_calls_are_found", calls},
    {"mistakes_in_use_are_found", uses},
    {"expressions_variables_and_schemas_that_are_wrong_are_found", expressions},
    {"mistakes_under_metadata_wfrun_are_found", hints},
    {"what_follows_a_cancel_is_known", on_cancel},
    {"all_findings_are_counted_and_200_kept", many},
    {"too_many_tasks_and_too_long_names_are_refused", limits},
    {NULL, NULL},
};
const struct wf_suite findings_suite = {"findings", cases};
