/* region.c: memory of the harness, apart from that of the plugin. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/harness_priv.h"

#define CHUNK ((size_t)256 << 10)

struct wf__chunk {
    struct wf__chunk *next;
    size_t size, used;
};

static struct wf__chunk *chunk_new(size_t size)
{
    size_t whole = size + sizeof(struct wf__chunk) > CHUNK ? size + sizeof(struct wf__chunk) : CHUNK;
    struct wf__chunk *chunk = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (chunk == MAP_FAILED)
        abort();
    chunk->size = whole;
    chunk->used = sizeof *chunk;
    return chunk;
}

void *wf__region_alloc(struct wf__region *region, size_t size)
{
    struct wf__chunk *chunk = region->chunks;

    size = (size + 15) & ~(size_t)15;
    if (!chunk || chunk->size - chunk->used < size) {
        chunk = chunk_new(size);
        chunk->next = region->chunks;
        region->chunks = chunk;
    }
    void *memory = (char *)chunk + chunk->used;
    chunk->used += size;
    return memory;
}

char *wf__region_text(struct wf__region *region, const char *text, size_t len)
{
    char *copy = wf__region_alloc(region, len + 1);

    if (len)
        memcpy(copy, text, len);
    return copy;
}

void wf__region_free(struct wf__region *region)
{
    for (struct wf__chunk *chunk = region->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        munmap(chunk, chunk->size);
    }
    region->chunks = NULL;
}
