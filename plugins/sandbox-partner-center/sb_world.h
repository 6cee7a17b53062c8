/* sb_world.h: the one simulated world, and the switches that shape it. */
#ifndef SB_WORLD_H
#define SB_WORLD_H

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sb_clock.h"
#include "sb_faults.h"
#include "sb_ident.h"
#include "sb_store.h"
#include "sb_throttle.h"
#include "sb_traffic.h"

/* Times of the simulation are on the virtual clock. sb_settings.c names each row for POST /_sandbox/settings. */
struct sb_settings {
    bool idempotency;          /* remember MS-RequestId for 24 h */
    bool test_tenant;          /* limits of integration sandbox partners: 5 subscriptions, 25 seats */
    bool new_commerce;         /* purchases of licence-based offers are closed */
    bool disabled_plan_status; /* a plan switched off is listed as Disabled, not left out */
    bool force_invalid_grant;  /* refresh tokens are refused: a person must consent again */
    int64_t order_lag_s;       /* until a new order or subscription shows in lists */
    int64_t provision_s;       /* provisioning status changes in steps of this; 0: at once */
    int64_t stock_min_s;       /* until new licences can be assigned: between these two */
    int64_t stock_max_s;
    int64_t token_life_s;
    int64_t device_polls;        /* polls until a device code is approved */
    int64_t partner_per_minute;  /* throttle of commerce calls; 0: none */
    int64_t customer_per_minute; /* the same, for each customer */
    int64_t customer_per_second; /* of all calls for a customer, users and licences too */
    int64_t graph_per_minute;    /* Graph cost units for each tenant */
};

/* What sign-in accepts: the partner of this world. */
struct sb_partner {
    char tenant[SB_GUID];
    char client_id[SB_GUID];
    char client_secret[SB_GUID];
    char refresh_token[1024];
    char name[64];
};

struct sb_world {
    pthread_mutex_t lock; /* guards everything below but clock, record and urls */
    struct sb_store store;
    struct sb_clock clock;
    struct sb_settings settings;
    struct sb_faults faults;
    struct sb_throttle throttle;
    struct sb_traffic traffic;
    struct sb_partner partner;
    uint64_t random_seed;
    int64_t next_due_ms; /* when a subscription's life goes on by itself; INT64_MAX: never */
    FILE *record;        /* every request as a line; NULL: not asked for */
    char url[64];        /* set before the first request */
    char tls_url[64];
};

/* Makes an empty world in FILE.db, or in memory when file is NULL. */
void sb_world_init(struct sb_world *world, const char *file, uint64_t random_seed);
void sb_world_done(struct sb_world *world);

/* sb_settings.c */
void sb_settings_default(struct sb_settings *settings);
/* The lags and throttles that belong to a fault profile. */
void sb_settings_profile(struct sb_settings *settings, const char *profile);
/* Takes the members it knows; returns the name of the first it does not know or whose value is wrong, else NULL. */
const char *sb_settings_read(struct sb_settings *settings, const cJSON *object);
cJSON *sb_settings_write(const struct sb_settings *settings);

#endif
