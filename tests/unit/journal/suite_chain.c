/* suite_chain.c: the promises of journal.h about the chain and about runs of other journals, demanded of every backend. */
#include "suite.h"

struct copy { /* of a log, to adopt elsewhere */
    struct wf_seed rows[8];
    char *texts[8], *paths[8];
    struct wf_link links[8];
    size_t count;
    struct wf_chain chain;
};

static void keep(void *arg, const struct wf_log_row *row)
{
    struct copy *copy = arg;
    size_t i = copy->count++;

    CU_ASSERT_EQUAL(row->number, i + 1);
    copy->paths[i] = wf_strdup(row->path);
    copy->texts[i] = wf_memdup(row->json.ptr, row->json.len);
    copy->links[i] = row->link;
    copy->rows[i] = (struct wf_seed){.path = copy->paths[i],
        .kind = WF_OP_STEP,
        .state = strcmp(row->state, "intent") == 0 ? WF_REC_INTENT : WF_REC_DONE,
        .at_ms = row->at_ms,
        .json = {copy->texts[i], row->json.len},
        .link = &copy->links[i]};
    CU_ASSERT_STRING_EQUAL(row->kind, "step");
    CU_ASSERT_FALSE(row->redacted);
}

static void copy_log(struct desk *desk, struct copy *ret)
{
    *ret = (struct copy){.count = 0};
    CU_ASSERT_EQUAL_FATAL(desk->ops->log(desk->backend, "run-1", keep, ret, &ret->chain, NULL), 0);
    CU_ASSERT_EQUAL(ret->chain.records, ret->count);
}

static void copy_done(struct copy *copy)
{
    for (size_t i = 0; i < copy->count; i++) {
        free(copy->texts[i]);
        free(copy->paths[i]);
    }
}

/* Three records; the run is parked, or has ended. */
static void make_run(struct desk *desk, bool ended)
{
    desk_begin(desk, "run-1");
    desk_intent(desk, "/a", 0);
    desk_done(desk, "/a", "{\"x\":1}", 0);
    desk_intent(desk, "/b", 0);
    if (ended)
        desk->ops->finish(desk->ref, WF_RUN_COMPLETED, desk_json("\"out\""), 7);
    else
        desk->ops->park(desk->ref, WF_RUN_WAITING, 7);
    desk_run(desk, 1);
    desk_forget(desk);
}

/* From one desk to another, whose journal is empty. */
static int adopt(struct desk *to, const struct copy *copy, const char *output, struct wf_err *err)
{
    struct wf_start start = desk_start_of("run-1");
    struct wf_slice text = output ? desk_json(output) : (struct wf_slice){NULL, 0};

    return to->ops->adopt(to->backend, &start, copy->rows, copy->count, text, &copy->chain, err);
}

static void the_log_has_every_record_in_its_order(struct desk *desk)
{
    struct copy copy;

    make_run(desk, false);
    copy_log(desk, &copy);
    CU_ASSERT_EQUAL(copy.count, 3);
    CU_ASSERT_STRING_EQUAL(copy.paths[0], "/a");
    CU_ASSERT_STRING_EQUAL(copy.paths[1], "/a");
    CU_ASSERT_STRING_EQUAL(copy.paths[2], "/b");
    CU_ASSERT_STRING_EQUAL(copy.texts[1], "{\"x\":1}");
    CU_ASSERT_EQUAL(memcmp(&copy.chain.head, &copy.links[2], sizeof copy.chain.head), 0);
    copy_done(&copy);
    CU_ASSERT_EQUAL(desk->ops->log(desk->backend, "run-9", NULL, NULL, &copy.chain, NULL), WF_ENOTFOUND);
}

static void the_chain_goes_on_after_a_park(struct desk *desk)
{
    struct copy before, after;

    make_run(desk, false);
    copy_log(desk, &before);
    resume(desk, "run-1");
    desk_done(desk, "/b", "2", 0);
    park(desk, WF_RUN_WAITING);
    copy_log(desk, &after);
    CU_ASSERT_EQUAL(after.count, 4);
    CU_ASSERT_EQUAL(memcmp(&before.links[2], &after.links[2], sizeof before.links[2]), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(&before.chain.head, &after.chain.head, sizeof before.chain.head), 0);
    copy_done(&before);
    copy_done(&after);
}

static void a_run_is_adopted_with_the_chain_it_had(struct desk *desk)
{
    struct copy here, there;
    struct wf_err err = {0};
    struct desk other;

    make_run(desk, true);
    copy_log(desk, &here);
    desk_open(&other, desk->ops);
    CU_ASSERT_EQUAL(adopt(&other, &here, "\"out\"", &err), 0);
    copy_log(&other, &there);
    CU_ASSERT_EQUAL(memcmp(&here.chain.end, &there.chain.end, sizeof here.chain.end), 0);
    CU_ASSERT_EQUAL(adopt(&other, &here, "\"out\"", &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "run-1"));
    desk_close(&other);
    copy_done(&here);
    copy_done(&there);
}

static void an_adopted_run_is_never_driven(struct desk *desk)
{
    struct wf_err err = {0};
    struct desk other;
    struct copy copy;

    make_run(desk, false);
    copy_log(desk, &copy);
    desk_open(&other, desk->ops);
    CU_ASSERT_EQUAL(adopt(&other, &copy, NULL, NULL), 0);
    CU_ASSERT_EQUAL(other.ops->resume(other.backend, "run-1", &err), WF_EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "imported"));
    CU_ASSERT_EQUAL(send(&other, "run-1", WF_CONTROL_CANCEL, NULL, "{}"), WF_EINVAL);
    CU_ASSERT_EQUAL(desk_status(&other, "run-1"), WF_RUN_WAITING);
    desk_close(&other);
    copy_done(&copy);
}

static void what_was_taken_out_leaves_its_digest(struct desk *desk)
{
    const struct wf_digest digest = {"2a3f5c4e7d8f7a2b8b9f7f1cbb4f2f6bb7e4bd7fb7cbe5a27c2ab5a7c21f5a11"};
    struct wf_err err = {0};
    struct desk other;
    struct copy copy;

    make_run(desk, true);
    copy_log(desk, &copy);
    desk_open(&other, desk->ops);
    copy.rows[1].json = desk_json("\"~\"");
    copy.rows[1].digest = &digest; /* not that of {"x":1} */
    CU_ASSERT_EQUAL(adopt(&other, &copy, "\"out\"", &err), WF_ECORRUPT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "record 2 of the run run-1 (/a)"));
    copy.rows[1].digest = &(struct wf_digest){"5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22"};
    CU_ASSERT_EQUAL(adopt(&other, &copy, "\"out\"", &err), 0);
    CU_ASSERT_EQUAL(other.ops->log(other.backend, "run-1", NULL, NULL, &copy.chain, NULL), 0);
    desk_close(&other);
    copy_done(&copy);
}

static void check_refused(struct desk *desk, const struct copy *copy, const char *words)
{
    struct wf_err err = {0};
    struct desk other;

    desk_open(&other, desk->ops);
    CU_ASSERT_EQUAL(adopt(&other, copy, "\"out\"", &err), WF_ECORRUPT);
    if (!strstr(err.msg, words))
        fprintf(stderr, "%s\n", err.msg);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, words));
    CU_ASSERT_EQUAL(other.ops->resume(other.backend, "run-1", NULL), WF_ENOTFOUND);
    desk_close(&other);
}

static void what_does_not_make_the_chain_is_not_adopted(struct desk *desk)
{
    struct wf_seed swapped;
    struct copy copy, changed;

    make_run(desk, true);
    copy_log(desk, &copy);
    changed = copy;
    changed.rows[1].json = desk_json("{\"x\":2}");
    check_refused(desk, &changed, "record 2 of the run run-1 (/a)");
    changed = copy;
    swapped = changed.rows[1];
    changed.rows[1] = changed.rows[2];
    changed.rows[2] = swapped;
    check_refused(desk, &changed, "record 2 of the run run-1 (/b)");
    changed = copy;
    changed.count--;
    check_refused(desk, &changed, "ends after record 2, and 3 were written");
    changed = copy;
    changed.chain.status = WF_RUN_FAULTED;
    check_refused(desk, &changed, "the end of the run run-1");
    changed.chain.input = changed.chain.meta;
    check_refused(desk, &changed, "the start of the run run-1");
    copy_done(&copy);
}

#define PROMISES(X)                                                                                                    \
    X(the_log_has_every_record_in_its_order)                                                                           \
    X(the_chain_goes_on_after_a_park)                                                                                  \
    X(a_run_is_adopted_with_the_chain_it_had)                                                                          \
    X(an_adopted_run_is_never_driven)                                                                                  \
    X(what_was_taken_out_leaves_its_digest)                                                                            \
    X(what_does_not_make_the_chain_is_not_adopted)
SUITES_OF(PROMISES, chain)
