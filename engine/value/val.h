/* val.h: JSON values as libjq's jv, with our limits and without its traps.
 *
 * Ownership, as in libjq: a jv by value is consumed; `const jv *` is borrowed. A jv lives on the loop thread only (its
 * reference count is a plain int); what crosses threads, processes and disk is bytes. */
#ifndef WF_VALUE_VAL_H
#define WF_VALUE_VAL_H

#include <jq.h> /* jv.h needs it for jv_parser users; keep the order */
#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define WF_VAL_MAX_DEPTH 200
#define WF_VAL_MAX_BYTES ((size_t)16 << 20)

/* JSON text to value: one value, nothing behind it, at most WF_VAL_MAX_DEPTH deep, valid UTF-8, no duplicate keys check. */
int wf_val_parse(const char *text, size_t len, jv *ret, struct wf_err *);
void wf_val_write(const jv *, struct wf_buf *);        /* compact JSON; integers without exponent up to 2^53 */
void wf_val_write_pretty(const jv *, struct wf_buf *); /* two spaces */
char *wf_val_text(const jv *);                         /* compact; the caller frees */
bool wf_val_truthy(const jv *);                        /* jq's: all but false and null */
/* Borrowing look-up: the member as a new reference, or jv_invalid() when absent or not an object. */
jv wf_val_get(const jv *object, const char *key);
const char *wf_val_string(const jv *object, const char *key, const char *otherwise); /* lives as long as object does */
double wf_val_number(const jv *object, const char *key, double otherwise);
jv wf_val_set(jv object, const char *key, jv value); /* consumes both */

#endif
