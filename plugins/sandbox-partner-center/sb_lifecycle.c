/* sb_lifecycle.c: what happens to a subscription, by request and by itself. */
#include "sb_lifecycle.h"

#include <stdio.h>
#include <string.h>

#include "sb_ledger.h"
#include "sb_licences.h"

#define SUSPENDED_MS (120 * SB_DAY_MS)
#define GRACE_MS     (30 * SB_DAY_MS)

static bool is(const struct sb_subscription *sub, const char *status)
{
    return strcmp(sub->status, status) == 0;
}

void sb_lifecycle_set_due(struct sb_subscription *sub)
{
    if (is(sub, "active"))
        sub->due_ms = sub->end_ms;
    else if (is(sub, "suspended"))
        sub->due_ms = sub->stopped_ms + SUSPENDED_MS;
    else if (is(sub, "expired"))
        sub->due_ms = sub->stopped_ms + GRACE_MS;
    else if (is(sub, "disabled"))
        sub->due_ms = sub->stopped_ms + SUSPENDED_MS;
    else
        sub->due_ms = 0;
}

void sb_lifecycle_plan(struct sb_world *world)
{
    world->next_due_ms =
        sb_store_int(&world->store, INT64_MAX, "SELECT min(due_ms) FROM subscription WHERE due_ms IS NOT NULL", "");
}

static cJSON *describe(const struct sb_subscription *sub)
{
    cJSON *detail = cJSON_CreateObject();
    cJSON_AddStringToObject(detail, "subscriptionId", sub->id);
    cJSON_AddStringToObject(detail, "offerId", sub->offer_id);
    cJSON_AddStringToObject(detail, "offerName", sub->offer->name);
    cJSON_AddStringToObject(detail, "friendlyName", sub->friendly);
    cJSON_AddStringToObject(detail, "status", sub->status);
    cJSON_AddNumberToObject(detail, "quantity", (double)sub->quantity);
    return detail;
}

void sb_lifecycle_change(struct sb_world *world, const struct sb_request *req, struct sb_subscription *sub,
    const char *status, const char *kind, int64_t now_ms)
{
    int64_t served = sb_licences_served(world, sub->customer, sub->offer->sku, now_ms);
    snprintf(sub->status, sizeof sub->status, "%s", status);
    bool stopped = strcmp(status, "active") != 0;
    if (!stopped)
        sub->stopped_ms = 0;
    else if (sub->stopped_ms == 0)
        sub->stopped_ms = now_ms;
    snprintf(sub->reason, sizeof sub->reason, "%s", is(sub, "suspended") ? "PartnerRequest" : "");
    sub->version++;
    sb_lifecycle_set_due(sub);
    sb_subscription_update(&world->store, sub);
    /* People who lose what they worked with, and have nothing else, are what the ledger must not hide. */
    if (stopped && served > 0 && sb_licences_served(world, sub->customer, sub->offer->sku, now_ms) == 0)
        sb_ledger_count(
            world, "usersWithoutLicense", sb_licences_left_without(world, sub->customer, sub->offer->sku, now_ms));
    if (is(sub, "deleted"))
        sb_licences_release(world, sub->customer, sub->offer->sku);
    sb_ledger_add(world, req, kind, sub->customer, now_ms, describe(sub));
    if (sub->due_ms && sub->due_ms < world->next_due_ms)
        world->next_due_ms = sub->due_ms;
}

static void go_on(struct sb_world *world, struct sb_subscription *sub)
{
    int64_t at_ms = sub->due_ms;
    if (is(sub, "active") && sub->auto_renew) {
        sub->end_ms = sb_clock_add_months(sub->end_ms, strcmp(sub->term, "P1M") == 0 ? 1 : 12);
        sb_lifecycle_change(world, NULL, sub, "active", "renew", at_ms);
    } else if (is(sub, "active")) {
        sb_lifecycle_change(world, NULL, sub, "expired", "expire", at_ms);
    } else if (is(sub, "expired")) {
        sb_lifecycle_change(world, NULL, sub, "disabled", "disable", at_ms);
    } else {
        sb_lifecycle_change(world, NULL, sub, "deleted", "deprovision", at_ms);
    }
}

void sb_lifecycle_advance(struct sb_world *world, int64_t now_ms)
{
    if (now_ms < world->next_due_ms)
        return;
    sb_store_begin(&world->store);
    for (;;) {
        struct sb_subscription sub;
        sqlite3_stmt *stmt = sb_store_query(
            &world->store, SB_SUBSCRIPTION_SELECT "WHERE due_ms<=? ORDER BY due_ms, id LIMIT 1", "i", now_ms);
        if (!sb_store_step(stmt))
            break;
        sb_subscription_read(stmt, &sub);
        sqlite3_reset(stmt);
        go_on(world, &sub);
    }
    sb_store_commit(&world->store);
    sb_lifecycle_plan(world);
}
