/* sb_faults.c: what goes wrong on purpose: rules by route, count and probability. */
#include "sb_faults.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_ident.h"
#include "sb_json.h"

static const char *const kind_names[SB_FAULT_KINDS] = {
    [SB_FAULT_NONE] = "none",
    [SB_FAULT_STATUS] = "status",
    [SB_FAULT_THROTTLE] = "throttle",
    [SB_FAULT_RESET] = "reset",
    [SB_FAULT_TRUNCATE] = "truncate",
    [SB_FAULT_HTML] = "html",
    [SB_FAULT_BOM] = "bom",
    [SB_FAULT_DELAY] = "delay",
    [SB_FAULT_EXPIRED_TOKEN] = "expired-token",
    [SB_FAULT_ACCEPTED] = "accepted",
    [SB_FAULT_STALE_ETAG] = "stale-etag",
    [SB_FAULT_REPEAT_PAGE] = "repeat-page",
    [SB_FAULT_PARTIAL_CART] = "partial-cart",
};

#define ALWAYS .count = -1, .retry_after = -1

static const struct sb_fault_rule realistic[] = {
    {SB_FAULT_DELAY, .probability = 0.02, ALWAYS, .delay_ms = 2},
    {SB_FAULT_THROTTLE, .route = "/v1/*", .probability = 0.002, .count = -1, .status = 429, .retry_after = 5},
    {SB_FAULT_STATUS, .probability = 0.001, .count = -1, .status = 503, .code = 800003, .retry_after = 3},
    {SB_FAULT_RESET, .method = "GET", .probability = 0.0005, ALWAYS},
    {SB_FAULT_RESET, .method = "POST", .route = "/v1/*", .probability = 0.0002, ALWAYS, .after = true},
};

static const struct sb_fault_rule hostile[] = {
    {SB_FAULT_DELAY, .probability = 0.05, ALWAYS, .delay_ms = 3},
    {SB_FAULT_RESET, .probability = 0.01, ALWAYS},
    {SB_FAULT_RESET, .probability = 0.01, ALWAYS, .after = true},
    {SB_FAULT_TRUNCATE, .probability = 0.005, ALWAYS, .after = true},
    {SB_FAULT_HTML, .probability = 0.005, ALWAYS, .status = 502},
    {SB_FAULT_HTML, .probability = 0.002, ALWAYS, .status = 504, .after = true},
    {SB_FAULT_STATUS, .probability = 0.003, ALWAYS, .status = 500, .code = 800003},
    {SB_FAULT_STATUS, .probability = 0.003, ALWAYS, .status = 500, .code = 800003, .after = true},
    {SB_FAULT_STATUS, .probability = 0.005, .count = -1, .status = 503, .code = 800003, .retry_after = 2},
    {SB_FAULT_STATUS, .method = "POST", .route = "/v1/customers/*/orders", .probability = 0.02, ALWAYS, .status = 409,
        .code = 800060, .after = true},
    {SB_FAULT_THROTTLE, .probability = 0.01, .count = -1, .status = 429, .retry_after = 2},
    {SB_FAULT_THROTTLE, .probability = 0.002, .count = -1, .status = 429, .retry_after = 2, .retry_date = true},
    {SB_FAULT_THROTTLE, .probability = 0.0005, .count = -1, .status = 429, .retry_after = 1, .burst = 20},
    {SB_FAULT_EXPIRED_TOKEN, .probability = 0.004, ALWAYS},
    {SB_FAULT_BOM, .probability = 0.02, ALWAYS, .after = true},
    {SB_FAULT_ACCEPTED, .method = "PATCH", .probability = 0.2, ALWAYS},
    {SB_FAULT_STALE_ETAG, .method = "PATCH", .probability = 0.05, ALWAYS},
    {SB_FAULT_REPEAT_PAGE, .method = "GET", .probability = 0.002, ALWAYS},
};

static void set_rules(struct sb_faults *faults, const struct sb_fault_rule *rules, size_t count)
{
    memcpy(faults->rules, rules, count * sizeof *rules);
    faults->count = (int)count;
}

bool sb_faults_profile(struct sb_faults *faults, const char *profile)
{
    if (strcmp(profile, "none") == 0)
        faults->count = 0;
    else if (strcmp(profile, "realistic") == 0)
        set_rules(faults, realistic, sizeof realistic / sizeof realistic[0]);
    else if (strcmp(profile, "hostile") == 0)
        set_rules(faults, hostile, sizeof hostile / sizeof hostile[0]);
    else
        return false;
    return true;
}

static const char *read_rule(const cJSON *json, struct sb_fault_rule *ret_rule)
{
    struct sb_fault_rule rule = {0};
    const char *kind = sb_json_text(json, "kind");
    for (int i = 0; kind && i < SB_FAULT_KINDS; i++) {
        if (strcmp(kind, kind_names[i]) == 0)
            rule.kind = (enum sb_fault_kind)i;
    }
    if (rule.kind == SB_FAULT_NONE)
        return "a fault rule needs a `kind`: status, throttle, reset, truncate, html, bom, delay, expired-token, "
               "accepted, "
               "stale-etag, repeat-page or partial-cart";
    const char *method = sb_json_text(json, "method");
    const char *route = sb_json_text(json, "route");
    const char *stage = sb_json_text(json, "stage");
    if (stage && strcmp(stage, "before") != 0 && strcmp(stage, "after") != 0)
        return "`stage` is before or after";
    snprintf(rule.method, sizeof rule.method, "%s", method ? method : "");
    snprintf(rule.route, sizeof rule.route, "%s", route ? route : "");
    rule.probability = sb_json_number(json, "probability", 1);
    rule.count = sb_json_int(json, "count", -1);
    rule.after = (stage && strcmp(stage, "after") == 0) || rule.kind == SB_FAULT_TRUNCATE || rule.kind == SB_FAULT_BOM;
    int status = rule.kind == SB_FAULT_THROTTLE ? 429 : rule.kind == SB_FAULT_HTML ? 502 : 503;
    rule.status = (int)sb_json_int(json, "status", status);
    rule.code = sb_json_int(json, "code", 800003);
    rule.retry_after = sb_json_int(json, "retryAfter", rule.kind == SB_FAULT_THROTTLE ? 1 : -1);
    rule.retry_date = sb_json_bool(json, "retryDate", false);
    rule.delay_ms = sb_json_int(json, "delayMs", 1);
    rule.burst = sb_json_int(json, "burst", 0);
    if (rule.probability < 0 || rule.probability > 1)
        return "`probability` is a number from 0 to 1";
    if (rule.status < 200 || rule.status > 599)
        return "`status` is an HTTP status from 200 to 599";
    if (rule.delay_ms < 0 || rule.delay_ms > SB_FAULT_DELAY_MAX_MS)
        return "`delayMs` is 0 to 20: longer waits belong on the virtual clock";
    *ret_rule = rule;
    return NULL;
}

static const char *read_rules(struct sb_faults *faults, const cJSON *list, bool add)
{
    struct sb_faults changed = *faults;
    if (!add)
        changed.count = 0;
    for (const cJSON *item = list->child; item; item = item->next) {
        if (changed.count == SB_FAULT_RULES)
            return "there can be 64 fault rules at most";
        const char *wrong = read_rule(item, &changed.rules[changed.count]);
        if (wrong)
            return wrong;
        changed.count++;
    }
    *faults = changed;
    return NULL;
}

const char *sb_faults_read(struct sb_faults *faults, const cJSON *json)
{
    const char *profile = sb_json_text(json, "profile");
    const cJSON *rules = sb_json_get(json, "rules");
    if (cJSON_IsArray(json))
        return read_rules(faults, json, false);
    if (!profile && !cJSON_IsArray(rules))
        return "faults are {\"profile\": \"none|realistic|hostile\"}, {\"rules\": [...]} or an array of rules";
    if (profile && !sb_faults_profile(faults, profile))
        return "a fault profile is none, realistic or hostile";
    return cJSON_IsArray(rules) ? read_rules(faults, rules, profile || sb_json_bool(json, "add", false)) : NULL;
}

cJSON *sb_faults_write(const struct sb_faults *faults)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(root, "rules");
    for (int i = 0; i < faults->count; i++) {
        const struct sb_fault_rule *rule = &faults->rules[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "kind", kind_names[rule->kind]);
        sb_json_put(item, "method", rule->method);
        sb_json_put(item, "route", rule->route);
        cJSON_AddStringToObject(item, "stage", rule->after ? "after" : "before");
        cJSON_AddNumberToObject(item, "probability", rule->probability);
        cJSON_AddNumberToObject(item, "count", (double)rule->count);
        cJSON_AddNumberToObject(item, "status", rule->status);
        cJSON_AddNumberToObject(item, "code", (double)rule->code);
        cJSON_AddNumberToObject(item, "retryAfter", (double)rule->retry_after);
        cJSON_AddBoolToObject(item, "retryDate", rule->retry_date);
        cJSON_AddNumberToObject(item, "delayMs", (double)rule->delay_ms);
        cJSON_AddNumberToObject(item, "burst", (double)rule->burst);
        cJSON_AddItemToArray(list, item);
    }
    return root;
}

const char *sb_faults_name(enum sb_fault_kind kind)
{
    return kind_names[kind];
}

static bool applies(const struct sb_fault_rule *rule, const char *method, const char *path)
{
    bool spent = rule->count == 0 && rule->burst_left == 0;
    if (spent || (rule->method[0] && strcasecmp(rule->method, method) != 0))
        return false;
    return !rule->route[0] || fnmatch(rule->route, path, FNM_CASEFOLD) == 0;
}

static bool hits(struct sb_faults *faults, struct sb_fault_rule *rule, int n)
{
    if (rule->burst_left > 0) {
        rule->burst_left--;
        return true;
    }
    uint64_t draw = faults->ordinal * SB_FAULT_RULES + (uint64_t)n;
    if (sb_ident_chance(faults->seed, draw) >= rule->probability)
        return false;
    if (rule->count > 0)
        rule->count--;
    rule->burst_left = rule->burst;
    return true;
}

struct sb_fault_rule sb_faults_meet(
    struct sb_faults *faults, const char *method, const char *path, int64_t *ret_delay_ms)
{
    struct sb_fault_rule met = {0};
    int64_t delay_ms = 0;
    faults->ordinal++;
    for (int i = 0; i < faults->count; i++) {
        struct sb_fault_rule *rule = &faults->rules[i];
        bool delay = rule->kind == SB_FAULT_DELAY;
        if ((!delay && met.kind != SB_FAULT_NONE) || !applies(rule, method, path) || !hits(faults, rule, i))
            continue;
        if (delay)
            delay_ms += rule->delay_ms;
        else
            met = *rule;
    }
    *ret_delay_ms = delay_ms < SB_FAULT_DELAY_MAX_MS ? delay_ms : SB_FAULT_DELAY_MAX_MS;
    return met;
}
