/* sb_prices.h: what a seat costs the partner. Data only, never changes. */
#ifndef SB_PRICES_H
#define SB_PRICES_H

#include <cjson/cJSON.h>
#include <stdint.h>

struct sb_offer;

/* In which currency this partner is billed for customers of a country. */
const char *sb_prices_currency(const char *country);
/* A seat for a whole term (P1M, P1Y, P3Y), in hundredths of either currency; -1: not for sale. By the month costs more. */
int64_t sb_prices_term(const struct sb_offer *offer, const char *term);
/* A seat in one bill of the cycle (monthly, annual; anything else: the term). -1: not for sale. */
int64_t sb_prices_bill(const struct sb_offer *offer, const char *term, const char *cycle);
/* The price list of licence offers that the partner's admin would have exported: a row per offer and market. */
cJSON *sb_prices_list(void);

#endif
