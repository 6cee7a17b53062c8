/* pc_user.c: who holds a licence, and what one user holds. */
#include "pc_int.h"

cJSON *pc_user_licences(struct pc *pc, const char *customer, const char *user)
{
    return pc_list(pc, customer, PC_USER, "/customers/%s/users/%s/licenses?licenseGroupIds=Group1",
        pc_quote(pc, customer), pc_quote(pc, user));
}

cJSON *pc_licence_of(const cJSON *licences, const char *sku_id)
{
    return pc_sku_row(licences, sku_id);
}

static cJSON *holder_new(const char *id, const char *sign_in, const char *name, const char *location, bool enabled)
{
    cJSON *holder = cJSON_CreateObject();
    cJSON_AddStringToObject(holder, "id", id);
    cJSON_AddStringToObject(holder, "signInName", sign_in);
    cJSON_AddStringToObject(holder, "displayName", name);
    cJSON_AddStringToObject(holder, "usageLocation", location);
    cJSON_AddBoolToObject(holder, "enabled", enabled);
    cJSON_AddArrayToObject(holder, "held");
    cJSON_AddArrayToObject(holder, "inherited");
    return holder;
}

static void add_id(cJSON *holder, const char *list, const char *sku)
{
    cJSON *ids = wf_cjson_get(holder, list);
    if (*sku && !pc_in(ids, sku))
        cJSON_AddItemToArray(ids, cJSON_CreateString(sku));
}

/* Graph alone tells a licence that came through a group from one assigned to the user. */
static cJSON *holder_from_graph(const cJSON *user, const cJSON *sku_ids)
{
    const cJSON *enabled = pc_member(user, "accountEnabled"), *item;
    cJSON *holder = holder_new(pc_str(user, "id"), pc_str(user, "userPrincipalName"), pc_str(user, "displayName"),
        pc_str(user, "usageLocation"), !cJSON_IsFalse(enabled));
    cJSON_ArrayForEach(item, pc_member(user, "assignedLicenses")) {
        add_id(holder, "held", pc_str(item, "skuId"));
    }
    cJSON_ArrayForEach(item, pc_member(user, "licenseAssignmentStates")) {
        const char *sku = pc_str(item, "skuId"), *error = pc_str(item, "error");
        if (!pc_in(sku_ids, sku))
            continue;
        if (*pc_str(item, "assignedByGroup"))
            add_id(holder, "inherited", sku);
        if (*error && !pc_same(error, "None"))
            pc_set(holder, "conflict", cJSON_CreateString(error));
    }
    return holder;
}

static bool already_in(const cJSON *holders, const char *id)
{
    const cJSON *holder;
    cJSON_ArrayForEach(holder, holders) {
        if (pc_same(wf_cjson_str(holder, "id", ""), id))
            return true;
    }
    return false;
}

static cJSON *holders_by_graph(struct pc *pc, const char *customer, const cJSON *sku_ids)
{
    cJSON *holders = pc_keep(pc, cJSON_CreateArray());
    const cJSON *sku, *user;
    cJSON_ArrayForEach(sku, sku_ids) {
        bool first = holders->child == NULL;
        cJSON *users = pc_list(pc, customer, PC_GRAPH,
            "/users?$filter=assignedLicenses/any(s:s/skuId%%20eq%%20%s)&$select=id,userPrincipalName,displayName,"
            "accountEnabled,usageLocation,assignedLicenses,licenseAssignmentStates&$top=999",
            pc_quote(pc, sku->valuestring));
        if (!users)
            return NULL;
        cJSON_ArrayForEach(user, users) {
            if (first || !already_in(holders, pc_str(user, "id")))
                cJSON_AddItemToArray(holders, holder_from_graph(user, sku_ids));
        }
        pc_drop(pc, users);
    }
    return holders;
}

/* One page of users: their licences, a few users at a time. */
struct walk {
    const char *customer;
    const cJSON *sku_ids;
    cJSON *holders;
};

static void take_user(struct walk *walk, const cJSON *user, const cJSON *licences)
{
    const cJSON *licence;
    bool holds = false;
    cJSON *holder = holder_new(pc_str(user, "id"), pc_str(user, "userPrincipalName"), pc_str(user, "displayName"),
        pc_str(user, "usageLocation"), true);
    cJSON_ArrayForEach(licence, pc_member(licences, "items")) {
        const char *sku = pc_str(pc_member(licence, "productSku"), "id");
        add_id(holder, "held", sku);
        holds = holds || pc_in(walk->sku_ids, sku);
    }
    if (pc_same(pc_str(user, "state"), "inactive"))
        cJSON_AddTrueToObject(holder, "deleted");
    if (holds)
        cJSON_AddItemToArray(walk->holders, holder);
    else
        cJSON_Delete(holder);
}

static int take_page(struct pc *pc, cJSON *items, void *arg)
{
    struct walk *walk = arg;
    size_t n = (size_t)cJSON_GetArraySize(items), i = 0;
    struct pc_request *reqs = pc->host->alloc(pc->step, (n + 1) * sizeof *reqs);
    cJSON **replies = pc->host->alloc(pc->step, (n + 1) * sizeof(cJSON *));
    struct pc_fault *faults = pc->host->alloc(pc->step, (n + 1) * sizeof *faults);
    const cJSON *user;
    if (!reqs || !replies || !faults)
        return pc__fault_memory(pc);
    cJSON_ArrayForEach(user, items) {
        reqs[i++] = (struct pc_request){.path = pc_text(pc, "/customers/%s/users/%s/licenses?licenseGroupIds=Group1",
                                            pc_quote(pc, walk->customer), pc_quote(pc, pc_str(user, "id"))),
            .customer = walk->customer,
            .flags = PC_USER};
    }
    if (pc_get_many(pc, reqs, n, replies, faults))
        return -1;
    i = 0;
    cJSON_ArrayForEach(user, items) {
        if (replies[i])
            take_user(walk, user, replies[i]);
        else if (faults[i].status != 404) { /* gone since the list was made: holds nothing any more */
            pc->fault = faults[i];
            return -1;
        }
        pc_drop(pc, replies[i++]);
    }
    return 0;
}

static cJSON *holders_by_walk(struct pc *pc, const char *customer, const cJSON *sku_ids)
{
    struct walk walk = {.customer = customer, .sku_ids = sku_ids, .holders = pc_keep(pc, cJSON_CreateArray())};
    struct pc_request first = {
        .path = pc_text(pc, "/customers/%s/users?size=%lld", pc_quote(pc, customer), (long long)pc->set.page_size),
        .customer = customer,
        .flags = PC_USER};
    return pc_pages(pc, &first, take_page, &walk) == 0 ? walk.holders : NULL;
}

cJSON *pc_user_holders(struct pc *pc, const char *customer, const cJSON *sku_ids)
{
    return pc->set.graph_lookup ? holders_by_graph(pc, customer, sku_ids) : holders_by_walk(pc, customer, sku_ids);
}
