/* harness_http.c: HTTP of the harness: the test answers, and failures are made on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/harness_priv.h"

static bool is_write(const struct wf_http_request *request)
{
    static const char *const reads[] = {"GET", "HEAD", "OPTIONS"};

    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (strcasecmp(request->method, reads[i]) == 0)
            return false;
    return !(request->flags & WF_HTTP_SAFE);
}

static bool may_only_look(const struct wf_harness_priv *priv)
{
    return priv->mode == WF_MODE_PLAN || priv->mode == WF_MODE_VERIFY || priv->mode == WF_MODE_PLAN_UNDO ||
           (priv->mode == WF_MODE_RUN && priv->effect < WF_EFFECT_WRITE);
}

static const char *copy(struct wf_harness *h, const char *text)
{
    return text ? wf__region_text(&h->priv->texts, text, strlen(text)) : NULL;
}

/* The test's texts live until the next request, ours until the call ends. */
static void keep(struct wf_harness *h, struct wf_http_response *response)
{
    struct wf_http_header *headers = wf__region_alloc(&h->priv->texts, (response->nheaders + 1) * sizeof *headers);

    for (size_t i = 0; i < response->nheaders; i++)
        headers[i] = (struct wf_http_header){copy(h, response->headers[i].name), copy(h, response->headers[i].value)};
    response->headers = headers;
    response->url = copy(h, response->url);
    response->error = copy(h, response->error);
    response->body.ptr =
        wf__region_text(&h->priv->texts, response->body.ptr ? response->body.ptr : "", response->body.len);
}

static void fail(struct wf_http_response *response, int32_t result, const char *error)
{
    *response =
        (struct wf_http_response){.size = sizeof *response, .result = result, .url = response->url, .error = error};
}

/* Asks the test. */
static void perform(struct wf_harness *h, const struct wf_http_request *request, struct wf_http_response *response)
{
    if (h->http && h->http(h, request, response)) {
        if (response->result == WF_HTTP_ANSWERED)
            response->error = NULL;
        else if (!response->error)
            response->error = "the test says so";
    } else {
        wf__harness_sin(h, "a request that the test does not expect: %s %s", request->method, request->url);
        fail(response, WF_HTTP_REFUSED, "the test did not expect this request");
    }
    if (response->result != WF_HTTP_ANSWERED)
        response->status = 0;
}

/* What is kept from happening; true: it is. */
static bool is_stopped(
    struct wf_harness *h, const struct wf_http_request *request, bool write, struct wf_http_response *response)
{
    struct wf_harness_priv *priv = h->priv;

    if (write && may_only_look(priv)) {
        wf__harness_sin(h, "it tried to write while it may only look: %s %s", request->method, request->url);
        fail(response, WF_HTTP_REFUSED, "a write where the step may only look");
        return true;
    }
    h->crashed = h->crashed || (write && h->writes + 1 == h->crash_before_write);
    if (h->crashed || priv->is_stopped) {
        fail(response, WF_HTTP_CANCELLED, "the step was cancelled, or its deadline has passed");
        return true;
    }
    if (write && priv->is_lost)
        wf__harness_sin(h, "it wrote although remember had failed: %s %s", request->method, request->url);
    h->requests++;
    h->writes += write;
    return false;
}

static void exchange(struct wf_harness *h, const struct wf_http_request *request, struct wf_http_response *response)
{
    struct wf_harness_priv *priv = h->priv;
    bool write = is_write(request), fails;
    char what[300];

    response->url = request->url;
    if (is_stopped(h, request, write, response))
        return;
    snprintf(what, sizeof what, "%s %s", request->method, request->url);
    fails = wf__harness_fails(h, what);
    if (fails && h->fail_http == WF_HTTP_NOT_SENT) {
        fail(response, WF_HTTP_NOT_SENT, "a failure made by the test");
        return;
    }
    perform(h, request, response);
    bool lost = write && (h->writes == h->lose_write || h->writes == h->crash_write);
    h->crashed = h->crashed || (write && h->writes == h->crash_write);
    if (fails || lost) {
        bool cancels = h->crashed || (fails && h->fail_http == WF_HTTP_CANCELLED);
        priv->is_stopped = priv->is_stopped || cancels;
        fail(response, cancels ? WF_HTTP_CANCELLED : WF_HTTP_UNKNOWN, "the connection was lost");
    }
    if (response->result == WF_HTTP_ANSWERED)
        priv->in_doubt = false;
    else if (write && response->result != WF_HTTP_NOT_SENT && response->result != WF_HTTP_REFUSED)
        priv->in_doubt = true;
}

static const struct wf_http_response *answer(struct wf_harness *h, const struct wf_http_request *given)
{
    struct wf_http_request request = {0};
    struct wf_http_response *response = wf__region_alloc(&h->priv->texts, sizeof *response);

    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    response->size = sizeof *response;
    if (given->size < 8 || !request.method || !request.url) {
        wf__harness_sin(h, "a request without size, method or url");
        fail(response, WF_HTTP_REFUSED, "a request needs its size, a method and a url");
    } else {
        exchange(h, &request, response);
    }
    keep(h, response);
    return response;
}

const struct wf_http_response *wf__harness_http(struct wf_step *step, const struct wf_http_request *request)
{
    static const struct wf_http_response ended = {
        .size = sizeof ended, .result = WF_HTTP_CANCELLED, .url = "", .body = {"", 0}, .error = "the step has ended"};
    struct wf_harness *h = wf__harness_enter(step);

    if (!h)
        return &ended;
    if (!(h->priv->flags & WF_STEP_BLOCKING))
        wf__harness_sin(h, "it waits in http and is not WF_STEP_BLOCKING: use http_start");
    const struct wf_http_response *response = answer(h, request);
    wf__harness_leave(h);
    return response;
}

/* As in the engine, the callback never comes from inside. */
void wf__harness_http_start(struct wf_step *step, const struct wf_http_request *request, wf_http_done done, void *arg)
{
    struct wf_harness *h = wf__harness_enter(step);

    if (!h)
        return;
    struct wf__pending *pending = wf__region_alloc(&h->priv->texts, sizeof *pending);
    *pending = (struct wf__pending){.response = answer(h, request), .done = done, .arg = arg};
    *h->priv->last = pending;
    h->priv->last = &pending->next;
    pthread_cond_signal(&h->priv->changed);
    wf__harness_leave(h);
}

void wf__harness_http_release(struct wf_step *step, const struct wf_http_response *response)
{
    (void)step;
    (void)response; /* lives until the call ends */
}
