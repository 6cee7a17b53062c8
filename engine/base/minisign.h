/* minisign.h: signatures in the format of minisign (https://jedisct1.github.io/minisign/): Ed25519, over the bytes or over
 * their BLAKE2b-512. Checked only; the tool `minisign` makes them. Any thread. */
#ifndef WF_BASE_MINISIGN_H
#define WF_BASE_MINISIGN_H

#include <stddef.h>

#include "base/err.h"

/* key: the text of a public key file, or its second line alone. signature: the text of a .minisig file. 0, and *ret_comment
 * is the trusted comment, which the caller frees. WF_ENOTFOUND: the signature is by another key. WF_EINVAL: the key is
 * none. WF_EMISMATCH: the signature is none, or the bytes or the comment are not what was signed. */
int wf_minisign_check(
    const char *key, const char *signature, const void *bytes, size_t len, char **ret_comment, struct wf_err *);

#endif
