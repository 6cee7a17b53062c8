/* sb_subscription.h: one subscription: its row, its JSON and its changes of status. Under the world's lock. */
#ifndef SB_SUBSCRIPTION_H
#define SB_SUBSCRIPTION_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "sb_catalog.h"
#include "sb_world.h"

struct sb_request;

struct sb_subscription {
    char id[SB_GUID];
    char customer[SB_GUID];
    char offer_id[64]; /* as sold: a GUID or product:sku:availability */
    char friendly[256];
    char status[16];
    char parent[SB_GUID];
    char order_id[SB_GUID];
    char cycle[16];
    char term[8];
    char reason[32]; /* why it is suspended */
    const struct sb_offer *offer;
    int64_t quantity;
    int64_t live_quantity; /* assignable until stock_ms, then quantity */
    int64_t version;
    bool auto_renew;
    bool nce;
    int64_t created_ms, end_ms;
    int64_t visible_ms; /* shows in lists */
    int64_t ready_ms;   /* provisioned */
    int64_t stock_ms;
    int64_t stopped_ms; /* suspended or expired since; 0: not */
    int64_t due_ms;     /* when its life goes on by itself; 0: never */
};

bool sb_subscription_load(
    struct sb_store *store, const char *customer, const char *id, struct sb_subscription *ret_sub);
/* Reads the row of a statement made with SB_SUBSCRIPTION_SELECT. */
void sb_subscription_read(sqlite3_stmt *stmt, struct sb_subscription *ret_sub);
void sb_subscription_insert(struct sb_store *store, const struct sb_subscription *sub);
/* Writes what can change: friendly name, status, reason, quantities, version, renewal and times. */
void sb_subscription_update(struct sb_store *store, const struct sb_subscription *sub);

#define SB_SUBSCRIPTION_SELECT                                                                                         \
    "SELECT id, customer, offer, friendly, status, parent, order_id, cycle, term, reason, quantity, live_quantity, "   \
    "version, auto_renew, nce, created_ms, end_ms, visible_ms, ready_ms, stock_ms, stopped_ms, due_ms FROM "           \
    "subscription "

/* Seats that can be assigned now, whatever the status. */
int64_t sb_subscription_live(const struct sb_subscription *sub, int64_t now_ms);
/* The status as seen now: a new-commerce one is pending until it is provisioned. */
const char *sb_subscription_status(const struct sb_subscription *sub, int64_t now_ms);
/* {"id","version"} in base64. */
const char *sb_subscription_etag(const char *id, int64_t version, char buf[160]);
cJSON *sb_subscription_write(const struct sb_subscription *sub, int64_t now_ms);
/* New seats: assignable after the lag of the settings. */
void sb_subscription_set_quantity(
    struct sb_world *world, struct sb_subscription *sub, int64_t quantity, int64_t now_ms);

#endif
