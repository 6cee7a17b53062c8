/* sb_skus.c: licence inventory and the licences of people, as Partner Center shows and changes them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_licences.h"
#include "sb_request.h"
#include "sb_user.h"

static cJSON *write_product(const struct sb_sku *sku, bool target)
{
    cJSON *product = cJSON_CreateObject();
    cJSON_AddStringToObject(product, "id", sku->id);
    cJSON_AddStringToObject(product, "name", sku->display);
    cJSON_AddStringToObject(product, "skuPartNumber", sku->part);
    if (target)
        cJSON_AddStringToObject(product, "targetType", "User");
    cJSON_AddStringToObject(product, "licenseGroupId", "group1");
    return product;
}

/* Plans of a SKU but those of `off`; with_off lists these too, as Disabled. */
static cJSON *write_plans(const struct sb_sku *sku, uint64_t off, const char *status, bool with_off)
{
    cJSON *plans = cJSON_CreateArray();
    const struct sb_plan *plan;
    for (size_t i = 0; (plan = sb_catalog_plan(i)); i++) {
        bool disabled = off >> i & 1;
        if (!(sku->mask >> i & 1) || (disabled && !with_off))
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "displayName", plan->display);
        cJSON_AddStringToObject(item, "serviceName", plan->name);
        cJSON_AddStringToObject(item, "id", plan->id);
        cJSON_AddStringToObject(item, "capabilityStatus", disabled ? "Disabled" : status);
        cJSON_AddStringToObject(item, "targetType", plan->tenant ? "Tenant" : "User");
        cJSON_AddItemToArray(plans, item);
    }
    return plans;
}

/* licenseGroupIds may come several times; without it the answer is group1. All SKUs here are of group1. */
static bool wants_group1(struct sb_request *req)
{
    bool any = false;
    for (size_t i = 0; i < SB_QUERY_PAIRS && req->pairs[i].name; i++) {
        if (strcasecmp(req->pairs[i].name, "licenseGroupIds") != 0)
            continue;
        any = true;
        if (strcasecmp(req->pairs[i].value, "Group1") == 0)
            return true;
    }
    return !any;
}

static cJSON *write_sku(const struct sb_sku *sku, const struct sb_inventory *stock)
{
    int64_t total = stock->active + stock->warning;
    const char *status = stock->active ? "Enabled" : stock->warning ? "Warning" : "Suspended";
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "availableUnits", (double)(total - stock->consumed));
    cJSON_AddNumberToObject(json, "activeUnits", (double)stock->active);
    cJSON_AddNumberToObject(json, "consumedUnits", (double)stock->consumed);
    cJSON_AddNumberToObject(json, "suspendedUnits", (double)stock->suspended);
    cJSON_AddNumberToObject(json, "totalUnits", (double)total);
    cJSON_AddNumberToObject(json, "warningUnits", (double)stock->warning);
    cJSON_AddItemToObject(json, "productSku", write_product(sku, true));
    cJSON_AddItemToObject(json, "servicePlans", write_plans(sku, 0, status, false));
    cJSON_AddStringToObject(json, "capabilityStatus", status);
    sb_json_attributes(json, "SubscribedSku", NULL);
    return json;
}

void sb_skus_list(struct sb_request *req)
{
    cJSON *items = cJSON_CreateArray();
    const struct sb_sku *sku;
    for (size_t i = 0; wants_group1(req) && (sku = sb_catalog_sku_at(i)); i++) {
        struct sb_inventory stock = sb_licences_inventory(req->world, req->customer.id, sku, req->now_ms);
        if (stock.active + stock.warning + stock.suspended + stock.consumed > 0)
            cJSON_AddItemToArray(items, write_sku(sku, &stock));
    }
    sb_reply_json(req, 200, sb_json_collection(items));
}

static bool load(struct sb_request *req, struct sb_user *ret_user)
{
    if (sb_user_load(&req->world->store, req->customer.id, req->args[1], ret_user) && !ret_user->deleted_ms)
        return true;
    sb_reply_fail(req, 404, 60002, "User %s was not found.", req->args[1]);
    return false;
}

/* A licence through a group looks like a direct one here. */
void sb_skus_of_user(struct sb_request *req)
{
    struct sb_user user;
    struct sb_licence list[SB_LICENCES_PER_PERSON];
    if (!load(req, &user))
        return;
    cJSON *items = cJSON_CreateArray();
    int n = wants_group1(req) ? sb_licences_of(&req->world->store, user.id, list) : 0;
    for (int i = 0; i < n; i++) {
        uint64_t off = list[i].off;
        while (i + 1 < n && list[i + 1].sku == list[i].sku)
            off &= list[++i].off; /* direct and inherited at once: a plan is on when either has it on */
        cJSON *item = cJSON_CreateObject();
        bool with_off = req->world->settings.disabled_plan_status;
        cJSON_AddItemToObject(item, "servicePlans", write_plans(list[i].sku, off, "Assigned", with_off));
        cJSON_AddItemToObject(item, "productSku", write_product(list[i].sku, false));
        sb_json_attributes(item, "License", NULL);
        cJSON_AddItemToArray(items, item);
    }
    sb_reply_json(req, 200, sb_json_collection(items));
}

static bool read_plans(struct sb_request *req, const cJSON *plans, const struct sb_sku *sku, uint64_t *ret_off)
{
    uint64_t off = 0;
    const cJSON *plan;
    cJSON_ArrayForEach(plan, plans) {
        int index = cJSON_IsString(plan) ? sb_catalog_plan_index(plan->valuestring) : -1;
        if (index < 0 || !(sku->mask >> index & 1)) {
            sb_reply_fail(req, 400, 3000, "Service plan %s is not a plan of SKU %s.",
                cJSON_IsString(plan) ? plan->valuestring : "(not a text)", sku->id);
            return false;
        }
        off |= UINT64_C(1) << index;
    }
    *ret_off = off;
    return true;
}

static const struct sb_sku *read_sku(struct sb_request *req, const char *id)
{
    const struct sb_sku *sku = id ? sb_catalog_sku(id) : NULL;
    if (!sku)
        sb_reply_fail(req, 400, 3000, "SKU %s is not known.", id ? id : "(none)");
    return sku;
}

static bool read_change(struct sb_request *req, struct sb_licence_change *change)
{
    const cJSON *assign = sb_json_get(req->json, "licensesToAssign");
    const cJSON *remove = sb_json_get(req->json, "licensesToRemove");
    const cJSON *item;
    if (cJSON_GetArraySize(assign) > SB_LICENCES_CHANGES || cJSON_GetArraySize(remove) > SB_LICENCES_CHANGES) {
        sb_reply_fail(req, 400, 3000, "The update has more than %d licences.", SB_LICENCES_CHANGES);
        return false;
    }
    cJSON_ArrayForEach(item, assign) {
        const struct sb_sku *sku = read_sku(req, sb_json_text(item, "skuId"));
        if (!sku)
            return false;
        change->add[change->added].sku = sku;
        if (!read_plans(req, sb_json_get(item, "excludedPlans"), sku, &change->add[change->added].off))
            return false;
        change->added++;
    }
    cJSON_ArrayForEach(item, remove) {
        const struct sb_sku *sku = read_sku(req, cJSON_GetStringValue(item));
        if (!sku)
            return false;
        change->remove[change->removed++] = sku;
    }
    if (change->added + change->removed == 0)
        sb_reply_fail(req, 400, 3000, "The update neither assigns nor removes a licence.");
    return change->added + change->removed > 0;
}

static void refuse(struct sb_request *req, enum sb_licence_refusal refusal, const struct sb_sku *sku)
{
    char data[256];
    const char *id = sku ? sku->id : "";
    switch (refusal) {
    case SB_LICENCE_SHORT:
    case SB_LICENCE_NO_SUBSCRIPTION:
        snprintf(data, sizeof data,
            "LicenseQuotaExceededException : There are no licenses left. Account %s does not have enough of SKU %s.",
            req->customer.id, id);
        sb_reply_fail_data(req, 400, 60012, "There are no available licenses for this SKU.", data);
        break;
    case SB_LICENCE_NO_LOCATION:
        sb_reply_fail(req, 400, 3000, "License assignment cannot be done for a user with invalid usage location.");
        break;
    case SB_LICENCE_NOT_HELD:
        sb_reply_fail(req, 400, 3000, "User does not have a corresponding license for SKU %s.", id);
        break;
    case SB_LICENCE_INHERITED:
        sb_reply_fail(req, 400, 3000,
            "User license is inherited from a group membership and it cannot be removed directly from the user (SKU "
            "%s).",
            id);
        break;
    case SB_LICENCE_FOREIGN_PLAN:
        sb_reply_fail(req, 400, 3000, "A service plan is not a plan of SKU %s.", id);
        break;
    case SB_LICENCE_DEPENDS:
        sb_reply_fail(
            req, 400, 60000, "DependencyViolation: a service plan needs another plan that the user would not have.");
        break;
    default:
        sb_reply_fail(
            req, 400, 60000, "MutuallyExclusiveViolation: the user would have service plans that exclude each other.");
        break;
    }
}

static cJSON *write_update(struct sb_request *req)
{
    cJSON *json = cJSON_CreateObject();
    const cJSON *assign = sb_json_get(req->json, "licensesToAssign");
    const cJSON *remove = sb_json_get(req->json, "licensesToRemove");
    cJSON *list = cJSON_AddArrayToObject(json, "licensesToAssign");
    const cJSON *item;
    cJSON_ArrayForEach(item, assign) {
        cJSON *copy = cJSON_CreateObject();
        cJSON_AddStringToObject(copy, "skuId", sb_json_text(item, "skuId"));
        if (sb_json_get(item, "excludedPlans"))
            cJSON_AddItemToObject(copy, "excludedPlans", cJSON_Duplicate(sb_json_get(item, "excludedPlans"), true));
        cJSON_AddItemToArray(list, copy);
    }
    if (remove)
        cJSON_AddItemToObject(json, "licensesToRemove", cJSON_Duplicate(remove, true));
    cJSON_AddArrayToObject(json, "licenseWarnings");
    sb_json_attributes(json, "LicenseUpdate", NULL);
    return json;
}

void sb_skus_update(struct sb_request *req)
{
    struct sb_user user;
    struct sb_licence_change change = {0};
    const struct sb_sku *sku = NULL;
    if (!load(req, &user) || !read_change(req, &change))
        return;
    snprintf(change.customer, sizeof change.customer, "%s", req->customer.id);
    snprintf(change.person, sizeof change.person, "%s", user.id);
    enum sb_licence_refusal refusal = sb_licences_change(req->world, req, &change, req->now_ms, &sku);
    if (refusal == SB_LICENCE_DONE)
        sb_reply_json(req, 201, write_update(req));
    else
        refuse(req, refusal, sku);
}
