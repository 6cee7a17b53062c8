/* sb_subscription.c: one subscription: its row, its JSON and its seats. */
#include "sb_subscription.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "sb_json.h"

void sb_subscription_read(sqlite3_stmt *stmt, struct sb_subscription *ret_sub)
{
    struct sb_subscription *sub = ret_sub;
    sb_store_copy(stmt, 0, sub->id, sizeof sub->id);
    sb_store_copy(stmt, 1, sub->customer, sizeof sub->customer);
    sb_store_copy(stmt, 2, sub->offer_id, sizeof sub->offer_id);
    sb_store_copy(stmt, 3, sub->friendly, sizeof sub->friendly);
    sb_store_copy(stmt, 4, sub->status, sizeof sub->status);
    sb_store_copy(stmt, 5, sub->parent, sizeof sub->parent);
    sb_store_copy(stmt, 6, sub->order_id, sizeof sub->order_id);
    sb_store_copy(stmt, 7, sub->cycle, sizeof sub->cycle);
    sb_store_copy(stmt, 8, sub->term, sizeof sub->term);
    sb_store_copy(stmt, 9, sub->reason, sizeof sub->reason);
    sub->offer = sb_catalog_offer(sub->offer_id);
    sub->quantity = sqlite3_column_int64(stmt, 10);
    sub->live_quantity = sqlite3_column_int64(stmt, 11);
    sub->version = sqlite3_column_int64(stmt, 12);
    sub->auto_renew = sqlite3_column_int(stmt, 13);
    sub->nce = sqlite3_column_int(stmt, 14);
    sub->created_ms = sqlite3_column_int64(stmt, 15);
    sub->end_ms = sqlite3_column_int64(stmt, 16);
    sub->visible_ms = sqlite3_column_int64(stmt, 17);
    sub->ready_ms = sqlite3_column_int64(stmt, 18);
    sub->stock_ms = sqlite3_column_int64(stmt, 19);
    sub->stopped_ms = sqlite3_column_int64(stmt, 20);
    sub->due_ms = sqlite3_column_int64(stmt, 21);
}

bool sb_subscription_load(struct sb_store *store, const char *customer, const char *id, struct sb_subscription *ret_sub)
{
    sqlite3_stmt *stmt = sb_store_query(store, SB_SUBSCRIPTION_SELECT "WHERE id=? AND customer=?", "ss", id, customer);
    if (!sb_store_step(stmt))
        return false;
    sb_subscription_read(stmt, ret_sub);
    sqlite3_reset(stmt);
    return true;
}

void sb_subscription_insert(struct sb_store *store, const struct sb_subscription *sub)
{
    sb_store_run(store,
        "INSERT INTO subscription(id, customer, offer, sku, friendly, status, parent, order_id, cycle, term, reason, "
        "quantity, live_quantity, version, auto_renew, nce, created_ms, end_ms, visible_ms, ready_ms, stock_ms, "
        "stopped_ms, "
        "due_ms) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULLIF(?,0))",
        "sssssssssssiiiiiiiiiiii", sub->id, sub->customer, sub->offer_id, sub->offer->sku->id, sub->friendly,
        sub->status, sub->parent, sub->order_id, sub->cycle, sub->term, sub->reason, sub->quantity, sub->live_quantity,
        sub->version, (int64_t)sub->auto_renew, (int64_t)sub->nce, sub->created_ms, sub->end_ms, sub->visible_ms,
        sub->ready_ms, sub->stock_ms, sub->stopped_ms, sub->due_ms);
}

void sb_subscription_update(struct sb_store *store, const struct sb_subscription *sub)
{
    sb_store_run(store,
        "UPDATE subscription SET friendly=?, status=?, reason=?, quantity=?, live_quantity=?, version=?, auto_renew=?, "
        "end_ms=?, ready_ms=?, stock_ms=?, stopped_ms=?, due_ms=NULLIF(?,0) WHERE id=?",
        "sssiiiiiiiiis", sub->friendly, sub->status, sub->reason, sub->quantity, sub->live_quantity, sub->version,
        (int64_t)sub->auto_renew, sub->end_ms, sub->ready_ms, sub->stock_ms, sub->stopped_ms, sub->due_ms, sub->id);
}

int64_t sb_subscription_live(const struct sb_subscription *sub, int64_t now_ms)
{
    return sub->stock_ms <= now_ms ? sub->quantity : sub->live_quantity;
}

const char *sb_subscription_status(const struct sb_subscription *sub, int64_t now_ms)
{
    if (sub->nce && sub->ready_ms > now_ms && strcmp(sub->status, "active") == 0)
        return "pending";
    return sub->status;
}

const char *sb_subscription_etag(const char *id, int64_t version, char buf[160])
{
    char text[80];
    int len = snprintf(text, sizeof text, "{\"id\":\"%s\",\"version\":%lld}", id, (long long)version);
    EVP_EncodeBlock((unsigned char *)buf, (const unsigned char *)text, len);
    return buf;
}

static void write_dates(const struct sb_subscription *sub, cJSON *json)
{
    sb_json_put_time(json, "creationDate", sub->created_ms);
    sb_json_put_time(json, "effectiveStartDate", sub->created_ms / SB_DAY_MS * SB_DAY_MS);
    sb_json_put_time(json, "commitmentEndDate", sub->end_ms);
    if (sub->nce) {
        sb_json_put_time(json, "cancellationAllowedUntilDate", sub->created_ms + 7 * SB_DAY_MS);
        sb_json_put_time(json, "billingCycleEndDate", sb_clock_add_months(sub->created_ms, 1));
        sb_json_put(json, "termDuration", sub->term);
        cJSON *refund = cJSON_CreateObject();
        cJSON_AddStringToObject(refund, "type", "Full");
        sb_json_put_time(refund, "expiresAt", sub->created_ms + 7 * SB_DAY_MS);
        cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "refundOptions"), refund);
    }
}

static void write_links(const struct sb_subscription *sub, cJSON *json)
{
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    if (sub->nce)
        sb_json_link(links, "product", "/products/%.12s?country=NL", sub->offer_id);
    else
        sb_json_link(links, "offer", "/offers/%s?country=NL", sub->offer_id);
    if (sub->parent[0])
        sb_json_link(links, "parentSubscription", "/customers/%s/subscriptions/%s", sub->customer, sub->parent);
    sb_json_link(links, "self", "/customers/%s/subscriptions/%s", sub->customer, sub->id);
}

cJSON *sb_subscription_write(const struct sb_subscription *sub, int64_t now_ms)
{
    char etag[160];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", sub->id);
    cJSON_AddStringToObject(json, "offerId", sub->offer_id);
    cJSON_AddStringToObject(json, "offerName", sub->offer->name);
    cJSON_AddStringToObject(json, "friendlyName", sub->friendly);
    if (sub->nce) {
        cJSON *type = cJSON_AddObjectToObject(json, "productType");
        cJSON_AddStringToObject(type, "id", "OnlineServicesNCE");
        cJSON_AddStringToObject(type, "displayName", "OnlineServicesNCE");
    }
    cJSON_AddNumberToObject(json, "quantity", (double)sub->quantity);
    cJSON_AddStringToObject(json, "unitType", "Licenses");
    sb_json_put(json, "parentSubscriptionId", sub->parent);
    cJSON_AddBoolToObject(json, "hasPurchasableAddons", !sub->offer->addon);
    write_dates(sub, json);
    cJSON_AddStringToObject(json, "status", sb_subscription_status(sub, now_ms));
    cJSON_AddBoolToObject(json, "autoRenewEnabled", sub->auto_renew);
    cJSON_AddBoolToObject(json, "isTrial", false);
    cJSON_AddStringToObject(json, "billingType", "license");
    cJSON_AddStringToObject(json, "billingCycle", sub->cycle);
    static const char *const actions[] = {"edit", "cancel"};
    cJSON_AddItemToObject(json, "actions", cJSON_CreateStringArray(actions, sub->nce ? 2 : 1));
    if (sub->reason[0])
        cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "suspensionReasons"), cJSON_CreateString(sub->reason));
    cJSON_AddStringToObject(json, "contractType", "subscription");
    cJSON_AddBoolToObject(json, "isMicrosoftProduct", true);
    cJSON_AddStringToObject(json, "publisherName", "Microsoft Corporation");
    write_links(sub, json);
    cJSON_AddStringToObject(json, "orderId", sub->order_id);
    sb_json_attributes(json, "Subscription", sb_subscription_etag(sub->id, sub->version, etag));
    return json;
}

/* The lag belongs to the subscription and its version, not to chance: a rerun waits as long. */
static int64_t stock_lag_ms(const struct sb_world *world, const struct sb_subscription *sub)
{
    const struct sb_settings *settings = &world->settings;
    double share =
        sb_ident_chance(world->random_seed ^ sb_ident_digest(0, sub->id, strlen(sub->id)), (uint64_t)sub->version);
    int64_t spread = settings->stock_max_s - settings->stock_min_s;
    return (settings->stock_min_s + (int64_t)(share * (double)spread)) * SB_SECOND_MS;
}

void sb_subscription_set_quantity(struct sb_world *world, struct sb_subscription *sub, int64_t quantity, int64_t now_ms)
{
    int64_t step = world->settings.provision_s * SB_SECOND_MS;
    sub->live_quantity = sb_subscription_live(sub, now_ms);
    sub->quantity = quantity;
    if (quantity < sub->live_quantity) {
        sub->live_quantity = quantity;
        sub->stock_ms = now_ms;
    } else {
        sub->stock_ms = now_ms + stock_lag_ms(world, sub);
    }
    /* The status of provisioning is told in steps: never before the seats are there. */
    sub->ready_ms = step ? (sub->stock_ms / step + 1) * step : sub->stock_ms;
}
