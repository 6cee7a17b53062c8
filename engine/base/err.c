/* err.c: filling an error once, where the fact is known. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Messages hold parts of user data: a cut must not leave half a character behind. */
static void print(char *out, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(out, size, format, args);

    if (len < 0) {
        out[0] = '\0';
    } else if ((size_t)len >= size) {
        size_t cut = wf_utf8_valid(out, size - 1);

        if (cut > size - 4)
            cut = wf_utf8_cut(out, size - 1, size - 4);
        memcpy(out + cut, "...", 4);
    }
}

int wf_err_set(struct wf_err *err, int code, const char *format, ...)
{
    if (err && err->msg[0] == '\0') {
        va_list args;

        va_start(args, format);
        print(err->msg, sizeof err->msg, format, args);
        va_end(args);
        err->code = code;
    }
    return code;
}

int wf_err_at(struct wf_err *err, int code, struct wf_loc loc, const char *format, ...)
{
    if (err && err->msg[0] == '\0') {
        va_list args;

        va_start(args, format);
        print(err->msg, sizeof err->msg, format, args);
        va_end(args);
        err->code = code;
        err->loc = loc;
    }
    return code;
}

void wf_err_hint(struct wf_err *err, const char *format, ...)
{
    if (err && err->hint[0] == '\0') {
        va_list args;

        va_start(args, format);
        print(err->hint, sizeof err->hint, format, args);
        va_end(args);
    }
}
