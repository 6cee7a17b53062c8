/* sb_traffic.h: what was asked: counts by route and the last requests. In memory, under the world's lock; and,
 * when asked for, in a file. */
#ifndef SB_TRAFFIC_H
#define SB_TRAFFIC_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

enum { SB_TRAFFIC_ROUTES = 128, SB_TRAFFIC_RECENT = 256, SB_TRAFFIC_METHODS = 4 };

extern const char *const sb_traffic_methods[SB_TRAFFIC_METHODS]; /* that can change something */

struct sb_request;

struct sb_traffic {
    int64_t requests, writes, throttled, faults, replays, mismatches;
    int64_t by_method[SB_TRAFFIC_METHODS]; /* of the writes */
    int64_t by_route[SB_TRAFFIC_ROUTES];   /* by index of sb_routes */
    struct {
        int64_t at_ms;
        char method[12];
        char path[160];
        char request_id[40];
        int status; /* 0: the connection was reset */
        int fault;  /* enum sb_fault_kind */
    } recent[SB_TRAFFIC_RECENT];
    uint64_t next;
};

void sb_traffic_note(struct sb_traffic *traffic, const struct sb_request *req);
/* Writes the request as one line: METHOD PATH[?QUERY] [BODY], line ends in the body as blanks. The sandbox's own routes
 * are left out. Any thread; without the world's lock. */
void sb_traffic_record(FILE *file, const struct sb_request *req);
cJSON *sb_traffic_write(const struct sb_traffic *traffic);

#endif
