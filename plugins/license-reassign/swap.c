/* swap.c: computing one user's change of licences from what they hold now. */
#include "swap.h"

int swap_init(struct job *job)
{
    job->lost = pc_keep(job->pc, cJSON_CreateArray());
    job->fresh = pc_keep(job->pc, cJSON_CreateArray());
    job->warnings = pc_keep(job->pc, cJSON_CreateArray());
    job->body_assign = pc_keep(job->pc, cJSON_CreateArray());
    return job->body_assign ? 0 : -1;
}

cJSON *swap_line(const cJSON *lines, const char *sku)
{
    cJSON *line;
    cJSON_ArrayForEach(line, lines) {
        if (pc_same(wf_cjson_str(line, "skuId", ""), sku))
            return line;
    }
    return NULL;
}

/* What of the licence's plans is off, as far as the inventory is known. */
static cJSON *off_plans(const struct job *job, const char *sku, const cJSON *licence)
{
    cJSON *off = cJSON_CreateArray();
    const cJSON *row = pc_sku_row(job->skus, sku);
    pc_plans_excluded(row, licence, row, NULL, off, NULL);
    return off;
}

/* Only the licences that this step is about. */
static cJSON *describe(const struct job *job)
{
    const cJSON *licence;
    cJSON *lines = cJSON_CreateArray();
    cJSON_ArrayForEach(licence, job->licences) {
        const char *sku = pc_str(pc_member(licence, "productSku"), "id");
        if (!pc_in(job->remove, sku) && !pc_in(job->assign, sku))
            continue;
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "skuId", sku);
        cJSON_AddItemToObject(line, "excludedPlans", off_plans(job, sku, licence));
        cJSON_AddItemToArray(lines, line);
    }
    return lines;
}

int swap_read(struct job *job)
{
    struct pc *pc = job->pc;
    pc_drop(pc, job->licences);
    job->licences = pc_user_licences(pc, job->customer, job->user);
    if (!job->licences)
        return -1;
    if (!job->skus) /* to describe the plans; an older copy is good enough, and none is no harm */
        job->skus = pc_skus(pc, job->customer, 600000);
    if (!job->skus)
        return -1;
    job->after = pc_keep(pc, describe(job));
    if (!job->before)
        job->before = job->after;
    return 0;
}

bool swap_holds_any(const struct job *job, const cJSON *skus)
{
    const cJSON *sku;
    cJSON_ArrayForEach(sku, skus) {
        if (pc_licence_of(job->licences, sku->valuestring))
            return true;
    }
    return false;
}

bool swap_done(const struct job *job)
{
    const cJSON *sku;
    cJSON_ArrayForEach(sku, job->assign) {
        if (!pc_licence_of(job->licences, sku->valuestring))
            return false;
    }
    return !swap_holds_any(job, job->remove);
}

bool swap_is_plain(const struct job *job)
{
    const cJSON *sku;
    cJSON_ArrayForEach(sku, job->remove) {
        const cJSON *line = swap_line(job->before, sku->valuestring);
        if (!line || cJSON_GetArraySize(wf_cjson_get(line, "excludedPlans")) > 0)
            return false;
    }
    cJSON_ArrayForEach(sku, job->assign) {
        if (swap_line(job->before, sku->valuestring))
            return false;
    }
    return true;
}

static void add_all(cJSON *list, cJSON *items)
{
    while (items->child)
        cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(items, items->child));
    cJSON_Delete(items);
}

/* Leaves only the plans that no target could take: in every target's list of the lost. */
static void keep_common(cJSON *lost, const cJSON *more)
{
    for (cJSON *plan = lost->child, *next; plan; plan = next) {
        const cJSON *other;
        bool both = false;
        next = plan->next;
        cJSON_ArrayForEach(other, more) {
            both = both || pc_same(wf_cjson_str(plan, "id", ""), wf_cjson_str(other, "id", ""));
        }
        if (!both)
            cJSON_Delete(cJSON_DetachItemViaPointer(lost, plan));
    }
}

/* New plans that nothing in any old licence stood for. */
static void compute_new(struct job *job, const cJSON *source, const cJSON *target, cJSON *excluded)
{
    const cJSON *plan;
    cJSON *fresh = pc_plans_new(source, target, job->plan_map);
    if (job->no_new_plans) {
        cJSON_ArrayForEach(plan, fresh) {
            cJSON_AddItemToArray(excluded, cJSON_CreateString(wf_cjson_str(plan, "id", "")));
        }
        cJSON_Delete(fresh);
    } else {
        add_all(job->fresh, fresh);
    }
}

/* A licence the user holds already is left as it is: what it gives, the user has. */
static void compute_target(struct job *job, const char *sku, bool first)
{
    const cJSON *target = pc_sku_row(job->skus, sku), *old;
    cJSON *line = cJSON_CreateObject(), *lost = cJSON_CreateArray();
    cJSON_AddStringToObject(line, "skuId", sku);
    cJSON *excluded = cJSON_AddArrayToObject(line, "excludedPlans");
    cJSON_ArrayForEach(old, job->remove) {
        const cJSON *licence = pc_licence_of(job->licences, old->valuestring);
        const cJSON *source = pc_sku_row(job->skus, old->valuestring);
        if (!licence || !source)
            continue;
        pc_plans_excluded(source, licence, target, job->plan_map, excluded, lost);
        compute_new(job, source, target, excluded);
    }
    if (first)
        add_all(job->lost, lost);
    else {
        keep_common(job->lost, lost);
        cJSON_Delete(lost);
    }
    cJSON_AddItemToArray(job->body_assign, line);
}

static void clear(cJSON *list)
{
    while (list->child)
        cJSON_Delete(cJSON_DetachItemViaPointer(list, list->child));
}

int swap_compute(struct job *job)
{
    const cJSON *sku;
    bool first = true;
    clear(job->body_assign);
    clear(job->lost);
    clear(job->fresh);
    cJSON_ArrayForEach(sku, job->assign) {
        if (pc_licence_of(job->licences, sku->valuestring))
            continue;
        compute_target(job, sku->valuestring, first);
        first = false;
    }
    return 0;
}

cJSON *swap_body(struct job *job)
{
    const cJSON *sku;
    cJSON *body = pc_keep(job->pc, cJSON_CreateObject()), *assign, *remove = cJSON_CreateArray();
    if (job->restore) {
        assign = cJSON_CreateArray();
        cJSON_ArrayForEach(sku, job->assign) {
            if (!pc_licence_of(job->licences, sku->valuestring))
                cJSON_AddItemToArray(assign, cJSON_Duplicate(swap_line(job->restore, sku->valuestring), true));
        }
    } else {
        assign = cJSON_Duplicate(job->body_assign, true);
    }
    cJSON_ArrayForEach(sku, job->remove) {
        if (pc_licence_of(job->licences, sku->valuestring)) /* one that is not there would be refused */
            cJSON_AddItemToArray(remove, cJSON_CreateString(sku->valuestring));
    }
    cJSON_AddItemToObject(body, "licensesToAssign", assign);
    cJSON_AddItemToObject(body, "licensesToRemove", remove);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "attributes"), "objectType", "LicenseUpdate");
    return body;
}
