/* child_http.c: HTTP by way of wfrun, which has the connections, the deadline and the rule who may write. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "child/child.h"

#define MOST_HEADERS 1000

/* ---- responses ---- */

static void response_free(struct wf_child_response *response)
{
    free((void *)response->public.headers);
    free((void *)response->public.body.ptr);
    free((void *)response->public.url);
    free((void *)response->public.error);
    free(response);
}

void wf_child_responses_free(void)
{
    while (wf_child.call.responses) {
        struct wf_child_response *response = wf_child.call.responses;
        wf_child.call.responses = response->next;
        response_free(response);
    }
}

/* The headers' array, and behind it their texts. */
static struct wf_http_header *copy_headers(struct wf_wire_text text, size_t *ret_count)
{
    struct wf_wire_pairs pairs = {NULL};
    size_t count = 0;

    while (wf_wire_next_pair(text, &pairs))
        count++;
    struct wf_http_header *headers = wf_calloc(1, count * sizeof *headers + text.len + 1);
    char *texts = (char *)(headers + count);
    if (text.len > 0)
        memcpy(texts, text.ptr, text.len);
    pairs = (struct wf_wire_pairs){NULL};
    for (size_t i = 0; wf_wire_next_pair((struct wf_wire_text){texts, text.len}, &pairs); i++)
        headers[i] = (struct wf_http_header){pairs.name, pairs.value};
    *ret_count = count;
    return headers;
}

/* With the lock. */
static const struct wf_http_response *keep(const struct wf_wire *frame)
{
    struct wf_child_response *response = wf_calloc(1, sizeof *response);
    const struct wf_wire_text *text = frame->text;

    response->public = (struct wf_http_response){.size = sizeof response->public,
        .result = (int32_t)frame->n[1],
        .status = (int32_t)frame->n[2],
        .body = {wf_memdup(text[1].ptr ? text[1].ptr : "", text[1].len), text[1].len},
        .url = wf_memdup(text[2].ptr ? text[2].ptr : "", text[2].len),
        .error = text[3].ptr ? wf_memdup(text[3].ptr, text[3].len) : NULL};
    response->public.headers = copy_headers(text[0], &response->public.nheaders);
    response->next = wf_child.call.responses;
    wf_child.call.responses = response;
    return &response->public;
}

static const struct wf_http_response *keep_without(int32_t result, const char *error)
{
    struct wf_wire frame = {.n = {0, result}, .count = 4};

    frame.text[3] = wf_wire_text(error);
    return keep(&frame);
}

void wf_child_http_release(struct wf_step *step, const struct wf_http_response *released)
{
    struct wf_child_call *call = wf_child_enter(step);

    if (!call)
        return;
    for (struct wf_child_response **link = &call->responses; *link; link = &(*link)->next) {
        if (&(*link)->public == released) {
            struct wf_child_response *response = *link;
            *link = response->next;
            response_free(response);
            break;
        }
    }
    wf_child_leave();
}

/* ---- requests ---- */

static struct wf_http_request read_request(const struct wf_http_request *given)
{
    struct wf_http_request request = {0};

    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    if (request.nheaders > MOST_HEADERS) { /* refused there, without a method */
        request.nheaders = 0;
        request.method = NULL;
    }
    return request;
}

/* With the lock. The buffer holds the headers, and is the caller's. */
static struct wf_wire frame_of(const struct wf_http_request *request, int64_t id, struct wf_buf *headers)
{
    struct wf_wire frame = {
        .kind = WF_WIRE_HTTP, .call = wf_child.call.number, .n = {id, request->flags, request->timeout_ms}, .count = 6};

    wf_buf_init(headers, WF_WIRE_MAX);
    for (size_t i = 0; i < request->nheaders; i++)
        wf_wire_pair(headers, request->headers[i].name, request->headers[i].value);
    frame.text[0] = wf_wire_text(request->method);
    frame.text[1] = wf_wire_text(request->url);
    frame.text[2] = (struct wf_wire_text){headers->ptr, headers->len};
    frame.text[3] = (struct wf_wire_text){request->body.ptr, request->body.ptr ? request->body.len : 0};
    frame.text[4] = wf_wire_text(request->user);
    frame.text[5] = wf_wire_text(request->password);
    return frame;
}

static struct wf_child_exchange *exchange_new(wf_http_done done, void *arg)
{
    struct wf_child_exchange *exchange = wf_calloc(1, sizeof *exchange);

    *exchange = (struct wf_child_exchange){wf_child.call.exchanges, ++wf_child.last_exchange, done, arg};
    wf_child.call.exchanges = exchange;
    return exchange;
}

const struct wf_http_response *wf_child_http(struct wf_step *step, const struct wf_http_request *given)
{
    static const struct wf_http_response no_step = {
        .size = sizeof no_step, .result = WF_HTTP_CANCELLED, .url = "", .body = {"", 0}, .error = "the step has ended"};
    struct wf_child_call *call = wf_child_enter(step);
    struct wf_buf headers;

    if (!call)
        return &no_step;
    struct wf_http_request request = read_request(given);
    struct wf_wire frame = frame_of(&request, exchange_new(NULL, NULL)->id, &headers);
    const struct wf_http_response *response =
        wf_child_call_wait(&frame)
            ? call->reply
            : keep_without(WF_HTTP_CANCELLED, "the step was cancelled, its deadline passed, or it may not wait here");
    wf_buf_done(&headers);
    wf_child_leave();
    return response;
}

void wf_child_http_start(struct wf_step *step, const struct wf_http_request *given, wf_http_done done, void *arg)
{
    struct wf_child_call *call = wf_child_enter(step);
    struct wf_buf headers;

    if (!call)
        return;
    struct wf_http_request request = read_request(given);
    struct wf_wire frame = frame_of(&request, exchange_new(done, arg)->id, &headers);
    if (call->open)
        wf_child_send(&frame);
    wf_buf_done(&headers);
    wf_child_leave();
}

/* ---- replies ---- */

/* False: there is no such exchange. */
static bool take_exchange(int64_t id, struct wf_child_exchange *ret)
{
    for (struct wf_child_exchange **link = &wf_child.call.exchanges; *link; link = &(*link)->next) {
        struct wf_child_exchange *exchange = *link;
        if (exchange->id == id) {
            *ret = *exchange;
            *link = exchange->next;
            free(exchange);
            return true;
        }
    }
    return false;
}

void wf_child_http_done(const struct wf_wire *frame)
{
    struct wf_child_exchange exchange = {.done = NULL};
    const struct wf_http_response *response = NULL;

    pthread_mutex_lock(&wf_child.lock);
    struct wf_child_call *call = &wf_child.call;
    if (frame->call == call->number && call->open && take_exchange(frame->n[0], &exchange)) {
        response = keep(frame);
        if (!exchange.done) {
            call->reply = response;
            call->has_reply = true;
            pthread_cond_broadcast(&wf_child.changed);
        }
    }
    pthread_mutex_unlock(&wf_child.lock);
    if (exchange.done)
        exchange.done((struct wf_step *)(uintptr_t)frame->call, response, exchange.arg);
}
