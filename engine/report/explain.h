/* explain.h: a run in sentences: where it stands, why, what comes next, what it cost, and what a person can type. */
#ifndef WF_REPORT_EXPLAIN_H
#define WF_REPORT_EXPLAIN_H

#include "report/report_model.h"

/* An object, described in docs/cli.md. now_ms: for "3 min ago". options: what the commands need behind them to find the
 * same journal, such as " --state FILE", or "". */
jv wf_explain(const struct wf_report *, int64_t now_ms, const char *options);
/* Where a faulted run's error stands. NULL: nobody knows. */
const struct wf_pinned_def *wf_explain_error_place(const struct wf_report *, struct wf_loc *ret);

/* explain_ways.c: the commands that make sense now: a list of {"command","why"}. */
jv wf__explain_ways(const struct wf_report *, const char *options);

#endif
