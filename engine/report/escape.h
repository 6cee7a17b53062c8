/* escape.h: text of anybody's into pages and spreadsheets, so that it stays text there. Any thread. */
#ifndef WF_REPORT_ESCAPE_H
#define WF_REPORT_ESCAPE_H

#include <stdbool.h>

#include "base/buf.h"

/* For element content and for attributes in quotes, in HTML and in XML. What is no UTF-8, a control character or turns the
 * direction of what follows becomes U+FFFD. */
void wf_html_text(struct wf_buf *, const char *text);
void wf_html_bytes(struct wf_buf *, const char *text, size_t len);

/* One cell after RFC 4180. A spreadsheet would compute what begins with = + - @, a tab or a line end: it gets an apostrophe
 * in front, but for plain numbers. first: of its line. */
void wf_csv_cell(struct wf_buf *, const char *text, bool first);

#endif
