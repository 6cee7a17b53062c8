/* sb_dump.c: the whole state as JSON, always in the same order, so that two worlds can be compared. */
#include <stdio.h>
#include <string.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_licences.h"
#include "sb_request.h"
#include "sb_subscription.h"
#include "sb_user.h"

/* stable: without what differs although nothing does: versions, when things were done, and what is deleted. */
static cJSON *write_subscriptions(struct sb_request *req, const char *customer, bool stable)
{
    cJSON *list = cJSON_CreateArray();
    sqlite3_stmt *stmt =
        sb_store_query(&req->world->store, SB_SUBSCRIPTION_SELECT "WHERE customer=? ORDER BY upper(id)", "s", customer);
    while (sb_store_step(stmt)) {
        struct sb_subscription sub;
        sb_subscription_read(stmt, &sub);
        if (stable && strcmp(sub.status, "deleted") == 0)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", sub.id);
        cJSON_AddStringToObject(item, "offerId", sub.offer_id);
        cJSON_AddStringToObject(item, "offerName", sub.offer->name);
        cJSON_AddStringToObject(item, "friendlyName", sub.friendly);
        cJSON_AddStringToObject(item, "status", sub.status);
        cJSON_AddNumberToObject(item, "quantity", (double)sub.quantity);
        sb_json_put(item, "parentSubscriptionId", sub.parent);
        cJSON_AddStringToObject(item, "orderId", sub.order_id);
        cJSON_AddBoolToObject(item, "autoRenewEnabled", sub.auto_renew);
        cJSON_AddStringToObject(item, "billingCycle", sub.cycle);
        cJSON_AddStringToObject(item, "termDuration", sub.term);
        sb_json_put_time(item, "commitmentEndDate", sub.end_ms);
        if (!stable) {
            cJSON_AddNumberToObject(item, "version", (double)sub.version);
            sb_json_put_time(item, "creationDate", sub.created_ms);
            if (sub.stopped_ms)
                sb_json_put_time(item, "stoppedDate", sub.stopped_ms);
        }
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *write_licences(struct sb_request *req, const char *user)
{
    struct sb_licence held[SB_LICENCES_PER_PERSON];
    cJSON *list = cJSON_CreateArray();
    int n = sb_licences_of(&req->world->store, user, held);
    for (int i = 0; i < n; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "sku", held[i].sku->part);
        cJSON *off = cJSON_AddArrayToObject(item, "disabledPlans");
        const struct sb_plan *plan;
        for (size_t p = 0; (plan = sb_catalog_plan(p)); p++) {
            if (held[i].off >> p & 1)
                cJSON_AddItemToArray(off, cJSON_CreateString(plan->name));
        }
        sb_json_put(item, "groupId", held[i].group);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *write_users(struct sb_request *req, const char *customer)
{
    cJSON *list = cJSON_CreateArray();
    sqlite3_stmt *stmt =
        sb_store_query(&req->world->store, SB_USER_SELECT "WHERE customer=? ORDER BY upn", "s", customer);
    while (sb_store_step(stmt)) {
        struct sb_user user;
        sb_user_read(stmt, &user);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", user.id);
        cJSON_AddStringToObject(item, "userPrincipalName", user.upn);
        sb_json_put(item, "usageLocation", user.location);
        cJSON_AddBoolToObject(item, "accountEnabled", user.enabled);
        cJSON_AddBoolToObject(item, "deleted", user.deleted_ms != 0);
        cJSON_AddItemToObject(item, "licenses", write_licences(req, user.id));
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *write_inventory(struct sb_request *req, const char *customer)
{
    cJSON *list = cJSON_CreateArray();
    const struct sb_sku *sku;
    for (size_t i = 0; (sku = sb_catalog_sku_at(i)); i++) {
        struct sb_inventory stock = sb_licences_inventory(req->world, customer, sku, req->now_ms);
        if (stock.active + stock.warning + stock.suspended + stock.consumed == 0)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "sku", sku->part);
        cJSON_AddNumberToObject(item, "active", (double)stock.active);
        cJSON_AddNumberToObject(item, "warning", (double)stock.warning);
        cJSON_AddNumberToObject(item, "suspended", (double)stock.suspended);
        cJSON_AddNumberToObject(item, "consumed", (double)stock.consumed);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

void sb_control_dump(struct sb_request *req)
{
    const char *option = sb_request_query(req, "stable");
    bool stable = option && strcmp(option, "1") == 0;
    cJSON *root = cJSON_CreateObject();
    cJSON *customers = cJSON_AddArrayToObject(root, "customers");
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT id, name, domain, relationship, country, segment, agreement, role, delegated FROM customer ORDER BY id",
        "");
    while (sb_store_step(stmt)) {
        static const char *const names[] = {"id", "name", "domain", "relationship", "country", "segment"};
        static const char *const flags[] = {"agreement", "role", "delegated"};
        cJSON *item = cJSON_CreateObject();
        char id[SB_GUID];
        sb_store_copy(stmt, 0, id, sizeof id);
        for (int i = 0; i < 6; i++)
            cJSON_AddStringToObject(item, names[i], sb_store_text(stmt, i));
        for (int i = 0; i < 3; i++)
            cJSON_AddBoolToObject(item, flags[i], sqlite3_column_int(stmt, 6 + i));
        cJSON_AddItemToObject(item, "subscriptions", write_subscriptions(req, id, stable));
        cJSON_AddItemToObject(item, "inventory", write_inventory(req, id));
        cJSON_AddItemToObject(item, "users", write_users(req, id));
        cJSON_AddItemToArray(customers, item);
    }
    sb_reply_json(req, 200, root);
}
