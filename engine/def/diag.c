/* diag.c: keeps findings, orders them, and guesses what a misspelt word should have been. */
#include "def/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define MAX_KEPT 200

void wf_diags_init(struct wf_diags *d)
{
    *d = (struct wf_diags){0};
}

void wf_diags_done(struct wf_diags *d)
{
    for (size_t i = 0; i < d->count; i++) {
        free(d->items[i].msg);
        free(d->items[i].hint);
    }
    for (size_t i = 0; i < d->nfiles; i++)
        free(d->files[i]);
    free(d->files);
    free(d->items);
    wf_diags_init(d);
}

static bool is_known(const struct wf_diags *d, int code, struct wf_loc loc, const char *msg)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct wf_diag *old = &d->items[i];
        if (old->code == code && old->loc.line == loc.line && old->loc.col == loc.col && strcmp(old->msg, msg) == 0)
            return true;
    }
    return false;
}

static const char *own_file(struct wf_diags *d, const char *file)
{
    if (!file)
        return NULL;
    for (size_t i = 0; i < d->nfiles; i++)
        if (strcmp(d->files[i], file) == 0)
            return d->files[i];
    d->files = wf_realloc(d->files, (d->nfiles + 1) * sizeof *d->files);
    d->files[d->nfiles] = wf_strdup(file);
    return d->files[d->nfiles++];
}

void wf_diags_add(struct wf_diags *d, enum wf_severity severity, int code, struct wf_loc loc, const char *hint,
    const char *format, ...)
{
    char msg[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(msg, sizeof msg, format, args);
    va_end(args);

    if (is_known(d, code, loc, msg))
        return;
    if (severity == WF_SEV_ERROR)
        d->errors++;
    if (d->count == MAX_KEPT)
        return;
    loc.file = own_file(d, loc.file);
    d->items = wf_realloc(d->items, (d->count + 1) * sizeof *d->items);
    d->items[d->count++] = (struct wf_diag){
        .severity = severity,
        .code = code,
        .loc = loc,
        .msg = wf_strdup(msg),
        .hint = hint && *hint ? wf_strdup(hint) : NULL,
    };
}

void wf_diags_add_err(struct wf_diags *d, int code, const struct wf_err *err)
{
    wf_diags_add(d, WF_SEV_ERROR, code, err->loc, err->hint, "%s", err->msg);
}

static int compare(const void *a, const void *b)
{
    const struct wf_diag *x = a, *y = b;
    int by_file = strcmp(x->loc.file ? x->loc.file : "", y->loc.file ? y->loc.file : "");
    if (by_file)
        return by_file;
    if (x->loc.line != y->loc.line)
        return x->loc.line < y->loc.line ? -1 : 1;
    if (x->loc.col != y->loc.col)
        return x->loc.col < y->loc.col ? -1 : 1;
    return x->code - y->code;
}

void wf_diags_sort(struct wf_diags *d)
{
    if (d->count > 1)
        qsort(d->items, d->count, sizeof *d->items, compare);
}

const char *wf_diag_title(int code)
{
    /* The codes are written with leading zeros, which C would read as octal: 1##0203 - 10000 is 203. */
#define ROW(number, title) {1##number - 10000, title},
    static const struct {
        int code;
        const char *title;
    } rows[] = {WF_DIAG_CODES(ROW)};
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].title;
    return NULL;
}
