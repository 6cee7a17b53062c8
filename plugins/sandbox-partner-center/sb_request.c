/* sb_request.c: one request's address, query and form. */
#include "sb_request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct sb_request *sb_request_new(struct sb_world *world)
{
    struct sb_request *req = calloc(1, sizeof *req);
    if (req)
        req->world = world;
    return req;
}

void sb_request_free(struct sb_request *req)
{
    if (!req)
        return;
    cJSON_Delete(req->json);
    cJSON_Delete(req->reply.json);
    free(req->reply.text);
    free(req->body);
    free(req);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sb_request_decode(const char *text, size_t len, bool plus, char *buf, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0' || out + 1 >= size)
            return false;
        buf[out++] = c;
    }
    buf[out] = '\0';
    return true;
}

/* Appends name=value&... to the pairs; what does not fit is left out. */
void sb_request_parse_form(struct sb_request *req, const char *text, size_t len)
{
    size_t used = 0;
    size_t pair = 0;
    while (pair < SB_QUERY_PAIRS && req->pairs[pair].name)
        pair++;
    if (pair > 0) {
        const char *last = req->pairs[pair - 1].value;
        used = (size_t)(last - req->decoded) + strlen(last) + 1;
    }
    for (const char *end = text + len; text < end && pair < SB_QUERY_PAIRS;) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop)
            stop = end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        const char *name_end = equals ? equals : stop;
        char *name = req->decoded + used;
        if (!sb_request_decode(text, (size_t)(name_end - text), true, name, sizeof req->decoded - used))
            return;
        used += strlen(name) + 1;
        char *value = req->decoded + used;
        const char *from = equals ? equals + 1 : stop;
        if (used >= sizeof req->decoded ||
            !sb_request_decode(from, (size_t)(stop - from), true, value, sizeof req->decoded - used))
            return;
        used += strlen(value) + 1;
        req->pairs[pair].name = name;
        req->pairs[pair++].value = value;
        text = stop + 1;
    }
}

bool sb_request_set_uri(struct sb_request *req, const char *uri)
{
    size_t len = strcspn(uri, "?");
    if (len >= sizeof req->path)
        return false;
    memcpy(req->path, uri, len);
    req->path[len] = '\0';
    const char *query = uri[len] ? uri + len + 1 : "";
    if (strlen(query) >= sizeof req->query)
        return false;
    memcpy(req->query, query, strlen(query) + 1);
    sb_request_parse_form(req, req->query, strlen(req->query));
    return true;
}

const char *sb_request_query(const struct sb_request *req, const char *name)
{
    for (size_t i = 0; i < SB_QUERY_PAIRS && req->pairs[i].name; i++) {
        if (strcasecmp(req->pairs[i].name, name) == 0)
            return req->pairs[i].value;
    }
    return NULL;
}

int64_t sb_request_query_int(const struct sb_request *req, const char *name, int64_t fallback)
{
    const char *text = sb_request_query(req, name);
    if (!text || !*text)
        return fallback;
    char *end;
    long long value = strtoll(text, &end, 10);
    return *end ? fallback : value;
}
