/* buf.c: a growing byte buffer with a maximum. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"

void wf_buf_init(struct wf_buf *buf, size_t max)
{
    *buf = (struct wf_buf){.max = max};
}

void wf_buf_done(struct wf_buf *buf)
{
    free(buf->ptr);
    *buf = (struct wf_buf){.max = buf->max};
}

void wf_buf_clear(struct wf_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* Makes room for len more bytes and the NUL; false, and failed, when that passes the maximum. */
static bool reserve(struct wf_buf *buf, size_t len)
{
    if (buf->failed || len > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + len + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap > 0 ? buf->cap : 64;

        while (cap < need)
            cap *= 2;
        buf->ptr = wf_realloc(buf->ptr, cap);
        buf->cap = cap;
    }
    return true;
}

void wf_buf_add(struct wf_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void wf_buf_str(struct wf_buf *buf, const char *text)
{
    wf_buf_add(buf, text, strlen(text));
}

void wf_buf_char(struct wf_buf *buf, char c)
{
    wf_buf_add(buf, &c, 1);
}

void wf_buf_printf(struct wf_buf *buf, const char *format, ...)
{
    char small[256]; /* most texts fit, and are formatted once */
    va_list args;

    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len >= 0 && len < (int)sizeof small) {
        wf_buf_add(buf, small, (size_t)len);
        return;
    }
    if (len < 0 || !reserve(buf, (size_t)len)) {
        buf->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

static void add_escaped(struct wf_buf *buf, unsigned char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: the byte, the letter after the backslash */

    for (size_t i = 0; i < sizeof letters - 1; i += 2) {
        if ((unsigned char)letters[i] == c) {
            wf_buf_char(buf, '\\');
            wf_buf_char(buf, letters[i + 1]);
            return;
        }
    }
    wf_buf_printf(buf, "\\u%04x", c);
}

void wf_buf_json_string(struct wf_buf *buf, const char *text, size_t len)
{
    size_t start = 0, at = 0; /* text[start..at) is copied as it is */

    wf_buf_char(buf, '"');
    while (at < len) {
        unsigned char c = (unsigned char)text[at];
        size_t n = c < 0x80 ? 1 : wf_utf8_next(text + at, len - at, NULL);

        if (n > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            at += n;
            continue;
        }
        wf_buf_add(buf, text + start, at - start);
        if (n == 0)
            wf_buf_str(buf, "\xef\xbf\xbd");
        else
            add_escaped(buf, c);
        start = ++at;
    }
    wf_buf_add(buf, text + start, at - start);
    wf_buf_char(buf, '"');
}

char *wf_buf_take(struct wf_buf *buf)
{
    char *text = buf->ptr ? buf->ptr : wf_strdup("");

    *buf = (struct wf_buf){.max = buf->max};
    return text;
}
