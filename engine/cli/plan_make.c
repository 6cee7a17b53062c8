/* plan_make.c: the planning run, and what its plan is pinned to. */
#include "cli/plan_make.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/terms.h"
#include "report/amount.h"
#include "report/attention.h"
#include "run/run.h"

/* ---- pins ---- */

/* Step name to {"version","sha256"}: of the file that has it. */
static jv pin_plugins(jv steps)
{
    jv pins = jv_object();
    jv_object_foreach(steps, name, step) {
        char digest[WF_SHA256_TEXT];
        wf_plugin_digest(wf_val_string(&step, "file", ""), digest);
        jv pin = wf_val_set(jv_object(), "version", jv_string(wf_val_string(&step, "version", "")));
        pins = wf_val_set(pins, jv_string_value(name), wf_val_set(pin, "sha256", jv_string(digest)));
        jv_free(name);
        jv_free(step);
    }
    jv_free(steps);
    return pins;
}

static jv describe_definition(const struct wf_def *def, const char *file)
{
    char digest[WF_SHA256_TEXT], *real = realpath(file, NULL);
    wf_sha256_text(def->sha256, digest);
    jv json = wf_val_set(jv_object(), "file", jv_string(real ? real : file));
    json = wf_val_set(json, "namespace", jv_string(def->namespace_));
    json = wf_val_set(json, "name", jv_string(def->name));
    json = wf_val_set(json, "version", jv_string(def->version));
    if (def->title)
        json = wf_val_set(json, "title", jv_string(def->title));
    free(real);
    return wf_val_set(json, "sha256", jv_string(digest));
}

static jv time_json(int64_t ms)
{
    char text[WF_TIME_TEXT];
    wf_time_format(ms, text);
    return jv_string(text);
}

/* What a person must look at, from the predicted output. */
static jv find_attention(const struct wf_drive *drive)
{
    const struct wf_def *def = wf_drive_reporter(drive);
    struct wf_err err = {0};
    jv attention;
    if (!def || !jv_is_valid(drive->value))
        return jv_array();
    if (wf_attention_of(&def->report, &drive->value, &attention, &err) == 0)
        return attention;
    wf_log(WF_LOGL_WARN, "what a person must look at cannot be shown: %s", err.msg);
    return jv_array();
}

static jv assemble(struct wf_drive *drive, const char *file, jv terms, jv input, int64_t valid_ms)
{
    int64_t now = wf_loop_now_ms(drive->world.loop);
    jv items = wf_planner_items(drive->planner);
    jv plan = wf_val_set(jv_object(), "definition", describe_definition(drive->def, file));
    plan = wf_val_set(plan, "created", time_json(now));
    plan = wf_val_set(plan, "expires", time_json(now + valid_ms));
    plan = wf_val_set(plan, "expiresMs", jv_number((double)(now + valid_ms)));
    plan = wf_val_set(plan, "workflows", wf_planner_workflows(drive->planner));
    plan = wf_val_set(plan, "plugins", pin_plugins(wf_planner_steps(drive->planner)));
    plan = wf_val_set(plan, "input", input);
    plan = wf_val_set(plan, "terms", terms);
    plan = wf_val_set(plan, "settings", wf_config_kept(drive->inv->config));
    if (drive->sandbox)
        plan = wf_val_set(plan, "sandbox", wf_sandbox_describe(drive->sandbox));
    plan = wf_val_set(plan, "summary", wf_plan_summary(&items));
    plan = wf_val_set(plan, "items", items);
    plan = wf_val_set(plan, "attention", find_attention(drive));
    return wf_val_set(plan, "output", jv_is_valid(drive->value) ? jv_copy(drive->value) : jv_null());
}

/* ---- making ---- */

int wf_plan_make(
    struct wf_drive *drive, const char *file, jv terms, jv input, int64_t valid_ms, struct wf_plan_file *ret)
{
    struct wf_err err = {0};
    bool ephemeral = drive->ephemeral;
    drive->ephemeral = true;
    drive->planner = wf_planner_new();
    int status = wf_drive_open(drive, file);
    if (!status)
        status = wf_drive_begin(drive, wf_drive_meta(drive, file, jv_null()), jv_copy(input));
    if (!status)
        wf_drive_run(drive);
    if (!status && (drive->failure.code || drive->status != WF_RUN_COMPLETED))
        status = wf_drive_report(drive);
    if (!status && wf_plan_file_seal(assemble(drive, file, jv_copy(terms), jv_copy(input), valid_ms), ret, &err) < 0)
        status = wf_complain(&err, WF_EXIT_FAULT);
    drive->ephemeral = ephemeral;
    jv_free(terms);
    jv_free(input);
    return status;
}

int wf_plan_keep(struct wf_drive *drive, const struct wf_plan_file *file)
{
    const struct wf_backend_ops *journal = drive->ephemeral ? &wf_journal_mem : &wf_journal_sqlite;
    struct wf_err err = {0};
    int rc = journal->put_definition(wf_engine_backend(drive->engine), file->digest, file->canonical, file->len, &err);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : 0;
}

/* ---- checking ---- */

static int stale(const char *format, const char *what)
{
    fputs("wfrun: the plan cannot be applied: ", stderr);
    fprintf(stderr, format, what);
    fputs("\n  hint: make a new one with `wfrun plan`\n", stderr);
    return WF_EXIT_PLAN;
}

static int check_workflow(struct wf_drive *drive, const jv *then)
{
    const char *name = wf_val_string(then, "name", "");
    char digest[WF_SHA256_TEXT] = "";
    if (strcmp(name, drive->def->name) == 0 &&
        strcmp(wf_val_string(then, "namespace", ""), drive->def->namespace_) == 0) {
        wf_sha256_text(drive->def->sha256, digest);
    } else {
        struct wf_def *def = wf_registry_find(
            drive->registry, wf_val_string(then, "namespace", ""), name, wf_val_string(then, "version", NULL));
        if (def)
            wf_sha256_text(def->sha256, digest);
        wf_def_unref(def);
    }
    if (strcmp(digest, wf_val_string(then, "sha256", "?")) == 0)
        return 0;
    return stale(
        *digest ? "the workflow %s has changed since it was made" : "the workflow %s is not to be found", name);
}

static int check_plugin(struct wf_drive *drive, const char *step, const jv *then)
{
    const struct wf_step_entry *entry = wf_hosting_find(drive->world.hosting, step, NULL);
    char digest[WF_SHA256_TEXT] = "";
    if (!entry)
        return stale("the step %s is not to be found", step);
    wf_plugin_digest(entry->file, digest);
    return strcmp(digest, wf_val_string(then, "sha256", "?")) == 0
               ? 0
               : stale("the plugin with the step %s has changed since it was made", step);
}

int wf_plan_check(struct wf_drive *drive, const struct wf_plan_file *file)
{
    int status = 0;
    if ((double)wf_loop_now_ms(drive->world.loop) > wf_val_number(&file->plan, "expiresMs", 0))
        return stale("it was good until %s", wf_val_string(&file->plan, "expires", "an unknown time"));
    jv workflows = wf_val_get(&file->plan, "workflows"), plugins = wf_val_get(&file->plan, "plugins");
    jv_array_foreach(workflows, i, workflow) {
        if (!status)
            status = check_workflow(drive, &workflow);
        jv_free(workflow);
    }
    jv_object_foreach(plugins, name, plugin) {
        if (!status)
            status = check_plugin(drive, jv_string_value(name), &plugin);
        jv_free(name);
        jv_free(plugin);
    }
    jv_free(plugins);
    jv_free(workflows);
    return status;
}

/* ---- budgets ---- */

struct bill { /* of the run, or of one group */
    const char *label;
    double micros, unknown, other; /* other: how often in another currency */
};

static void add_to_bill(struct bill *bill, const jv *item, const char *currency)
{
    jv cost = wf_val_get(item, "cost");
    const char *action = wf_val_string(item, "action", "");
    double micros = wf_val_number(&cost, "micros", 0);
    if (jv_get_kind(cost) != JV_KIND_OBJECT)
        bill->unknown += strcmp(action, "nothing") != 0 && strcmp(action, "cannot") != 0;
    else if (micros > 0 && strcmp(wf_val_string(&cost, "currency", ""), currency) != 0)
        bill->other++;
    else
        bill->micros += micros;
    jv_free(cost);
}

static int judge(const struct bill *bill, double limit, const char *currency)
{
    char cost[48], most[48];
    if (limit < 0 || (bill->micros <= limit * 1e6 && !bill->unknown && !bill->other))
        return 0;
    wf_amount_text((int64_t)(limit * 1e6), currency, most);
    fprintf(stderr, "wfrun: over budget: %s: %s is planned", bill->label,
        wf_amount_text((int64_t)bill->micros, currency, cost));
    if (bill->unknown)
        fprintf(stderr, " and %.0f costs are not known, which counts as over", bill->unknown);
    if (bill->other)
        fprintf(stderr, " and %.0f costs are in another currency", bill->other);
    fprintf(stderr, "; the limit is %s\n", most);
    return WF_EXIT_PLAN;
}

int wf_plan_check_budget(const jv *plan)
{
    jv terms = wf_val_get(plan, "terms"), budget = wf_val_get(&terms, "budget"), items = wf_val_get(plan, "items");
    const char *currency = wf_val_string(&budget, "currency", "");
    size_t count = (size_t)jv_array_length(jv_copy(items)), nbills = 0;
    struct bill all = {.label = "the run"}, *bills = wf_calloc(count + 1, sizeof *bills);
    jv places = jv_object();
    int status = 0;
    jv_array_foreach(items, i, item) {
        const char *group = wf_val_string(&item, "group", "");
        double at = wf_val_number(&places, group, -1);
        if (at < 0) {
            at = (double)nbills++;
            places = wf_val_set(places, group, jv_number(at));
            bills[(size_t)at].label = wf_val_string(&item, "label", "outside of any item"); /* items keeps the text */
        }
        add_to_bill(&all, &item, currency);
        add_to_bill(&bills[(size_t)at], &item, currency);
        jv_free(item);
    }
    if (*currency) {
        status = judge(&all, wf_val_number(&budget, "run", -1), currency);
        for (size_t i = 0; i < nbills; i++)
            status = judge(&bills[i], wf_val_number(&budget, "item", -1), currency) ? WF_EXIT_PLAN : status;
    }
    free(bills);
    jv_free(places);
    jv_free(items);
    jv_free(budget);
    jv_free(terms);
    return status;
}
