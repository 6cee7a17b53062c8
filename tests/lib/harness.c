/* harness.c: the host that drives one plugin in a test. */
#include "lib/harness.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Memory of one call: freed when it is over. */
struct block {
    struct block *next;
};

static struct harness *of(struct wf_step *step)
{
    return (struct harness *)(void *)step;
}

static void *host_alloc(struct wf_step *step, size_t size)
{
    struct harness *h = of(step);
    struct block *block = calloc(1, sizeof *block + 16 + size);
    block->next = h->memory;
    h->memory = block;
    return (char *)block + 16;
}

static char *keep_text(struct wf_step *step, const char *text, size_t len)
{
    char *copy = host_alloc(step, len + 1);
    memcpy(copy, text, len);
    return copy;
}

static struct wf_bytes host_input(struct wf_step *step)
{
    return (struct wf_bytes){of(step)->input, strlen(of(step)->input)};
}

static const char *host_config(struct wf_step *step, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(of(step)->config, name));
}

static int32_t host_secret(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    const char *json = cJSON_GetStringValue(cJSON_GetObjectItem(of(step)->secrets, name));
    if (!json)
        return -1;
    *ret_json = (struct wf_bytes){json, strlen(json)};
    return 0;
}

static const char *host_run_id(struct wf_step *step)
{
    return of(step)->run_id;
}

static const char *host_task(struct wf_step *step)
{
    (void)step;
    return "/do/0/step";
}

static const char *host_key(struct wf_step *step)
{
    return of(step)->key;
}

static uint32_t host_attempt(struct wf_step *step)
{
    return of(step)->attempt;
}

static uint32_t host_mode(struct wf_step *step)
{
    return of(step)->mode;
}

static int64_t host_now(struct wf_step *step)
{
    return of(step)->now_ms;
}

static int64_t host_deadline(struct wf_step *step)
{
    return of(step)->now_ms + of(step)->patience_ms - of(step)->slept_ms;
}

static int64_t host_intent(struct wf_step *step)
{
    return of(step)->intent_ms;
}

static int32_t host_cancelled(struct wf_step *step)
{
    return of(step)->crashed;
}

static void host_log(struct wf_step *step, uint32_t level, const char *format, ...)
{
    va_list args;
    (void)step;
    if (!getenv("HARNESS_LOG") && level > WF_LOG_ERROR)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static void host_progress(struct wf_step *step, int64_t done, int64_t total, const char *words)
{
    (void)step;
    (void)done;
    (void)total;
    (void)words;
}

/* ---- answers
 * ---------------------------------------------------------------------------------------------------------- */

static bool answered(struct harness *h, enum harness_answer answer)
{
    bool second = h->answer != HARNESS_NONE;
    h->answer = second ? HARNESS_TWICE : answer;
    return second;
}

static cJSON *tree_of(struct wf_bytes bytes)
{
    return bytes.ptr ? cJSON_ParseWithLength(bytes.ptr, bytes.len) : NULL;
}

static void host_succeed(struct wf_step *step, struct wf_bytes output)
{
    if (!answered(of(step), HARNESS_SUCCEEDED))
        of(step)->output = tree_of(output);
}

static void take_failure(struct harness *h, const struct wf_failure *failure)
{
    snprintf(h->type, sizeof h->type, "%s", failure->type ? failure->type : "runtime");
    snprintf(h->title, sizeof h->title, "%s", failure->title ? failure->title : "");
    snprintf(h->detail, sizeof h->detail, "%s", failure->detail ? failure->detail : "");
    h->status = failure->status;
    h->data = failure->data ? cJSON_Parse(failure->data) : NULL;
}

static void host_fail(struct wf_step *step, const struct wf_failure *failure)
{
    if (!answered(of(step), HARNESS_FAILED))
        take_failure(of(step), failure);
}

static void host_retry(struct wf_step *step, int64_t after_ms, const struct wf_failure *failure)
{
    (void)after_ms;
    if (!answered(of(step), HARNESS_RETRY))
        take_failure(of(step), failure);
}

static void host_verdict(struct wf_step *step, uint32_t verdict, struct wf_bytes output, const char *why)
{
    struct harness *h = of(step);
    if (answered(h, HARNESS_VERDICT))
        return;
    h->verdict = verdict;
    h->output = tree_of(output);
    snprintf(h->why, sizeof h->why, "%s", why ? why : "");
}

static void host_planned(struct wf_step *step, const struct wf_planned *planned)
{
    struct harness *h = of(step);
    if (answered(h, HARNESS_PLANNED))
        return;
    h->action = planned->action;
    h->cost_micros = planned->cost_micros;
    h->until_ms = planned->until_ms;
    h->facts = tree_of(planned->facts);
    snprintf(h->currency, sizeof h->currency, "%s", planned->currency ? planned->currency : "");
    h->output = tree_of(planned->output);
    snprintf(h->why, sizeof h->why, "%s", planned->words ? planned->words : "");
}

/* ---- HTTP
 * ------------------------------------------------------------------------------------------------------------- */

struct transfer {
    struct wf_step *step;
    struct wf_http_response *response;
    struct wf_http_header *headers;
    char *body;
    size_t len;
};

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    t->body = realloc(t->body, t->len + size * n + 1);
    memcpy(t->body + t->len, data, size * n);
    t->len += size * n;
    return size * n;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * n;
    const char *colon = memchr(data, ':', len);
    if (!colon || t->response->nheaders == 32)
        return len;
    const char *value = colon + 1, *end = data + len;
    while (value < end && *value == ' ')
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n'))
        end--;
    t->headers[t->response->nheaders++] = (struct wf_http_header){
        keep_text(t->step, data, (size_t)(colon - data)), keep_text(t->step, value, (size_t)(end - value))};
    return len;
}

static void transfer_prepare(
    struct harness *h, const struct wf_http_request *req, struct transfer *t, struct curl_slist **list)
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
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, t);
    if (strcmp(req->method, "GET") != 0) {
        curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT, 1L); /* curl sends again by itself on a kept one that died */
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)req->body.len);
        curl_easy_setopt(h->curl, CURLOPT_COPYPOSTFIELDS, req->body.ptr ? req->body.ptr : "");
    }
}

static void transfer_run(struct harness *h, const struct wf_http_request *req, struct wf_http_response *response)
{
    struct transfer t = {.step = (void *)h, .response = response};
    struct curl_slist *list = NULL;
    long status = 0;
    t.headers = host_alloc(t.step, 32 * sizeof *t.headers);
    transfer_prepare(h, req, &t, &list);
    CURLcode rc = curl_easy_perform(h->curl);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    response->headers = t.headers;
    response->result = rc == CURLE_OK                ? WF_HTTP_ANSWERED
                       : rc == CURLE_COULDNT_CONNECT ? WF_HTTP_NOT_SENT
                                                     : WF_HTTP_UNKNOWN;
    response->status = rc == CURLE_OK ? (int32_t)status : 0;
    response->error = rc == CURLE_OK ? NULL : curl_easy_strerror(rc);
    if (t.len)
        response->body = (struct wf_bytes){keep_text(t.step, t.body, t.len), t.len};
    free(t.body);
    curl_slist_free_all(list);
}

static void script_run(struct harness *h, const struct wf_http_request *req, struct wf_http_response *response)
{
    struct harness_reply reply = {.result = WF_HTTP_ANSWERED, .status = 200};
    if (!h->script(h, req, &reply)) {
        fprintf(stderr, "not expected: %s %s\n", req->method, req->url);
        response->result = WF_HTTP_REFUSED;
        response->error = "the test did not expect this request";
        return;
    }
    struct wf_http_header *headers = host_alloc((void *)h, 8 * sizeof *headers);
    for (size_t i = 0; i < 8 && reply.headers[i]; i += 2)
        headers[response->nheaders++] = (struct wf_http_header){reply.headers[i], reply.headers[i + 1]};
    response->result = reply.result;
    response->status = reply.result == WF_HTTP_ANSWERED ? reply.status : 0;
    response->headers = headers;
    response->error = reply.result == WF_HTTP_ANSWERED ? NULL : "scripted";
    if (reply.body)
        response->body = (struct wf_bytes){keep_text((void *)h, reply.body, strlen(reply.body)), strlen(reply.body)};
}

static const struct wf_http_response *host_http(struct wf_step *step, const struct wf_http_request *req)
{
    struct harness *h = of(step);
    struct wf_http_response *response = host_alloc(step, sizeof *response);
    bool write = strcmp(req->method, "GET") != 0 && !(req->flags & WF_HTTP_SAFE);
    *response = (struct wf_http_response){.size = sizeof *response, .url = req->url};
    if (write && h->mode != WF_MODE_RUN && h->mode != WF_MODE_UNDO) {
        response->result = WF_HTTP_REFUSED;
        response->error = "a write while planning or verifying";
        return response;
    }
    h->requests++;
    h->writes += write;
    if (write && h->writes == h->crash_before_write)
        h->crashed = true;
    if (h->crashed) {
        response->result = WF_HTTP_CANCELLED;
        response->error = "cancelled";
        return response;
    }
    if (h->script)
        script_run(h, req, response);
    else
        transfer_run(h, req, response);
    if (getenv("HARNESS_LOG"))
        fprintf(stderr, "%s %s -> %d %d %.*s\n", req->method, req->url, response->result, response->status,
            response->body.len > 300 ? 300 : (int)response->body.len, response->body.ptr ? response->body.ptr : "");
    if (write && (h->writes == h->drop_write || h->writes == h->crash_write)) {
        h->crashed = h->writes == h->crash_write;
        *response = (struct wf_http_response){.size = sizeof *response,
            .result = h->crashed ? WF_HTTP_CANCELLED : WF_HTTP_UNKNOWN,
            .url = req->url,
            .error = "the connection was lost"};
    }
    return response;
}

static void host_http_start(struct wf_step *step, const struct wf_http_request *req, wf_http_done done, void *arg)
{
    done(step, host_http(step, req), arg);
}

static void host_http_release(struct wf_step *step, const struct wf_http_response *response)
{
    (void)step;
    (void)response;
}

static int32_t host_sleep(struct wf_step *step, int64_t ms)
{
    struct harness *h = of(step);
    if (h->crashed || h->slept_ms + ms > h->patience_ms)
        return -1;
    h->sleeps++;
    h->slept_ms += ms;
    h->now_ms += ms;
    if (h->sandbox) {
        char text[64];
        snprintf(text, sizeof text, "{\"now_ms\":%lld}", (long long)h->now_ms);
        cJSON_Delete(sandbox_post(h->sandbox, "/_sandbox/clock", text));
    }
    return 0;
}

static int32_t host_remember(struct wf_step *step, const char *name, struct wf_bytes json)
{
    struct harness *h = of(step);
    cJSON *tree = tree_of(json);
    if (h->crashed || !tree)
        return cJSON_Delete(tree), -1;
    cJSON_DeleteItemFromObject(h->remembered, name);
    cJSON_AddItemToObject(h->remembered, name, tree);
    return 0;
}

static int32_t host_recall(struct wf_step *step, const char *name, struct wf_bytes *ret_json)
{
    cJSON *tree = cJSON_GetObjectItem(of(step)->remembered, name);
    char *text = tree ? cJSON_PrintUnformatted(tree) : NULL;
    if (!text)
        return -1;
    *ret_json = (struct wf_bytes){keep_text(step, text, strlen(text)), strlen(text)};
    cJSON_free(text);
    return 0;
}

static const struct wf_host the_host = {.size = sizeof the_host,
    .abi = WF_ABI,
    .input = host_input,
    .config = host_config,
    .secret = host_secret,
    .run_id = host_run_id,
    .task = host_task,
    .idempotency_key = host_key,
    .attempt = host_attempt,
    .mode = host_mode,
    .now_ms = host_now,
    .deadline_ms = host_deadline,
    .intent_ms = host_intent,
    .is_cancelled = host_cancelled,
    .alloc = host_alloc,
    .log = host_log,
    .progress = host_progress,
    .succeed = host_succeed,
    .fail = host_fail,
    .retry = host_retry,
    .verdict = host_verdict,
    .planned = host_planned,
    .http = host_http,
    .http_start = host_http_start,
    .http_release = host_http_release,
    .sleep = host_sleep,
    .remember = host_remember,
    .recall = host_recall};

/* ---- the test's side
 * --------------------------------------------------------------------------------------------------- */

struct harness *harness_new(const char *path)
{
    struct harness *h = calloc(1, sizeof *h);
    char full[4096];
    snprintf(full, sizeof full, "%s%s", *path == '/' ? "" : "./", path);
    h->library = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    const struct wf_plugin *(*entry)(uint32_t) = NULL;
    if (h->library)
        *(void **)&entry = dlsym(h->library, "wf_plugin_entry");
    h->plugin = entry ? entry(WF_ABI) : NULL;
    if (!h->plugin || (h->plugin->open && h->plugin->open(&the_host, &h->state) != 0)) {
        fprintf(stderr, "%s cannot be loaded: %s\n", full, dlerror());
        exit(99);
    }
    h->run_id = "7b1f8a55-0d21-4f2e-bb6d-3d3f2b7f9a10";
    h->key = "2f6e0e0f-6b0e-4d8f-9d0b-0c9f3c5a7e21";
    h->attempt = 1;
    h->now_ms = h->intent_ms = 1500000000000;
    h->patience_ms = (int64_t)24 * 3600 * 1000;
    h->config = cJSON_CreateObject();
    h->secrets = cJSON_CreateObject();
    h->remembered = cJSON_CreateObject();
    h->curl = curl_easy_init();
    harness_config(h, "rate", "0");
    return h;
}

static void forget_answer(struct harness *h)
{
    for (struct block *block = h->memory, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    cJSON_Delete(h->output);
    cJSON_Delete(h->data);
    cJSON_Delete(h->facts);
    free(h->input);
    h->memory = NULL;
    h->output = h->data = h->facts = NULL;
    h->cost_micros = h->until_ms = 0;
    h->currency[0] = 0;
    h->input = NULL;
    h->answer = HARNESS_NONE;
    h->type[0] = h->title[0] = h->detail[0] = h->why[0] = 0;
    h->status = h->requests = h->writes = h->sleeps = 0;
    h->slept_ms = 0;
    h->crashed = false;
}

void harness_free(struct harness *h)
{
    if (!h)
        return;
    forget_answer(h);
    if (h->plugin->close)
        h->plugin->close(h->state);
    cJSON_Delete(h->config);
    cJSON_Delete(h->secrets);
    cJSON_Delete(h->remembered);
    curl_easy_cleanup(h->curl);
    free(h); /* the library stays, as in the engine */
}

void harness_config(struct harness *h, const char *name, const char *value)
{
    cJSON_DeleteItemFromObject(h->config, name);
    cJSON_AddStringToObject(h->config, name, value);
}

void harness_secret(struct harness *h, const char *name, const char *json)
{
    cJSON_DeleteItemFromObject(h->secrets, name);
    if (json)
        cJSON_AddStringToObject(h->secrets, name, json);
}

static void take_settings(struct harness *h, const char *layer)
{
    const cJSON *group = cJSON_GetObjectItem(cJSON_GetObjectItem(h->sandbox->hello, layer), h->plugin->config_group);
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

static const struct wf_step_type *step_of(const struct harness *h, const char *name)
{
    for (size_t i = 0; h->plugin->steps[i]; i++)
        if (strcmp(h->plugin->steps[i]->name, name) == 0)
            return h->plugin->steps[i];
    fprintf(stderr, "the plugin has no step %s\n", name);
    exit(99);
}

enum harness_answer harness_call(struct harness *h, const char *name, uint32_t mode, const char *input)
{
    const struct wf_step_type *step = step_of(h, name);
    void (*const calls[])(struct wf_step *, void *) = {
        step->run, step->plan, step->verify, step->undo, step->plan_undo};
    forget_answer(h);
    h->mode = mode;
    h->input = strdup(input);
    calls[mode]((struct wf_step *)(void *)h, h->state);
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
    cJSON_Delete(h->remembered);
    h->remembered = cJSON_CreateObject();
}

const cJSON *harness_remembered(struct harness *h, const char *name)
{
    return cJSON_GetObjectItem(h->remembered, name);
}
