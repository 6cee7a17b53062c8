/* pc_int.h: what the files of the Partner Center client share among themselves. */
#ifndef PC_INT_H
#define PC_INT_H

#include "pc.h"
#include <pthread.h>

/* ---- pc_token.c ---- */
/* Finds or makes the process's record of this application's sign-ins. -1: out of memory. */
int pc__app_bind(struct pc *);
/* A valid access token for the request's audience, copied for this step. NULL with a fault. */
const char *pc__token_get(struct pc *, const struct pc_request *);
/* The remote side refused this token: the next pc__token_get asks for another. */
void pc__token_refused(struct pc *, const struct pc_request *, const char *token);

/* ---- pc_gate.c ---- */
/* Waits until this request may go. -1: the step shall stop. */
int pc__gate_wait(struct pc *, const struct pc_request *);
/* What came of it: a pause for all that share the gate, or a little more speed. */
void pc__gate_pause(struct pc *, const struct pc_request *, int64_t ms);
void pc__gate_passed(struct pc *, const struct pc_request *);

/* ---- pc_call.c ---- */
#define PC__THROTTLE_TRIES 30
struct pc__wire { /* one request as it goes out */
    struct wf_http_request http;
    struct wf_http_header headers[12];
    const char *token;
    const char *id;
    bool write;
};
/* Fills in url, headers and body; everything lives as long as the step. -1: no token. */
int pc__wire_make(struct pc *, const struct pc_request *, const char *request_id, struct pc__wire *ret_wire);
const char *pc__header(const struct wf_http_response *, const char *name);
/* Milliseconds of a Retry-After, capped; -1: none. */
int64_t pc__retry_after(struct pc *, const struct wf_http_response *);
int64_t pc__backoff(unsigned tries, int64_t base_ms, int64_t cap_ms);

/* ---- pc_error.c ---- */
const char *pc__stop(const char *words); /* the full stop that a remote sentence may lack */
/* Turns an answer that is no success into the fault. */
int pc__fault_remote(
    struct pc *, const struct pc_request *, const struct wf_http_response *, const cJSON *body, const char *id);
int pc__fault_network(
    struct pc *, const struct pc_request *, const struct wf_http_response *, bool write, const char *id);
int pc__fault_memory(struct pc *);

/* ---- pc_sku.c ---- */
/* Lets go of the inventories that this step holds. */
void pc__skus_release(struct pc *);

/* ---- pc_offer.c ---- */
const char *pc__catalogue_segment(const char *segment);

/* ---- pc_price_list.c ---- */
struct pc__price_row { /* what is empty holds for everything */
    char *offer;       /* or product:sku */
    char *market, *currency, *segment, *plan, *term;
    int64_t start_ms, end_ms; /* when it holds; -1: no limit */
    int64_t micros;           /* a seat for that many months */
    int months;
};
/* The rows of one offer, copied for the step. name: a file, or the list itself as JSON. -1: it cannot be used. */
int pc__price_rows(struct pc *, const char *name, const char *offer, struct pc__price_row **ret_rows, size_t *ret_n);

/* The same from the service's price sheet of a market, read once an hour. *ret_why: there is none, because; else NULL. */
int pc__price_sheet(struct pc *, const char *market, const char *offer, struct pc__price_row **ret_rows, size_t *ret_n,
    const char **ret_why);

/* A lock that all tables of the process share; held for moments, never while waiting. */
extern pthread_mutex_t pc__lock;

#endif
