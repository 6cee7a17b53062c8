/* terms.c: terms of a run, from its definition and the command line. */
#include "cli/terms.h"

#include <stdio.h>
#include <string.h>

#include "report/amount.h"

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
    double amount = (double)micros / WF_AMOUNT_MICROS;
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
