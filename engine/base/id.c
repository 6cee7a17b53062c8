/* id.c: UUIDs, SHA-256 and random numbers. */
#include "base/id.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid.h>

void wf_uuid_random(char ret_text[WF_UUID_TEXT])
{
    uuid_t id;

    uuid_generate_random(id);
    uuid_unparse_lower(id, ret_text);
}

void wf_uuid_space(const char *namespace_uuid, uint8_t ret_space[WF_UUID_SIZE])
{
    if (uuid_parse(namespace_uuid, ret_space) != 0)
        uuid_generate_sha1(ret_space, *uuid_get_template("url"), namespace_uuid, strlen(namespace_uuid));
}

void wf_uuid_named(const uint8_t space[WF_UUID_SIZE], const char *name, char ret_text[WF_UUID_TEXT])
{
    uuid_t id;

    uuid_generate_sha1(id, space, name, strlen(name));
    uuid_unparse_lower(id, ret_text);
}

static EVP_MD *sha256;

/* Looking it up takes OpenSSL longer than hashing a record. */
static void find_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void wf_sha256(const void *bytes, size_t len, uint8_t ret_digest[WF_SHA256_SIZE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, find_sha256);
    /* Only a crippled OpenSSL lacks SHA-256; without digests no promise of ours holds. */
    if (!sha256 || EVP_Digest(bytes, len, ret_digest, NULL, sha256, NULL) != 1)
        abort();
}

bool wf_sha256_read(const char *hex, uint8_t ret[WF_SHA256_SIZE])
{
    if (strlen(hex) != 2 * WF_SHA256_SIZE)
        return false;
    for (size_t i = 0; i < WF_SHA256_SIZE; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        ret[i] = (uint8_t)byte;
    }
    return true;
}

void wf_sha256_text(const uint8_t digest[WF_SHA256_SIZE], char ret_text[WF_SHA256_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < WF_SHA256_SIZE; i++) {
        ret_text[2 * i] = digits[digest[i] >> 4];
        ret_text[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_text[2 * WF_SHA256_SIZE] = '\0';
}

uint64_t wf_random_u64(void)
{
    uint64_t number;

    /* Up to 256 bytes are never interrupted and never short once the kernel is seeded. */
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        abort();
    return number;
}

void wf_sha256_file(const char *path, char ret_text[WF_SHA256_TEXT])
{
    uint8_t digest[WF_SHA256_SIZE];
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    ret_text[0] = '\0';
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0)
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes != MAP_FAILED) {
        wf_sha256(bytes, (size_t)status.st_size, digest);
        wf_sha256_text(digest, ret_text);
        munmap(bytes, (size_t)status.st_size);
    }
    if (fd >= 0)
        close(fd);
}
