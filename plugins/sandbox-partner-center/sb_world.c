/* sb_world.c: making and ending the simulated world. */
#include "sb_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_catalog.h"
#include "sb_lifecycle.h"
#include "sb_token.h"

/* A state file keeps its random seed: ids and tokens made from it must stay valid. */
static uint64_t keep_seed(struct sb_world *world, uint64_t random_seed)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)random_seed);
    sb_store_run(&world->store, "INSERT OR IGNORE INTO meta VALUES('random_seed', ?)", "s", text);
    sqlite3_stmt *stmt = sb_store_query(&world->store, "SELECT value FROM meta WHERE name='random_seed'", "");
    sb_store_step(stmt);
    uint64_t kept = strtoull(sb_store_text(stmt, 0), NULL, 10);
    sqlite3_reset(stmt);
    return kept;
}

static void make_partner(struct sb_world *world)
{
    struct sb_partner *partner = &world->partner;
    sb_ident_guid(world->random_seed, "partner", "", 0, partner->tenant);
    sb_ident_guid(world->random_seed, "client", "", 0, partner->client_id);
    sb_ident_guid(world->random_seed, "secret", "", 0, partner->client_secret);
    snprintf(partner->name, sizeof partner->name, "Sandbox partner");
    /* The one a person consented to. It does not age: only what it is exchanged for does. */
    struct sb_token refresh = {.user = true, .refresh = true, .expires_ms = INT64_MAX};
    snprintf(refresh.tenant, sizeof refresh.tenant, "%s", partner->tenant);
    sb_token_write(world, &refresh, partner->refresh_token, sizeof partner->refresh_token);
}

void sb_world_init(struct sb_world *world, const char *file, uint64_t random_seed)
{
    memset(world, 0, sizeof *world);
    pthread_mutex_init(&world->lock, NULL);
    sb_catalog_init();
    sb_settings_default(&world->settings);
    sb_store_open(&world->store, file);
    world->random_seed = keep_seed(world, random_seed);
    world->faults.seed = random_seed;
    make_partner(world);
    sb_lifecycle_plan(world);
}

void sb_world_done(struct sb_world *world)
{
    if (world->record)
        fclose(world->record);
    sb_store_close(&world->store);
    pthread_mutex_destroy(&world->lock);
}
