/* sb_ledger.c: the truth for tests: every effect in order, and counts. */
#include "sb_ledger.h"

#include <stdlib.h>

#include "sb_json.h"
#include "sb_request.h"

/* Always listed, so that a test reads 0 and not nothing. */
static const char *const counters[] = {
    "orders",
    "addons",
    "licenseSwaps",
    "licenseChanges",
    "suspensions",
    "reactivations",
    "quantityChanges",
    "cancellations",
    "duplicateOrders",
    "usersWithoutLicense",
};

void sb_ledger_add(struct sb_world *world, const struct sb_request *req, const char *kind, const char *customer,
    int64_t now_ms, cJSON *detail)
{
    char *text = detail ? cJSON_PrintUnformatted(detail) : NULL;
    sb_store_run(&world->store,
        "INSERT INTO ledger(at_ms, kind, customer, request_id, correlation_id, detail) VALUES(?,?,?,?,?,?)", "isssss",
        now_ms, kind, customer, req ? req->headers.request_id : NULL, req ? req->headers.correlation_id : NULL, text);
    free(text);
    cJSON_Delete(detail);
}

void sb_ledger_count(struct sb_world *world, const char *counter, int64_t n)
{
    if (n)
        sb_store_run(&world->store, "INSERT INTO counter VALUES(?,?) ON CONFLICT DO UPDATE SET n=n+excluded.n", "si",
            counter, n);
}

static cJSON *write_counts(struct sb_world *world)
{
    cJSON *counts = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        int64_t n = sb_store_int(&world->store, 0, "SELECT n FROM counter WHERE name=?", "s", counters[i]);
        cJSON_AddNumberToObject(counts, counters[i], (double)n);
    }
    const struct sb_traffic *traffic = &world->traffic;
    cJSON_AddNumberToObject(counts, "idempotencyMismatch", (double)traffic->mismatches);
    cJSON_AddNumberToObject(counts, "replays", (double)traffic->replays);
    cJSON_AddNumberToObject(counts, "requests", (double)traffic->requests);
    cJSON_AddNumberToObject(counts, "writes", (double)traffic->writes);
    cJSON_AddNumberToObject(counts, "throttled", (double)traffic->throttled);
    cJSON_AddNumberToObject(counts, "retryAfterViolations", (double)world->throttle.violations);
    cJSON_AddNumberToObject(counts, "faultsInjected", (double)traffic->faults);
    return counts;
}

cJSON *sb_ledger_write(struct sb_world *world)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddItemToObject(root, "counts", write_counts(world));
    cJSON *methods = cJSON_AddObjectToObject(root, "writesByMethod");
    for (int i = 0; i < SB_TRAFFIC_METHODS; i++)
        cJSON_AddNumberToObject(methods, sb_traffic_methods[i], (double)world->traffic.by_method[i]);
    cJSON *entries = cJSON_AddArrayToObject(root, "entries");
    sqlite3_stmt *stmt = sb_store_query(&world->store,
        "SELECT seq, at_ms, kind, customer, request_id, correlation_id, detail FROM ledger ORDER BY seq", "");
    while (sb_store_step(stmt)) {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddNumberToObject(entry, "seq", (double)sqlite3_column_int64(stmt, 0));
        sb_json_put_time(entry, "time", sqlite3_column_int64(stmt, 1));
        cJSON_AddStringToObject(entry, "kind", sb_store_text(stmt, 2));
        sb_json_put(entry, "customer", sb_store_text(stmt, 3));
        sb_json_put(entry, "requestId", sb_store_text(stmt, 4));
        sb_json_put(entry, "correlationId", sb_store_text(stmt, 5));
        const char *detail = sb_store_text(stmt, 6);
        if (*detail)
            cJSON_AddItemToObject(entry, "detail", cJSON_Parse(detail));
        cJSON_AddItemToArray(entries, entry);
    }
    return root;
}
