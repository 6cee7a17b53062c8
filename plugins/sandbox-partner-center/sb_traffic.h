/* sb_traffic.h: what was asked: counts by route and the last requests. In memory only; under the world's lock. */
#ifndef SB_TRAFFIC_H
#define SB_TRAFFIC_H

#include <cjson/cJSON.h>
#include <stdint.h>

enum { SB_TRAFFIC_ROUTES = 128, SB_TRAFFIC_RECENT = 256 };

struct sb_request;

struct sb_traffic {
    int64_t requests, writes, throttled, faults, replays, mismatches;
    int64_t by_route[SB_TRAFFIC_ROUTES]; /* by index of sb_routes */
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
cJSON *sb_traffic_write(const struct sb_traffic *traffic);

#endif
