/* sb_subscriptions.c: reading subscriptions, their add-ons, provisioning and upgrades. */
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_request.h"
#include "sb_subscription.h"

/* The subscription of the path; answers 404 when the customer has none. */
static bool load(struct sb_request *req, struct sb_subscription *ret_sub)
{
    if (sb_subscription_load(&req->world->store, req->customer.id, req->args[1], ret_sub))
        return true;
    sb_reply_fail(req, 404, 20003, "Subscription %s was not found.", req->args[1]);
    return false;
}

/* A new one lags in lists; one that was asked for by its order does not. */
static cJSON *list_of(struct sb_request *req, const char *parent, const char *order)
{
    cJSON *items = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        SB_SUBSCRIPTION_SELECT "WHERE customer=? AND visible_ms<=? ORDER BY seq", "si", req->customer.id, req->now_ms);
    while (sb_store_step(stmt)) {
        struct sb_subscription sub;
        sb_subscription_read(stmt, &sub);
        if ((parent && strcasecmp(sub.parent, parent) != 0) || (order && strcasecmp(sub.order_id, order) != 0))
            continue;
        cJSON_AddItemToArray(items, sb_subscription_write(&sub, req->now_ms));
    }
    return items;
}

void sb_subscriptions_list(struct sb_request *req)
{
    cJSON *collection = sb_json_collection(list_of(req, NULL, sb_request_query(req, "order_id")));
    cJSON *links = cJSON_AddObjectToObject(collection, "links");
    sb_json_link(links, "self", "/customers/%s/subscriptions", req->customer.id);
    sb_reply_json(req, 200, collection);
}

void sb_subscriptions_get(struct sb_request *req)
{
    struct sb_subscription sub;
    if (load(req, &sub))
        sb_reply_json(req, 200, sb_subscription_write(&sub, req->now_ms));
}

void sb_subscriptions_addons(struct sb_request *req)
{
    struct sb_subscription sub;
    if (load(req, &sub))
        sb_reply_json(req, 200, sb_json_collection(list_of(req, sub.id, NULL)));
}

void sb_subscriptions_provisioning(struct sb_request *req)
{
    struct sb_subscription sub;
    if (!load(req, &sub))
        return;
    int64_t step = req->world->settings.provision_s * SB_SECOND_MS;
    if (step && req->now_ms / step == sub.created_ms / step && sub.ready_ms > req->now_ms) {
        sb_reply_fail(req, 404, 800007, "There is no provisioning information for subscription %s yet.", sub.id);
        return;
    }
    char sku[SB_GUID];
    bool ready = sub.ready_ms <= req->now_ms;
    memcpy(sku, sub.offer->sku->id, strlen(sub.offer->sku->id) + 1);
    sb_ident_upper(sku);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "skuId", sku);
    cJSON_AddStringToObject(json, "status", ready ? "success" : "pending");
    cJSON_AddNumberToObject(json, "quantity", (double)(ready ? sub.quantity : sub.live_quantity));
    sb_json_put_time(json, "endDate", sub.end_ms);
    sb_json_attributes(json, "SubscriptionProvisioningStatus", NULL);
    sb_reply_json(req, 200, json);
}

/* No retired plan of this catalogue has an upgrade path: the list is empty, as Microsoft's table is for E4. */
void sb_subscriptions_upgrades(struct sb_request *req)
{
    struct sb_subscription sub;
    if (load(req, &sub))
        sb_reply_json(req, 200, sb_json_collection(cJSON_CreateArray()));
}

void sb_subscriptions_upgrade(struct sb_request *req)
{
    struct sb_subscription sub;
    if (!load(req, &sub))
        return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "sourceSubscriptionId", sub.id);
    cJSON_AddStringToObject(json, "upgradeType", "none");
    cJSON *error = cJSON_CreateObject();
    cJSON_AddNumberToObject(error, "code", 7);
    cJSON_AddStringToObject(error, "description", "There is no upgrade path from this offer.");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "upgradeErrors"), error);
    cJSON_AddArrayToObject(json, "licenseErrors");
    sb_json_attributes(json, "UpgradeResult", NULL);
    sb_reply_json(req, 200, json);
}
