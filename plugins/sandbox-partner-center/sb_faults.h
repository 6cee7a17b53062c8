/* sb_faults.h: what goes wrong on purpose: rules by route, count and probability.
 *
 * Threads     The caller holds the world's lock.
 * Chance      Each request has an ordinal; a rule hits by a number drawn from (seed, ordinal, rule), so the same sequence
 *             of requests meets the same faults.
 */
#ifndef SB_FAULTS_H
#define SB_FAULTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum sb_fault_kind {
    SB_FAULT_NONE,
    SB_FAULT_STATUS,        /* an answer with `status`, and `code` in the service's error body */
    SB_FAULT_THROTTLE,      /* 429 with Retry-After (seconds, a date or none), `burst` requests in a row */
    SB_FAULT_RESET,         /* the connection is reset */
    SB_FAULT_TRUNCATE,      /* the connection ends in the middle of the body */
    SB_FAULT_HTML,          /* a proxy's page instead of JSON */
    SB_FAULT_BOM,           /* a byte order mark before the body */
    SB_FAULT_DELAY,         /* real milliseconds; at most 20 */
    SB_FAULT_EXPIRED_TOKEN, /* 401 */
    SB_FAULT_ACCEPTED,      /* 202 with Location instead of 200 on a PATCH */
    SB_FAULT_STALE_ETAG,    /* somebody else changed the resource just before */
    SB_FAULT_REPEAT_PAGE,   /* the next page's token is this page's token */
    SB_FAULT_PARTIAL_CART,  /* a checkout buys all lines but the last */
    SB_FAULT_KINDS
};

enum { SB_FAULT_RULES = 64, SB_FAULT_DELAY_MAX_MS = 20 };

struct sb_fault_rule {
    enum sb_fault_kind kind;
    char method[8];      /* "" for any */
    char route[128];     /* a shell pattern for the path, such as "/v1/customers/" and a star; "" for any */
    double probability;  /* 0 to 1 */
    int64_t count;       /* hits left; negative: without end */
    bool after;          /* the effect happens first */
    int status;          /* HTTP status of STATUS, THROTTLE, HTML */
    int64_t code;        /* error code in the body */
    int64_t retry_after; /* seconds; negative: no header */
    bool retry_date;     /* as a date */
    int64_t delay_ms;
    int64_t burst; /* THROTTLE: requests that follow */
    int64_t burst_left;
};

struct sb_faults {
    struct sb_fault_rule rules[SB_FAULT_RULES];
    int count;
    uint64_t seed;
    uint64_t ordinal;
};

/* Replaces all rules by those of a profile: none, realistic, hostile. False when there is no such profile. */
bool sb_faults_profile(struct sb_faults *faults, const char *profile);
/* Reads {"profile": ...}, {"rules": [...], "add": bool} or an array of rules. NULL, or a sentence about what is wrong. */
const char *sb_faults_read(struct sb_faults *faults, const cJSON *json);
cJSON *sb_faults_write(const struct sb_faults *faults);
const char *sb_faults_name(enum sb_fault_kind kind);
/* The rules this request meets: at most one disturbance and one delay. *ret_delay_ms is 0 without one. */
struct sb_fault_rule sb_faults_meet(
    struct sb_faults *faults, const char *method, const char *path, int64_t *ret_delay_ms);

#endif
