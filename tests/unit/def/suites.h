/* suites.h: the suites of the room's test program, one per file, and what they share. */
#ifndef WF_TEST_DEF_SUITES_H
#define WF_TEST_DEF_SUITES_H

#include "def/diag.h"
#include "lib/cunit_main.h"

extern const struct wf_suite diag_suite, yaml_suite;

/* The finding with this code ("WF0103" is 103), or NULL. */
static inline const struct wf_diag *wf_test_finding(const struct wf_diags *d, int code)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].code == code)
            return &d->items[i];
    return NULL;
}

/* All findings, one a line: "2:3 103 text | hint". The caller frees. */
static inline char *wf_test_findings(const struct wf_diags *d)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    for (size_t i = 0; i < d->count; i++)
        fprintf(out, "%d:%d %s%04d %s%s%s\n", d->items[i].loc.line, d->items[i].loc.col,
            d->items[i].severity == WF_SEV_ERROR ? "E" : "W", d->items[i].code, d->items[i].msg,
            d->items[i].hint ? " | " : "", d->items[i].hint ? d->items[i].hint : "");
    fclose(out);
    return text;
}

#endif
