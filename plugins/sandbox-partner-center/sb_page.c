/* sb_page.c: paging in the service's styles. */
#include "sb_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_json.h"

enum { SIZE_MAX_OF_PAGE = 500 };

static uint64_t check_of(const struct sb_request *req, int64_t offset)
{
    uint64_t hash = sb_ident_digest(req->world->random_seed, req->path, strlen(req->path));
    return sb_ident_mix(hash ^ (uint64_t)offset);
}

const char *sb_page_token(const struct sb_request *req, int64_t offset, char *buf)
{
    snprintf(buf, 64, "%llx-%llx", (unsigned long long)offset, (unsigned long long)check_of(req, offset));
    return buf;
}

bool sb_page_untoken(const struct sb_request *req, const char *token, int64_t *ret_offset)
{
    char *end;
    unsigned long long offset = strtoull(token, &end, 16);
    if (*end != '-' || strtoull(end + 1, &end, 16) != check_of(req, (int64_t)offset) || *end)
        return false;
    *ret_offset = (int64_t)offset;
    return true;
}

bool sb_page_read(struct sb_request *req, int64_t total, struct sb_page *ret_page)
{
    struct sb_page page = {
        .size = sb_request_query_int(req, "size", 0), .offset = sb_request_query_int(req, "offset", 0)};
    const char *seek = sb_request_query(req, "seekOperation");
    if (page.size <= 0)
        page.size = -1;
    if (page.size > SIZE_MAX_OF_PAGE)
        page.size = SIZE_MAX_OF_PAGE;
    if (page.offset < 0)
        page.offset = 0;
    if (seek && strcasecmp(seek, "Last") == 0) {
        page.offset = page.size > 0 && total > page.size ? (total - 1) / page.size * page.size : 0;
    } else if (seek && strcasecmp(seek, "First") != 0) {
        int64_t next;
        if (!sb_page_untoken(req, req->headers.continuation, &next)) {
            sb_reply_fail(req, 400, 2000, "The query is not valid: the continuation token is unknown.");
            return false;
        }
        bool back = strcasecmp(seek, "Previous") == 0 && page.size > 0;
        page.offset = back ? next - 2 * page.size : next;
        if (page.offset < 0)
            page.offset = 0;
    }
    *ret_page = page;
    return true;
}

static void add_next(struct sb_request *req, const struct sb_page *page, cJSON *collection, cJSON *links, int64_t next)
{
    char token[64];
    char query[128];
    sb_page_token(req, req->fault.kind == SB_FAULT_REPEAT_PAGE ? page->offset : next, token);
    if (sb_request_query(req, "offset"))
        snprintf(query, sizeof query, "offset=%lld&size=%lld", (long long)next, (long long)page->size);
    else
        snprintf(query, sizeof query, "size=%lld&seekOperation=Next", (long long)page->size);
    cJSON *link = sb_json_link(links, "next", "%s?%s", req->path + 3, query);
    if (sb_request_query(req, "offset"))
        return;
    cJSON *header = cJSON_CreateObject();
    cJSON_AddStringToObject(header, "key", "MS-ContinuationToken");
    cJSON_AddStringToObject(header, "value", token);
    cJSON_AddItemToArray(cJSON_GetObjectItem(link, "headers"), header);
    cJSON_AddStringToObject(collection, "continuationToken", token);
}

cJSON *sb_page_write(struct sb_request *req, const struct sb_page *page, int64_t total, cJSON *items)
{
    int64_t next = page->offset + cJSON_GetArraySize(items);
    cJSON *collection = sb_json_collection(items);
    cJSON *links = cJSON_AddObjectToObject(collection, "links");
    sb_json_link(links, "self", "%s%s%s", req->path + 3, req->query[0] ? "?" : "", req->query);
    if (page->size > 0 && next < total)
        add_next(req, page, collection, links, next);
    return collection;
}

bool sb_page_filter(struct sb_request *req, char field[64], char value[256], bool *ret_bad)
{
    const char *text = sb_request_query(req, "filter");
    *ret_bad = false;
    if (!text || !*text)
        return false;
    cJSON *json = sb_json_parse(text, strlen(text));
    const char *name = sb_json_text(json, "Field");
    const char *wanted = sb_json_text(json, "Value");
    *ret_bad = !name || !wanted;
    if (*ret_bad) {
        sb_reply_fail(req, 400, 2000, "The query is not valid: filter needs Field, Value and Operator.");
    } else {
        snprintf(field, 64, "%s", name);
        snprintf(value, 256, "%s", wanted);
    }
    cJSON_Delete(json);
    return !*ret_bad;
}
