/* purchase_look.c: look before you buy, and after every doubt: is what we want there already? */
#define _GNU_SOURCE /* strcasestr */
#include "purchase.h"

#include <stdlib.h>

#define SKEW_MS ((int64_t)300000) /* clocks differ */

struct wish *purchase_base_of(struct job *job, const struct wish *wish)
{
    for (size_t i = 0; wish->base && i < job->n; i++)
        if (pc_offer_same(wish->base, job->wishes[i].offer))
            return &job->wishes[i];
    return NULL;
}

static bool gone(const cJSON *sub)
{
    return pc_sub_is(sub, "deleted") || pc_sub_is(sub, "expired") || pc_sub_is(sub, "disabled");
}

static bool has_tag(const char *friendly_name, const char *tag)
{
    return strcasestr(friendly_name, tag) != NULL;
}

/* Another operation's purchase: never taken for ours, whatever else fits. */
static bool has_other_tag(const char *friendly_name, const char *tag)
{
    const char *at = strcasestr(friendly_name, "(wf-");
    return at && !has_tag(friendly_name, tag);
}

/* Without the tag (someone may have renamed it): the same offer and quantity, made after we began. */
static bool fits(const struct wish *wish, const char *name, int64_t quantity, const char *created, int64_t since_ms)
{
    return since_ms > 0 && !has_other_tag(name, wish->tag) && quantity == wish->quantity &&
           pc_date(created) >= since_ms - SKEW_MS;
}

static void take(struct job *job, struct wish *wish, const cJSON *sub, const char *action)
{
    struct pc *pc = job->pc;
    wish->sub_id = pc_text(pc, "%s", pc_str(sub, "id"));
    wish->order_id = pc_text(pc, "%s", pc_str(sub, "orderId"));
    wish->status = pc_text(pc, "%s", pc_str(sub, "status"));
    wish->cycle = pc_text(pc, "%s", pc_str(sub, "billingCycle"));
    wish->term = pc_text(pc, "%s", pc_str(sub, "termDuration"));
    wish->seats = pc_int(sub, "quantity", 0);
    wish->action = action;
}

static bool is_ours(const struct wish *wish, const cJSON *sub, int64_t since_ms)
{
    const char *name = pc_str(sub, "friendlyName");
    return has_tag(name, wish->tag) ||
           fits(wish, name, pc_int(sub, "quantity", 0), pc_str(sub, "creationDate"), since_ms);
}

static int ambiguous(struct job *job, const struct wish *wish, const cJSON *a, const cJSON *b, const char *what)
{
    return pc_fault(job->pc, "validation", 0, "It is not clear which subscription to use",
        "Customer %s has several %s subscriptions of \"%s\" (%s and %s). Nothing was bought: remove or merge all but "
        "one, "
        "or leave this customer to a person.",
        job->customer, what, wish->name, pc_str(a, "id"), pc_str(b, "id"));
}

/* Our own purchase among the subscriptions. 1: found, 0: not, -1: more than one. */
static int own_subscription(struct job *job, struct wish *wish, const cJSON *subs, int64_t since_ms)
{
    const cJSON *sub, *found = NULL;
    cJSON_ArrayForEach(sub, subs) {
        if (gone(sub) || !pc_offer_same(wish->offer, pc_str(sub, "offerId")) || !is_ours(wish, sub, since_ms))
            continue;
        bool tagged = has_tag(pc_str(sub, "friendlyName"), wish->tag);
        if (found && has_tag(pc_str(found, "friendlyName"), wish->tag) == tagged)
            return ambiguous(job, wish, found, sub, "own");
        if (!found || tagged)
            found = sub;
    }
    if (found)
        take(job, wish, found, "found");
    return found != NULL;
}

/* A subscription that no list shows yet can be read by its id. 1: found, 0: not, -1: fault. */
static int by_id(struct job *job, struct wish *wish, const char *id)
{
    cJSON *sub = *id ? pc_sub_get(job->pc, job->customer, id) : NULL;
    if (!sub)
        return *id && job->pc->fault.status != 404 ? -1 : 0;
    if (gone(sub))
        return 0;
    take(job, wish, sub, "found");
    return 1;
}

static int own_line(struct job *job, struct wish *wish, const cJSON *order, const cJSON *line, int64_t since_ms)
{
    const char *name = pc_str(line, "friendlyName");
    const char *offer = *pc_str(line, "offerId") ? pc_str(line, "offerId") : pc_str(line, "catalogItemId");
    if (!pc_offer_same(wish->offer, offer))
        return 0;
    if (!has_tag(name, wish->tag) &&
        !fits(wish, name, pc_int(line, "quantity", 0), pc_str(order, "creationDate"), since_ms))
        return 0;
    if (!*pc_str(line, "subscriptionId")) { /* new commerce: ordered, the subscription is on its way */
        wish->order_id = pc_text(job->pc, "%s", pc_str(order, "id"));
        wish->status = "pending";
        wish->action = "found";
        wish->seats = pc_int(line, "quantity", 0);
        return 1;
    }
    return by_id(job, wish, pc_str(line, "subscriptionId"));
}

static int own_order(struct job *job, struct wish *wish, int64_t since_ms)
{
    cJSON *orders = pc_list(job->pc, job->customer, 0, "/customers/%s/orders", pc_quote(job->pc, job->customer));
    const cJSON *order, *line;
    if (!orders)
        return -1;
    cJSON_ArrayForEach(order, orders) {
        if (pc_same(pc_str(order, "status"), "cancelled"))
            continue;
        cJSON_ArrayForEach(line, pc_member(order, "lineItems")) {
            int found = own_line(job, wish, order, line, since_ms);
            if (found)
                return found;
        }
    }
    return 0;
}

/* The value of a key of an audit record's customizedData. */
static const char *custom(const cJSON *record, const char *key)
{
    const cJSON *pair;
    cJSON_ArrayForEach(pair, pc_member(record, "customizedData")) {
        if (pc_same(pc_str(pair, "key"), key))
            return pc_str(pair, "value");
    }
    return "";
}

/* The audit records' lines of one order: OfferId-0, SubscriptionId-0, SubscriptionName-0, Quantity-0, ... */
static int own_record(struct job *job, struct wish *wish, const cJSON *record, int64_t since_ms)
{
    struct pc *pc = job->pc;
    if (!pc_same(pc_str(record, "customerId"), job->customer) || pc_same(pc_str(record, "operationStatus"), "failed"))
        return 0;
    for (int i = 0; i < 50 && *custom(record, pc_text(pc, "OfferId-%d", i)); i++) {
        const char *name = custom(record, pc_text(pc, "SubscriptionName-%d", i));
        const char *quantity = custom(record, pc_text(pc, "Quantity-%d", i));
        if (!pc_offer_same(wish->offer, custom(record, pc_text(pc, "OfferId-%d", i))))
            continue;
        if (has_tag(name, wish->tag) ||
            fits(wish, name, strtoll(quantity, NULL, 10), pc_str(record, "operationDate"), since_ms)) {
            int found = by_id(job, wish, custom(record, pc_text(pc, "SubscriptionId-%d", i)));
            if (found)
                return found;
        }
    }
    return 0;
}

static int own_audit(struct job *job, struct wish *wish, int64_t since_ms)
{
    struct pc *pc = job->pc;
    const char *filter =
        pc_text(pc, "{\"Field\":\"CustomerId\",\"Value\":\"%s\",\"Operator\":\"equals\"}", job->customer);
    cJSON *records = pc_list(pc, job->customer, 0, "/auditrecords?startDate=%.10s&size=500&filter=%s",
        pc_date_text(pc, (since_ms ? since_ms : pc_now(pc)) - PC_DAY_MS), pc_quote(pc, filter));
    const cJSON *record;
    if (!records && !since_ms && pc->fault.status == 403) { /* a help without a doubt, a must with one */
        pc->fault = (struct pc_fault){0};
        return 0;
    }
    if (!records)
        return -1;
    cJSON_ArrayForEach(record, records) {
        int found = own_record(job, wish, record, since_ms);
        if (found)
            return found;
    }
    return 0;
}

/* Seats that nobody uses: as the inventory says, or as it will say when what was bought has arrived. */
static int64_t free_seats(const struct job *job, const struct wish *wish, int64_t owned)
{
    const cJSON *row = pc_sku_row(job->skus, wish->sku);
    int64_t available = pc_int(row, "availableUnits", 0), coming = owned - pc_int(row, "consumedUnits", 0);
    return coming > available ? coming : available;
}

/* C-4: someone else's, or an older, subscription of the target: use it, raise it, wake it; never guess. */
static int existing(struct job *job, struct wish *wish, const cJSON *subs)
{
    const struct wish *base = purchase_base_of(job, wish);
    const cJSON *sub, *active = NULL, *asleep = NULL;
    cJSON_ArrayForEach(sub, subs) {
        const cJSON **slot = pc_sub_is(sub, "suspended") ? &asleep : &active;
        if (gone(sub) || !pc_offer_same(wish->offer, pc_str(sub, "offerId")) || pc_true(sub, "isTrial"))
            continue;
        if (base && !pc_same(pc_str(sub, "parentSubscriptionId"), base->sub_id))
            continue;
        if (*slot)
            return ambiguous(job, wish, *slot, sub, pc_str(sub, "status"));
        *slot = sub;
    }
    if (!active && !asleep)
        return 0;
    take(job, wish, active ? active : asleep, "used");
    wish->need = active ? NEED_NOTHING : NEED_REACTIVATE;
    int64_t lacking = job->seats - (active ? free_seats(job, wish, wish->seats) : wish->seats);
    if (lacking > 0) {
        wish->raise_to = wish->seats + lacking;
        if (wish->raise_to > wish->max)
            return pc_fault(job->pc, "validation", 0, "Too few seats, and no more can be had",
                "Subscription %s of customer %s has %lld seats of \"%s\"; %lld are needed, but the offer's maximum is "
                "%lld.",
                wish->sub_id, job->customer, (long long)wish->seats, wish->name, (long long)wish->raise_to,
                (long long)wish->max);
        if (wish->need == NEED_NOTHING)
            wish->need = NEED_RAISE;
    }
    return 1;
}

/* The customer's subscriptions, or the add-ons of a known base: those show without the lag of the lists. */
static cJSON *candidates(struct job *job, const struct wish *wish)
{
    const struct wish *base = purchase_base_of(job, wish);
    if (base && base->sub_id)
        return pc_sub_addons(job->pc, job->customer, base->sub_id);
    return pc_sub_list(job->pc, job->customer);
}

/* 1: found, 0: not, -1: fault. What an earlier attempt was told by the service comes first, for it needs no list. */
static int search(struct job *job, struct wish *wish, int64_t since_ms)
{
    cJSON *note = pc_recall(job->pc, purchase_note_name(job, wish));
    int found = by_id(job, wish, pc_str(note, "subscriptionId"));
    cJSON *subs = found ? NULL : candidates(job, wish);
    if (found)
        return found;
    if (!subs)
        return -1;
    found = own_subscription(job, wish, subs, since_ms);
    if (!found)
        found = own_order(job, wish, since_ms);
    if (!found)
        found = own_audit(job, wish, since_ms);
    return found || wish->missing_base ? found : existing(job, wish, subs);
}

int purchase_look_one(struct job *job, struct wish *wish, int64_t since_ms)
{
    const struct wish *base = purchase_base_of(job, wish);
    wish->need = NEED_BUY;
    wish->raise_to = 0;
    wish->sub_id = wish->order_id = wish->action = NULL;
    wish->cycle = wish->term = "";
    wish->missing_base = base && !base->sub_id;
    job->skus = pc_skus(job->pc, job->customer, 0);
    if (!job->skus)
        return -1;
    int found = search(job, wish, since_ms);
    if (found <= 0)
        return found;
    if (strcmp(wish->action, "found") == 0) {
        wish->need = pc_same(wish->status, "suspended") ? NEED_REACTIVATE : NEED_NOTHING;
        if (wish->seats < wish->quantity) {
            wish->raise_to = wish->quantity;
            wish->need = wish->need == NEED_NOTHING ? NEED_RAISE : wish->need;
        }
    }
    return 0;
}

int purchase_look(struct job *job, int64_t since_ms)
{
    for (size_t i = 0; i < job->n; i++)
        if (purchase_look_one(job, &job->wishes[i], since_ms))
            return -1;
    return 0;
}

int purchase_look_long(struct job *job, struct wish *wish, int64_t sent_ms)
{
    struct pc *pc = job->pc;
    int64_t end = sent_ms + pc->set.order_lag_ms + 60000, pause = pc->set.order_lag_ms / 6 + 2000;
    for (;;) {
        int64_t now = pc_now(pc);
        if (purchase_look_one(job, wish, sent_ms))
            return -1;
        if (wish->need != NEED_BUY)
            return 0;
        if (now >= end)
            return 1;
        pc->host->progress(pc->step, 0, 0, "looking whether the purchase happened");
        if (pc_sleep(pc, end - now < pause ? end - now : pause))
            return -1;
    }
}
