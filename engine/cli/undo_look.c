/* undo_look.c: plan_undo of each operation, some at a time. See undo_look.h. */
#include "cli/undo_look.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define AT_A_TIME  16
#define TIMEOUT_MS (10 * 60 * 1000) /* of a step that says nothing else */

struct look {
    struct wf_undo_list *list;
    struct wf_world *world;
    size_t next, flying;
};

struct question {
    struct wf_timer pause; /* first: the loop gives it back */
    struct look *look;
    struct wf_undo_op *op;
    char *input;
    uint32_t attempt;
    int64_t deadline_ms;
};

static void ask_more(struct look *look);

static void question_end(struct question *question)
{
    struct look *look = question->look;
    free(question->input);
    free(question);
    look->flying--;
    ask_more(look);
    if (look->flying == 0)
        wf_loop_stop(look->world->loop);
}

static void planned(struct wf_undo_op *op, const struct wf_planned *plan)
{
    enum wf_undo_fate fate = plan->action == WF_ACTION_CANNOT    ? WF_UNDO_CANNOT
                             : plan->action == WF_ACTION_NOTHING ? WF_UNDO_NOTHING
                                                                 : WF_UNDO_WILL;
    wf_undo_op_decide(op, fate, plan->words && *plan->words ? plan->words : NULL);
    op->until_ms = plan->until_ms;
}

static void ask(struct question *question);

static void ask_again(struct wf_timer *timer)
{
    ask((struct question *)timer);
}

/* Who cannot tell may still be able to undo: that is tried, and the report says what came of it. */
static void answered(void *arg, const struct wf_answer *answer)
{
    struct question *question = arg;
    struct wf_loop *loop = question->look->world->loop;
    if (answer->kind == WF_ANSWER_RETRY && wf_loop_now_ms(loop) + answer->after_ms < question->deadline_ms) {
        question->attempt++;
        wf_timer_start(loop, &question->pause, wf_loop_now_ms(loop) + answer->after_ms, ask_again);
        return;
    }
    if (answer->kind == WF_ANSWER_PLANNED) {
        planned(question->op, answer->planned);
    } else {
        const char *why = answer->failure && answer->failure->detail ? answer->failure->detail : "no answer";
        char *words = wf_asprintf("will be tried; nobody knows yet whether it can be: %s", why);
        wf_undo_op_decide(question->op, WF_UNDO_WILL, words);
        free(words);
    }
    question_end(question);
}

static void ask(struct question *question)
{
    const struct wf_undo_op *op = question->op;
    const struct wf_call_request request = {
        .entry = op->entry,
        .mode = WF_MODE_PLAN_UNDO,
        .input = {question->input, strlen(question->input)},
        .run_id = question->look->list->past->run_id,
        .task = op->record->path,
        .key = op->key,
        .attempt = question->attempt,
        .deadline_ms = question->deadline_ms,
        .intent_ms = op->record->intent_ms,
        .done = answered,
        .arg = question,
    };
    (void)wf_call_start(question->look->world->hosting, &request);
}

static void ask_more(struct look *look)
{
    while (look->next < look->list->nops && look->flying < AT_A_TIME) {
        struct wf_undo_op *op = &look->list->ops[look->next++];
        if (!op->chosen || op->fate != WF_UNDO_WILL || !WF_STEP_HAS(op->entry->type, plan_undo))
            continue;
        char *input = wf_undo_op_input(op);
        if (!input) {
            wf_undo_op_decide(op, WF_UNDO_CANNOT, "its record in the journal is damaged");
            continue;
        }
        struct question *question = wf_calloc(1, sizeof *question);
        int64_t timeout = op->entry->type->timeout_ms;
        *question = (struct question){.look = look,
            .op = op,
            .input = input,
            .attempt = 1,
            .deadline_ms = wf_loop_now_ms(look->world->loop) + (timeout > 0 ? timeout : TIMEOUT_MS)};
        look->flying++;
        ask(question);
    }
}

void wf_undo_look(struct wf_undo_list *list, struct wf_world *world)
{
    struct look look = {.list = list, .world = world};
    ask_more(&look);
    if (look.flying > 0)
        wf_loop_run(world->loop);
}
