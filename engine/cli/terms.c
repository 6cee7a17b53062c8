/* terms.c: terms of a run, from its definition and the command line. */
#include "cli/terms.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICROS 1000000

/* ---- amounts ------------------------------------------------------------------------------------------------------ */

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
    *ret_micros = (int64_t)(amount * MICROS + 0.5);
    memcpy(ret_currency, currency, 4);
    return 0;
}

const char *wf_amount_text(int64_t micros, const char *currency, char *text)
{
    char digits[24];
    size_t n = 0;
    if (micros < 0)
        return memcpy(text, "unknown", sizeof "unknown");
    int64_t cents = (micros + MICROS / 200) / (MICROS / 100);
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

/* ---- terms -------------------------------------------------------------------------------------------------------- */

struct budget {
    char currency[4];
    double run, item; /* whole units; negative: no limit */
};

static int add_limit(
    struct wf_config *config, enum wf_opt_id id, struct budget *budget, double *limit, struct wf_err *err)
{
    const char *text = wf_config_text(config, id);
    int64_t micros = 0;
    char currency[4];
    if (!text)
        return 0;
    if (wf_amount_parse(text, &micros, currency, err) < 0)
        return WF_EINVAL;
    if (*budget->currency && strcmp(budget->currency, currency) != 0)
        return wf_err_set(
            err, WF_EINVAL, "--%s %s: the budget is in %s already", wf_opt(id)->name, text, budget->currency);
    memcpy(budget->currency, currency, 4);
    double amount = (double)micros / MICROS;
    if (*limit < 0 || amount < *limit)
        *limit = amount;
    return 0;
}

int wf_terms_of(const struct wf_def *def, struct wf_config *config, jv *ret, struct wf_err *err)
{
    struct budget budget = {"", -1, -1};
    if (def->budget.currency) {
        snprintf(budget.currency, sizeof budget.currency, "%s", def->budget.currency);
        budget.run = def->budget.run;
        budget.item = def->budget.item;
    }
    if (add_limit(config, WF_OPT_MAX_COST, &budget, &budget.run, err) < 0 ||
        add_limit(config, WF_OPT_MAX_ITEM_COST, &budget, &budget.item, err) < 0)
        return WF_EINVAL;
    jv terms = jv_object();
    if (*budget.currency) {
        jv json = wf_val_set(jv_object(), "currency", jv_string(budget.currency));
        if (budget.run >= 0)
            json = wf_val_set(json, "run", jv_number(budget.run));
        if (budget.item >= 0)
            json = wf_val_set(json, "item", jv_number(budget.item));
        terms = wf_val_set(terms, "budget", json);
    }
    int rc = wf__terms_approval(def, wf_config_text(config, WF_OPT_APPROVAL), &terms, err);
    if (rc < 0)
        jv_free(terms);
    else
        *ret = terms;
    return rc;
}
