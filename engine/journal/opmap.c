/* opmap.c: a hash table of operations by path. See opmap.h. */
#include "journal/opmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/chain.h"

void wf__opmap_init(struct wf__opmap *map)
{
    *map = (struct wf__opmap){.arena = wf_arena_new(SIZE_MAX)};
}

void wf__opmap_done(struct wf__opmap *map)
{
    free(map->slots);
    wf_arena_free(map->arena);
    *map = (struct wf__opmap){0};
}

/* FNV-1a: paths are short and made by us, so nobody can aim at collisions cheaper than by running as many steps. */
static uint32_t hash_of(const char *path)
{
    uint32_t hash = 2166136261u;

    for (const unsigned char *p = (const unsigned char *)path; *p; p++)
        hash = (hash ^ *p) * 16777619u;
    return hash;
}

/* The path's slot, or the free one where it belongs. */
static size_t slot_of(const struct wf__opmap *map, uint32_t hash, const char *path)
{
    size_t i = hash & (map->nslots - 1);

    while (map->slots[i] && (map->slots[i]->hash != hash || strcmp(map->slots[i]->path, path) != 0))
        i = (i + 1) & (map->nslots - 1);
    return i;
}

struct wf__op *wf__opmap_find(const struct wf__opmap *map, const char *path)
{
    return map->nslots ? map->slots[slot_of(map, hash_of(path), path)] : NULL;
}

static void grow(struct wf__opmap *map)
{
    struct wf__op **old = map->slots;
    size_t nold = map->nslots;

    map->nslots = nold ? nold * 2 : 64;
    map->slots = wf_calloc(map->nslots, sizeof(struct wf__op *));
    for (size_t i = 0; i < nold; i++) {
        if (old[i])
            map->slots[slot_of(map, old[i]->hash, old[i]->path)] = old[i];
    }
    free(old);
}

struct wf__op *wf__opmap_get(struct wf__opmap *map, const char *path)
{
    uint32_t hash = hash_of(path);
    size_t len = strlen(path), slot;
    struct wf__op *op;

    if ((map->count + 1) * 3 > map->nslots * 2)
        grow(map);
    slot = slot_of(map, hash, path);
    if (map->slots[slot])
        return map->slots[slot];
    op = wf_arena_alloc(map->arena, sizeof *op + len + 1);
    op->hash = hash;
    op->state = WF_REC_NONE;
    memcpy(op->path, path, len);
    map->slots[slot] = op;
    map->count++;
    return op;
}

static void keep(struct wf__opmap *map, struct wf__op *op, const struct wf__row *row)
{
    struct wf_slice copy = {NULL, 0};

    if (row->json.ptr)
        copy = (struct wf_slice){wf_arena_memdup(map->arena, row->json.ptr, row->json.len), row->json.len};
    if (!op->texts)
        op->texts = wf_arena_alloc(map->arena, sizeof *op->texts); /* zeroed */
    const char *digest = row->digest ? wf_arena_strdup(map->arena, row->digest) : NULL;
    if (row->state == WF_REC_INTENT) {
        op->texts->intent = copy;
        op->texts->intent_digest = digest;
        op->texts->begun = map->rows;
    } else {
        op->texts->outcome = copy;
        op->texts->outcome_digest = digest;
    }
    op->texts->change = map->rows;
}

bool wf__opmap_add(struct wf__opmap *map, const struct wf__row *row, bool keep_texts)
{
    struct wf__op *op = wf__opmap_get(map, row->path);

    if (row->state <= WF_REC_INTENT ? op->state != WF_REC_NONE : op->state > WF_REC_INTENT)
        return false;
    if (op->state == WF_REC_NONE)
        op->kind = (uint16_t)row->kind;
    op->state = (uint16_t)row->state;
    if (row->state == WF_REC_INTENT) {
        op->intent_ms = row->at_ms;
    } else {
        op->outcome_ms = row->at_ms;
        op->seq = row->seq;
        if (row->seq > map->seq)
            map->seq = row->seq;
    }
    map->rows++;
    if (keep_texts)
        keep(map, op, row);
    return true;
}

void wf__op_record(const struct wf__op *op, struct wf_record *ret)
{
    *ret = (struct wf_record){.state = WF_REC_NONE};
    if (!op)
        return;
    ret->state = (enum wf_rec_state)op->state;
    ret->kind = (enum wf_op_kind)op->kind;
    ret->seq = op->seq;
    ret->intent_ms = op->intent_ms;
    ret->outcome_ms = op->outcome_ms;
    if (op->texts) {
        ret->intent = op->texts->intent;
        ret->outcome = op->texts->outcome;
    }
}

static int by_change(const void *a, const void *b)
{
    uint64_t x = (*(const struct wf__op *const *)a)->texts->change;
    uint64_t y = (*(const struct wf__op *const *)b)->texts->change;

    return x < y ? -1 : x > y;
}

void wf__opmap_each(const struct wf__opmap *map, void (*record)(void *arg, const struct wf_record *), void *arg)
{
    const struct wf__op **ops = wf_calloc(map->count, sizeof *ops);
    size_t count = 0;

    for (size_t i = 0; i < map->nslots; i++) {
        if (map->slots[i] && map->slots[i]->texts)
            ops[count++] = map->slots[i];
    }
    qsort(ops, count, sizeof *ops, by_change);
    for (size_t i = 0; i < count; i++) {
        struct wf_record one;

        wf__op_record(ops[i], &one);
        one.path = ops[i]->path;
        record(arg, &one);
    }
    free(ops);
}

/* ---- the log again ---- */

/* Which row stands where: an operation with an intent and an outcome has two. */
static const struct wf__op **in_order(const struct wf__opmap *map)
{
    const struct wf__op **ops = wf_calloc(map->rows + 1, sizeof *ops);

    for (size_t i = 0; i < map->nslots; i++) {
        const struct wf__op *op = map->slots[i];

        if (!op || !op->texts)
            continue;
        if (op->texts->begun)
            ops[op->texts->begun] = op;
        ops[op->texts->change] = op;
    }
    return ops;
}

static struct wf__row row_of(const struct wf__op *op, uint64_t number)
{
    const struct wf__texts *texts = op->texts;
    struct wf__row row = {.path = op->path, .kind = (enum wf_op_kind)op->kind};

    if (number == texts->begun) {
        row.state = WF_REC_INTENT;
        row.at_ms = op->intent_ms;
        row.json = texts->intent;
        row.digest = texts->intent_digest;
    } else {
        row.state = (enum wf_rec_state)op->state;
        row.seq = op->seq;
        row.at_ms = op->outcome_ms;
        row.json = texts->outcome;
        row.digest = texts->outcome_digest;
    }
    return row;
}

void wf__opmap_log(
    const struct wf__opmap *map, struct wf_link *link, void (*row)(void *arg, const struct wf_log_row *), void *arg)
{
    const struct wf__op **ops = in_order(map);

    for (uint64_t number = 1; number <= map->rows; number++) {
        const struct wf__row one = row_of(ops[number], number);
        struct wf_log_row log = {number, one.path, wf__kind_word(one.kind), wf__state_word(one.state), one.seq,
            one.at_ms, one.json, one.digest != NULL, {""}, {{0}}};

        *link = log.link = wf__link_record(link, &one, &log.digest);
        if (row)
            row(arg, &log);
    }
    free(ops);
}
