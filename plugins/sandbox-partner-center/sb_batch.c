/* sb_batch.c: Graph's $batch: up to 20 requests in one, in the order their dependencies ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_request.h"

enum { ITEMS = 20 };

struct item {
    const cJSON *json;
    const char *id;
    bool done;
    int status;
};

static cJSON *write_response(const char *id, int status)
{
    cJSON *response = cJSON_CreateObject();
    cJSON_AddStringToObject(response, "id", id);
    cJSON_AddNumberToObject(response, "status", status);
    return response;
}

static void put_error(cJSON *response, const char *code, const char *message)
{
    cJSON *error = cJSON_AddObjectToObject(cJSON_AddObjectToObject(response, "body"), "error");
    cJSON_AddStringToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", message);
}

static struct sb_request *make_request(struct sb_request *req, const cJSON *json)
{
    const char *method = sb_json_text(json, "method");
    const char *url = sb_json_text(json, "url");
    const cJSON *body = sb_json_get(json, "body");
    char uri[SB_PATH_SIZE * 4];
    struct sb_request *part = sb_request_new(req->world);
    if (!part)
        return NULL;
    snprintf(uri, sizeof uri, "/v1.0%s%s", url && *url == '/' ? "" : "/", url ? url : "");
    snprintf(part->method, sizeof part->method, "%s", method ? method : "");
    snprintf(part->base, sizeof part->base, "%s", req->base);
    snprintf(part->headers.authorization, sizeof part->headers.authorization, "%s", req->headers.authorization);
    snprintf(part->headers.correlation_id, sizeof part->headers.correlation_id, "%s", req->headers.correlation_id);
    if (!sb_request_set_uri(part, uri))
        part->path[0] = '\0';
    if (body) {
        part->body = cJSON_PrintUnformatted(body);
        part->body_len = part->body ? strlen(part->body) : 0;
    }
    return part;
}

static cJSON *run_item(struct sb_request *req, struct item *item)
{
    struct sb_request *part = make_request(req, item->json);
    if (!part)
        return write_response(item->id, 503);
    if (strcasestr(part->path, "$batch"))
        sb_reply_graph_fail(part, 400, "BadRequest", "A batch cannot be part of a batch.");
    else
        sb_dispatch(part);
    item->status = part->reply.reset ? 504 : part->reply.status;
    cJSON *response = write_response(item->id, item->status);
    cJSON *headers = cJSON_AddObjectToObject(response, "headers");
    cJSON_AddStringToObject(headers, "request-id", part->headers.request_id);
    sb_json_put(headers, "Retry-After", part->reply.retry_after);
    if (part->reply.json) {
        cJSON_AddStringToObject(headers, "Content-Type", "application/json");
        cJSON_AddItemToObject(response, "body", part->reply.json);
        part->reply.json = NULL;
    } else if (part->reply.reset || part->reply.text) {
        put_error(response, "UnknownError", "The service did not answer.");
    }
    sb_request_free(part);
    return response;
}

static struct item *find(struct item *items, int count, const char *id)
{
    for (int i = 0; id && i < count; i++) {
        if (strcasecmp(items[i].id, id) == 0)
            return &items[i];
    }
    return NULL;
}

/* 1: may run, 0: must wait, -1: something it depends on failed. */
static int readiness(struct item *items, int count, const struct item *item)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, sb_json_get(item->json, "dependsOn")) {
        const struct item *other = find(items, count, cJSON_GetStringValue(name));
        if (!other || !other->done)
            return 0;
        if (other->status >= 400)
            return -1;
    }
    return 1;
}

static int read_items(struct sb_request *req, struct item items[ITEMS])
{
    const cJSON *list = sb_json_get(req->json, "requests");
    int count = 0;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > ITEMS) {
        sb_reply_graph_fail(req, 400, "BadRequest", "A batch has `requests`, at most %d of them.", ITEMS);
        return -1;
    }
    for (const cJSON *json = list->child; json; json = json->next) {
        const char *id = sb_json_text(json, "id");
        if (!id || find(items, count, id) || !sb_json_text(json, "method") || !sb_json_text(json, "url")) {
            sb_reply_graph_fail(req, 400, "BadRequest", "Each request of a batch has its own id, a method and a url.");
            return -1;
        }
        items[count++] = (struct item){.json = json, .id = id};
    }
    return count;
}

void sb_batch_run(struct sb_request *req)
{
    struct item items[ITEMS] = {0};
    int count = read_items(req, items);
    if (count < 0)
        return;
    cJSON *root = cJSON_CreateObject();
    cJSON *responses = cJSON_AddArrayToObject(root, "responses");
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            int ready = items[i].done ? 0 : readiness(items, count, &items[i]);
            if (ready == 0)
                continue;
            moved = true;
            items[i].done = true;
            if (ready > 0) {
                cJSON_AddItemToArray(responses, run_item(req, &items[i]));
                continue;
            }
            items[i].status = 424;
            cJSON *response = write_response(items[i].id, 424);
            put_error(response, "FailedDependency", "A request this one depends on failed.");
            cJSON_AddItemToArray(responses, response);
        }
    }
    /* What is left waits for itself or for a request that is not there. */
    bool circle = false;
    for (int i = 0; i < count; i++)
        circle = circle || !items[i].done;
    if (circle && responses->child == NULL) {
        cJSON_Delete(root);
        sb_reply_graph_fail(req, 400, "BadRequest", "The requests of the batch depend on each other in a circle.");
        return;
    }
    for (int i = 0; i < count; i++) {
        if (!items[i].done)
            cJSON_AddItemToArray(responses, write_response(items[i].id, 424));
    }
    sb_reply_json(req, 200, root);
}
