/* sb_traffic.c: what was asked: counts by route, the last requests, a record of all. */
#include "sb_traffic.h"

#include <stdio.h>
#include <string.h>

#include "sb_json.h"
#include "sb_request.h"
#include "sb_routes.h"

const char *const sb_traffic_methods[SB_TRAFFIC_METHODS] = {"POST", "PATCH", "PUT", "DELETE"};

/* Whatever could change something, also where nothing answers to it; not the sign-in, and not questions that are asked
 * by POST. */
static void note_write(struct sb_traffic *traffic, const struct sb_request *req)
{
    bool write = req->route ? (req->route->flags & SB_WRITE) != 0 : strcmp(req->method, "GET") != 0;
    if (!write)
        return;
    traffic->writes++;
    for (int i = 0; i < SB_TRAFFIC_METHODS; i++)
        traffic->by_method[i] += strcmp(req->method, sb_traffic_methods[i]) == 0;
}

void sb_traffic_note(struct sb_traffic *traffic, const struct sb_request *req)
{
    int status = req->reply.reset ? 0 : req->reply.status;
    traffic->requests++;
    note_write(traffic, req);
    traffic->throttled += status == 429;
    traffic->faults += req->fault.kind != SB_FAULT_NONE;
    traffic->replays += req->reply.replayed;
    if (req->route)
        traffic->by_route[sb_routes_index(req->route)]++;
    size_t at = traffic->next++ % SB_TRAFFIC_RECENT;
    traffic->recent[at].at_ms = req->now_ms;
    traffic->recent[at].status = status;
    traffic->recent[at].fault = (int)req->fault.kind;
    snprintf(traffic->recent[at].method, sizeof traffic->recent[at].method, "%s", req->method);
    snprintf(traffic->recent[at].path, sizeof traffic->recent[at].path, "%.159s", req->path);
    snprintf(traffic->recent[at].request_id, sizeof traffic->recent[at].request_id, "%.39s", req->headers.request_id);
}

void sb_traffic_record(FILE *file, const struct sb_request *req)
{
    if (strncmp(req->path, "/_sandbox/", strlen("/_sandbox/")) == 0)
        return;
    flockfile(file);
    fprintf(file, "%s %s%s%s", req->method, req->path, req->query[0] ? "?" : "", req->query);
    if (req->body_len)
        putc_unlocked(' ', file);
    for (size_t i = 0; i < req->body_len; i++)
        putc_unlocked(req->body[i] == '\n' || req->body[i] == '\r' ? ' ' : req->body[i], file);
    putc_unlocked('\n', file);
    funlockfile(file);
}

cJSON *sb_traffic_write(const struct sb_traffic *traffic)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *routes = cJSON_AddObjectToObject(root, "routes");
    for (int i = 0; i < sb_routes_count(); i++) {
        const struct sb_route *route = sb_routes_at(i);
        char name[160];
        snprintf(name, sizeof name, "%s %s", route->method, route->pattern);
        if (traffic->by_route[i])
            cJSON_AddNumberToObject(routes, name, (double)traffic->by_route[i]);
    }
    cJSON *recent = cJSON_AddArrayToObject(root, "recent");
    uint64_t first = traffic->next > SB_TRAFFIC_RECENT ? traffic->next - SB_TRAFFIC_RECENT : 0;
    for (uint64_t n = first; n < traffic->next; n++) {
        size_t at = n % SB_TRAFFIC_RECENT;
        cJSON *item = cJSON_CreateObject();
        sb_json_put_time(item, "at", traffic->recent[at].at_ms);
        cJSON_AddStringToObject(item, "method", traffic->recent[at].method);
        cJSON_AddStringToObject(item, "path", traffic->recent[at].path);
        cJSON_AddStringToObject(item, "requestId", traffic->recent[at].request_id);
        cJSON_AddNumberToObject(item, "status", traffic->recent[at].status);
        if (traffic->recent[at].fault)
            cJSON_AddStringToObject(item, "fault", sb_faults_name((enum sb_fault_kind)traffic->recent[at].fault));
        cJSON_AddItemToArray(recent, item);
    }
    return root;
}
