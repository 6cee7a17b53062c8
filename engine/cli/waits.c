/* waits.c: gates and approvals that a parked run waits for: read, shown, and, of pauses, ended. */
#include "cli/waits.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/control.h"

static void add(void *arg, const char *key, struct wf_slice json)
{
    struct wf_waits *waits = arg;
    struct wf_err err = {0};
    jv note;

    if (strncmp(key, "waiting ", 8) != 0 || wf_val_parse(json.ptr, json.len, &note, &err) < 0)
        return;
    waits->items = wf_realloc(waits->items, (waits->count + 1) * sizeof *waits->items);
    waits->items[waits->count++] = (struct wf_wait_item){
        .path = wf_strdup(wf_val_string(&note, "path", key + 8)),
        .task = wf_strdup(wf_val_string(&note, "task", "")),
        .need = wf_strdup(wf_val_string(&note, "for", "")),
        .what = wf_strdup(wf_val_string(&note, "what", "")),
        .since_ms = (int64_t)wf_val_number(&note, "since", 0),
    };
    jv_free(note);
}

int wf_waits_read(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id,
    struct wf_waits *ret, struct wf_err *err)
{
    *ret = (struct wf_waits){0};
    return ops->notes(backend, run_id, add, ret, err);
}

void wf_waits_done(struct wf_waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        free(waits->items[i].path);
        free(waits->items[i].task);
        free(waits->items[i].need);
        free(waits->items[i].what);
    }
    free(waits->items);
    *waits = (struct wf_waits){0};
}

static bool is_pause(const struct wf_wait_item *item)
{
    return strcmp(item->need, "pause") == 0;
}

void wf_waits_print(FILE *file, const struct wf_waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wf_wait_item *item = &waits->items[i];
        char since[WF_TIME_TEXT];
        wf_time_format(item->since_ms, since);
        fprintf(file, "waits since %s, at task %s: %s\n  %s\n", since, item->task, item->what,
            is_pause(item) ? "it goes on when the run is resumed" : "it needs an approval");
    }
}

jv wf_waits_json(const struct wf_waits *waits)
{
    jv list = jv_array();
    for (size_t i = 0; i < waits->count; i++) {
        char since[WF_TIME_TEXT];
        wf_time_format(waits->items[i].since_ms, since);
        jv item = wf_val_set(jv_object(), "path", jv_string(waits->items[i].path));
        item = wf_val_set(item, "task", jv_string(waits->items[i].task));
        item = wf_val_set(item, "for", jv_string(waits->items[i].need));
        item = wf_val_set(item, "what", jv_string(waits->items[i].what));
        item = wf_val_set(item, "since", jv_string(since));
        list = jv_array_append(list, item);
    }
    return list;
}

int wf_waits_go_on(struct wf_state *state, const char *run_id, struct wf_err *err)
{
    struct wf_waits waits;
    int rc = wf_waits_read(state->ops, state->backend, run_id, &waits, err);

    for (size_t i = 0; rc == 0 && i < waits.count; i++)
        if (is_pause(&waits.items[i]))
            rc = wf_control_send(state, run_id, WF_CONTROL_DECIDE, waits.items[i].path,
                wf_val_set(wf_control_json("resumed"), "decision", jv_string("go")), err);
    wf_waits_done(&waits);
    return rc;
}
