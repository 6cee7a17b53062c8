/* fx.c: steps for tests of the engine: each shows one behaviour, and leaves a line in a file for each effect it has. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <wfrun/cjson.h>

#ifndef FX_VERSION
#define FX_VERSION "1.0.0"
#endif

static const struct wf_host *host;

/* ---- none, read ---- */

static void echo_run(struct wf_step *step, void *state)
{
    (void)state;
    host->succeed(step, host->input(step));
}

static void fail_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);

    (void)state;
    wf_cjson_fail(host, step, wf_cjson_str(with, "type", "runtime"), (int32_t)wf_cjson_num(with, "status", 0),
        wf_cjson_str(with, "title", NULL), cJSON_Duplicate(wf_cjson_get(with, "data"), 1), "%s",
        wf_cjson_str(with, "detail", "asked to fail"));
    cJSON_Delete(with);
}

static void sleep_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    int64_t ms = (int64_t)wf_cjson_num(with, "ms", 0), parts = 10;

    (void)state;
    for (int64_t i = 0; i < parts; i++) {
        host->progress(step, i, parts, "asleep");
        if (host->sleep(step, ms / parts) != 0)
            break;
    }
    wf_cjson_succeed(host, step, with);
}

/* Answers retry on the first attempts. */
static bool answer_retry(struct wf_step *step, const cJSON *with, uint32_t times)
{
    struct wf_failure failure = {.size = sizeof failure, .type = "communication", .status = 503, .detail = "busy"};

    if (host->attempt(step) > times)
        return false;
    host->retry(step, (int64_t)wf_cjson_num(with, "afterMs", 1), &failure);
    return true;
}

/* Fails softly until it is asked for the last time. */
static void retry_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    uint32_t attempt = host->attempt(step);

    (void)state;
    if (answer_retry(step, with, (uint32_t)wf_cjson_num(with, "times", 1))) {
        cJSON_Delete(with);
        return;
    }
    cJSON_AddNumberToObject(with, "attempt", attempt);
    wf_cjson_succeed(host, step, with);
}

static void leave_line(const cJSON *with, const char *line)
{
    FILE *file = fopen(wf_cjson_str(with, "file", "/dev/null"), "a");

    if (file) {
        fprintf(file, "%s\n", line);
        fclose(file);
    }
}

static void count_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);

    (void)state;
    leave_line(with, wf_cjson_str(with, "id", "read"));
    wf_cjson_succeed(host, step, with);
}

/* Fails while the file `broken` is there; else it counts. */
static void try_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *broken = wf_cjson_str(with, "broken", NULL);

    (void)state;
    if (broken && access(broken, F_OK) == 0) {
        wf_cjson_fail(host, step, "communication", 503, NULL, NULL, "it is broken");
        cJSON_Delete(with);
        return;
    }
    leave_line(with, wf_cjson_str(with, "id", "try"));
    wf_cjson_succeed(host, step, with);
}

/* ---- effects ---- */

/* `die`: "before" or "after" the effect, as by kill -9, on the first attempt of a run without a mark file. */
static void die(const cJSON *with, const char *when)
{
    const char *mark = wf_cjson_str(with, "dieOnce", NULL);

    if (strcmp(wf_cjson_str(with, "die", ""), when) != 0 || (mark && access(mark, F_OK) == 0))
        return;
    if (mark)
        fclose(fopen(mark, "w"));
    _exit(137);
}

/* `late`: has its effect although its deadline came while it slept, as a remote service that was too slow. */
static void spend_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    int64_t ms = (int64_t)wf_cjson_num(with, "ms", 0);

    (void)state;
    if (answer_retry(step, with, (uint32_t)wf_cjson_num(with, "times", 0))) {
        cJSON_Delete(with);
        return;
    }
    die(with, "before");
    if (ms > 0 && host->sleep(step, ms) != 0 && !wf_cjson_get(with, "late")) {
        cJSON_Delete(with);
        return;
    }
    leave_line(with, host->idempotency_key(step));
    die(with, "after");
    if (wf_cjson_get(with, "mute")) { /* a plugin's bug: returns without an answer */
        cJSON_Delete(with);
        return;
    }
    cJSON_AddStringToObject(with, "key", host->idempotency_key(step));
    bool twice = wf_cjson_get(with, "twice") != NULL;
    wf_cjson_succeed(host, step, with);
    if (twice) {
        poll(NULL, 0, 50); /* the first has been taken by then */
        wf_cjson_fail(host, step, "runtime", 500, NULL, NULL, "a second answer");
    }
}

static bool has_line(const cJSON *with, const char *wanted)
{
    FILE *file = fopen(wf_cjson_str(with, "file", "/dev/null"), "r");
    char line[200];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, wanted, strlen(wanted)) == 0;
    if (file)
        fclose(file);
    return found;
}

static void spend_verify(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *says = wf_cjson_str(with, "verdict", "");

    (void)state;
    leave_line(with, "verify");
    if (wf_cjson_get(with, "verifyWrites")) { /* does it now, and says that it had happened */
        const struct wf_http_request request = {
            .size = sizeof request, .method = "POST", .url = wf_cjson_str(with, "verifyWrites", "")};
        (void)host->http(step, &request);
        wf_cjson_verdict(host, step, WF_VERDICT_YES, with, NULL);
    } else if (strcmp(says, "nonsense") == 0) {
        host->verdict(step, WF_VERDICT_YES, (struct wf_bytes){"{\"key\":", 7}, NULL);
        cJSON_Delete(with);
    } else if (strcmp(says, "unknown") == 0) {
        wf_cjson_verdict(host, step, WF_VERDICT_UNKNOWN, NULL, "the remote side does not say");
        cJSON_Delete(with);
    } else if (has_line(with, host->idempotency_key(step))) {
        cJSON_AddStringToObject(with, "key", host->idempotency_key(step));
        wf_cjson_verdict(host, step, WF_VERDICT_YES, with, NULL);
    } else {
        wf_cjson_verdict(host, step, WF_VERDICT_NO, NULL, NULL);
        cJSON_Delete(with);
    }
}

/* What the world is like for a plan: the text of the file `world`. */
static cJSON *look(const cJSON *with)
{
    FILE *file = fopen(wf_cjson_str(with, "world", "/dev/null"), "r");
    char text[1000] = "";
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;

    if (file)
        fclose(file);
    return wf_cjson_parse((struct wf_bytes){text, len});
}

/* `price` and `currency`, `cannot`, `nothing` say what is planned; the facts are `id` and what the world is like.
 * `planWrites`: it tries to write meanwhile, as it must not. */
static void spend_plan(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step), *facts = cJSON_CreateObject();
    const char *cannot = wf_cjson_str(with, "cannot", NULL), *url = wf_cjson_str(with, "planWrites", NULL);
    char words[200];

    (void)state;
    if (url) {
        const struct wf_http_request request = {.size = sizeof request, .method = "POST", .url = url};
        (void)host->http(step, &request);
    }
    snprintf(words, sizeof words, "spend on %s", wf_cjson_str(with, "id", "it"));
    cJSON_AddStringToObject(facts, "id", wf_cjson_str(with, "id", ""));
    cJSON_AddItemToObject(facts, "world", look(with));
    const struct wf_planned planned = {
        .action = cannot                          ? WF_ACTION_CANNOT
                  : wf_cjson_get(with, "nothing") ? WF_ACTION_NOTHING
                                                  : WF_ACTION_CREATE,
        .words = cannot ? cannot : words,
        .cost_micros = (int64_t)(wf_cjson_num(with, "price", -1e-6) * 1e6),
        .currency = wf_cjson_str(with, "currency", "EUR"),
    };
    cJSON_AddStringToObject(with, "key", "(known when it is done)");
    wf_cjson_planned(host, step, &planned, with, facts);
}

/* Counts in what it remembers: a later attempt sees the notes of the earlier ones. */
static void note_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step), *before = wf_cjson_recall(host, step, "count");
    double count = cJSON_IsNumber(before) ? before->valuedouble + 1 : 1;

    (void)state;
    if (wf_cjson_remember(host, step, "count", cJSON_CreateNumber(count)) != 0)
        return;
    cJSON_Delete(before);
    die(with, "after");
    cJSON_AddNumberToObject(with, "count", count);
    wf_cjson_succeed(host, step, with);
}

/* ---- undo ---- */

static void mark(const cJSON *with, const char *word)
{
    char line[200];

    snprintf(line, sizeof line, "%s %s", word, wf_cjson_str(with, "id", ""));
    leave_line(with, line);
}

static bool is_marked(const cJSON *with, const char *word)
{
    char line[200];

    snprintf(line, sizeof line, "%s %s", word, wf_cjson_str(with, "id", ""));
    return has_line(with, line);
}

/* Something lent, that can be given back. */
static void lend_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);

    (void)state;
    if (answer_retry(step, with, (uint32_t)wf_cjson_num(with, "times", 0))) {
        cJSON_Delete(with);
        return;
    }
    mark(with, "lend");
    cJSON_AddStringToObject(with, "key", host->idempotency_key(step));
    wf_cjson_succeed(host, step, with);
}

static void lend_verify(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);

    (void)state;
    wf_cjson_verdict(host, step, is_marked(with, "lend") ? WF_VERDICT_YES : WF_VERDICT_NO, with, NULL);
}

/* `stuck`: it fails. Looks first: given back twice is given back once. */
static void lend_undo(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const cJSON *lent = wf_cjson_get(with, "input");
    const char *stuck = wf_cjson_str(lent, "stuck", NULL);

    (void)state;
    if (stuck && access(stuck, F_OK) == 0) {
        wf_cjson_fail(host, step, "communication", 503, NULL, NULL, "the library is closed");
        cJSON_Delete(with);
        return;
    }
    if (!is_marked(lent, "back"))
        mark(lent, "back");
    die(lent, "undo");
    wf_cjson_succeed(host, step, with);
}

/* `lost`: cannot be given back. `gift`: there is nothing to give back. `until`: the last moment for it. */
static void lend_plan_undo(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const cJSON *lent = wf_cjson_get(with, "input");
    char words[200];

    (void)state;
    snprintf(words, sizeof words, "give %s back", wf_cjson_str(lent, "id", ""));
    const struct wf_planned planned = {
        .size = sizeof planned,
        .action = wf_cjson_get(lent, "lost")   ? WF_ACTION_CANNOT
                  : wf_cjson_get(lent, "gift") ? WF_ACTION_NOTHING
                                               : WF_ACTION_REMOVE,
        .words = wf_cjson_str(lent, "lost", words),
        .cost_micros = -1,
        .until_ms = (int64_t)wf_cjson_num(lent, "until", 0),
    };
    host->planned(step, &planned);
    cJSON_Delete(with);
}

/* ---- descriptor ---- */

#define STEP(symbol, label, effect_, flags_, ...)                                                                      \
    static const struct wf_step_type symbol = {.size = sizeof symbol,                                                  \
        .name = label,                                                                                                 \
        .summary = "For tests",                                                                                        \
        .effect = effect_,                                                                                             \
        .flags = flags_,                                                                                               \
        .no_undo = "a test",                                                                                           \
        __VA_ARGS__}

STEP(fx_echo, "fx-echo", WF_EFFECT_NONE, 0, .run = echo_run,
    .input_schema = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}}}");
STEP(fx_fail, "fx-fail", WF_EFFECT_NONE, 0, .run = fail_run);
STEP(fx_sleep, "fx-sleep", WF_EFFECT_NONE, WF_STEP_BLOCKING | WF_STEP_CANCELLABLE, .run = sleep_run);
STEP(fx_retry, "fx-retry", WF_EFFECT_NONE, 0, .run = retry_run);
STEP(fx_count, "fx-count", WF_EFFECT_READ, 0, .run = count_run);
STEP(fx_try, "fx-try", WF_EFFECT_READ, 0, .run = try_run);
STEP(fx_spend, "fx-spend", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = spend_run, .verify = spend_verify,
    .plan = spend_plan, .timeout_ms = 1500);
STEP(fx_write, "fx-write", WF_EFFECT_WRITE, WF_STEP_BLOCKING, .run = spend_run, .timeout_ms = 1500);
STEP(fx_put, "fx-put", WF_EFFECT_WRITE, WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT, .run = spend_run, .plan = spend_plan);
STEP(fx_lend, "fx-lend", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = lend_run, .verify = lend_verify, .undo = lend_undo,
    .plan_undo = lend_plan_undo);
STEP(fx_note, "fx-note", WF_EFFECT_WRITE, WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT, .run = note_run);

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    host = given;
    *ret_state = NULL;
    return 0;
}

static const struct wf_step_type *const steps[] = {&fx_echo, &fx_fail, &fx_sleep, &fx_retry, &fx_count, &fx_try,
    &fx_spend, &fx_write, &fx_put, &fx_note, &fx_lend, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "fx",
    .version = FX_VERSION,
    .summary = "Steps for tests",
    .steps = steps,
    .open = open_plugin,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
