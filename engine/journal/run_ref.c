/* run_ref.c: activations: appending to the map, timers. See run_ref.h. */
#include "journal/run_ref.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "loop/loop.h"

struct wf__alarm {
    struct wf_timer timer; /* first: the loop gives it back */
    struct wf__alarm *prev, *next;
    struct wf_run_ref *ref;
    struct wf__op *op;
};

void wf__ref_init(struct wf_run_ref *ref, struct wf_backend *backend, const struct wf_settings *settings,
    const char *run_id, struct wf__opmap *map, bool keep_texts)
{
    *ref = (struct wf_run_ref){
        .backend = backend,
        .loop = settings->loop,
        .engine = settings->engine,
        .engine_arg = settings->engine_arg,
        .run_id = wf_strdup(run_id),
        .map = map,
        .keep_texts = keep_texts,
    };
}

static void alarm_free(struct wf__alarm *alarm)
{
    wf_timer_stop(alarm->ref->loop, &alarm->timer);
    alarm->op->alarm = NULL;
    if (alarm->prev)
        alarm->prev->next = alarm->next;
    else
        alarm->ref->alarms = alarm->next;
    if (alarm->next)
        alarm->next->prev = alarm->prev;
    free(alarm);
}

void wf__ref_done(struct wf_run_ref *ref)
{
    for (struct wf__alarm *alarm = ref->alarms, *next; alarm; alarm = next) {
        next = alarm->next;
        alarm_free(alarm);
    }
    free(ref->run_id);
    ref->run_id = NULL;
}

int wf__ref_add(struct wf_run_ref *ref, struct wf__row *row, struct wf_err *err)
{
    const struct wf__op *op;
    int rc = wf__row_check(row, err);

    if (rc != 0)
        return rc;
    row->at_ms = wf_loop_now_ms(ref->loop);
    row->seq = row->state == WF_REC_INTENT ? 0 : ref->map->seq + 1;
    if (wf__opmap_add(ref->map, row, ref->keep_texts || row->kind == WF_OP_FACT || row->kind == WF_OP_EVENT))
        return 1;
    op = wf__opmap_find(ref->map, row->path);
    row->seq = op->seq;
    return 0;
}

void wf__ref_lookup(struct wf_run_ref *ref, const char *path, struct wf_record *ret)
{
    wf__op_record(wf__opmap_find(ref->map, path), ret);
}

static void fired(struct wf_timer *timer)
{
    struct wf__alarm *alarm = (struct wf__alarm *)timer;
    struct wf_run_ref *ref = alarm->ref;
    const char *path = alarm->op->path; /* lives as long as the map */

    alarm_free(alarm);
    if (!ref->lost && !ref->ending)
        ref->engine->fired(ref->engine_arg, ref, path);
}

void wf__ref_timer(struct wf_run_ref *ref, const char *path, int64_t wake_ms)
{
    struct wf__op *op = wf__opmap_get(ref->map, path);
    struct wf__alarm *alarm = op->alarm;

    if (!alarm) {
        alarm = wf_calloc(1, sizeof *alarm);
        alarm->ref = ref;
        alarm->op = op;
        alarm->next = ref->alarms;
        if (alarm->next)
            alarm->next->prev = alarm;
        ref->alarms = op->alarm = alarm;
    }
    wf_timer_start(ref->loop, &alarm->timer, wake_ms, fired);
}

void wf__ref_timer_stop(struct wf_run_ref *ref, const char *path)
{
    struct wf__op *op = wf__opmap_find(ref->map, path);

    if (op && op->alarm)
        alarm_free(op->alarm);
}

void wf__ref_timer_move(struct wf_run_ref *ref, const char *path, int64_t wake_ms)
{
    const struct wf__op *op = wf__opmap_find(ref->map, path);

    if (op && op->alarm)
        wf__ref_timer(ref, path, wake_ms);
}

static struct wf_slice slice_copy(struct wf_slice slice)
{
    return slice.ptr ? (struct wf_slice){wf_memdup(slice.ptr, slice.len), slice.len} : slice;
}

void wf__start_copy(struct wf_start *to, const struct wf_start *from)
{
    *to = *from;
    to->run_id = wf_strdup(from->run_id);
    to->namespace_ = wf_strdup(from->namespace_ ? from->namespace_ : "");
    to->name = wf_strdup(from->name ? from->name : "");
    to->version = wf_strdup(from->version ? from->version : "");
    to->input = slice_copy(from->input);
    to->meta = slice_copy(from->meta);
}

void wf__start_done(struct wf_start *start)
{
    const void *owned[] = {
        start->run_id, start->namespace_, start->name, start->version, start->input.ptr, start->meta.ptr};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free((void *)(uintptr_t)owned[i]);
    *start = (struct wf_start){0};
}

bool wf__note_is_none(struct wf_slice json)
{
    return !json.ptr || json.len == 0 || (json.len == 4 && memcmp(json.ptr, "null", 4) == 0);
}
