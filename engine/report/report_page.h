/* report_page.h: the parts that pages of wfrun are made of. Loop thread. */
#ifndef WF_REPORT_REPORT_PAGE_H
#define WF_REPORT_REPORT_PAGE_H

#include "base/buf.h"
#include "report/table.h"

/* A page complete in itself: no script, nothing fetched. Between the two stands what is inside <main>. */
void wf_page_begin(struct wf_buf *, const char *title);
void wf_page_end(struct wf_buf *, const char *footer);

void wf_page_heading(struct wf_buf *, const char *words, const char *small); /* small may be NULL */
void wf_page_pill(struct wf_buf *, const char *kind, const char *words);     /* kind: "ok", "warn", "bad", "" */
void wf_page_tile(struct wf_buf *, const char *kind, const char *value, const char *words);
/* Rows beyond max_rows are counted; rest says where they are. */
void wf_page_table(struct wf_buf *, const struct wf_table *, size_t max_rows, const char *rest);
void wf_page_list(struct wf_buf *, const jv *texts, size_t max_items);
/* The lists of attention.h, each a card. */
void wf_page_attention(struct wf_buf *, const jv *attention, size_t max_items);

extern const char wf__page_style[];

#endif
