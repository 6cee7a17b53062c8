/* sqlite_chain.c: a run's records as they stand in the file: read whole and in their chain, or refused. */
#include <string.h>

#include "journal/sqlite_backend.h"

static const void *blob(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_bytes(statement, column) == WF_SHA256_SIZE ? sqlite3_column_blob(statement, column) : NULL;
}

static const char *text(sqlite3_stmt *statement, int column)
{
    return wf__db_slice(statement, column).ptr;
}

/* ---- records ---- */

static void tell(struct wf__load *load, const struct wf__row *row, const struct wf_digest *digest)
{
    const struct wf_log_row one = {load->map->rows, row->path, wf__kind_word(row->kind), wf__state_word(row->state),
        row->seq, row->at_ms, row->json, row->digest != NULL, *digest, load->chain.head};

    if (load->row)
        load->row(load->arg, &one);
}

/* Outcomes are numbered without a gap, in the order of the log, and every record is linked to the one before: anything
 * else is not what we wrote. Only of another journal's run something may be taken out. */
static int add_record(sqlite3_stmt *statement, const struct wf_run_row *run, struct wf__load *load, struct wf_err *err)
{
    struct wf__row row = {
        .path = text(statement, 0),
        .seq = (uint64_t)sqlite3_column_int64(statement, 3),
        .at_ms = sqlite3_column_int64(statement, 4),
        .json = wf__db_slice(statement, 5),
        .digest = text(statement, 7),
    };
    uint64_t expected = load->map->seq + 1;
    struct wf_digest digest;
    int rc = wf__kind_read(text(statement, 1), &row.kind, err);

    if (rc == 0)
        rc = wf__state_read(text(statement, 2), &row.state, err);
    if (rc != 0)
        return rc;
    if (row.state == WF_REC_INTENT)
        expected = 0;
    if (!row.path || wf__row_check(&row, NULL) != 0 || row.seq != expected || (row.digest && !run->imported) ||
        !wf__opmap_add(load->map, &row, true))
        return wf__chain_refuse_record(run->run_id, load->map->rows + 1, row.path, err);
    load->chain.head = wf__link_record(&load->chain.head, &row, &digest);
    if (!wf__link_is(&load->chain.head, blob(statement, 6)))
        return wf__chain_refuse_record(run->run_id, load->map->rows, row.path, err);
    tell(load, &row, &digest);
    return 0;
}

static int add_records(
    struct wf_backend *backend, const struct wf__run_row *run, struct wf__load *load, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int step = SQLITE_ROW;
    int rc = wf__db_prepare(backend->db,
        "SELECT path, kind, state, seq, at_ms, json, hash, digest FROM op WHERE run = ?1 ORDER BY id", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, run->num);
    while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
        rc = add_record(statement, &run->row, load, err);
    if (rc == 0 && step != SQLITE_DONE)
        rc = wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    load->chain.records = load->map->rows;
    return rc;
}

/* ---- the whole ---- */

/* kept: a row of the table chain. */
static int load_chain(struct wf_backend *backend, const struct wf__run_row *run, sqlite3_stmt *kept,
    struct wf__load *load, struct wf_err *err)
{
    const struct wf_run_row *row = &run->row;
    struct wf_chain *chain = &load->chain;
    bool final = wf__status_is_final(row->status);
    uint64_t records = (uint64_t)sqlite3_column_int64(kept, 1);
    int rc;

    chain->format = run->format;
    chain->status = row->status;
    chain->updated_ms = row->updated_ms;
    chain->input = wf__digest_kept(row->imported ? text(kept, 4) : NULL, row->start.input);
    chain->meta = wf__digest_kept(row->imported ? text(kept, 5) : NULL, row->start.meta);
    chain->output = wf__digest_kept(row->imported ? text(kept, 6) : NULL, row->output);
    chain->start = chain->head = wf__link_start(&row->start, run->format, &chain->input, &chain->meta);
    if (!wf__link_is(&chain->start, blob(kept, 0)))
        return wf__chain_refuse_start(row->run_id, err);
    rc = add_records(backend, run, load, err);
    if (rc != 0)
        return rc;
    if (final)
        chain->end = wf__link_end(&chain->head, row->status, row->updated_ms, &chain->output);
    if (records != chain->records || !wf__link_is(&chain->head, blob(kept, 2)) ||
        (final ? !wf__link_is(&chain->end, blob(kept, 3)) : sqlite3_column_type(kept, 3) != SQLITE_NULL))
        return wf__chain_refuse_end(row->run_id, chain->records, records, err);
    return 0;
}

int wf__run_load(struct wf_backend *backend, const struct wf__run_row *run, struct wf__load *load, struct wf_err *err)
{
    sqlite3_stmt *kept;
    int step, rc = wf__db_prepare(backend->db,
                  "SELECT start, records, head, end, input, meta, output FROM chain WHERE run = ?1", &kept, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(kept, 1, run->num);
    step = sqlite3_step(kept);
    if (step == SQLITE_ROW)
        rc = load_chain(backend, run, kept, load, err);
    else
        rc = step == SQLITE_DONE ? wf__chain_refuse_start(run->row.run_id, err) : wf__db_fail(backend->db, err);
    sqlite3_finalize(kept);
    return rc;
}

static int load_one(struct wf_backend *backend, const char *run_id, struct wf__load *load, struct wf_err *err)
{
    sqlite3_stmt *statement;
    struct wf__run_row found;
    int rc = wf__run_find(backend, run_id, &statement, &found, err);

    if (rc != 0)
        return rc;
    rc = wf__run_load(backend, &found, load, err);
    sqlite3_finalize(statement);
    return rc;
}

int wf__sqlite_log(struct wf_backend *backend, const char *run_id, void (*row)(void *arg, const struct wf_log_row *),
    void *arg, struct wf_chain *ret, struct wf_err *err)
{
    struct wf__opmap map;
    struct wf__load load = {.map = &map, .row = row, .arg = arg};
    int rc = wf__db_exec(backend->db, "BEGIN", err); /* the chain and its records of one moment */

    if (rc != 0)
        return rc;
    wf__opmap_init(&map);
    rc = wf__db_end(backend->db, load_one(backend, run_id, &load, err), err);
    wf__opmap_done(&map);
    if (rc == 0)
        *ret = load.chain;
    return rc;
}

int wf__sqlite_history(struct wf_backend *backend, const char *run_id,
    void (*record)(void *arg, const struct wf_record *), void *arg, struct wf_err *err)
{
    struct wf__opmap map;
    struct wf__load load = {.map = &map};
    int rc = wf__db_exec(backend->db, "BEGIN", err);

    if (rc != 0)
        return rc;
    wf__opmap_init(&map);
    rc = wf__db_end(backend->db, load_one(backend, run_id, &load, err), err);
    if (rc == 0)
        wf__opmap_each(&map, record, arg);
    wf__opmap_done(&map);
    return rc;
}

/* ---- an end that nobody drives to ---- */

static int read_head(struct wf_backend *backend, int64_t num, struct wf_link *ret, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int step, rc = wf__db_prepare(backend->db, "SELECT head FROM chain WHERE run = ?1", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW && blob(statement, 0))
        memcpy(ret->hash, blob(statement, 0), WF_SHA256_SIZE);
    else
        rc = step == SQLITE_ROW || step == SQLITE_DONE
                 ? wf_err_set(err, WF_ECORRUPT, "the journal is damaged: the chain of run number %lld", (long long)num)
                 : wf__db_fail(backend->db, err);
    sqlite3_finalize(statement);
    return rc;
}

int wf__run_close(struct wf_backend *backend, int64_t num, enum wf_run_status status, int64_t at_ms, struct wf_err *err)
{
    const struct wf_digest no_output = {""};
    sqlite3_stmt *statement;
    struct wf_link link;
    int rc = read_head(backend, num, &link, err);

    if (rc == 0)
        rc = wf__db_prepare(backend->db, "UPDATE chain SET end = ?2 WHERE run = ?1", &statement, err);
    if (rc != 0)
        return rc;
    link = wf__link_end(&link, status, at_ms, &no_output);
    sqlite3_bind_int64(statement, 1, num);
    sqlite3_bind_blob(statement, 2, link.hash, WF_SHA256_SIZE, SQLITE_TRANSIENT);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}
