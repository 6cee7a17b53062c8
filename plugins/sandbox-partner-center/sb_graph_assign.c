/* sb_graph_assign.c: people with their licences in Microsoft Graph, and assigning to people and groups. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_graph_user.h"
#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_licences.h"

bool sb_graph_user_load(struct sb_request *req, struct sb_user *ret_user)
{
    if (sb_user_load(&req->world->store, req->customer.id, req->args[0], ret_user) && !ret_user->deleted_ms)
        return true;
    sb_reply_graph_fail(req, 404, "Request_ResourceNotFound",
        "Resource '%s' does not exist or one of its queried reference-property objects are not present.", req->args[0]);
    return false;
}

static cJSON *write_off(const struct sb_licence *licence)
{
    cJSON *list = cJSON_CreateArray();
    const struct sb_plan *plan;
    for (size_t i = 0; (plan = sb_catalog_plan(i)); i++) {
        if (licence->off >> i & 1)
            cJSON_AddItemToArray(list, cJSON_CreateString(plan->id));
    }
    return list;
}

static void write_assigned(cJSON *json, const struct sb_licence *list, int n)
{
    cJSON *assigned = cJSON_AddArrayToObject(json, "assignedLicenses");
    for (int i = 0; i < n; i++) {
        if (i > 0 && list[i].sku == list[i - 1].sku)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "disabledPlans", write_off(&list[i]));
        cJSON_AddStringToObject(item, "skuId", list[i].sku->id);
        cJSON_AddItemToArray(assigned, item);
    }
}

static void write_states(cJSON *json, const struct sb_licence *list, int n)
{
    cJSON *states = cJSON_AddArrayToObject(json, "licenseAssignmentStates");
    for (int i = 0; i < n; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "skuId", list[i].sku->id);
        cJSON_AddItemToObject(item, "disabledPlans", write_off(&list[i]));
        cJSON_AddItemToObject(
            item, "assignedByGroup", list[i].group[0] ? cJSON_CreateString(list[i].group) : cJSON_CreateNull());
        cJSON_AddStringToObject(item, "state", "Active");
        cJSON_AddStringToObject(item, "error", "None");
        sb_json_put_time(item, "lastUpdatedDateTime", list[i].changed_ms / 1000 * 1000);
        cJSON_AddItemToArray(states, item);
    }
}

/* Without $select: the default members. */
static bool wanted(const char *select, const char *name, bool by_default)
{
    size_t len = strlen(name);
    if (!select || !*select)
        return by_default;
    for (const char *at = select; *at; at += strcspn(at, ","), at += *at == ',') {
        at += strspn(at, " ");
        if (strncasecmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0' || at[len] == ' '))
            return true;
    }
    return false;
}

static void put_text(cJSON *json, const char *select, const char *name, const char *text, bool by_default)
{
    if (!wanted(select, name, by_default))
        return;
    if (*text)
        cJSON_AddStringToObject(json, name, text);
    else
        cJSON_AddNullToObject(json, name);
}

cJSON *sb_graph_user_write(struct sb_request *req, const struct sb_user *user)
{
    const char *select = sb_request_query(req, "$select");
    cJSON *json = cJSON_CreateObject();
    put_text(json, select, "displayName", user->display, true);
    put_text(json, select, "givenName", user->first, true);
    put_text(json, select, "surname", user->last, true);
    put_text(json, select, "userPrincipalName", user->upn, true);
    put_text(json, select, "id", user->id, true);
    put_text(json, select, "usageLocation", user->location, false);
    if (wanted(select, "accountEnabled", false))
        cJSON_AddBoolToObject(json, "accountEnabled", user->enabled);
    bool licences = wanted(select, "assignedLicenses", false),
         states = wanted(select, "licenseAssignmentStates", false);
    if (licences || states) {
        struct sb_licence list[SB_LICENCES_PER_PERSON];
        int n = sb_licences_of(&req->world->store, user->id, list);
        if (licences)
            write_assigned(json, list, n);
        if (states)
            write_states(json, list, n);
    }
    return json;
}

static void refuse(struct sb_request *req, enum sb_licence_refusal refusal, const struct sb_sku *sku)
{
    const char *id = sku ? sku->id : "";
    switch (refusal) {
    case SB_LICENCE_NO_LOCATION:
        sb_reply_graph_fail(
            req, 400, "Request_BadRequest", "License assignment cannot be done for user with invalid usage location.");
        break;
    case SB_LICENCE_NOT_HELD:
        sb_reply_graph_fail(req, 400, "Request_BadRequest", "User does not have a corresponding license.");
        break;
    case SB_LICENCE_INHERITED:
        sb_reply_graph_fail(req, 400, "Request_BadRequest",
            "User license is inherited from a group membership and it cannot be removed directly from the user.");
        break;
    case SB_LICENCE_FOREIGN_PLAN:
        sb_reply_graph_fail(req, 400, "Request_BadRequest", "A service plan does not belong to the license %s.", id);
        break;
    case SB_LICENCE_SHORT:
        sb_reply_graph_fail(
            req, 400, "Request_BadRequest", "Subscription with SKU %s does not have any available licenses.", id);
        break;
    case SB_LICENCE_NO_SUBSCRIPTION:
        sb_reply_graph_fail(
            req, 400, "Request_BadRequest", "License %s does not correspond to a valid company License.", id);
        break;
    case SB_LICENCE_DEPENDS:
        sb_reply_graph_fail(req, 400, "Request_BadRequest",
            "License assignment failed because service plan depends on another service plan (DependencyViolation).");
        break;
    default:
        sb_reply_graph_fail(req, 400, "Request_BadRequest",
            "License assignment failed because service plans are mutually exclusive (MutuallyExclusiveViolation).");
        break;
    }
}

static bool read_off(struct sb_request *req, const cJSON *plans, const struct sb_sku *sku, uint64_t *ret_off)
{
    const cJSON *plan;
    cJSON_ArrayForEach(plan, plans) {
        int index = cJSON_IsString(plan) ? sb_catalog_plan_index(plan->valuestring) : -1;
        if (index < 0 || !(sku->mask >> index & 1)) {
            refuse(req, SB_LICENCE_FOREIGN_PLAN, sku);
            return false;
        }
        *ret_off |= UINT64_C(1) << index;
    }
    return true;
}

static const struct sb_sku *read_sku(struct sb_request *req, const char *id)
{
    const struct sb_sku *sku = id ? sb_catalog_sku(id) : NULL;
    if (!sku)
        sb_reply_graph_fail(req, 400, "Request_BadRequest",
            "License %s does not correspond to a valid company License.", id ? id : "(none)");
    return sku;
}

static bool read_change(struct sb_request *req, struct sb_licence_change *change)
{
    const cJSON *add = sb_json_get(req->json, "addLicenses");
    const cJSON *remove = sb_json_get(req->json, "removeLicenses");
    const cJSON *item;
    if (!cJSON_IsArray(add) || !cJSON_IsArray(remove) || cJSON_GetArraySize(add) > SB_LICENCES_CHANGES ||
        cJSON_GetArraySize(remove) > SB_LICENCES_CHANGES) {
        sb_reply_graph_fail(req, 400, "Request_BadRequest",
            "One or more parameters of the operation 'assignLicense' are missing from the request payload.");
        return false;
    }
    cJSON_ArrayForEach(item, add) {
        const struct sb_sku *sku = read_sku(req, sb_json_text(item, "skuId"));
        if (!sku || !read_off(req, sb_json_get(item, "disabledPlans"), sku, &change->add[change->added].off))
            return false;
        change->add[change->added++].sku = sku;
    }
    cJSON_ArrayForEach(item, remove) {
        const struct sb_sku *sku = read_sku(req, cJSON_GetStringValue(item));
        if (!sku)
            return false;
        change->remove[change->removed++] = sku;
    }
    snprintf(change->customer, sizeof change->customer, "%s", req->customer.id);
    return true;
}

void sb_graph_assign(struct sb_request *req)
{
    struct sb_user user;
    struct sb_licence_change change = {0};
    const struct sb_sku *sku = NULL;
    if (!sb_graph_user_load(req, &user) || !read_change(req, &change))
        return;
    snprintf(change.person, sizeof change.person, "%s", user.id);
    enum sb_licence_refusal refusal = SB_LICENCE_DONE;
    if (change.added + change.removed)
        refusal = sb_licences_change(req->world, req, &change, req->now_ms, &sku);
    if (refusal == SB_LICENCE_DONE)
        sb_reply_json(req, 200, sb_graph_user_write(req, &user));
    else
        refuse(req, refusal, sku);
}

/* The service does it in the background; here it is done at once, and members that cannot have the licence keep without. */
void sb_graph_group_assign(struct sb_request *req)
{
    struct sb_licence_change change = {0};
    struct sb_store *store = &req->world->store;
    if (!sb_store_int(store, 0, "SELECT 1 FROM team WHERE id=? AND customer=?", "ss", req->args[0], req->customer.id)) {
        sb_reply_graph_fail(req, 404, "Request_ResourceNotFound", "Resource '%s' does not exist.", req->args[0]);
        return;
    }
    if (!read_change(req, &change))
        return;
    change.group = req->args[0];
    sqlite3_stmt *stmt =
        sb_store_query(store, "SELECT person FROM team_member WHERE team=? ORDER BY person", "s", req->args[0]);
    while (sb_store_step(stmt)) {
        const struct sb_sku *sku = NULL;
        sb_store_copy(stmt, 0, change.person, sizeof change.person);
        sb_licences_change(req->world, req, &change, req->now_ms, &sku);
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", req->args[0]);
    sb_reply_json(req, 202, json);
}
