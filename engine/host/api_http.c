/* api_http.c: HTTP for plugins: a worker that waits for an answer, or a callback on the loop thread later. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/host_priv.h"

#define DEFAULT_TIMEOUT_MS 60000
#define MOST_HEADERS       1000

/* A transfer of a call. The callback of a call that has ended is not called. */
struct wf__exchange {
    struct wf__exchange *next, *prev; /* in the call's list, while under way; loop thread */
    struct wf_call *call;             /* a reference */
    struct wf_http_request request;
    struct wf_arena *texts; /* of a request that was copied for another thread; may be NULL */
    struct wf_transfer *transfer;
    wf_http_done done; /* NULL: a worker is parked */
    void *arg;
    const struct wf_http_response **ret; /* of the parked worker */
};

/* ---- responses ---- */

/* Everything in one piece of memory: the struct, the headers, the texts. */
static struct wf__response *response_new(const struct wf_transfer_reply *reply)
{
    static const int32_t results[] = {[WF_TRANSFER_ANSWERED] = WF_HTTP_ANSWERED,
        [WF_TRANSFER_NOT_SENT] = WF_HTTP_NOT_SENT,
        [WF_TRANSFER_UNKNOWN] = WF_HTTP_UNKNOWN,
        [WF_TRANSFER_CANCELLED] = WF_HTTP_CANCELLED,
        [WF_TRANSFER_BAD_REQUEST] = WF_HTTP_REFUSED};
    const char *url = reply->url ? reply->url : "";
    size_t size = reply->body_len + 1 + strlen(url) + 1 + (reply->error ? strlen(reply->error) + 1 : 0);

    for (size_t i = 0; i < reply->nheaders; i++)
        size += strlen(reply->headers[i].name) + strlen(reply->headers[i].value) + 2;
    size_t fixed = sizeof(struct wf__response) + reply->nheaders * sizeof(struct wf_http_header);
    struct wf__response *response = wf_calloc(1, fixed + size);
    struct wf_http_header *headers = (struct wf_http_header *)(response + 1);
    char *at = (char *)response + fixed;

    memcpy(at, reply->body ? reply->body : "", reply->body_len);
    response->public = (struct wf_http_response){.size = sizeof response->public,
        .result = results[reply->result],
        .status = reply->status,
        .headers = headers,
        .nheaders = reply->nheaders,
        .body = {at, reply->body_len}};
    at += reply->body_len + 1;
    for (size_t i = 0; i < reply->nheaders; i++) {
        headers[i].name = at;
        at = stpcpy(at, reply->headers[i].name) + 1;
        headers[i].value = at;
        at = stpcpy(at, reply->headers[i].value) + 1;
    }
    response->public.url = at;
    at = stpcpy(at, url) + 1;
    if (reply->error)
        response->public.error = memcpy(at, reply->error, strlen(reply->error) + 1);
    return response;
}

static struct wf__response *response_without(enum wf_transfer_result result, const char *words)
{
    return response_new(&(struct wf_transfer_reply){.result = result, .error = words});
}

static const struct wf_http_response *keep(struct wf_call *call, struct wf__response *response)
{
    pthread_mutex_lock(&call->lock);
    response->next = call->responses;
    call->responses = response;
    pthread_mutex_unlock(&call->lock);
    return &response->public;
}

void wf__responses_free(struct wf__response *response)
{
    while (response) {
        struct wf__response *next = response->next;
        free(response);
        response = next;
    }
}

void wf__api_http_release(struct wf_step *step, const struct wf_http_response *released)
{
    struct wf_call *call = wf__call_enter(step);

    if (!call)
        return;
    pthread_mutex_lock(&call->lock);
    for (struct wf__response **link = &call->responses; *link; link = &(*link)->next) {
        if (&(*link)->public == released) {
            struct wf__response *response = *link;
            *link = response->next;
            free(response);
            break;
        }
    }
    pthread_mutex_unlock(&call->lock);
    wf__call_unref(call);
}

/* ---- exchanges: loop thread ---- */

static void exchange_free(struct wf__exchange *exchange)
{
    wf_arena_free(exchange->texts);
    wf__call_unref(exchange->call);
    free(exchange);
}

/* Hands the response over and frees the exchange. The call has not ended: its end drops what is under way. */
static void finish(struct wf__exchange *exchange, struct wf__response *response)
{
    struct wf_call *call = exchange->call;
    const struct wf_http_response *kept = keep(call, response);

    if (exchange->done) {
        struct wf_call_here before = wf__hand_over(call->entry, "answer of http_start");
        exchange->done(wf__call_step(call), kept, exchange->arg);
        wf__take_back(before);
    } else {
        *exchange->ret = kept;
        wf__call_unpark(call, 0);
    }
    exchange_free(exchange);
}

static void unlink_exchange(struct wf__exchange *exchange)
{
    if (exchange->prev)
        exchange->prev->next = exchange->next;
    else
        exchange->call->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->prev = exchange->prev;
}

static void transfer_done(void *arg, const struct wf_transfer_reply *reply)
{
    struct wf__exchange *exchange = arg;

    unlink_exchange(exchange);
    finish(exchange, response_new(reply));
}

void wf__call_drop_exchanges(struct wf_call *call)
{
    while (call->exchanges) {
        struct wf__exchange *exchange = call->exchanges;
        unlink_exchange(exchange);
        wf_http_drop(exchange->transfer);
        exchange_free(exchange);
    }
}

static bool is_method(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    return text && text[0] && text[strspn(text, letters)] == '\0';
}

static bool is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "OPTIONS") == 0;
}

/* Why this call may only look; NULL: it may write. */
static const char *why_only_look(const struct wf_call *call)
{
    bool idempotent;

    switch (call->request.mode) {
    case WF_MODE_VERIFY:
        return "verifying its step";
    case WF_MODE_PLAN:
    case WF_MODE_PLAN_UNDO:
        return "planning its step";
    case WF_MODE_RUN:
        return wf_step_effect(call->request.entry, call->request.input, &idempotent) < WF_EFFECT_WRITE
                   ? "no effect is declared for its step"
                   : NULL;
    default:
        return NULL;
    }
}

/* Planning and verifying change nothing, and neither does a step that says so: it is run again after a crash, and while
 * others are only planned. */
static struct wf__response *refuse_write(struct wf_call *call, const struct wf_http_request *request)
{
    if (is_read(request->method) || (request->flags & WF_HTTP_SAFE))
        return NULL;
    const char *why = why_only_look(call);
    if (!why)
        return NULL;
    char *words = wf_asprintf("the plugin %s tried %s while it may only look (%s %s)", wf__call_plugin_name(call),
        request->method, why, call->entry->public.type->name);
    call->tried_write = true;
    struct wf__response *response = response_without(WF_TRANSFER_BAD_REQUEST, words);
    wf_log(WF_LOGL_ERROR, "%s: %s", wf__call_plugin_name(call), words);
    free(words);
    return response;
}

static void begin_transfer(struct wf__exchange *exchange, int64_t timeout_ms)
{
    struct wf_call *call = exchange->call;
    const struct wf_http_request *request = &exchange->request;
    struct wf_pair *pairs = wf_calloc(request->nheaders, sizeof *pairs);

    for (size_t i = 0; i < request->nheaders; i++)
        pairs[i] = (struct wf_pair){request->headers[i].name, request->headers[i].value};
    struct wf_transfer_request transfer = {
        .method = request->method,
        .url = request->url,
        .headers = pairs,
        .nheaders = request->nheaders,
        .body = request->body.ptr,
        .body_len = request->body.len,
        .timeout_ms = timeout_ms,
        .follow = (request->flags & WF_HTTP_FOLLOW) != 0,
        .basic = (request->flags & WF_HTTP_BASIC) != 0,
        .digest = (request->flags & WF_HTTP_DIGEST) != 0,
        .user = request->user,
        .password = request->password,
        .hosts = call->entry->plugin->hosts,
    };
    exchange->prev = NULL;
    exchange->next = call->exchanges;
    if (call->exchanges)
        call->exchanges->prev = exchange;
    call->exchanges = exchange;
    exchange->transfer = wf_http_start(call->hosting->settings.http, &transfer, transfer_done, exchange);
    free(pairs);
}

static void begin_exchange(struct wf__exchange *exchange)
{
    struct wf_call *call = exchange->call;
    const struct wf_http_request *request = &exchange->request;
    int64_t left_ms = call->request.deadline_ms - wf_loop_now_ms(call->hosting->settings.loop);
    int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
    struct wf__response *refusal = NULL;

    if (left_ms <= 0)
        refusal = response_without(WF_TRANSFER_CANCELLED, "the deadline of the step has passed");
    else if (!is_method(request->method) || !request->url || request->nheaders > MOST_HEADERS)
        refusal = response_without(
            WF_TRANSFER_BAD_REQUEST, "a request needs a method (letters), a URL and at most 1000 headers");
    else
        refusal = refuse_write(call, request);
    if (refusal)
        finish(exchange, refusal);
    else
        begin_transfer(exchange, timeout_ms < left_ms ? timeout_ms : left_ms);
}

/* ---- the two functions of the table ---- */

/* At most as many bytes as the plugin's struct has. */
static struct wf_http_request read_request(const struct wf_http_request *given)
{
    struct wf_http_request request = {0};

    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    return request;
}

struct parked {
    const struct wf_http_request *request;
    const struct wf_http_response *response; /* the exchange writes it unless the call ends before */
};

static void start_parked(struct wf_call *call, void *arg)
{
    struct parked *parked = arg;
    struct wf__exchange *exchange = wf_calloc(1, sizeof *exchange);

    *exchange = (struct wf__exchange){.call = call, .request = read_request(parked->request), .ret = &parked->response};
    wf__call_ref(call);
    begin_exchange(exchange);
}

const struct wf_http_response *wf__api_http(struct wf_step *step, const struct wf_http_request *request)
{
    static const struct wf_http_response no_step = {
        .size = sizeof no_step, .result = WF_HTTP_CANCELLED, .url = "", .body = {"", 0}, .error = "the step has ended"};
    struct wf_call *call = wf__call_enter(step);
    struct parked parked = {request, NULL};

    if (!call)
        return &no_step;
    if (wf__call_park(call, start_parked, &parked) != 0 && !parked.response)
        parked.response = keep(call, response_without(WF_TRANSFER_CANCELLED,
                                         "the step was cancelled, its deadline passed, or it may not wait here"));
    wf__call_unref(call);
    return parked.response;
}

static void copy_request(struct wf__exchange *exchange)
{
    struct wf_http_request *request = &exchange->request;
    struct wf_arena *texts = exchange->texts = wf_arena_new(SIZE_MAX);
    size_t count = request->nheaders <= MOST_HEADERS ? request->nheaders : 0;
    struct wf_http_header *headers = wf_arena_alloc(texts, (count + 1) * sizeof *headers);

    for (size_t i = 0; i < count; i++)
        headers[i] = (struct wf_http_header){
            wf_arena_strdup(texts, request->headers[i].name), wf_arena_strdup(texts, request->headers[i].value)};
    request->headers = headers;
    request->method = request->method ? wf_arena_strdup(texts, request->method) : NULL;
    request->url = request->url ? wf_arena_strdup(texts, request->url) : NULL;
    request->user = request->user ? wf_arena_strdup(texts, request->user) : NULL;
    request->password = request->password ? wf_arena_strdup(texts, request->password) : NULL;
    if (request->body.ptr)
        request->body.ptr = wf_arena_memdup(texts, request->body.ptr, request->body.len);
}

static void start_posted(void *arg)
{
    struct wf__exchange *exchange = arg;

    if (atomic_load(&exchange->call->ended))
        exchange_free(exchange);
    else
        begin_exchange(exchange);
}

/* Always posted: the callback never comes from inside of http_start. */
void wf__api_http_start(struct wf_step *step, const struct wf_http_request *given, wf_http_done done, void *arg)
{
    struct wf_call *call = wf__call_enter(step);

    if (!call)
        return;
    struct wf__exchange *exchange = wf_calloc(1, sizeof *exchange);
    *exchange = (struct wf__exchange){.call = call, .request = read_request(given), .done = done, .arg = arg};
    copy_request(exchange);
    wf_loop_post(call->hosting->settings.loop, start_posted, exchange);
}
