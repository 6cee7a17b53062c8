/* sb_catalog.h: what is for sale, what it licenses, and which service plans that has. Data only, never changes. */
#ifndef SB_CATALOG_H
#define SB_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_world;

/* A service plan. At most 63 of them: a set of plans is a mask with bit n for the n-th, kept in the state as a number,
 * so the order of the table is part of the format of --state files: add at the end. */
struct sb_plan {
    const char *name, *id, *display;
    bool tenant; /* applies to the tenant, cannot be switched off for one person */
};

struct sb_sku {
    const char *part, *id, *display;
    const char *plans; /* names, blank between */
    bool addon;        /* not a suite: nobody works with this alone */
    uint64_t mask;     /* from plans, by sb_catalog_init */
};

struct sb_offer {
    const char *id, *name, *part; /* part: the SKU it feeds */
    const char *nce;              /* product:sku of new commerce; NULL: none */
    const char *parents;          /* part numbers an add-on may hang on */
    bool retired, addon, government;
    int64_t min, max; /* seats */
    const struct sb_sku *sku;
};

/* Once, before anything else here. */
void sb_catalog_init(void);

const struct sb_plan *sb_catalog_plan(size_t n);   /* NULL behind the last */
int sb_catalog_plan_index(const char *id_or_name); /* -1 when unknown */

const struct sb_sku *sb_catalog_sku(const char *id_or_part);
const struct sb_sku *sb_catalog_sku_at(size_t n); /* NULL behind the last */

/* By offer GUID, or by product:sku with or without an availability. */
const struct sb_offer *sb_catalog_offer(const char *id);
const struct sb_offer *sb_catalog_offer_at(size_t n);
/* By the SKU's part number: what seeds say. */
const struct sb_offer *sb_catalog_offer_of(const char *part);
bool sb_catalog_fits(const struct sb_offer *addon, const struct sb_offer *parent);

/* Today's product:sku:availability of an offer: availabilities change every 30 days. buf takes 64 bytes. */
const char *sb_catalog_item(const struct sb_world *world, const struct sb_offer *offer, int64_t now_ms, char *buf);
/* True for today's and for the previous availability, and for an offer GUID. */
bool sb_catalog_item_current(
    const struct sb_world *world, const struct sb_offer *offer, const char *item, int64_t now_ms);

#endif
