/* pc_call.c: one logical request, with those retries that cannot do a thing twice.
 *
 * A read is repeated after anything that may pass. A write is repeated, with the same MS-RequestId, only when the
 * service said that it did not look at it (429, 503 with Retry-After, 401) or never saw it; otherwise its outcome is
 * unknown, and only who sent it knows where to look. */
#include "pc_int.h"

#include <stdlib.h>
#include <strings.h>
#include <uuid/uuid.h>

#define NETWORK_TRIES   6
#define LONGEST_WAIT_MS ((int64_t)600000)

int64_t pc__backoff(unsigned tries, int64_t base_ms, int64_t cap_ms)
{
    int64_t ms = base_ms << (tries < 16 ? tries : 16);
    if (ms > cap_ms)
        ms = cap_ms;
    return ms + (int64_t)arc4random_uniform((uint32_t)(ms / 4 + 1));
}

const char *pc__header(const struct wf_http_response *http, const char *name)
{
    for (size_t i = 0; i < http->nheaders; i++)
        if (strcasecmp(http->headers[i].name, name) == 0)
            return http->headers[i].value;
    return NULL;
}

/* "Wed, 21 Oct 2026 07:28:00 GMT" as ISO, which pc_date reads. */
static int64_t http_date(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4], iso[64];
    int day, year, h, m, s;
    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &h, &m, &s) != 6)
        return -1;
    const char *at = strstr(months, month);
    if (!at)
        return -1;
    snprintf(iso, sizeof iso, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, (int)(at - months) / 3 + 1, day, h, m, s);
    return pc_date(iso);
}

int64_t pc__retry_after(struct pc *pc, const struct wf_http_response *http)
{
    const char *text = pc__header(http, "Retry-After");
    char *end;
    if (!text)
        return -1;
    int64_t ms = strtoll(text, &end, 10) * 1000;
    if (end == text) {
        int64_t at = http_date(text);
        if (at < 0)
            return -1;
        ms = at - pc_now(pc);
    }
    if (ms < 0)
        ms = 0;
    return ms < LONGEST_WAIT_MS ? ms : LONGEST_WAIT_MS;
}

/* Links come with and without /v1, and may be absolute. */
static const char *url_of(struct pc *pc, const struct pc_request *req)
{
    const char *path = req->path;
    if (strncmp(path, "http://", 7) == 0 || strncmp(path, "https://", 8) == 0)
        return path;
    const char *slash = *path == '/' ? "" : "/";
    if (req->flags & PC_GRAPH)
        return pc_text(pc, "%s/v1.0%s%s", pc->set.graph_root, slash, path);
    if (req->flags & PC_SHEET)
        return pc_text(pc, "%s/v1.0%s%s", pc->set.price_root, slash, path);
    bool versioned = strncmp(path + (*path == '/'), "v1/", 3) == 0;
    return pc_text(pc, "%s%s%s%s", pc->set.api_root, versioned ? "" : "/v1", slash, path);
}

/* A token must never go to an address that a link of an answer made up. */
static bool url_trusted(struct pc *pc, const struct pc_request *req, const char *url)
{
    const char *root = req->flags & PC_GRAPH   ? pc->set.graph_root
                       : req->flags & PC_SHEET ? pc->set.price_root
                                               : pc->set.api_root;
    size_t len = strlen(root);
    return strncmp(url, root, len) == 0 && (url[len] == '/' || url[len] == '?' || url[len] == 0);
}

static struct wf_bytes body_of(struct pc *pc, const cJSON *tree)
{
    struct wf_bytes bytes = {NULL, 0};
    char *text = tree ? cJSON_PrintUnformatted(tree) : NULL;
    if (text) {
        bytes.ptr = pc_text(pc, "%s", text);
        bytes.len = strlen(text);
    }
    cJSON_free(text);
    return bytes;
}

int pc__wire_make(struct pc *pc, const struct pc_request *req, const char *request_id, struct pc__wire *wire)
{
    *wire = (struct pc__wire){.id = request_id, .write = req->method && strcmp(req->method, "GET") != 0};
    const char *url = url_of(pc, req);
    if (!url_trusted(pc, req, url))
        return pc_fault(pc, "communication", 0, "A link leads elsewhere",
            "An answer of the service links to %s, which is not under its configured address; it was not followed.",
            url);
    wire->token = pc__token_get(pc, req);
    if (!wire->token)
        return -1;
    struct wf_http_header *h = wire->headers;
    *h++ = (struct wf_http_header){"Authorization", pc_text(pc, "Bearer %s", wire->token)};
    *h++ = (struct wf_http_header){"Accept", req->flags & PC_SHEET ? "text/csv, application/json" : "application/json"};
    if (req->flags & PC_GRAPH) {
        *h++ = (struct wf_http_header){"client-request-id", request_id};
    } else {
        *h++ = (struct wf_http_header){"MS-RequestId", request_id};
        *h++ = (struct wf_http_header){"MS-CorrelationId", pc->correlation};
        *h++ = (struct wf_http_header){"X-Locale", pc->set.locale};
        *h++ = (struct wf_http_header){"MS-PartnerCenter-Application", pc->set.application};
    }
    if (req->body)
        *h++ = (struct wf_http_header){"Content-Type", "application/json"};
    if (req->etag && *req->etag)
        *h++ = (struct wf_http_header){"If-Match", pc_text(pc, *req->etag == '"' ? "%s" : "\"%s\"", req->etag)};
    if (req->continuation)
        *h++ = (struct wf_http_header){"MS-ContinuationToken", req->continuation};
    wire->http = (struct wf_http_request){.size = sizeof wire->http,
        .method = req->method ? req->method : "GET",
        .url = url,
        .headers = wire->headers,
        .nheaders = (size_t)(h - wire->headers),
        .body = body_of(pc, req->body),
        .timeout_ms = wire->write ? 180000 : 60000};
    return 0;
}

/* A UUIDv4 by a single system call: libuuid makes six, and each request has an id. */
static const char *random_id(struct pc *pc)
{
    uuid_t id;
    char *text = pc->host->alloc(pc->step, UUID_STR_LEN);
    arc4random_buf(id, sizeof id);
    id[6] = (unsigned char)((id[6] & 0x0F) | 0x40);
    id[8] = (unsigned char)((id[8] & 0x3F) | 0x80);
    if (text)
        uuid_unparse_lower(id, text);
    return text ? text : "";
}

enum verdict { ACCEPTED, AGAIN, FAILED };

struct tries {
    unsigned network, throttled;
    bool token;
};

/* What an answer means; AGAIN has set *ret_wait_ms. The fault is filled in unless ACCEPTED. */
static enum verdict judge(struct pc *pc, const struct pc_request *req, const struct pc__wire *wire,
    const struct wf_http_response *http, const cJSON *body, struct tries *tries, int64_t *ret_wait_ms)
{
    bool answered = http->result == WF_HTTP_ANSWERED, good = answered && http->status >= 200 && http->status < 300;
    if (good && (body || !http->body.len))
        return ACCEPTED;
    if (!answered || good)
        pc__fault_network(pc, req, http, wire->write, wire->id);
    else
        pc__fault_remote(pc, req, http, body, wire->id);
    if (http->result == WF_HTTP_CANCELLED || http->result == WF_HTTP_REFUSED)
        return FAILED;
    int64_t asked = answered ? pc__retry_after(pc, http) : -1;
    if (answered && http->status == 401 && !tries->token) {
        tries->token = true;
        pc__token_refused(pc, req, wire->token);
        *ret_wait_ms = 0;
        return AGAIN;
    }
    if (answered && (http->status == 429 || (http->status == 503 && asked >= 0))) {
        *ret_wait_ms = asked >= 0 ? asked : pc__backoff(tries->throttled, 1000, 60000);
        if (asked >= 0 && tries->throttled)
            *ret_wait_ms += pc__backoff(tries->throttled, 250, 30000);
        pc__gate_pause(pc, req, *ret_wait_ms);
        return ++tries->throttled < PC__THROTTLE_TRIES ? AGAIN : FAILED;
    }
    bool transient = !answered || good || http->status >= 500;
    if (!transient || (wire->write && http->result != WF_HTTP_NOT_SENT)) {
        pc->fault.unknown = transient;
        return FAILED;
    }
    *ret_wait_ms = pc__backoff(tries->network, 500, 30000);
    return ++tries->network < NETWORK_TRIES ? AGAIN : FAILED;
}

/* The body of an answer: JSON; of a price sheet that came, its text as a JSON string. */
static cJSON *tree_of(const struct pc_request *req, const struct wf_http_response *http)
{
    if (http->result != WF_HTTP_ANSWERED)
        return NULL;
    if (!(req->flags & PC_SHEET) || http->status != 200)
        return wf_cjson_parse(http->body);
    char *text = strndup(http->body.ptr ? http->body.ptr : "", http->body.len);
    cJSON *tree = text ? cJSON_CreateString(text) : NULL;
    free(text);
    return tree;
}

int pc_call(struct pc *pc, const struct pc_request *req, struct pc_reply *ret_reply)
{
    const char *id = req->request_id ? req->request_id : random_id(pc);
    struct tries tries = {0};
    for (;;) {
        struct pc__wire wire;
        if (pc__gate_wait(pc, req) || pc__wire_make(pc, req, id, &wire))
            return -1;
        const struct wf_http_response *http = pc->host->http(pc->step, &wire.http);
        int status = http->status;
        int64_t wait = 0;
        cJSON *body = tree_of(req, http);
        enum verdict verdict = judge(pc, req, &wire, http, body, &tries, &wait);
        pc->host->http_release(pc->step, http);
        if (verdict == ACCEPTED) {
            pc__gate_passed(pc, req);
            pc->fault = (struct pc_fault){0};
            *ret_reply = (struct pc_reply){.status = status, .json = pc_keep(pc, body)};
            return 0;
        }
        cJSON_Delete(body);
        if (verdict == FAILED)
            return -1;
        pc->host->log(pc->step, WF_LOG_DEBUG, "%s Again in %lld ms.", pc->fault.detail, (long long)wait);
        if (wait && pc_sleep(pc, wait) != 0)
            return -1;
    }
}

cJSON *pc_get(struct pc *pc, const char *customer, uint32_t flags, const char *format, ...)
{
    char path[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    struct pc_request req = {.path = pc_text(pc, "%s", path), .customer = customer, .flags = flags};
    struct pc_reply reply;
    if (pc_call(pc, &req, &reply))
        return NULL;
    return reply.json ? reply.json : pc_keep(pc, cJSON_CreateObject());
}
