/* table.h: rows of text in columns that fit the screen. */
#ifndef WF_REPORT_TABLE_H
#define WF_REPORT_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "def/def.h"
#include "value/val.h"

struct wf_table {
    size_t ncolumns, nrows;
    char **titles; /* its own */
    char **cells;  /* nrows * ncolumns, its own */
};

void wf_table_init(struct wf_table *, const char *const *titles, size_t ncolumns);
void wf_table_done(struct wf_table *);
void wf_table_add(struct wf_table *, const char *const *cells); /* copied; NULL is empty */

/* At most max_rows rows (0: all), then a line with the count of the others. Columns get what they need; when that is more
 * than width, the widest give way first. bold: titles stand out by escape sequences. */
void wf_table_print(const struct wf_table *, FILE *, size_t width, size_t max_rows, bool bold);

/* Does the column hold numbers alone, and some? */
bool wf_table_is_numeric(const struct wf_table *, size_t column);

/* A value as one cell: text bare, lists as "a, b, +3 more", null empty, objects as JSON. The caller frees. */
char *wf_table_cell(const jv *);

/* The report of a definition over the output. 0, or negative with a sentence when an expression of it fails. */
int wf_table_report(const struct wf_report_def *, const jv *output, struct wf_table *ret, struct wf_err *);
/* Any value: a list of objects by their keys, an object as key and value, anything else as one cell. */
void wf_table_generic(const jv *value, struct wf_table *ret);

#endif
