/* sb_analytics.c: licence analytics: seats sold, deployed and used, by product name; a day old, as in the service. */
#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_licences.h"
#include "sb_request.h"

static cJSON *begin(struct sb_request *req, const struct sb_sku *sku)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "customerName", req->customer.name);
    cJSON_AddStringToObject(item, "productName", sku->display);
    cJSON_AddStringToObject(item, "serviceName", "office365");
    cJSON_AddStringToObject(item, "channel", "Reseller");
    sb_json_put_time(item, "processedDateTime", (req->now_ms / SB_DAY_MS - 1) * SB_DAY_MS);
    return item;
}

static void put_share(cJSON *item, const char *name, int64_t part, int64_t whole)
{
    cJSON_AddNumberToObject(item, name, whole > 0 ? (double)(part * 1000 / whole) / 10 : 0);
}

static void reply(struct sb_request *req, bool usage)
{
    cJSON *items = cJSON_CreateArray();
    const struct sb_sku *sku;
    for (size_t i = 0; (sku = sb_catalog_sku_at(i)); i++) {
        struct sb_inventory stock = sb_licences_inventory(req->world, req->customer.id, sku, req->now_ms);
        int64_t sold = stock.active + stock.warning;
        if (sold + stock.consumed == 0)
            continue;
        cJSON *item = begin(req, sku);
        if (usage) {
            cJSON_AddStringToObject(item, "workloadName", sku->addon ? "Skype for Business" : "Exchange");
            cJSON_AddNumberToObject(item, "licensesActive", (double)stock.consumed);
            cJSON_AddNumberToObject(item, "licensesQualified", (double)sold);
            put_share(item, "usagePercent", stock.consumed, sold);
            sb_json_attributes(item, "CustomerLicensesUsageInsights", NULL);
        } else {
            cJSON_AddNumberToObject(item, "licensesDeployed", (double)stock.consumed);
            cJSON_AddNumberToObject(item, "licensesSold", (double)sold);
            put_share(item, "deploymentPercent", stock.consumed, sold);
            sb_json_attributes(item, "CustomerLicensesDeploymentInsights", NULL);
        }
        cJSON_AddItemToArray(items, item);
    }
    sb_reply_json(req, 200, sb_json_collection(items));
}

void sb_analytics_deployment(struct sb_request *req)
{
    reply(req, false);
}

void sb_analytics_usage(struct sb_request *req)
{
    reply(req, true);
}
