/* case_http.c: answers a step's requests with what its case says, and sees to it that they come as written. */
#include "cli/case_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

static char *text_of(const jv *value)
{
    return jv_get_kind(*value) == JV_KIND_STRING ? wf_strdup(jv_string_value(*value)) : wf_val_text(value);
}

static size_t take_headers(const jv *object, struct wf_http_header **ret)
{
    size_t count = 0;

    if (jv_get_kind(*object) != JV_KIND_OBJECT)
        return 0;
    *ret = wf_calloc((size_t)jv_object_length(jv_copy(*object)) + 1, sizeof **ret);
    jv_object_foreach(*object, name, value) {
        (*ret)[count++] = (struct wf_http_header){wf_strdup(jv_string_value(name)), text_of(&value)};
        jv_free(name);
        jv_free(value);
    }
    return count;
}

static void free_headers(struct wf_http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((char *)headers[i].name);
        free((char *)headers[i].value);
    }
    free(headers);
}

static void take_reply(struct wf_case_exchange *exchange, const jv *reply)
{
    if (jv_get_kind(*reply) == JV_KIND_STRING) {
        exchange->result = strcmp(jv_string_value(*reply), "unknown") == 0 ? WF_HTTP_UNKNOWN : WF_HTTP_NOT_SENT;
        return;
    }
    jv headers = wf_val_get(reply, "headers"), body = wf_val_get(reply, "body");
    exchange->result = WF_HTTP_ANSWERED;
    exchange->status = (int32_t)wf_val_number(reply, "status", 200);
    exchange->nheaders = take_headers(&headers, &exchange->headers);
    exchange->reply = jv_is_valid(body) ? text_of(&body) : wf_strdup("");
    exchange->reply_len = strlen(exchange->reply);
    jv_free(headers);
    jv_free(body);
}

static void take_exchange(struct wf_case_exchange *exchange, const jv *item)
{
    const char *request = wf_val_string(item, "request", ""), *space = strchr(request, ' ');
    jv wanted = wf_val_get(item, "headers"), reply = wf_val_get(item, "reply");

    exchange->method = wf_memdup(request, (size_t)(space - request)); /* by the schema there is a space */
    exchange->url = wf_strdup(space + 1);
    exchange->nwanted = take_headers(&wanted, &exchange->wanted);
    take_reply(exchange, &reply);
    jv_free(wanted);
    jv_free(reply);
}

void wf_case_script_init(struct wf_case_script *script, const jv *list)
{
    *script = (struct wf_case_script){.count = 0};
    if (jv_get_kind(*list) != JV_KIND_ARRAY)
        return;
    script->items = wf_calloc((size_t)jv_array_length(jv_copy(*list)) + 1, sizeof *script->items);
    jv_array_foreach(*list, i, item) {
        take_exchange(&script->items[script->count++], &item);
        jv_free(item);
    }
}

void wf_case_script_done(struct wf_case_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        struct wf_case_exchange *exchange = &script->items[i];
        free(exchange->method);
        free(exchange->url);
        free(exchange->reply);
        free(exchange->seen);
        free_headers(exchange->wanted, exchange->nwanted);
        free_headers(exchange->headers, exchange->nheaders);
    }
    free(script->items);
    *script = (struct wf_case_script){.count = 0};
}

static bool is_same(const struct wf_case_exchange *exchange, const struct wf_http_request *request)
{
    return strcasecmp(exchange->method, request->method) == 0 && strcmp(exchange->url, request->url) == 0;
}

static const char *header_of(const struct wf_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->nheaders; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* The exchange that is due; NULL, and the script's sin says why. */
static struct wf_case_exchange *take_next(struct wf_case_script *script, const struct wf_http_request *request)
{
    if (script->next < script->count && is_same(&script->items[script->next], request))
        return &script->items[script->next++];
    if (!*script->sin && script->next < script->count)
        snprintf(script->sin, sizeof script->sin, "it requests %s %s, and not %s %s", request->method, request->url,
            script->items[script->next].method, script->items[script->next].url);
    else if (!*script->sin)
        snprintf(script->sin, sizeof script->sin, "it requests %s %s, which the case does not list", request->method,
            request->url);
    return NULL;
}

static struct wf_case_exchange *take_any(struct wf_case_script *script, const struct wf_http_request *request)
{
    for (size_t i = 0; i < script->count; i++)
        if (is_same(&script->items[i], request))
            return &script->items[i];
    return NULL;
}

static void note(
    struct wf_case_script *script, struct wf_case_exchange *exchange, const struct wf_http_request *request)
{
    for (size_t i = 0; i < exchange->nwanted && !*script->sin; i++) {
        const char *value = header_of(request, exchange->wanted[i].name);
        if (!value || strcmp(value, exchange->wanted[i].value) != 0)
            snprintf(script->sin, sizeof script->sin, "%s %s has the header %s: %s, and not %s", request->method,
                request->url, exchange->wanted[i].name, value ? value : "(none)", exchange->wanted[i].value);
    }
    free(exchange->seen);
    exchange->seen = request->body.ptr ? wf_memdup(request->body.ptr, request->body.len) : NULL;
}

bool wf_case_script_answer(
    struct wf_harness *harness, const struct wf_http_request *request, struct wf_http_response *ret)
{
    struct wf_case_script *script = harness->arg;
    struct wf_case_exchange *exchange = script->lenient ? take_any(script, request) : take_next(script, request);

    if (exchange && !script->lenient)
        note(script, exchange, request);
    ret->result = exchange ? exchange->result : WF_HTTP_NOT_SENT;
    if (exchange && exchange->result == WF_HTTP_ANSWERED) {
        ret->status = exchange->status;
        ret->headers = exchange->headers;
        ret->nheaders = exchange->nheaders;
        ret->body = (struct wf_bytes){exchange->reply, exchange->reply_len};
    }
    return true; /* what is wrong with it is judged by script->sin, which has the better words */
}

static void judge_body(const struct wf_case_exchange *exchange, const jv *wanted, struct wf_buf *words)
{
    jv seen = jv_null();
    struct wf_err err = {0};
    char *text = text_of(wanted);

    if (exchange->seen && jv_get_kind(*wanted) == JV_KIND_STRING) {
        jv_free(seen);
        seen = jv_string(exchange->seen);
    } else if (exchange->seen && wf_val_parse(exchange->seen, strlen(exchange->seen), &seen, &err) != 0) {
        seen = jv_string(exchange->seen);
    }
    if (!jv_equal(jv_copy(seen), jv_copy(*wanted)))
        wf_buf_printf(words, "%s %s is sent with %s, and not with %s", exchange->method, exchange->url,
            exchange->seen ? exchange->seen : "no body", text);
    free(text);
    jv_free(seen);
}

void wf_case_script_judge(const struct wf_case_script *script, const jv *list, struct wf_buf *words)
{
    wf_buf_str(words, script->sin);
    if (words->len)
        return;
    if (script->next < script->count) {
        wf_buf_printf(
            words, "it never requests %s %s", script->items[script->next].method, script->items[script->next].url);
        return;
    }
    for (size_t i = 0; i < script->count && !words->len; i++) {
        jv item = jv_array_get(jv_copy(*list), (int)i), body = wf_val_get(&item, "body");
        if (jv_is_valid(body))
            judge_body(&script->items[i], &body, words);
        jv_free(body);
        jv_free(item);
    }
}
