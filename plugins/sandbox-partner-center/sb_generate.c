/* sb_generate.c: a world by size: C customers with U users each, everybody on E4. */
#include <stdio.h>
#include <string.h>

#include "sb_seed.h"

static const char *const firsts[] = {"Ada", "Bram", "Chloe", "Daan", "Emma", "Finn", "Greta", "Hugo", "Isa", "Jonas",
    "Kira", "Lars", "Mila", "Noor", "Otto", "Pia", "Quinn", "Rosa", "Sem", "Tess"};
static const char *const lasts[] = {"Jansen", "de Vries", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos",
    "Peters", "Hendriks", "Dekker", "Brouwer", "Dijkstra", "Kok", "Maas", "Prins"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void put_users(struct sb_world *world, const struct sb_seed_customer *customer, int64_t users, int64_t now_ms)
{
    const struct sb_sku *sku = sb_catalog_sku("ENTERPRISEWITHSCAL");
    for (int64_t n = 0; n < users; n++) {
        struct sb_user user = {.enabled = true, .location = "NL"};
        snprintf(user.first, sizeof user.first, "%s", firsts[(size_t)n % COUNT(firsts)]);
        snprintf(user.last, sizeof user.last, "%s", lasts[(size_t)n % COUNT(lasts)]);
        snprintf(user.display, sizeof user.display, "%s %s", user.first, user.last);
        snprintf(user.upn, sizeof user.upn, "user%05lld@%s", (long long)n + 1, customer->domain);
        sb_seed_put_user(world, customer->id, n, &user);
        sb_seed_put_licence(world, customer->id, user.id, sku->id, "", 0, now_ms);
    }
}

void sb_generate(struct sb_world *world, int64_t customers, int64_t users, int64_t now_ms)
{
    for (int64_t n = 0; n < customers; n++) {
        char name[64], domain[64];
        snprintf(name, sizeof name, "Customer %05lld", (long long)n + 1);
        snprintf(domain, sizeof domain, "customer%05lld.onmicrosoft.com", (long long)n + 1);
        struct sb_seed_customer customer = {.name = name,
            .domain = domain,
            .relationship = "reseller",
            .country = "NL",
            .segment = "none",
            .vetting = "Approved",
            .agreement = true,
            .role = true,
            .delegated = true};
        sb_seed_put_customer(world, &customer);
        struct sb_subscription sub = {
            .offer = sb_catalog_offer_of("ENTERPRISEWITHSCAL"), .quantity = users > 0 ? users : 1, .status = "active"};
        /* Spread over the next eleven months, the first in a month's time. */
        int64_t days = 30 + (int64_t)(sb_ident_mix(world->random_seed ^ (uint64_t)n) % 300);
        sub.end_ms = (now_ms / SB_DAY_MS + days) * SB_DAY_MS;
        sb_seed_put_subscription(world, customer.id, &sub, now_ms);
        put_users(world, &customer, users, now_ms);
    }
}
