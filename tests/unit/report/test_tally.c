/* test_tally.c: tally. */
#include "report/tally.h"
#include "suites.h"

static const struct wf_task loop_task = {.name = "customers", .ref = "/do/0/customers"};
static const struct wf_task step_task = {.name = "buy", .ref = "/do/0/customers/for/do/0/buy"};

static enum wf_tally_change tell(struct wf_tally *tally, struct wf_event event)
{
    const struct wf_tally_item *ended = NULL;

    return wf_tally_event(tally, &event, &ended);
}

static void begin(struct wf_tally *tally)
{
    CU_ASSERT_EQUAL(
        tell(tally,
            (struct wf_event){.kind = WF_EV_LOOP_STARTED, .task = &loop_task, .path = "/0/customers", .total = 3}),
        WF_TALLY_BEGUN);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(tell(tally, (struct wf_event){.kind = WF_EV_ITERATION_STARTED,
                                        .path = "/0/customers",
                                        .index = i,
                                        .words = i ? NULL : "Contoso"}),
            WF_TALLY_UPDATED);
}

static void iterations_are_counted_and_named(void)
{
    struct wf_tally tally = {0};

    begin(&tally);
    WF_ASSERT_TEXT(tally.title, "customers");
    CU_ASSERT_EQUAL(tally.total, 3);
    CU_ASSERT_EQUAL_FATAL(tally.nitems, 2);
    WF_ASSERT_TEXT(tally.items->label, "Contoso");
    WF_ASSERT_TEXT(tally.items->next->label, "#2");
    CU_ASSERT_EQUAL(tell(&tally, (struct wf_event){.kind = WF_EV_ITERATION_ENDED, .path = "/0/customers", .done = 1}),
        WF_TALLY_ENDED);
    CU_ASSERT_EQUAL(tell(&tally, (struct wf_event){.kind = WF_EV_ITERATION_ENDED, .path = "/0/customers", .index = 1}),
        WF_TALLY_ENDED);
    CU_ASSERT_EQUAL(tally.done, 2);
    CU_ASSERT_EQUAL(tally.failed, 1);
    CU_ASSERT_EQUAL(tally.nitems, 0);
    wf_tally_done(&tally);
}

static void news_of_a_step_belongs_to_its_iteration(void)
{
    struct wf_tally tally = {0};

    begin(&tally);
    tell(&tally, (struct wf_event){.kind = WF_EV_PROGRESS,
                     .task = &step_task,
                     .path = "/0/customers/for/1/do/0/buy",
                     .done = 4,
                     .total = 9,
                     .words = "seats"});
    CU_ASSERT_PTR_NULL(tally.items->doing);
    WF_ASSERT_TEXT(tally.items->next->doing, "buy: seats");
    CU_ASSERT_EQUAL(tally.items->next->done, 4);
    CU_ASSERT_EQUAL(tally.items->next->total, 9);
    CU_ASSERT_EQUAL(
        tell(&tally, (struct wf_event){.kind = WF_EV_PROGRESS, .path = "/0/customers/for/12/do"}), WF_TALLY_NOTHING);
    wf_tally_done(&tally);
}

static void a_loop_inside_an_iteration_is_what_it_does(void)
{
    struct wf_tally tally = {0};

    begin(&tally);
    tell(&tally,
        (struct wf_event){
            .kind = WF_EV_LOOP_STARTED, .task = &step_task, .path = "/0/customers/for/0/do/1/users", .total = 50});
    CU_ASSERT_EQUAL(
        tell(&tally,
            (struct wf_event){
                .kind = WF_EV_ITERATION_ENDED, .path = "/0/customers/for/0/do/1/users", .index = 7, .done = 1}),
        WF_TALLY_UPDATED);
    CU_ASSERT_EQUAL(tally.items->done, 1);
    CU_ASSERT_EQUAL(tally.items->total, 50);
    CU_ASSERT_EQUAL(tally.done, 0);
    wf_tally_done(&tally);
}

static void what_an_earlier_activation_did_is_no_speed(void)
{
    struct wf_tally tally = {0};

    begin(&tally);
    tell(&tally, (struct wf_event){.kind = WF_EV_ITERATION_ENDED, .path = "/0/customers", .done = 1, .replayed = true});
    CU_ASSERT_EQUAL(tally.done, 1);
    CU_ASSERT_EQUAL(tally.fresh, 0);
    CU_ASSERT_EQUAL(wf_tally_left_ms(&tally), -1);
    wf_tally_done(&tally);
}

static void spans_read_well(void)
{
    char text[32];

    WF_ASSERT_TEXT(wf_span_text(1234, text), "1.2 s");
    WF_ASSERT_TEXT(wf_span_text(184000, text), "3 min 4 s");
    WF_ASSERT_TEXT(wf_span_text(7500000, text), "2 h 5 min");
}

static const struct wf_case cases[] = {
    {"iterations_are_counted_and_named", iterations_are_counted_and_named},
    {"news_of_a_step_belongs_to_its_iteration", news_of_a_step_belongs_to_its_iteration},
    {"a_loop_inside_an_iteration_is_what_it_does", a_loop_inside_an_iteration_is_what_it_does},
    {"what_an_earlier_activation_did_is_no_speed", what_an_earlier_activation_did_is_no_speed},
    {"spans_read_well", spans_read_well},
    {NULL, NULL},
};
const struct wf_suite tally_suite = {"tally", cases};
