/* def_terms.c: metadata.wfrun.budget and approval of a document: on which terms effects may be had. */
#include <ctype.h>
#include <string.h>

#include "def/load.h"

static const char *const words_before[] = {"write", "spend", "irreversible", NULL};
static const char *const words_per[] = {"run", "item", NULL};

/* One of the words; NULL, or a finding. */
static const char *word_of(struct wf__load *ld, const struct wf_node *map, const char *key, const char *const *words)
{
    const struct wf_node *node = wf__member(map, key, WF__STRING);
    char hint[120];
    if (!node)
        return NULL;
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], node->text) == 0)
            return words[i];
    wf__error(ld, 205, node->loc, wf__hint_names(hint, sizeof hint, node->text, words), "`%s` cannot be `%.60s`", key,
        node->text);
    return NULL;
}

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

void wf__approval(struct wf__load *ld, const struct wf_node *settings)
{
    static const struct wf__prop props[] = {{"before", WF__STRING, false}, {"per", WF__STRING, false},
        {"quorum", WF__NUMBER, false}, {"fourEyes", WF__BOOL, false}, {"timeout", WF__STRING | WF__MAP, false},
        {NULL, 0, false}};
    static const char *const no_vars[] = {NULL};
    struct wf_approval_def *approval = &ld->def->approval;
    const struct wf_node *node = wf_node_get(settings, "approval");
    if (!node || !wf__shape_check(ld->diags, node, wf__key_loc(settings, "approval"), "`approval`", props, NULL))
        return;
    const char *before = word_of(ld, node, "before", words_before), *per = word_of(ld, node, "per", words_per);
    const struct wf_node *quorum = wf__member(node, "quorum", WF__NUMBER);
    const struct wf_node *four_eyes = wf__member(node, "fourEyes", WF__BOOL);
    approval->before = before ? before : "spend";
    approval->per = per ? per : "run";
    approval->quorum = 1;
    if (quorum)
        wf__integer(ld->diags, quorum, "`quorum`", 1, WF_QUORUM_MAX, &approval->quorum);
    approval->four_eyes = four_eyes && four_eyes->boolean;
    wf__duration(ld, wf__member(node, "timeout", WF__STRING | WF__MAP), "`timeout`", no_vars, &approval->timeout);
    if (!wf_node_get(node, "timeout"))
        approval->timeout.fixed.ms = WF_APPROVAL_TIMEOUT_MS;
    if (approval->timeout.dynamic)
        wf__error(ld, 205, node->loc, "write PT24H", "the time-out of an approval must be a fixed duration");
}
