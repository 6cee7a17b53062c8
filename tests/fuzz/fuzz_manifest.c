/* fuzz_manifest.c: manifests of functions, and headers: text that begins with `#` or a word of C is drafted, all is read. */
#include <stdlib.h>
#include <string.h>

#include "ffi/draft.h"
#include "ffi/manifest_priv.h"
#include "fuzz/fuzz.h"

static void draft(const char *text)
{
    const struct wf_draft_settings settings = {.header = "own.h", .library = "libown.so.1", .effect = "none"};
    struct wf_draft_counts counts;
    struct wf_buf buf;

    wf_buf_init(&buf, (size_t)1 << 20);
    wf_manifest_draft(&settings, text, &buf, &counts);
    wf_buf_done(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct wf_manifest *m = wf__manifest_parse("own.function.yaml", (const char *)bytes, len);
    char *text = malloc(len + 1);

    /* What is read without a finding can be called: each step has its schemas. */
    for (size_t i = 0; m->diags.errors == 0 && i < m->nfunctions; i++)
        if (!m->functions[i]->type.input_schema || !m->functions[i]->type.output_schema)
            abort();
    wf_manifest_free(m);
    if (!text)
        abort();
    memcpy(text, bytes, len);
    text[len] = '\0';
    draft(text);
    free(text);
    return 0;
}
