/* sb_seed.h: filling the world: from a fixture in JSON, or by size. Under the world's lock.
 *
 * The form of a fixture is described in README.md; small.json is one.
 */
#ifndef SB_SEED_H
#define SB_SEED_H

#include <cjson/cJSON.h>

#include "sb_subscription.h"
#include "sb_user.h"
#include "sb_world.h"

enum { SB_SEED_SENTENCE = 256, SB_SEED_CUSTOMERS = 100000, SB_SEED_USERS = 100000 };

/* "small", "CxU" or the name of a file. Replaces the world. False, with a sentence, when it cannot be used. */
bool sb_seed_by_name(struct sb_world *world, const char *name, char ret_wrong[SB_SEED_SENTENCE]);
bool sb_seed_fixture(struct sb_world *world, const cJSON *fixture, char ret_wrong[SB_SEED_SENTENCE]);

/* sb_generate.c: C customers with U users each, all on E4, in the caller's transaction. */
void sb_generate(struct sb_world *world, int64_t customers, int64_t users, int64_t now_ms);

/* What both are made of. Ids that are "" are made from the random seed. */
struct sb_seed_customer {
    char id[SB_GUID];
    const char *name, *domain, *relationship, *country, *segment, *vetting;
    bool agreement, direct_signed, role, delegated;
};
void sb_seed_put_customer(struct sb_world *world, struct sb_seed_customer *customer);
/* A subscription that was there before: offer, quantity, status, renewal and end are set by the caller. */
void sb_seed_put_subscription(
    struct sb_world *world, const char *customer, struct sb_subscription *sub, int64_t now_ms);
void sb_seed_put_user(struct sb_world *world, const char *customer, int64_t n, struct sb_user *user);
void sb_seed_put_licence(struct sb_world *world, const char *customer, const char *user, const char *sku,
    const char *group, uint64_t off, int64_t now_ms);

#endif
