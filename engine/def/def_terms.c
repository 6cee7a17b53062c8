/* def_terms.c: metadata.wfrun.budget of a document: on which terms effects may be had. */
#include <ctype.h>
#include <string.h>

#include "def/load.h"

static void check_amount(struct wf__load *ld, const struct wf_node *map, const char *key, double *ret)
{
    const struct wf_node *node = wf__member(map, key, WF__NUMBER);
    *ret = -1;
    if (node && node->number < 0)
        wf__error(ld, 205, node->loc, NULL, "`%s` must not be negative", key);
    else if (node)
        *ret = node->number;
}

static bool is_currency(const char *text)
{
    return strlen(text) == 3 && isupper((unsigned char)text[0]) && isupper((unsigned char)text[1]) &&
           isupper((unsigned char)text[2]);
}

void wf__budget(struct wf__load *ld, const struct wf_node *settings)
{
    static const struct wf__prop props[] = {
        {"currency", WF__STRING, true}, {"run", WF__NUMBER, false}, {"item", WF__NUMBER, false}, {NULL, 0, false}};
    struct wf_budget_def *budget = &ld->def->budget;
    const struct wf_node *node = wf_node_get(settings, "budget");
    if (!node || !wf__shape_check(ld->diags, node, wf__key_loc(settings, "budget"), "`budget`", props, NULL))
        return;
    const struct wf_node *currency = wf__member(node, "currency", WF__STRING);
    if (currency && !is_currency(currency->text))
        wf__error(ld, 205, currency->loc, "currency: EUR", "`currency` must be three capitals as ISO 4217 has them");
    budget->currency = currency ? currency->text : NULL;
    check_amount(ld, node, "run", &budget->run);
    check_amount(ld, node, "item", &budget->item);
    if (!wf_node_get(node, "run") && !wf_node_get(node, "item"))
        wf__error(ld, 201, node->loc, NULL, "`budget` needs one of run and item");
}
