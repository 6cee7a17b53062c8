/* pc_plan.c: C-7: service plans of one licence under another: the same id, else the same name on another level. */
#include "pc_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

bool pc_plan_usable(const cJSON *plan)
{
    const char *target = pc_str(plan, "targetType"), *state = pc_str(plan, "capabilityStatus");
    return (!*target || pc_same(target, "User")) && (!*state || pc_same(state, "Enabled"));
}

/* The length of a plan's family name: "FLOW_O365_P2" without "_P2", "FORMS_PLAN_E3" without "_E3", "BPOS_S_TODO_2"
 * without "_2"; what follows the level ("_GOV") is left in *ret_rest. 0: the name has no level. */
static size_t stem_of(const char *name, const char **ret_rest)
{
    size_t len = strlen(name);
    if (len > 4 && strcasecmp(name + len - 4, "_GOV") == 0)
        len -= 4;
    size_t end = len;
    *ret_rest = name + len;
    while (end && isdigit((unsigned char)name[end - 1]))
        end--;
    if (end == len || !end)
        return 0;
    if (end > 1 && strchr("PpEe", name[end - 1]) && name[end - 2] == '_')
        end--;
    return end > 1 && name[end - 1] == '_' ? end - 1 : 0;
}

static bool same_family(const char *a, const char *b)
{
    const char *rest_a, *rest_b;
    size_t stem = stem_of(a, &rest_a);
    return stem && stem == stem_of(b, &rest_b) && strncasecmp(a, b, stem) == 0 && strcasecmp(rest_a, rest_b) == 0;
}

static bool is_named(const cJSON *plan, const char *name)
{
    return pc_same(pc_str(plan, "id"), name) || pc_same(pc_str(plan, "serviceName"), name);
}

static const cJSON *mapped(const cJSON *map, const char *id, const char *name, bool *ret_known)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, map) {
        if (pc_same(id, entry->string) || pc_same(name, entry->string)) {
            *ret_known = true;
            return entry;
        }
    }
    *ret_known = false;
    return NULL;
}

/* What carries on the old plan in the target; NULL: nothing does. */
static const cJSON *heir_of(const cJSON *plan, const cJSON *target, const cJSON *map)
{
    const char *id = pc_str(plan, "id"), *name = pc_str(plan, "serviceName");
    bool known;
    const cJSON *entry = mapped(map, id, name, &known), *other, *heir = NULL;
    cJSON_ArrayForEach(other, pc_member(target, "servicePlans")) {
        if (known && entry && is_named(other, cJSON_GetStringValue(entry)))
            return other;
        if (!known && pc_same(pc_str(other, "id"), id))
            return other;
        if (!known && same_family(pc_str(other, "serviceName"), name))
            heir = other;
    }
    return heir;
}

/* The plan in the licence's list. The search goes on behind the plan that it found last: both lists mostly have the same
 * order, and then it looks at each plan once. */
static const cJSON *own_plan(const cJSON *plans, const cJSON **last, const char *id)
{
    const cJSON *begin = *last ? *last : plans ? plans->child : NULL, *own = begin;
    while (own) {
        own = own->next ? own->next : plans->child;
        if (pc_same(pc_str(own, "id"), id))
            return *last = own;
        if (own == begin)
            break;
    }
    return NULL;
}

static bool is_on(const cJSON *own)
{
    const char *state = pc_str(own, "capabilityStatus");
    return own && (!*state || pc_same(state, "Assigned") || pc_same(state, "Enabled"));
}

static cJSON *brief(const cJSON *plan)
{
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "id", pc_str(plan, "id"));
    cJSON_AddStringToObject(entry, "name", pc_str(plan, "serviceName"));
    return entry;
}

void pc_plans_excluded(
    const cJSON *source, const cJSON *licence, const cJSON *target, const cJSON *map, cJSON *excluded, cJSON *lost)
{
    const cJSON *owned = pc_member(licence, "servicePlans"), *last = NULL, *plan;
    cJSON_ArrayForEach(plan, pc_member(source, "servicePlans")) {
        if (!pc_plan_usable(plan) || is_on(own_plan(owned, &last, pc_str(plan, "id"))))
            continue;
        const cJSON *heir = heir_of(plan, target, map);
        if (heir && !pc_in(excluded, pc_str(heir, "id")))
            cJSON_AddItemToArray(excluded, cJSON_CreateString(pc_str(heir, "id")));
        if (!heir && lost)
            cJSON_AddItemToArray(lost, brief(plan));
    }
}

static bool is_among(const cJSON *const *plans, size_t n, const cJSON *plan)
{
    for (size_t i = 0; i < n; i++) {
        if (plans[i] == plan)
            return true;
    }
    return false;
}

cJSON *pc_plans_new(const cJSON *source, const cJSON *target, const cJSON *map)
{
    const cJSON *sources = pc_member(source, "servicePlans"), *plan;
    const cJSON **heirs = calloc((size_t)cJSON_GetArraySize(sources) + 1, sizeof *heirs);
    cJSON *fresh = cJSON_CreateArray();
    size_t n = 0;
    cJSON_ArrayForEach(plan, sources) {
        if (heirs)
            heirs[n++] = heir_of(plan, target, map);
    }
    cJSON_ArrayForEach(plan, pc_member(target, "servicePlans")) {
        if (pc_plan_usable(plan) && !is_among(heirs, n, plan))
            cJSON_AddItemToArray(fresh, brief(plan));
    }
    free(heirs);
    return fresh;
}
