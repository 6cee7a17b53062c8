/* sb_reply.c: answers in the words of Partner Center, Microsoft Graph and the sign-in service. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_json.h"
#include "sb_request.h"

enum { SENTENCE = 512 };

static void clear(struct sb_request *req, int status)
{
    cJSON_Delete(req->reply.json);
    free(req->reply.text);
    req->reply.json = NULL;
    req->reply.text = NULL;
    req->reply.type = NULL;
    req->reply.status = status;
    req->reply.location[0] = '\0';
}

void sb_reply_json(struct sb_request *req, int status, cJSON *json)
{
    clear(req, status);
    req->reply.json = json;
}

void sb_reply_text(struct sb_request *req, int status, const char *type, const char *text)
{
    clear(req, status);
    req->reply.type = type;
    req->reply.text = strdup(text);
}

void sb_reply_empty(struct sb_request *req, int status)
{
    clear(req, status);
}

void sb_reply_fail_data(struct sb_request *req, int status, int64_t code, const char *description, const char *data)
{
    cJSON *error = cJSON_CreateObject();
    cJSON_AddNumberToObject(error, "code", (double)code);
    cJSON_AddStringToObject(error, "description", description);
    cJSON *list = cJSON_AddArrayToObject(error, "data");
    if (data)
        cJSON_AddItemToArray(list, cJSON_CreateString(data));
    cJSON_AddStringToObject(error, "source", "PartnerFD");
    sb_reply_json(req, status, error);
}

void sb_reply_fail(struct sb_request *req, int status, int64_t code, const char *format, ...)
{
    char sentence[SENTENCE];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    sb_reply_fail_data(req, status, code, sentence, NULL);
}

static void graph_fail(struct sb_request *req, int status, const char *code, const char *sentence)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *error = cJSON_AddObjectToObject(root, "error");
    cJSON_AddStringToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", sentence);
    cJSON *inner = cJSON_AddObjectToObject(error, "innerError");
    char date[SB_TIME_TEXT];
    sb_clock_format(req->now_ms / 1000 * 1000, date);
    date[strcspn(date, "Z")] = '\0';
    cJSON_AddStringToObject(inner, "date", date);
    cJSON_AddStringToObject(inner, "request-id", req->headers.request_id);
    cJSON_AddStringToObject(inner, "client-request-id", req->headers.request_id);
    sb_reply_json(req, status, root);
}

void sb_reply_graph_fail(struct sb_request *req, int status, const char *code, const char *format, ...)
{
    char sentence[SENTENCE];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    graph_fail(req, status, code, sentence);
}

static void sign_in_fail(struct sb_request *req, int status, const char *error, int code, const char *sentence)
{
    char description[SENTENCE + 64];
    char now[SB_TIME_TEXT];
    snprintf(description, sizeof description, "AADSTS%d: %s", code, sentence);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "error", error);
    cJSON_AddStringToObject(root, "error_description", description);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(root, "error_codes"), cJSON_CreateNumber(code));
    cJSON_AddStringToObject(root, "timestamp", sb_clock_format(req->now_ms / 1000 * 1000, now));
    cJSON_AddStringToObject(root, "trace_id", req->headers.request_id);
    cJSON_AddStringToObject(root, "correlation_id", req->headers.correlation_id);
    sb_reply_json(req, status, root);
}

void sb_reply_sign_in_fail(struct sb_request *req, int status, const char *error, int code, const char *format, ...)
{
    char sentence[SENTENCE];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    sign_in_fail(req, status, error, code, sentence);
}

static const char *graph_code(int status)
{
    switch (status) {
    case 400:
        return "Request_BadRequest";
    case 401:
        return "InvalidAuthenticationToken";
    case 403:
        return "Authorization_RequestDenied";
    case 404:
        return "Request_ResourceNotFound";
    case 429:
        return "TooManyRequests";
    default:
        return "serviceNotAvailable";
    }
}

void sb_reply_error(struct sb_request *req, int status, int64_t code, const char *sentence)
{
    unsigned flags = req->route ? req->route->flags : strncmp(req->path, "/v1.0/", 6) == 0 ? SB_GRAPH : 0;
    if (flags & SB_SIGN_IN)
        sign_in_fail(req, status, status >= 500 ? "temporarily_unavailable" : "invalid_request", 90033, sentence);
    else if (flags & SB_GRAPH)
        graph_fail(req, status, graph_code(status), sentence);
    else
        sb_reply_fail_data(req, status, code, sentence, NULL);
}

void sb_reply_throttled(struct sb_request *req, int64_t retry_after_s)
{
    char sentence[96] = "Rate limit is exceeded.";
    if (retry_after_s >= 0)
        snprintf(
            sentence, sizeof sentence, "Rate limit is exceeded. Try again in %lld seconds.", (long long)retry_after_s);
    if (req->route && req->route->flags & (SB_GRAPH | SB_SIGN_IN)) {
        sb_reply_error(req, 429, 0, sentence);
    } else {
        cJSON *error = cJSON_CreateObject();
        cJSON_AddNumberToObject(error, "statusCode", 429);
        cJSON_AddStringToObject(error, "message", sentence);
        sb_reply_json(req, 429, error);
    }
    if (retry_after_s >= 0)
        snprintf(req->reply.retry_after, sizeof req->reply.retry_after, "%lld", (long long)retry_after_s);
}
