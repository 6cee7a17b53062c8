/* sb_request.h: one request on its way through the sandbox, and how it is answered.
 *
 * Life        server or batch fills the upper part, sb_dispatch the rest, a handler answers through sb_reply_* exactly
 *             once (a later answer replaces an earlier one). Everything in it is freed with sb_request_done.
 * Threads     A request belongs to one thread. Handlers run with the world's lock held unless their route is SB_UNLOCKED.
 */
#ifndef SB_REQUEST_H
#define SB_REQUEST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sb_customer.h"
#include "sb_faults.h"
#include "sb_token.h"
#include "sb_world.h"

enum { SB_ARGS = 4, SB_ARG_SIZE = 256, SB_PATH_SIZE = 1024, SB_QUERY_PAIRS = 24 };

enum sb_route_flag {
    SB_ANON = 1,        /* no token */
    SB_USER = 2,        /* app+user token only */
    SB_GRAPH = 4,       /* a Graph token, whose tenant is the customer */
    SB_CUSTOMER = 8,    /* the first argument is a customer the partner may see */
    SB_COMMERCE = 16,   /* ... as reseller, with a role that may trade */
    SB_DELEGATED = 32,  /* ... and with delegated administration */
    SB_WRITE = 64,      /* changes the world: one transaction, undone by an error answer */
    SB_ONCE = 128,      /* MS-RequestId is remembered */
    SB_LIMITED = 256,   /* counts against the partner's and the customer's budget */
    SB_CONTROL = 512,   /* the sandbox's own: no faults, no counting */
    SB_UNLOCKED = 1024, /* its handler takes the lock itself */
    SB_SIGN_IN = 2048,  /* errors as the sign-in service words them */
    SB_PARTNER = 4096,  /* a token for the Partner API */
};

struct sb_request;

struct sb_route {
    const char *method;
    const char *pattern; /* segments; {} takes any one */
    void (*handle)(struct sb_request *);
    unsigned flags;
    int cost; /* Graph cost units */
};

struct sb_headers {
    char authorization[1024];
    char request_id[64];
    char correlation_id[64];
    char if_match[256];
    char continuation[256];
    char content_type[128];
};

struct sb_reply {
    int status;
    cJSON *json; /* or text */
    char *text;
    const char *type; /* media type of text; NULL: JSON */
    char location[512];
    char retry_after[64];
    bool replayed;
    bool reset;    /* end the connection without an answer */
    bool truncate; /* end the connection in the middle of the body */
    bool bom;
    int64_t delay_ms;
};

struct sb_request {
    struct sb_world *world;
    char method[12];
    char path[SB_PATH_SIZE]; /* percent-encoding still in it */
    char query[SB_PATH_SIZE * 4];
    char base[160]; /* scheme and host the client used */
    struct sb_headers headers;
    char *body;
    size_t body_len;

    const struct sb_route *route;
    char args[SB_ARGS][SB_ARG_SIZE];
    struct {
        const char *name, *value;
    } pairs[SB_QUERY_PAIRS]; /* point into decoded */
    char decoded[SB_PATH_SIZE * 4];
    int64_t now_ms;
    cJSON *json; /* the body, when it is JSON */
    struct sb_token token;
    struct sb_customer customer;
    struct sb_fault_rule fault;

    struct sb_reply reply;
};

/* Empty, ready for method, path, query, headers and body. NULL without memory. */
struct sb_request *sb_request_new(struct sb_world *world);
void sb_request_free(struct sb_request *req);
/* Splits a URI into path and query. False when it is too long. */
bool sb_request_set_uri(struct sb_request *req, const char *uri);
/* A query parameter, decoded; NULL when absent. Names are compared without case. */
const char *sb_request_query(const struct sb_request *req, const char *name);
int64_t sb_request_query_int(const struct sb_request *req, const char *name, int64_t fallback);
/* A value of an application/x-www-form-urlencoded body; parsed into the query by the sign-in routes. */
void sb_request_parse_form(struct sb_request *req, const char *text, size_t len);
/* Decodes %XX (and + as blank when plus) into a buffer; returns false when it does not fit. */
bool sb_request_decode(const char *text, size_t len, bool plus, char *buf, size_t size);

/* Answers. The reply takes the JSON. */
void sb_reply_json(struct sb_request *req, int status, cJSON *json);
void sb_reply_text(struct sb_request *req, int status, const char *type, const char *text);
void sb_reply_empty(struct sb_request *req, int status);
/* The service's error body; the sentence is for people. */
void sb_reply_fail(struct sb_request *req, int status, int64_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with `data` and the source that licence errors carry. */
void sb_reply_fail_data(struct sb_request *req, int status, int64_t code, const char *description, const char *data);
void sb_reply_graph_fail(struct sb_request *req, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void sb_reply_sign_in_fail(struct sb_request *req, int status, const char *error, int code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* An error in the words of the route's own service. */
void sb_reply_error(struct sb_request *req, int status, int64_t code, const char *sentence);
void sb_reply_throttled(struct sb_request *req, int64_t retry_after_s);

/* sb_dispatch.c: finds the route, checks, runs the handler. Takes the world's lock. */
void sb_dispatch(struct sb_request *req);

/* sb_routes.c: the route of a method and path, its arguments filled in. *ret_status is 404 or 405 when NULL. */
const struct sb_route *sb_routes_find(struct sb_request *req, int *ret_status);

#endif
