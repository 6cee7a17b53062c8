/* bundle_file.c: bundles by what a person calls them. See bundle_file.h. */
#include "cli/bundle_file.h"

#include <stdlib.h>

#include "base/whole_file.h"
#include "cli/signature.h"

int wf_bundle_of_run(struct wf_state *state, const char *id, struct wf_bundle **ret, struct wf_err *err)
{
    int rc = wf_bundle_take(state->ops, state->backend, id, ret, err);
    if (rc == WF_ENOTFOUND && !err->hint[0])
        wf_err_hint(err, "`wfrun list` shows the runs");
    return rc;
}

/* Only keys that are given here: a setting of the machine says whose plans it takes, which is something else than whose
 * word on a run is believed. */
static int check_signed(
    struct wf_invocation *inv, const char *path, const char *text, size_t len, char **ret_signer, struct wf_err *err)
{
    static const char *const none[] = {NULL};
    bool wanted = wf_opts_has(&inv->opts, WF_OPT_TRUSTED_KEY);
    const char *const *keys = wanted ? wf_config_list(inv->config, WF_OPT_TRUSTED_KEY) : none;
    struct wf_err why = {0};
    int rc = wf_signature_check(path, keys, text, len, ret_signer, &why);
    if (rc < 0) {
        wf_err_set(err, rc, "%s must be signed: %s", path, why.msg);
        wf_err_hint(err, "who wrote it signs it: minisign -Sm %s", path);
    }
    return rc;
}

int wf_bundle_of_file(
    struct wf_invocation *inv, const char *path, struct wf_bundle **ret, char **ret_signer, struct wf_err *err)
{
    struct wf_err why = {0};
    char *text;
    size_t len;
    *ret_signer = NULL;
    if (wf_whole_file_read(path, &text, &len, err) < 0)
        return err->code = WF_EINVAL;
    int rc = check_signed(inv, path, text, len, ret_signer, err);
    if (rc == 0) {
        rc = wf_bundle_read(text, len, ret, &why);
        if (rc < 0) {
            wf_err_set(err, rc, "%s: %s", path, why.msg);
            free(*ret_signer);
            *ret_signer = NULL;
        }
    }
    free(text);
    return rc;
}
