/* sb_licences.h: who holds what, and how much there is of it. Under the world's lock.
 *
 * Arithmetic  One inventory per customer and SKU, summed over its subscriptions: active and expired seats can be assigned,
 *             suspended ones cannot; who holds a SKU keeps it whatever happens to the seats.
 */
#ifndef SB_LICENCES_H
#define SB_LICENCES_H

#include <stdbool.h>
#include <stdint.h>

#include "sb_catalog.h"
#include "sb_world.h"

enum { SB_LICENCES_PER_PERSON = 32, SB_LICENCES_CHANGES = 16 };

struct sb_inventory {
    int64_t active, warning, suspended, consumed;
};

struct sb_licence {
    const struct sb_sku *sku;
    uint64_t off;        /* plans switched off */
    char group[SB_GUID]; /* "" when assigned directly */
    int64_t changed_ms;
};

/* All licences of a person, direct and inherited; returns how many. */
int sb_licences_of(struct sb_store *store, const char *person, struct sb_licence list[SB_LICENCES_PER_PERSON]);

struct sb_inventory sb_licences_inventory(
    struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms);
/* Seats that work: active and warning. */
int64_t sb_licences_served(struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms);
/* People who hold this SKU and no other suite with seats that work. */
int64_t sb_licences_left_without(
    struct sb_world *world, const char *customer, const struct sb_sku *sku, int64_t now_ms);
/* Takes the SKU from everybody when no seat of it is left, not even a suspended one. */
void sb_licences_release(struct sb_world *world, const char *customer, const struct sb_sku *sku);

/* One change for one person: all of it or nothing. */
struct sb_licence_change {
    char customer[SB_GUID];
    char person[SB_GUID];
    struct {
        const struct sb_sku *sku;
        uint64_t off;
    } add[SB_LICENCES_CHANGES];
    int added;
    const struct sb_sku *remove[SB_LICENCES_CHANGES];
    int removed;
    const char *group; /* NULL: direct */
};

enum sb_licence_refusal {
    SB_LICENCE_DONE,
    SB_LICENCE_NO_LOCATION,
    SB_LICENCE_NOT_HELD,
    SB_LICENCE_INHERITED,
    SB_LICENCE_FOREIGN_PLAN,
    SB_LICENCE_SHORT,
    SB_LICENCE_DEPENDS,
    SB_LICENCE_CONFLICT,
    SB_LICENCE_NO_SUBSCRIPTION,
};

/* Checks and carries out; *ret_sku is what the refusal is about. Books the ledger. */
enum sb_licence_refusal sb_licences_change(struct sb_world *world, const struct sb_request *req,
    const struct sb_licence_change *change, int64_t now_ms, const struct sb_sku **ret_sku);

#endif
