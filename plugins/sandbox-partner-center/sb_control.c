/* sb_control.c: the sandbox's own routes: clock, ledger, faults, settings, seed, requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_lifecycle.h"
#include "sb_prices.h"
#include "sb_request.h"
#include "sb_seed.h"

static void fail(struct sb_request *req, const char *sentence)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "error", sentence);
    sb_reply_json(req, 400, json);
}

cJSON *sb_control_greeting(const struct sb_world *world)
{
    char clock[96];
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "url", world->url);
    cJSON_AddStringToObject(root, "tlsUrl", world->tls_url);
    cJSON *config = cJSON_AddObjectToObject(cJSON_AddObjectToObject(root, "config"), "partner-center");
    cJSON_AddStringToObject(config, "api-root", world->url);
    cJSON_AddStringToObject(config, "authority", world->url);
    cJSON_AddStringToObject(config, "graph-root", world->url);
    cJSON_AddStringToObject(config, "price-root", world->url);
    /* No call of the service tells them: the admin has them from the price list, so the sandbox's admin, too. */
    cJSON *list = sb_prices_list();
    char *prices = cJSON_PrintUnformatted(list);
    cJSON *defaults = cJSON_AddObjectToObject(cJSON_AddObjectToObject(root, "defaults"), "partner-center");
    cJSON_AddStringToObject(defaults, "prices", prices ? prices : "");
    free(prices);
    cJSON_Delete(list);
    cJSON *secret = cJSON_AddObjectToObject(cJSON_AddObjectToObject(root, "secrets"), "partner-center");
    cJSON_AddStringToObject(secret, "tenant", world->partner.tenant);
    cJSON_AddStringToObject(secret, "clientId", world->partner.client_id);
    cJSON_AddStringToObject(secret, "clientSecret", world->partner.client_secret);
    cJSON_AddStringToObject(secret, "refreshToken", world->partner.refresh_token);
    snprintf(clock, sizeof clock, "%s/_sandbox/clock", world->url);
    cJSON_AddStringToObject(root, "clock", clock);
    cJSON_AddNumberToObject(root, "now_ms", (double)sb_clock_now(&world->clock));
    return root;
}

void sb_control_hello(struct sb_request *req)
{
    sb_reply_json(req, 200, sb_control_greeting(req->world));
}

void sb_control_clock(struct sb_request *req)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "now_ms", (double)sb_clock_now(&req->world->clock));
    sb_json_put_time(json, "now", sb_clock_now(&req->world->clock));
    sb_reply_json(req, 200, json);
}

void sb_control_clock_set(struct sb_request *req)
{
    struct sb_clock *clock = &req->world->clock;
    int64_t set_ms = sb_json_int(req->json, "now_ms", -1);
    int64_t advance_ms = sb_json_int(req->json, "advance_ms", -1);
    if (set_ms < 0 && advance_ms < 0) {
        fail(req, "the clock takes {\"now_ms\": N} or {\"advance_ms\": N}, in milliseconds since 1970 or from now");
        return;
    }
    sb_clock_set(clock, set_ms >= 0 ? set_ms : sb_clock_now(clock) + advance_ms);
    /* Kept with the state: a world that is started again does not fall back behind what happened in it. */
    sb_store_run(&req->world->store, "INSERT OR REPLACE INTO meta VALUES('clock_offset_ms', ?)", "i",
        (int64_t)atomic_load(&clock->offset_ms));
    sb_lifecycle_advance(req->world, sb_clock_now(clock));
    sb_control_clock(req);
}

/* Not in the ledger, for it is nobody's request; and without the rules that bind a client. */
void sb_control_change(struct sb_request *req)
{
    struct sb_world *world = req->world;
    struct sb_subscription sub;
    const char *customer = sb_json_text(req->json, "customer"), *id = sb_json_text(req->json, "subscription");
    const char *status = sb_json_text(req->json, "status");
    int64_t quantity = sb_json_int(req->json, "quantity", 0);
    if (!customer || !id || !sb_subscription_load(&world->store, customer, id, &sub)) {
        fail(req, "a change takes the ids of a customer and of one of its subscriptions");
        return;
    }
    if (quantity > 0)
        sub.quantity = sub.live_quantity = quantity;
    if (status)
        snprintf(sub.status, sizeof sub.status, "%s", status);
    sub.stopped_ms = strcmp(sub.status, "active") == 0 ? 0 : req->now_ms;
    sub.version++;
    sb_lifecycle_set_due(&sub);
    sb_subscription_update(&world->store, &sub);
    sb_lifecycle_plan(world);
    sb_reply_json(req, 200, sb_subscription_write(&sub, req->now_ms));
}

void sb_control_ledger(struct sb_request *req)
{
    sb_reply_json(req, 200, sb_ledger_write(req->world));
}

void sb_control_faults(struct sb_request *req)
{
    sb_reply_json(req, 200, sb_faults_write(&req->world->faults));
}

void sb_control_faults_set(struct sb_request *req)
{
    const char *wrong = sb_faults_read(&req->world->faults, req->json);
    if (wrong)
        fail(req, wrong);
    else
        sb_control_faults(req);
}

void sb_control_settings(struct sb_request *req)
{
    sb_reply_json(req, 200, sb_settings_write(&req->world->settings));
}

void sb_control_settings_set(struct sb_request *req)
{
    char sentence[128];
    const char *wrong = sb_settings_read(&req->world->settings, req->json);
    if (!wrong) {
        sb_control_settings(req);
        return;
    }
    snprintf(sentence, sizeof sentence, "the setting \"%.60s\" is not known or its value is wrong", wrong);
    fail(req, sentence);
}

void sb_control_seed(struct sb_request *req)
{
    char sentence[SB_SEED_SENTENCE];
    const char *name = sb_json_text(req->json, "seed");
    bool good = name ? sb_seed_by_name(req->world, name, sentence) : sb_seed_fixture(req->world, req->json, sentence);
    if (!good) {
        fail(req, sentence);
        return;
    }
    cJSON *json = cJSON_CreateObject();
    int64_t customers = sb_store_int(&req->world->store, 0, "SELECT count(*) FROM customer", "");
    int64_t users = sb_store_int(&req->world->store, 0, "SELECT count(*) FROM person", "");
    cJSON_AddNumberToObject(json, "customers", (double)customers);
    cJSON_AddNumberToObject(json, "users", (double)users);
    sb_reply_json(req, 200, json);
}

void sb_control_requests(struct sb_request *req)
{
    sb_reply_json(req, 200, sb_traffic_write(&req->world->traffic));
}
