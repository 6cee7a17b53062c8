/* apart_call.c: one call in a process of its plugin: its frames, and its end whatever the end of the process. */
#include "config.h" /* _GNU_SOURCE, for sigdescr_np */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/apart.h"
#include "host/wire_kinds.h"

#define GRACE_MS 2000  /* from cancel to the end of its function, before the process is killed */
#define AFTER_MS 10000 /* the same from its answer */

static struct wf_loop *loop_of(const struct wf__child *child)
{
    return child->apart->hosting->settings.loop;
}

static const char *name_of(const struct wf__child *child)
{
    const struct wf_plugin *descriptor = child->apart->plugin->descriptor;
    return descriptor ? descriptor->name : child->apart->plugin->file;
}

static void send_frame(struct wf__child *child, struct wf_wire *frame)
{
    frame->call = child->number;
    frame->now_ms = wf_loop_now_ms(loop_of(child));
    wf_peer_send(child->peer, frame);
}

/* ---- to the process ---- */

static void send_settings(struct wf__child *child)
{
    const struct wf_plugin *plugin = child->apart->plugin->descriptor;
    const struct wf_hosting_settings *settings = &child->apart->hosting->settings;
    const char *group = plugin->config_group ? plugin->config_group : plugin->name, *value;
    struct wf_wire frame = {.kind = WF_WIRE_SETTINGS, .count = 2};
    struct wf_buf config, secrets;

    wf_buf_init(&config, WF_WIRE_MAX);
    wf_buf_init(&secrets, WF_WIRE_MAX);
    pthread_mutex_lock(&child->apart->hosting->settings_lock);
    for (const struct wf_config_row *const *row = plugin->config; settings->config && *row; row++)
        if ((value = settings->config(settings->arg, group, (*row)->name)))
            wf_wire_pair(&config, (*row)->name, value);
    for (const char *const *name = plugin->secrets; settings->secret && *name; name++)
        if ((value = settings->secret(settings->arg, *name)))
            wf_wire_pair(&secrets, *name, value);
    pthread_mutex_unlock(&child->apart->hosting->settings_lock);
    frame.text[0] = (struct wf_wire_text){config.ptr, config.len};
    frame.text[1] = (struct wf_wire_text){secrets.ptr, secrets.len};
    send_frame(child, &frame);
    child->has_settings = true;
    wf_buf_done(&config);
    wf_buf_done(&secrets);
}

static void add_memos(struct wf_buf *buf, const struct wf__memo *memo)
{
    if (!memo)
        return;
    add_memos(buf, memo->next); /* the oldest first */
    wf_buf_add(buf, memo->name, strlen(memo->name) + 1);
    wf_buf_add(buf, memo->json.ptr, memo->json.len);
    wf_buf_add(buf, "", 1);
}

void wf__child_call(struct wf__child *child, struct wf_call *call)
{
    const struct wf_call_request *request = &call->request;
    struct wf_wire frame = {.kind = WF_WIRE_CALL,
        .n = {request->mode, request->attempt, request->deadline_ms, request->intent_ms},
        .count = 6};
    struct wf_buf memos;

    if (!child->has_settings)
        send_settings(child);
    if (++child->apart->last_number == 0)
        child->apart->last_number = 1;
    child->number = child->apart->last_number;
    child->step = wf__call_step(call);
    child->type = request->entry->type;
    child->mode = request->mode;
    child->is_answered = false;
    child->lines = 0;
    wf_buf_init(&memos, WF_WIRE_MAX);
    add_memos(&memos, call->memos);
    frame.text[0] = wf_wire_text(request->entry->type->name);
    frame.text[1] = (struct wf_wire_text){request->input.ptr, request->input.len};
    frame.text[2] = wf_wire_text(request->run_id);
    frame.text[3] = wf_wire_text(request->task);
    frame.text[4] = wf_wire_text(request->key);
    frame.text[5] = (struct wf_wire_text){memos.ptr, memos.len};
    send_frame(child, &frame);
    wf_buf_done(&memos);
}

static void grace_over(struct wf_timer *timer)
{
    struct wf__child *child = wf__container_of(timer, struct wf__child, grace);

    wf_peer_kill(child->peer, child->is_answered ? "its function did not return in 10 s after its answer"
                                                 : "its function did not return in 2 s after its deadline or a cancel");
}

void wf__child_cancel(struct wf__child *child)
{
    struct wf_wire frame = {.kind = WF_WIRE_CANCEL};

    send_frame(child, &frame);
    wf_timer_start_real(loop_of(child), &child->grace, GRACE_MS, grace_over);
}

/* ---- what it wants done ---- */

static struct wf__child *find_child(const struct wf__apart *apart, uint32_t number)
{
    struct wf__child *child = apart->children;

    while (child && child->number != number)
        child = child->next;
    return child;
}

/* Whose request it is, for when the process is gone before the reply comes. */
struct asked {
    struct wf__apart *apart;
    uint32_t number;
    int64_t id;
};

static void http_done(struct wf_step *step, const struct wf_http_response *response, void *arg)
{
    const struct asked *asked = arg;
    struct wf__child *child = find_child(asked->apart, asked->number);
    struct wf_wire frame = {
        .kind = WF_WIRE_HTTP_DONE, .n = {asked->id, response->result, response->status}, .count = 4};
    struct wf_buf headers;

    wf_buf_init(&headers, WF_WIRE_MAX);
    for (size_t i = 0; i < response->nheaders; i++)
        wf_wire_pair(&headers, response->headers[i].name, response->headers[i].value);
    frame.text[0] = (struct wf_wire_text){headers.ptr, headers.len};
    frame.text[1] = (struct wf_wire_text){response->body.ptr, response->body.len};
    frame.text[2] = wf_wire_text(response->url);
    frame.text[3] = wf_wire_text(response->error);
    if (child)
        send_frame(child, &frame);
    wf_buf_done(&headers);
    wf__api_http_release(step, response);
}

static void start_http(struct wf__child *child, const struct wf_wire *frame)
{
    struct asked *asked = wf__host_table.alloc(child->step, sizeof *asked);
    struct wf_wire_pairs pairs = {NULL};
    struct wf_http_request request = {.size = sizeof request,
        .flags = (uint32_t)frame->n[1],
        .timeout_ms = frame->n[2],
        .method = frame->text[0].ptr,
        .url = frame->text[1].ptr,
        .body = {frame->text[3].ptr, frame->text[3].len},
        .user = frame->text[4].ptr,
        .password = frame->text[5].ptr};
    struct wf_http_header *headers;
    size_t count = 0;

    if (!asked)
        return; /* the step has ended, or holds all the memory it may */
    *asked = (struct asked){child->apart, child->number, frame->n[0]};
    while (wf_wire_next_pair(frame->text[2], &pairs))
        count++;
    request.headers = headers = wf_calloc(count + 1, sizeof *headers);
    pairs = (struct wf_wire_pairs){NULL};
    for (; wf_wire_next_pair(frame->text[2], &pairs); request.nheaders++)
        headers[request.nheaders] = (struct wf_http_header){pairs.name, pairs.value};
    wf__api_http_start(child->step, &request, http_done, asked);
    free(headers);
}

static void woke(struct wf_timer *timer)
{
    struct wf_call *call = wf__container_of(timer, struct wf_call, wake);
    const struct wf__apart *apart = call->entry->plugin->apart;
    struct wf__child *child = apart->children;
    struct wf_wire frame = {.kind = WF_WIRE_SLEPT};

    wf__call_wake_sleeper(call, 0);
    while (child && (child->number == 0 || child->step != wf__call_step(call)))
        child = child->next;
    if (child)
        send_frame(child, &frame);
}

static void start_sleep(struct wf__child *child, int64_t ms)
{
    struct wf_call *call = wf__call_enter(child->step);

    if (call && !atomic_load(&call->ended))
        wf__call_sleep(call, ms, woke);
    wf__call_unref(call);
}

static void was_stored(void *token, int rc)
{
    struct asked *asked = token;
    struct wf__child *child = find_child(asked->apart, asked->number);
    struct wf_wire frame = {.kind = WF_WIRE_STORED, .n = {rc == 0 ? 0 : -1}};

    if (child)
        send_frame(child, &frame);
    free(asked);
}

static void start_remember(struct wf__child *child, const struct wf_wire *frame)
{
    struct wf_call *call = wf__call_enter(child->step);
    struct asked asked = {child->apart, child->number, 0};
    bool is_possible = call && !atomic_load(&call->ended) && call->request.remember && frame->text[0].ptr &&
                       frame->text[1].ptr && frame->text[1].len > 0 && frame->text[1].len <= WF_MAX_VALUE;
    void *token = wf_memdup(&asked, sizeof asked);

    if (is_possible)
        call->request.remember(call->request.arg, frame->text[0].ptr,
            (struct wf_bytes){frame->text[1].ptr, frame->text[1].len}, was_stored, token);
    else
        was_stored(token, -1);
    wf__call_unref(call);
}

/* ---- what it says ---- */

/* n[3]: the size of one that was too large to be sent; the check refuses it by that. */
static struct wf_bytes value_of(const struct wf_wire *frame, size_t index)
{
    if (!frame->text[index].ptr && frame->n[3] > (int64_t)WF_MAX_VALUE)
        return (struct wf_bytes){"", (size_t)frame->n[3]};
    return (struct wf_bytes){frame->text[index].ptr, frame->text[index].len};
}

static void take_answer(struct wf__child *child, const struct wf_wire *frame)
{
    const struct wf_wire_text *text = frame->text;
    struct wf_failure failure = {.size = sizeof failure,
        .status = (int32_t)frame->n[0],
        .type = text[0].ptr,
        .title = text[1].ptr,
        .detail = text[2].ptr,
        .data = text[3].ptr};

    child->is_answered = true;
    wf_timer_start_real(loop_of(child), &child->grace, AFTER_MS, grace_over);
    if (frame->kind == WF_WIRE_SUCCEED)
        wf__answer_succeed(child->step, value_of(frame, 0));
    else if (frame->kind == WF_WIRE_FAIL)
        wf__answer_fail(child->step, &failure);
    else if (frame->kind == WF_WIRE_RETRY)
        wf__answer_retry(child->step, frame->n[1], &failure);
    else if (frame->kind == WF_WIRE_VERDICT)
        wf__answer_verdict(child->step, (uint32_t)frame->n[0], value_of(frame, 0), text[1].ptr);
    else
        wf__answer_planned(child->step, &(struct wf_planned){.size = sizeof(struct wf_planned),
                                            .action = (uint32_t)frame->n[0],
                                            .words = text[0].ptr,
                                            .cost_micros = frame->n[1],
                                            .currency = text[1].ptr,
                                            .output = value_of(frame, 2),
                                            .facts = {text[3].ptr, text[3].len},
                                            .until_ms = frame->n[2]});
}

static void fail_call(struct wf__child *child, const char *title, const char *detail)
{
    struct wf_call *call = wf__call_enter(child->step);

    if (call && !atomic_load(&call->ended))
        wf__call_fail(call, "runtime", 500, title, detail);
    wf__call_unref(call);
}

static void take_unanswered(struct wf__child *child)
{
    char detail[300];

    child->is_answered = true; /* its function has returned: there is nothing to cancel */
    snprintf(detail, sizeof detail, "the step %s of the plugin %s returned without an answer", child->type->name,
        name_of(child));
    fail_call(child, "No answer", detail);
}

static void take_hello(struct wf__child *child, const struct wf_wire *frame)
{
    const char *before = child->apart->description;

    if (frame->kind == WF_WIRE_REFUSED)
        child->refusal = wf_strdup(frame->text[0].ptr ? frame->text[0].ptr : "it says nothing");
    else if (!frame->text[0].ptr || !before || strcmp(frame->text[0].ptr, before) != 0)
        wf_peer_kill(child->peer, "its file was exchanged while wfrun runs");
}

static void take_log(const struct wf__child *child, const struct wf_wire *frame)
{
    static const enum wf_log_level levels[] = {WF_LOGL_ERROR, WF_LOGL_WARN, WF_LOGL_INFO, WF_LOGL_DEBUG};
    int64_t level = frame->n[0];

    wf_log(levels[level >= 0 && level <= WF_LOG_DEBUG ? level : WF_LOG_DEBUG], "%s: %s", name_of(child),
        frame->text[0].ptr ? frame->text[0].ptr : "");
}

void wf__child_frame(void *arg, const struct wf_wire *frame)
{
    struct wf__child *child = arg;
    bool is_of_call = frame->call != 0 && frame->call == child->number;

    if (frame->kind == WF_WIRE_HELLO || frame->kind == WF_WIRE_REFUSED) {
        take_hello(child, frame);
    } else if (frame->kind == WF_WIRE_LOG) {
        take_log(child, frame);
    } else if (!is_of_call) {
        return;
    } else if (frame->kind >= WF_WIRE_SUCCEED && frame->kind <= WF_WIRE_PLANNED) {
        take_answer(child, frame);
    } else if (frame->kind == WF_WIRE_UNANSWERED) {
        take_unanswered(child);
    } else if (frame->kind == WF_WIRE_RETURNED) {
        child->number = 0;
        wf_timer_stop(loop_of(child), &child->grace);
    } else if (frame->kind == WF_WIRE_PROGRESS) {
        wf__host_table.progress(child->step, frame->n[0], frame->n[1], frame->text[0].ptr);
    } else if (frame->kind == WF_WIRE_HTTP) {
        start_http(child, frame);
    } else if (frame->kind == WF_WIRE_SLEEP) {
        start_sleep(child, frame->n[0]);
    } else if (frame->kind == WF_WIRE_REMEMBER) {
        start_remember(child, frame);
    }
}

/* ---- its end ---- */

void wf__child_fate(const struct wf__apart *apart, int64_t status, int number, const char *why, char *ret, size_t size)
{
    if (why)
        snprintf(ret, size, "%s", why);
    else if (number == SIGXCPU)
        snprintf(ret, size, "it used more than %s s of processor time", apart->limits[1]);
    else if (number == SIGKILL)
        snprintf(ret, size, "it was killed by the system or by somebody (%s)", sigdescr_np(number));
    else if (number != 0)
        snprintf(ret, size, "it crashed (%s)", sigdescr_np(number));
    else if (status == WF_CHILD_MEMORY)
        snprintf(ret, size, "it crashed when its memory was used up (memory-mb: %s)", apart->limits[0]);
    else if (status == EX_IOERR) /* what wfrun-host does when it cannot speak to us */
        snprintf(ret, size, "it closed the descriptor that wfrun talks to it with");
    else
        snprintf(ret, size, "it ended its process (exit status %lld)", (long long)status);
}

void wf__child_ended(void *arg, int64_t status, int number, const char *why)
{
    static const char *const modes[] = {"run", "plan", "verify", "undo", "plan_undo"};
    struct wf__child *child = arg;
    char fate[300], detail[700];

    child->is_dead = true;
    wf__child_fate(child->apart, status, number, why, fate, sizeof fate);
    if (child->number == 0) {
        if (!child->refusal)
            wf_log(WF_LOGL_WARN, "%s: a process of it ended between two calls: %s", name_of(child), fate);
    } else if (child->refusal) { /* it never came to the call */
        snprintf(detail, sizeof detail, "the plugin %s was refused when it was loaded again for its step %s: %s",
            name_of(child), child->type->name, child->refusal);
        wf__answer_fail(child->step,
            &(struct wf_failure){
                .size = sizeof(struct wf_failure), .status = 500, .title = "Plugin refused", .detail = detail});
    } else {
        snprintf(detail, sizeof detail, "the plugin %s did not survive its step %s (%s): %s", name_of(child),
            child->type->name, modes[child->mode <= WF_MODE_PLAN_UNDO ? child->mode : 0], fate);
        wf_log(WF_LOGL_ERROR, "%s", detail);
        fail_call(child, "Plugin ended", detail);
    }
    wf__child_free(child, 0);
}
