/* purchase_cart.c: buying in the new commerce era: one cart with everything that is still to buy, checked out once.
 *
 * A cart can be ordered a single time, so its id, remembered before the checkout, is what makes a repetition harmless.
 */
#include "purchase.h"

static cJSON *line_of(struct job *job, const struct wish *wish, int id)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "id", id);
    cJSON_AddStringToObject(line, "catalogItemId", wish->item);
    cJSON_AddNumberToObject(line, "quantity", (double)wish->quantity);
    cJSON_AddStringToObject(line, "billingCycle", job->billing_cycle);
    cJSON_AddStringToObject(line, "termDuration", job->term);
    cJSON_AddStringToObject(line, "friendlyName", purchase_friendly_name(job, wish));
    return line;
}

/* Add-ons go below a base that is in the cart, too, or name the base that the customer has. */
static cJSON *cart_of(struct job *job)
{
    cJSON *cart = pc_keep(job->pc, cJSON_CreateObject()), *lines = cJSON_AddArrayToObject(cart, "lineItems");
    int id = 0;
    for (size_t i = 0; i < job->n; i++) {
        const struct wish *wish = &job->wishes[i], *base = purchase_base_of(job, wish);
        if (wish->need != NEED_BUY || (base && base->need == NEED_BUY))
            continue;
        cJSON *line = line_of(job, wish, id++), *addons = cJSON_AddArrayToObject(line, "addonItems");
        cJSON *context = cJSON_AddObjectToObject(line, "provisioningContext");
        if (base && base->sub_id)
            cJSON_AddStringToObject(context, "parentSubscriptionId", base->sub_id);
        for (size_t k = 0; k < job->n; k++)
            if (job->wishes[k].need == NEED_BUY && purchase_base_of(job, &job->wishes[k]) == wish)
                cJSON_AddItemToArray(addons, line_of(job, &job->wishes[k], id++));
        cJSON_AddItemToArray(lines, line);
    }
    return cart;
}

/* A line that cannot be bought says so before the checkout: then nothing is. */
static int check_lines(struct job *job, const cJSON *lines)
{
    const cJSON *line, *addon;
    cJSON_ArrayForEach(line, lines) {
        const cJSON *error = pc_member(line, "error");
        cJSON_ArrayForEach(addon, pc_member(line, "addonItems")) {
            if (!error)
                error = pc_member(addon, "error");
        }
        if (!error)
            continue;
        const cJSON *code = pc_member(error, "errorCode");
        pc_fault(job->pc, "validation", 0, "The cart cannot be bought",
            "Partner Center put %s into the cart of customer %s with an error: %s %s. Nothing was bought.",
            pc_str(line, "catalogItemId"), job->customer,
            cJSON_IsNumber(code) ? pc_text(job->pc, "%.0f", code->valuedouble) : pc_str(error, "errorCode"),
            pc_str(error, "errorDescription"));
        pc_fault_add(job->pc, "code", cJSON_Duplicate(code, true));
        return -1;
    }
    return 0;
}

/* Making a cart buys nothing: after a doubt another is made, and the first expires by itself. */
static const char *create(struct job *job)
{
    struct pc *pc = job->pc;
    struct pc_request req = {.method = "POST",
        .path = pc_text(pc, "/customers/%s/carts", pc_quote(pc, job->customer)),
        .customer = job->customer,
        .body = cart_of(job)};
    struct pc_reply reply;
    int rc = pc_call(pc, &req, &reply);
    for (unsigned i = 0; rc && pc->fault.unknown && i < MAX_SENDS; i++)
        rc = pc_sleep(pc, 2000 << i) ? -1 : pc_call(pc, &req, &reply);
    if (rc || check_lines(job, pc_member(reply.json, "lineItems")))
        return NULL;
    return pc_text(pc, "%s", pc_str(reply.json, "id"));
}

static struct wish *first_to_buy(struct job *job)
{
    for (size_t i = 0; i < job->n; i++)
        if (job->wishes[i].need == NEED_BUY)
            return &job->wishes[i];
    return NULL;
}

/* What the checkout ordered. Its answer is a success also when a part failed. */
static int read_checkout(struct job *job, const cJSON *result)
{
    const cJSON *order, *line;
    cJSON_ArrayForEach(order, pc_member(result, "orders")) {
        cJSON_ArrayForEach(line, pc_member(order, "lineItems")) {
            for (size_t i = 0; i < job->n; i++) {
                struct wish *wish = &job->wishes[i];
                if (wish->need != NEED_BUY || !pc_offer_same(wish->offer, pc_str(line, "offerId")))
                    continue;
                wish->need = NEED_NOTHING;
                wish->action = "bought";
                wish->status = "pending";
                wish->seats = pc_int(line, "quantity", wish->quantity);
                wish->order_id = pc_text(job->pc, "%s", pc_str(order, "id"));
                const char *sub = pc_str(line, "subscriptionId");
                wish->sub_id = *sub ? pc_text(job->pc, "%s", sub) : NULL;
            }
        }
    }
    const cJSON *error = cJSON_GetArrayItem(pc_member(result, "orderErrors"), 0);
    const struct wish *missing = first_to_buy(job);
    if (!error && !missing)
        return 0;
    pc_fault(job->pc, "communication", 0, "Only a part of the cart was bought",
        "The checkout for customer %s did not buy \"%s\": code %lld, %s. What was bought stays; running again "
        "continues "
        "with the rest.",
        job->customer, missing ? missing->name : "", (long long)pc_int(error, "code", 0), pc_str(error, "description"));
    pc_fault_add(job->pc, "code", cJSON_CreateNumber((double)pc_int(error, "code", 0)));
    return -1;
}

/* 0: all found, 1: surely not ordered, -1: fault. */
static int look_for_all(struct job *job, int64_t sent_ms)
{
    int found = 0, missing = 0;
    for (size_t i = 0; i < job->n; i++) {
        struct wish *wish = &job->wishes[i];
        if (wish->need != NEED_BUY)
            continue;
        int rc = purchase_look_long(job, wish, sent_ms);
        if (rc < 0)
            return -1;
        missing += rc;
        found += !rc;
        if (!rc)
            wish->action = "bought";
    }
    if (found && missing)
        return pc_fault(job->pc, "communication", 0, "Only a part of the cart was bought",
            "A cart of customer %s was ordered, but \"%s\" is not among the orders. Running again continues with it.",
            job->customer, first_to_buy(job)->name);
    return missing ? 1 : 0;
}

/* What became of a cart after no answer to its checkout. As look_for_all. */
static int settle(struct job *job, const struct note *note, bool *ret_again)
{
    struct pc *pc = job->pc;
    *ret_again = false;
    cJSON *cart =
        pc_get(pc, job->customer, 0, "/customers/%s/carts/%s", pc_quote(pc, job->customer), pc_quote(pc, note->cart));
    if (!cart && pc->fault.status != 404)
        return -1;
    if (cart && pc_same(pc_str(cart, "status"), "Active")) {
        *ret_again = true; /* a cart is ordered once at most, so its checkout may be sent again */
        return 1;
    }
    return look_for_all(job, note->sent_ms);
}

static int checkout(struct job *job, const struct note *note)
{
    struct pc *pc = job->pc;
    struct pc_request req = {.method = "POST",
        .path = pc_text(pc, "/customers/%s/carts/%s/checkout", pc_quote(pc, job->customer), pc_quote(pc, note->cart)),
        .customer = job->customer,
        .request_id = pc_uuid5(pc, job->key, pc_text(pc, "checkout %s", note->cart))};
    struct pc_reply reply;
    if (pc_call(pc, &req, &reply) == 0)
        return read_checkout(job, reply.json);
    if (pc->fault.code == 800065 || pc->fault.code == 800064 || pc->fault.code == 800060)
        pc->fault.unknown = true; /* submitted already, or being processed: by us */
    return -1;
}

static int note_sent(struct job *job, struct note *note)
{
    note->sent_ms = pc_now(job->pc);
    return purchase_note_sent(job, NULL, note, NULL);
}

int purchase_by_cart(struct job *job)
{
    struct pc *pc = job->pc;
    struct note note = purchase_note_read(job, "cart");
    bool again = false;
    int rc = note.doubt && note.cart ? settle(job, &note, &again) : 1;
    for (unsigned sent = 0; rc == 1 && first_to_buy(job) && sent < MAX_SENDS; sent++) {
        if (!again)
            note.cart = create(job);
        if (!note.cart || note_sent(job, &note))
            return -1;
        if (checkout(job, &note) == 0)
            return purchase_note_done(job, NULL, &note);
        if (!pc->fault.unknown)
            return (void)purchase_note_refused(job, NULL, &note), -1;
        if (pc_sleep(pc, 5000))
            return -1;
        rc = settle(job, &note, &again);
    }
    if (rc == 1 && first_to_buy(job))
        return purchase_still_unknown(job, first_to_buy(job));
    return rc < 0 ? -1 : 0;
}
