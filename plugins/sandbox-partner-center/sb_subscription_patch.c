/* sb_subscription_patch.c: changing a subscription: status, quantity, renewal, name. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_lifecycle.h"
#include "sb_request.h"

#define CANCEL_WINDOW_MS (7 * SB_DAY_MS)

static bool etag_matches(const char *wanted, const struct sb_subscription *sub)
{
    char etag[160];
    sb_subscription_etag(sub->id, sub->version, etag);
    size_t len = strlen(etag);
    bool quoted = wanted[0] == '"';
    return strncmp(wanted + quoted, etag, len) == 0 && strcmp(wanted + quoted + len, quoted ? "\"" : "") == 0;
}

static bool check_etag(struct sb_request *req, struct sb_subscription *sub)
{
    const char *header = req->headers.if_match;
    const char *body = sb_json_text(sb_json_get(req->json, "attributes"), "etag");
    if (req->fault.kind == SB_FAULT_STALE_ETAG) {
        sub->version++; /* somebody else was faster; kept, so that a fresh read shows it */
        sb_subscription_update(&req->world->store, sub);
    }
    if ((!*header || strcmp(header, "*") == 0 || etag_matches(header, sub)) && (!body || etag_matches(body, sub)))
        return true;
    sb_reply_fail(req, 400, 2055, "The resource has changed since it was read: the etag is stale.");
    if (req->fault.kind == SB_FAULT_STALE_ETAG) {
        /* An error answer undoes the transaction, but the other party's change did happen. */
        sb_store_commit(&req->world->store);
        sb_store_begin(&req->world->store);
    }
    return false;
}

static void each_addon(
    struct sb_request *req, const struct sb_subscription *sub, const char *from, const char *to, const char *kind)
{
    for (;;) {
        struct sb_subscription addon;
        sqlite3_stmt *stmt = sb_store_query(&req->world->store,
            SB_SUBSCRIPTION_SELECT "WHERE customer=? AND parent=? AND status=? ORDER BY seq LIMIT 1", "sss",
            sub->customer, sub->id, from);
        if (!sb_store_step(stmt))
            return;
        sb_subscription_read(stmt, &addon);
        sqlite3_reset(stmt);
        sb_lifecycle_change(req->world, req, &addon, to, kind, req->now_ms);
    }
}

static bool suspend(struct sb_request *req, struct sb_subscription *sub)
{
    if (strcmp(sub->status, "active") != 0) {
        sb_reply_fail(req, 400, 800096, "A subscription that is %s cannot be suspended.", sub->status);
        return false;
    }
    sb_lifecycle_change(req->world, req, sub, "suspended", "suspend", req->now_ms);
    sb_ledger_count(req->world, "suspensions", 1);
    each_addon(req, sub, "active", "suspended", "suspendAddon");
    return true;
}

static bool reactivate(struct sb_request *req, struct sb_subscription *sub)
{
    struct sb_subscription parent;
    if (strcmp(sub->status, "suspended") != 0) {
        sb_reply_fail(req, 400, 800096, "A subscription that is %s cannot be activated.", sub->status);
        return false;
    }
    if (sub->parent[0] && sb_subscription_load(&req->world->store, sub->customer, sub->parent, &parent) &&
        strcmp(parent.status, "active") != 0) {
        sb_reply_fail(req, 409, 27009, "The add-on cannot be enabled while its parent subscription is not active.");
        return false;
    }
    sb_lifecycle_change(req->world, req, sub, "active", "reactivate", req->now_ms);
    sb_ledger_count(req->world, "reactivations", 1);
    return true;
}

static bool cancel(struct sb_request *req, struct sb_subscription *sub)
{
    if (!sub->nce) {
        sb_reply_fail(req, 400, 800061, "This subscription cannot be cancelled; suspend it.");
        return false;
    }
    if (req->now_ms > sub->created_ms + CANCEL_WINDOW_MS) {
        sb_reply_fail(req, 400, 900117, "The cancellation window of this subscription has closed.");
        return false;
    }
    sb_lifecycle_change(req->world, req, sub, "deleted", "cancel", req->now_ms);
    sb_ledger_count(req->world, "cancellations", 1);
    each_addon(req, sub, "active", "deleted", "cancelAddon");
    return true;
}

static bool change_status(struct sb_request *req, struct sb_subscription *sub, const char *status)
{
    if (!status || strcasecmp(status, sub->status) == 0 ||
        strcasecmp(status, sb_subscription_status(sub, req->now_ms)) == 0)
        return true;
    if (strcasecmp(status, "suspended") == 0)
        return suspend(req, sub);
    if (strcasecmp(status, "active") == 0)
        return reactivate(req, sub);
    if (strcasecmp(status, "deleted") == 0)
        return cancel(req, sub);
    sb_reply_fail(req, 400, 800096, "The status cannot be set to %s.", status);
    return false;
}

static bool change_quantity(struct sb_request *req, struct sb_subscription *sub, int64_t quantity)
{
    const struct sb_settings *settings = &req->world->settings;
    if (quantity == sub->quantity)
        return true;
    if (strcmp(sub->status, "active") != 0)
        sb_reply_fail(req, 400, 2001, "The quantity cannot be changed while the subscription is %s.", sub->status);
    else if (quantity < sub->offer->min || quantity > sub->offer->max)
        sb_reply_fail(req, 400, 2002, "The quantity %lld is not between %lld and %lld, which the offer allows.",
            (long long)quantity, (long long)sub->offer->min, (long long)sub->offer->max);
    else if (settings->test_tenant && quantity > 25)
        sb_reply_fail(req, 403, 800067, "A test tenant may have 25 seats in a subscription.");
    else if (sub->nce && quantity < sub->quantity && req->now_ms > sub->created_ms + CANCEL_WINDOW_MS)
        sb_reply_fail(req, 400, 800090, "The quantity of this subscription cannot be decreased before its term ends.");
    else if (sub->offer->retired && quantity > sub->quantity)
        sb_reply_fail(req, 403, 2091, "Offer %s is no longer sold: no seats can be added.", sub->offer->name);
    else {
        cJSON *detail = cJSON_CreateObject();
        cJSON_AddStringToObject(detail, "subscriptionId", sub->id);
        cJSON_AddNumberToObject(detail, "from", (double)sub->quantity);
        cJSON_AddNumberToObject(detail, "to", (double)quantity);
        sub->version++;
        sb_subscription_set_quantity(req->world, sub, quantity, req->now_ms);
        sb_subscription_update(&req->world->store, sub);
        sb_ledger_add(req->world, req, "quantity", sub->customer, req->now_ms, detail);
        sb_ledger_count(req->world, "quantityChanges", 1);
        return true;
    }
    return false;
}

static void book_simple(struct sb_request *req, struct sb_subscription *sub, const char *kind)
{
    cJSON *detail = cJSON_CreateObject();
    cJSON_AddStringToObject(detail, "subscriptionId", sub->id);
    cJSON_AddStringToObject(detail, "friendlyName", sub->friendly);
    cJSON_AddBoolToObject(detail, "autoRenewEnabled", sub->auto_renew);
    sub->version++;
    sb_subscription_update(&req->world->store, sub);
    sb_ledger_add(req->world, req, kind, sub->customer, req->now_ms, detail);
}

static bool change_rest(struct sb_request *req, struct sb_subscription *sub)
{
    const char *friendly = sb_json_text(req->json, "friendlyName");
    const char *cycle = sb_json_text(req->json, "billingCycle");
    bool renew = sb_json_bool(req->json, "autoRenewEnabled", sub->auto_renew);
    if (cycle && strcasecmp(cycle, sub->cycle) != 0) {
        sb_reply_fail(req, 400, 2054, "The billing cycle cannot be changed here.");
        return false;
    }
    if (renew != sub->auto_renew) {
        if (sub->offer->retired && renew) {
            sb_reply_fail(req, 400, 800093, "Offer %s cannot be renewed any more.", sub->offer->name);
            return false;
        }
        sub->auto_renew = renew;
        book_simple(req, sub, "autoRenew");
    }
    if (friendly && strcmp(friendly, sub->friendly) != 0) {
        snprintf(sub->friendly, sizeof sub->friendly, "%s", friendly);
        book_simple(req, sub, "rename");
    }
    return true;
}

void sb_subscriptions_patch(struct sb_request *req)
{
    struct sb_subscription sub;
    if (!sb_subscription_load(&req->world->store, req->customer.id, req->args[1], &sub)) {
        sb_reply_fail(req, 404, 20003, "Subscription %s was not found.", req->args[1]);
        return;
    }
    if (!cJSON_IsObject(req->json)) {
        sb_reply_fail(req, 400, 3000, "The body must be the subscription as it was read, with the changed members.");
        return;
    }
    const char *status = sb_json_text(req->json, "status");
    if (strcmp(sub.status, "deleted") == 0 && (!status || strcasecmp(status, "deleted") != 0)) {
        sb_reply_fail(req, 400, 2011, "The subscription is deleted and cannot be changed.");
        return;
    }
    if (!check_etag(req, &sub) || !change_status(req, &sub, status) ||
        !change_quantity(req, &sub, sb_json_int(req->json, "quantity", sub.quantity)) || !change_rest(req, &sub))
        return;
    if (req->fault.kind == SB_FAULT_ACCEPTED) {
        sb_reply_empty(req, 202);
        snprintf(
            req->reply.location, sizeof req->reply.location, "/customers/%s/subscriptions/%s", sub.customer, sub.id);
        return;
    }
    sb_reply_json(req, 200, sb_subscription_write(&sub, req->now_ms));
}
