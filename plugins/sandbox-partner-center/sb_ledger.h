/* sb_ledger.h: the truth for tests: every effect in order, and counts. Under the world's lock. */
#ifndef SB_LEDGER_H
#define SB_LEDGER_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "sb_world.h"

struct sb_request;

/* Appends an effect; takes detail (may be NULL). req is NULL for what happens by itself, as time passes. */
void sb_ledger_add(struct sb_world *world, const struct sb_request *req, const char *kind, const char *customer,
    int64_t now_ms, cJSON *detail);
void sb_ledger_count(struct sb_world *world, const char *counter, int64_t n);
/* {"entries": [...], "counts": {...}, "writesByMethod": {...}} */
cJSON *sb_ledger_write(struct sb_world *world);

#endif
