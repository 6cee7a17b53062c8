/* test_opmap.c: the table of operations. */
#include <stdio.h>
#include <string.h>

#include "journal/opmap.h"
#include "suites.h"

static bool add(struct wf__opmap *map, const char *path, enum wf_rec_state state, uint64_t seq, const char *json)
{
    struct wf__row row = {path, WF_OP_STEP, state, seq, 7, {json, strlen(json)}, NULL};

    return wf__opmap_add(map, &row, true);
}

static void thousands_of_paths_are_found_again(void)
{
    enum { PATHS = 20000 };
    struct wf__opmap map;
    char path[40];

    wf__opmap_init(&map);
    CU_ASSERT_PTR_NULL(wf__opmap_find(&map, "/do/1"));
    for (int i = 0; i < PATHS; i++) {
        snprintf(path, sizeof path, "/do/2/each/for/%d/do/0", i);
        CU_ASSERT_TRUE_FATAL(add(&map, path, WF_REC_DONE, (uint64_t)i + 1, "1"));
    }
    CU_ASSERT_EQUAL(map.count, PATHS);
    CU_ASSERT_EQUAL(map.seq, PATHS);
    for (int i = 0; i < PATHS; i++) {
        snprintf(path, sizeof path, "/do/2/each/for/%d/do/0", i);
        const struct wf__op *op = wf__opmap_find(&map, path);
        CU_ASSERT_PTR_NOT_NULL_FATAL(op);
        CU_ASSERT_EQUAL_FATAL(op->seq, (uint64_t)i + 1);
    }
    CU_ASSERT_PTR_NULL(wf__opmap_find(&map, "/do/2/each/for/20000/do/0"));
    wf__opmap_done(&map);
}

static void what_says_nothing_new_changes_nothing(void)
{
    struct wf__opmap map;
    struct wf_record record;

    wf__opmap_init(&map);
    CU_ASSERT_TRUE(add(&map, "/a", WF_REC_INTENT, 0, "i"));
    CU_ASSERT_FALSE(add(&map, "/a", WF_REC_INTENT, 0, "x"));
    CU_ASSERT_TRUE(add(&map, "/a", WF_REC_FAULT, 1, "f"));
    CU_ASSERT_FALSE(add(&map, "/a", WF_REC_DONE, 2, "x"));
    CU_ASSERT_FALSE(add(&map, "/a", WF_REC_INTENT, 0, "x"));
    wf__op_record(wf__opmap_find(&map, "/a"), &record);
    CU_ASSERT_EQUAL(record.state, WF_REC_FAULT);
    CU_ASSERT_EQUAL(record.seq, 1);
    CU_ASSERT_EQUAL(memcmp(record.intent.ptr, "i", 1), 0);
    CU_ASSERT_EQUAL(memcmp(record.outcome.ptr, "f", 1), 0);
    CU_ASSERT_EQUAL(map.rows, 2);
    wf__opmap_done(&map);
}

static void texts_are_kept_only_when_wanted(void)
{
    struct wf__opmap map;
    struct wf__row row = {"/a", WF_OP_STEP, WF_REC_DONE, 1, 7, {"text", 4}, NULL};
    struct wf_record record;

    wf__opmap_init(&map);
    CU_ASSERT_TRUE(wf__opmap_add(&map, &row, false));
    wf__op_record(wf__opmap_find(&map, "/a"), &record);
    CU_ASSERT_EQUAL(record.state, WF_REC_DONE);
    CU_ASSERT_EQUAL(record.outcome_ms, 7);
    CU_ASSERT_PTR_NULL(record.outcome.ptr);
    wf__opmap_done(&map);
}

static const struct wf_case cases[] = {
    {"thousands_of_paths_are_found_again", thousands_of_paths_are_found_again},
    {"what_says_nothing_new_changes_nothing", what_says_nothing_new_changes_nothing},
    {"texts_are_kept_only_when_wanted", texts_are_kept_only_when_wanted},
    {NULL, NULL},
};
const struct wf_suite opmap_suite = {"opmap", cases};
