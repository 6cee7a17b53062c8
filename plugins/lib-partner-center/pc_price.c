/* pc_price.c: what a seat costs the partner, before it is bought.
 *
 * Neither the catalogue nor a cart tells it. New commerce has price sheets, by market, in a service of their own (the
 * Partner API). For the licence offers of the legacy era there is no call at all: their price list is a file that an admin
 * exports from Partner Center, so the setting `prices` gives it. What no source knows stays unknown. Prices are what the
 * partner pays, without tax. */
#include "pc_int.h"

#include <strings.h>

int pc_months(const char *word)
{
    static const struct {
        const char *word;
        int months;
    } words[] = {{"monthly", 1}, {"annual", 12}, {"biennial", 24}, {"triennial", 36}, {"P1M", 1}, {"P1Y", 12},
        {"P2Y", 24}, {"P3Y", 36}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(word, words[i].word) == 0)
            return words[i].months;
    return 0;
}

/* A column that is empty holds for everything. */
static bool fits(const char *column, const char *wanted)
{
    return !column || !*column || !wanted || !*wanted || strcasecmp(column, wanted) == 0;
}

static bool row_fits(const struct pc__price_row *row, const struct pc *pc, const struct pc_price_query *q)
{
    int64_t now = pc->host->now_ms(pc->step);
    if ((row->start_ms >= 0 && now < row->start_ms) || (row->end_ms >= 0 && now >= row->end_ms + PC_DAY_MS))
        return false;
    return fits(row->market, q->country) && fits(row->segment, pc__catalogue_segment(q->segment)) &&
           fits(row->term, q->term) && fits(row->plan, q->billing_cycle) && fits(row->currency, pc->set.currency);
}

static void unknown(struct pc_price *price, const char *why)
{
    *price = (struct pc_price){.micros = -1, .why = why};
}

/* The one price that all rows agree on. Rows for the customer's own market are stronger than those for any. */
static void choose(struct pc *pc, const struct pc_price_query *q, const struct pc__price_row *rows, size_t n,
    struct pc_price *ret_price)
{
    bool own_market = false;
    for (size_t i = 0; i < n; i++)
        own_market = own_market || (*rows[i].market && row_fits(&rows[i], pc, q));
    unknown(ret_price, pc_text(pc, "no price of %s in the price list", q->offer));
    for (size_t i = 0; i < n; i++) {
        const struct pc__price_row *row = &rows[i];
        const char *currency = *row->currency ? row->currency : pc->set.currency;
        if (!row_fits(row, pc, q) || (own_market && !*row->market))
            continue;
        if (!*currency)
            return unknown(ret_price, "the price list names no currency: set partner-center.currency");
        if (ret_price->micros >= 0 && strcasecmp(ret_price->currency, currency) != 0)
            return unknown(ret_price, pc_text(pc, "the price list has prices in %s and %s: set partner-center.currency",
                                          ret_price->currency, currency));
        if (ret_price->micros >= 0 && ret_price->micros * row->months != row->micros * ret_price->months)
            return unknown(ret_price, pc_text(pc, "the price list has several prices of %s", q->offer));
        *ret_price = (struct pc_price){.micros = row->micros, .months = row->months, .currency = currency};
    }
}

/* The admin's own list is stronger than the service's sheet. */
int pc_price(struct pc *pc, const struct pc_price_query *q, struct pc_price *ret_price)
{
    struct pc__price_row *rows = NULL;
    const char *why = NULL;
    size_t n = 0;
    unknown(ret_price, "no price list: set partner-center.prices");
    if (*pc->set.prices && pc__price_rows(pc, pc->set.prices, q->offer, &rows, &n))
        return -1;
    if (*pc->set.prices)
        choose(pc, q, rows, n, ret_price);
    if (n || !strchr(q->offer, ':') || !*pc->set.price_root)
        return 0;
    if (pc__price_sheet(pc, q->country, q->offer, &rows, &n, &why))
        return -1;
    if (why)
        unknown(ret_price, why);
    else
        choose(pc, q, rows, n, ret_price);
    return 0;
}

int64_t pc_price_times(const struct pc_price *price, int64_t seats, int months)
{
    if (price->micros < 0 || !price->months)
        return -1;
    return (price->micros * months * seats + price->months - 1) / price->months;
}

const char *pc_money(struct pc *pc, int64_t micros, const char *currency)
{
    if (micros < 0)
        return "an unknown sum";
    int64_t cents = (micros + 5000) / 10000;
    return pc_text(pc, "%lld.%02lld %s", (long long)(cents / 100), (long long)(cents % 100), currency);
}
