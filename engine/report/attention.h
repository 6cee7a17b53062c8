/* attention.h: what of an output a person must see, as metadata.wfrun.report.attention says. Loop thread. */
#ifndef WF_REPORT_ATTENTION_H
#define WF_REPORT_ATTENTION_H

#include <stdio.h>

#include "def/def.h"
#include "value/val.h"

/* A list of {"title": TEXT, "items": [TEXT, ...]}, one for each expression that gave some. An output that was predicted
 * does as well as a real one. 0, or negative with a sentence when an expression fails or gives no list. */
int wf_attention_of(const struct wf_report_def *, const jv *output, jv *ret, struct wf_err *);
/* Each title with at most max_items lines below it, cut to width. */
void wf_attention_print(FILE *, const jv *attention, size_t width, size_t max_items);

#endif
