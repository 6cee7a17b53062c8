/* buf.h: a growing byte buffer with a maximum. A buffer that hit its maximum stays failed; check once at the end. */
#ifndef WF_BASE_BUF_H
#define WF_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct wf_buf {
    char *ptr; /* NUL-terminated whenever not NULL */
    size_t len, cap, max;
    bool failed; /* max was passed; contents are cut */
};

void wf_buf_init(struct wf_buf *, size_t max);
void wf_buf_done(struct wf_buf *);
void wf_buf_clear(struct wf_buf *);
void wf_buf_add(struct wf_buf *, const void *bytes, size_t len);
void wf_buf_str(struct wf_buf *, const char *text);
void wf_buf_char(struct wf_buf *, char c);
void wf_buf_printf(struct wf_buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Quoted and escaped; bad UTF-8 becomes U+FFFD. */
void wf_buf_json_string(struct wf_buf *, const char *text, size_t len);
char *wf_buf_take(struct wf_buf *); /* the caller frees; the buffer is empty again. "" rather than NULL. */

#endif
