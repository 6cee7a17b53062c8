/* sb_purchase.c: buying: what orders, order changes and carts have in common. */
#include "sb_purchase.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_lifecycle.h"
#include "sb_prices.h"

enum { TEST_SUBSCRIPTIONS = 5, TEST_SEATS = 25 };

static bool refuse(struct sb_refusal *ret_refusal, int status, int64_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool refuse(struct sb_refusal *ret_refusal, int status, int64_t code, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(ret_refusal->sentence, sizeof ret_refusal->sentence, format, values);
    va_end(values);
    ret_refusal->status = status;
    ret_refusal->code = code;
    return false;
}

bool sb_purchase_allowed(struct sb_request *req, struct sb_refusal *ret_refusal)
{
    if (!req->customer.agreement && !req->customer.direct_signed)
        return refuse(ret_refusal, 403, 13605, "The customer has not accepted the Microsoft Customer Agreement.");
    return true;
}

static bool check_parent(struct sb_request *req, const struct sb_purchase_line *line, struct sb_refusal *ret_refusal)
{
    struct sb_subscription parent;
    if (!line->offer->addon)
        return line->parent[0] == '\0' ||
               refuse(ret_refusal, 400, 800029, "%s is not an add-on and has no parent.", line->offer->name);
    if (!line->parent[0])
        return refuse(ret_refusal, 400, 800029, "%s is an add-on: it needs a parentSubscriptionId.", line->offer->name);
    if (!sb_subscription_load(&req->world->store, req->customer.id, line->parent, &parent))
        return refuse(ret_refusal, 404, 20003, "The parent subscription %s was not found.", line->parent);
    if (!sb_catalog_fits(line->offer, parent.offer))
        return refuse(ret_refusal, 400, 800029, "%s does not belong to %s.", line->offer->name, parent.offer->name);
    if (strcmp(parent.status, "active") != 0)
        return refuse(ret_refusal, 409, 27009, "The parent subscription is %s, not active.", parent.status);
    return true;
}

static bool check_limits(struct sb_request *req, const struct sb_purchase_line *line, struct sb_refusal *ret_refusal)
{
    if (!req->world->settings.test_tenant)
        return true;
    int64_t subs = sb_store_int(&req->world->store, 0,
        "SELECT count(*) FROM subscription WHERE customer=? AND status<>'deleted'", "s", req->customer.id);
    if (line->quantity > TEST_SEATS)
        return refuse(ret_refusal, 403, 800067, "A test tenant may have %d seats in a subscription.", TEST_SEATS);
    if (subs >= TEST_SUBSCRIPTIONS)
        return refuse(
            ret_refusal, 403, 800066, "A test tenant may have %d subscriptions per customer.", TEST_SUBSCRIPTIONS);
    return true;
}

bool sb_purchase_check(struct sb_request *req, const struct sb_purchase_line *line, struct sb_refusal *ret_refusal)
{
    const struct sb_offer *offer = line->offer;
    if (!offer)
        return refuse(ret_refusal, 400, 800004, "Offer %s is not known.", line->item);
    if (offer->retired)
        return refuse(ret_refusal, 403, 2091, "Offer %s is no longer sold.", offer->name);
    if (offer->government && !sb_customer_is_government(&req->customer))
        return refuse(ret_refusal, 403, 2085, "Offer %s is for government customers only.", offer->name);
    if (offer->government && strcmp(req->customer.vetting, "Approved") != 0)
        return refuse(ret_refusal, 400, 800024, "The customer's government qualification is not approved.");
    if (!offer->government && sb_customer_is_government(&req->customer))
        return refuse(ret_refusal, 403, 2085, "Offer %s is not eligible for a government customer.", offer->name);
    if (line->quantity < offer->min || line->quantity > offer->max)
        return refuse(ret_refusal, 400, 2002, "The quantity %lld is not between %lld and %lld, which the offer allows.",
            (long long)line->quantity, (long long)offer->min, (long long)offer->max);
    return check_parent(req, line, ret_refusal) && check_limits(req, line, ret_refusal);
}

const char *sb_purchase_order(struct sb_request *req, bool nce, const char *cycle, char ret_id[SB_GUID])
{
    struct sb_world *world = req->world;
    /* Ids depend on the customer and how many orders it has, not on what other customers do meanwhile. */
    int64_t n = sb_store_int(&world->store, 0, "SELECT count(*) FROM orders WHERE customer=?", "s", req->customer.id);
    if (nce)
        sb_ident_short(world->random_seed, "order", req->customer.id, (uint64_t)n, ret_id);
    else
        sb_ident_guid(world->random_seed, "order", req->customer.id, (uint64_t)n, ret_id);
    int64_t visible = req->now_ms + world->settings.order_lag_s * SB_SECOND_MS;
    sb_store_run(&world->store,
        "INSERT INTO orders(id, customer, cycle, version, nce, created_ms, visible_ms, ready_ms) "
        "VALUES(?,?,?,1,?,?,?,?)",
        "sssiiii", ret_id, req->customer.id, cycle, (int64_t)nce, req->now_ms, visible, req->now_ms);
    return ret_id;
}

/* A purchase is a duplicate when this customer has the same offer already and either a purchase carried the same name
 * (tag), or the seats bought so far cover all seats of retired plans they could be meant to replace. A retired plan that
 * was suspended before this world began needs no replacement; one that was suspended since did. */
static bool is_duplicate(struct sb_request *req, const struct sb_subscription *sub)
{
    int64_t bought = 0, retired = 0;
    bool same_tag = false, any = false;
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        SB_SUBSCRIPTION_SELECT "WHERE customer=? AND status<>'deleted' AND id<>? ORDER BY seq", "ss", sub->customer,
        sub->id);
    while (sb_store_step(stmt)) {
        struct sb_subscription other;
        sb_subscription_read(stmt, &other);
        bool seeded = other.visible_ms == 0;
        if (other.offer->retired && (strcmp(other.status, "active") == 0 || other.version > 1))
            retired += other.quantity;
        if (other.offer != sub->offer)
            continue;
        any = true;
        bought += seeded ? 0 : other.quantity;
        same_tag = same_tag || (!seeded && strcmp(other.friendly, sub->friendly) == 0);
    }
    return any && (same_tag || bought >= retired);
}

static void book(struct sb_request *req, const struct sb_subscription *sub)
{
    struct sb_world *world = req->world;
    bool duplicate = is_duplicate(req, sub);
    cJSON *detail = cJSON_CreateObject();
    cJSON_AddStringToObject(detail, "orderId", sub->order_id);
    cJSON_AddStringToObject(detail, "subscriptionId", sub->id);
    cJSON_AddStringToObject(detail, "offerId", sub->offer_id);
    cJSON_AddStringToObject(detail, "offerName", sub->offer->name);
    cJSON_AddStringToObject(detail, "friendlyName", sub->friendly);
    sb_json_put(detail, "parentSubscriptionId", sub->parent);
    cJSON_AddStringToObject(detail, "billingCycle", sub->cycle);
    cJSON_AddNumberToObject(detail, "quantity", (double)sub->quantity);
    if (duplicate)
        cJSON_AddTrueToObject(detail, "duplicate");
    sb_ledger_add(world, req, sub->offer->addon ? "addon" : "order", sub->customer, req->now_ms, detail);
    sb_ledger_count(world, sub->offer->addon ? "addons" : "orders", 1);
    sb_ledger_count(world, "duplicateOrders", duplicate);
}

void sb_purchase_line(struct sb_request *req, const char *order_id, bool nce, const struct sb_purchase_line *line)
{
    struct sb_world *world = req->world;
    struct sb_subscription sub = {
        .offer = line->offer, .version = 1, .auto_renew = true, .nce = nce, .created_ms = req->now_ms};
    int64_t n =
        sb_store_int(&world->store, 0, "SELECT count(*) FROM subscription WHERE customer=?", "s", req->customer.id);
    sb_ident_guid(world->random_seed, "subscription", req->customer.id, (uint64_t)n, sub.id);
    if (!nce)
        sb_ident_upper(sub.id);
    snprintf(sub.customer, sizeof sub.customer, "%s", req->customer.id);
    snprintf(sub.offer_id, sizeof sub.offer_id, "%s", nce ? line->item : line->offer->id);
    snprintf(sub.friendly, sizeof sub.friendly, "%s", line->friendly[0] ? line->friendly : line->offer->name);
    snprintf(sub.status, sizeof sub.status, "active");
    snprintf(sub.parent, sizeof sub.parent, "%s", line->parent);
    snprintf(sub.order_id, sizeof sub.order_id, "%s", order_id);
    snprintf(sub.cycle, sizeof sub.cycle, "%s", line->cycle[0] ? line->cycle : "monthly");
    snprintf(sub.term, sizeof sub.term, "%s", line->term[0] ? line->term : "P1Y");
    sub.end_ms = sb_clock_add_months(req->now_ms / SB_DAY_MS * SB_DAY_MS, strcmp(sub.term, "P1M") == 0   ? 1
                                                                          : strcmp(sub.term, "P3Y") == 0 ? 36
                                                                                                         : 12);
    sub.visible_ms = req->now_ms + world->settings.order_lag_s * SB_SECOND_MS;
    sb_subscription_set_quantity(world, &sub, line->quantity, req->now_ms);
    sb_lifecycle_set_due(&sub);
    sb_subscription_insert(&world->store, &sub);
    if (sub.due_ms < world->next_due_ms)
        world->next_due_ms = sub.due_ms;
    int64_t number = sb_store_int(&world->store, 0, "SELECT count(*) FROM order_line WHERE order_id=?", "s", order_id);
    sb_store_run(&world->store, "INSERT INTO order_line VALUES(?,?,?,?,?,?,?,?)", "sisssiss", order_id, number, sub.id,
        sub.offer_id, sub.friendly, line->quantity, sub.term, sub.cycle);
    sb_store_run(&world->store, "UPDATE orders SET ready_ms=max(ready_ms, ?) WHERE id=?", "is", sub.ready_ms, order_id);
    book(req, &sub);
}

/* Only when it is asked for. The sum of all lines grows by this one's; returns what was added. */
static int64_t write_pricing(
    cJSON *line, const struct sb_offer *offer, const char *term, const char *cycle, int64_t seats)
{
    int64_t cents = offer ? sb_prices_bill(offer, *term ? term : "P1Y", cycle) : -1;
    if (cents < 0)
        return 0;
    static const char *const same[] = {"listPrice", "discountedPrice", "proratedPrice", "price"};
    cJSON *pricing = cJSON_AddObjectToObject(line, "pricing");
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        cJSON_AddNumberToObject(pricing, same[i], (double)cents / 100);
    cJSON_AddNumberToObject(pricing, "extendedPrice", (double)(cents * seats) / 100);
    return cents * seats;
}

static bool wants_price(const struct sb_request *req)
{
    const char *word = sb_request_query(req, "includePrice");
    if (!word)
        word = sb_request_query(req, "include_price");
    return word && strcasecmp(word, "true") == 0;
}

static cJSON *write_lines(
    struct sb_request *req, const char *order_id, bool nce, bool with_subscriptions, int64_t *ret_cents)
{
    bool priced = wants_price(req);
    cJSON *lines = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT n, subscription, offer, friendly, quantity, term, cycle FROM order_line WHERE order_id=? ORDER BY n",
        "s", order_id);
    while (sb_store_step(stmt)) {
        const char *sub = sb_store_text(stmt, 1);
        cJSON *line = cJSON_CreateObject();
        cJSON_AddNumberToObject(line, "lineItemNumber", sqlite3_column_int(stmt, 0));
        cJSON_AddStringToObject(line, "offerId", sb_store_text(stmt, 2));
        if (with_subscriptions)
            cJSON_AddStringToObject(line, "subscriptionId", sub);
        cJSON_AddStringToObject(line, "friendlyName", sb_store_text(stmt, 3));
        cJSON_AddNumberToObject(line, "quantity", (double)sqlite3_column_int64(stmt, 4));
        if (nce) {
            cJSON_AddStringToObject(line, "termDuration", sb_store_text(stmt, 5));
            cJSON_AddStringToObject(line, "transactionType", "New");
        }
        if (priced)
            *ret_cents += write_pricing(line, sb_catalog_offer(sb_store_text(stmt, 2)), sb_store_text(stmt, 5),
                sb_store_text(stmt, 6), sqlite3_column_int64(stmt, 4));
        cJSON *links = cJSON_AddObjectToObject(line, "links");
        if (with_subscriptions)
            sb_json_link(links, "subscription", "/customers/%s/subscriptions/%s", req->customer.id, sub);
        if (nce)
            sb_json_link(
                links, "provisioningStatus", "/customers/%s/orders/%s/provisioningstatus", req->customer.id, order_id);
        cJSON_AddItemToArray(lines, line);
    }
    return lines;
}

cJSON *sb_purchase_write(struct sb_request *req, const char *order_id, bool fresh)
{
    char id[SB_GUID], cycle[16], alternate[16], etag[160];
    sqlite3_stmt *stmt = sb_store_query(&req->world->store,
        "SELECT id, cycle, version, nce, created_ms, ready_ms FROM orders WHERE id=? AND customer=?", "ss", order_id,
        req->customer.id);
    if (!sb_store_step(stmt))
        return NULL;
    sb_store_copy(stmt, 0, id, sizeof id);
    sb_store_copy(stmt, 1, cycle, sizeof cycle);
    int64_t version = sqlite3_column_int64(stmt, 2);
    bool nce = sqlite3_column_int(stmt, 3);
    int64_t created_ms = sqlite3_column_int64(stmt, 4);
    bool pending = nce && (fresh || sqlite3_column_int64(stmt, 5) > req->now_ms);
    sqlite3_reset(stmt);

    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", id);
    if (nce) {
        snprintf(alternate, sizeof alternate, "%012llx",
            (unsigned long long)(sb_ident_digest(0, id, strlen(id)) & UINT64_C(0xffffffffffff)));
        cJSON_AddStringToObject(json, "alternateId", alternate);
    }
    cJSON_AddStringToObject(json, "referenceCustomerId", req->customer.id);
    cJSON_AddStringToObject(json, "billingCycle", cycle);
    cJSON_AddStringToObject(json, "currencyCode", sb_prices_currency(req->customer.country));
    int64_t cents = 0;
    cJSON_AddItemToObject(json, "lineItems", write_lines(req, id, nce, !pending, &cents));
    if (wants_price(req))
        cJSON_AddNumberToObject(json, "totalPrice", (double)cents / 100);
    sb_json_put_time(json, "creationDate", created_ms);
    cJSON_AddStringToObject(json, "status", pending ? "pending" : "completed");
    cJSON_AddStringToObject(json, "transactionType", "UserPurchase");
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "self", "/customers/%s/orders/%s", req->customer.id, id);
    sb_json_attributes(json, "Order", sb_subscription_etag(id, version, etag));
    return json;
}
