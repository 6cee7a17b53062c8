/* license-reassign.c: step `license-reassign`: swaps one user's licences in one request (C-7).
 *
 * The user's licences are read, the swap is computed so that service plans that were off stay off, sent as a single
 * change, and read back. What concerns this user alone is an answer ("person", with the reason), not a failure: the
 * other users go on. */
#include "swap.h"

#define PLANS_AGE_MS ((int64_t)600000)

static void job_init(struct job *job, struct pc *pc, const cJSON *in)
{
    const cJSON *user = wf_cjson_get(in, "user");
    *job = (struct job){.pc = pc,
        .customer = wf_cjson_str(in, "customerId", ""),
        .user = cJSON_IsString(user) ? user->valuestring : wf_cjson_str(user, "id", ""),
        .upn = cJSON_IsString(user) ? "" : pc_who(pc, wf_cjson_str(user, "upn", "")),
        .remove = wf_cjson_get(in, "remove"),
        .assign = wf_cjson_get(in, "assign"),
        .plan_map = wf_cjson_get(in, "planMap"),
        .no_new_plans = strcmp(wf_cjson_str(in, "newPlans", "enable"), "disable") == 0};
}

/* The plan lists, of the cache when it has all that are needed. */
static int read_inventory(struct job *job)
{
    const cJSON *sku;
    job->skus = pc_skus(job->pc, job->customer, PLANS_AGE_MS);
    cJSON_ArrayForEach(sku, job->assign) {
        if (job->skus && !pc_sku_row(job->skus, sku->valuestring))
            job->skus = pc_skus(job->pc, job->customer, 0);
        if (job->skus && !pc_sku_row(job->skus, sku->valuestring))
            return pc_fault(job->pc, "validation", 0, "The customer does not have the new licence",
                "Customer %s has no subscription with the licence %s (yet). Buy it, and wait until it is provisioned, "
                "before "
                "moving users.",
                job->customer, sku->valuestring);
    }
    return job->skus ? 0 : -1;
}

/* ---- what was, and what became ---- */

static cJSON *before_of(struct job *job)
{
    const cJSON *sku;
    cJSON *known = pc_recall(job->pc, "before"), *plain;
    if (known)
        return cJSON_Duplicate(known, true);
    if (swap_holds_any(job, job->remove))
        return cJSON_Duplicate(job->before, true);
    plain = cJSON_CreateArray();
    cJSON_ArrayForEach(sku, job->remove) {
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "skuId", sku->valuestring);
        cJSON_AddArrayToObject(line, "excludedPlans");
        cJSON_AddItemToArray(plain, line);
    }
    return plain;
}

static cJSON *output_of(struct job *job, const char *status, const char *reason)
{
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "customerId", job->customer);
    cJSON_AddStringToObject(out, "userId", job->user);
    cJSON_AddStringToObject(out, "upn", job->upn);
    cJSON_AddStringToObject(out, "status", status);
    if (reason)
        cJSON_AddStringToObject(out, "reason", reason);
    if (strcmp(status, "moved") == 0)
        cJSON_AddItemToObject(out, "before", before_of(job));
    if (job->after)
        cJSON_AddItemToObject(out, "after", cJSON_Duplicate(job->after, true));
    cJSON_AddItemToObject(out, "notCarriedOver", cJSON_Duplicate(job->lost, true));
    cJSON_AddItemToObject(out, "newPlans", cJSON_Duplicate(job->fresh, true));
    cJSON_AddItemToObject(out, "warnings", cJSON_Duplicate(job->warnings, true));
    return out;
}

static int work(struct job *job, const char **ret_status, const char **ret_reason)
{
    struct pc *pc = job->pc;
    job->began_ms = pc_now(pc);
    *ret_status = "moved";
    *ret_reason = NULL;
    if (swap_read(job)) {
        if (pc->fault.status != 404 || pc_fault_is(pc, 60003))
            return -1;
        *ret_status = "gone";
        *ret_reason = "the user was deleted";
        return 0;
    }
    if (swap_done(job)) {
        *ret_status = pc->host->attempt(pc->step) > 1 || pc_recall(pc, "before") ? "moved" : "already";
        return 0;
    }
    if (!swap_holds_any(job, job->remove)) {
        *ret_status = "skipped";
        *ret_reason = "the user does not hold the old licence any more";
        return 0;
    }
    return read_inventory(job) || swap_carry_out(job, ret_status, ret_reason) < 0 ? -1 : 0;
}

static void reassign_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    const char *status, *reason;
    if (pc_init(&pc, state, step) || (job_init(&job, &pc, pc.in), swap_init(&job)) || work(&job, &status, &reason))
        pc_fail(&pc);
    else if (strcmp(status, "person") == 0 && strcmp(wf_cjson_str(pc.in, "onProblem", "report"), "fail") == 0) {
        pc_fault(&pc, "validation", 0, "A person must look at this user",
            "User %s (%s) of customer %s was not moved: %s.", job.user, job.upn, job.customer, reason);
        pc_fail(&pc);
    } else
        wf_cjson_succeed(pc.host, step, output_of(&job, status, reason));
    pc_done(&pc);
}

/* What the user would hold: before the new licences are bought, their plans are not known, so none is left out. */
static int predict(struct job *job)
{
    const cJSON *sku;
    cJSON *after = pc_keep(job->pc, cJSON_CreateArray());
    bool known = true;
    cJSON_ArrayForEach(sku, job->assign) {
        known = known && pc_sku_row(job->skus, sku->valuestring);
    }
    if (known && swap_compute(job))
        return -1;
    cJSON_ArrayForEach(sku, job->assign) {
        const cJSON *line = swap_line(job->after, sku->valuestring); /* held already: it is left as it is */
        line = line ? line : swap_line(job->body_assign, sku->valuestring);
        if (line) {
            cJSON_AddItemToArray(after, cJSON_Duplicate(line, true));
            continue;
        }
        cJSON *plain = cJSON_CreateObject();
        cJSON_AddStringToObject(plain, "skuId", sku->valuestring);
        cJSON_AddArrayToObject(plain, "excludedPlans");
        cJSON_AddItemToArray(after, plain);
    }
    job->after = after;
    return 0;
}

/* The status that the run would answer with; NULL: fault. */
static const char *plan_status(struct job *job)
{
    struct pc *pc = job->pc;
    if (swap_read(job)) {
        bool gone = pc->fault.status == 404 && !pc_fault_is(pc, 60003);
        return gone ? "gone" : NULL;
    }
    if (swap_done(job))
        return "already";
    if (!swap_holds_any(job, job->remove))
        return "skipped";
    return predict(job) ? NULL : "moved";
}

static void reassign_plan(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    const char *status = NULL;
    if (pc_init(&pc, state, step) == 0 && (job_init(&job, &pc, pc.in), swap_init(&job)) == 0)
        status = plan_status(&job);
    if (!status) {
        pc_fail(&pc);
        pc_done(&pc);
        return;
    }
    bool moves = strcmp(status, "moved") == 0;
    cJSON *facts = cJSON_CreateObject(), *held = job.before ? cJSON_Duplicate(job.before, true) : cJSON_CreateArray();
    cJSON_AddStringToObject(facts, "customerId", job.customer);
    cJSON_AddStringToObject(facts, "userId", job.user);
    cJSON_AddItemToObject(facts, "licences", held);
    const struct wf_planned planned = {.action = moves ? WF_ACTION_CHANGE : WF_ACTION_NOTHING,
        .words = pc_text(&pc, moves ? "user %s: swap the old licence for the new" : "user %s: nothing to do (%s)",
            *job.upn ? job.upn : job.user, status),
        .cost_micros = 0};
    wf_cjson_planned(pc.host, step, &planned, output_of(&job, status, NULL), facts);
    pc_done(&pc);
}

static void reassign_verify(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    int rc = pc_init(&pc, state, step);
    unsigned tries = 0;
    if (rc == 0)
        do
            rc = (job_init(&job, &pc, pc.in), swap_init(&job)) || swap_read(&job) ? -1 : 0;
        while (rc && pc_look_again(&pc, tries++));
    if (rc)
        wf_cjson_verdict(pc.host, step, WF_VERDICT_UNKNOWN, NULL, pc.fault.detail);
    else if (swap_done(&job))
        wf_cjson_verdict(
            pc.host, step, WF_VERDICT_YES, output_of(&job, "moved", NULL), "the user holds the new licence only");
    else
        wf_cjson_verdict(pc.host, step, WF_VERDICT_NO, NULL, "the user's licences are not at the goal");
    pc_done(&pc);
}

/* ---- undo, C-11 ---- */

/* Turns the job round: back to what `before` says. Input: {"input": ..., "output": ...} of the run. False: the run changed
 * nothing for this user. */
static bool turn_round(struct job *job, struct pc *pc)
{
    const cJSON *output = wf_cjson_get(pc->in, "output"), *line;
    job_init(job, pc, wf_cjson_get(pc->in, "input"));
    if (strcmp(wf_cjson_str(output, "status", ""), "moved") != 0)
        return false;
    job->restore = wf_cjson_get(output, "before");
    cJSON *had = pc_keep(pc, cJSON_CreateArray()), *new_ones = pc_keep(pc, cJSON_CreateArray());
    cJSON_ArrayForEach(line, job->restore) {
        if (pc_in(job->remove, wf_cjson_str(line, "skuId", "")))
            cJSON_AddItemToArray(had, cJSON_CreateString(wf_cjson_str(line, "skuId", "")));
    }
    cJSON_ArrayForEach(line, job->assign) {
        if (!swap_line(job->restore, line->valuestring))
            cJSON_AddItemToArray(new_ones, cJSON_CreateString(line->valuestring));
    }
    job->remove = new_ones;
    job->assign = had;
    return true;
}

static const char gone_words[] = "the user was deleted";

/* 0: there is something to swap back, 1: there is not, 2: it cannot be, with *ret_words; -1: fault. */
static int look_back(struct job *job, struct pc *pc, const char **ret_words)
{
    const cJSON *sku;
    bool changed = turn_round(job, pc);
    *ret_words = "the run changed nothing for this user";
    if (swap_init(job))
        return -1;
    if (!changed)
        return 1;
    if (swap_read(job)) {
        *ret_words = gone_words;
        return pc->fault.status == 404 && !pc_fault_is(pc, 60003) ? 2 : -1;
    }
    *ret_words = "the user holds the old licences";
    if (swap_done(job))
        return 1;
    cJSON_ArrayForEach(sku, job->assign) {
        if (!pc_sku_row(job->skus, sku->valuestring)) {
            *ret_words =
                pc_text(pc, "the customer has no licence %s any more: its subscription is removed", sku->valuestring);
            return 2;
        }
    }
    return 0;
}

static int swap_back(struct job *job, struct pc *pc, const char **ret_status)
{
    const char *words = NULL, *status = NULL;
    int rc = look_back(job, pc, &words);
    *ret_status = "already";
    if (rc < 0 || rc == 1)
        return rc < 0 ? -1 : 0;
    if (rc == 0) {
        job->began_ms = pc_now(pc);
        rc = swap_carry_out(job, &status, &words);
        *ret_status = "moved";
    }
    if (rc <= 0)
        return rc;
    return pc_fault(pc, "validation", 0, "The licences cannot be given back",
        "User %s (%s) of customer %s was not swapped back: %s.", job->user, job->upn, job->customer, words);
}

static void reassign_undo(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job = {0};
    const char *status;
    if (pc_init(&pc, state, step) || swap_back(&job, &pc, &status))
        pc_fail(&pc);
    else
        wf_cjson_succeed(pc.host, step, output_of(&job, status, NULL));
    pc_done(&pc);
}

/* Whether there are free seats is no concern of it: the old subscription is woken by an undo that comes before this one. */
static void reassign_plan_undo(struct wf_step *step, void *state)
{
    static const uint32_t actions[] = {WF_ACTION_CHANGE, WF_ACTION_NOTHING, WF_ACTION_CANNOT};
    struct pc pc;
    struct job job = {0};
    const char *words = NULL;
    int rc = pc_init(&pc, state, step) ? -1 : look_back(&job, &pc, &words);
    if (rc < 0) {
        pc_fail(&pc);
        pc_done(&pc);
        return;
    }
    const char *who = *job.upn ? job.upn : job.user;
    const struct wf_planned planned = {.action = actions[rc],
        .words = rc ? pc_text(&pc, "user %s: %s", who, words)
                    : pc_text(&pc, "user %s: swap the new licence for the old, as it was", who)};
    cJSON *facts = cJSON_CreateObject();
    cJSON_AddItemToObject(facts, "licences", job.after ? cJSON_Duplicate(job.after, true) : cJSON_CreateArray());
    wf_cjson_planned(pc.host, step, &planned, NULL, facts);
    pc_done(&pc);
}

/* ---- descriptor ---- */

static int32_t reassign_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["customerId", "user", "remove", "assign"], "additionalProperties": false,
    "properties": {
        "customerId": {"description": "whose user it is", "type": "string", "minLength": 1},
        "user": {
            "description": "the user: an id, or an object with id and upn",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object", "required": ["id"],
                    "properties": {"id": {"type": "string", "minLength": 1}, "upn": {"type": "string"}}
                }
            ]
        },
        "remove": {
            "description": "licences (SKU ids) to take away", "type": "array", "minItems": 1,
            "items": {"type": "string", "minLength": 1}
        },
        "assign": {
            "description": "licences (SKU ids) to give", "type": "array", "minItems": 1,
            "items": {"type": "string", "minLength": 1}
        },
        "planMap": {
            "description": "old service plan to new one (ids or names), or null for one that has no successor",
            "type": "object",
            "additionalProperties": {"type": ["string", "null"]}
        },
        "newPlans": {
            "description": "what to do with plans that the old licence did not have: enable unless given",
            "enum": ["enable", "disable"]
        },
        "onProblem": {
            "description": "report (unless given): what concerns this user alone is an answer; fail: it is a fault",
            "enum": ["report", "fail"]
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object",
    "required": ["customerId", "userId", "upn", "status", "notCarriedOver", "newPlans", "warnings"],
    "properties": {
        "customerId": {"type": "string"},
        "userId": {"type": "string"},
        "upn": {"type": "string"},
        "status": {"enum": ["moved", "already", "skipped", "gone", "person"]},
        "reason": {"type": "string"},
        "before": {"type": "array", "items": {"type": "object", "required": ["skuId", "excludedPlans"]}},
        "after": {"type": "array", "items": {"type": "object", "required": ["skuId", "excludedPlans"]}},
        "notCarriedOver": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "newPlans": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "warnings": {"type": "array", "items": {"type": "string"}}
    }
});

static const struct wf_step_type reassign = {.size = sizeof reassign,
    .effect = WF_EFFECT_WRITE,
    .flags = WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT | WF_STEP_CANCELLABLE,
    .timeout_ms = 3 * 3600 * 1000,
    .name = "license-reassign",
    .summary = "Swaps the licences of one user in a single change",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = reassign_run,
    .plan = reassign_plan,
    .verify = reassign_verify,
    .undo = reassign_undo,
    .plan_undo = reassign_plan_undo};
static const struct wf_step_type *const steps[] = {&reassign, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "license-reassign",
    .version = "1.0.0",
    .summary = "Moves users from one licence to another through Partner Center",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = reassign_open};

WF_PLUGIN_NOTE("license-reassign", "1.0.0", "license-reassign:write");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
