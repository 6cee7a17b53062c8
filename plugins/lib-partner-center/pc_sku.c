/* pc_sku.c: a customer's licence inventory, kept for a while so that many users' steps do not each read it. */
#include "pc_int.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 64 /* more customers than are under way at a time */

/* One reading of a customer's inventory. The trees are read by many threads and written by none. */
struct inventory {
    char *key;
    cJSON *skus;
    int64_t read_ms;
    uint64_t used; /* when it was last asked for, in calls of cached and store */
    unsigned refs; /* of its slot and of the steps that hold it */
};

struct pc__held { /* in the step's arena */
    struct pc__held *next;
    struct inventory *inventory;
};

static struct inventory *slots[SLOTS]; /* guarded by pc__lock, with all that is in them */
static uint64_t uses;

static void unref(struct inventory *inventory)
{
    if (!inventory || --inventory->refs > 0)
        return;
    cJSON_Delete(inventory->skus);
    free(inventory->key);
    free(inventory);
}

/* The slot of this key, else the one that was not asked for for the longest time. */
static struct inventory **slot_of(const char *key)
{
    struct inventory **oldest = &slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i] && strcmp(slots[i]->key, key) == 0)
            return &slots[i];
        if (*oldest && (!slots[i] || slots[i]->used < (*oldest)->used))
            oldest = &slots[i];
    }
    return oldest;
}

static void store(const char *key, const cJSON *skus, int64_t now)
{
    struct inventory *inventory = calloc(1, sizeof *inventory);
    if (!inventory)
        return;
    *inventory = (struct inventory){.key = strdup(key), .skus = cJSON_Duplicate(skus, true), .read_ms = now, .refs = 1};
    pthread_mutex_lock(&pc__lock);
    if (inventory->key && inventory->skus) {
        struct inventory **slot = slot_of(key);
        unref(*slot);
        *slot = inventory;
        inventory->used = ++uses;
    } else {
        unref(inventory);
    }
    pthread_mutex_unlock(&pc__lock);
}

static const cJSON *cached(struct pc *pc, const char *key, int64_t oldest_ms)
{
    struct pc__held *held = pc->host->alloc(pc->step, sizeof *held);
    const cJSON *skus = NULL;
    pthread_mutex_lock(&pc__lock);
    struct inventory *inventory = *slot_of(key);
    if (held && inventory && strcmp(inventory->key, key) == 0 && inventory->read_ms >= oldest_ms) {
        *held = (struct pc__held){pc->held, inventory};
        pc->held = held;
        inventory->refs++;
        inventory->used = ++uses;
        skus = inventory->skus;
    }
    pthread_mutex_unlock(&pc__lock);
    return skus;
}

void pc__skus_release(struct pc *pc)
{
    pthread_mutex_lock(&pc__lock);
    for (; pc->held; pc->held = pc->held->next)
        unref(pc->held->inventory);
    pthread_mutex_unlock(&pc__lock);
}

const cJSON *pc_skus(struct pc *pc, const char *customer, int64_t max_age_ms)
{
    const char *key = pc_text(pc, "%s %s %s", pc->set.api_root, pc->tenant, customer);
    const cJSON *skus = max_age_ms ? cached(pc, key, pc_now(pc) - max_age_ms) : NULL;
    if (skus)
        return skus;
    skus =
        pc_list(pc, customer, PC_USER, "/customers/%s/subscribedskus?licenseGroupIds=Group1", pc_quote(pc, customer));
    if (skus)
        store(key, skus, pc_now(pc));
    return skus;
}

cJSON *pc_sku_row(const cJSON *skus, const char *sku_id)
{
    cJSON *row;
    cJSON_ArrayForEach(row, skus) {
        if (pc_same(pc_str(pc_member(row, "productSku"), "id"), sku_id))
            return row;
    }
    return NULL;
}
