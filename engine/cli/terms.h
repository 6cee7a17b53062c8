/* terms.h: on which terms a run may have effects: who started it, what it may spend, which plan it does. The engine reads
 * them from the run's meta, member `terms` (docs/journal.md). Loop thread. */
#ifndef WF_CLI_TERMS_H
#define WF_CLI_TERMS_H

#include "cli/settings.h"
#include "def/def.h"
#include "value/val.h"

/* "500EUR", "500.50 EUR": into millionths. 0, or WF_EINVAL with words. */
int wf_amount_parse(const char *text, int64_t *ret_micros, char ret_currency[4], struct wf_err *);
/* "EUR 1,234.50" into text of at least 48 bytes, which is returned; "unknown" when micros is negative. */
const char *wf_amount_text(int64_t micros, const char *currency, char *text);

/* The definition's terms and those of --max-cost and --approval, the stricter of each. An object; WF_EINVAL with words. */
int wf_terms_of(const struct wf_def *, struct wf_config *, jv *ret, struct wf_err *);

/* terms_approval.c: adds the member `approval`, when one is needed. setting: of --approval, or NULL. */
int wf__terms_approval(const struct wf_def *, const char *setting, jv *terms, struct wf_err *);

#endif
