/* approve.c: approvals given here: by the person at the terminal, who types the sum, or by --auto-approve. */
#include "cli/approve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/control.h"
#include "cli/prompt.h"
#include "run/run.h"

const char *wf_approve_in_vain(const struct wf_wait_item *item, bool go)
{
    const char *me = wf_user_name();
    int64_t deadline_ms = (int64_t)wf_val_number(&item->note, "deadline", 0);
    bool has_spoken = false;
    if (deadline_ms && wf_clock_real_ms() > deadline_ms)
        return "its deadline has passed, so it is denied";
    if (wf_val_string(&item->note, "denied", NULL))
        return "it is rejected already";
    if (!go)
        return NULL;
    if (strcmp(wf_val_string(&item->note, "notBy", "\n"), me) == 0)
        return "who began the run may not approve it (four eyes)";
    jv given = wf_val_get(&item->note, "given");
    if (jv_get_kind(given) == JV_KIND_ARRAY)
        jv_array_foreach(given, i, name) {
            has_spoken = has_spoken || strcmp(jv_string_value(name), me) == 0;
            jv_free(name);
        }
    jv_free(given);
    return has_spoken ? "you have approved it already" : NULL;
}

int wf_approve_speak(struct wf_state *state, const char *run_id, const struct wf_wait_item *item, bool go,
    const char *as, const char *reason, struct wf_err *err)
{
    jv json = wf_val_set(wf_control_json(reason), "decision", jv_string(go ? "go" : "no"));
    json = wf_val_set(json, "digest", jv_string(wf_val_string(&item->note, "digest", "")));
    if (as)
        json = wf_val_set(json, "as", jv_string(as));
    return wf_control_send(state, run_id, WF_CONTROL_DECIDE, item->path, json, err);
}

/* What the person types: the sum that is spoken of, each where there are several currencies ("395.20 84.00"), so that
 * nobody says yes to a sum that was not read. `what` names them as ", EUR 395.20". */
static char *word_to_type(const struct wf_wait_item *item)
{
    struct wf_buf word;
    wf_buf_init(&word, 1000);
    for (const char *at = strstr(item->what, ", "); at; at = strstr(at + 1, ", ")) {
        size_t capitals = strspn(at + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        size_t digits = capitals == 3 && at[5] == ' ' ? strspn(at + 6, "0123456789.") : 0;
        if (digits)
            wf_buf_printf(&word, "%s%.*s", word.len ? " " : "", (int)digits, at + 6);
    }
    if (!word.len)
        wf_buf_str(&word, "yes");
    return wf_buf_take(&word);
}

static bool agrees(struct wf_drive *drive, const struct wf_wait_item *item)
{
    if (wf_opts_has(&drive->inv->opts, WF_OPT_AUTO_APPROVE))
        return true;
    char *word = word_to_type(item), *question = wf_asprintf("Approve %s?", item->what);
    int rc = wf_prompt_word(question, word);
    if (rc == 0)
        fprintf(stderr, "wfrun: not approved; it waits: wfrun approve %s, or wfrun reject %s\n", drive->run_id,
            drive->run_id);
    free(question);
    free(word);
    return rc == 1;
}

bool wf_approve_here(struct wf_drive *drive)
{
    struct wf_state state = {
        .ops = drive->ephemeral ? &wf_journal_mem : &wf_journal_sqlite, .backend = wf_engine_backend(drive->engine)};
    struct wf_err err = {0};
    const char *as = wf_opts_has(&drive->inv->opts, WF_OPT_AUTO_APPROVE) ? "--auto-approve" : NULL;
    bool given = false;
    for (size_t i = 0; i < drive->waits.count; i++) {
        const struct wf_wait_item *item = &drive->waits.items[i];
        if (!wf_wait_is_approval(item) || wf_approve_in_vain(item, true) || !agrees(drive, item))
            continue;
        if (wf_approve_speak(&state, drive->run_id, item, true, as, NULL, &err) < 0)
            wf_complain(&err, 0);
        else
            given = true;
    }
    return given;
}
