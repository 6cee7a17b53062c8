/* amount.c: sums of money as text. */
#include "report/amount.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int wf_amount_parse(const char *text, int64_t *ret_micros, char ret_currency[4], struct wf_err *err)
{
    char *end;
    double amount = strtod(text, &end);
    char currency[4] = "";
    bool good = end > text && isdigit((unsigned char)text[0]) && amount >= 0 && amount <= 1e12;
    end += strspn(end, " ");
    if (strlen(end) == 3 && isupper((unsigned char)end[0]) && isupper((unsigned char)end[1]) &&
        isupper((unsigned char)end[2]))
        memcpy(currency, end, 4);
    if (!good || !*currency) {
        wf_err_hint(err, "write 500EUR or 499.50USD");
        return wf_err_set(err, WF_EINVAL, "%s: an amount is a number and a currency of three capitals", text);
    }
    *ret_micros = (int64_t)(amount * WF_AMOUNT_MICROS + 0.5);
    memcpy(ret_currency, currency, 4);
    return 0;
}

const char *wf_amount_text(int64_t micros, const char *currency, char *text)
{
    char digits[24];
    size_t n = 0;
    if (micros < 0)
        return memcpy(text, "unknown", sizeof "unknown");
    int64_t cents = (micros + WF_AMOUNT_MICROS / 200) / (WF_AMOUNT_MICROS / 100);
    int len = snprintf(digits, sizeof digits, "%03" PRId64, cents) - 2;
    if (*currency)
        n += (size_t)snprintf(text, 5, "%s ", currency);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            text[n++] = ',';
        text[n++] = digits[i];
    }
    text[n++] = '.';
    memcpy(text + n, digits + len, sizeof "00");
    return text;
}
