/* pc_sku.c: a customer's licence inventory, kept for a while so that many users' steps do not each read it. */
#include "pc_int.h"

#include <stdlib.h>

#define SLOTS 256

struct slot {
    char *key, *text;
    int64_t read_ms;
};

static struct slot slots[SLOTS]; /* guarded by pc__lock; a customer takes the place of another with the same hash */

static struct slot *slot_of(const char *key)
{
    uint32_t hash = 5381;
    for (const char *c = key; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    return &slots[hash % SLOTS];
}

static void store(const char *key, const cJSON *skus, int64_t now)
{
    char *text = cJSON_PrintUnformatted(skus), *copy = strdup(key);
    pthread_mutex_lock(&pc__lock);
    struct slot *slot = slot_of(key);
    free(slot->key);
    cJSON_free(slot->text);
    *slot = (struct slot){.key = copy, .text = text, .read_ms = now};
    pthread_mutex_unlock(&pc__lock);
}

static cJSON *cached(const char *key, int64_t oldest_ms)
{
    cJSON *skus = NULL;
    pthread_mutex_lock(&pc__lock);
    const struct slot *slot = slot_of(key);
    if (slot->key && slot->text && strcmp(slot->key, key) == 0 && slot->read_ms >= oldest_ms)
        skus = cJSON_Parse(slot->text);
    pthread_mutex_unlock(&pc__lock);
    return skus;
}

cJSON *pc_skus(struct pc *pc, const char *customer, int64_t max_age_ms)
{
    const char *key = pc_text(pc, "%s %s %s", pc->set.api_root, pc->tenant, customer);
    cJSON *skus = max_age_ms ? cached(key, pc_now(pc) - max_age_ms) : NULL;
    if (skus)
        return pc_keep(pc, skus);
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
