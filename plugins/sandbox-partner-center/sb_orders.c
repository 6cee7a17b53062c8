/* sb_orders.c: licence-based orders and their add-ons. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_purchase.h"

static const char *const cycles[] = {"monthly", "annual", "none", "one_time", "triennial", "biennial"};

/* An absent or unknown cycle becomes monthly; swagger's numbers count from unknown = 0. */
static void read_cycle(const cJSON *json, char *buf, size_t size)
{
    const char *text = sb_json_text(json, "billingCycle");
    int64_t number = sb_json_int(json, "billingCycle", 0);
    snprintf(buf, size, "monthly");
    for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
        if ((text && strcasecmp(text, cycles[i]) == 0) || number == (int64_t)i + 1)
            snprintf(buf, size, "%s", cycles[i]);
    }
}

static bool read_line(
    struct sb_request *req, const cJSON *item, int64_t number, const char *cycle, struct sb_purchase_line *ret_line)
{
    const char *offer = sb_json_text(item, "offerId");
    const char *friendly = sb_json_text(item, "friendlyName");
    const char *parent = sb_json_text(item, "parentSubscriptionId");
    const char *term = sb_json_text(item, "termDuration");
    if (!offer) {
        sb_reply_fail(req, 400, 800004, "Line %lld has no offerId.", (long long)number);
        return false;
    }
    if (sb_json_int(item, "lineItemNumber", number) != number) {
        sb_reply_fail(req, 400, 800071, "Line numbers count from 0 without gaps.");
        return false;
    }
    struct sb_purchase_line *line = ret_line;
    memset(line, 0, sizeof *line);
    line->offer = sb_catalog_offer(offer);
    line->quantity = sb_json_int(item, "quantity", 0);
    snprintf(line->item, sizeof line->item, "%s", offer);
    snprintf(line->friendly, sizeof line->friendly, "%s", friendly ? friendly : "");
    snprintf(line->parent, sizeof line->parent, "%s", parent ? parent : "");
    snprintf(line->cycle, sizeof line->cycle, "%s", cycle);
    snprintf(line->term, sizeof line->term, "%s", term ? term : "");
    return true;
}

/* All lines, each checked; -1 when refused. */
static int read_lines(struct sb_request *req, const char *cycle, struct sb_purchase_line lines[SB_PURCHASE_LINES])
{
    const cJSON *items = sb_json_get(req->json, "lineItems");
    struct sb_refusal refusal;
    int count = 0;
    if (!sb_purchase_allowed(req, &refusal)) {
        sb_reply_fail(req, refusal.status, refusal.code, "%s", refusal.sentence);
        return -1;
    }
    if (!cJSON_IsArray(items) || !items->child || cJSON_GetArraySize(items) > SB_PURCHASE_LINES) {
        sb_reply_fail(req, 400, 3000, "The order needs 1 to %d lineItems.", SB_PURCHASE_LINES);
        return -1;
    }
    for (const cJSON *item = items->child; item; item = item->next) {
        if (!read_line(req, item, count, cycle, &lines[count]))
            return -1;
        if (!sb_purchase_check(req, &lines[count], &refusal)) {
            sb_reply_fail(req, refusal.status, refusal.code, "%s", refusal.sentence);
            return -1;
        }
        if (req->world->settings.new_commerce && strcasecmp(lines[count].item, lines[count].offer->id) == 0) {
            sb_reply_fail(
                req, 403, 800020, "Offer %s is sold through new commerce only: use a cart.", lines[count].offer->name);
            return -1;
        }
        count++;
    }
    return count;
}

void sb_orders_create(struct sb_request *req)
{
    struct sb_purchase_line lines[SB_PURCHASE_LINES];
    char cycle[16], id[SB_GUID];
    read_cycle(req->json, cycle, sizeof cycle);
    const char *owner = sb_json_text(req->json, "referenceCustomerId");
    if (owner && strcasecmp(owner, req->customer.id) != 0) {
        sb_reply_fail(req, 400, 3000, "referenceCustomerId is not the customer of the address.");
        return;
    }
    int count = read_lines(req, cycle, lines);
    if (count < 0)
        return;
    bool nce = strcasecmp(lines[0].item, lines[0].offer->id) != 0;
    sb_purchase_order(req, nce, cycle, id);
    for (int i = 0; i < count; i++)
        sb_purchase_line(req, id, nce, &lines[i]);
    sb_reply_json(req, 201, sb_purchase_write(req, id, true));
}

static bool load(struct sb_request *req, cJSON **ret_order)
{
    cJSON *order = sb_purchase_write(req, req->args[1], false);
    if (!order) {
        sb_reply_fail(req, 404, 20000, "Order %s was not found.", req->args[1]);
        return false;
    }
    *ret_order = order;
    return true;
}

/* Add-ons join the order of their base. */
void sb_orders_patch(struct sb_request *req)
{
    struct sb_purchase_line lines[SB_PURCHASE_LINES];
    cJSON *order;
    if (!load(req, &order))
        return;
    char id[SB_GUID];
    snprintf(id, sizeof id, "%s", sb_json_text(order, "id"));
    bool nce = sb_json_get(order, "alternateId") != NULL;
    char cycle[16];
    read_cycle(order, cycle, sizeof cycle);
    const char *etag = sb_json_text(sb_json_get(req->json, "attributes"), "etag");
    const char *current = sb_json_text(sb_json_get(order, "attributes"), "etag");
    bool stale = (etag && strcmp(etag, current) != 0) || req->fault.kind == SB_FAULT_STALE_ETAG;
    cJSON_Delete(order);
    if (stale) {
        sb_reply_fail(req, 400, 2055, "The order has changed since it was read: the etag is stale.");
        return;
    }
    int count = read_lines(req, cycle, lines);
    if (count < 0)
        return;
    for (int i = 0; i < count; i++) {
        struct sb_subscription parent;
        if (!lines[i].offer->addon ||
            !sb_subscription_load(&req->world->store, req->customer.id, lines[i].parent, &parent) ||
            strcasecmp(parent.order_id, id) != 0) {
            sb_reply_fail(
                req, 400, 800029, "%s is not an add-on of a subscription of this order.", lines[i].offer->name);
            return;
        }
        sb_purchase_line(req, id, nce, &lines[i]);
    }
    sb_store_run(&req->world->store, "UPDATE orders SET version=version+1 WHERE id=?", "s", id);
    sb_reply_json(req, 200, sb_purchase_write(req, id, false));
}

void sb_orders_get(struct sb_request *req)
{
    cJSON *order;
    if (load(req, &order))
        sb_reply_json(req, 200, order);
}

void sb_orders_list(struct sb_request *req)
{
    const char *billing = sb_request_query(req, "billingType");
    cJSON *items = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT id FROM orders WHERE customer=? AND visible_ms<=? AND (?3 IS NULL OR lower(cycle)=lower(?3)) ORDER BY "
        "seq",
        "sis", req->customer.id, req->now_ms, billing);
    while (sb_store_step(stmt))
        cJSON_AddItemToArray(items, sb_purchase_write(req, sb_store_text(stmt, 0), false));
    cJSON *collection = sb_json_collection(items);
    cJSON *links = cJSON_AddObjectToObject(collection, "links");
    sb_json_link(links, "self", "/customers/%s/orders", req->customer.id);
    sb_reply_json(req, 200, collection);
}

void sb_orders_provisioning(struct sb_request *req)
{
    cJSON *order;
    if (!load(req, &order))
        return;
    cJSON *items = cJSON_CreateArray();
    bool ready =
        sb_store_int(&req->world->store, 0, "SELECT ready_ms FROM orders WHERE id=?", "s", req->args[1]) <= req->now_ms;
    const cJSON *line;
    cJSON_ArrayForEach(line, sb_json_get(order, "lineItems")) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "lineItemNumber", sb_json_number(line, "lineItemNumber", 0));
        cJSON_AddStringToObject(item, "status", ready ? "Fulfilled" : "Unfulfilled");
        cJSON *quantity = cJSON_CreateObject();
        cJSON_AddNumberToObject(quantity, "quantity", sb_json_number(line, "quantity", 0));
        cJSON_AddStringToObject(quantity, "status", ready ? "Fulfilled" : "Unfulfilled");
        cJSON_AddItemToArray(cJSON_AddArrayToObject(item, "quantityProvisioningInformation"), quantity);
        sb_json_attributes(item, "OrderLineItemProvisioningStatus", NULL);
        cJSON_AddItemToArray(items, item);
    }
    cJSON_Delete(order);
    sb_reply_json(req, 200, sb_json_collection(items));
}
