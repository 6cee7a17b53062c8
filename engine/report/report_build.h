/* report_build.h: what the files of the report's model share while one is made. Private to report_model.c and
 * report_items.c. Loop thread. */
#ifndef WF_REPORT_REPORT_BUILD_H
#define WF_REPORT_REPORT_BUILD_H

#include "report/attention.h"
#include "report/report_model.h"

struct wf__report_sub {
    const char *path; /* of the task that runs it */
    uint8_t sha256[WF_SHA256_SIZE];
};

/* "#ended" or "#failed" of an iteration, "#resolved" of an operation. */
struct wf__report_fact {
    const char *path, *word;
    struct wf_slice json;
    int64_t at_ms;
};

struct wf__report_build {
    struct wf_report *report;
    jv *labels; /* of report->loops, in the same order; null: unnamed */
    struct wf__report_fact *facts;
    size_t nfacts;
    const char *words[64]; /* kept once */
    size_t nwords;
};

/* Operations are counted and given to their items. */
void wf__report_items(struct wf__report_build *);
/* report_money.c: what was spent, and what of the plan that is applied is still to be. */
void wf__report_money(struct wf_report *);

#endif
