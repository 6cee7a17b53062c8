/* arena.c: memory handed out from a chain of blocks and freed all at once. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_BLOCK   ((size_t)512) /* most arenas hold little: one plugin call has three */
#define LARGEST_BLOCK ((size_t)8192)
#define ALIGNMENT     alignof(max_align_t)

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct wf_arena {
    struct block *blocks; /* the first one is being filled */
    size_t given, max;
    size_t block_size; /* of the next block: each is twice as large as the one before */
};

struct wf_arena *wf_arena_new(size_t max)
{
    struct wf_arena *arena = wf_calloc(1, sizeof *arena);

    arena->max = max;
    arena->block_size = FIRST_BLOCK;
    return arena;
}

void wf_arena_free(struct wf_arena *arena)
{
    if (!arena)
        return;
    while (arena->blocks) {
        struct block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
    free(arena);
}

static struct block *block_new(size_t size)
{
    struct block *block = wf_realloc(NULL, sizeof *block + size);

    *block = (struct block){.size = size};
    return block;
}

static void add_block(struct wf_arena *arena, size_t size)
{
    struct block *block = block_new(size > arena->block_size ? size : arena->block_size);

    block->next = arena->blocks;
    arena->blocks = block;
    if (arena->block_size < LARGEST_BLOCK)
        arena->block_size *= 2;
}

/* Not zeroed. */
static void *take(struct wf_arena *arena, size_t size)
{
    if (size > arena->max || arena->given > arena->max - size)
        return NULL;
    arena->given += size;
    size = size > 0 ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;

    struct block *block = arena->blocks;
    bool fits = block && block->size - block->used >= size;
    if (!fits && block && size > arena->block_size / 4) {
        /* A large piece gets a block of its own behind the one being filled, which keeps its free space in use. */
        struct block *own = block_new(size);

        own->used = size;
        own->next = block->next;
        block->next = own;
        return own->bytes;
    }
    if (!fits)
        add_block(arena, size);
    void *p = arena->blocks->bytes + arena->blocks->used;
    arena->blocks->used += size;
    return p;
}

void *wf_arena_alloc(struct wf_arena *arena, size_t size)
{
    void *p = take(arena, size);

    return p ? memset(p, 0, size) : NULL;
}

char *wf_arena_strdup(struct wf_arena *arena, const char *text)
{
    return wf_arena_memdup(arena, text, strlen(text));
}

char *wf_arena_memdup(struct wf_arena *arena, const void *bytes, size_t len)
{
    char *p = len < SIZE_MAX ? take(arena, len + 1) : NULL;

    if (!p)
        return NULL;
    if (len > 0)
        memcpy(p, bytes, len);
    p[len] = '\0';
    return p;
}

char *wf_arena_printf(struct wf_arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len < 0 ? NULL : take(arena, (size_t)len + 1);
    if (!p)
        return NULL;
    va_start(args, format);
    vsnprintf(p, (size_t)len + 1, format, args);
    va_end(args);
    return p;
}
