/* minisign.c: checks signatures in the format of minisign. */
#include "base/minisign.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

#define ID_LEN        8
#define KEY_LEN       32
#define SIGNATURE_LEN 64
#define COMMENT_MAX   8192
#define TRUSTED       "trusted comment: "

/* As they are in base64. */
struct public_key {
    uint8_t algorithm[2], id[ID_LEN], key[KEY_LEN];
};
struct signature {
    uint8_t algorithm[2], id[ID_LEN], bytes[SIGNATURE_LEN];
};

/* A signature's file. */
struct file {
    struct signature signature;
    const char *comment; /* in the text, not terminated */
    size_t comment_len;
    uint8_t global[SIGNATURE_LEN]; /* over the signature's bytes and the comment */
};

/* ---- texts ---- */

/* The nth line from 0, without its end. NULL: there are not so many. */
static const char *line_of(const char *text, size_t n, size_t *ret_len)
{
    *ret_len = 0;
    for (; n > 0; n--) {
        text = strchr(text, '\n');
        if (!text)
            return NULL;
        text++;
    }
    *ret_len = strcspn(text, "\r\n");
    return text;
}

/* True: the line is base64 of exactly len bytes. */
static bool decode(const char *line, size_t line_len, void *ret, size_t len)
{
    uint8_t bytes[128];
    size_t padding = (3 - len % 3) % 3;
    int got;

    if (!line || line_len != (len + 2) / 3 * 4 || line_len / 4 * 3 > sizeof bytes)
        return false;
    got = EVP_DecodeBlock(bytes, (const unsigned char *)line, (int)line_len);
    if (got < 0 || (size_t)got - padding != len)
        return false;
    memcpy(ret, bytes, len);
    return true;
}

static bool key_read(const char *text, struct public_key *ret)
{
    size_t len;
    const char *line = line_of(text, strncmp(text, "untrusted comment:", 18) == 0, &len);

    return decode(line, len, ret, sizeof *ret) && memcmp(ret->algorithm, "Ed", 2) == 0;
}

static bool file_read(const char *text, struct file *ret)
{
    size_t len, comment_len, global_len;
    const char *line = line_of(text, 1, &len), *comment = line_of(text, 2, &comment_len),
               *global = line_of(text, 3, &global_len);

    if (!global || strncmp(comment, TRUSTED, strlen(TRUSTED)) != 0)
        return false;
    ret->comment = comment + strlen(TRUSTED);
    ret->comment_len = comment_len - strlen(TRUSTED);
    return ret->comment_len <= COMMENT_MAX && decode(line, len, &ret->signature, sizeof ret->signature) &&
           decode(global, global_len, ret->global, sizeof ret->global);
}

/* ---- checking ---- */

static bool ed25519_holds(const struct public_key *key, const uint8_t *signature, const void *bytes, size_t len)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->key, KEY_LEN);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = pkey && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
                 EVP_DigestVerify(context, signature, SIGNATURE_LEN, bytes, len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return holds;
}

static bool bytes_hold(const struct public_key *key, const struct signature *signature, const void *bytes, size_t len)
{
    uint8_t digest[64];
    unsigned size = sizeof digest;

    if (memcmp(signature->algorithm, "Ed", 2) == 0)
        return ed25519_holds(key, signature->bytes, bytes, len);
    return memcmp(signature->algorithm, "ED", 2) == 0 &&
           EVP_Digest(bytes, len, digest, &size, EVP_blake2b512(), NULL) == 1 &&
           ed25519_holds(key, signature->bytes, digest, size);
}

static bool comment_holds(const struct public_key *key, const struct file *file)
{
    uint8_t both[SIGNATURE_LEN + COMMENT_MAX];

    memcpy(both, file->signature.bytes, SIGNATURE_LEN);
    memcpy(both + SIGNATURE_LEN, file->comment, file->comment_len);
    return ed25519_holds(key, file->global, both, SIGNATURE_LEN + file->comment_len);
}

int wf_minisign_check(const char *key_text, const char *signature_text, const void *bytes, size_t len,
    char **ret_comment, struct wf_err *err)
{
    struct public_key key;
    struct file file;

    if (!key_read(key_text, &key))
        return wf_err_set(err, WF_EINVAL, "it is no public key of minisign");
    if (!file_read(signature_text, &file))
        return wf_err_set(err, WF_EMISMATCH, "it is no signature of minisign");
    if (memcmp(key.id, file.signature.id, ID_LEN) != 0)
        return wf_err_set(err, WF_ENOTFOUND, "it is signed with another key");
    if (!bytes_hold(&key, &file.signature, bytes, len))
        return wf_err_set(err, WF_EMISMATCH, "the signature does not hold: it was changed after it was signed");
    if (!comment_holds(&key, &file))
        return wf_err_set(err, WF_EMISMATCH, "the signature's comment was changed after it was signed");
    *ret_comment = wf_memdup(file.comment, file.comment_len);
    return 0;
}
