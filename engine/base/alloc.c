/* alloc.c: allocation that aborts when memory is out. */
#include "config.h" /* _GNU_SOURCE */

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* stdio is unbuffered on stderr, so this works with no memory left. */
static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "wfrun: out of memory (%zu bytes asked for); the run can be resumed\n", size);
    abort();
}

void *wf_calloc(size_t count, size_t size)
{
    void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

    if (!p)
        out_of_memory(count * size);
    return p;
}

void *wf_realloc(void *old, size_t size)
{
    void *p = realloc(old, size > 0 ? size : 1);

    if (!p)
        out_of_memory(size);
    return p;
}

char *wf_strdup(const char *text)
{
    return wf_memdup(text, strlen(text));
}

char *wf_memdup(const void *bytes, size_t len)
{
    char *p = wf_realloc(NULL, len + 1);

    if (len > 0)
        memcpy(p, bytes, len);
    p[len] = '\0';
    return p;
}

char *wf_asprintf(const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        out_of_memory(strlen(format));
    return text;
}
