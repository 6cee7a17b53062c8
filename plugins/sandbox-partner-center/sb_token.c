/* sb_token.c: access and refresh tokens: opaque texts that say who, for what and until when, signed. */
#include "sb_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_world.h"

enum { SIGNATURE = 12 }; /* bytes kept of the HMAC */

/* The key depends on the seed, so that tokens outlive a restart with --state. */
static void sign(const struct sb_world *world, const char *text, char ret_hex[2 * SIGNATURE + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    HMAC(EVP_sha256(), &world->random_seed, sizeof world->random_seed, (const unsigned char *)text, strlen(text),
        digest, &len);
    for (int i = 0; i < SIGNATURE; i++)
        snprintf(ret_hex + i * 2, 3, "%02x", digest[i]);
}

void sb_token_write(const struct sb_world *world, const struct sb_token *token, char *buf, size_t size)
{
    char signature[2 * SIGNATURE + 1];
    snprintf(buf, size, "sb%c%c%d.%s.%llx", token->refresh ? 'r' : 'a', token->user ? 'u' : 'p', (int)token->audience,
        token->tenant, (unsigned long long)token->expires_ms);
    sign(world, buf, signature);
    size_t len = strlen(buf);
    snprintf(buf + len, size - len, ".%s", signature);
}

bool sb_token_read(const struct sb_world *world, const char *text, struct sb_token *ret_token)
{
    char copy[256];
    char expected[2 * SIGNATURE + 1];
    const char *dot = strrchr(text, '.');
    if (!dot || (size_t)(dot - text) >= sizeof copy)
        return false;
    memcpy(copy, text, (size_t)(dot - text));
    copy[dot - text] = '\0';
    sign(world, copy, expected);
    if (strcmp(dot + 1, expected) != 0)
        return false;

    struct sb_token token = {0};
    char kind, who;
    int audience;
    unsigned long long expires;
    if (sscanf(copy, "sb%c%c%d.%39[^.].%llx", &kind, &who, &audience, token.tenant, &expires) != 5)
        return false;
    token.refresh = kind == 'r';
    token.user = who == 'u';
    token.audience = (enum sb_audience)audience;
    token.expires_ms = (int64_t)expires;
    *ret_token = token;
    return true;
}
