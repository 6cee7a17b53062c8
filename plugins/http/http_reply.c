/* http_reply.c: from a reply to the step's output: content, response or raw; or to an error with the remote's words. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>

#include "http.h"

#define MAX_WORDS 500 /* bytes of a reply's text that go into an error */

static const char *header(const struct wf_http_response *reply, const char *name)
{
    for (size_t i = 0; i < reply->nheaders; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return "";
}

/* application/json, application/problem+json; charset=utf-8, ... */
static bool is_json(const char *type)
{
    size_t len = strcspn(type, "; ");

    return (len == 16 && strncasecmp(type, "application/json", 16) == 0) ||
           (len > 5 && strncasecmp(type + len - 5, "+json", 5) == 0);
}

/* RFC 3629, as far as JSON needs it: no stray or missing continuation bytes, no NUL. */
static bool is_text(const char *bytes, size_t len)
{
    unsigned pending = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == 0 || (pending > 0) != ((c & 0xC0) == 0x80))
            return false;
        if (pending > 0)
            pending--;
        else if (c >= 0xC0)
            pending = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
    }
    return pending == 0;
}

static cJSON *string_of(const char *bytes, size_t len)
{
    char *text = calloc(1, len + 1);
    cJSON *string;

    if (len)
        memcpy(text, bytes, len);
    string = cJSON_CreateString(text);
    free(text);
    return string;
}

static cJSON *base64_of(const char *bytes, size_t len)
{
    unsigned char *text = calloc(1, (len + 2) / 3 * 4 + 1);
    cJSON *string;

    EVP_EncodeBlock(text, (const unsigned char *)bytes, (int)len);
    string = cJSON_CreateString((const char *)text);
    free(text);
    return string;
}

/* The type decides, and not the bytes, so that the same address always gives the same kind of value. A reply without a
 * type may be text. */
static bool is_text_type(const char *type)
{
    static const char *const others[] = {"application/xml", "application/yaml", "application/javascript",
        "application/x-www-form-urlencoded", "application/x-ndjson", ""};
    size_t len = strcspn(type, "; ");

    if (strncasecmp(type, "text/", 5) == 0 || (len > 4 && strncasecmp(type + len - 4, "+xml", 4) == 0))
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strlen(others[i]) == len && strncasecmp(type, others[i], len) == 0)
            return true;
    }
    return false;
}

/* JSON types parsed, text as text, nothing as null, the rest as base64. NULL: a JSON type that does not parse. */
static cJSON *content_of(const struct wf_http_response *reply)
{
    const char *type = header(reply, "Content-Type");

    if (reply->body.len == 0)
        return cJSON_CreateNull();
    if (is_json(type))
        return wf_cjson_parse(reply->body);
    if (is_text_type(type) && is_text(reply->body.ptr, reply->body.len))
        return string_of(reply->body.ptr, reply->body.len);
    return base64_of(reply->body.ptr, reply->body.len);
}

static cJSON *headers_of(const struct wf_http_header *headers, size_t count)
{
    cJSON *object = cJSON_CreateObject();

    for (size_t i = 0; i < count; i++) {
        const char *value = strcasecmp(headers[i].name, "Authorization") == 0 ? "***" : headers[i].value;
        cJSON *before = cJSON_GetObjectItemCaseSensitive(object, headers[i].name);
        if (before) { /* RFC 9110, section 5.3: repeated fields are one list */
            size_t len = strlen(before->valuestring) + strlen(value) + 3;
            char *both = malloc(len);
            snprintf(both, len, "%s, %s", before->valuestring, value);
            cJSON_SetValuestring(before, both);
            free(both);
        } else {
            cJSON_AddStringToObject(object, headers[i].name, value);
        }
    }
    return object;
}

static cJSON *response_of(const struct http_call *call, const struct wf_http_response *reply, cJSON *content)
{
    cJSON *output = cJSON_CreateObject(), *request = cJSON_AddObjectToObject(output, "request");

    cJSON_AddStringToObject(request, "method", call->request.method);
    cJSON_AddStringToObject(request, "uri", reply->url ? reply->url : call->request.url);
    cJSON_AddItemToObject(request, "headers", headers_of(call->headers, call->request.nheaders));
    cJSON_AddNumberToObject(output, "statusCode", reply->status);
    cJSON_AddItemToObject(output, "headers", headers_of(reply->headers, reply->nheaders));
    cJSON_AddItemToObject(output, "content", content);
    return output;
}

/* ---- errors ---- */

/* Without its query, which may carry a key. */
static int bare_len(const struct http_call *call)
{
    return (int)strcspn(call->request.url, "?");
}

static void fail_status(struct http_call *call, const struct wf_http_response *reply)
{
    int words = reply->body.len > MAX_WORDS ? MAX_WORDS : (int)reply->body.len;
    char *text = http_text(call->step, "%.*s", words, is_text(reply->body.ptr, reply->body.len) ? reply->body.ptr : "");

    if (reply->status == 401 && call->token_key)
        http_auth_forget(call->token_key);
    wf_cjson_fail(http_host, call->step, "communication", reply->status, NULL, NULL,
        "%s %.*s was answered with status %d%s%s", call->request.method, bare_len(call), call->request.url,
        reply->status, *text ? ": " : "", text);
}

static void fail_exchange(struct http_call *call, const struct wf_http_response *reply)
{
    bool is_refused = reply->result == WF_HTTP_REFUSED; /* wfrun did not want to: to try again is of no use */
    const char *what = is_refused                          ? "is refused"
                       : reply->result == WF_HTTP_NOT_SENT ? "was not sent"
                                                           : "got no whole answer";

    wf_cjson_fail(http_host, call->step, is_refused ? "configuration" : "communication", is_refused ? 400 : 500, NULL,
        NULL, "%s %.*s %s: %s", call->request.method, bare_len(call), call->request.url, what, reply->error);
}

void http_reply(struct wf_step *step, const struct wf_http_response *reply, void *arg)
{
    struct http_call *call = arg;
    cJSON *content;

    http_memory_begin();
    if (reply->result != WF_HTTP_ANSWERED) {
        fail_exchange(call, reply);
    } else if (reply->status < 200 || reply->status > ((call->request.flags & WF_HTTP_FOLLOW) ? 399 : 299)) {
        fail_status(call, reply);
    } else if (call->output == HTTP_RAW) {
        wf_cjson_succeed(http_host, step, base64_of(reply->body.ptr, reply->body.len));
    } else if (!(content = content_of(reply))) {
        wf_cjson_fail(http_host, step, "communication", 500, NULL, NULL,
            "%s %.*s was answered with status %d and a body that is called JSON and is none", call->request.method,
            bare_len(call), call->request.url, reply->status);
    } else if (call->output == HTTP_RESPONSE) {
        wf_cjson_succeed(http_host, step, response_of(call, reply, content));
    } else if (reply->body.len > 0 && is_json(header(reply, "Content-Type"))) {
        cJSON_Delete(content); /* it parses; the bytes as they came keep every digit */
        http_host->succeed(step, reply->body);
    } else {
        wf_cjson_succeed(http_host, step, content);
    }
}
