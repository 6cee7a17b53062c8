/* sqlite_writer.c: the journal thread: its queue and its group commit. See sqlite_writer.h. */
#include "journal/sqlite_writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/sqlite_db.h"

#define BATCH_KEPT ((size_t)1 << 20) /* a larger one is freed after use */

struct wf__batch {
    struct wf__batch *next;
    char *bytes;
    size_t len, cap;
};

enum statement {
    INSERT_ROW,
    READ_EPOCH,
    PUT_HEAD,
    PUT_END,
    PUT_NOTE,
    DROP_NOTE,
    FIND_CANCEL,
    END_RUN,
    DROP_CONTROLS,
    DROP_CONTROL,
    STATEMENTS
};

/* Made when the first run has a rate. A full bucket is as good as none. */
static const char rate_table[] = "CREATE TABLE IF NOT EXISTS rate(key TEXT PRIMARY KEY, due_us INTEGER NOT NULL)"
                                 " WITHOUT ROWID;"
                                 "DELETE FROM rate WHERE due_us < ";
static const char take_token[] = "INSERT INTO rate(key, due_us) VALUES(?1, ?2 + ?3) ON CONFLICT(key) DO UPDATE SET"
                                 " due_us = max(due_us, ?2) + ?3 RETURNING due_us";

static const char *const sql[STATEMENTS] = {
    [INSERT_ROW] = ("INSERT INTO op(run, path, kind, state, seq, at_ms, json, hash)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
    [READ_EPOCH] = "SELECT epoch FROM run WHERE num = ?1",
    [PUT_HEAD] = "UPDATE chain SET records = ?2, head = ?3 WHERE run = ?1",
    [PUT_END] = "UPDATE chain SET end = ?2 WHERE run = ?1",
    [PUT_NOTE] = ("INSERT INTO note(run, key, at_ms, json) VALUES(?1, ?2, ?3, ?4)"
                  " ON CONFLICT(run, key) DO UPDATE SET at_ms = excluded.at_ms, json = excluded.json"),
    [DROP_NOTE] = "DELETE FROM note WHERE run = ?1 AND key = ?2",
    [FIND_CANCEL] = "SELECT 1 FROM control WHERE run = ?1 AND kind = 'cancel' AND id > ?2",
    [END_RUN] = "UPDATE run SET owner = 0, updated_ms = ?3, output = ?4, status = ?2 WHERE num = ?1",
    [DROP_CONTROLS] = "DELETE FROM control WHERE run = ?1 AND (?2 OR kind = 'suspend')",
    [DROP_CONTROL] = "DELETE FROM control WHERE id = ?1",
};

struct wf__writer {
    struct wf__bell *bell;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows up to failure */
    pthread_cond_t work, room;
    struct wf__batch *filling, *spare;
    struct wf__batch *done_first, **done_last;
    bool go, stopping;
    struct wf_err failure;

    /* the journal thread's own */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_stmt *take_token;      /* NULL: there may be no table yet */
    uint64_t transaction;          /* counts */
    bool open;                     /* a transaction is */
    struct wf__writer_run *linked; /* the runs that got records in it */
    uint64_t stop_after, rows;
};

/* ---- batches ---- */

static size_t aligned(size_t len)
{
    return (len + 15) & ~(size_t)15;
}

/* An item, its path with NUL, its JSON. */
static size_t size_of(const struct wf__item *item)
{
    return aligned(sizeof *item + (item->row.path ? strlen(item->row.path) + 1 : 0) + item->row.json.len);
}

static void batch_add(struct wf__batch *batch, const struct wf__item *item)
{
    size_t size = size_of(item);
    char *at;

    if (batch->cap - batch->len < size) {
        batch->cap = batch->cap * 2 > batch->len + size ? batch->cap * 2 : batch->len + size + 4096;
        batch->bytes = wf_realloc(batch->bytes, batch->cap);
    }
    at = batch->bytes + batch->len;
    batch->len += size;
    memcpy(at, item, sizeof *item);
    at += sizeof *item;
    if (item->row.path)
        at = stpcpy(at, item->row.path) + 1;
    if (item->row.json.len > 0)
        memcpy(at, item->row.json.ptr, item->row.json.len);
}

struct wf__item *wf__batch_next(struct wf__batch *batch, struct wf__item *after)
{
    char *at = after ? (char *)after + size_of(after) : batch->bytes;
    struct wf__item *item = (struct wf__item *)(void *)at;
    char *text = at + sizeof *item;

    if (batch->len == 0 || at == batch->bytes + batch->len)
        return NULL;
    /* The bytes may have moved since push: find the texts again. */
    if (item->row.path) {
        item->row.path = text;
        text += strlen(text) + 1;
    }
    if (item->row.json.ptr)
        item->row.json.ptr = text;
    return item;
}

static void batch_free(struct wf__batch *batch)
{
    if (batch)
        free(batch->bytes);
    free(batch);
}

/* ---- writing: journal thread ---- */

static void link_row(struct wf__writer *writer, struct wf__writer_run *run, const struct wf__row *row)
{
    run->link = wf__link_record(&run->link, row, NULL);
    run->records++;
    if (run->linked)
        return;
    run->linked = true;
    run->next = writer->linked;
    writer->linked = run;
}

static int write_row(struct wf__writer *writer, const struct wf__item *item, struct wf_err *err)
{
    sqlite3_stmt *insert = writer->statements[INSERT_ROW];

    link_row(writer, item->run, &item->row);
    sqlite3_bind_int64(insert, 1, item->run->num);
    wf__db_bind_text(insert, 2, item->row.path);
    wf__db_bind_text(insert, 3, wf__kind_word(item->row.kind));
    wf__db_bind_text(insert, 4, wf__state_word(item->row.state));
    sqlite3_bind_int64(insert, 5, (int64_t)item->row.seq);
    sqlite3_bind_int64(insert, 6, item->row.at_ms);
    wf__db_bind_slice(insert, 7, item->row.json);
    sqlite3_bind_blob(insert, 8, item->run->link.hash, WF_SHA256_SIZE, SQLITE_STATIC);
    return wf__db_do(writer->db, insert, err);
}

/* Once in each transaction, for each run that got records. */
static int write_heads(struct wf__writer *writer, struct wf_err *err)
{
    sqlite3_stmt *statement = writer->statements[PUT_HEAD];
    int rc = 0;

    for (struct wf__writer_run *run = writer->linked; run && rc == 0; run = run->next) {
        run->linked = false;
        sqlite3_bind_int64(statement, 1, run->num);
        sqlite3_bind_int64(statement, 2, (int64_t)run->records);
        sqlite3_bind_blob(statement, 3, run->link.hash, WF_SHA256_SIZE, SQLITE_STATIC);
        rc = wf__db_do(writer->db, statement, err);
    }
    writer->linked = NULL;
    return rc;
}

static int write_note(struct wf__writer *writer, const struct wf__item *item, struct wf_err *err)
{
    sqlite3_stmt *statement = writer->statements[item->row.json.ptr ? PUT_NOTE : DROP_NOTE];

    sqlite3_bind_int64(statement, 1, item->run->num);
    wf__db_bind_text(statement, 2, item->row.path);
    if (item->row.json.ptr) {
        sqlite3_bind_int64(statement, 3, item->row.at_ms);
        wf__db_bind_slice(statement, 4, item->row.json);
    }
    return wf__db_do(writer->db, statement, err);
}

/* A cancel that came while the run parked and was not delivered has nobody left to act on it: it takes effect. */
static int status_at_end(
    struct wf__writer *writer, const struct wf__item *item, enum wf_run_status *ret, struct wf_err *err)
{
    sqlite3_stmt *statement = writer->statements[FIND_CANCEL];
    int step, rc = 0;

    *ret = item->status;
    if (wf__status_is_final(item->status))
        return 0;
    sqlite3_bind_int64(statement, 1, item->run->num);
    sqlite3_bind_int64(statement, 2, item->number);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *ret = WF_RUN_CANCELLED;
    else if (step != SQLITE_DONE)
        rc = wf__db_fail(writer->db, err);
    sqlite3_reset(statement);
    return rc;
}

static int close_chain(
    struct wf__writer *writer, const struct wf__item *item, enum wf_run_status status, struct wf_err *err)
{
    struct wf_digest output = wf__digest_of(item->row.json);
    struct wf_link end = wf__link_end(&item->run->link, status, item->row.at_ms, &output);
    sqlite3_stmt *statement = writer->statements[PUT_END];

    sqlite3_bind_int64(statement, 1, item->run->num);
    sqlite3_bind_blob(statement, 2, end.hash, WF_SHA256_SIZE, SQLITE_TRANSIENT);
    return wf__db_do(writer->db, statement, err);
}

static int write_end(struct wf__writer *writer, const struct wf__item *item, struct wf_err *err)
{
    sqlite3_stmt *statement = writer->statements[END_RUN];
    enum wf_run_status status;
    int rc = status_at_end(writer, item, &status, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, item->run->num);
    wf__db_bind_text(statement, 2, wf__status_word(status));
    sqlite3_bind_int64(statement, 3, item->row.at_ms);
    wf__db_bind_slice(statement, 4, item->row.json);
    rc = wf__db_do(writer->db, statement, err);
    if (rc == 0 && wf__status_is_final(status))
        rc = close_chain(writer, item, status, err);
    statement = writer->statements[DROP_CONTROLS];
    sqlite3_bind_int64(statement, 1, item->run->num);
    sqlite3_bind_int(statement, 2, wf__status_is_final(status));
    return rc != 0 ? rc : wf__db_do(writer->db, statement, err);
}

static int make_rates(struct wf__writer *writer, int64_t now_us, struct wf_err *err)
{
    char *script = wf_asprintf("%s%lld", rate_table, (long long)now_us);
    int rc = wf__db_exec(writer->db, script, err);

    free(script);
    return rc != 0 ? rc : wf__db_prepare(writer->db, take_token, &writer->take_token, err);
}

static int write_token(struct wf__writer *writer, struct wf__item *item, struct wf_err *err)
{
    int64_t now_us = item->row.at_ms * 1000;
    sqlite3_stmt *take;
    int rc = writer->take_token ? 0 : make_rates(writer, now_us, err);

    if (rc != 0)
        return rc;
    take = writer->take_token;
    wf__db_bind_slice(take, 1, item->row.json);
    sqlite3_bind_int64(take, 2, now_us);
    sqlite3_bind_int64(take, 3, item->interval_us);
    if (sqlite3_step(take) == SQLITE_ROW)
        item->number = sqlite3_column_int64(take, 0);
    else
        rc = wf__db_fail(writer->db, err);
    sqlite3_reset(take);
    return rc;
}

static int write_item(struct wf__writer *writer, struct wf__item *item, struct wf_err *err)
{
    switch (item->kind) {
    case WF__ITEM_ROW:
        return write_row(writer, item, err);
    case WF__ITEM_NOTE:
        return write_note(writer, item, err);
    case WF__ITEM_END:
        return write_end(writer, item, err);
    case WF__ITEM_USED:
        sqlite3_bind_int64(writer->statements[DROP_CONTROL], 1, item->number);
        return wf__db_do(writer->db, writer->statements[DROP_CONTROL], err);
    case WF__ITEM_TOKEN:
        return write_token(writer, item, err);
    case WF__ITEM_NOTHING:
        break;
    }
    return 0;
}

/* Is the run still ours? Asked once in each transaction, which then keeps others from changing it. */
static int check_epoch(struct wf__writer *writer, struct wf__writer_run *run, struct wf_err *err)
{
    sqlite3_stmt *statement = writer->statements[READ_EPOCH];
    int step, rc = 0;

    if (run->checked == writer->transaction)
        return 0;
    sqlite3_bind_int64(statement, 1, run->num);
    step = sqlite3_step(statement);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        rc = wf__db_fail(writer->db, err);
    else if (step == SQLITE_DONE || sqlite3_column_int64(statement, 0) != run->epoch)
        run->fenced = WF_ELOST;
    else
        run->checked = writer->transaction;
    sqlite3_reset(statement);
    return rc;
}

static int commit(struct wf__writer *writer, struct wf_err *err)
{
    if (!writer->open)
        return 0;
    writer->open = false;
    return wf__db_end(writer->db, write_heads(writer, err), err);
}

/* item->rc says afterwards whether it was refused; the return value, whether the disk failed. */
static int store_item(struct wf__writer *writer, struct wf__item *item, struct wf_err *err)
{
    struct wf__writer_run *run = item->run;
    int rc = 0;

    if (item->rc != 0 && run->fenced == 0)
        run->fenced = item->rc;
    if (run->fenced == 0 && !writer->open) {
        rc = wf__db_begin(writer->db, err);
        writer->open = rc == 0;
        writer->transaction++;
    }
    if (rc == 0 && run->fenced == 0)
        rc = check_epoch(writer, run, err);
    if (rc == 0 && run->fenced == 0)
        rc = write_item(writer, item, err);
    item->rc = run->fenced;
    if (rc == 0 && writer->stop_after > 0 && item->kind == WF__ITEM_ROW && item->rc == 0) {
        rc = commit(writer, err);
        if (rc == 0 && ++writer->rows == writer->stop_after)
            _exit(42);
    }
    return rc;
}

static void store(struct wf__writer *writer, struct wf__batch *batch)
{
    struct wf_err err = {0};
    int rc = writer->failure.code; /* only this thread ever writes it */

    for (struct wf__item *item = wf__batch_next(batch, NULL); item && rc == 0; item = wf__batch_next(batch, item))
        rc = store_item(writer, item, &err);
    if (rc == 0)
        rc = commit(writer, &err);
    if (rc == 0)
        return;
    writer->open = false;
    (void)wf__db_end(writer->db, rc, NULL);
    for (struct wf__item *item = wf__batch_next(batch, NULL); item; item = wf__batch_next(batch, item))
        item->rc = item->rc != 0 ? item->rc : WF_EIO;
    pthread_mutex_lock(&writer->lock);
    if (writer->failure.code == 0)
        writer->failure = err;
    pthread_mutex_unlock(&writer->lock);
}

static struct wf__batch *take(struct wf__writer *writer)
{
    struct wf__batch *batch = writer->filling;

    writer->filling = writer->spare ? writer->spare : wf_calloc(1, sizeof *batch);
    writer->spare = NULL;
    writer->go = false;
    pthread_cond_signal(&writer->room);
    return batch;
}

static void *work(void *arg)
{
    struct wf__writer *writer = arg;

    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->stopping && !writer->go)
            pthread_cond_wait(&writer->work, &writer->lock);
        if (writer->filling->len == 0) {
            writer->go = false;
            if (writer->stopping)
                break;
            continue;
        }
        struct wf__batch *batch = take(writer);
        pthread_mutex_unlock(&writer->lock);
        store(writer, batch);
        pthread_mutex_lock(&writer->lock);
        *writer->done_last = batch;
        writer->done_last = &batch->next;
        pthread_mutex_unlock(&writer->lock);
        wf__bell_ring(writer->bell);
        pthread_mutex_lock(&writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* ---- the loop's side ---- */

void wf__writer_push(struct wf__writer *writer, const struct wf__item *item)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->filling->len > WF__QUEUE_MAX) {
        writer->go = true;
        pthread_cond_signal(&writer->work);
        pthread_cond_wait(&writer->room, &writer->lock);
    }
    batch_add(writer->filling, item);
    pthread_mutex_unlock(&writer->lock);
}

void wf__writer_go(struct wf__writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool wake = !writer->go;
    writer->go = true;
    pthread_mutex_unlock(&writer->lock);
    if (wake) /* without the lock, else the thread wakes only to wait for it */
        pthread_cond_signal(&writer->work);
}

struct wf__batch *wf__writer_done(struct wf__writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    struct wf__batch *batch = writer->done_first;
    if (batch) {
        writer->done_first = batch->next;
        if (!writer->done_first)
            writer->done_last = &writer->done_first;
        batch->next = NULL;
    }
    pthread_mutex_unlock(&writer->lock);
    return batch;
}

void wf__writer_reuse(struct wf__writer *writer, struct wf__batch *batch)
{
    batch->len = 0;
    pthread_mutex_lock(&writer->lock);
    if (!writer->spare && batch->cap <= BATCH_KEPT) {
        writer->spare = batch;
        batch = NULL;
    }
    pthread_mutex_unlock(&writer->lock);
    batch_free(batch);
}

void wf__writer_failure(struct wf__writer *writer, struct wf_err *ret)
{
    pthread_mutex_lock(&writer->lock);
    *ret = writer->failure;
    pthread_mutex_unlock(&writer->lock);
}

/* ---- life ---- */

static int prepare_all(struct wf__writer *writer, struct wf_err *err)
{
    int rc = 0;

    for (int i = 0; i < STATEMENTS && rc == 0; i++)
        rc = wf__db_prepare(writer->db, sql[i], &writer->statements[i], err);
    return rc;
}

static void destroy(struct wf__writer *writer)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(writer->statements[i]);
    sqlite3_finalize(writer->take_token);
    wf__db_close(writer->db);
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->work);
    pthread_cond_destroy(&writer->room);
    batch_free(writer->filling);
    batch_free(writer->spare);
    free(writer);
}

int wf__writer_new(
    const char *file, uint64_t stop_after, struct wf__bell *bell, struct wf__writer **ret, struct wf_err *err)
{
    struct wf__writer *writer = wf_calloc(1, sizeof *writer);
    int rc;

    writer->bell = bell;
    writer->stop_after = stop_after;
    writer->filling = wf_calloc(1, sizeof *writer->filling);
    writer->done_last = &writer->done_first;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->work, NULL);
    pthread_cond_init(&writer->room, NULL);
    rc = wf__db_open(file, WF__DB_WRITE, &writer->db, err);
    if (rc == 0)
        rc = prepare_all(writer, err);
    if (rc == 0 && pthread_create(&writer->thread, NULL, work, writer) != 0)
        rc = wf_err_set(err, WF_ELIMIT, "no thread can be started for the journal (see ulimit -u)");
    if (rc == 0)
        *ret = writer;
    else
        destroy(writer);
    return rc;
}

void wf__writer_stop(struct wf__writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
}

void wf__writer_free(struct wf__writer *writer)
{
    if (writer)
        destroy(writer);
}
