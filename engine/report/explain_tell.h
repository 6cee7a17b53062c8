/* explain_tell.h: what the files of an explanation share: who tells it, and how times read. Private to explain*.c. */
#ifndef WF_REPORT_EXPLAIN_TELL_H
#define WF_REPORT_EXPLAIN_TELL_H

#include "report/explain.h"

#define WF__TOLD_MAX 200 /* items that are told about */

struct wf__teller {
    const struct wf_report *report;
    int64_t now_ms;
    bool relative; /* "3 min ago": not by the sandbox's clock */
};

jv wf__sentence(char *text); /* takes it */
char *wf__moment(
    const struct wf__teller *, int64_t ms); /* "2026-01-31 10:00:00 UTC (3 min 4 s ago)"; the caller frees */
const char *wf__plural(size_t n);

jv wf__explain_why(const struct wf__teller *); /* sentences: what it is that keeps it from going on */

#endif
