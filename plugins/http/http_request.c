/* http_request.c: from `with` to a request: address, query, headers, body. */
#include <ctype.h>
#include <strings.h>

#include "http.h"

char *http_text(struct wf_step *step, const char *format, ...)
{
    va_list args;
    char *text;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = http_host->alloc(step, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

char *http_copy(struct wf_step *step, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(http_host->alloc(step, size), text, size);
}

char *http_quote(struct wf_step *step, const char *text)
{
    char *quoted = http_host->alloc(step, strlen(text) * 3 + 1), *out = quoted;

    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (isalnum(*c) || strchr("-._~", *c))
            *out++ = (char)*c;
        else
            out += snprintf(out, 4, "%%%02X", *c);
    }
    return quoted;
}

void http_header_add(struct http_call *call, const char *name, const char *value)
{
    call->headers[call->request.nheaders++] = (struct wf_http_header){name, value};
}

/* Members of `query` behind what the address has already, before its fragment. */
static char *address(struct http_call *call, const char *uri, const cJSON *query)
{
    size_t bare = strcspn(uri, "#");
    char *url = memcpy(http_host->alloc(call->step, bare + 1), uri, bare);
    const cJSON *member;

    url[bare] = '\0';
    cJSON_ArrayForEach(member, query) {
        char *value = cJSON_IsString(member) ? http_copy(call->step, member->valuestring) : NULL;
        if (!value) {
            char *printed = cJSON_PrintUnformatted(member);
            value = http_copy(call->step, printed);
            cJSON_free(printed);
        }
        url = http_text(call->step, "%s%c%s=%s", url, strchr(url, '?') ? '&' : '?',
            http_quote(call->step, member->string), http_quote(call->step, value));
    }
    return url;
}

static bool has_header(const struct http_call *call, const char *name)
{
    for (size_t i = 0; i < call->request.nheaders; i++)
        if (strcasecmp(call->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Text goes as it is, anything else as JSON. */
static void body(struct http_call *call, const cJSON *value)
{
    char *printed;

    if (!value)
        return;
    if (cJSON_IsString(value)) {
        call->request.body.ptr = http_copy(call->step, value->valuestring);
    } else {
        printed = cJSON_PrintUnformatted(value);
        call->request.body.ptr = http_copy(call->step, printed);
        cJSON_free(printed);
        if (!has_header(call, "Content-Type"))
            http_header_add(call, "Content-Type", "application/json");
    }
    call->request.body.len = strlen(call->request.body.ptr);
}

static int headers(struct http_call *call, const cJSON *given)
{
    const cJSON *member;
    int count = cJSON_GetArraySize(given);

    call->headers =
        http_host->alloc(call->step, ((size_t)count + 2) * sizeof *call->headers); /* + type, authorization */
    call->request.headers = call->headers;
    cJSON_ArrayForEach(member, given) {
        if (strpbrk(member->string, "\r\n: ") || strpbrk(member->valuestring, "\r\n")) {
            wf_cjson_fail(http_host, call->step, "validation", 400, NULL, NULL,
                "The header `%s` holds a character that no header may have (a line break, or a blank or colon in its "
                "name).",
                member->string);
            return -1;
        }
        http_header_add(call, http_copy(call->step, member->string), http_copy(call->step, member->valuestring));
    }
    return 0;
}

int http_request_make(struct http_call *call, const cJSON *with)
{
    const cJSON *endpoint = wf_cjson_get(with, "endpoint");
    const char *uri = cJSON_IsString(endpoint) ? endpoint->valuestring : wf_cjson_str(endpoint, "uri", "");
    const char *output = wf_cjson_str(with, "output", "content");
    char *method = http_copy(call->step, wf_cjson_str(with, "method", "GET"));

    if (strncasecmp(uri, "http://", 7) != 0 && strncasecmp(uri, "https://", 8) != 0) {
        wf_cjson_fail(http_host, call->step, "configuration", 400, NULL, NULL,
            "The endpoint `%.200s` is no absolute address; it must begin with http:// or https://.", uri);
        return -1;
    }
    for (char *c = method; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    call->output = strcmp(output, "raw") == 0        ? HTTP_RAW
                   : strcmp(output, "response") == 0 ? HTTP_RESPONSE
                                                     : HTTP_CONTENT;
    call->request.size = sizeof call->request;
    call->request.method = method;
    call->request.flags = wf_cjson_bool(with, "redirect", false) ? WF_HTTP_FOLLOW : 0;
    call->request.url = address(call, uri, wf_cjson_get(with, "query"));
    if (headers(call, wf_cjson_get(with, "headers")) != 0)
        return -1;
    body(call, wf_cjson_get(with, "body"));
    return 0;
}

void http_request_send(struct http_call *call)
{
    http_host->http_start(call->step, &call->request, http_reply, call);
}
