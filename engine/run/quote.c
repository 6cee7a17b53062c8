/* quote.c: what stands between the wish for an effect and its intent.
 *
 *     planning        the step's plan is asked instead of its run: its predicted output is the outcome
 *     applying a plan the step is asked once more what it would do: only what the plan has, on the same facts, is done
 *     a budget        the same question tells the cost: what is over, or unknown, is not done
 *     an approval     the effect waits for it first: what the step says is then as fresh as can be
 *
 * What a step says is a quote. A quote that is accepted is part of the intent, so the journal knows what was spent and on
 * what grounds; one that is refused is a fault with no intent before it: nothing happened. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/bounds.h"

/* ---- names ---- */

static const char *const actions[] = {"nothing", "create", "change", "remove", "cannot"};

const char *wf_action_name(uint32_t action)
{
    return action <= WF_ACTION_CANNOT ? actions[action] : "cannot";
}

uint32_t wf_action_of(const char *name)
{
    uint32_t action = WF_ACTION_NOTHING;

    while (action < WF_ACTION_CANNOT && strcmp(actions[action], name) != 0)
        action++;
    return action;
}

bool wf__quote_is_needed(const struct wf_op *op)
{
    const struct wf_bounds *bounds = op->run->bounds;

    if (op->run->engine->set.planning)
        return true;
    return bounds &&
           (bounds->plan || op->effect >= bounds->rules.before || (*bounds->currency && op->effect == WF_EFFECT_SPEND));
}

/* ---- quotes ---- */

void wf__quote_drop(struct wf_op *op)
{
    if (!op->quote)
        return;
    free(op->quote->words);
    free(op->quote->facts);
    free(op->quote);
    op->quote = NULL;
}

static char *canonical(struct wf_bytes bytes)
{
    char *text = NULL;
    jv value;

    if (bytes.len > 0 && wf_val_parse(bytes.ptr, bytes.len, &value, NULL) == 0) {
        text = wf_val_canonical(&value);
        jv_free(value);
    }
    return text ? text : wf_strdup("null");
}

static void quote_take(struct wf_op *op, const struct wf_planned *planned)
{
    struct wf_quote *quote = wf_calloc(1, sizeof *quote);

    wf__quote_drop(op);
    *quote = (struct wf_quote){op->effect, planned->action, planned->cost_micros, "",
        wf_mask_apply(wf_strdup(planned->words ? planned->words : "")), wf_mask_apply(canonical(planned->facts))};
    if (quote->cost_micros < 0 && op->effect != WF_EFFECT_SPEND)
        quote->cost_micros = 0; /* what does not spend costs nothing unless it says so */
    if (quote->cost_micros > 0 && planned->currency)
        snprintf(quote->currency, sizeof quote->currency, "%s", planned->currency);
    op->quote = quote;
}

void wf__quote_write(const struct wf_op *op, struct wf_buf *out)
{
    const struct wf_quote *quote = op->quote;

    if (!quote)
        return;
    wf_buf_printf(out, ",\"quote\":{\"action\":\"%s\",\"words\":", wf_action_name(quote->action));
    wf_buf_json_string(out, quote->words, strlen(quote->words));
    if (quote->cost_micros >= 0)
        wf_buf_printf(
            out, ",\"cost\":{\"micros\":%" PRId64 ",\"currency\":\"%s\"}", quote->cost_micros, quote->currency);
    wf_buf_printf(out, ",\"facts\":%s}", quote->facts);
}

static void quote_read(struct wf_op *op, struct wf_slice intent)
{
    jv json, given, cost, facts;

    if (op->quote || !intent.ptr || wf_val_parse(intent.ptr, intent.len, &json, NULL) != 0)
        return;
    given = wf_val_get(&json, "quote");
    cost = wf_val_get(&given, "cost");
    facts = wf_val_get(&given, "facts");
    if (jv_get_kind(given) == JV_KIND_OBJECT) {
        op->quote = wf_calloc(1, sizeof *op->quote);
        *op->quote = (struct wf_quote){op->effect, wf_action_of(wf_val_string(&given, "action", "")),
            (int64_t)wf_val_number(&cost, "micros", -1), "", wf_strdup(wf_val_string(&given, "words", "")),
            jv_is_valid(facts) ? wf_val_canonical(&facts) : wf_strdup("null")};
        snprintf(op->quote->currency, sizeof op->quote->currency, "%s", wf_val_string(&cost, "currency", ""));
    }
    jv_free(facts);
    jv_free(cost);
    jv_free(given);
    jv_free(json);
}

void wf__quote_replay(struct wf_op *op, const struct wf_record *record)
{
    struct wf_bounds *bounds = op->run->bounds;

    if (!bounds || op->kind != WF_OP_STEP || op->effect < WF_EFFECT_WRITE)
        return;
    quote_read(op, record->intent);
    if (!op->quote)
        return;
    if (bounds->plan)
        free(wf_plan_take(bounds->plan, op->entry->type->name, op->path, op->quote));
    if (record->state != WF_REC_FAULT)
        wf__bounds_set_aside(op);
}

/* ---- asking ---- */

void wf__quote_refuse(struct wf_op *op, const char *type, int status, const char *title, char *why)
{
    char *detail = wf_asprintf("%s: %s", op->entry->type->name, why);
    jv error = wf__error_new(type, status, title, detail, op->frame->task->ref);

    free(detail);
    free(why);
    wf__call_outcome(op, WF_WAKE_FAULT, error);
}

/* The planned output stands in for the real one. */
static void predict(struct wf_op *op, struct wf_bytes output)
{
    jv value;

    if (output.len == 0 || wf_val_parse(output.ptr, output.len, &value, NULL) != 0)
        value = jv_null();
    wf__call_outcome(op, WF_WAKE_DONE, value);
}

/* It is known what the step would do: may it? */
static void decide(struct wf_op *op, const struct wf_answer *answer)
{
    struct wf_bounds *bounds = op->run->bounds;
    char *why;

    if (op->run->stopping) {
        wf__op_ask(op); /* for the next activation */
    } else if (op->quote->action == WF_ACTION_CANNOT) {
        wf__quote_refuse(op, "validation", 409, "It cannot be done", wf_strdup(op->quote->words));
    } else if (op->run->engine->set.planning) {
        wf__tell_quote(op->frame, op->path, op->quote);
        predict(op, answer->output);
    } else if (bounds->plan && (why = wf_plan_take(bounds->plan, op->entry->type->name, op->path, op->quote))) {
        wf__quote_refuse(op, "validation", 409, "Not as planned", why);
    } else if ((why = wf__bounds_over(op))) {
        wf__quote_refuse(op, "authorization", 402, "Over budget", why);
    } else {
        wf__bounds_set_aside(op);
        wf__call_intend(op);
    }
}

static void ask_again(struct wf_timer *timer)
{
    wf__quote_ask(wf_container_of(timer, struct wf_op, delay));
}

static void answered(void *arg, const struct wf_answer *answer)
{
    struct wf_op *op = arg;
    int64_t at = wf_frame_now(op->frame) + (answer->after_ms > 0 ? answer->after_ms : 0);

    op->call = NULL;
    if (answer->kind == WF_ANSWER_PLANNED) {
        quote_take(op, answer->planned);
        decide(op, answer);
    } else if (answer->kind == WF_ANSWER_RETRY && at < op->deadline_ms) {
        wf__call_later(op, WF_OPS_QUOTE_LATER, at, ask_again);
    } else {
        wf__call_outcome(op, WF_WAKE_FAULT, wf__call_error(op, answer->failure));
    }
}

void wf__quote_ask(struct wf_op *op)
{
    if (op->run->stopping) {
        wf__op_ask(op);
    } else if (!wf__permit_has(op)) {
        return;
    } else if (!op->entry->type->plan) {
        wf__quote_refuse(op, "configuration", 501, "It cannot be planned",
            wf_strdup("the step has no plan, so nobody knows what it would do or cost"));
    } else {
        wf__op_enter_state(op, WF_OPS_QUOTING);
        wf__call_start(op, WF_MODE_PLAN, op->deadline_ms, answered);
    }
}
