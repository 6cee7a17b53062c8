/* sqlite_upgrade.c: a journal of version 1 gets chains over what it holds. What was changed in it before, the chains
 * cannot know. */
#include <string.h>

#include "journal/sqlite_backend.h"

struct upgrade {
    sqlite3 *db;
    sqlite3_stmt *runs, *records, *put_hash, *put_chain;
};

static int prepare_all(struct upgrade *up, struct wf_err *err)
{
    int rc = wf__db_prepare(up->db, "SELECT " WF__RUN_COLUMNS " FROM run", &up->runs, err);

    if (rc == 0)
        rc = wf__db_prepare(up->db, "SELECT id, path, kind, state, seq, at_ms, json FROM op WHERE run = ?1 ORDER BY id",
            &up->records, err);
    if (rc == 0)
        rc = wf__db_prepare(up->db, "UPDATE op SET hash = ?2 WHERE id = ?1", &up->put_hash, err);
    if (rc == 0)
        rc = wf__db_prepare(up->db, "INSERT INTO chain(run, start, records, head, end) VALUES(?1, ?2, ?3, ?4, ?5)",
            &up->put_chain, err);
    return rc;
}

static int chain_record(struct upgrade *up, struct wf_link *link, struct wf_err *err)
{
    struct wf__row row = {
        .path = wf__db_slice(up->records, 1).ptr,
        .seq = (uint64_t)sqlite3_column_int64(up->records, 4),
        .at_ms = sqlite3_column_int64(up->records, 5),
        .json = wf__db_slice(up->records, 6),
    };
    int rc = wf__kind_read(wf__db_slice(up->records, 2).ptr, &row.kind, err);

    if (rc == 0)
        rc = wf__state_read(wf__db_slice(up->records, 3).ptr, &row.state, err);
    if (rc == 0)
        rc = wf__row_check(&row, err);
    if (rc != 0)
        return rc;
    *link = wf__link_record(link, &row, NULL);
    sqlite3_bind_int64(up->put_hash, 1, sqlite3_column_int64(up->records, 0));
    sqlite3_bind_blob(up->put_hash, 2, link->hash, WF_SHA256_SIZE, SQLITE_STATIC);
    return wf__db_do(up->db, up->put_hash, err);
}

static int chain_run(struct upgrade *up, struct wf_err *err)
{
    struct wf__run_row run;
    struct wf_digest input, meta, output;
    struct wf_link start, head, end;
    int64_t count = 0;
    int step, rc = wf__run_read(up->runs, &run, err);

    if (rc != 0)
        return rc;
    input = wf__digest_of(run.row.start.input);
    meta = wf__digest_of(run.row.start.meta);
    output = wf__digest_of(run.row.output);
    start = head = wf__link_start(&run.row.start, run.format, &input, &meta);
    sqlite3_bind_int64(up->records, 1, run.num);
    for (step = sqlite3_step(up->records); rc == 0 && step == SQLITE_ROW; step = sqlite3_step(up->records), count++)
        rc = chain_record(up, &head, err);
    if (rc == 0 && step != SQLITE_DONE)
        rc = wf__db_fail(up->db, err);
    sqlite3_reset(up->records);
    if (rc != 0)
        return rc;
    sqlite3_bind_int64(up->put_chain, 1, run.num);
    sqlite3_bind_blob(up->put_chain, 2, start.hash, WF_SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(up->put_chain, 3, count);
    sqlite3_bind_blob(up->put_chain, 4, head.hash, WF_SHA256_SIZE, SQLITE_STATIC);
    end = wf__link_end(&head, run.row.status, run.row.updated_ms, &output);
    if (wf__status_is_final(run.row.status))
        sqlite3_bind_blob(up->put_chain, 5, end.hash, WF_SHA256_SIZE, SQLITE_STATIC);
    else
        sqlite3_bind_null(up->put_chain, 5);
    return wf__db_do(up->db, up->put_chain, err);
}

int wf__db_upgrade(sqlite3 *db, struct wf_err *err)
{
    struct upgrade up = {.db = db};
    int step = SQLITE_ROW;
    int rc = wf__db_exec(db,
        "ALTER TABLE run ADD COLUMN imported_ms INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE op ADD COLUMN hash BLOB NOT NULL DEFAULT x'';"
        "ALTER TABLE op ADD COLUMN digest TEXT;" WF__CHAIN_TABLE,
        err);

    if (rc == 0)
        rc = prepare_all(&up, err);
    while (rc == 0 && (step = sqlite3_step(up.runs)) == SQLITE_ROW)
        rc = chain_run(&up, err);
    if (rc == 0 && step != SQLITE_DONE)
        rc = wf__db_fail(db, err);
    sqlite3_finalize(up.runs);
    sqlite3_finalize(up.records);
    sqlite3_finalize(up.put_hash);
    sqlite3_finalize(up.put_chain);
    return rc;
}
