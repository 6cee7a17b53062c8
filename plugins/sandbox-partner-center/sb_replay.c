/* sb_replay.c: the memory behind MS-RequestId. */
#include "sb_replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sb_json.h"

#define MEMORY_MS SB_DAY_MS

static bool wanted(const struct sb_request *req)
{
    return req->route->flags & SB_ONCE && req->headers.request_id[0] && req->world->settings.idempotency;
}

static void make_key(const struct sb_request *req, char *buf, size_t size)
{
    snprintf(buf, size, "%s %s %s", req->headers.request_id, req->method, req->path);
}

static int64_t body_digest(const struct sb_request *req)
{
    return (int64_t)sb_ident_digest(0, req->body ? req->body : "", req->body_len);
}

bool sb_replay_answer(struct sb_request *req)
{
    char key[SB_PATH_SIZE + 128];
    if (!wanted(req))
        return false;
    make_key(req, key, sizeof key);
    sqlite3_stmt *stmt =
        sb_store_query(&req->world->store, "SELECT status, body, location, digest FROM replay WHERE key=? AND at_ms>?",
            "si", key, req->now_ms - MEMORY_MS);
    if (!sb_store_step(stmt))
        return false;
    const char *body = sb_store_text(stmt, 1);
    if (*body)
        sb_reply_json(req, sqlite3_column_int(stmt, 0), cJSON_Parse(body));
    else
        sb_reply_empty(req, sqlite3_column_int(stmt, 0));
    sb_store_copy(stmt, 2, req->reply.location, sizeof req->reply.location);
    if (sqlite3_column_int64(stmt, 3) != body_digest(req))
        req->world->traffic.mismatches++;
    req->reply.replayed = true;
    sqlite3_reset(stmt);
    return true;
}

/* What was not processed is not remembered: the client is meant to send it again. */
void sb_replay_remember(struct sb_request *req)
{
    char key[SB_PATH_SIZE + 128];
    int status = req->reply.status;
    if (!wanted(req) || status >= 500 || status == 429 || status == 401)
        return;
    make_key(req, key, sizeof key);
    char *body = req->reply.json ? cJSON_PrintUnformatted(req->reply.json) : NULL;
    sb_store_run(&req->world->store, "INSERT OR REPLACE INTO replay VALUES(?,?,?,?,?,?)", "siissi", key,
        body_digest(req), (int64_t)status, body, req->reply.location, req->now_ms);
    free(body);
    static unsigned writes;
    if (++writes % 4096 == 0)
        sb_store_run(&req->world->store, "DELETE FROM replay WHERE at_ms<=?", "i", req->now_ms - MEMORY_MS);
}
