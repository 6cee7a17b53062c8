/* sb_audit.c: audit records, made from the ledger: the second way to learn whether a purchase happened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_page.h"

#define MAX_RANGE_MS (90 * SB_DAY_MS)

static const struct {
    const char *kind, *resource, *operation;
} rows[] = {
    {"order", "order", "create_order"},
    {"addon", "order", "update_order"},
    {"licenseSwap", "license", "update_customer_user_licenses"},
    {"licenseChange", "license", "update_customer_user_licenses"},
    {"suspend", "subscription", "update_subscription"},
    {"suspendAddon", "subscription", "update_subscription"},
    {"reactivate", "subscription", "update_subscription"},
    {"cancel", "subscription", "update_subscription"},
    {"quantity", "subscription", "update_subscription"},
    {"rename", "subscription", "update_subscription"},
    {"autoRenew", "subscription", "update_subscription"},
    {"usageLocation", "customer_user", "update_customer_user"},
    {"agreement", "agreement", "create_agreement"},
};

static void put_pair(cJSON *list, const char *key, const cJSON *value)
{
    char number[32];
    cJSON *pair = cJSON_CreateObject();
    cJSON_AddStringToObject(pair, "key", key);
    if (cJSON_IsString(value)) {
        cJSON_AddStringToObject(pair, "value", value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        snprintf(number, sizeof number, "%.0f", value->valuedouble);
        cJSON_AddStringToObject(pair, "value", number);
    } else {
        cJSON_AddNullToObject(pair, "value"); /* the one place where the service writes null */
    }
    cJSON_AddItemToArray(list, pair);
}

static void write_custom(cJSON *record, const char *operation, const cJSON *detail)
{
    cJSON *list = cJSON_AddArrayToObject(record, "customizedData");
    if (strcmp(operation, "create_order") == 0 || strcmp(operation, "update_order") == 0) {
        put_pair(list, "OrderId", sb_json_get(detail, "orderId"));
        put_pair(list, "BillingCycle", sb_json_get(detail, "billingCycle"));
        put_pair(list, "OfferId-0", sb_json_get(detail, "offerId"));
        put_pair(list, "SubscriptionId-0", sb_json_get(detail, "subscriptionId"));
        put_pair(list, "SubscriptionName-0", sb_json_get(detail, "friendlyName"));
        put_pair(list, "Quantity-0", sb_json_get(detail, "quantity"));
        put_pair(list, "PartnerOnRecord-0", NULL);
    } else if (strcmp(operation, "update_customer_user_licenses") == 0) {
        put_pair(list, "CustomerUserId", sb_json_get(detail, "userId"));
        put_pair(list, "AddedLicenseSkuId", cJSON_GetArrayItem(sb_json_get(detail, "added"), 0));
        put_pair(list, "RemovedLicenseSkuId", cJSON_GetArrayItem(sb_json_get(detail, "removed"), 0));
    } else {
        put_pair(list, "SubscriptionId", sb_json_get(detail, "subscriptionId"));
    }
}

/* The row of a ledger kind; -1 for what is no act of the partner. */
static int row_of(const char *kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].kind, kind) == 0)
            return (int)i;
    }
    return -1;
}

static cJSON *write_record(struct sb_request *req, sqlite3_stmt *stmt, int row)
{
    char id[SB_GUID], seq[24];
    snprintf(seq, sizeof seq, "%lld", (long long)sqlite3_column_int64(stmt, 0));
    const char *text = sb_store_text(stmt, 5);
    cJSON *record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "id", sb_ident_guid(req->world->random_seed, "audit", seq, 0, id));
    cJSON_AddStringToObject(record, "partnerId", req->world->partner.tenant);
    cJSON_AddStringToObject(record, "customerId", sb_store_text(stmt, 3));
    cJSON_AddStringToObject(record, "customerName", sb_store_text(stmt, 6));
    cJSON_AddStringToObject(record, "userPrincipalName", "admin@partner.example.com");
    cJSON_AddStringToObject(record, "applicationId", req->world->partner.client_id);
    cJSON_AddStringToObject(record, "resourceType", rows[row].resource);
    cJSON_AddStringToObject(record, "resourceNewValue", text);
    cJSON_AddStringToObject(record, "operationType", rows[row].operation);
    cJSON_AddStringToObject(record, "originalCorrelationId", sb_store_text(stmt, 4));
    sb_json_put_time(record, "operationDate", sqlite3_column_int64(stmt, 1));
    cJSON_AddStringToObject(record, "operationStatus", "succeeded");
    cJSON *detail = cJSON_Parse(text);
    write_custom(record, rows[row].operation, detail);
    cJSON_Delete(detail);
    sb_json_attributes(record, "AuditRecord", NULL);
    return record;
}

static bool read_range(struct sb_request *req, int64_t *ret_from, int64_t *ret_to)
{
    const char *from = sb_request_query(req, "startDate");
    const char *to = sb_request_query(req, "endDate");
    *ret_from = req->now_ms - 30 * SB_DAY_MS;
    *ret_to = req->now_ms + SB_DAY_MS;
    if ((from && !sb_clock_parse(from, ret_from)) || (to && !sb_clock_parse(to, ret_to)))
        sb_reply_fail(req, 400, 2000, "The query is not valid: startDate or endDate is not a date.");
    else if (req->now_ms - *ret_from > MAX_RANGE_MS + SB_DAY_MS)
        sb_reply_fail(req, 400, 2000, "The query is not valid: audit records go back 90 days.");
    else
        return true;
    return false;
}

static bool fits(sqlite3_stmt *stmt, int row, const char *field, const char *value)
{
    if (row < 0)
        return false;
    if (strcasecmp(field, "CustomerId") == 0)
        return strcasecmp(value, sb_store_text(stmt, 3)) == 0;
    if (strcasecmp(field, "ResourceType") == 0)
        return strcasecmp(value, rows[row].resource) == 0;
    if (strcasecmp(field, "CompanyName") == 0)
        return strcasestr(sb_store_text(stmt, 6), value) != NULL;
    return true;
}

void sb_audit_list(struct sb_request *req)
{
    char field[64] = "", value[256] = "";
    bool bad;
    int64_t from, to, n = 0;
    struct sb_page page;
    sb_page_filter(req, field, value, &bad);
    if (bad || !read_range(req, &from, &to) || !sb_page_read(req, 0, &page))
        return;
    /* endDate is a day, all of it. */
    if (to % SB_DAY_MS == 0)
        to += SB_DAY_MS;
    cJSON *items = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT l.seq, at_ms, kind, l.customer, correlation_id, detail, name FROM ledger l JOIN customer c ON "
        "c.id=l.customer"
        " WHERE at_ms>=? AND at_ms<? ORDER BY l.seq",
        "ii", from, to);
    while (sb_store_step(stmt)) {
        int row = row_of(sb_store_text(stmt, 2));
        if (!fits(stmt, row, field, value) || n++ < page.offset || (page.size > 0 && n > page.offset + page.size))
            continue;
        cJSON_AddItemToArray(items, write_record(req, stmt, row));
    }
    sb_reply_json(req, 200, sb_page_write(req, &page, n, items));
}
