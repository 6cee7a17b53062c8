/* suspend.c: step `suspend`: suspends a subscription that nobody uses any more, once its successor is in place. */
#include <pc.h>

#define KEPT_DAYS 120 /* from the suspension until the service removes subscription and data */

struct job {
    struct pc *pc;
    const char *customer, *subscription;
    const cJSON *skus; /* licences nobody may hold any more */
    int64_t suspended_ms;
    bool was_active;   /* before this operation: what undo goes back to */
    cJSON *addons;     /* ids of the active ones, which are suspended with it */
    cJSON *successors; /* {id, status} */
    cJSON *sub;
};

static void job_init(struct job *job, struct pc *pc, const cJSON *in)
{
    *job = (struct job){.pc = pc,
        .customer = wf_cjson_str(in, "customerId", ""),
        .subscription = wf_cjson_str(in, "subscriptionId", ""),
        .skus = wf_cjson_get(in, "skuIds"),
        .addons = pc_keep(pc, cJSON_CreateArray()),
        .successors = pc_keep(pc, cJSON_CreateArray())};
}

/* ---- C-9, the gate ---- */

static int refuse_holders(struct job *job, const cJSON *holders)
{
    struct pc *pc = job->pc;
    cJSON *people = cJSON_CreateArray();
    const cJSON *user;
    const char *names = "";
    int n = 0;
    cJSON_ArrayForEach(user, holders) {
        const char *name = pc_who(pc, wf_cjson_str(user, "signInName", ""));
        if (n < 10)
            names = pc_text(pc, "%s%s%s", names, n ? ", " : "", name);
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "id", wf_cjson_str(user, "id", ""));
        cJSON_AddStringToObject(line, "upn", name);
        cJSON_AddItemToArray(people, line);
        n++;
    }
    pc_fault(pc, "validation", 409, "People still hold the old licence",
        "%d user%s of customer %s still hold%s the licence of subscription %s: %s%s. It was not suspended. Move them, "
        "or "
        "take the licence away, then run again.",
        n, n == 1 ? "" : "s", job->customer, n == 1 ? "s" : "", job->subscription, names, n > 10 ? ", ..." : "");
    pc_fault_add(pc, "people", people);
    return -1;
}

/* Two independent reads must agree that nobody holds it: the users, and the count of the inventory. */
static int check_holders(struct job *job)
{
    struct pc *pc = job->pc;
    const cJSON *sku;
    cJSON *holders = pc_user_holders(pc, job->customer, job->skus);
    const cJSON *skus = holders ? pc_skus(pc, job->customer, 0) : NULL;
    if (!skus)
        return -1;
    if (holders->child)
        return refuse_holders(job, holders);
    cJSON_ArrayForEach(sku, job->skus) {
        int64_t used = pc_int(pc_sku_row(skus, sku->valuestring), "consumedUnits", 0);
        if (used > 0)
            return pc_fault(pc, "validation", 409, "People still hold the old licence",
                "The inventory of customer %s counts %lld licences %s in use, although no user was found with one. It "
                "was not "
                "suspended. Run again when the directory has caught up.",
                job->customer, (long long)used, sku->valuestring);
    }
    return 0;
}

static int check_addons(struct job *job)
{
    struct pc *pc = job->pc;
    const cJSON *released = wf_cjson_get(pc->in, "releasedAddons"), *addon;
    cJSON *addons = pc_sub_addons(pc, job->customer, job->subscription);
    if (!addons)
        return -1;
    cJSON_ArrayForEach(addon, addons) {
        bool live = pc_sub_is(addon, "active") || pc_sub_is(addon, "pending");
        if (live && !pc_in(released, pc_str(addon, "id")) && !pc_in(released, pc_str(addon, "offerId")))
            return pc_fault(pc, "validation", 409, "An add-on hangs on the subscription",
                "\"%s\" (%s) is an add-on of subscription %s and would be suspended with it. Move it first, or name it "
                "in "
                "releasedAddons.",
                pc_str(addon, "offerName"), pc_str(addon, "id"), job->subscription);
        if (live)
            cJSON_AddItemToArray(job->addons, cJSON_CreateString(pc_str(addon, "id")));
    }
    return 0;
}

static int check_successor(struct job *job, const char *id, bool provisioned)
{
    struct pc *pc = job->pc;
    cJSON *sub = pc_sub_get(pc, job->customer, id);
    cJSON *status = sub && provisioned ? pc_sub_provisioning(pc, job->customer, id) : sub;
    if (!status)
        return -1;
    if (!pc_sub_is(sub, "active") || (provisioned && !pc_same(pc_str(status, "status"), "success")))
        return pc_fault(pc, "validation", 409, "The new subscription is not ready",
            "Subscription %s of customer %s is \"%s\"%s%s, so the old one (%s) stays as it is.", id, job->customer,
            pc_str(sub, "status"), provisioned ? ", its provisioning " : "",
            provisioned ? pc_str(status, "status") : "", job->subscription);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "id", id);
    cJSON_AddStringToObject(line, "status", pc_str(sub, "status"));
    cJSON_AddItemToArray(job->successors, line);
    return 0;
}

static int check_successors(struct job *job, bool provisioned)
{
    const cJSON *id;
    while (job->successors->child)
        cJSON_Delete(cJSON_DetachItemViaPointer(job->successors, job->successors->child));
    cJSON_ArrayForEach(id, wf_cjson_get(job->pc->in, "newSubscriptionIds")) {
        if (check_successor(job, id->valuestring, provisioned))
            return -1;
    }
    return 0;
}

/* The service updates the provisioning status every quarter of an hour: "pending" is no refusal yet. */
static int wait_for_successors(struct job *job)
{
    struct pc *pc = job->pc;
    int64_t end = pc_now(pc) + pc->set.provisioning_timeout_ms;
    for (int64_t pause = 15000;; pause = pause < 300000 ? pause * 2 : pause) {
        int rc = check_successors(job, true);
        if (rc == 0 || pc->fault.status != 409 || pc_now(pc) >= end)
            return rc;
        const struct pc_fault reason = pc->fault;
        if (pc_sleep(pc, pause))
            return -1;
        pc->fault = reason;
    }
}

static int pass_gate(struct job *job)
{
    return wait_for_successors(job) || check_addons(job) || check_holders(job) ? -1 : 0;
}

/* ---- answers ---- */

static cJSON *output_of(const struct job *job)
{
    struct pc *pc = job->pc;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "customerId", job->customer);
    cJSON_AddStringToObject(out, "subscriptionId", job->subscription);
    cJSON_AddStringToObject(out, "status", pc_sub_is(job->sub, "deleted") ? "deleted" : "suspended");
    cJSON_AddStringToObject(out, "suspendedAt", pc_date_text(pc, job->suspended_ms));
    cJSON_AddStringToObject(out, "deprovisionDate", pc_date_text(pc, job->suspended_ms + KEPT_DAYS * PC_DAY_MS));
    cJSON_AddStringToObject(out, "before", job->was_active ? "active" : "suspended");
    cJSON_AddItemToObject(out, "suspendedAddons", cJSON_Duplicate(job->addons, true));
    cJSON_AddItemToObject(out, "newSubscriptions", cJSON_Duplicate(job->successors, true));
    return out;
}

/* What an attempt before this one noted: it began with an active subscription. */
static bool recall(struct job *job)
{
    const cJSON *known = pc_recall(job->pc, "suspended"), *addons = pc_member(known, "addons");
    job->suspended_ms = pc_int(known, "ms", 0);
    job->was_active = known != NULL;
    if (addons)
        job->addons = pc_keep(job->pc, cJSON_Duplicate(addons, true));
    return known != NULL;
}

/* Before it is sent: when, and what it was. A repetition finds the subscription suspended, and could not tell any more. */
static int note(struct job *job)
{
    cJSON *note = cJSON_CreateObject();
    job->suspended_ms = pc_now(job->pc);
    job->was_active = true;
    cJSON_AddNumberToObject(note, "ms", (double)job->suspended_ms);
    cJSON_AddItemToObject(note, "addons", cJSON_Duplicate(job->addons, true));
    return pc_remember(job->pc, "suspended", note);
}

static int work(struct job *job)
{
    struct pc *pc = job->pc;
    job->sub = pc_sub_get(pc, job->customer, job->subscription);
    if (!job->sub)
        return -1;
    bool done = pc_sub_is(job->sub, "suspended") || pc_sub_is(job->sub, "deleted"); /* 2011: the goal is reached */
    if (!done && pass_gate(job))
        return -1;
    if (!recall(job) && done)
        job->suspended_ms = pc_now(pc); /* since when is not told */
    if (!done) {
        if (!job->was_active && note(job))
            return -1;
        job->sub = pc_sub_change(pc, job->customer, job->subscription, "status", cJSON_CreateString("suspended"),
            pc->host->idempotency_key(pc->step));
        if (!job->sub)
            return -1;
    }
    return check_successors(job, false); /* fact 10: old suspended, new active */
}

static void suspend_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    if (pc_init(&pc, state, step) == 0 && (job_init(&job, &pc, pc.in), work(&job)) == 0)
        wf_cjson_succeed(pc.host, step, output_of(&job));
    else
        pc_fail(&pc);
    pc_done(&pc);
}

/* ---- plan ---- */

/* What the run's output would say, were it done today. The successors are those that exist already. */
static void predict(struct job *job)
{
    const cJSON *id;
    job->suspended_ms = pc_now(job->pc);
    job->was_active = pc_sub_is(job->sub, "active");
    cJSON_ArrayForEach(id, wf_cjson_get(job->pc->in, "newSubscriptionIds")) {
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "id", id->valuestring);
        cJSON_AddStringToObject(line, "status", "active");
        cJSON_AddItemToArray(job->successors, line);
    }
}

/* Nothing that buying the successor or moving the users changes: neither the etag nor who holds the licence. */
static cJSON *facts_of(const struct job *job)
{
    cJSON *facts = cJSON_CreateObject();
    cJSON_AddStringToObject(facts, "customerId", job->customer);
    cJSON_AddStringToObject(facts, "subscriptionId", job->subscription);
    cJSON_AddStringToObject(facts, "status", pc_str(job->sub, "status"));
    cJSON_AddStringToObject(facts, "commitmentEndDate", pc_str(job->sub, "commitmentEndDate"));
    return facts;
}

/* Who still holds the licence is no concern of a plan: those users are moved by steps that come before this one. */
static int make_plan(struct job *job, struct wf_planned *planned)
{
    struct pc *pc = job->pc;
    job->sub = pc_sub_get(pc, job->customer, job->subscription);
    if (!job->sub)
        return -1;
    const char *name = pc_str(job->sub, "offerName"), *status = pc_str(job->sub, "status");
    bool done = pc_sub_is(job->sub, "suspended") || pc_sub_is(job->sub, "deleted");
    predict(job);
    if (done) {
        planned->action = WF_ACTION_NOTHING;
        planned->words = pc_text(pc, "\"%s\" is %s already", name, status);
        return 0;
    }
    planned->action = check_addons(job) == 0 ? WF_ACTION_CHANGE : WF_ACTION_CANNOT;
    planned->words = planned->action == WF_ACTION_CANNOT
                         ? pc->fault.detail
                         : pc_text(pc,
                               "suspend \"%s\" (%lld seats) once nobody holds its licence: costs nothing, ends its "
                               "billing, and can be taken back for %d days",
                               name, (long long)pc_int(job->sub, "quantity", 0), KEPT_DAYS);
    return planned->action == WF_ACTION_CANNOT && pc->fault.status != 409 ? -1 : 0;
}

static void suspend_plan(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    struct wf_planned planned = {.cost_micros = 0};
    if (pc_init(&pc, state, step) == 0 && (job_init(&job, &pc, pc.in), make_plan(&job, &planned)) == 0)
        wf_cjson_planned(pc.host, step, &planned, output_of(&job), facts_of(&job));
    else
        pc_fail(&pc);
    pc_done(&pc);
}

/* A verdict; UNKNOWN without a fault: *job says what it is like now. */
static uint32_t happened(struct job *job, struct pc *pc)
{
    job_init(job, pc, pc->in);
    job->sub = pc_sub_get(pc, job->customer, job->subscription);
    if (!job->sub)
        return WF_VERDICT_UNKNOWN;
    if (!recall(job))
        job->suspended_ms = pc->host->intent_ms(pc->step);
    if (pc_sub_is(job->sub, "suspended") && check_successors(job, false) == 0)
        return WF_VERDICT_YES;
    return pc_sub_is(job->sub, "active") ? WF_VERDICT_NO : WF_VERDICT_UNKNOWN;
}

static void suspend_verify(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job = {0};
    uint32_t verdict = WF_VERDICT_UNKNOWN;
    if (pc_init(&pc, state, step) == 0) {
        unsigned tries = 0;
        do
            verdict = happened(&job, &pc);
        while (verdict == WF_VERDICT_UNKNOWN && pc_look_again(&pc, tries++));
    }
    if (verdict == WF_VERDICT_YES)
        wf_cjson_verdict(pc.host, step, verdict, output_of(&job), "the subscription is suspended");
    else if (verdict == WF_VERDICT_NO)
        wf_cjson_verdict(pc.host, step, verdict, NULL, "the subscription is active");
    else
        wf_cjson_verdict(pc.host, step, verdict, NULL,
            pc.fault.set ? pc.fault.detail : pc_text(&pc, "the subscription is \"%s\"", pc_str(job.sub, "status")));
    pc_done(&pc);
}

/* ---- undo, C-11 ---- */

/* Input: {"input": ..., "output": ...} of the run. */
struct back {
    struct job job;
    const cJSON *addons; /* to be woken after it */
    int64_t last_ms;     /* -1: not known */
    const char *nothing; /* why there is nothing to do; NULL: there is */
    const char *cannot;  /* why it cannot be done; NULL: it can */
};

/* 1: all add-ons that were suspended with it are active, 0: not, -1: fault. */
static int addons_are_back(struct back *back)
{
    const cJSON *id;
    cJSON_ArrayForEach(id, back->addons) {
        cJSON *sub = pc_sub_get(back->job.pc, back->job.customer, id->valuestring);
        if (!sub || !pc_sub_is(sub, "active"))
            return sub ? 0 : -1;
    }
    return 1;
}

static int look_back(struct back *back, struct pc *pc)
{
    const cJSON *output = wf_cjson_get(pc->in, "output");
    struct job *job = &back->job;
    job_init(job, pc, wf_cjson_get(pc->in, "input"));
    back->addons = wf_cjson_get(output, "suspendedAddons");
    back->last_ms = pc_date(wf_cjson_str(output, "deprovisionDate", ""));
    if (!cJSON_IsObject(output) || strcmp(wf_cjson_str(output, "before", "active"), "active") != 0) {
        back->nothing = "the subscription was not suspended by this run";
        return 0;
    }
    job->sub = pc_sub_get(pc, job->customer, job->subscription);
    if (!job->sub && pc->fault.status == 404) {
        back->cannot = pc_text(pc, "Customer %s has no subscription %s any more.", job->customer, job->subscription);
        return 0;
    }
    if (!job->sub)
        return -1;
    int rc = pc_sub_is(job->sub, "active") ? addons_are_back(back) : 0;
    if (rc < 0)
        return -1;
    if (rc)
        back->nothing = "the subscription is active";
    else if (!pc_sub_is(job->sub, "active") && !pc_sub_is(job->sub, "suspended"))
        back->cannot = pc_text(pc,
            "Subscription %s of customer %s is \"%s\": the service removes it %d days after "
            "its suspension, and ends it with its term.",
            job->subscription, job->customer, pc_str(job->sub, "status"), KEPT_DAYS);
    else if (pc_sub_is(job->sub, "suspended") && back->last_ms >= 0 && pc_now(pc) > back->last_ms)
        back->cannot = pc_text(pc, "Subscription %s of customer %s was removed %d days after its suspension.",
            job->subscription, job->customer, KEPT_DAYS);
    return 0;
}

static int wake(struct pc *pc, const struct job *job, const char *id)
{
    const char *key = pc_uuid5(pc, pc->host->idempotency_key(pc->step), pc_text(pc, "undo %s", id));
    return pc_sub_change(pc, job->customer, id, "status", cJSON_CreateString("active"), key) ? 0 : -1;
}

/* The base before its add-ons, or the service refuses (27009). */
static int reactivate(struct back *back, struct pc *pc)
{
    const cJSON *id;
    if (look_back(back, pc))
        return -1;
    if (back->cannot)
        return pc_fault(pc, "validation", 0, "Too late to reactivate", "%s", back->cannot);
    if (back->nothing)
        return 0;
    if (wake(pc, &back->job, back->job.subscription))
        return -1;
    cJSON_ArrayForEach(id, back->addons) {
        if (wake(pc, &back->job, id->valuestring))
            return -1;
    }
    return 0;
}

static void suspend_undo(struct wf_step *step, void *state)
{
    struct pc pc;
    struct back back = {0};
    if (pc_init(&pc, state, step) || reactivate(&back, &pc)) {
        pc_fail(&pc);
    } else {
        cJSON *out = cJSON_CreateObject();
        cJSON_AddStringToObject(out, "subscriptionId", back.job.subscription);
        cJSON_AddStringToObject(out, "status", back.job.sub ? "active" : "unchanged");
        wf_cjson_succeed(pc.host, step, out);
    }
    pc_done(&pc);
}

static void suspend_plan_undo(struct wf_step *step, void *state)
{
    struct pc pc;
    struct back back = {0};
    if (pc_init(&pc, state, step) || look_back(&back, &pc)) {
        pc_fail(&pc);
    } else {
        struct wf_planned planned = {.action = WF_ACTION_CHANGE, .cost_micros = -1};
        if (back.nothing || back.cannot) {
            planned.action = back.cannot ? WF_ACTION_CANNOT : WF_ACTION_NOTHING;
            planned.words = back.cannot ? back.cannot : back.nothing;
            planned.cost_micros = 0;
        } else {
            planned.until_ms = back.last_ms > 0 ? back.last_ms : 0;
            planned.words = pc_text(&pc, "reactivate \"%s\" (%lld seats); its billing begins again",
                pc_str(back.job.sub, "offerName"), (long long)pc_int(back.job.sub, "quantity", 0));
        }
        cJSON *facts = cJSON_CreateObject();
        cJSON_AddStringToObject(facts, "status", pc_str(back.job.sub, "status"));
        wf_cjson_planned(pc.host, step, &planned, NULL, facts);
    }
    pc_done(&pc);
}

/* ---- descriptor ---- */

static int32_t suspend_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["customerId", "subscriptionId", "skuIds", "newSubscriptionIds"],
    "additionalProperties": false,
    "properties": {
        "customerId": {"description": "whose subscription it is", "type": "string", "minLength": 1},
        "subscriptionId": {"description": "what to suspend", "type": "string", "minLength": 1},
        "skuIds": {
            "description": "licences nobody may hold any more", "type": "array", "minItems": 1,
            "items": {"type": "string", "minLength": 1}
        },
        "newSubscriptionIds": {
            "description": "successors that must be active; may be empty when nobody needed one", "type": "array",
            "items": {"type": "string"}
        },
        "releasedAddons": {
            "description": "ids of add-ons that may be suspended with it", "type": "array",
            "items": {"type": "string"}
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object",
    "required": ["customerId", "subscriptionId", "status", "suspendedAt", "deprovisionDate", "newSubscriptions"],
    "properties": {
        "customerId": {"type": "string"},
        "subscriptionId": {"type": "string"},
        "status": {"enum": ["suspended", "deleted"]},
        "before": {"enum": ["active", "suspended"]},
        "suspendedAddons": {"type": "array", "items": {"type": "string"}},
        "suspendedAt": {"type": "string"},
        "deprovisionDate": {"type": "string"},
        "newSubscriptions": {"type": "array", "items": {"type": "object", "required": ["id", "status"]}}
    }
});

static const struct wf_step_type suspend = {.size = sizeof suspend,
    .effect = WF_EFFECT_WRITE,
    .flags = WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT | WF_STEP_CANCELLABLE,
    .timeout_ms = 2 * 3600 * 1000,
    .name = "suspend",
    .summary = "Suspends a subscription whose users have all been moved",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = suspend_run,
    .plan = suspend_plan,
    .verify = suspend_verify,
    .undo = suspend_undo,
    .plan_undo = suspend_plan_undo};
static const struct wf_step_type *const steps[] = {&suspend, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "suspend",
    .version = "1.0.0",
    .summary = "Suspends subscriptions through Partner Center, and reactivates them",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = suspend_open};

WF_PLUGIN_NOTE("suspend", "1.0.0", "suspend:write");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
