/* task_call.c: `call`: a step of a plugin, or a function of use.functions. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "task/types.h"

/* RFC 4648, of a string's bytes. Consumes it. */
static jv base64(jv text)
{
    size_t len = (size_t)jv_string_length_bytes(jv_copy(text));
    unsigned char *out = wf_calloc(1, (len + 2) / 3 * 4 + 1);
    jv encoded;

    EVP_EncodeBlock(out, (const unsigned char *)jv_string_value(text), (int)len);
    encoded = jv_string((const char *)out);
    free(out);
    jv_free(text);
    return encoded;
}

/* $authorization of the schemes whose parameter is known before the call. */
static void authorize(struct wf_frame *frame, const jv *with)
{
    jv endpoint = wf_val_get(with, "endpoint");
    jv scheme = wf_val_get(&endpoint, "authentication");
    jv basic = wf_val_get(&scheme, "basic"), bearer = wf_val_get(&scheme, "bearer");

    if (jv_get_kind(basic) == JV_KIND_OBJECT) {
        jv pair = jv_string_fmt("%s:%s", wf_val_string(&basic, "username", ""), wf_val_string(&basic, "password", ""));
        wf_frame_authorize(frame, "Basic", base64(pair));
    } else if (jv_get_kind(bearer) == JV_KIND_OBJECT) {
        wf_frame_authorize(frame, "Bearer", jv_string(wf_val_string(&bearer, "token", "")));
    }
    jv_free(basic);
    jv_free(bearer);
    jv_free(scheme);
    jv_free(endpoint);
}

/* A `with` without expressions was checked when the definition was loaded. */
static bool needs_check(const struct wf_task *task)
{
    return task->call.step->input_schema && task->call.with && !wf_tmpl_is_constant(task->call.with) &&
           !task->hints.undo; /* what is to be undone is named, not described */
}

static struct wf_verdict enter(struct wf_frame *frame)
{
    const struct wf_task *task = wf_frame_task(frame);
    const struct wf_step_info *step = task->call.step;
    struct wf_err err = {0};
    jv with = jv_object(), error;

    if (task->call.with) {
        jv_free(with);
        if (wf_frame_fill(frame, task->call.with, NULL, &with, &error) != 0)
            return wf_fault(error);
    }
    if (!step)
        return wf_ask_function(frame, 0, task->call.function, with, &error) == 0 ? wf_wait() : wf_fault(error);
    if (needs_check(task) && wf_schema_check(step->input_schema, &with, &err) != 0) {
        jv_free(with);
        if (!*err.hint)
            wf_err_hint(&err, "`wfrun plugin show %s` shows what it takes", step->name);
        return wf_fault(wf_frame_error(
            frame, "validation", "`with` of %s: %s%s%s", step->name, err.msg, *err.hint ? "; " : "", err.hint));
    }
    authorize(frame, &with);
    return wf_ask_call(frame, 0, step, with, &error) == 0 ? wf_wait() : wf_fault(error);
}

static struct wf_verdict resume(struct wf_frame *frame, struct wf_wake *wake)
{
    (void)frame;
    return wf_pass_on(wake);
}

const struct wf_task_type wf__task_call = {.kind = WF_TASK_CALL, .enter = enter, .resume = resume};
