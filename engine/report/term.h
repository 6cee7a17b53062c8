/* term.h: what the terminal is like, and how wide text is on it. Any thread. */
#ifndef WF_REPORT_TERM_H
#define WF_REPORT_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

/* Columns and rows of the terminal behind fd; 100 by 24 when it is none and COLUMNS does not say. */
void wf_term_size(int fd, size_t *ret_columns, size_t *ret_rows);
bool wf_term_colour(FILE *); /* NO_COLOR, CLICOLOR_FORCE, then whether it is a terminal */

/* Columns that UTF-8 text takes; control characters and bad bytes count as one. */
size_t wf_text_width(const char *text);
/* Bytes of text that make a line of at most `width` columns: up to a blank when there is one; at least one character. */
size_t wf_text_line(const char *text, size_t width);
/* Append text in exactly `width` columns: cut with an ellipsis, or padded with blanks. Control characters become '?', so
 * that data cannot drive the terminal. */
void wf_text_fit(struct wf_buf *, const char *text, size_t width, bool pad);

#endif
