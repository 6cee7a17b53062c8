/* http_request.c: from `with` to a request: address, query, headers, body. */
#include <ctype.h>
#include <strings.h>

#include "http.h"

static bool is_out; /* of memory, since http_memory_begin */

void http_memory_begin(void)
{
    is_out = false;
}

bool http_memory_is_out(struct wf_step *step)
{
    if (is_out)
        wf_cjson_fail(http_host, step, "runtime", 500, "Out of memory", NULL,
            "The request of %s is too large: there is no memory for its parts.", http_host->task(step));
    return is_out;
}

/* For a text; one that is not there is empty. */
static char *room(struct wf_step *step, size_t size)
{
    static char nothing[1];
    char *text = http_host->alloc(step, size);

    is_out = is_out || !text;
    return text ? text : nothing;
}

char *http_text(struct wf_step *step, const char *format, ...)
{
    va_list args;
    char *text;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = room(step, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, is_out ? 1 : (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

char *http_copy(struct wf_step *step, const char *text)
{
    return http_text(step, "%s", text);
}

char *http_quote(struct wf_step *step, const char *text)
{
    char *quoted = room(step, strlen(text) * 3 + 1), *out = quoted;

    for (const unsigned char *c = (const unsigned char *)text; *c && !is_out; c++) {
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
    char *url = http_text(call->step, "%.*s", (int)strcspn(uri, "#"), uri);
    const cJSON *member;

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
    is_out = is_out || !call->headers;
    if (http_memory_is_out(call->step))
        return -1;
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
    return http_memory_is_out(call->step) ? -1 : 0;
}

void http_request_send(struct http_call *call)
{
    http_host->http_start(call->step, &call->request, http_reply, call);
}
