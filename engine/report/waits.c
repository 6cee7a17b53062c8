/* waits.c: gates and approvals that a parked run waits for: read, shown, and, of pauses, ended. */
#include "report/waits.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"

static void add(void *arg, const char *key, struct wf_slice json)
{
    struct wf_waits *waits = arg;
    struct wf_err err = {0};
    jv note;

    if (strncmp(key, "waiting ", 8) != 0 || wf_val_parse(json.ptr, json.len, &note, &err) < 0)
        return;
    waits->items = wf_realloc(waits->items, (waits->count + 1) * sizeof *waits->items);
    waits->items[waits->count++] = (struct wf_wait_item){
        .note = note,
        .path = wf_val_string(&note, "path", ""),
        .task = wf_val_string(&note, "task", ""),
        .need = wf_val_string(&note, "for", ""),
        .what = wf_val_string(&note, "what", ""),
        .since_ms = (int64_t)wf_val_number(&note, "since", 0),
    };
}

int wf_waits_read(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id,
    struct wf_waits *ret, struct wf_err *err)
{
    *ret = (struct wf_waits){0};
    return ops->notes(backend, run_id, add, ret, err);
}

void wf_waits_done(struct wf_waits *waits)
{
    for (size_t i = 0; i < waits->count; i++)
        jv_free(waits->items[i].note);
    free(waits->items);
    *waits = (struct wf_waits){0};
}

static bool is_pause(const struct wf_wait_item *item)
{
    return strcmp(item->need, "pause") == 0;
}

bool wf_wait_is_approval(const struct wf_wait_item *item)
{
    return strcmp(item->need, "approval") == 0;
}

static unsigned given_count(const struct wf_wait_item *item)
{
    jv given = wf_val_get(&item->note, "given");
    unsigned count = jv_get_kind(given) == JV_KIND_ARRAY ? (unsigned)jv_array_length(jv_copy(given)) : 0;

    jv_free(given);
    return count;
}

char *wf_wait_needs(const struct wf_wait_item *item)
{
    unsigned needed = (unsigned)wf_val_number(&item->note, "needed", 1), given = given_count(item);
    const char *not_by = wf_val_string(&item->note, "notBy", NULL),
               *denied = wf_val_string(&item->note, "denied", NULL);
    int64_t deadline_ms = (int64_t)wf_val_number(&item->note, "deadline", 0);
    char until[WF_TIME_TEXT];
    struct wf_buf text;

    if (is_pause(item))
        return wf_strdup("it goes on when the run is resumed");
    if (denied || given >= needed)
        return wf_asprintf("it is %s; that counts when the run goes on", denied ? denied : "approved");
    wf_buf_init(&text, 4000);
    wf_buf_str(&text, "it needs an approval");
    if (needed > 1)
        wf_buf_printf(&text, ", by %u people; %u gave theirs", needed, given);
    if (not_by)
        wf_buf_printf(&text, "; not by %s, who began the run", not_by);
    if (deadline_ms) {
        wf_time_format(deadline_ms, until);
        wf_buf_printf(&text, "; until %s, else it is denied", until);
    }
    return wf_buf_take(&text);
}

void wf_waits_print(FILE *file, const struct wf_waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wf_wait_item *item = &waits->items[i];
        char since[WF_TIME_TEXT];
        wf_time_format(item->since_ms, since);
        char *needs = wf_wait_needs(item);
        fprintf(file, "waits since %s, at task %s: %s\n  %s\n", since, item->task, item->what, needs);
        free(needs);
    }
}

char *wf_waits_command(const struct wf_waits *waits, const char *run_id)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wf_wait_item *item = &waits->items[i];
        if (wf_wait_is_approval(item) && !wf_val_string(&item->note, "denied", NULL) &&
            given_count(item) < (unsigned)wf_val_number(&item->note, "needed", 1))
            return wf_asprintf("approve %s", run_id);
    }
    return wf_asprintf("resume %s", run_id);
}

static jv with_time(jv json, const char *key)
{
    int64_t ms = (int64_t)wf_val_number(&json, key, 0);
    char text[WF_TIME_TEXT];

    if (!ms)
        return json;
    wf_time_format(ms, text);
    return wf_val_set(json, key, jv_string(text));
}

jv wf_waits_json(const struct wf_waits *waits)
{
    jv list = jv_array();

    for (size_t i = 0; i < waits->count; i++)
        list = jv_array_append(list, with_time(with_time(jv_copy(waits->items[i].note), "since"), "deadline"));
    return list;
}
