/* harness.c: drives one plugin in a test of this tree: wfrun/harness.h, with trees of cJSON, and the stand-in behind it. */
#include "lib/harness.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- HTTP: to the stand-in over libcurl, or to the test's script ---- */

/* The texts of the last response: they live until the next request. */
struct wire {
    struct wf_http_header headers[32];
    char *names[32], *values[32];
    char *body;
    size_t len, count;
};

static void wire_reset(struct wire *wire)
{
    for (size_t i = 0; i < wire->count; i++) {
        free(wire->names[i]);
        free(wire->values[i]);
    }
    free(wire->body);
    memset(wire, 0, sizeof *wire);
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
    struct wire *wire = arg;
    wire->body = realloc(wire->body, wire->len + size * n + 1);
    memcpy(wire->body + wire->len, data, size * n);
    wire->len += size * n;
    return size * n;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
    struct wire *wire = arg;
    size_t len = size * n, at = wire->count;
    const char *colon = memchr(data, ':', len);
    if (!colon || at == 32)
        return len;
    const char *value = colon + 1, *end = data + len;
    while (value < end && *value == ' ')
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n'))
        end--;
    wire->names[at] = strndup(data, (size_t)(colon - data));
    wire->values[at] = strndup(value, (size_t)(end - value));
    wire->headers[at] = (struct wf_http_header){wire->names[at], wire->values[at]};
    wire->count++;
    return len;
}

static void transfer_prepare(struct harness *h, const struct wf_http_request *req, struct curl_slist **list)
{
    curl_easy_reset(h->curl);
    for (size_t i = 0; i < req->nheaders; i++) {
        char line[8192];
        snprintf(line, sizeof line, "%s: %s", req->headers[i].name, req->headers[i].value);
        *list = curl_slist_append(*list, line);
    }
    curl_easy_setopt(h->curl, CURLOPT_URL, req->url);
    curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, req->method);
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, *list);
    curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h->wire);
    curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, h->wire);
    if (strcmp(req->method, "GET") != 0) {
        curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT, 1L); /* curl sends again by itself on a kept one that died */
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)req->body.len);
        curl_easy_setopt(h->curl, CURLOPT_COPYPOSTFIELDS, req->body.ptr ? req->body.ptr : "");
    }
}

static void transfer(struct harness *h, const struct wf_http_request *req, struct wf_http_response *response)
{
    struct wire *wire = h->wire;
    struct curl_slist *list = NULL;
    long status = 0;
    wire_reset(wire);
    transfer_prepare(h, req, &list);
    CURLcode rc = curl_easy_perform(h->curl);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    response->headers = wire->headers;
    response->nheaders = wire->count;
    response->result = rc == CURLE_OK                ? WF_HTTP_ANSWERED
                       : rc == CURLE_COULDNT_CONNECT ? WF_HTTP_NOT_SENT
                                                     : WF_HTTP_UNKNOWN;
    response->status = (int32_t)status;
    response->error = rc == CURLE_OK ? NULL : curl_easy_strerror(rc);
    response->body = (struct wf_bytes){wire->body, wire->len};
    curl_slist_free_all(list);
}

static bool script(struct harness *h, const struct wf_http_request *req, struct wf_http_response *response)
{
    struct harness_reply reply = {.result = WF_HTTP_ANSWERED, .status = 200};
    struct wire *wire = h->wire;
    if (!h->script(h, req, &reply))
        return false;
    wire_reset(wire);
    for (size_t i = 0; i < 8 && reply.headers[i]; i += 2)
        wire->headers[response->nheaders++] = (struct wf_http_header){reply.headers[i], reply.headers[i + 1]};
    response->result = reply.result;
    response->status = reply.status;
    response->headers = wire->headers;
    if (reply.body)
        response->body = (struct wf_bytes){reply.body, strlen(reply.body)};
    return true;
}

static bool http(struct wf_harness *over, const struct wf_http_request *req, struct wf_http_response *response)
{
    struct harness *h = over->arg;
    bool expected = true;
    if (h->script)
        expected = script(h, req, response);
    else
        transfer(h, req, response);
    if (getenv("WFRUN_HARNESS_LOG"))
        fprintf(stderr, "%s %s -> %d %d %.*s\n", req->method, req->url, response->result, response->status,
            response->body.len > 300 ? 300 : (int)response->body.len, response->body.ptr ? response->body.ptr : "");
    return expected;
}

static void moved(struct wf_harness *over, int64_t now_ms)
{
    struct harness *h = over->arg;
    char text[64];
    if (!h->sandbox)
        return;
    snprintf(text, sizeof text, "{\"now_ms\":%lld}", (long long)now_ms);
    cJSON_Delete(sandbox_post(h->sandbox, "/_sandbox/clock", text));
}

/* ---- the test's side ---- */

struct harness *harness_new(const char *path)
{
    struct harness *h = calloc(1, sizeof *h);
    h->over = wf_harness_load(path);
    if (!h->over)
        exit(99);
    h->over->arg = h;
    h->over->http = http;
    h->over->moved = moved;
    h->run_id = h->over->run_id;
    h->key = h->over->key;
    h->attempt = h->over->attempt;
    h->now_ms = h->intent_ms = h->over->now_ms;
    h->patience_ms = h->over->patience_ms;
    h->wire = calloc(1, sizeof(struct wire));
    h->curl = curl_easy_init();
    harness_config(h, "rate", "0");
    return h;
}

static void forget_answer(struct harness *h)
{
    cJSON_Delete(h->output);
    cJSON_Delete(h->data);
    cJSON_Delete(h->facts);
    h->output = h->data = h->facts = NULL;
}

void harness_free(struct harness *h)
{
    if (!h)
        return;
    forget_answer(h);
    wf_harness_free(h->over);
    wire_reset(h->wire);
    free(h->wire);
    cJSON_Delete(h->remembered);
    curl_easy_cleanup(h->curl);
    free(h);
}

void harness_config(struct harness *h, const char *name, const char *value)
{
    wf_harness_config(h->over, name, value);
}

void harness_secret(struct harness *h, const char *name, const char *json)
{
    wf_harness_secret(h->over, name, json);
}

static void take_settings(struct harness *h, const char *layer)
{
    const cJSON *group =
        cJSON_GetObjectItem(cJSON_GetObjectItem(h->sandbox->hello, layer), wf_harness_plugin(h->over)->config_group);
    const cJSON *item;
    cJSON_ArrayForEach(item, group) {
        harness_config(h, item->string, cJSON_GetStringValue(item) ? item->valuestring : "");
    }
}

void harness_attach(struct harness *h, struct sandbox *sandbox)
{
    const cJSON *item;
    h->sandbox = sandbox;
    take_settings(h, "defaults");
    take_settings(h, "config");
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(sandbox->hello, "secrets")) {
        char *text = cJSON_PrintUnformatted(item);
        harness_secret(h, item->string, text);
        cJSON_free(text);
    }
    cJSON *clock = sandbox_get(sandbox, "/_sandbox/clock");
    const cJSON *now = cJSON_GetObjectItem(clock, "now_ms");
    h->now_ms = h->intent_ms = cJSON_IsNumber(now) ? (int64_t)now->valuedouble : h->now_ms;
    cJSON_Delete(clock);
}

static cJSON *tree_of(const char *text)
{
    return text ? cJSON_Parse(text) : NULL;
}

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void take_answer(struct harness *h)
{
    const struct wf_harness *over = h->over;
    h->answer = over->sin && strstr(over->sin, "answers twice") ? HARNESS_TWICE : (enum harness_answer)over->answer;
    h->output = tree_of(over->output);
    h->data = tree_of(over->data);
    h->facts = tree_of(over->facts);
    h->verdict = over->verdict;
    h->action = over->action;
    h->cost_micros = over->cost_micros;
    h->until_ms = over->until_ms;
    h->status = over->status;
    copy(h->currency, sizeof h->currency, over->currency);
    copy(h->type, sizeof h->type, over->type);
    copy(h->title, sizeof h->title, over->title);
    copy(h->detail, sizeof h->detail, over->detail);
    copy(h->why, sizeof h->why, over->why);
    h->requests = (int)over->requests;
    h->writes = (int)over->writes;
    h->sleeps = (int)over->sleeps;
    h->slept_ms = over->slept_ms;
    h->now_ms = over->now_ms;
    h->crashed = over->crashed;
}

enum harness_answer harness_call(struct harness *h, const char *name, uint32_t mode, const char *input)
{
    struct wf_harness *over = h->over;
    forget_answer(h);
    over->run_id = h->run_id;
    over->key = h->key;
    over->attempt = h->attempt;
    over->now_ms = h->now_ms;
    over->intent_ms = h->intent_ms;
    over->patience_ms = h->patience_ms;
    over->lose_write = (uint32_t)h->drop_write;
    over->crash_write = (uint32_t)h->crash_write;
    over->crash_before_write = (uint32_t)h->crash_before_write;
    wf_harness_call(over, name, mode, input);
    if (over->sin)
        fprintf(stderr, "%s: %s\n", name, over->sin);
    take_answer(h);
    return h->answer;
}

enum harness_answer harness_call_tree(struct harness *h, const char *name, uint32_t mode, cJSON *input)
{
    char *text = cJSON_PrintUnformatted(input);
    cJSON_Delete(input);
    enum harness_answer answer = harness_call(h, name, mode, text);
    cJSON_free(text);
    return answer;
}

void harness_forget(struct harness *h)
{
    wf_harness_forget(h->over);
}

const cJSON *harness_remembered(struct harness *h, const char *name)
{
    cJSON_Delete(h->remembered);
    h->remembered = tree_of(wf_harness_recall(h->over, name));
    return h->remembered;
}
