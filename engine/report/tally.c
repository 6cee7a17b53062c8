/* tally.c: follows engine events and keeps the counts that progress shows. */
#include "report/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"

static void item_free(struct wf_tally_item *item)
{
    if (!item)
        return;
    free(item->label);
    free(item->doing);
    free(item);
}

static void clear(struct wf_tally *tally)
{
    while (tally->items) {
        struct wf_tally_item *item = tally->items;
        tally->items = item->next;
        item_free(item);
    }
    tally->nitems = 0;
}

void wf_tally_done(struct wf_tally *tally)
{
    clear(tally);
    item_free(tally->last);
    free(tally->title);
    free(tally->path);
    *tally = (struct wf_tally){0};
}

/* The iteration inside of which the path lies. Called for each event, with a thousand iterations under way: numbers are
 * compared, not paths. */
static struct wf_tally_item *find(const struct wf_tally *tally, const char *path)
{
    static const char word[] = "/for/";
    size_t len = tally->path ? strlen(tally->path) : 0;
    char *rest;
    if (!tally->items || !path || strncmp(path, tally->path, len) != 0 ||
        strncmp(path + len, word, sizeof word - 1) != 0)
        return NULL;
    size_t index = strtoul(path + len + sizeof word - 1, &rest, 10);
    struct wf_tally_item *item = *rest == '/' ? tally->items : NULL;
    while (item && item->index != index)
        item = item->next;
    return item;
}

static void say(struct wf_tally_item *item, const char *words)
{
    free(item->doing);
    item->doing = words ? wf_mask_apply(wf_strdup(words)) : NULL;
}

static enum wf_tally_change begin_loop(struct wf_tally *tally, const struct wf_event *event)
{
    struct wf_tally_item *outer = find(tally, event->path);
    if (outer) { /* a loop inside an iteration: its counts are what the iteration is doing */
        outer->done = 0;
        outer->total = event->total;
        say(outer, event->task ? event->task->name : NULL);
        return WF_TALLY_UPDATED;
    }
    if (tally->path && tally->nitems)
        return WF_TALLY_NOTHING; /* a second loop beside the first, in a fork: one is shown */
    wf_tally_done(tally);
    tally->end = &tally->items;
    tally->title = wf_strdup(event->task ? event->task->name : "for");
    tally->path = wf_strdup(event->path);
    tally->total = event->total;
    tally->started_ms = wf_clock_mono_ms();
    return WF_TALLY_BEGUN;
}

static bool is_own(const struct wf_tally *tally, const struct wf_event *event)
{
    return tally->path && event->path && strcmp(tally->path, event->path) == 0;
}

static enum wf_tally_change begin_item(struct wf_tally *tally, const struct wf_event *event)
{
    if (!is_own(tally, event))
        return WF_TALLY_NOTHING;
    struct wf_tally_item *item = wf_calloc(1, sizeof *item);
    item->index = event->index;
    item->label = event->words ? wf_mask_apply(wf_strdup(event->words)) : wf_asprintf("#%zu", event->index + 1);
    item->started_ms = wf_clock_mono_ms();
    *tally->end = item;
    tally->end = &item->next;
    tally->nitems++;
    return WF_TALLY_UPDATED;
}

static enum wf_tally_change end_item(
    struct wf_tally *tally, const struct wf_event *event, const struct wf_tally_item **ret_ended)
{
    if (!is_own(tally, event)) {
        struct wf_tally_item *outer = find(tally, event->path);
        if (outer && outer->total)
            outer->done++;
        return outer ? WF_TALLY_UPDATED : WF_TALLY_NOTHING;
    }
    struct wf_tally_item **at = &tally->items;
    while (*at && (*at)->index != event->index)
        at = &(*at)->next;
    if (!*at)
        return WF_TALLY_NOTHING;
    item_free(tally->last);
    tally->last = *at;
    *at = tally->last->next;
    if (!*at)
        tally->end = at;
    tally->nitems--;
    tally->done++;
    tally->failed += event->done == 0;
    tally->fresh += !event->replayed;
    *ret_ended = tally->last;
    return WF_TALLY_ENDED;
}

static enum wf_tally_change step_news(struct wf_tally *tally, const struct wf_event *event)
{
    struct wf_tally_item *item = find(tally, event->path);
    if (!item)
        return WF_TALLY_NOTHING;
    const char *name = event->task ? event->task->name : "";
    if (event->kind == WF_EV_TASK_STARTED) {
        say(item, name);
        return WF_TALLY_UPDATED;
    }
    char *words = !event->words                     ? wf_strdup(name)
                  : event->kind == WF_EV_STEP_RETRY ? wf_asprintf("%s waits: %s", name, event->words)
                                                    : wf_asprintf("%s: %s", name, event->words);
    say(item, words);
    free(words);
    if (event->kind == WF_EV_PROGRESS) {
        item->done = event->done;
        item->total = event->total;
    }
    return WF_TALLY_UPDATED;
}

enum wf_tally_change wf_tally_event(
    struct wf_tally *tally, const struct wf_event *event, const struct wf_tally_item **ret_ended)
{
    switch (event->kind) {
    case WF_EV_LOOP_STARTED:
        return begin_loop(tally, event);
    case WF_EV_ITERATION_STARTED:
        return begin_item(tally, event);
    case WF_EV_ITERATION_ENDED:
        return end_item(tally, event, ret_ended);
    case WF_EV_TASK_STARTED:
    case WF_EV_PROGRESS:
    case WF_EV_STEP_RETRY:
    case WF_EV_IN_DOUBT:
        return step_news(tally, event);
    default:
        return WF_TALLY_NOTHING;
    }
}

double wf_tally_rate(const struct wf_tally *tally)
{
    int64_t spent = wf_clock_mono_ms() - tally->started_ms;
    return tally->fresh && spent > 0 ? 1000.0 * (double)tally->fresh / (double)spent : 0;
}

int64_t wf_tally_left_ms(const struct wf_tally *tally)
{
    double rate = wf_tally_rate(tally);
    if (tally->fresh < 2 || rate <= 0 || tally->total < tally->done)
        return -1;
    return (int64_t)(1000.0 * (double)(tally->total - tally->done) / rate);
}

const char *wf_span_text(int64_t ms, char *text)
{
    long long s = ms / 1000;
    if (ms < 60000)
        snprintf(text, 32, "%.1f s", (double)ms / 1000);
    else if (s < 3600)
        snprintf(text, 32, "%lld min %lld s", s / 60, s % 60);
    else
        snprintf(text, 32, "%lld h %lld min", s / 3600, s % 3600 / 60);
    return text;
}
