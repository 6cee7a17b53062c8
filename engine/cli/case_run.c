/* case_run.c: makes the call that a case describes, in a harness, and compares what came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/case_file.h"
#include "cli/case_http.h"
#include "value/schema.h"

#define WORDS_MAX ((size_t)1 << 20)
/* Calls that show whether each one leaves memory behind. malloc keeps seven freed blocks of a size for each thread and
 * counts them as held, so that it takes some calls until nothing changes any more. */
#define REPEATS 20
#define WARM_UP 16

static const char *const modes[] = {"run", "plan", "verify", "undo", "plan-undo"};
static const char *const actions[] = {"nothing", "create", "change", "remove", "cannot"};
static const char *const verdicts[] = {"unknown", "yes", "no"};

struct trial {
    const struct wf_case_file *file;
    size_t index;
    jv given; /* the case */
    const struct wf_step_entry *entry;
    struct wf_harness *harness;
    struct wf_case_script script;
    char *input;
    uint32_t mode;
    struct wf_buf words; /* what is wrong */
};

/* ---- before the call ---- */

static bool has_row(const struct wf_plugin *plugin, const char *name)
{
    for (const struct wf_config_row *const *row = plugin->config; row && *row; row++)
        if (strcmp((*row)->name, name) == 0)
            return true;
    return false;
}

static void put(struct trial *trial, const char *what, const char *name, const jv *value)
{
    bool is_text = jv_get_kind(*value) == JV_KIND_STRING;
    char *json = wf_val_text(value);

    if (strcmp(what, "remembered") == 0)
        wf_harness_remember(trial->harness, name, json);
    else if (strcmp(what, "secrets") == 0)
        wf_harness_secret(trial->harness, name, json);
    else if (has_row(trial->entry->plugin, name))
        wf_harness_config(trial->harness, name, is_text ? jv_string_value(*value) : json);
    else
        wf_buf_printf(&trial->words, "the plugin %s has no setting %s", trial->entry->plugin->name, name);
    free(json);
}

/* Members of the file or the case: settings, secrets, what is remembered. */
static void put_all(struct trial *trial, const jv *owner, const char *what)
{
    jv object = wf_val_get(owner, what);

    if (jv_get_kind(object) == JV_KIND_OBJECT) {
        jv_object_foreach(object, name, value) {
            put(trial, what, jv_string_value(name), &value);
            jv_free(name);
            jv_free(value);
        }
    }
    jv_free(object);
}

static void prepare(struct trial *trial)
{
    const char *mode = wf_val_string(&trial->given, "mode", "run");
    jv with = wf_val_get(&trial->given, "with"), http = wf_val_get(&trial->given, "http");

    while (strcmp(modes[trial->mode], mode) != 0)
        trial->mode++;
    if (!jv_is_valid(with)) {
        jv_free(with);
        with = jv_object();
    }
    trial->input = wf_val_text(&with);
    trial->harness->attempt = (uint32_t)wf_val_number(&trial->given, "attempt", 1);
    trial->harness->http = wf_case_script_answer;
    trial->harness->arg = &trial->script;
    wf_case_script_init(&trial->script, &http);
    put_all(trial, &trial->file->value, "config");
    put_all(trial, &trial->given, "config");
    put_all(trial, &trial->file->value, "secrets");
    put_all(trial, &trial->given, "secrets");
    put_all(trial, &trial->given, "remembered");
    jv_free(with);
    jv_free(http);
}

/* ---- after the call ---- */

static void differs(struct trial *trial, const char *what, const jv *actual, const jv *wanted)
{
    char *is = wf_val_text(actual), *expected = wf_val_text(wanted);

    wf_buf_printf(&trial->words, "%s is %s, and not %s", what, is, expected);
    free(is);
    free(expected);
}

static jv parse(struct trial *trial, const char *what, const char *text)
{
    struct wf_err err = {0};
    jv value;

    if (!text)
        return jv_null();
    if (wf_val_parse(text, strlen(text), &value, &err) == 0)
        return value;
    wf_buf_printf(&trial->words, "its %s is no JSON: %s", what, err.msg);
    return jv_null();
}

/* Exactly the wanted value. */
static void want(struct trial *trial, const char *what, const char *text, const jv *wanted)
{
    jv actual = parse(trial, what, text);

    if (!trial->words.len && !jv_equal(jv_copy(actual), jv_copy(*wanted)))
        differs(trial, what, &actual, wanted);
    jv_free(actual);
}

/* The wanted members; others may be there. */
static void want_members(struct trial *trial, const char *what, const jv *actual, const jv *wanted)
{
    jv_object_foreach(*wanted, name, value) {
        jv is = wf_val_get(actual, jv_string_value(name));
        if (!jv_is_valid(is)) {
            jv_free(is);
            is = jv_null();
        }
        char *place = wf_asprintf("%s.%s", what, jv_string_value(name));
        if (!trial->words.len && !jv_equal(jv_copy(is), jv_copy(value)))
            differs(trial, place, &is, &value);
        free(place);
        jv_free(is);
        jv_free(name);
        jv_free(value);
    }
}

static jv text_or_null(const char *text)
{
    return text ? jv_string(text) : jv_null();
}

/* As the error object of a workflow, with type in the words of the plugin. */
static jv failure_of(struct trial *trial)
{
    const struct wf_harness *h = trial->harness;
    jv data = parse(trial, "data", h->data);
    jv error = jv_get_kind(data) == JV_KIND_OBJECT ? data : jv_object();

    error = wf_val_set(error, "type", text_or_null(h->type));
    error = wf_val_set(error, "status", jv_number(h->status));
    error = wf_val_set(error, "title", text_or_null(h->title));
    error = wf_val_set(error, "detail", text_or_null(h->detail));
    return wf_val_set(error, "afterMs", jv_number((double)h->after_ms));
}

static jv plan_of(struct trial *trial)
{
    const struct wf_harness *h = trial->harness;
    jv plan = wf_val_set(jv_object(), "action", jv_string(actions[h->action <= WF_ACTION_CANNOT ? h->action : 0]));

    plan = wf_val_set(plan, "words", text_or_null(h->why));
    plan = wf_val_set(plan, "costMicros", jv_number((double)h->cost_micros));
    plan = wf_val_set(plan, "currency", text_or_null(h->currency));
    plan = wf_val_set(plan, "untilMs", jv_number((double)h->until_ms));
    plan = wf_val_set(plan, "output", parse(trial, "output", h->output));
    return wf_val_set(plan, "facts", parse(trial, "facts", h->facts));
}

static const char *answer_words(struct trial *trial)
{
    static const char *const words[] = {
        "gives no answer", "succeeds", "fails", "asks to be retried", "gives a verdict", "gives a plan"};
    return words[trial->harness->answer];
}

/* Is it the kind of answer that the case expects? */
static bool is_answer(struct trial *trial, uint32_t answer, const char *key)
{
    const struct wf_harness *h = trial->harness;

    if (h->answer == answer)
        return true;
    wf_buf_printf(&trial->words, "it %s, and the case expects %s", answer_words(trial), key);
    if (h->answer == WF_HARNESS_FAILED || h->answer == WF_HARNESS_RETRY)
        wf_buf_printf(&trial->words, ": %s: %s", h->title ? h->title : h->type, h->detail ? h->detail : "no detail");
    else if (h->answer == WF_HARNESS_SUCCEEDED)
        wf_buf_printf(&trial->words, ": %s", h->output);
    return false;
}

static void judge_output(struct trial *trial, const jv *wanted)
{
    struct wf_err err = {0};
    jv actual = parse(trial, "output", trial->harness->output);

    if (!trial->words.len && trial->entry->output_schema &&
        (trial->mode == WF_MODE_RUN || trial->mode == WF_MODE_VERIFY) &&
        wf_schema_check(trial->entry->output_schema, &actual, &err) != 0)
        wf_buf_printf(&trial->words, "its output does not fit its own output_schema: %s", err.msg);
    jv_free(actual);
    if (!trial->words.len && wanted)
        want(trial, "output", trial->harness->output, wanted);
}

static void judge_answer(struct trial *trial)
{
    jv output = wf_val_get(&trial->given, "output"), error = wf_val_get(&trial->given, "error"),
       retry = wf_val_get(&trial->given, "retry"), plan = wf_val_get(&trial->given, "plan"), actual = jv_null();
    const char *verdict = wf_val_string(&trial->given, "verdict", NULL);

    if (verdict && is_answer(trial, WF_HARNESS_VERDICT, "a verdict")) {
        if (strcmp(verdicts[trial->harness->verdict <= WF_VERDICT_NO ? trial->harness->verdict : 0], verdict) != 0)
            wf_buf_printf(&trial->words, "the verdict is %s, and not %s: %s", verdicts[trial->harness->verdict],
                verdict, trial->harness->why ? trial->harness->why : "no words");
        else if (trial->harness->verdict == WF_VERDICT_YES)
            judge_output(trial, jv_is_valid(output) ? &output : NULL);
    } else if (jv_is_valid(plan) && is_answer(trial, WF_HARNESS_PLANNED, "a plan")) {
        jv_free(actual);
        actual = plan_of(trial);
        want_members(trial, "plan", &actual, &plan);
    } else if (jv_is_valid(error) && is_answer(trial, WF_HARNESS_FAILED, "an error")) {
        jv_free(actual);
        actual = failure_of(trial);
        want_members(trial, "error", &actual, &error);
    } else if (jv_is_valid(retry) && is_answer(trial, WF_HARNESS_RETRY, "a retry")) {
        jv_free(actual);
        actual = failure_of(trial);
        want_members(trial, "retry", &actual, &retry);
    } else if (!verdict && jv_is_valid(output) && is_answer(trial, WF_HARNESS_SUCCEEDED, "an output")) {
        judge_output(trial, &output);
    }
    jv_free(output);
    jv_free(error);
    jv_free(retry);
    jv_free(plan);
    jv_free(actual);
}

static void judge_rest(struct trial *trial)
{
    jv slept = wf_val_get(&trial->given, "sleptMs"), remembers = wf_val_get(&trial->given, "remembers");

    if (jv_is_valid(slept) && (double)trial->harness->slept_ms != jv_number_value(slept))
        wf_buf_printf(&trial->words, "it slept %lld ms, and not %.0f", (long long)trial->harness->slept_ms,
            jv_number_value(slept));
    if (jv_is_valid(remembers)) {
        jv_object_foreach(remembers, name, value) {
            char *what = wf_asprintf("what it remembers as %s", jv_string_value(name));
            if (!trial->words.len)
                want(trial, what, wf_harness_recall(trial->harness, jv_string_value(name)), &value);
            free(what);
            jv_free(name);
            jv_free(value);
        }
    }
    jv_free(slept);
    jv_free(remembers);
}

/* ---- the calls ---- */

/* As before a call of the engine: what does not fit the schema never gets to the step. true: there is an answer. */
static bool refuse_input(struct trial *trial)
{
    struct wf_err err = {0};
    jv with = jv_invalid();
    bool undoes = trial->mode == WF_MODE_UNDO || trial->mode == WF_MODE_PLAN_UNDO;

    if (undoes || !trial->entry->input_schema || wf_val_parse(trial->input, strlen(trial->input), &with, &err) != 0 ||
        wf_schema_check(trial->entry->input_schema, &with, &err) == 0) {
        jv_free(with);
        return false;
    }
    static char detail[sizeof err.msg + 100];
    snprintf(detail, sizeof detail, "`with` of %s: %s", trial->file->step, err.msg);
    trial->harness->answer = WF_HARNESS_FAILED;
    trial->harness->type = "validation";
    trial->harness->status = 400;
    trial->harness->title = "Validation error";
    trial->harness->detail = detail;
    jv_free(with);
    return true;
}

static void call(struct trial *trial)
{
    trial->script.next = 0;
    wf_harness_call(trial->harness, trial->file->step, trial->mode, trial->input);
}

static void call_again(struct trial *trial)
{
    wf_harness_forget(trial->harness);
    put_all(trial, &trial->given, "remembered");
    call(trial);
}

static void judge_leaks(struct trial *trial)
{
    size_t least = SIZE_MAX;

    trial->script.lenient = true;
    for (int i = 0; i < REPEATS; i++) {
        call_again(trial);
        if (i >= WARM_UP && trial->harness->leaked < least)
            least = trial->harness->leaked;
    }
    if (least > 0)
        wf_buf_printf(&trial->words, "each call leaves at least %zu bytes behind that it took from malloc", least);
}

static void try_case(struct trial *trial, struct wf_case_fault fault, struct wf_case_result *ret)
{
    struct wf_harness *h = trial->harness;
    jv http = wf_val_get(&trial->given, "http");

    bool is_refused = refuse_input(trial);
    if (!trial->words.len && !is_refused) {
        trial->script.lenient = fault.at != 0;
        h->spare_alloc = wf_case_faults(trial->file, trial->index) == WF_CASE_NOT_MEMORY;
        h->fail_at = fault.at;
        h->fail_http = fault.http;
        call(trial);
        if (!trial->script.lenient)
            wf_case_script_judge(&trial->script, &http, &trial->words);
        if (trial->words.len && h->answer == WF_HARNESS_FAILED)
            wf_buf_printf(
                &trial->words, " (it fails: %s: %s)", h->title ? h->title : h->type, h->detail ? h->detail : "");
        if (h->sin && !trial->words.len)
            wf_buf_str(&trial->words, h->sin);
        ret->calls = h->calls;
        snprintf(ret->failed, sizeof ret->failed, "%s", h->failed ? h->failed : "");
    }
    if (!trial->words.len && fault.at == 0) {
        judge_answer(trial);
        judge_rest(trial);
    }
    if (!trial->words.len && fault.at == 0 && !is_refused)
        judge_leaks(trial);
    if (!trial->words.len && fault.at != 0 && h->answer == WF_HARNESS_SUCCEEDED)
        judge_output(trial, NULL); /* whatever it is, it has to be one */
    jv_free(http);
}

static void not_found(struct trial *trial, struct wf_hosting *hosting)
{
    const struct wf_err *refusal = wf_hosting_refusal(hosting, trial->file->step);

    wf_buf_printf(&trial->words, "there is no step %s in the case file's folder or the plugin folders%s%s",
        trial->file->step, refusal ? ": its plugin is refused: " : "", refusal ? refusal->msg : "");
}

void wf_case_run(const struct wf_case_file *file, size_t index, const char *const *dirs, struct wf_case_fault fault,
    struct wf_case_result *ret)
{
    struct wf_hosting_settings settings = {.plugin_dirs = dirs, .table = &wf_harness_host};
    struct wf_hosting *hosting = NULL;
    jv cases = wf_val_get(&file->value, "cases");
    struct trial trial = {.file = file, .index = index, .given = jv_array_get(cases, (int)index)};

    *ret = (struct wf_case_result){.calls = 0};
    wf_buf_init(&trial.words, WORDS_MAX);
    wf_hosting_new(&settings, &hosting, NULL);
    trial.entry = wf_hosting_find(hosting, file->step, NULL);
    if (trial.entry) {
        trial.harness = wf_harness_over(trial.entry->plugin, trial.entry->state);
        prepare(&trial);
        try_case(&trial, fault, ret);
        wf_harness_free(trial.harness);
    } else {
        not_found(&trial, hosting);
    }
    snprintf(ret->words, sizeof ret->words, "%s", trial.words.ptr ? trial.words.ptr : "");
    wf_case_script_done(&trial.script);
    free(trial.input);
    wf_buf_done(&trial.words);
    wf_hosting_free(hosting);
    jv_free(trial.given);
}
