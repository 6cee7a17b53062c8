/* sb_licences.c: who holds what, and how much there is of it. */
#include "sb_licences.h"

#include <stdio.h>
#include <string.h>

#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_subscription.h"

int sb_licences_of(struct sb_store *store, const char *person, struct sb_licence list[SB_LICENCES_PER_PERSON])
{
    int n = 0;
    sqlite3_stmt *stmt = sb_store_query(
        store, "SELECT sku, off, grp, changed_ms FROM licence WHERE person=? ORDER BY sku, grp", "s", person);
    while (sb_store_step(stmt)) {
        const struct sb_sku *sku = sb_catalog_sku(sb_store_text(stmt, 0));
        if (!sku || n == SB_LICENCES_PER_PERSON)
            continue;
        list[n].sku = sku;
        list[n].off = (uint64_t)sqlite3_column_int64(stmt, 1);
        sb_store_copy(stmt, 2, list[n].group, sizeof list[n].group);
        list[n++].changed_ms = sqlite3_column_int64(stmt, 3);
    }
    return n;
}

struct sb_inventory sb_licences_inventory(
    struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms)
{
    struct sb_inventory stock = {0};
    sqlite3_stmt *stmt = sb_store_query(&world->store,
        "SELECT status, CASE WHEN stock_ms<=? THEN quantity ELSE live_quantity END FROM subscription WHERE customer=? "
        "AND "
        "sku=? AND status<>'deleted'",
        "iss", now_ms, customer, sku->id);
    while (sb_store_step(stmt)) {
        const char *status = sb_store_text(stmt, 0);
        int64_t seats = sqlite3_column_int64(stmt, 1);
        if (strcmp(status, "active") == 0)
            stock.active += seats;
        else if (strcmp(status, "expired") == 0)
            stock.warning += seats;
        else
            stock.suspended += seats;
    }
    stock.consumed =
        sb_store_int(&world->store, 0, "SELECT n FROM consumed WHERE customer=? AND sku=?", "ss", customer, sku->id);
    return stock;
}

int64_t sb_licences_served(struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms)
{
    struct sb_inventory stock = sb_licences_inventory(world, customer, sku, now_ms);
    return stock.active + stock.warning;
}

static bool works_with_other(
    struct sb_world *world, const char *customer, const char *person, const struct sb_sku *lost, int64_t now_ms)
{
    struct sb_licence list[SB_LICENCES_PER_PERSON];
    int n = sb_licences_of(&world->store, person, list);
    for (int i = 0; i < n; i++) {
        if (list[i].sku != lost && !list[i].sku->addon && sb_licences_served(world, customer, list[i].sku, now_ms) > 0)
            return true;
    }
    return false;
}

int64_t sb_licences_left_without(struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms)
{
    int64_t left = 0;
    if (sku->addon)
        return 0;
    sqlite3_stmt *stmt = sb_store_query(
        &world->store, "SELECT DISTINCT person FROM licence WHERE customer=? AND sku=?", "ss", customer, sku->id);
    while (sb_store_step(stmt)) {
        char person[SB_GUID];
        sb_store_copy(stmt, 0, person, sizeof person);
        left += !works_with_other(world, customer, person, sku, now_ms);
    }
    return left;
}

void sb_licences_release(struct sb_world *world, const char *customer, const struct sb_sku *sku)
{
    int64_t subs = sb_store_int(&world->store, 0,
        "SELECT count(*) FROM subscription WHERE customer=? AND sku=? AND status<>'deleted'", "ss", customer, sku->id);
    if (subs == 0)
        sb_store_run(&world->store, "DELETE FROM licence WHERE customer=? AND sku=?", "ss", customer, sku->id);
}

static int find(const struct sb_licence *list, int n, const struct sb_sku *sku, const char *group)
{
    for (int i = 0; i < n; i++) {
        if (list[i].sku == sku && (!group || strcmp(list[i].group, group) == 0))
            return i;
    }
    return -1;
}

/* The plans that are on after the change. */
static uint64_t plans_on(const struct sb_licence *list, int n)
{
    uint64_t on = 0;
    for (int i = 0; i < n; i++)
        on |= list[i].sku->mask & ~list[i].off;
    return on;
}

static bool has(uint64_t on, const char *plan)
{
    int index = sb_catalog_plan_index(plan);
    return index >= 0 && on >> index & 1;
}

/* Phone System needs Skype for Business beside it; two levels of one service do not go together. */
static enum sb_licence_refusal check_plans(uint64_t on)
{
    static const char *const needs[][2] = {{"MCOEV", "MCOSTANDARD"}, {"MCOEV_GOV", "MCOSTANDARD_GOV"}};
    static const char *const excludes[][2] = {{"EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"},
        {"SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE"}, {"EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_ENTERPRISE_GOV"}};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (has(on, needs[i][0]) && !has(on, needs[i][1]))
            return SB_LICENCE_DEPENDS;
    }
    for (size_t i = 0; i < sizeof excludes / sizeof excludes[0]; i++) {
        if (has(on, excludes[i][0]) && has(on, excludes[i][1]))
            return SB_LICENCE_CONFLICT;
    }
    return SB_LICENCE_DONE;
}

static enum sb_licence_refusal check_removals(
    const struct sb_licence_change *change, struct sb_licence *list, int *n, const struct sb_sku **ret_sku)
{
    const char *group = change->group ? change->group : "";
    for (int i = 0; i < change->removed; i++) {
        *ret_sku = change->remove[i];
        int at = find(list, *n, change->remove[i], group);
        if (at < 0)
            return find(list, *n, change->remove[i], NULL) >= 0 ? SB_LICENCE_INHERITED : SB_LICENCE_NOT_HELD;
        list[at] = list[--*n];
    }
    return SB_LICENCE_DONE;
}

/* `before` is what the person holds now: a SKU held already costs no seat. */
static enum sb_licence_refusal check_additions(struct sb_world *world, const struct sb_licence_change *change,
    const struct sb_licence *before, int held, struct sb_licence *list, int *n, int64_t now_ms,
    const struct sb_sku **ret_sku)
{
    const char *group = change->group ? change->group : "";
    for (int i = 0; i < change->added; i++) {
        const struct sb_sku *sku = change->add[i].sku;
        *ret_sku = sku;
        if (change->add[i].off & ~sku->mask)
            return SB_LICENCE_FOREIGN_PLAN;
        int at = find(list, *n, sku, group);
        if (find(before, held, sku, NULL) < 0) {
            struct sb_inventory stock = sb_licences_inventory(world, change->customer, sku, now_ms);
            if (stock.active + stock.warning + stock.suspended == 0)
                return SB_LICENCE_NO_SUBSCRIPTION;
            if (stock.consumed >= stock.active + stock.warning)
                return SB_LICENCE_SHORT;
        }
        if (at < 0 && *n == SB_LICENCES_PER_PERSON)
            return SB_LICENCE_CONFLICT;
        if (at < 0)
            at = (*n)++;
        list[at] = (struct sb_licence){.sku = sku, .off = change->add[i].off};
        snprintf(list[at].group, sizeof list[at].group, "%s", group);
    }
    return SB_LICENCE_DONE;
}

static void add_parts(cJSON *detail, const char *name, const struct sb_licence_change *change, bool added)
{
    cJSON *list = cJSON_AddArrayToObject(detail, name);
    for (int i = 0; i < (added ? change->added : change->removed); i++) {
        const struct sb_sku *sku = added ? change->add[i].sku : change->remove[i];
        cJSON_AddItemToArray(list, cJSON_CreateString(sku->id));
    }
}

static bool has_suite(const struct sb_licence *list, int n)
{
    for (int i = 0; i < n; i++) {
        if (!list[i].sku->addon)
            return true;
    }
    return false;
}

static void carry_out(
    struct sb_world *world, const struct sb_request *req, const struct sb_licence_change *change, int64_t now_ms)
{
    const char *group = change->group ? change->group : "";
    for (int i = 0; i < change->removed; i++)
        sb_store_run(&world->store, "DELETE FROM licence WHERE person=? AND sku=? AND grp=?", "sss", change->person,
            change->remove[i]->id, group);
    for (int i = 0; i < change->added; i++)
        sb_store_run(&world->store,
            "INSERT INTO licence VALUES(?,?,?,?,?,?) ON CONFLICT DO UPDATE SET off=excluded.off, "
            "changed_ms=excluded.changed_ms",
            "ssssii", change->person, change->add[i].sku->id, group, change->customer, (int64_t)change->add[i].off,
            now_ms);
    bool swap = change->added && change->removed;
    cJSON *detail = cJSON_CreateObject();
    cJSON_AddStringToObject(detail, "userId", change->person);
    add_parts(detail, "added", change, true);
    add_parts(detail, "removed", change, false);
    sb_json_put(detail, "groupId", change->group);
    sb_ledger_add(world, req, swap ? "licenseSwap" : "licenseChange", change->customer, now_ms, detail);
    sb_ledger_count(world, swap ? "licenseSwaps" : "licenseChanges", 1);
}

enum sb_licence_refusal sb_licences_change(struct sb_world *world, const struct sb_request *req,
    const struct sb_licence_change *change, int64_t now_ms, const struct sb_sku **ret_sku)
{
    struct sb_licence before[SB_LICENCES_PER_PERSON], after[SB_LICENCES_PER_PERSON];
    int held = sb_licences_of(&world->store, change->person, before);
    int n = held;
    memcpy(after, before, sizeof after);
    if (change->added && !change->group &&
        sb_store_int(&world->store, 0, "SELECT location='' FROM person WHERE id=?", "s", change->person))
        return SB_LICENCE_NO_LOCATION;
    enum sb_licence_refusal refusal = check_removals(change, after, &n, ret_sku);
    if (refusal == SB_LICENCE_DONE)
        refusal = check_additions(world, change, before, held, after, &n, now_ms, ret_sku);
    /* What was in conflict before must not keep a person from being moved out of it. */
    if (refusal == SB_LICENCE_DONE && check_plans(plans_on(before, held)) == SB_LICENCE_DONE)
        refusal = check_plans(plans_on(after, n));
    if (refusal != SB_LICENCE_DONE)
        return refusal;
    carry_out(world, req, change, now_ms);
    if (has_suite(before, held) && !has_suite(after, n))
        sb_ledger_count(world, "usersWithoutLicense", 1);
    return SB_LICENCE_DONE;
}
