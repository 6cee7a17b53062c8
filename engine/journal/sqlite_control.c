/* sqlite_control.c: cancel, suspend, resolve and decide: handed to the run's owner through a table, or put into effect. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "journal/sqlite_backend.h"
#include "journal/sqlite_lock.h"

/* ---- asking ---- */

static int insert_control(struct wf_backend *backend, int64_t num, const struct wf_control *control, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(
        backend->db, "INSERT INTO control(run, kind, path, json, at_ms) VALUES(?1, ?2, ?3, ?4, ?5)", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    wf__db_bind_text(statement, 2, wf__control_word(control->kind));
    wf__db_bind_text(statement, 3, control->path);
    wf__db_bind_slice(statement, 4, control->json);
    sqlite3_bind_int64(statement, 5, wf_loop_now_ms(backend->settings.loop));
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

/* The epoch grows, so that an owner which we could not see is fenced off. */
static int set_status(struct wf_backend *backend, int64_t num, enum wf_run_status status, struct wf_err *err)
{
    int64_t now = wf_loop_now_ms(backend->settings.loop);
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(backend->db,
        "UPDATE run SET status = ?2, updated_ms = ?3, epoch = epoch + 1, owner = 0 WHERE num = ?1", &statement, err);

    if (rc != 0)
        return rc;
    sqlite3_bind_int64(statement, 1, num);
    wf__db_bind_text(statement, 2, wf__status_word(status));
    sqlite3_bind_int64(statement, 3, now);
    rc = wf__db_do(backend->db, statement, err);
    sqlite3_finalize(statement);
    return rc == 0 && wf__status_is_final(status) ? wf__run_close(backend, num, status, now, err) : rc;
}

/* In a transaction: the run cannot end or change its owner meanwhile. */
static int ask(
    struct wf_backend *backend, const char *run_id, const struct wf_control *control, bool held, struct wf_err *err)
{
    sqlite3_stmt *statement;
    struct wf__run_row found;
    int rc = wf__run_find(backend, run_id, &statement, &found, err);

    if (rc != 0)
        return rc;
    rc = wf__refuse_final(run_id, found.row.status, err);
    if (rc == 0 && found.row.imported)
        rc = wf__refuse_imported(run_id, err);
    sqlite3_finalize(statement);
    if (rc != 0)
        return rc;
    if (held || wf__control_is_kept(control->kind))
        return insert_control(backend, found.num, control, err);
    return set_status(
        backend, found.num, control->kind == WF_CONTROL_CANCEL ? WF_RUN_CANCELLED : WF_RUN_SUSPENDED, err);
}

int wf__sqlite_control(
    struct wf_backend *backend, const char *run_id, const struct wf_control *control, struct wf_err *err)
{
    bool held = wf__run_active(backend, run_id) != NULL;
    bool locked = false;
    int rc;

    if (!backend->writer)
        return wf_err_set(err, WF_EINVAL, "the journal %s was opened for reading only", backend->file);
    if (!held) {
        rc = wf__lock_take(backend->lock_fd, run_id, err);
        if (rc != 0 && rc != WF_EHELD)
            return rc;
        locked = rc == 0;
        held = !locked;
    }
    rc = wf__db_begin(backend->db, err);
    if (rc == 0)
        rc = wf__db_end(backend->db, ask(backend, run_id, control, held, err), err);
    if (locked)
        wf__lock_drop(backend->lock_fd, run_id);
    return rc;
}

/* ---- delivering ---- */

struct waiting {
    int64_t id;
    struct wf_control control; /* owned */
};

/* The oldest that this activation has not had. 1: there is one. */
static int next_control(const struct wf__sqlite_run *run, sqlite3_stmt *statement, struct waiting *ret)
{
    struct wf_slice json;
    const char *path;
    int is_one = 0;

    sqlite3_bind_int64(statement, 1, run->writer.num);
    sqlite3_bind_int64(statement, 2, run->delivered);
    /* A word that we do not know is of a newer wfrun; it can wait for that. */
    while (!is_one && sqlite3_step(statement) == SQLITE_ROW) {
        if (wf__control_read(wf__db_slice(statement, 1).ptr, &ret->control.kind, NULL) != 0)
            continue;
        ret->id = sqlite3_column_int64(statement, 0);
        path = wf__db_slice(statement, 2).ptr;
        json = wf__db_slice(statement, 3);
        ret->control.path = path ? wf_strdup(path) : NULL;
        ret->control.json = (struct wf_slice){json.ptr ? wf_memdup(json.ptr, json.len) : NULL, json.len};
        is_one = 1;
    }
    sqlite3_reset(statement);
    return is_one;
}

/* After the engine had its say: what it appended is stored with, or before, the end of the resolution. */
static void used(struct wf__sqlite_run *run, int64_t id)
{
    struct wf__item item = {.kind = WF__ITEM_USED, .number = id};

    if (!run->ref.ending)
        wf__run_push(run, &item);
}

/* A failure to read is no news: the next poll tries again, and the writer will meet it first. */
void wf__controls_deliver(struct wf__sqlite_run *run)
{
    const struct wf_run_ref *ref = &run->ref;
    sqlite3_stmt *statement;
    struct waiting one;

    if (wf__db_prepare(ref->backend->db,
            "SELECT id, kind, path, json FROM control WHERE run = ?1 AND id > ?2 ORDER BY id", &statement, NULL) != 0)
        return;
    while (!ref->ending && !ref->lost && next_control(run, statement, &one)) {
        run->delivered = one.id;
        ref->engine->control(ref->engine_arg, &run->ref, &one.control);
        if (wf__control_is_kept(one.control.kind))
            used(run, one.id);
        free((void *)(uintptr_t)one.control.path);
        free((void *)(uintptr_t)one.control.json.ptr);
    }
    sqlite3_finalize(statement);
}
