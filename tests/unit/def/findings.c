/* findings.c: findings as text, and loading for tests. */
#include "suites.h"

const struct wf_diag *wf_test_finding(const struct wf_diags *d, int code)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].code == code)
            return &d->items[i];
    return NULL;
}

static char *write_all(const struct wf_diags *d, bool words)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    for (size_t i = 0; i < d->count; i++) {
        const struct wf_diag *item = &d->items[i];
        fprintf(
            out, "%d:%d %s%04d", item->loc.line, item->loc.col, item->severity == WF_SEV_ERROR ? "E" : "W", item->code);
        if (words)
            fprintf(out, " %s%s%s", item->msg, item->hint ? " | " : "", item->hint ? item->hint : "");
        fputc('\n', out);
    }
    fclose(out);
    return text;
}

char *wf_test_findings(const struct wf_diags *d)
{
    return write_all(d, true);
}

char *wf_test_places(const struct wf_diags *d)
{
    return write_all(d, false);
}

struct wf_def *wf_test_load(const char *text, struct wf_diags *ret_diags)
{
    struct wf_def *def = NULL;
    wf_diags_init(ret_diags);
    int rc = wf_def_load("dir/f.yaml", text, strlen(text), wf_test_catalog(), ret_diags, &def);
    CU_ASSERT_EQUAL(rc, ret_diags->errors ? WF_EINVAL : 0);
    CU_ASSERT_EQUAL(def == NULL, rc != 0);
    return def;
}

struct wf_def *wf_test_load_good(const char *text)
{
    struct wf_diags diags;
    struct wf_def *def = wf_test_load(text, &diags);
    char *findings = wf_test_findings(&diags);
    WF_ASSERT_TEXT(findings, "");
    free(findings);
    wf_diags_done(&diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(def);
    return def;
}
