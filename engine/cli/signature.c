/* signature.c: signatures beside plans and bundles, by the keys that are trusted. See signature.h. */
#include "cli/signature.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/minisign.h"
#include "def/yaml.h"

static int check(
    const char *signature, const char *const *keys, const char *text, size_t len, char **ret_signer, struct wf_err *err)
{
    for (; *keys; keys++) {
        char *key;
        size_t key_len;
        if (wf_yaml_read_file(*keys, &key, &key_len, err) < 0)
            return WF_EINVAL;
        int rc = wf_minisign_check(key, signature, text, len, ret_signer, err);
        free(key);
        if (rc != WF_ENOTFOUND)
            return rc;
        *err = (struct wf_err){0};
    }
    return wf_err_set(err, WF_EMISMATCH, "it is signed with a key that is not trusted here");
}

int wf_signature_check(
    const char *path, const char *const *keys, const char *text, size_t len, char **ret_signer, struct wf_err *err)
{
    char *file, *signature;
    size_t signature_len;
    *ret_signer = NULL;
    if (!*keys)
        return 0;
    file = wf_asprintf("%s.minisig", path);
    int rc = wf_yaml_read_file(file, &signature, &signature_len, err) < 0 ? WF_EMISMATCH : 0;
    free(file);
    if (rc == 0) {
        rc = check(signature, keys, text, len, ret_signer, err);
        free(signature);
    }
    return rc;
}
