/* arena.c: memory handed out from a chain of blocks and freed all at once. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define BLOCK_SIZE ((size_t)8192)
#define ALIGNMENT  alignof(max_align_t)

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct wf_arena {
    struct block *blocks; /* the first one is being filled */
    size_t given, max;
};

struct wf_arena *wf_arena_new(size_t max)
{
    struct wf_arena *arena = wf_calloc(1, sizeof *arena);

    arena->max = max;
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
    struct block *block = wf_calloc(1, sizeof *block + size);

    block->size = size;
    return block;
}

void *wf_arena_alloc(struct wf_arena *arena, size_t size)
{
    if (size > arena->max || arena->given > arena->max - size)
        return NULL;
    arena->given += size;
    size = size > 0 ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;

    struct block *block = arena->blocks;
    if (size > BLOCK_SIZE / 4 && block && block->size - block->used < size) {
        /* A large piece gets a block of its own behind the one being filled, which keeps its free space in use. */
        struct block *own = block_new(size);

        own->used = size;
        own->next = block->next;
        block->next = own;
        return own->bytes;
    }
    if (!block || block->size - block->used < size) {
        block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += size;
    return p;
}

char *wf_arena_strdup(struct wf_arena *arena, const char *text)
{
    return wf_arena_memdup(arena, text, strlen(text));
}

char *wf_arena_memdup(struct wf_arena *arena, const void *bytes, size_t len)
{
    char *p = len < SIZE_MAX ? wf_arena_alloc(arena, len + 1) : NULL;

    if (p && len > 0)
        memcpy(p, bytes, len);
    return p;
}

char *wf_arena_printf(struct wf_arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len < 0 ? NULL : wf_arena_alloc(arena, (size_t)len + 1);
    if (!p)
        return NULL;
    va_start(args, format);
    vsnprintf(p, (size_t)len + 1, format, args);
    va_end(args);
    return p;
}
