/* quote.c: what stands between the wish for an effect and its intent.
 *
 *     planning        the step's plan is asked instead of its run: its predicted output is the outcome
 *     applying a plan the step is asked once more what it would do: only what the plan has, on the same facts, is done
 *     a budget        the same question tells the cost: what is over, or unknown, is not done
 *
 * What a step says is a quote. A quote that is accepted is part of the intent, so the journal knows what was spent and on
 * what grounds; one that is refused is a fault with no intent before it: nothing happened. */
#define _GNU_SOURCE /* tdestroy */
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"
#include "run/plan.h"

/* What one item, an iteration of the outermost loop with a label, has spent. */
struct tally {
    char *item;
    int64_t micros;
};

struct wf_bounds {
    struct wf_plan *plan;      /* that is applied; NULL: none */
    char currency[4];          /* of the budget; "": there is none */
    int64_t run_max, item_max; /* millionths; negative: no limit */
    int64_t spent;             /* set aside or spent by the run, in the budget's currency */
    void *tallies;             /* tsearch tree of struct tally */
};

/* ---- names --------------------------------------------------------------------------------------------------------
 */

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

/* ---- terms --------------------------------------------------------------------------------------------------------
 */

static int64_t micros_of(const jv *budget, const char *key)
{
    double amount = wf_val_number(budget, key, -1);

    return amount < 0 || amount > 9e12 ? -1 : (int64_t)(amount * 1e6 + 0.5);
}

static int load_plan(struct wf_run *run, const char *digest, struct wf_err *err)
{
    const struct wf_engine *engine = run->engine;
    uint8_t sha256[WF_SHA256_SIZE];
    char *text;
    size_t len;
    int rc;

    if (!wf_sha256_read(digest, sha256))
        return wf_err_set(err, WF_ECORRUPT, "the run's plan has no digest");
    rc = engine->set.journal->get_definition(engine->backend, sha256, &text, &len, err);
    if (rc != 0)
        return rc;
    rc = wf_plan_read(text, len, &run->bounds->plan, err);
    free(text);
    return rc;
}

int wf__bounds_open(struct wf_run *run, struct wf_slice meta, struct wf_err *err)
{
    jv all, terms, budget;
    int rc = 0;

    if (!meta.ptr || wf_val_parse(meta.ptr, meta.len, &all, NULL) != 0)
        return 0;
    terms = wf_val_get(&all, "terms");
    budget = wf_val_get(&terms, "budget");
    if (*wf_val_string(&terms, "plan", "") || jv_is_valid(budget)) {
        run->bounds = wf_calloc(1, sizeof *run->bounds);
        snprintf(run->bounds->currency, sizeof run->bounds->currency, "%s", wf_val_string(&budget, "currency", ""));
        run->bounds->run_max = micros_of(&budget, "run");
        run->bounds->item_max = micros_of(&budget, "item");
        if (*wf_val_string(&terms, "plan", ""))
            rc = load_plan(run, wf_val_string(&terms, "plan", ""), err);
    }
    jv_free(budget);
    jv_free(terms);
    jv_free(all);
    return rc;
}

static void tally_free(void *node)
{
    struct tally *tally = node;

    free(tally->item);
    free(tally);
}

void wf__bounds_close(struct wf_run *run)
{
    if (!run->bounds)
        return;
    wf_plan_free(run->bounds->plan);
    tdestroy(run->bounds->tallies, tally_free);
    free(run->bounds);
    run->bounds = NULL;
}

bool wf__quote_is_needed(const struct wf_op *op)
{
    const struct wf_bounds *bounds = op->run->bounds;

    if (op->run->engine->set.planning)
        return true;
    return bounds && (bounds->plan || (*bounds->currency && op->effect == WF_EFFECT_SPEND));
}

/* ---- budgets ------------------------------------------------------------------------------------------------------
 */

static int by_item(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->item, ((const struct tally *)b)->item);
}

/* The iteration of the outermost loop with a label that the frame is in; "": it is in none. The caller frees. */
static char *item_of(struct wf_frame *frame)
{
    struct wf_frame *loop = NULL;
    size_t slot = 0;

    for (struct wf_frame *child = frame; child->parent; child = child->parent) {
        const struct wf_frame *parent = child->parent;
        if (parent->kind != WF_FRAME_TASK || parent->task->kind != WF_TASK_FOR || !parent->task->hints.label)
            continue;
        loop = child->parent;
        slot = child->slot;
    }
    return loop ? wf_asprintf("%s/for/%zu", wf__frame_path(loop), slot) : wf_strdup("");
}

static struct tally *tally_of(struct wf_bounds *bounds, struct wf_frame *frame)
{
    struct tally wanted = {.item = item_of(frame)}, **found = tfind(&wanted, &bounds->tallies, by_item), *tally;

    if (found) {
        free(wanted.item);
        return *found;
    }
    tally = wf_calloc(1, sizeof *tally);
    tally->item = wanted.item;
    (void)tsearch(tally, &bounds->tallies, by_item);
    return tally;
}

static bool counts(const struct wf_bounds *bounds, const struct wf_quote *quote)
{
    return bounds && quote && quote->cost_micros > 0 && strcmp(quote->currency, bounds->currency) == 0;
}

static void set_aside(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;

    op->aside = counts(bounds, op->quote);
    if (!op->aside)
        return;
    bounds->spent += op->quote->cost_micros;
    tally_of(bounds, op->frame)->micros += op->quote->cost_micros;
}

void wf__quote_release(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;

    if (!op->aside)
        return;
    op->aside = false;
    bounds->spent -= op->quote->cost_micros;
    tally_of(bounds, op->frame)->micros -= op->quote->cost_micros;
}

static char *over(const char *whose, int64_t spent, int64_t cost, int64_t max, const char *currency)
{
    return wf_asprintf("%s of %s %.2f would be passed: %.2f is spent or set aside, and this costs %.2f", whose,
        currency, (double)max / 1e6, (double)spent / 1e6, (double)cost / 1e6);
}

/* Why the budget does not allow it; NULL: it does. The caller frees. */
static char *over_budget(struct wf_op *op)
{
    struct wf_bounds *bounds = op->run->bounds;
    const struct wf_quote *quote = op->quote;

    if (!bounds || !*bounds->currency || op->effect != WF_EFFECT_SPEND || quote->action == WF_ACTION_NOTHING)
        return NULL;
    if (quote->cost_micros < 0)
        return wf_asprintf("its cost is not known, which counts as over the budget (%s)", quote->words);
    if (quote->cost_micros > 0 && strcmp(quote->currency, bounds->currency) != 0)
        return wf_asprintf("it costs %s and the budget is in %s", quote->currency, bounds->currency);
    if (bounds->run_max >= 0 && bounds->spent + quote->cost_micros > bounds->run_max)
        return over("the run's budget", bounds->spent, quote->cost_micros, bounds->run_max, bounds->currency);
    int64_t of_item = tally_of(bounds, op->frame)->micros;
    if (bounds->item_max >= 0 && of_item + quote->cost_micros > bounds->item_max)
        return over("the budget of one item", of_item, quote->cost_micros, bounds->item_max, bounds->currency);
    return NULL;
}

/* ---- quotes -------------------------------------------------------------------------------------------------------
 */

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
        set_aside(op);
}

/* ---- asking -------------------------------------------------------------------------------------------------------
 */

static void refuse(struct wf_op *op, const char *type, int status, const char *title, char *why)
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
        refuse(op, "validation", 409, "It cannot be done", wf_strdup(op->quote->words));
    } else if (op->run->engine->set.planning) {
        wf__tell_quote(op->frame, op->path, op->quote);
        predict(op, answer->output);
    } else if (bounds->plan && (why = wf_plan_take(bounds->plan, op->entry->type->name, op->path, op->quote))) {
        refuse(op, "validation", 409, "Not as planned", why);
    } else if ((why = over_budget(op))) {
        refuse(op, "authorization", 402, "Over budget", why);
    } else {
        set_aside(op);
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
    } else if (!op->entry->type->plan) {
        refuse(op, "configuration", 501, "It cannot be planned",
            wf_strdup("the step has no plan, so nobody knows what it would do or cost"));
    } else {
        wf__op_enter_state(op, WF_OPS_QUOTING);
        wf__call_start(op, WF_MODE_PLAN, op->deadline_ms, answered);
    }
}
