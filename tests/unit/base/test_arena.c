/* test_arena.c: alloc and arena. */
#include <stdint.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "suites.h"

static void pieces_are_zeroed_and_aligned(void)
{
    struct wf_arena *arena = wf_arena_new(1 << 20);

    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = wf_arena_alloc(arena, size);

        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            CU_ASSERT_EQUAL_FATAL(p[i], 0);
        memset(p, 0xff, size); /* a later piece that shares these bytes would not be zero */
    }
    wf_arena_free(arena);
}

static void a_piece_larger_than_a_block_fits(void)
{
    struct wf_arena *arena = wf_arena_new(1 << 20);
    char *small = wf_arena_strdup(arena, "small");
    char *large = wf_arena_alloc(arena, 100000);
    char *next = wf_arena_strdup(arena, "next");

    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, 'x', 100000);
    WF_ASSERT_TEXT(small, "small");
    WF_ASSERT_TEXT(next, "next");
    wf_arena_free(arena);
}

static void beyond_the_maximum_it_returns_null(void)
{
    struct wf_arena *arena = wf_arena_new(100);

    CU_ASSERT_PTR_NULL(wf_arena_alloc(arena, 101));
    CU_ASSERT_PTR_NULL(wf_arena_alloc(arena, SIZE_MAX));
    CU_ASSERT_PTR_NOT_NULL(wf_arena_alloc(arena, 100));
    CU_ASSERT_PTR_NULL(wf_arena_alloc(arena, 1));
    CU_ASSERT_PTR_NULL(wf_arena_strdup(arena, ""));
    CU_ASSERT_PTR_NULL(wf_arena_printf(arena, "%d", 1));
    wf_arena_free(arena);
    wf_arena_free(NULL);
}

static void printf_and_memdup_end_with_nul(void)
{
    struct wf_arena *arena = wf_arena_new(1000);

    WF_ASSERT_TEXT(wf_arena_printf(arena, "/%s/%d", "do", 7), "/do/7");
    WF_ASSERT_TEXT(wf_arena_memdup(arena, "abcdef", 3), "abc");
    wf_arena_free(arena);
}

static void heap_helpers_copy(void)
{
    char *a = wf_strdup("text"), *b = wf_memdup("text", 2), *c = wf_asprintf("%s-%d", "x", 12);

    WF_ASSERT_TEXT(a, "text");
    WF_ASSERT_TEXT(b, "te");
    WF_ASSERT_TEXT(c, "x-12");
    a = wf_realloc(a, 0);
    CU_ASSERT_PTR_NOT_NULL(a);
    free(a);
    free(b);
    free(c);
}

static const struct wf_case cases[] = {
    {"pieces_are_zeroed_and_aligned", pieces_are_zeroed_and_aligned},
    {"a_piece_larger_than_a_block_fits", a_piece_larger_than_a_block_fits},
    {"beyond_the_maximum_it_returns_null", beyond_the_maximum_it_returns_null},
    {"printf_and_memdup_end_with_nul", printf_and_memdup_end_with_nul},
    {"heap_helpers_copy", heap_helpers_copy},
    {NULL, NULL},
};
const struct wf_suite arena_suite = {"arena", cases};
