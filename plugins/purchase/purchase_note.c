/* purchase_note.c: C-1: what the journal must know before a purchase is sent, and after. */
#include "purchase.h"

const char *purchase_note_name(struct job *job, const struct wish *wish)
{
    return wish ? pc_text(job->pc, "purchase-%zu", (size_t)(wish - job->wishes)) : "cart";
}

struct note purchase_note_read(struct job *job, const char *name)
{
    const cJSON *note = pc_recall(job->pc, name);
    return (struct note){.doubt = pc_same(pc_str(note, "state"), "sent"),
        .sent_ms = pc_int(note, "sentMs", 0),
        .round = pc_int(note, "round", 0),
        .cart = *pc_str(note, "cartId") ? pc_str(note, "cartId") : NULL};
}

/* A cart's note names what is in it, so that a later attempt can tell what was bought from what was there. */
static cJSON *offers_in_cart(struct job *job)
{
    const cJSON *known = pc_member(pc_recall(job->pc, "cart"), "offerIds");
    cJSON *offers = known ? cJSON_Duplicate(known, true) : cJSON_CreateArray();
    for (size_t i = 0; i < job->n; i++)
        if (job->wishes[i].need == NEED_BUY && !pc_in(offers, job->wishes[i].offer))
            cJSON_AddItemToArray(offers, cJSON_CreateString(job->wishes[i].offer));
    return offers;
}

static int keep(
    struct job *job, const struct wish *wish, const struct note *note, const char *state, const char *request_id)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "state", state);
    cJSON_AddNumberToObject(tree, "round", (double)note->round);
    cJSON_AddNumberToObject(tree, "sentMs", (double)note->sent_ms);
    cJSON_AddStringToObject(tree, "customerId", job->customer);
    cJSON_AddStringToObject(tree, "sourceSubscriptionId", job->source);
    if (request_id)
        cJSON_AddStringToObject(tree, "requestId", request_id);
    if (note->cart)
        cJSON_AddStringToObject(tree, "cartId", note->cart);
    if (!wish)
        cJSON_AddItemToObject(tree, "offerIds", offers_in_cart(job));
    if (wish) {
        cJSON_AddStringToObject(tree, "offerId", wish->offer);
        cJSON_AddNumberToObject(tree, "quantity", (double)wish->quantity);
        cJSON_AddStringToObject(tree, "tag", wish->tag);
        if (wish->sub_id)
            cJSON_AddStringToObject(tree, "subscriptionId", wish->sub_id);
    }
    return pc_remember(job->pc, purchase_note_name(job, wish), tree);
}

int purchase_note_sent(struct job *job, const struct wish *wish, const struct note *note, const char *request_id)
{
    return keep(job, wish, note, "sent", request_id);
}

/* The fault of the refusal stays what it is. */
int purchase_note_refused(struct job *job, const struct wish *wish, const struct note *note)
{
    const struct note next = {.round = note->round + 1};
    const struct pc_fault refusal = job->pc->fault;
    int rc = keep(job, wish, &next, "refused", NULL);
    if (!rc)
        job->pc->fault = refusal;
    return rc;
}

int purchase_note_done(struct job *job, const struct wish *wish, const struct note *note)
{
    return keep(job, wish, note, "done", NULL);
}

static const char *before_name(struct job *job, const struct wish *wish)
{
    return pc_text(job->pc, "before-%zu", (size_t)(wish - job->wishes));
}

int purchase_note_before(struct job *job, const struct wish *wish)
{
    const char *name = before_name(job, wish);
    if (pc_recall(job->pc, name))
        return 0;
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "subscriptionId", wish->sub_id);
    cJSON_AddNumberToObject(tree, "quantity", (double)wish->seats);
    cJSON_AddStringToObject(tree, "status", wish->status);
    return pc_remember(job->pc, name, tree);
}

static bool was_bought(struct job *job, const struct wish *wish)
{
    const cJSON *note = pc_recall(job->pc, purchase_note_name(job, wish)), *cart = pc_recall(job->pc, "cart");
    const char *state = pc_str(note, "state");
    if (pc_same(state, "sent") || pc_same(state, "done"))
        return true;
    state = pc_str(cart, "state");
    return (pc_same(state, "sent") || pc_same(state, "done")) && pc_in(pc_member(cart, "offerIds"), wish->offer);
}

void purchase_note_name_own(struct job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct wish *wish = &job->wishes[i];
        const cJSON *before = pc_recall(job->pc, before_name(job, wish));
        if (!wish->sub_id || !wish->action)
            continue;
        if (was_bought(job, wish)) {
            wish->action = "bought";
        } else if (pc_same(pc_str(before, "subscriptionId"), wish->sub_id)) {
            wish->before = before;
            wish->action = pc_same(pc_str(before, "status"), "suspended") ? "reactivated" : "raised";
        }
    }
}

const char *purchase_friendly_name(struct job *job, const struct wish *wish)
{
    return pc_text(job->pc, "%s (%s)", wish->name, wish->tag);
}

int purchase_still_unknown(struct job *job, const struct wish *wish)
{
    pc_fault(job->pc, "communication", 0, "The outcome of the purchase is not known",
        "%lld seats of \"%s\" for customer %s were ordered %d times without an answer, and the order is in no list. A "
        "person "
        "must look at the customer's orders in Partner Center for the tag %s, then resolve the run.",
        (long long)wish->quantity, wish->name, job->customer, MAX_SENDS, wish->tag);
    job->pc->fault.unknown = true;
    return -1;
}
