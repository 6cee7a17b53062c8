/* purchase.c: step `purchase`: gives a customer enough seats of the target offers, and buys only what is not there.
 *
 * Order of work: refuse what must never be bought; read the catalogue; look (C-3, C-4); note (C-1); buy, base before
 * add-on; wait until every licence can be assigned (C-6). Each part can be repeated: what exists is found by its tag.
 */
#include "purchase.h"

#include <stdlib.h>

static int refuse_retired(struct job *job, const struct wish *wish, const cJSON *target)
{
    const cJSON *offers = wf_cjson_get(job->pc->in, "retiredOfferIds"),
                *skus = wf_cjson_get(job->pc->in, "retiredSkuIds");
    if (!pc_in(offers, wish->offer) && !pc_in(skus, wf_cjson_str(target, "skuId", "")))
        return 0;
    return pc_fault(job->pc, "validation", 0, "The target is retired itself",
        "The offer %s is one of the retired ones, so it is never ordered. Correct the targets of the workflow.",
        wish->offer);
}

static int read_targets(struct job *job)
{
    struct pc *pc = job->pc;
    const cJSON *target;
    cJSON_ArrayForEach(target, wf_cjson_get(pc->in, "targets")) {
        struct wish *wish = &job->wishes[job->n++]; /* the schema allows no more than MAX_WISHES */
        wish->offer = wf_cjson_str(target, "offerId", "");
        wish->sku = wf_cjson_str(target, "skuId", NULL);
        wish->name = wf_cjson_str(target, "name", NULL);
        wish->base = wf_cjson_str(target, "addonTo", NULL);
        wish->tag = pc_tag(pc, job->workflow, job->customer, job->source, wish->offer);
        if (refuse_retired(job, wish, target))
            return -1;
        const struct wish *base = purchase_base_of(job, wish);
        if (wish->base && (!base || base >= wish))
            return pc_fault(pc, "validation", 0, "An add-on without its base",
                "The target %s is an add-on to %s, which must stand before it in the list of targets.", wish->offer,
                wish->base);
    }
    return 0;
}

static int job_init(struct job *job, struct pc *pc)
{
    const cJSON *in = pc->in;
    *job = (struct job){.pc = pc,
        .customer = wf_cjson_str(in, "customerId", ""),
        .source = wf_cjson_str(in, "sourceSubscriptionId", ""),
        .workflow = wf_cjson_str(in, "workflow", "sku-retirement"),
        .key = pc->host->idempotency_key(pc->step),
        .country = wf_cjson_str(in, "country", ""),
        .segment = wf_cjson_str(in, "segment", NULL),
        .billing_cycle = wf_cjson_str(in, "billingCycle", "monthly"),
        .term = wf_cjson_str(in, "termDuration", "P1Y"),
        .on_shortfall = wf_cjson_str(in, "onShortfall", "wait"),
        .seats = (int64_t)wf_cjson_num(in, "quantity", 0)};
    return read_targets(job);
}

/* Facts 1 and 2, C-5: what the catalogue says about one target. */
static int read_offer(struct job *job, struct wish *wish)
{
    struct pc *pc = job->pc;
    cJSON *offer = pc_offer(pc, job->customer, job->country, job->segment, wish->offer);
    if (!offer || pc_offer_check(pc, offer, job->segment))
        return -1;
    if (!wish->sku)
        wish->sku = *pc_str(pc_member(offer, "product"), "id") ? pc_str(pc_member(offer, "product"), "id") : NULL;
    if (!wish->name)
        wish->name = pc_str(offer, "name");
    wish->item = *pc_str(offer, "catalogItemId") ? pc_str(offer, "catalogItemId") : wish->offer;
    wish->min = pc_int(offer, "minimumQuantity", 1);
    wish->max = pc_int(offer, "maximumQuantity", 10000000);
    wish->quantity = job->seats > wish->min ? job->seats : wish->min;
    if (!wish->sku)
        return pc_fault(pc, "validation", 0, "The licence of a target is not known",
            "The catalogue does not say which licence \"%s\" (%s) gives. Add its skuId to the target.", wish->name,
            wish->offer);
    if (wish->quantity > wish->max)
        return pc_fault(pc, "validation", 0, "More seats than the offer allows",
            "%lld seats of \"%s\" are needed, but one subscription has at most %lld. Nothing was bought: split the "
            "users over "
            "two targets.",
            (long long)wish->quantity, wish->name, (long long)wish->max);
    return 0;
}

static int read_catalogue(struct job *job)
{
    struct pc *pc = job->pc;
    if (!*job->country) {
        cJSON *customer = pc_get(pc, job->customer, 0, "/customers/%s", pc_quote(pc, job->customer));
        if (!customer)
            return -1;
        job->country = pc_country(customer);
    }
    if (!job->segment && !(job->segment = pc_segment(pc, job->customer)))
        return -1;
    for (size_t i = 0; i < job->n; i++)
        if (read_offer(job, &job->wishes[i]))
            return -1;
    return 0;
}

/* Fact 7: the old subscription must be there beside the new one. */
static int check_source(struct job *job)
{
    struct pc *pc = job->pc;
    if (!*job->source)
        return 0;
    cJSON *sub = pc_sub_get(pc, job->customer, job->source);
    if (!sub)
        return -1;
    job->source_sub = sub;
    for (size_t i = 0; i < job->n; i++)
        if (pc_offer_same(job->wishes[i].offer, pc_str(sub, "offerId")))
            return pc_fault(pc, "validation", 0, "The target is what shall be replaced",
                "Subscription %s is of the offer %s, which is also a target. Correct the targets of the workflow.",
                job->source, job->wishes[i].offer);
    if (!pc_sub_is(sub, "active"))
        return pc_fault(pc, "validation", 0, "The old subscription is not active",
            "Subscription %s of customer %s is \"%s\"; its users must be moved while it is active. Reactivate it in "
            "Partner "
            "Center, or leave this customer out.",
            job->source, job->customer, pc_str(sub, "status"));
    return 0;
}

static const char *derived(struct job *job, const char *what, const struct wish *wish)
{
    return pc_uuid5(job->pc, job->key, pc_text(job->pc, "%s %s %lld", what, wish->offer, (long long)wish->raise_to));
}

/* What exists is woken and made large enough; both are absolute, so both can be repeated. */
static int adapt(struct job *job, struct wish *wish)
{
    struct pc *pc = job->pc;
    cJSON *sub = NULL;
    if (purchase_note_before(job, wish))
        return -1;
    if (wish->need == NEED_REACTIVATE) {
        sub = pc_sub_change(
            pc, job->customer, wish->sub_id, "status", cJSON_CreateString("active"), derived(job, "wake", wish));
        wish->action = "reactivated";
        if (!sub)
            return -1;
    }
    if (wish->raise_to > wish->seats) {
        sub = pc_sub_change(pc, job->customer, wish->sub_id, "quantity", cJSON_CreateNumber((double)wish->raise_to),
            derived(job, "raise", wish));
        if (!sub)
            return -1;
        wish->action = strcmp(wish->action, "reactivated") == 0 ? wish->action : "raised";
    }
    wish->status = pc_text(pc, "%s", pc_str(sub, "status"));
    wish->seats = pc_int(sub, "quantity", wish->seats);
    wish->need = NEED_NOTHING;
    return 0;
}

/* Both or neither: says exactly what was bought when a later part was refused. */
static int half_bought(struct job *job, const struct wish *failed)
{
    struct pc *pc = job->pc;
    const struct wish *base = purchase_base_of(job, failed);
    if (!base || !base->sub_id || pc->fault.unknown)
        return -1;
    pc->fault.detail = pc_text(pc,
        "The base \"%s\" is bought (subscription %s, order %s, %lld seats), but its add-on \"%s\" is not. %s Once that "
        "is "
        "settled, run again: it continues with the add-on and does not buy the base again.",
        base->name, base->sub_id, base->order_id, (long long)base->seats, failed->name, pc->fault.detail);
    pc_fault_add(pc, "boughtSubscriptionId", cJSON_CreateString(base->sub_id));
    pc_fault_add(pc, "missingOfferId", cJSON_CreateString(failed->offer));
    return -1;
}

static int get_one(struct job *job, struct wish *wish)
{
    struct note note = purchase_note_read(job, purchase_note_name(job, wish));
    if (note.doubt && !job->pc->set.newcommerce)
        return purchase_by_order(job, wish);
    if (purchase_look_one(job, wish, 0))
        return -1;
    if (wish->need == NEED_BUY)
        return job->pc->set.newcommerce ? 0 : purchase_by_order(job, wish);
    return wish->need == NEED_NOTHING ? 0 : adapt(job, wish);
}

static int get_all(struct job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct wish *wish = &job->wishes[i];
        if (get_one(job, wish))
            return half_bought(job, wish);
        if (wish->need != NEED_NOTHING && wish->need != NEED_BUY && adapt(job, wish)) /* found after a doubt */
            return -1;
    }
    return job->pc->set.newcommerce ? purchase_by_cart(job) : 0;
}

cJSON *purchase_output(const struct job *job)
{
    cJSON *out = cJSON_CreateObject(), *list = cJSON_CreateArray(), *ids = cJSON_CreateArray(),
          *skus = cJSON_CreateArray();
    cJSON_AddStringToObject(out, "customerId", job->customer);
    cJSON_AddNumberToObject(out, "seats", (double)job->seats);
    cJSON_AddNumberToObject(out, "shortfall", (double)job->shortfall);
    cJSON_AddItemToObject(out, "subscriptions", list);
    cJSON_AddItemToObject(out, "subscriptionIds", ids);
    cJSON_AddItemToObject(out, "skuIds", skus);
    for (size_t i = 0; i < job->n; i++) {
        const struct wish *wish = &job->wishes[i];
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "offerId", wish->offer);
        cJSON_AddStringToObject(line, "name", wish->name ? wish->name : wish->offer);
        cJSON_AddStringToObject(line, "action", wish->action ? wish->action : "nothing");
        cJSON_AddNumberToObject(line, "quantity", (double)wish->seats);
        cJSON_AddStringToObject(line, "tag", wish->tag);
        if (wish->sku)
            cJSON_AddStringToObject(line, "skuId", wish->sku);
        if (wish->status)
            cJSON_AddStringToObject(line, "status", wish->status);
        if (wish->order_id)
            cJSON_AddStringToObject(line, "orderId", wish->order_id);
        if (wish->sub_id) {
            cJSON_AddStringToObject(line, "subscriptionId", wish->sub_id);
            cJSON_AddItemToArray(ids, cJSON_CreateString(wish->sub_id));
        }
        if (wish->sku)
            cJSON_AddItemToArray(skus, cJSON_CreateString(wish->sku));
        if (wish->before) {
            cJSON *before = cJSON_AddObjectToObject(line, "before");
            cJSON_AddItemToObject(before, "quantity", cJSON_Duplicate(pc_member(wish->before, "quantity"), true));
            cJSON_AddStringToObject(before, "status", pc_str(wish->before, "status"));
        }
        cJSON_AddItemToArray(list, line);
    }
    return out;
}

static int work(struct job *job)
{
    if (job->seats == 0) /* a subscription that nobody uses needs no successor */
        return 0;
    if (check_source(job) || read_catalogue(job) || get_all(job) || purchase_wait(job))
        return -1;
    purchase_note_name_own(job);
    return check_source(job);
}

static void purchase_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    if (pc_init(&pc, state, step) || job_init(&job, &pc) || work(&job))
        pc_fail(&pc);
    else
        wf_cjson_succeed(pc.host, step, purchase_output(&job));
    pc_done(&pc);
}

/* ---- plan ---- */

static void purchase_plan(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job;
    if (pc_init(&pc, state, step) || job_init(&job, &pc) ||
        (job.seats && (check_source(&job) || read_catalogue(&job) || purchase_look(&job, 0))) ||
        purchase_plan_answer(&job))
        pc_fail(&pc);
    pc_done(&pc);
}

/* ---- verify ---- */

static const struct wish *unsettled(const struct job *job)
{
    for (size_t i = 0; i < job->n; i++)
        if (job->wishes[i].need != NEED_NOTHING)
            return &job->wishes[i];
    return NULL;
}

/* The first and the last time something was sent, as far as is known. */
static void sent_times(struct job *job, int64_t *ret_first, int64_t *ret_last)
{
    int64_t intent = job->pc->host->intent_ms(job->pc->step);
    *ret_first = *ret_last = intent;
    for (size_t i = 0; i <= job->n; i++) {
        struct note note = purchase_note_read(job, purchase_note_name(job, i < job->n ? &job->wishes[i] : NULL));
        if (note.sent_ms > *ret_last)
            *ret_last = note.sent_ms;
    }
}

/* 1: everything is there, 0: surely not, -1: fault. A "no" only when a list must have shown it by now. */
static int happened(struct job *job)
{
    struct pc *pc = job->pc;
    int64_t first, last;
    sent_times(job, &first, &last);
    int64_t end = last + pc->set.order_lag_ms + 60000, pause = pc->set.order_lag_ms / 6 + 2000;
    for (;;) {
        if (purchase_look(job, first))
            return -1;
        int64_t left = end - pc_now(pc);
        if (!unsettled(job)) {
            purchase_note_name_own(job);
            return 1;
        }
        if (left <= 0)
            return 0;
        if (pc_sleep(pc, left < pause ? left : pause))
            return -1;
    }
}

/* happened, of what was wanted: from the input on, and until the licences can be used. */
static int look_back(struct job *job, struct pc *pc)
{
    if (job_init(job, pc) || (job->seats && read_catalogue(job)))
        return -1;
    int rc = job->seats ? happened(job) : 1;
    return rc == 1 && job->seats && purchase_wait(job) ? -1 : rc;
}

static void purchase_verify(struct wf_step *step, void *state)
{
    struct pc pc;
    struct job job = {0};
    int rc = pc_init(&pc, state, step);
    unsigned tries = 0;
    if (rc == 0)
        do
            rc = look_back(&job, &pc);
        while (rc < 0 && pc_look_again(&pc, tries++));
    if (rc == 1)
        wf_cjson_verdict(pc.host, step, WF_VERDICT_YES, purchase_output(&job), "found in Partner Center");
    else if (rc == 0)
        wf_cjson_verdict(pc.host, step, WF_VERDICT_NO, NULL,
            pc_text(&pc, "no subscription, order or audit record of \"%s\" shows it", unsettled(&job)->name));
    else
        wf_cjson_verdict(pc.host, step, WF_VERDICT_UNKNOWN, NULL, pc.fault.detail);
    pc_done(&pc);
}

/* ---- descriptor ---- */

static int32_t purchase_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["customerId", "targets", "quantity"], "additionalProperties": false,
    "properties": {
        "customerId": {"description": "for whom", "type": "string", "minLength": 1},
        "sourceSubscriptionId": {
            "description": "the old subscription; must be active before and after", "type": "string"
        },
        "workflow": {
            "description": "part of the tag that marks our purchase; sku-retirement unless given", "type": "string"
        },
        "country": {"description": "as preflight found it, else read", "type": "string"},
        "segment": {"description": "as preflight found it, else read", "type": "string"},
        "quantity": {"description": "how many users need a seat; 0 buys nothing", "type": "integer", "minimum": 0},
        "targets": {
            "description": "offers, base before add-on", "type": "array", "minItems": 1, "maxItems": 8,
            "items": {
                "type": "object", "required": ["offerId"], "additionalProperties": false,
                "properties": {
                    "offerId": {"description": "the offer", "type": "string", "minLength": 1},
                    "skuId": {"description": "needed for new commerce", "type": "string"},
                    "name": {"description": "for people", "type": "string"},
                    "addonTo": {"description": "the offer that it is added to", "type": "string"},
                    "minimum": {
                        "description": "least seats, as preflight found them; read again", "type": "integer"
                    },
                    "maximum": {"description": "most seats, likewise", "type": "integer"}
                }
            }
        },
        "retiredOfferIds": {"description": "never bought", "type": "array", "items": {"type": "string"}},
        "retiredSkuIds": {"description": "never bought", "type": "array", "items": {"type": "string"}},
        "billingCycle": {
            "description": "monthly unless given",
            "enum": ["monthly", "annual", "none", "one_time", "triennial", "biennial"]
        },
        "termDuration": {"description": "ISO 8601; P1Y unless given", "type": "string"},
        "onShortfall": {
            "description": "wait (unless given) until the time-out, fail once the service is done, partial: go on",
            "enum": ["wait", "partial", "fail"]
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object",
    "required": ["customerId", "seats", "shortfall", "subscriptions", "subscriptionIds", "skuIds"],
    "properties": {
        "customerId": {"type": "string"},
        "seats": {"type": "integer"},
        "shortfall": {"type": "integer"},
        "subscriptionIds": {"type": "array", "items": {"type": "string"}},
        "skuIds": {"type": "array", "items": {"type": "string"}},
        "subscriptions": {
            "type": "array",
            "items": {
                "type": "object", "required": ["offerId", "name", "action", "quantity", "tag"],
                "properties": {
                    "offerId": {"type": "string"},
                    "name": {"type": "string"},
                    "skuId": {"type": "string"},
                    "subscriptionId": {"type": "string"},
                    "orderId": {"type": "string"},
                    "status": {"type": "string"},
                    "quantity": {"type": "integer"},
                    "tag": {"type": "string"},
                    "before": {"type": "object", "required": ["quantity", "status"]},
                    "action": {"enum": ["bought", "found", "used", "raised", "reactivated", "planned", "nothing"]}
                }
            }
        }
    }
});

static const struct wf_step_type purchase = {.size = sizeof purchase,
    .effect = WF_EFFECT_SPEND,
    .flags = WF_STEP_BLOCKING | WF_STEP_CANCELLABLE,
    .timeout_ms = 4 * 3600 * 1000,
    .name = "purchase",
    .summary = "Buys the successor of a subscription, once, and waits until its licences can be assigned",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = purchase_run,
    .plan = purchase_plan,
    .verify = purchase_verify,
    .undo = purchase_undo,
    .plan_undo = purchase_plan_undo};
static const struct wf_step_type *const steps[] = {&purchase, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "purchase",
    .version = "1.0.0",
    .summary = "Buys subscriptions through Partner Center, as legacy orders or new-commerce carts",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = purchase_open};

WF_PLUGIN_NOTE("purchase", "1.0.0", "purchase:spend");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
