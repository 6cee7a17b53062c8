/* sb_prices.c: the partner's prices: made up, near what such licences cost, the same number in either currency. */
#include "sb_prices.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "sb_catalog.h"

static const struct {
    const char *part;
    int64_t cents;
} prices[] = {{"STANDARDPACK", 640}, {"ENTERPRISEPACK", 1840}, {"ENTERPRISEPREMIUM", 3040},
    {"ENTERPRISEPREMIUM_NOPSTNCONF", 2800}, {"SPE_E3", 2880}, {"SPE_E5", 4560}, {"MCOEV", 640}, {"MCOPLUSCAL", 240},
    {"MCOMEETADV", 320}, {"MCOSTANDARD", 440}, {"ENTERPRISEPACK_GOV", 1840}, {"ENTERPRISEPREMIUM_GOV", 3040},
    {"ENTERPRISEPREMIUM_NOPSTNCONF_GOV", 2800}, {"MCOEV_GOV", 640}, {"MCOPLUSCAL_GOV", 240}};

const char *sb_prices_currency(const char *country)
{
    return strcmp(country, "US") == 0 ? "USD" : "EUR";
}

/* Of one seat and month in a yearly term. */
static int64_t month_cents(const struct sb_offer *offer)
{
    bool trial = offer->min == offer->max; /* costs nothing, and is not sold */
    for (size_t i = 0; !offer->retired && !trial && i < sizeof prices / sizeof prices[0]; i++) {
        if (strcmp(prices[i].part, offer->part) == 0)
            return prices[i].cents;
    }
    return -1;
}

static int64_t months_of(const char *term)
{
    return strcmp(term, "P1M") == 0 ? 1 : strcmp(term, "P3Y") == 0 ? 36 : 12;
}

int64_t sb_prices_term(const struct sb_offer *offer, const char *term)
{
    int64_t cents = month_cents(offer), months = months_of(term);
    return cents < 0 ? -1 : months == 1 ? cents * 12 / 10 : cents * months;
}

int64_t sb_prices_bill(const struct sb_offer *offer, const char *term, const char *cycle)
{
    int64_t cents = sb_prices_term(offer, term), months = months_of(term);
    int64_t billed = strcasecmp(cycle, "monthly") == 0 ? 1 : strcasecmp(cycle, "annual") == 0 ? 12 : months;
    return cents < 0 ? -1 : cents * billed / months;
}

/* A row without a market is for all that have none of their own. */
static void add_row(cJSON *list, const struct sb_offer *offer, const char *market, int64_t cents)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "Offer ID", offer->id);
    if (market)
        cJSON_AddStringToObject(row, "Market", market);
    cJSON_AddStringToObject(row, "Currency", sb_prices_currency(market ? market : ""));
    cJSON_AddStringToObject(row, "Purchase Unit", "1 Month(s)");
    cJSON_AddNumberToObject(row, "List Price", (double)cents / 100);
    cJSON_AddItemToArray(list, row);
}

cJSON *sb_prices_list(void)
{
    cJSON *list = cJSON_CreateArray();
    const struct sb_offer *offer;
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        int64_t cents = month_cents(offer);
        if (cents < 0)
            continue;
        add_row(list, offer, NULL, cents);
        add_row(list, offer, "US", cents);
    }
    return list;
}
