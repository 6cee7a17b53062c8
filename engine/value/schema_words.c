/* schema_words.c: what is wrong with a value, in words that name the place. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "value/schema_priv.h"

static void add_place(struct wf_buf *buf, const struct wf__splace *place)
{
    if (!place)
        return;
    add_place(buf, place->up); /* as deep as the check itself went */
    if (!place->key) {
        wf_buf_printf(buf, "/%zu", place->index);
        return;
    }
    wf_buf_char(buf, '/');
    for (const char *p = place->key; *p; p++) {
        if (*p == '~' || *p == '/')
            wf_buf_str(buf, *p == '~' ? "~0" : "~1");
        else
            wf_buf_char(buf, *p);
    }
}

int wf__swrong(const struct wf__splace *place, struct wf_err *err, const char *format, ...)
{
    if (!err || err->msg[0] != '\0')
        return WF_EINVAL;
    struct wf_buf pointer;
    va_list args;
    char text[400];

    wf_buf_init(&pointer, sizeof err->pointer - 1);
    add_place(&pointer, place);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(err->pointer, sizeof err->pointer, "%s", pointer.ptr ? pointer.ptr : "");
    wf_err_set(err, WF_EINVAL, "%s %s", pointer.len > 0 ? pointer.ptr : "the value", text);
    wf_buf_done(&pointer);
    return WF_EINVAL;
}

const char *wf__sshow(const jv *value, char buf[WF__SSHOWN])
{
    char *text = wf_val_text(value);
    size_t len = text ? strlen(text) : 0;

    if (!text) {
        snprintf(buf, WF__SSHOWN, "...");
    } else if (len < WF__SSHOWN) {
        memcpy(buf, text, len + 1);
    } else {
        len = wf_utf8_cut(text, len, WF__SSHOWN - 4);
        memcpy(buf, text, len);
        memcpy(buf + len, "...", 4);
    }
    free(text);
    return buf;
}

void wf__stype_words(unsigned types, char *buf, size_t size)
{
    static const char *const words[] = {
        "null", "true or false", "a number", "a string", "an array", "an object", "an integer"};
    size_t len = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (types & (1u << i) && len < size)
            len += (size_t)snprintf(buf + len, size - len, "%s%s", len > 0 ? " or " : "", words[i]);
    }
}

void wf__shint_strings(const char *text, const jv *allowed, const char *label, struct wf_err *err)
{
    int count = jv_array_length(jv_copy(*allowed)), nnames = 0;
    const char **names = wf_calloc((size_t)count + 1, sizeof *names);

    for (int i = 0; i < count; i++) {
        jv name = jv_array_get(jv_copy(*allowed), i);

        if (jv_get_kind(name) == JV_KIND_STRING)
            names[nnames++] = jv_string_value(name);
        jv_free(name); /* the array keeps it alive */
    }
    const char *close = wf_suggest(text, names);
    if (close) {
        wf_err_hint(err, "did you mean \"%s\"?", close);
    } else if (nnames > 0 && label) {
        struct wf_buf list;

        wf_buf_init(&list, 200);
        for (int i = 0; i < nnames; i++)
            wf_buf_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
        wf_err_hint(err, "%s: %s%s", label, list.ptr ? list.ptr : "", list.failed ? ", ..." : "");
        wf_buf_done(&list);
    }
    free(names);
}
