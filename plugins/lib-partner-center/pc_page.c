/* pc_page.c: every page of a collection, whichever of the service's paging styles it uses.
 *
 * A page names its successor by links.next (with headers), by continuationToken, or by Graph's @odata.nextLink. A page
 * that names one we have had already is asked again, twice: a loop must neither be followed nor be taken for the end.
 */
#include "pc_int.h"

#include <stdarg.h>

#define MAX_PAGES 20000
#define REREADS   3

/* The request of the page after this one; path NULL: there is none. */
static struct pc_request next_of(struct pc *pc, const struct pc_request *first, const cJSON *page)
{
    struct pc_request next = *first;
    const cJSON *link = pc_member(pc_member(page, "links"), "next"), *header;
    next.path = NULL;
    next.continuation = NULL;
    if (*pc_str(page, "@odata.nextLink")) {
        next.path = pc_text(pc, "%s", pc_str(page, "@odata.nextLink"));
    } else if (*pc_str(link, "uri")) {
        next.path = pc_text(pc, "%s", pc_str(link, "uri"));
        cJSON_ArrayForEach(header, pc_member(link, "headers")) {
            if (pc_same(pc_str(header, "key"), "MS-ContinuationToken"))
                next.continuation = pc_text(pc, "%s", pc_str(header, "value"));
        }
    } else if (*pc_str(page, "continuationToken")) {
        next.continuation = pc_text(pc, "%s", pc_str(page, "continuationToken"));
        next.path = pc_text(pc, "%s%sseekOperation=Next", first->path, strchr(first->path, '?') ? "&" : "?");
    }
    return next;
}

static bool seen_before(cJSON *seen, const char *mark)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, seen) {
        if (strcmp(item->valuestring, mark) == 0)
            return true;
    }
    return false;
}

int pc_pages(struct pc *pc, const struct pc_request *first, pc_page_fn each, void *arg)
{
    struct pc_request req = *first;
    cJSON *seen = pc_keep(pc, cJSON_CreateArray());
    unsigned rereads = 0;
    for (size_t pages = 0; req.path; pages++) {
        struct pc_reply reply;
        if (pages == MAX_PAGES)
            return pc_fault(
                pc, "communication", 0, "Too many pages", "%s did not end after %d pages.", first->path, MAX_PAGES);
        if (pc_call(pc, &req, &reply)) {
            if (!pages || !pc_fault_is(pc, 2000)) /* how some of its front ends say that the last page was the last */
                return -1;
            pc->host->log(pc->step, WF_LOG_WARN, "%s: the service ended the list with code 2000", first->path);
            return 0;
        }
        cJSON *items = pc_member(reply.json, "items") ? pc_member(reply.json, "items") : pc_member(reply.json, "value");
        if (!rereads && items && each(pc, items, arg) != 0)
            return -1;
        struct pc_request next = next_of(pc, first, reply.json);
        pc_drop(pc, reply.json);
        const char *mark = next.path ? pc_text(pc, "%s %s", next.path, next.continuation ? next.continuation : "") : "";
        if (next.path && seen_before(seen, mark)) {
            if (++rereads == REREADS)
                return pc_fault(pc, "communication", 0, "A list goes in circles",
                    "%s names a page twice, so the rest of the list cannot be read. Try again.", first->path);
            continue;
        }
        cJSON_AddItemToArray(seen, cJSON_CreateString(mark));
        rereads = 0;
        req = next;
    }
    return 0;
}

static int collect(struct pc *pc, cJSON *items, void *arg)
{
    (void)pc;
    while (items->child) {
        cJSON *first = items->child;
        cJSON_AddItemToArray(arg, cJSON_DetachItemViaPointer(items, first));
    }
    return 0;
}

cJSON *pc_list(struct pc *pc, const char *customer, uint32_t flags, const char *format, ...)
{
    char path[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    struct pc_request req = {.path = pc_text(pc, "%s", path), .customer = customer, .flags = flags};
    cJSON *all = pc_keep(pc, cJSON_CreateArray());
    return pc_pages(pc, &req, collect, all) == 0 ? all : NULL;
}
