/* fuzz_def.c: any bytes as a workflow definition: loaded or refused with findings, never a crash, never half a definition. */
#include <stdlib.h>
#include <string.h>

#include "def/def.h"
#include "fuzz/fuzz.h"

static const struct wf_step_info *find(void *ctx, const char *name, const char *version)
{
    static const struct wf_step_info http = {.name = "http", .version = "1.0.0"};
    (void)ctx;
    (void)version;
    return strcmp(name, "http") == 0 ? &http : NULL;
}

static const char *const *names(void *ctx)
{
    static const char *const all[] = {"http", NULL};
    (void)ctx;
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct wf_step_catalog catalog = {.find = find, .names = names};
    struct wf_diags diags;
    struct wf_def *def = NULL;
    wf_diags_init(&diags);
    int rc = wf_def_load("fuzz.yaml", (const char *)bytes, len, &catalog, &diags, &def);
    if ((rc == 0) != (def != NULL) || (rc == 0) != (diags.errors == 0))
        abort();
    wf_def_unref(def);
    wf_diags_done(&diags);
    return 0;
}
