/* wire.h: frames between wfrun and a process that runs a plugin apart (wfrun-host), over a socket of one machine.
 *
 *     | size | kind | call | count | now_ms | n[4] | len[12] | text 0 NUL | text 1 NUL | ...
 *
 * Both ends come from one build, so numbers are as they lie in memory. A text is bytes (JSON, words, a body) with a NUL
 * behind them that its length does not count, or NULL. Which number means what: host/wire_kinds.h. Any thread. */
#ifndef WF_BASE_WIRE_H
#define WF_BASE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WF_WIRE_TEXTS   12
#define WF_WIRE_NUMBERS 4
#define WF_WIRE_MAX     ((size_t)80 << 20) /* bytes of one frame: an answer of WF_MAX_VALUE, and what goes with it */

struct wf_wire {
    uint32_t kind, call;
    int64_t now_ms; /* the sender's clock */
    int64_t n[WF_WIRE_NUMBERS];
    size_t count; /* of texts; the others are NULL */
    struct wf_wire_text {
        const char *ptr;
        size_t len;
    } text[WF_WIRE_TEXTS];
};

/* Appends the frame. The buffer fails when the frame is larger than WF_WIRE_MAX. */
void wf_wire_write(const struct wf_wire *, struct wf_buf *);
/* Bytes of the frame at the beginning; 0: not all are there yet; -1: this is no frame. Texts point into the bytes. */
int64_t wf_wire_read(const char *bytes, size_t len, struct wf_wire *ret);
struct wf_wire_text wf_wire_text(const char *); /* NULL stays NULL */

/* Pairs in one text: name NUL value NUL ... A value has no NUL in it. */
void wf_wire_pair(struct wf_buf *, const char *name, const char *value);
/* The next pair at *at; false: there is none. *at begins as NULL. */
struct wf_wire_pairs {
    const char *at, *end, *name, *value;
};
int wf_wire_next_pair(struct wf_wire_text, struct wf_wire_pairs *);

#endif
