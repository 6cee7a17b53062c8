/* val.h: JSON values as libjq's jv, with our limits and without its traps.
 *
 * Ownership, as in libjq: a jv by value is consumed; `const jv *` is borrowed. A jv lives on the loop thread only (its
 * reference count is a plain int); what crosses threads, processes and disk is bytes. */
#ifndef WF_VALUE_VAL_H
#define WF_VALUE_VAL_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define WF_VAL_MAX_DEPTH 200
#define WF_VAL_TOO_DEEP  "nests too deep: at most 200 lists, or 125 objects, may stand in each other"
#define WF_VAL_MAX_BYTES ((size_t)16 << 20)

/* JSON text (RFC 8259) to value: one value, nothing behind it, at most WF_VAL_MAX_DEPTH deep (125, objects alone) and WF_VAL_MAX_BYTES long,
 * valid UTF-8; of duplicate keys the last counts. Errors name line and column. */
int wf_val_parse(const char *text, size_t len, jv *ret, struct wf_err *);
int wf_val_parse_long(const char *text, size_t len, size_t max, jv *ret, struct wf_err *); /* max below INT_MAX */
/* Compact JSON; integers up to 2^53 without exponent, NaN as null, members in the order they were set. A value deeper
 * than WF_VAL_MAX_DEPTH could not be read back: the buffer is then failed. */
void wf_val_write(const jv *, struct wf_buf *);
void wf_val_write_pretty(const jv *, struct wf_buf *); /* indented by two spaces */
char *wf_val_text(const jv *);                         /* compact; the caller frees; NULL when too deep */
/* The same, members sorted by their keys: equal values have equal texts, which a digest can be taken of. */
char *wf_val_canonical(const jv *);
bool wf_val_truthy(const jv *); /* jq's: all but false and null */
/* Borrowing look-up: the member as a new reference, or jv_invalid() when absent or not an object. */
jv wf_val_get(const jv *object, const char *key);
const char *wf_val_string(const jv *object, const char *key, const char *otherwise); /* lives as long as object does */
double wf_val_number(const jv *object, const char *key, double otherwise);
jv wf_val_set(jv object, const char *key, jv value); /* consumes both */

#endif
