/* explain_why.c: what keeps a run from going on, in sentences that people can act on. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "report/explain_tell.h"
#include "report/tally.h"

jv wf__sentence(char *text)
{
    jv value = jv_string(text);
    free(text);
    return value;
}

char *wf__moment(const struct wf__teller *teller, int64_t ms)
{
    char text[WF_TIME_TEXT], span[32];
    int64_t ago = teller->now_ms - ms;
    wf_time_format(ms, text);
    text[10] = ' ';
    text[19] = '\0';
    if (!teller->relative)
        return wf_asprintf("%s UTC", text);
    wf_span_text(ago < 0 ? -ago : ago, span);
    return ago < 0 ? wf_asprintf("%s UTC (in %s)", text, span) : wf_asprintf("%s UTC (%s ago)", text, span);
}

const char *wf__plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static char *doubt_sentence(const struct wf_report *report, const struct wf_doubt *doubt)
{
    char *place = wf_place_words(doubt->path);
    const char *label = wf_report_label(report, doubt->path);
    char *text = wf_asprintf("%s%s%s (%s) is in doubt: %s. Its request id is %s: look there whether it happened.",
        label ? label : "", label ? ": " : "", doubt->step, place, doubt->why, doubt->key);
    free(place);
    return text;
}

static char *gate_sentence(const struct wf__teller *teller, const struct wf_wait_item *item)
{
    char *since = wf__moment(teller, item->since_ms), *needs = wf_wait_needs(item);
    char *text = wf_asprintf("%s, at %s, since %s: %s.", item->what, item->task, since, needs);
    free(since);
    free(needs);
    return text;
}

static char *timer_sentence(const struct wf__teller *teller, const struct wf_report_op *op)
{
    const struct wf_report *report = teller->report;
    char *place = wf_place_words(op->path), *until = wf__moment(teller, op->wake_ms), *text;
    const char *label = op->item == WF_REPORT_NO_ITEM ? NULL : report->items[op->item].label;
    bool due = teller->relative && op->wake_ms <= teller->now_ms;
    text = wf_asprintf("%s%s%s waits until %s%s", label ? label : "", label ? ": " : "", place, until,
        due && !report->run->held ? ", which has come: it goes on as soon as the run is resumed." : ".");
    free(place);
    free(until);
    return text;
}

/* Who has the lock is as old as the notes that say so: it may have been let go since. */
static char *lock_sentence(const struct wf__teller *teller, const struct wf_lock_wait *wait)
{
    const char *label = wf_report_label(teller->report, wait->path);
    char *place = wf_place_words(label ? "" : wait->path), *since = wf__moment(teller, wait->since_ms);
    char *waits = wf_asprintf("%s waits for the lock \"%s\" since %s", label ? label : place, wait->key, since);
    char *text = NULL;
    if (wait->holder) {
        char *held_since = wf__moment(teller, wait->held_since_ms), *at = wf_place_words(wait->holder_path);
        bool is_own = strcmp(wait->holder, teller->report->run->id) == 0;
        text = wf_asprintf("%s. %s%s has it since %s, for %s.", waits, is_own ? "This run" : "Run ",
            is_own ? "" : wait->holder, held_since, at);
        free(held_since);
        free(at);
    }
    free(place);
    free(since);
    if (!text)
        text = wf_asprintf("%s.", waits);
    free(waits);
    return text;
}

jv wf__explain_why(const struct wf__teller *teller)
{
    const struct wf_report *report = teller->report;
    jv list = jv_array();
    if (wf_state_is_final(report->run->status))
        return list;
    for (size_t i = 0; i < report->doubts.count && i < WF__TOLD_MAX; i++)
        list = jv_array_append(list, wf__sentence(doubt_sentence(report, &report->doubts.items[i])));
    for (size_t i = 0; i < report->waits.count && i < WF__TOLD_MAX; i++)
        list = jv_array_append(list, wf__sentence(gate_sentence(teller, &report->waits.items[i])));
    for (size_t i = 0; i < report->locks.count && i < WF__TOLD_MAX; i++)
        list = jv_array_append(list, wf__sentence(lock_sentence(teller, &report->locks.items[i])));
    for (size_t i = 0, n = 0; i < report->nops && n < WF__TOLD_MAX; i++)
        if (report->ops[i].wait && report->ops[i].wake_ms && report->ops[i].state == WF_REC_INTENT && ++n)
            list = jv_array_append(list, wf__sentence(timer_sentence(teller, &report->ops[i])));
    if (!report->run->held && report->nopen > report->doubts.count)
        list = jv_array_append(
            list, wf__sentence(wf_asprintf(
                      "%zu change%s had begun and the answer%s not in the journal. When the run is resumed the "
                      "step finds out whether it happened; when it cannot, a person is asked. Nothing is done twice.",
                      report->nopen - report->doubts.count, wf__plural(report->nopen - report->doubts.count),
                      report->nopen - report->doubts.count == 1 ? " is" : "s are")));
    return list;
}
