/* test_place.c: what the path of an operation tells. */
#include "report/place.h"
#include "suites.h"

static const char text[] = "document: {dsl: 1.0.3, namespace: t, name: t, version: 1.0.0}\n"
                           "use: {functions: {f: {do: [{inside: {set: {x: 1}}}]}}}\n"
                           "do:\n"
                           "  - first: {call: f}\n"
                           "  - all:\n"
                           "      for: {each: x, in: .list}\n"
                           "      do:\n"
                           "        - guarded:\n"
                           "            try: [{pay: {set: {x: 1}}}, {more: {set: {x: 2}}}]\n"
                           "            catch: {do: [{mend: {set: {x: 3}}}]}\n"
                           "        - row: {set: {x: 4}}\n"
                           "  - jump: {set: {x: 5}, then: exit}\n"
                           "  - last: {set: {x: 6}, then: end}\n";

static struct wf_pinned_def definition;

static const struct wf_pinned_def *itself(void *arg, const char *path, size_t len)
{
    (void)arg;
    (void)path;
    (void)len;
    return &definition;
}

static void open_definition(void)
{
    struct wf_diags diags;

    wf_diags_init(&diags);
    definition.arena = wf_arena_new(1 << 20);
    definition.root = wf_yaml_parse_lenient("t.yaml", text, sizeof text - 1, definition.arena, &diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(definition.root);
    wf_diags_done(&diags);
}

static void check(const char *path, const char *ref, const char *next)
{
    struct wf_place place;
    char *found;

    wf_place_find(path, &definition, itself, NULL, &place);
    WF_ASSERT_TEXT(place.count ? place.tasks[place.count - 1].ref : "", ref);
    CU_ASSERT_PTR_NOT_NULL(place.count ? place.tasks[place.count - 1].node : NULL);
    found = wf_place_next(&place);
    WF_ASSERT_TEXT(found ? found : "", next);
    free(found);
    wf_place_done(&place);
}

static void paths_lead_to_tasks_and_to_what_comes_next(void)
{
    open_definition();
    check("/do/0/first", "/do/0/first", "all, jump, last");
    check("/do/1/all/for/7/do/0/guarded/try/0/pay", "/do/1/all/do/0/guarded/try/0/pay",
        "more, then row, then the next of all, then jump, last");
    check("/do/1/all/for/7/do/0/guarded/retry/2/try/1/more", "/do/1/all/do/0/guarded/try/1/more",
        "then row, then the next of all, then jump, last");
    check("/do/1/all/for/7/do/0/guarded/retry/2/delay", "/do/1/all/do/0/guarded",
        "row, then the next of all, then jump, last");
    check("/do/1/all/for/0/do/0/guarded/catch/do/0/mend", "/do/1/all/do/0/guarded/catch/do/0/mend",
        "then row, then the next of all, then jump, last");
    check("/do/1/all/for/0/do/1/row@2/wait", "/do/1/all/do/1/row", "then the next of all, then jump, last");
    check("/do/2/jump", "/do/2/jump", "");
    check("/do/3/last", "/do/3/last", "");
    check("/do/0/first/function/do/0/inside", "/use/functions/f/do/0/inside", "then all, jump, last");
    check("/do/0/first/workflow/do/1/all", "/do/1/all", "jump, last, then all, jump, last");
    wf_arena_free(definition.arena);
}

static void a_definition_that_is_not_there_leaves_the_names(void)
{
    struct wf_place place;

    wf_place_find("/do/1/all/for/7/do/0/pay", NULL, itself, NULL, &place);
    CU_ASSERT_EQUAL(place.count, 2);
    WF_ASSERT_TEXT(place.tasks[1].name, "pay");
    CU_ASSERT_PTR_NULL(place.tasks[1].node);
    char *next = wf_place_next(&place);
    WF_ASSERT_TEXT(next, "then the next of all"); /* that much the path says */
    free(next);
    wf_place_done(&place);
    wf_place_find("#begun", NULL, itself, NULL, &place);
    CU_ASSERT_EQUAL(place.count, 0);
}

static void paths_are_words_for_people(void)
{
    static const char *const pairs[][2] = {
        {"/do/0/retire/workflow/do/1/customers/for/2/do/0/users/for/13/do/0/reassign",
            "retire > customers[2] > users[13] > reassign"},
        {"/do/0/for/for/3/do/0/x", "for[3] > x"},
        {"/do/0/race/fork/branches/1/long", "race > long"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *words = wf_place_words(pairs[i][0]);
        WF_ASSERT_TEXT(words, pairs[i][1]);
        free(words);
    }
}

static const struct wf_case cases[] = {
    {"paths_lead_to_tasks_and_to_what_comes_next", paths_lead_to_tasks_and_to_what_comes_next},
    {"a_definition_that_is_not_there_leaves_the_names", a_definition_that_is_not_there_leaves_the_names},
    {"paths_are_words_for_people", paths_are_words_for_people},
    {NULL, NULL},
};
const struct wf_suite place_suite = {"place", cases};
