/* signature.h: is a file signed with a key that is trusted? Any thread. */
#ifndef WF_CLI_SIGNATURE_H
#define WF_CLI_SIGNATURE_H

#include <stddef.h>

#include "base/err.h"

/* keys: files of public keys of minisign, to a NULL. One of them must have signed text, which is what the file PATH holds;
 * the signature is in PATH.minisig. 0: it is so, and *ret_signer is the trusted comment, which the caller frees; or there
 * are no keys, and it is NULL. WF_EINVAL: a key cannot be read or is none. WF_EMISMATCH: it is not signed so. */
int wf_signature_check(
    const char *path, const char *const *keys, const char *text, size_t len, char **ret_signer, struct wf_err *);

#endif
