/* sb_seed.c: filling the world from a fixture in JSON. */
#include "sb_seed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_json.h"
#include "sb_lifecycle.h"

/* small.json as a C string, made by make. */
static const char small_fixture[] =
#include "sb_small.inc"
    ;

static bool wrong(char ret_wrong[SB_SEED_SENTENCE], const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(char ret_wrong[SB_SEED_SENTENCE], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(ret_wrong, SB_SEED_SENTENCE, format, values);
    va_end(values);
    return false;
}

void sb_seed_put_customer(struct sb_world *world, struct sb_seed_customer *customer)
{
    int64_t n = sb_store_int(&world->store, 0, "SELECT count(*) FROM customer", "");
    if (!customer->id[0])
        sb_ident_guid(world->random_seed, "customer", "", (uint64_t)n, customer->id);
    sb_store_run(&world->store,
        "INSERT INTO customer(id, name, domain, relationship, country, segment, vetting, agreement, direct_signed, "
        "role, "
        "delegated) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        "sssssssiiii", customer->id, customer->name, customer->domain, customer->relationship, customer->country,
        customer->segment, customer->vetting, (int64_t)customer->agreement, (int64_t)customer->direct_signed,
        (int64_t)customer->role, (int64_t)customer->delegated);
}

void sb_seed_put_subscription(struct sb_world *world, const char *customer, struct sb_subscription *sub, int64_t now_ms)
{
    int64_t n = sb_store_int(&world->store, 0, "SELECT count(*) FROM subscription WHERE customer=?", "s", customer);
    if (!sub->id[0]) {
        sb_ident_guid(world->random_seed, "subscription", customer, (uint64_t)n, sub->id);
        sb_ident_upper(sub->id);
    }
    if (!sub->order_id[0])
        sb_ident_guid(world->random_seed, "order", customer, (uint64_t)n, sub->order_id);
    snprintf(sub->customer, sizeof sub->customer, "%s", customer);
    if (sub->nce)
        sb_catalog_item(world, sub->offer, now_ms, sub->offer_id);
    else
        snprintf(sub->offer_id, sizeof sub->offer_id, "%s", sub->offer->id);
    if (!sub->friendly[0])
        snprintf(sub->friendly, sizeof sub->friendly, "%s", sub->offer->name);
    if (!sub->cycle[0])
        snprintf(sub->cycle, sizeof sub->cycle, "%s", "monthly");
    if (!sub->term[0])
        snprintf(sub->term, sizeof sub->term, "%s", "P1Y");
    sub->version = 1;
    sub->live_quantity = sub->quantity;
    if (!sub->created_ms)
        sub->created_ms = sb_clock_add_months(sub->end_ms, -12 * 2);
    while (sub->created_ms > now_ms)
        sub->created_ms = sb_clock_add_months(sub->created_ms, -12);
    if (strcmp(sub->status, "active") != 0)
        sub->stopped_ms = now_ms;
    sb_lifecycle_set_due(sub);
    sb_subscription_insert(&world->store, sub);
    sb_store_run(&world->store,
        "INSERT OR IGNORE INTO orders(id, customer, cycle, version, nce, created_ms, visible_ms, ready_ms) "
        "VALUES(?,?,?,1,?,?,0,0)",
        "sssii", sub->order_id, customer, sub->cycle, (int64_t)sub->nce, sub->created_ms);
    int64_t line =
        sb_store_int(&world->store, 0, "SELECT count(*) FROM order_line WHERE order_id=?", "s", sub->order_id);
    sb_store_run(&world->store, "INSERT INTO order_line VALUES(?,?,?,?,?,?,?,?)", "sisssiss", sub->order_id, line,
        sub->id, sub->offer_id, sub->friendly, sub->quantity, sub->term, sub->cycle);
}

void sb_seed_put_user(struct sb_world *world, const char *customer, int64_t n, struct sb_user *user)
{
    if (!user->id[0])
        sb_ident_guid(world->random_seed, "user", customer, (uint64_t)n, user->id);
    sb_store_run(&world->store,
        "INSERT INTO person(id, customer, upn, first, last, display, location, enabled, deleted_ms) "
        "VALUES(?,?,?,?,?,?,?,?,?)",
        "sssssssii", user->id, customer, user->upn, user->first, user->last, user->display, user->location,
        (int64_t)user->enabled, user->deleted_ms);
}

void sb_seed_put_licence(struct sb_world *world, const char *customer, const char *user, const char *sku,
    const char *group, uint64_t off, int64_t now_ms)
{
    sb_store_run(&world->store, "INSERT OR IGNORE INTO licence VALUES(?,?,?,?,?,?)", "ssssii", user, sku, group,
        customer, (int64_t)off, now_ms);
}

static const char *text_or(const cJSON *json, const char *name, const char *fallback)
{
    const char *text = sb_json_text(json, name);
    return text ? text : fallback;
}

/* An offer is named by its id or by the part number of its SKU. */
static const struct sb_offer *read_offer(const cJSON *json)
{
    const char *name = text_or(json, "offer", "");
    const struct sb_offer *offer = sb_catalog_offer(name);
    return offer ? offer : sb_catalog_offer_of(name);
}

/* A picture of a real tenant has more in it than the catalogue here: then what is not known is left out, and counted. */
struct leniency {
    bool skip;
    int64_t skipped;
};

static bool leave_out(struct leniency *lenient)
{
    lenient->skipped++;
    return lenient->skip;
}

static bool read_subscription(struct sb_world *world, const char *customer, const cJSON *json,
    const struct sb_subscription *base, int64_t now_ms, struct leniency *lenient, char ret_wrong[SB_SEED_SENTENCE])
{
    struct sb_subscription sub = {.offer = read_offer(json), .quantity = sb_json_int(json, "quantity", 1)};
    if (!sub.offer && leave_out(lenient))
        return true;
    if (!sub.offer)
        return wrong(ret_wrong, "the subscription's offer \"%s\" is not known", text_or(json, "offer", ""));
    snprintf(sub.id, sizeof sub.id, "%s", text_or(json, "id", ""));
    snprintf(sub.friendly, sizeof sub.friendly, "%s", text_or(json, "friendlyName", ""));
    snprintf(sub.status, sizeof sub.status, "%s", text_or(json, "status", "active"));
    snprintf(sub.cycle, sizeof sub.cycle, "%s", text_or(json, "billingCycle", ""));
    snprintf(sub.term, sizeof sub.term, "%s", text_or(json, "termDuration", ""));
    sub.nce = sub.offer->nce && sb_json_bool(json, "newCommerce", false);
    int64_t age = sb_json_int(json, "ageInDays", 0);
    sub.created_ms = age > 0 ? (now_ms / SB_DAY_MS - age) * SB_DAY_MS : 0;
    if (base) {
        snprintf(sub.parent, sizeof sub.parent, "%s", base->id);
        snprintf(sub.order_id, sizeof sub.order_id, "%s", base->order_id);
    }
    sub.auto_renew = sb_json_bool(json, "autoRenew", !sub.offer->retired);
    sub.end_ms = (now_ms / SB_DAY_MS + sb_json_int(json, "endInDays", 180)) * SB_DAY_MS;
    sb_seed_put_subscription(world, customer, &sub, now_ms);
    const cJSON *addons = base ? NULL : sb_json_get(json, "addons");
    const cJSON *addon;
    cJSON_ArrayForEach(addon, addons) {
        if (!read_subscription(world, customer, addon, &sub, now_ms, lenient, ret_wrong))
            return false;
    }
    return true;
}

static bool read_licence(struct sb_world *world, const char *customer, const char *user, const cJSON *json,
    int64_t now_ms, struct leniency *lenient, char ret_wrong[SB_SEED_SENTENCE])
{
    const char *name = cJSON_IsString(json) ? json->valuestring : text_or(json, "sku", "");
    const struct sb_sku *sku = sb_catalog_sku(name);
    uint64_t off = 0;
    const cJSON *plan;
    if (!sku && leave_out(lenient))
        return true;
    if (!sku)
        return wrong(ret_wrong, "the licence's SKU \"%s\" is not known", name);
    cJSON_ArrayForEach(plan, sb_json_get(json, "disabledPlans")) {
        int index = cJSON_IsString(plan) ? sb_catalog_plan_index(plan->valuestring) : -1;
        bool known = index >= 0 && sku->mask >> index & 1;
        if (!known && leave_out(lenient))
            continue;
        if (!known)
            return wrong(ret_wrong, "\"%s\" is not a service plan of %s",
                cJSON_IsString(plan) ? plan->valuestring : "(not a text)", sku->part);
        off |= UINT64_C(1) << index;
    }
    char group[SB_GUID] = "";
    const char *group_name = sb_json_text(json, "group");
    if (group_name) {
        sb_ident_guid(world->random_seed, group_name, customer, 0, group);
        sb_store_run(&world->store, "INSERT OR IGNORE INTO team VALUES(?,?,?)", "sss", group, customer, group_name);
        sb_store_run(&world->store, "INSERT OR IGNORE INTO team_member VALUES(?,?)", "ss", group, user);
    }
    sb_seed_put_licence(world, customer, user, sku->id, group, off, now_ms);
    return true;
}

static bool read_user(struct sb_world *world, const struct sb_seed_customer *customer, const cJSON *json, int64_t n,
    int64_t now_ms, struct leniency *lenient, char ret_wrong[SB_SEED_SENTENCE])
{
    struct sb_user user = {.enabled = sb_json_bool(json, "enabled", true)};
    snprintf(user.id, sizeof user.id, "%s", text_or(json, "id", ""));
    snprintf(user.first, sizeof user.first, "%s", text_or(json, "firstName", ""));
    snprintf(user.last, sizeof user.last, "%s", text_or(json, "lastName", ""));
    snprintf(user.display, sizeof user.display, "%.60s%s%.60s", user.first, user.first[0] && user.last[0] ? " " : "",
        user.last);
    if (sb_json_text(json, "displayName"))
        snprintf(user.display, sizeof user.display, "%s", sb_json_text(json, "displayName"));
    snprintf(user.upn, sizeof user.upn, "user%lld@%s", (long long)n + 1, customer->domain);
    if (sb_json_text(json, "name"))
        snprintf(user.upn, sizeof user.upn, "%s@%s", sb_json_text(json, "name"), customer->domain);
    snprintf(user.location, sizeof user.location, "%s", text_or(json, "usageLocation", customer->country));
    if (sb_json_bool(json, "deleted", false))
        user.deleted_ms = now_ms - 3 * SB_DAY_MS;
    sb_seed_put_user(world, customer->id, n, &user);
    const cJSON *licence;
    cJSON_ArrayForEach(licence, sb_json_get(json, "licenses")) {
        if (!read_licence(world, customer->id, user.id, licence, now_ms, lenient, ret_wrong))
            return false;
    }
    return true;
}

static bool read_customer(struct sb_world *world, const cJSON *json, int64_t now_ms, struct leniency *lenient,
    char ret_wrong[SB_SEED_SENTENCE])
{
    struct sb_seed_customer customer = {.name = sb_json_text(json, "name"),
        .domain = sb_json_text(json, "domain"),
        .relationship = text_or(json, "relationship", "reseller"),
        .country = text_or(json, "country", "NL"),
        .segment = text_or(json, "segment", "none"),
        .vetting = text_or(json, "vetting", "Approved"),
        .agreement = sb_json_bool(json, "agreement", true),
        .direct_signed = sb_json_bool(json, "directSigned", false),
        .role = sb_json_bool(json, "role", true),
        .delegated = sb_json_bool(json, "delegated", true)};
    if (!customer.name || !customer.domain)
        return wrong(ret_wrong, "each customer needs a name and a domain");
    if (sb_store_int(&world->store, 0, "SELECT 1 FROM customer WHERE domain=?", "s", customer.domain))
        return wrong(ret_wrong, "two customers have the domain %s", customer.domain);
    snprintf(customer.id, sizeof customer.id, "%s", text_or(json, "id", ""));
    sb_seed_put_customer(world, &customer);
    const cJSON *item;
    cJSON_ArrayForEach(item, sb_json_get(json, "subscriptions")) {
        if (!read_subscription(world, customer.id, item, NULL, now_ms, lenient, ret_wrong))
            return false;
    }
    int64_t n = 0;
    cJSON_ArrayForEach(item, sb_json_get(json, "users")) {
        if (!read_user(world, &customer, item, n++, now_ms, lenient, ret_wrong))
            return false;
    }
    return true;
}

bool sb_seed_fixture(struct sb_world *world, const cJSON *fixture, char ret_wrong[SB_SEED_SENTENCE])
{
    const cJSON *customers = sb_json_get(fixture, "customers");
    int64_t now_ms = sb_clock_now(&world->clock);
    struct leniency lenient = {.skip = strcmp(text_or(fixture, "unknown", ""), "skip") == 0};
    bool good = true;
    if (!cJSON_IsArray(customers))
        return wrong(ret_wrong, "a fixture is a JSON object with an array `customers`");
    sb_store_clear(&world->store);
    sb_store_begin(&world->store);
    const cJSON *json;
    cJSON_ArrayForEach(json, customers) {
        good = good && read_customer(world, json, now_ms, &lenient, ret_wrong);
    }
    if (good && lenient.skipped)
        fprintf(stderr,
            "partner-center-sandbox: left out %lld subscriptions, licences and plans that are not known here\n",
            (long long)lenient.skipped);
    sb_store_commit(&world->store);
    sb_lifecycle_plan(world);
    return good;
}

static cJSON *read_file(const char *name)
{
    char *text = NULL;
    size_t len = 0;
    cJSON *json = NULL;
    FILE *file = fopen(name, "r");
    if (!file)
        return NULL;
    if (getdelim(&text, &len, '\0', file) >= 0)
        json = sb_json_parse(text, strlen(text));
    free(text);
    fclose(file);
    return json;
}

bool sb_seed_by_name(struct sb_world *world, const char *name, char ret_wrong[SB_SEED_SENTENCE])
{
    long long customers, users;
    int used = 0;
    if (sscanf(name, "%lldx%lld%n", &customers, &users, &used) == 2 && name[used] == '\0') {
        if (customers < 0 || customers > SB_SEED_CUSTOMERS || users < 0 || users > SB_SEED_USERS)
            return wrong(ret_wrong, "a seed by size is at most %dx%d", SB_SEED_CUSTOMERS, SB_SEED_USERS);
        sb_store_clear(&world->store);
        sb_store_begin(&world->store);
        sb_generate(world, customers, users, sb_clock_now(&world->clock));
        sb_store_commit(&world->store);
        sb_lifecycle_plan(world);
        return true;
    }
    bool built_in = strcmp(name, "small") == 0;
    cJSON *fixture = built_in ? cJSON_Parse(small_fixture) : read_file(name);
    if (!fixture)
        return wrong(
            ret_wrong, "\"%s\" is not `small`, not a size such as 100x200, and not a readable JSON file", name);
    bool good = sb_seed_fixture(world, fixture, ret_wrong);
    cJSON_Delete(fixture);
    return good;
}
