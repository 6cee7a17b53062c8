/* terms.h: on which terms a run may have effects: who started it, what it may spend, which plan it does. The engine reads
 * them from the run's meta, member `terms` (docs/journal.md). Loop thread. */
#ifndef WF_CLI_TERMS_H
#define WF_CLI_TERMS_H

#include "cli/settings.h"
#include "def/def.h"
#include "value/val.h"

/* The definition's terms and those of --max-cost and --approval, the stricter of each. An object; WF_EINVAL with words. */
int wf_terms_of(const struct wf_def *, struct wf_config *, jv *ret, struct wf_err *);

/* terms_approval.c: adds the member `approval`, when one is needed. setting: of --approval, or NULL. */
int wf__terms_approval(const struct wf_def *, const char *setting, jv *terms, struct wf_err *);

#endif
