/* val_priv.h: shared by the files of val. */
#ifndef WF_VALUE_VAL_PRIV_H
#define WF_VALUE_VAL_PRIV_H

#include "value/val.h"

/* 0 when text is one JSON value within WF_VAL_MAX_DEPTH; else an error with line and column. */
int wf__val_scan(const char *text, size_t len, struct wf_err *);
/* A finite number as JSON: integers up to 2^53 as digits, others the shortest that reads back the same. */
void wf__val_write_number(double, struct wf_buf *);

/* libjq's parser has 256 places for what is open: one for an array, two for an object and its key. A value that needs
 * more could be written, but never read again. */
#define WF__VAL_PLACES 250

#endif
