/* sb_carts.c: carts and their checkout: how new commerce is bought; a cart is checked out once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_prices.h"
#include "sb_purchase.h"

#define LIFE_MS (15 * SB_MINUTE_MS)

struct cart {
    char id[SB_GUID];
    char status[16];
    int64_t created_ms, modified_ms, expires_ms;
    cJSON *lines; /* as the client sent them */
};

static void read_line(const cJSON *item, const char *parent, struct sb_purchase_line *ret_line)
{
    const char *wanted = sb_json_text(item, "catalogItemId");
    const char *friendly = sb_json_text(item, "friendlyName");
    const char *cycle = sb_json_text(item, "billingCycle");
    const char *term = sb_json_text(item, "termDuration");
    const char *context = sb_json_text(sb_json_get(item, "provisioningContext"), "parentSubscriptionId");
    struct sb_purchase_line line = {
        .offer = wanted ? sb_catalog_offer(wanted) : NULL, .quantity = sb_json_int(item, "quantity", 0)};
    snprintf(line.item, sizeof line.item, "%s", wanted ? wanted : "");
    snprintf(line.friendly, sizeof line.friendly, "%s", friendly ? friendly : "");
    snprintf(line.cycle, sizeof line.cycle, "%s", cycle ? cycle : "monthly");
    snprintf(line.term, sizeof line.term, "%s", term ? term : "P1Y");
    snprintf(line.parent, sizeof line.parent, "%s", context ? context : parent);
    *ret_line = line;
}

/* The codes of cart lines are not those of orders. */
static int64_t line_error(
    struct sb_request *req, const struct sb_purchase_line *line, bool parent_in_cart, struct sb_refusal *ret_refusal)
{
    if (line->offer && !sb_catalog_item_current(req->world, line->offer, line->item, req->now_ms)) {
        snprintf(ret_refusal->sentence, sizeof ret_refusal->sentence, "Catalog item %s is not valid (any more).",
            line->item);
        return 10001;
    }
    struct sb_purchase_line checked = *line;
    if (parent_in_cart)
        checked.parent[0] = '\0';
    if (req->world->settings.new_commerce && line->offer && strcasecmp(line->item, line->offer->id) == 0) {
        snprintf(
            ret_refusal->sentence, sizeof ret_refusal->sentence, "The licence-based offer is no longer purchasable.");
        return 500600;
    }
    if (sb_purchase_check(req, &checked, ret_refusal) || (parent_in_cart && ret_refusal->code == 800029))
        return 0;
    switch (ret_refusal->code) {
    case 800004:
        return 10001;
    case 2002:
        return 10006;
    case 800067:
        return 10015;
    case 2091:
        return 500600;
    default:
        return 10014;
    }
}

static cJSON *write_line(struct sb_request *req, const cJSON *item, int number, bool parent_in_cart, bool *ret_ok)
{
    struct sb_purchase_line line;
    struct sb_refusal refusal = {0};
    read_line(item, "", &line);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "id", number);
    cJSON_AddStringToObject(json, "catalogItemId", line.item);
    sb_json_put(json, "friendlyName", line.friendly);
    cJSON_AddNumberToObject(json, "quantity", (double)line.quantity);
    cJSON_AddStringToObject(json, "currencyCode", sb_prices_currency(req->customer.country));
    cJSON_AddStringToObject(json, "billingCycle", line.cycle);
    cJSON_AddStringToObject(json, "termDuration", line.term);
    cJSON_AddStringToObject(json, "orderGroup", "0");
    const cJSON *context = sb_json_get(item, "provisioningContext");
    if (cJSON_IsObject(context) && context->child)
        cJSON_AddItemToObject(json, "provisioningContext", cJSON_Duplicate(context, true));
    int64_t code = line_error(req, &line, parent_in_cart, &refusal);
    if (code) {
        cJSON *error = cJSON_AddObjectToObject(json, "error");
        cJSON_AddNumberToObject(error, "errorCode", (double)code);
        cJSON_AddStringToObject(error, "errorDescription", refusal.sentence);
        *ret_ok = false;
    }
    const cJSON *addons = sb_json_get(item, "addonItems");
    if (cJSON_IsArray(addons) && addons->child) {
        cJSON *list = cJSON_AddArrayToObject(json, "addonItems");
        int n = 0;
        for (const cJSON *addon = addons->child; addon && !parent_in_cart; addon = addon->next)
            cJSON_AddItemToArray(list, write_line(req, addon, n++, true, ret_ok));
    }
    return json;
}

static cJSON *write_cart(struct sb_request *req, const struct cart *cart, bool *ret_ok)
{
    bool ok = true;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", cart->id);
    sb_json_put_time(json, "creationTimestamp", cart->created_ms);
    sb_json_put_time(json, "lastModifiedTimestamp", cart->modified_ms);
    sb_json_put_time(json, "expirationTimestamp", cart->expires_ms);
    cJSON_AddStringToObject(json, "lastModifiedUser", req->world->partner.client_id);
    cJSON_AddStringToObject(json, "status", cart->status);
    cJSON *lines = cJSON_AddArrayToObject(json, "lineItems");
    int n = 0;
    for (const cJSON *item = cart->lines->child; item; item = item->next)
        cJSON_AddItemToArray(lines, write_line(req, item, n++, false, &ok));
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "self", "/customers/%s/carts/%s", req->customer.id, cart->id);
    sb_json_attributes(json, "Cart", NULL);
    if (ret_ok)
        *ret_ok = ok;
    return json;
}

static bool load(struct sb_request *req, struct cart *ret_cart)
{
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT id, status, created_ms, modified_ms, expires_ms, lines FROM cart WHERE id=? AND customer=?", "ss",
        req->args[1], req->customer.id);
    bool found = sb_store_step(stmt);
    if (found) {
        sb_store_copy(stmt, 0, ret_cart->id, sizeof ret_cart->id);
        sb_store_copy(stmt, 1, ret_cart->status, sizeof ret_cart->status);
        ret_cart->created_ms = sqlite3_column_int64(stmt, 2);
        ret_cart->modified_ms = sqlite3_column_int64(stmt, 3);
        ret_cart->expires_ms = sqlite3_column_int64(stmt, 4);
        ret_cart->lines = cJSON_Parse(sb_store_text(stmt, 5));
        sqlite3_reset(stmt);
    }
    if (found && (strcmp(ret_cart->status, "Ordered") == 0 || ret_cart->expires_ms > req->now_ms))
        return true;
    if (found)
        cJSON_Delete(ret_cart->lines);
    sb_reply_fail(req, 404, 800008, "Cart %s was not found: it may have expired.", req->args[1]);
    return false;
}

/* The lines of the body, or NULL after an error answer. */
static cJSON *check_lines(struct sb_request *req)
{
    cJSON *lines = sb_json_get(req->json, "lineItems");
    struct sb_refusal refusal;
    if (!sb_purchase_allowed(req, &refusal)) {
        sb_reply_fail(req, refusal.status, refusal.code, "%s", refusal.sentence);
        return NULL;
    }
    if (!cJSON_IsArray(lines) || !lines->child || cJSON_GetArraySize(lines) > SB_PURCHASE_LINES) {
        sb_reply_fail(req, 400, 800002, "A cart needs 1 to %d lineItems.", SB_PURCHASE_LINES);
        return NULL;
    }
    return lines;
}

static void save(struct sb_request *req, const struct cart *cart)
{
    char *text = cJSON_PrintUnformatted(cart->lines);
    sb_store_run(&req->world->store, "INSERT OR REPLACE INTO cart VALUES(?,?,?,?,?,?,?)", "ssssiii", cart->id,
        req->customer.id, text, cart->status, cart->created_ms, cart->modified_ms, cart->expires_ms);
    free(text);
}

void sb_carts_create(struct sb_request *req)
{
    struct cart cart = {.created_ms = req->now_ms,
        .modified_ms = req->now_ms,
        .expires_ms = req->now_ms + LIFE_MS,
        .status = "Active",
        .lines = check_lines(req)};
    if (!cart.lines)
        return;
    int64_t n =
        sb_store_int(&req->world->store, 0, "SELECT count(*) FROM cart WHERE customer=?", "s", req->customer.id);
    sb_ident_guid(req->world->random_seed, "cart", req->customer.id, (uint64_t)n, cart.id);
    save(req, &cart);
    sb_reply_json(req, 201, write_cart(req, &cart, NULL));
}

void sb_carts_get(struct sb_request *req)
{
    struct cart cart;
    if (!load(req, &cart))
        return;
    sb_reply_json(req, 200, write_cart(req, &cart, NULL));
    cJSON_Delete(cart.lines);
}

void sb_carts_update(struct sb_request *req)
{
    struct cart cart;
    if (!load(req, &cart))
        return;
    cJSON_Delete(cart.lines);
    cart.lines = NULL;
    if (strcmp(cart.status, "Active") != 0)
        sb_reply_fail(req, 400, 800065, "The cart has been submitted already.");
    else
        cart.lines = check_lines(req);
    if (!cart.lines)
        return;
    cart.modified_ms = req->now_ms;
    cart.expires_ms = req->now_ms + LIFE_MS;
    save(req, &cart);
    sb_reply_json(req, 200, write_cart(req, &cart, NULL));
}

static void buy_line(struct sb_request *req, const cJSON *item, cJSON *orders)
{
    struct sb_purchase_line line;
    char id[SB_GUID], base[SB_GUID];
    read_line(item, "", &line);
    bool nce = strcasecmp(line.item, line.offer->id) != 0;
    sb_purchase_order(req, nce, line.cycle, id);
    sb_purchase_line(req, id, nce, &line);
    sqlite3_stmt *stmt =
        sb_store_query(&req->world->store, "SELECT subscription FROM order_line WHERE order_id=? AND n=0", "s", id);
    sb_store_step(stmt);
    sb_store_copy(stmt, 0, base, sizeof base);
    sqlite3_reset(stmt);
    const cJSON *addons = sb_json_get(item, "addonItems");
    for (const cJSON *addon = addons ? addons->child : NULL; addon; addon = addon->next) {
        read_line(addon, base, &line);
        sb_purchase_line(req, id, nce, &line);
    }
    cJSON_AddItemToArray(orders, sb_purchase_write(req, id, true));
}

static void check_out(struct sb_request *req, struct cart *cart)
{
    cJSON *result = cJSON_CreateObject();
    cJSON *orders = cJSON_AddArrayToObject(result, "orders");
    cJSON *errors = cJSON_CreateArray();
    for (const cJSON *item = cart->lines->child; item; item = item->next) {
        if (item->next || req->fault.kind != SB_FAULT_PARTIAL_CART) {
            buy_line(req, item, orders);
            continue;
        }
        cJSON *error = cJSON_CreateObject();
        cJSON_AddStringToObject(error, "orderGroupId", "0");
        cJSON_AddNumberToObject(error, "code", 800005);
        cJSON_AddStringToObject(error, "description", "The order could not be created.");
        cJSON_AddItemToArray(errors, error);
    }
    if (errors->child)
        cJSON_AddItemToObject(result, "orderErrors", errors);
    else
        cJSON_Delete(errors);
    sb_json_attributes(result, "CartCheckoutResult", NULL);
    snprintf(cart->status, sizeof cart->status, "Ordered");
    cart->modified_ms = req->now_ms;
    save(req, cart);
    sb_reply_json(req, 201, result);
}

void sb_carts_checkout(struct sb_request *req)
{
    struct cart cart;
    if (!load(req, &cart))
        return;
    bool ok = true;
    cJSON_Delete(write_cart(req, &cart, &ok));
    if (strcmp(cart.status, "Active") != 0)
        sb_reply_fail(req, 400, 800065, "The cart has been submitted already.");
    else if (!ok)
        sb_reply_fail(req, 400, 800009, "The cart has lines with errors; read it to see them.");
    else
        check_out(req, &cart);
    cJSON_Delete(cart.lines);
}

void sb_carts_validate_migration(struct sb_request *req)
{
    const char *id = sb_json_text(req->json, "currentSubscriptionId");
    struct sb_subscription sub;
    if (!id || !sb_subscription_load(&req->world->store, req->customer.id, id, &sub)) {
        sb_reply_fail(req, 404, 20003, "Subscription %s was not found.", id ? id : "(none)");
        return;
    }
    bool eligible = sub.offer->nce && !sub.nce && !sub.offer->retired && strcmp(sub.status, "active") == 0;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "currentSubscriptionId", sub.id);
    cJSON_AddBoolToObject(json, "isEligible", eligible);
    if (eligible) {
        char item[64];
        cJSON_AddStringToObject(json, "catalogItemId", sb_catalog_item(req->world, sub.offer, req->now_ms, item));
    } else {
        cJSON *error = cJSON_CreateObject();
        cJSON_AddNumberToObject(error, "code", 5);
        cJSON_AddStringToObject(error, "description",
            "The subscription cannot be migrated to new commerce because the equivalent offer is not available there.");
        cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "errors"), error);
    }
    sb_reply_json(req, 200, json);
}
