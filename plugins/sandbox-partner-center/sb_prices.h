/* sb_prices.h: what a seat costs the partner. Data only, never changes. */
#ifndef SB_PRICES_H
#define SB_PRICES_H

#include <cjson/cJSON.h>
#include <stdint.h>

struct sb_offer;

/* In which currency this partner is billed for customers of a country. */
const char *sb_prices_currency(const char *country);
/* Of one seat and month, in hundredths of either currency; -1: not for sale. */
int64_t sb_prices_cents(const struct sb_offer *offer);
/* The months of a term (P1M, P1Y, P3Y). */
int64_t sb_prices_months(const char *term);
/* The price list of licence offers that the partner's admin would have exported: a row per offer and market. */
cJSON *sb_prices_list(void);

#endif
