/* purchase_order.c: buying in the legacy era: a base by POST of an order, an add-on by PATCH of its base's order. */
#include "purchase.h"

/* The key itself for the base, so that the service knows a repetition; what follows from it for the rest (1.5). */
static const char *request_id_of(struct job *job, const struct wish *wish, int64_t round)
{
    if (wish == &job->wishes[0] && round == 0)
        return job->key;
    return pc_uuid5(job->pc, job->key,
        pc_text(job->pc, "%s %s %lld", wish->base ? "addon" : "base", wish->offer, (long long)round));
}

static cJSON *order_of(struct job *job, const struct wish *wish)
{
    const struct wish *base = purchase_base_of(job, wish);
    cJSON *order = pc_keep(job->pc, cJSON_CreateObject());
    cJSON_AddStringToObject(order, "referenceCustomerId", job->customer);
    if (!base)
        cJSON_AddStringToObject(order, "billingCycle", job->billing_cycle);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "lineItemNumber", 0);
    cJSON_AddStringToObject(line, "offerId", wish->offer);
    if (base)
        cJSON_AddStringToObject(line, "parentSubscriptionId", base->sub_id);
    cJSON_AddStringToObject(line, "friendlyName", purchase_friendly_name(job, wish));
    cJSON_AddNumberToObject(line, "quantity", (double)wish->quantity);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(line, "attributes"), "objectType", "OrderLineItem");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(order, "lineItems"), line);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(order, "attributes"), "objectType", "Order");
    return order;
}

/* The ids of what was bought, from the answer; the line is known by its offer, for line numbers change. */
static int read_order(struct job *job, struct wish *wish, const cJSON *order)
{
    const cJSON *line, *found = NULL;
    cJSON_ArrayForEach(line, pc_member(order, "lineItems")) {
        const char *name = pc_str(line, "friendlyName");
        if (pc_offer_same(wish->offer, pc_str(line, "offerId")) && (!found || strstr(name, wish->tag)))
            found = line;
    }
    if (!found || !*pc_str(found, "subscriptionId")) {
        job->pc->fault.unknown = true; /* an answer that does not say what it did: look, as after none */
        return -1;
    }
    wish->sub_id = pc_text(job->pc, "%s", pc_str(found, "subscriptionId"));
    wish->order_id = pc_text(job->pc, "%s", pc_str(order, "id"));
    wish->seats = pc_int(found, "quantity", wish->quantity);
    wish->status = "pending";
    wish->action = "bought";
    wish->need = NEED_NOTHING;
    return 0;
}

static int send(struct job *job, struct wish *wish, const char *request_id)
{
    struct pc *pc = job->pc;
    const struct wish *base = purchase_base_of(job, wish);
    const char *path = pc_text(pc, "/customers/%s/orders%s%s", pc_quote(pc, job->customer), base ? "/" : "",
        base ? pc_quote(pc, base->order_id) : "");
    struct pc_request req = {.method = base ? "PATCH" : "POST",
        .path = path,
        .customer = job->customer,
        .body = order_of(job, wish),
        .request_id = request_id};
    struct pc_reply reply;
    if (pc_call(pc, &req, &reply))
        return -1;
    return read_order(job, wish, reply.json);
}

/* 409/800060 says that some order is under way: ours, perhaps. */
static bool in_doubt(const struct pc *pc)
{
    return pc->fault.unknown || pc->fault.code == 800060 || pc->fault.code == 800014;
}

int purchase_by_order(struct job *job, struct wish *wish)
{
    const char *name = purchase_note_name(job, wish);
    struct note note = purchase_note_read(job, name);
    const char *id = request_id_of(job, wish, note.round);
    int rc = note.doubt ? purchase_look_long(job, wish, note.sent_ms) : 1;
    for (unsigned sent = 0; rc == 1 && sent < MAX_SENDS; sent++) {
        note.sent_ms = pc_now(job->pc);
        if (purchase_note_sent(job, wish, &note, id))
            return -1;
        if (send(job, wish, id) == 0)
            return purchase_note_done(job, wish, &note);
        if (!in_doubt(job->pc))
            return (void)purchase_note_refused(job, wish, &note), -1;
        rc = purchase_look_long(job, wish, note.sent_ms);
    }
    if (rc == 0 && strcmp(wish->action, "found") == 0) {
        wish->action = "bought";
        return purchase_note_done(job, wish, &note);
    }
    return rc == 1 ? purchase_still_unknown(job, wish) : rc;
}
