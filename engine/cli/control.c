/* control.c: who types, and words to whoever drives a run. */
#include "cli/control.h"

#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/waits.h"

/* sudo and su change who a process runs as, not who logged in. */
static uid_t login_uid(void)
{
    FILE *file = fopen("/proc/self/loginuid", "re");
    char text[24] = "";
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    unsigned long uid = len ? strtoul(text, NULL, 10) : UINT32_MAX;
    if (file)
        fclose(file);
    return uid >= UINT32_MAX ? geteuid() : (uid_t)uid;
}

/* What a variable says is nobody's word. */
const char *wf_user_name(void)
{
    static char number[24];
    uid_t uid = login_uid();
    const struct passwd *user = getpwuid(uid);
    if (user && *user->pw_name)
        return user->pw_name;
    snprintf(number, sizeof number, "uid %lu", (unsigned long)uid);
    return number;
}

jv wf_control_json(const char *reason)
{
    jv json = wf_val_set(jv_object(), "by", jv_string(wf_user_name()));
    return reason ? wf_val_set(json, "reason", jv_string(reason)) : json;
}

int wf_control_send(struct wf_state *state, const char *run_id, enum wf_control_kind kind, const char *path, jv json,
    struct wf_err *err)
{
    char *text = wf_val_text(&json);
    const struct wf_control control = {kind, path, {text, strlen(text)}};
    int rc = state->ops->control(state->backend, run_id, &control, err);
    free(text);
    jv_free(json);
    return rc;
}

int wf_control_go_on(struct wf_state *state, const char *run_id, struct wf_err *err)
{
    struct wf_waits waits;
    int rc = wf_waits_read(state->ops, state->backend, run_id, &waits, err);

    for (size_t i = 0; rc == 0 && i < waits.count; i++)
        if (!wf_wait_is_approval(&waits.items[i]))
            rc = wf_control_send(state, run_id, WF_CONTROL_DECIDE, waits.items[i].path,
                wf_val_set(wf_control_json("resumed"), "decision", jv_string("go")), err);
    wf_waits_done(&waits);
    return rc;
}
