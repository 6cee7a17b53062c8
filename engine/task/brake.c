/* brake.c: waves, gates, failure budgets, rates and locks of `for`. See brake.h. */
#include "task/brake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "def/rate.h"

#define REASONS    3   /* of failed items, in the fault of their loop */
#define REASON_MAX 100 /* bytes */
#define LABEL_MAX  40

/* ---- the settings, as the input makes them ---- */

static void bounds_of(struct wf_brake *brake, const jv *list)
{
    size_t count = (size_t)jv_array_length(jv_copy(*list)), before = 0;

    brake->bounds = wf_calloc(count, sizeof *brake->bounds);
    brake->waves = count;
    for (size_t i = 0; i < count; i++) {
        jv item = jv_array_get(jv_copy(*list), (int)i);
        struct wf_share share = {0};
        struct wf_err err = {0};
        size_t bound = wf_share_read(&item, &share, &err) == 0 ? wf_share_of(share, brake->total, true) : 0;
        brake->bounds[i] = before = bound > before ? bound : before;
        jv_free(item);
    }
}

static int init_waves(struct wf_brake *brake, struct wf_frame *frame, jv *ret_error)
{
    const struct wf_hints *hints = &wf_frame_task(frame)->hints;
    struct wf_err err = {0};
    jv list;
    int at;

    if (!hints->waves)
        return 0;
    if (wf_frame_fill(frame, hints->waves, NULL, &list, ret_error) != 0)
        return -1;
    if (wf_waves_check(&list, &at, &err) == 0) {
        bounds_of(brake, &list);
        jv_free(list);
        return 0;
    }
    jv_free(list);
    *ret_error = at < 0
                     ? wf_frame_error(frame, "configuration", "waves: %s; %s", err.msg, err.hint)
                     : wf_frame_error(frame, "configuration", "waves: number %d is %s; %s", at + 1, err.msg, err.hint);
    return -1;
}

static int init_budget(struct wf_brake *brake, struct wf_frame *frame, jv *ret_error)
{
    const struct wf_hints *hints = &wf_frame_task(frame)->hints;
    struct wf_share share;
    struct wf_err err = {0};
    jv value;

    brake->tolerant = hints->budget || hints->go_on || hints->failed;
    brake->allowed = hints->go_on ? SIZE_MAX : 0;
    if (!hints->budget)
        return 0;
    if (wf_frame_fill(frame, hints->budget, NULL, &value, ret_error) != 0)
        return -1;
    if (wf_share_read(&value, &share, &err) == 0)
        brake->allowed = wf_share_of(share, brake->total, false);
    else
        *ret_error = wf_frame_error(frame, "configuration", "failureBudget is %s; %s", err.msg, err.hint);
    jv_free(value);
    return err.code ? -1 : 0;
}

static int init_number(struct wf_frame *frame, const struct wf_tmpl *tmpl, const char *what,
    int (*read)(const jv *, int64_t *, struct wf_err *), int64_t *ret, jv *ret_error)
{
    struct wf_err err = {0};
    jv value;

    if (!tmpl)
        return 0;
    if (wf_frame_fill(frame, tmpl, NULL, &value, ret_error) != 0)
        return -1;
    if (read(&value, ret, &err) != 0)
        *ret_error = wf_frame_error(frame, "configuration", "%s is %s; %s", what, err.msg, err.hint);
    jv_free(value);
    return err.code ? -1 : 0;
}

static int init_rate(struct wf_brake *brake, struct wf_frame *frame, jv *ret_error)
{
    const struct wf_hints *hints = &wf_frame_task(frame)->hints;

    brake->burst = 1;
    if (init_number(frame, hints->rate, "rateLimit.rate", wf_rate_read, &brake->interval_us, ret_error) != 0)
        return -1;
    return init_number(frame, hints->burst, "rateLimit.burst", wf_burst_read, &brake->burst, ret_error);
}

int wf_brake_init(struct wf_brake *brake, struct wf_frame *frame, size_t total, jv *ret_error)
{
    brake->total = total;
    if (init_waves(brake, frame, ret_error) != 0 || init_budget(brake, frame, ret_error) != 0)
        return -1;
    return init_rate(brake, frame, ret_error);
}

void wf_brake_done(struct wf_brake *brake)
{
    free(brake->bounds);
    free(brake->reasons);
}

/* ---- turns ---- */

/* null is no key. */
static int read_key(struct wf_frame *frame, struct wf_scope *scope, size_t index, const jv *data,
    const struct wf_tmpl *tmpl, const char *what, char **ret, jv *ret_error)
{
    jv value;
    enum { NONE, KEY, WRONG } is;

    if (!tmpl)
        return 0;
    if (wf_frame_fill_in(frame, tmpl, data, scope, index, &value, ret_error) != 0)
        return -1;
    switch (jv_get_kind(value)) {
    case JV_KIND_NULL:
        is = NONE;
        break;
    case JV_KIND_NUMBER:
    case JV_KIND_STRING:
        is = KEY;
        break;
    default:
        is = WRONG;
    }
    if (is == WRONG)
        *ret_error = wf_frame_error(frame, "expression", "%s of item %zu must give a text or a number, it gave %s",
            what, index + 1, jv_kind_name(jv_get_kind(value)));
    if (is == KEY)
        *ret = jv_get_kind(value) == JV_KIND_STRING ? wf_strdup(jv_string_value(value)) : wf_val_text(&value);
    jv_free(value);
    return is == WRONG ? -1 : 0;
}

int wf_brake_turn(struct wf_brake *brake, struct wf_frame *frame, struct wf_scope *scope, size_t index, const jv *data,
    struct wf_turn *ret, jv *ret_error)
{
    const struct wf_hints *hints = &wf_frame_task(frame)->hints;
    struct wf_turn turn = {.interval_us = brake->interval_us, .burst = brake->burst};
    int rc = 0;

    if (wf_frame_is_planning(frame))
        return 0;
    rc = read_key(frame, scope, index, data, hints->lock, "lock", &turn.lock, ret_error);
    if (rc == 0)
        rc = read_key(frame, scope, index, data, hints->rate_key, "rateLimit.key", &turn.rate_key, ret_error);
    if (rc == 0 && turn.lock && wf_lock_is_around(frame, turn.lock)) {
        *ret_error = wf_frame_error(frame, "configuration",
            "item %zu would wait for ever: a loop around this one holds the lock \"%s\" already", index + 1, turn.lock);
        rc = -1;
    }
    if (rc != 0 || (!turn.lock && !turn.rate_key)) {
        wf_turn_done(&turn);
        return rc;
    }
    *ret = turn;
    return 1;
}

/* ---- failed items ---- */

/* A text is the reason; anything else that counts as true is not. An expression that fails on an output says nothing
 * good of it. */
bool wf_brake_judge(
    struct wf_frame *frame, struct wf_scope *scope, size_t index, bool faulted, const jv *value, jv *ret_error)
{
    const struct wf_tmpl *failed = wf_frame_task(frame)->hints.failed;
    bool yes = true;
    jv answer;

    if (faulted) {
        *ret_error = jv_copy(*value);
        return true;
    }
    if (!failed)
        return false;
    if (wf_frame_fill_in(frame, failed, value, scope, index, &answer, ret_error) != 0)
        return true;
    if (!wf_val_truthy(&answer))
        yes = false;
    else
        *ret_error = wf_frame_error(frame, "runtime", "%s",
            jv_get_kind(answer) == JV_KIND_STRING ? jv_string_value(answer) : "its output says that it failed");
    jv_free(answer);
    return yes;
}

static void add_reason(struct wf_brake *brake, size_t index, const char *label, const jv *error)
{
    const char *why = wf_val_string(error, "detail", wf_val_string(error, "title", "it does not say why"));
    int len = (int)wf_utf8_cut(why, strlen(why), REASON_MAX);
    int label_len = label ? (int)wf_utf8_cut(label, strlen(label), LABEL_MAX) : 0;
    char *before = brake->reasons;

    if (brake->failed <= REASONS)
        brake->reasons = wf_asprintf("%s; item %zu%s%.*s%s: %.*s", before ? before : "", index + 1, label ? " (" : "",
            label_len, label ? label : "", label ? ")" : "", len, why);
    if (brake->reasons != before)
        free(before);
}

void wf_brake_failed(struct wf_brake *brake, struct wf_frame *frame, size_t index, const char *label, jv error)
{
    brake->failed++;
    add_reason(brake, index, label, &error);
    wf_keep_failed(frame, index, error);
}

bool wf_brake_is_exceeded(const struct wf_brake *brake)
{
    return brake->failed > brake->allowed;
}

jv wf_brake_fault(const struct wf_brake *brake, struct wf_frame *frame, size_t begun)
{
    return wf_frame_error(frame, "runtime", "%zu of %zu items failed and %zu may; %zu were not begun%s%s",
        brake->failed, brake->total, brake->allowed, brake->total - begun, brake->reasons ? brake->reasons : "",
        brake->failed > REASONS ? "; ..." : "");
}

/* ---- waves and gates ---- */

size_t wf_brake_bound(const struct wf_brake *brake)
{
    return brake->waves > 0 ? brake->bounds[brake->wave] : brake->total;
}

static int check(struct wf_brake *brake, struct wf_frame *frame, const jv *outputs, size_t begun, jv *ret_error)
{
    jv facts = wf_val_set(jv_object(), "outputs", jv_copy(*outputs)), answer;
    bool open;
    int rc;

    facts = wf_val_set(facts, "failed", jv_number((double)brake->failed));
    facts = wf_val_set(facts, "done", jv_number((double)begun));
    facts = wf_val_set(facts, "total", jv_number((double)brake->total));
    facts = wf_val_set(facts, "wave", jv_number((double)(brake->wave + 1)));
    rc = wf_frame_fill_in(
        frame, wf_frame_task(frame)->hints.gate_check, &facts, wf_scope_of(frame), brake->wave, &answer, ret_error);
    jv_free(facts);
    if (rc != 0)
        return -1;
    open = wf_val_truthy(&answer);
    jv_free(answer);
    if (open)
        return 0;
    *ret_error = wf_frame_error(frame, "runtime",
        "the gate after wave %zu of %zu is shut: its check says no; %zu of %zu items were begun", brake->wave + 1,
        brake->waves, begun, brake->total);
    return -1;
}

static void ask(struct wf_brake *brake, struct wf_frame *frame, size_t begun, enum wf_await need)
{
    char what[200];

    snprintf(what, sizeof what, "wave %zu of %zu: items %zu to %zu of %zu; so far %zu failed", brake->wave + 1,
        brake->waves, begun + 1, brake->bounds[brake->wave], brake->total, brake->failed);
    wf_ask_decision(frame, WF_BRAKE_SLOT, (struct wf_label){"for/wave", (int64_t)brake->wave + 1, NULL}, need, what);
}

int wf_brake_gate(struct wf_brake *brake, struct wf_frame *frame, const jv *outputs, jv *ret_error)
{
    enum wf_gate gate = wf_frame_task(frame)->hints.gate;
    size_t begun = brake->bounds[brake->wave];

    if (gate == WF_GATE_CHECK && check(brake, frame, outputs, begun, ret_error) != 0)
        return -1;
    while (brake->bounds[brake->wave] <= begun) /* one that adds nothing, as "10%" of few items, is no wave */
        brake->wave++;
    if (gate == WF_GATE_PAUSE || gate == WF_GATE_APPROVAL) {
        ask(brake, frame, begun, gate == WF_GATE_PAUSE ? WF_AWAIT_PAUSE : WF_AWAIT_APPROVAL);
        return 0;
    }
    return 1;
}

int wf_brake_decided(struct wf_brake *brake, struct wf_frame *frame, jv word, jv *ret_error)
{
    bool go = strcmp(wf_val_string(&word, "decision", ""), "go") == 0;

    if (!go)
        *ret_error =
            wf_frame_error(frame, "runtime", "wave %zu of %zu was refused by %s: %s", brake->wave + 1, brake->waves,
                wf_val_string(&word, "by", "somebody"), wf_val_string(&word, "reason", "no reason was given"));
    jv_free(word);
    return go ? 0 : -1;
}
