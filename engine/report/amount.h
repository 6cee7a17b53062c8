/* amount.h: sums of money as text, counted in millionths of a currency's unit. Any thread. */
#ifndef WF_REPORT_AMOUNT_H
#define WF_REPORT_AMOUNT_H

#include <stdint.h>

#include "base/err.h"

#define WF_AMOUNT_MICROS 1000000 /* in one unit */

/* "500EUR", "500.50 EUR": into millionths. 0, or WF_EINVAL with words. */
int wf_amount_parse(const char *text, int64_t *ret_micros, char ret_currency[4], struct wf_err *);
/* "EUR 1,234.50" into text of at least 48 bytes, which is returned; "unknown" when micros is negative. */
const char *wf_amount_text(int64_t micros, const char *currency, char *text);

#endif
