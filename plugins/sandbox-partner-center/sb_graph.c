/* sb_graph.c: reading licences and people through Microsoft Graph, in the customer's own tenant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_graph_user.h"
#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_licences.h"
#include "sb_page.h"

enum { TOP_DEFAULT = 100, TOP_MAX = 999 };

static void put_context(struct sb_request *req, cJSON *json, const char *what)
{
    char url[256];
    snprintf(url, sizeof url, "%s/v1.0/$metadata#%s", req->base, what);
    cJSON_AddStringToObject(json, "@odata.context", url);
}

static cJSON *write_plans(const struct sb_sku *sku, uint64_t off)
{
    cJSON *plans = cJSON_CreateArray();
    const struct sb_plan *plan;
    for (size_t i = 0; (plan = sb_catalog_plan(i)); i++) {
        if (!(sku->mask >> i & 1))
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "servicePlanId", plan->id);
        cJSON_AddStringToObject(item, "servicePlanName", plan->name);
        cJSON_AddStringToObject(item, "provisioningStatus", off >> i & 1 ? "Disabled" : "Success");
        cJSON_AddStringToObject(item, "appliesTo", plan->tenant ? "Company" : "User");
        cJSON_AddItemToArray(plans, item);
    }
    return plans;
}

static cJSON *write_subscriptions(struct sb_request *req, const struct sb_sku *sku)
{
    cJSON *ids = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT lower(id) FROM subscription WHERE customer=? AND sku=? AND status<>'deleted' AND visible_ms<=? ORDER "
        "BY seq",
        "ssi", req->customer.id, sku->id, req->now_ms);
    while (sb_store_step(stmt))
        cJSON_AddItemToArray(ids, cJSON_CreateString(sb_store_text(stmt, 0)));
    return ids;
}

static cJSON *write_sku(struct sb_request *req, const struct sb_sku *sku, const struct sb_inventory *stock)
{
    char id[2 * SB_GUID];
    cJSON *json = cJSON_CreateObject();
    snprintf(id, sizeof id, "%s_%s", req->customer.id, sku->id);
    cJSON_AddStringToObject(json, "accountId", req->customer.id);
    cJSON_AddStringToObject(json, "accountName", req->customer.domain);
    cJSON_AddStringToObject(json, "appliesTo", "User");
    cJSON_AddStringToObject(json, "capabilityStatus",
        stock->active    ? "Enabled"
        : stock->warning ? "Warning"
                         : "Suspended");
    cJSON_AddNumberToObject(json, "consumedUnits", (double)stock->consumed);
    cJSON_AddStringToObject(json, "id", id);
    cJSON_AddStringToObject(json, "skuId", sku->id);
    cJSON_AddStringToObject(json, "skuPartNumber", sku->part);
    cJSON *units = cJSON_AddObjectToObject(json, "prepaidUnits");
    cJSON_AddNumberToObject(units, "enabled", (double)stock->active);
    cJSON_AddNumberToObject(units, "suspended", (double)stock->suspended);
    cJSON_AddNumberToObject(units, "warning", (double)stock->warning);
    cJSON_AddNumberToObject(units, "lockedOut", 0);
    cJSON_AddItemToObject(json, "subscriptionIds", write_subscriptions(req, sku));
    cJSON_AddItemToObject(json, "servicePlans", write_plans(sku, 0));
    return json;
}

void sb_graph_skus(struct sb_request *req)
{
    if (sb_request_query(req, "$filter")) {
        sb_reply_graph_fail(req, 400, "Request_UnsupportedQuery", "The query parameter $filter is not supported here.");
        return;
    }
    cJSON *root = cJSON_CreateObject();
    put_context(req, root, "subscribedSkus");
    cJSON *value = cJSON_AddArrayToObject(root, "value");
    const struct sb_sku *sku;
    for (size_t i = 0; (sku = sb_catalog_sku_at(i)); i++) {
        struct sb_inventory stock = sb_licences_inventory(req->world, req->customer.id, sku, req->now_ms);
        if (stock.active + stock.warning + stock.suspended + stock.consumed > 0)
            cJSON_AddItemToArray(value, write_sku(req, sku, &stock));
    }
    sb_reply_json(req, 200, root);
}

/* assignedLicenses/any(x:x/skuId eq GUID): the one filter known here. False after an error answer. */
static bool read_filter(struct sb_request *req, char ret_sku[SB_GUID])
{
    const char *filter = sb_request_query(req, "$filter");
    ret_sku[0] = '\0';
    if (!filter || !*filter)
        return true;
    const char *eq = strstr(filter, "skuId eq ");
    if (strncmp(filter, "assignedLicenses/any(", 21) == 0 && eq &&
        sscanf(eq, "skuId eq %36[0-9a-fA-F-]", ret_sku) == 1 && strlen(ret_sku) == 36)
        return true;
    sb_reply_graph_fail(req, 400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause.");
    return false;
}

static void put_next(struct sb_request *req, cJSON *root, int64_t next)
{
    char token[64], url[SB_PATH_SIZE * 4];
    sb_page_token(req, next, token);
    size_t len = (size_t)snprintf(url, sizeof url, "%s%s?", req->base, req->path);
    for (const char *at = req->query; *at && len + strlen(req->query) < sizeof url;) {
        size_t n = strcspn(at, "&");
        if (strncasecmp(at, "$skiptoken=", 11) != 0 && strncasecmp(at, "%24skiptoken=", 13) != 0)
            len += (size_t)snprintf(url + len, sizeof url - len, "%.*s&", (int)n, at);
        at += n + (at[n] == '&');
    }
    snprintf(url + len, sizeof url - len, "$skiptoken=%s", token);
    cJSON_AddStringToObject(root, "@odata.nextLink", url);
}

void sb_graph_users(struct sb_request *req)
{
    char sku[SB_GUID];
    int64_t offset = 0, n = 0;
    int64_t top = sb_request_query_int(req, "$top", TOP_DEFAULT);
    const char *token = sb_request_query(req, "$skiptoken");
    if (!read_filter(req, sku))
        return;
    if (top < 1 || top > TOP_MAX) {
        sb_reply_graph_fail(req, 400, "Request_UnsupportedQuery",
            "Invalid page size specified: '%lld'. Must be between 1 and "
            "999 inclusive.",
            (long long)top);
        return;
    }
    if (token && !sb_page_untoken(req, token, &offset)) {
        sb_reply_graph_fail(req, 400, "Directory_ExpiredPageToken", "The specified page token value has expired.");
        return;
    }
    cJSON *root = cJSON_CreateObject();
    put_context(req, root, "users");
    cJSON *value = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        SB_USER_SELECT
        "WHERE customer=?1 AND deleted_ms=0 AND (?2='' OR EXISTS(SELECT 1 FROM licence WHERE person=id AND "
        "sku=?2)) ORDER BY seq LIMIT ?3 OFFSET ?4",
        "ssii", req->customer.id, sku, top + 1, offset);
    while (sb_store_step(stmt)) {
        struct sb_user user;
        if (n++ == top)
            continue;
        sb_user_read(stmt, &user);
        cJSON_AddItemToArray(value, sb_graph_user_write(req, &user));
    }
    if (n > top)
        put_next(req, root, req->fault.kind == SB_FAULT_REPEAT_PAGE ? offset : offset + top);
    cJSON_AddItemToObject(root, "value", value);
    sb_reply_json(req, 200, root);
}

void sb_graph_user(struct sb_request *req)
{
    struct sb_user user;
    if (!sb_graph_user_load(req, &user))
        return;
    cJSON *json = sb_graph_user_write(req, &user);
    put_context(req, json, "users/$entity");
    sb_reply_json(req, 200, json);
}

void sb_graph_user_patch(struct sb_request *req)
{
    struct sb_user user;
    const char *location = sb_json_text(req->json, "usageLocation");
    if (!sb_graph_user_load(req, &user))
        return;
    if (location && strlen(location) != 2) {
        sb_reply_graph_fail(req, 400, "Request_BadRequest", "Invalid value specified for property 'usageLocation'.");
        return;
    }
    if (location) {
        cJSON *detail = cJSON_CreateObject();
        cJSON_AddStringToObject(detail, "userId", user.id);
        cJSON_AddStringToObject(detail, "usageLocation", location);
        sb_store_run(&req->world->store, "UPDATE person SET location=? WHERE id=?", "ss", location, user.id);
        sb_ledger_add(req->world, req, "usageLocation", req->customer.id, req->now_ms, detail);
    }
    sb_reply_empty(req, 204);
}

/* What is in force, direct or inherited: one row per SKU. */
void sb_graph_license_details(struct sb_request *req)
{
    struct sb_user user;
    struct sb_licence list[SB_LICENCES_PER_PERSON];
    if (!sb_graph_user_load(req, &user))
        return;
    cJSON *root = cJSON_CreateObject();
    put_context(req, root, "licenseDetails");
    cJSON *value = cJSON_AddArrayToObject(root, "value");
    int n = sb_licences_of(&req->world->store, user.id, list);
    for (int i = 0; i < n; i++) {
        const struct sb_sku *sku = list[i].sku;
        uint64_t off = list[i].off;
        while (i + 1 < n && list[i + 1].sku == sku)
            off &= list[++i].off;
        char id[SB_GUID];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", sb_ident_guid(req->world->random_seed, sku->part, user.id, 0, id));
        cJSON_AddStringToObject(item, "skuId", sku->id);
        cJSON_AddStringToObject(item, "skuPartNumber", sku->part);
        cJSON_AddItemToObject(item, "servicePlans", write_plans(sku, off));
        cJSON_AddItemToArray(value, item);
    }
    sb_reply_json(req, 200, root);
}

void sb_graph_groups(struct sb_request *req)
{
    cJSON *root = cJSON_CreateObject();
    put_context(req, root, "groups");
    cJSON *value = cJSON_AddArrayToObject(root, "value");
    sqlite3_stmt *stmt = sb_store_query(
        &req->world->store, "SELECT id, name FROM team WHERE customer=? ORDER BY name, id", "s", req->customer.id);
    while (sb_store_step(stmt)) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", sb_store_text(stmt, 0));
        cJSON_AddStringToObject(item, "displayName", sb_store_text(stmt, 1));
        cJSON_AddBoolToObject(item, "securityEnabled", true);
        cJSON_AddItemToArray(value, item);
    }
    sb_reply_json(req, 200, root);
}
