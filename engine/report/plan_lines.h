/* plan_lines.h: the items of a plan as lines to show, the like of them taken together. Loop thread. */
#ifndef WF_REPORT_PLAN_LINES_H
#define WF_REPORT_PLAN_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "value/val.h"

struct wf_plan_line {
    jv item;                   /* the first of them */
    const char *group, *label; /* of the item; "": it is outside of labelled iterations */
    const char *step, *effect, *action, *words;
    size_t count;   /* so many like it */
    bool is_priced; /* the cost of all of them is known */
    int64_t micros; /* their sum */
    char currency[4];
};

struct wf_plan_lines {
    struct wf_plan_line *items; /* those of one group are together */
    size_t count;
};

void wf_plan_lines_init(struct wf_plan_lines *, const jv *plan);
void wf_plan_lines_done(struct wf_plan_lines *);
size_t wf_plan_lines_group(const struct wf_plan_lines *, size_t at); /* where the next group begins */

/* What it costs, in text of at least 48 bytes, which is returned; "" when it costs nothing. */
const char *wf_plan_line_cost(const struct wf_plan_line *, char *text);
/* Words, with the number of items when there are several. The caller frees. */
char *wf_plan_line_words(const struct wf_plan_line *);

char *wf_plan_title(const jv *plan);         /* "Plan of NAME VERSION: TITLE"; the caller frees */
char *wf_plan_cost_words(const jv *summary); /* "EUR 10.00 + 2 unknown"; "nothing". The caller frees */

#endif
