/* plan_print.h: a plan for people and for other programs. Loop thread. */
#ifndef WF_REPORT_PLAN_PRINT_H
#define WF_REPORT_PLAN_PRINT_H

#include <stdio.h>

#include "base/buf.h"
#include "value/val.h"

enum wf_view { WF_VIEW_TREE, WF_VIEW_JSON, WF_VIEW_CSV, WF_VIEW_HTML };

int wf_view_parse(const char *, enum wf_view *ret, struct wf_err *); /* NULL is tree */
/* A tree of groups and what is to be done in each, then the sums. */
void wf_plan_print_tree(FILE *, const jv *plan, size_t width, bool colour);
void wf_plan_print_csv(FILE *, const jv *plan); /* RFC 4180, a line an item */
/* What of a plan was not done, as WF_NOTE_UNDONE has it; nothing when it is invalid. */
void wf_plan_print_undone(FILE *, const jv *note, size_t max_items, size_t width);
/* plan_html.c: one page, complete in itself. digest: of the plan, in hexadecimal. */
void wf_plan_html(const jv *plan, const char *digest, struct wf_buf *);

#endif
