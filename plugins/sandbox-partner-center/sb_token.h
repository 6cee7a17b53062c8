/* sb_token.h: access and refresh tokens: opaque texts that say who, for what and until when, signed. */
#ifndef SB_TOKEN_H
#define SB_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sb_ident.h"

enum sb_audience {
    SB_AUDIENCE_PARTNER_CENTER,
    SB_AUDIENCE_AAD_GRAPH,
    SB_AUDIENCE_GRAPH,
    SB_AUDIENCE_PARTNER, /* the Partner API, which has the price sheets */
    SB_AUDIENCES
};

struct sb_token {
    bool user;    /* app+user */
    bool refresh; /* a refresh token, or a device code */
    enum sb_audience audience;
    char tenant[SB_GUID];
    int64_t expires_ms;
};

struct sb_world;
struct sb_request;

/* Writes a token; the text fits in 512 bytes. */
void sb_token_write(const struct sb_world *world, const struct sb_token *token, char *buf, size_t size);
/* False when it is not one of ours. Whether it has expired is for the caller to say. */
bool sb_token_read(const struct sb_world *world, const char *text, struct sb_token *ret_token);

/* Sign-in routes, sb_signin.c */
void sb_signin_token_v1(struct sb_request *req);
void sb_signin_token_v2(struct sb_request *req);
void sb_signin_device(struct sb_request *req);
void sb_signin_openid(struct sb_request *req);
void sb_signin_instance(struct sb_request *req);
void sb_signin_keys(struct sb_request *req);

#endif
