/* test_frame.c: paths of operations, and contexts that are merged at a join. */
#include "run/frame.h"
#include "suites.h"

static struct wf_run run;

static struct wf_frame *list_below(struct wf_frame *parent, const char *word, int64_t index)
{
    return wf__frame_new(&run, parent, WF_FRAME_LIST, (struct wf_label){word, index, index < 0 ? NULL : "do"});
}

static void drop_all(struct wf_frame *frame)
{
    while (frame) {
        struct wf_frame *parent = frame->parent;
        wf__frame_drop(frame);
        frame = parent;
    }
}

static void a_path_is_made_of_labels(void)
{
    struct wf_frame *leaf = list_below(list_below(list_below(NULL, "do", -1), "for", 17), "catch", -1);
    char *path = wf__op_path(leaf, "/retry/%d", 2);

    WF_ASSERT_TEXT(wf__frame_path(leaf), "/do/for/17/do/catch");
    WF_ASSERT_TEXT(path, "/do/for/17/do/catch/retry/2");
    free(path);
    drop_all(leaf);
}

/* A chain whose path has exactly len bytes. */
static struct wf_frame *chain(size_t len, char fill)
{
    static char word[2000];

    memset(word, fill, sizeof word);
    word[len - 1] = '\0'; /* the slash is one of them */
    return list_below(NULL, word, -1);
}

static void a_long_path_ends_in_a_digest_and_leaves_room_for_facts(void)
{
    for (size_t len = WF__OP_PATH_MAX - 2; len < WF_PATH_MAX + 50; len++) {
        struct wf_frame *frame = chain(len, 'x');
        char *path = wf__op_path(frame, "%s", "");
        CU_ASSERT(strlen(path) <= WF__OP_PATH_MAX);
        CU_ASSERT(strlen(path) + strlen("#resolved/1000000") < WF_PATH_MAX);
        CU_ASSERT_EQUAL(strchr(path, '~') != NULL, len > WF__OP_PATH_MAX);
        CU_ASSERT_EQUAL(strncmp(path, "/xxxx", 5), 0);
        free(path);
        drop_all(frame);
    }
}

static void long_paths_that_differ_at_their_end_differ(void)
{
    struct wf_frame *frame = chain(1500, 'x');
    char *one = wf__op_path(frame, "/%d", 1), *two = wf__op_path(frame, "/%d", 2),
         *again = wf__op_path(frame, "/%d", 1);

    CU_ASSERT_EQUAL(strlen(one), strlen(two));
    CU_ASSERT_NOT_EQUAL(strcmp(one, two), 0);
    WF_ASSERT_TEXT(again, one);
    free(one);
    free(two);
    free(again);
    drop_all(frame);
}

static jv parsed(const char *text)
{
    struct wf_err err = {0};
    jv value;

    CU_ASSERT_EQUAL_FATAL(wf_val_parse(text, strlen(text), &value, &err), 0);
    return value;
}

/* The context of a join whose branches left these, NULL: a branch that did not complete. */
static void expect_merged(const char *before, const char *const *branches, size_t count, const char *after)
{
    struct wf_frame *frame = list_below(NULL, "do", -1);
    char *text;

    frame->context = wf__context_new(parsed(before));
    frame->merged = calloc(count, sizeof *frame->merged);
    frame->nmerged = count;
    for (size_t i = 0; i < count; i++)
        frame->merged[i] = branches[i] ? wf__context_new(parsed(branches[i])) : NULL;
    wf_merge_contexts(frame);
    text = wf_val_text(&frame->context->value);
    WF_ASSERT_TEXT(text, after);
    free(text);
    drop_all(frame);
}

static void contexts_merge_by_key_and_the_last_branch_wins(void)
{
    expect_merged("{\"a\":0}", (const char *[]){"{\"a\":0,\"b\":1}", "{\"a\":0,\"b\":2,\"c\":3}"}, 2,
        "{\"a\":0,\"b\":2,\"c\":3}");
    expect_merged("{\"a\":0}", (const char *[]){"{\"a\":1}", "{\"a\":0}"}, 2, "{\"a\":1}");
    expect_merged("null", (const char *[]){"{\"a\":1}", NULL, "{\"b\":2}"}, 3, "{\"a\":1,\"b\":2}");
}

static void a_context_that_is_no_object_is_replaced_whole(void)
{
    expect_merged("{\"a\":0}", (const char *[]){"[1]", "{\"a\":0}"}, 2, "[1]");
    expect_merged("null", (const char *[]){"1", "2"}, 2, "2");
}

static void branches_that_exported_nothing_change_nothing(void)
{
    expect_merged("{\"a\":0}", (const char *[]){"{\"a\":0}", NULL}, 2, "{\"a\":0}");
    expect_merged("null", (const char *[]){"null", "null"}, 2, "null");
}

static const struct wf_case frame_cases[] = {
    {"a_path_is_made_of_labels", a_path_is_made_of_labels},
    {"a_long_path_ends_in_a_digest_and_leaves_room_for_facts", a_long_path_ends_in_a_digest_and_leaves_room_for_facts},
    {"long_paths_that_differ_at_their_end_differ", long_paths_that_differ_at_their_end_differ},
    {"contexts_merge_by_key_and_the_last_branch_wins", contexts_merge_by_key_and_the_last_branch_wins},
    {"a_context_that_is_no_object_is_replaced_whole", a_context_that_is_no_object_is_replaced_whole},
    {"branches_that_exported_nothing_change_nothing", branches_that_exported_nothing_change_nothing},
    {NULL, NULL},
};
const struct wf_suite frame_suite = {"frame", frame_cases};
