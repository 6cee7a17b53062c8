/* journal_sqlite.c: the durable journal: life, activation, and what the engine asks for inside one. Loop thread.
 *
 * Two connections to the same file: the loop thread's for start, resume, control and queries, which are rare and may
 * block for a commit; and the journal thread's (sqlite_writer.c) for everything that an active run appends. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/sqlite_backend.h"
#include "journal/sqlite_lock.h"

#define POLL_MS   200 /* how soon an owner notices a control */
#define LINGER_MS 10  /* how long a record without a token waits for one with */

/* ---- life of an activation ---- */

static struct wf__sqlite_run *run_new(
    struct wf_backend *backend, const struct wf_start *start, int64_t num, int64_t epoch)
{
    struct wf__sqlite_run *run = wf_calloc(1, sizeof *run);

    wf__opmap_init(&run->map);
    wf__ref_init(&run->ref, backend, &backend->settings, start->run_id, &run->map, false);
    wf__start_copy(&run->start, start);
    run->writer.num = num;
    run->writer.epoch = epoch;
    return run;
}

static void run_free(struct wf__sqlite_run *run)
{
    wf__keylocks_drop_all(&run->ref.backend->locks, &run->ref);
    wf__lock_drop(run->ref.backend->lock_fd, run->ref.run_id);
    wf__ref_done(&run->ref);
    wf__opmap_done(&run->map);
    wf__start_done(&run->start);
    free(run);
}

static void run_unlink(struct wf__sqlite_run *run)
{
    struct wf_run_ref **link = &run->ref.backend->refs;

    while (*link != &run->ref)
        link = &(*link)->next;
    *link = run->ref.next;
}

/* ---- to the writer ---- */

static void linger_over(struct wf_timer *timer)
{
    struct wf_backend *backend = (struct wf_backend *)(void *)((char *)timer - offsetof(struct wf_backend, linger));

    backend->hurry = false;
    wf__writer_go(backend->writer);
}

/* What somebody waits for goes when this turn of the loop has come to its end, with all that the turn has to say. */
void wf__run_push(struct wf__sqlite_run *run, struct wf__item *item)
{
    struct wf_backend *backend = run->ref.backend;

    item->run = &run->writer;
    run->unstored++;
    if (item->token && backend->tokens++ == 0)
        wf_loop_busy(backend->settings.loop, 1);
    wf__writer_push(backend->writer, item);
    bool hurry = item->token || item->kind == WF__ITEM_END || item->kind == WF__ITEM_TOKEN;
    if (backend->linger.slot && (backend->hurry || !hurry))
        return;
    backend->hurry = hurry;
    wf_timer_start_real(backend->settings.loop, &backend->linger, hurry ? 0 : LINGER_MS, linger_over);
}

static struct wf__sqlite_run *run_of_item(const struct wf__item *item)
{
    return (struct wf__sqlite_run *)(void *)((char *)item->run - offsetof(struct wf__sqlite_run, writer));
}

/* ---- inside an activation ---- */

static void append(struct wf_run_ref *ref, struct wf__item *item)
{
    int rc = wf__ref_add(ref, &item->row, &ref->backend->failure);

    if (rc < 0) { /* what passes a limit does not even travel; the run is lost with it */
        item->rc = rc;
        item->row.json = (struct wf_slice){NULL, 0};
        item->row.path = NULL;
    } else if (rc == 0) {
        if (!item->token)
            return;
        item->kind = WF__ITEM_NOTHING;
        item->row.json = (struct wf_slice){NULL, 0};
    }
    wf__run_push((struct wf__sqlite_run *)ref, item);
}

static void intent(struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, struct wf_slice json, uint64_t token)
{
    append(ref, &(struct wf__item){.kind = WF__ITEM_ROW,
                    .token = token,
                    .row = {.path = path, .kind = kind, .state = WF_REC_INTENT, .json = json}});
}

static uint64_t outcome(struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, enum wf_rec_state state,
    struct wf_slice json, uint64_t token)
{
    struct wf__item item = {
        .kind = WF__ITEM_ROW, .token = token, .row = {.path = path, .kind = kind, .state = state, .json = json}};

    append(ref, &item);
    return item.row.seq;
}

static void note(struct wf_run_ref *ref, const char *key, struct wf_slice json)
{
    struct wf__item item = {.kind = WF__ITEM_NOTE, .row = {.path = key, .at_ms = wf_loop_now_ms(ref->loop)}};

    if (!wf__note_is_none(json))
        item.row.json = json;
    wf__run_push((struct wf__sqlite_run *)ref, &item);
}

static void finish(struct wf_run_ref *ref, enum wf_run_status status, struct wf_slice output, uint64_t token)
{
    struct wf__sqlite_run *run = (struct wf__sqlite_run *)ref;
    struct wf__item item = {.kind = WF__ITEM_END,
        .token = token,
        .status = status,
        .number = run->delivered,
        .row = {.at_ms = wf_loop_now_ms(ref->loop), .json = output}};

    ref->ending = true;
    wf__run_push(run, &item);
}

static void park(struct wf_run_ref *ref, enum wf_run_status status, uint64_t token)
{
    finish(ref, status, (struct wf_slice){NULL, 0}, token);
}

/* ---- from the writer ---- */

static void deliver(struct wf_backend *backend, const struct wf__item *item)
{
    struct wf__sqlite_run *run = run_of_item(item);

    run->unstored--;
    if (item->rc != 0 && run->rc == 0)
        run->rc = item->rc;
    if (item->kind == WF__ITEM_END && item->rc == 0)
        run->ended = true;
    if (item->kind == WF__ITEM_TOKEN)
        wf__share_took(&run->ref, item);
    if (item->token) {
        backend->settings.engine->stored(backend->settings.engine_arg, &run->ref, item->token, item->rc);
        if (--backend->tokens == 0)
            wf_loop_busy(backend->settings.loop, -1);
    }
    if (run->ended && run->unstored == 0) {
        run_unlink(run);
        run_free(run);
    }
}

static void deliver_all(struct wf_backend *backend)
{
    struct wf__batch *batch;

    while ((batch = wf__writer_done(backend->writer))) {
        for (struct wf__item *item = wf__batch_next(batch, NULL); item; item = wf__batch_next(batch, item))
            deliver(backend, item);
        wf__writer_reuse(backend->writer, batch);
    }
}

/* The lost keep their lock until close: an effect of theirs may be under way in this process. */
static void tell_lost(struct wf_backend *backend)
{
    struct wf_run_ref *next;

    for (struct wf_run_ref *ref = backend->refs; ref; ref = next) {
        const struct wf__sqlite_run *run = (struct wf__sqlite_run *)ref;

        next = ref->next;
        if (run->rc == 0 || ref->lost)
            continue;
        ref->lost = true;
        if (run->rc == WF_ELOST)
            wf_err_set(&backend->failure, WF_ELOST, "another process has taken over the run %s", ref->run_id);
        backend->settings.engine->lost(backend->settings.engine_arg, ref);
    }
}

/* The list may grow at its front and lose its members while the engine is called: begin again after each. */
static void activate_all(struct wf_backend *backend)
{
    struct wf_run_ref *ref = backend->refs;

    while (ref) {
        struct wf__sqlite_run *run = (struct wf__sqlite_run *)ref;

        if (ref->activated || run->rc != 0) {
            ref = ref->next;
            continue;
        }
        ref->activated = true;
        ref->engine->activate(ref->engine_arg, ref, &run->start);
        wf__start_done(&run->start);
        wf__controls_deliver(run);
        ref = backend->refs;
    }
}

static void bell_answered(void *arg)
{
    struct wf_backend *backend = arg;

    deliver_all(backend);
    tell_lost(backend);
    activate_all(backend);
    wf__share_grant(backend);
}

static void poll_controls(struct wf_timer *timer)
{
    struct wf_backend *backend = (struct wf_backend *)timer;

    for (struct wf_run_ref *ref = backend->refs; ref; ref = ref->next) {
        if (ref->activated)
            wf__controls_deliver((struct wf__sqlite_run *)ref);
    }
    wf__share_grant(backend);
    if (backend->refs)
        wf_timer_start_real(backend->settings.loop, &backend->poll, POLL_MS, poll_controls);
}

/* ---- start and resume ---- */

/* A control by another process holds the lock for the time of one commit: try for a moment. */
static int take_lock(struct wf_backend *backend, const char *run_id, struct wf_err *err)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    int rc = WF_EHELD;

    for (int attempt = 0; rc == WF_EHELD && attempt < 5; attempt++) {
        if (attempt > 0)
            nanosleep(&pause, NULL);
        rc = wf__lock_take(backend->lock_fd, run_id, err);
    }
    return rc == WF_EHELD ? wf__run_refuse_held(backend, run_id, err) : rc;
}

static int begin_run(
    struct wf_backend *backend, const struct wf_start *start, struct wf__sqlite_run **ret, struct wf_err *err)
{
    struct wf_link first;
    int rc = wf__run_insert(backend, start, NULL, &first, err);

    if (rc != 0)
        return rc;
    *ret = run_new(backend, start, sqlite3_last_insert_rowid(backend->db), 1);
    (*ret)->writer.link = first;
    return 0;
}

static int check_resumable(const struct wf__run_row *found, struct wf_err *err)
{
    if (found->format != WF_JOURNAL_FORMAT) {
        wf_err_set(err, WF_EMISMATCH, "the run %s was begun by a wfrun with journal format %d; this one has %d",
            found->row.run_id, found->format, WF_JOURNAL_FORMAT);
        wf_err_hint(err, "resume it with the wfrun that began it");
        return WF_EMISMATCH;
    }
    if (found->row.imported)
        return wf__refuse_imported(found->row.run_id, err);
    return wf__refuse_final(found->row.run_id, found->row.status, err);
}

/* A new epoch fences off whoever had the run before; a suspend that nobody acted on is overtaken. */
static int take_over(struct wf_backend *backend, const struct wf__run_row *found, struct wf_err *err)
{
    static const char *const sql[] = {
        "UPDATE run SET epoch = epoch + 1, owner = ?2, status = 'running' WHERE num = ?1",
        "DELETE FROM control WHERE run = ?1 AND kind = 'suspend' AND ?2",
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof sql / sizeof *sql && rc == 0; i++) {
        sqlite3_stmt *statement;

        rc = wf__db_prepare(backend->db, sql[i], &statement, err);
        if (rc != 0)
            break;
        sqlite3_bind_int64(statement, 1, found->num);
        sqlite3_bind_int64(statement, 2, getpid());
        rc = wf__db_do(backend->db, statement, err);
        sqlite3_finalize(statement);
    }
    return rc;
}

/* start NULL: the run must exist. Within a transaction and with the run's lock. */
static int enter(struct wf_backend *backend, const char *run_id, const struct wf_start *start,
    struct wf__sqlite_run **ret, struct wf_err *err)
{
    struct wf_err why = {0};
    struct wf__run_row found;
    sqlite3_stmt *statement = NULL;
    struct wf__sqlite_run *run = NULL;
    struct wf__load load = {0};
    int rc = wf__run_find(backend, run_id, &statement, &found, &why);

    if (rc == WF_ENOTFOUND && start)
        return begin_run(backend, start, ret, err);
    if (rc != 0) {
        if (err)
            *err = why;
        return rc;
    }
    rc = start ? wf__start_check_same(&found.row.start, start, err) : 0;
    if (rc == 0)
        rc = check_resumable(&found, err);
    if (rc == 0) {
        run = run_new(backend, &found.row.start, found.num, found.epoch + 1);
        load.map = &run->map;
        rc = wf__run_load(backend, &found, &load, err);
        run->writer.link = load.chain.head;
        run->writer.records = load.chain.records;
    }
    sqlite3_finalize(statement);
    if (rc == 0)
        rc = take_over(backend, &found, err);
    if (rc == 0)
        *ret = run;
    else if (run)
        run_free(run);
    return rc;
}

static int begin(struct wf_backend *backend, const char *run_id, const struct wf_start *start_, struct wf_err *err)
{
    struct wf__sqlite_run *run = NULL;
    int rc = wf__run_id_check(run_id, err);

    if (rc == 0 && !backend->writer)
        rc = wf_err_set(err, WF_EINVAL, "the journal %s was opened for reading only", backend->file);
    if (rc == 0 && wf__run_active(backend, run_id))
        rc = wf_err_set(err, WF_EHELD, "the run %s is already active in this process", run_id);
    if (rc == 0)
        rc = take_lock(backend, run_id, err);
    if (rc != 0)
        return rc;
    rc = wf__db_begin(backend->db, err);
    if (rc == 0)
        rc = wf__db_end(backend->db, enter(backend, run_id, start_, &run, err), err);
    if (rc != 0 || !run) {
        if (run)
            run_free(run);
        wf__lock_drop(backend->lock_fd, run_id);
        return rc;
    }
    run->ref.next = backend->refs;
    backend->refs = &run->ref;
    if (!backend->poll.slot)
        wf_timer_start_real(backend->settings.loop, &backend->poll, POLL_MS, poll_controls);
    wf__bell_ring(backend->bell);
    return 0;
}

static int start(struct wf_backend *backend, const struct wf_start *start_, struct wf_err *err)
{
    return begin(backend, start_->run_id, start_, err);
}

static int resume(struct wf_backend *backend, const char *run_id, struct wf_err *err)
{
    return begin(backend, run_id, NULL, err);
}

/* ---- life ---- */

static void close_(struct wf_backend *backend)
{
    if (!backend)
        return;
    if (backend->writer) {
        wf_timer_stop(backend->settings.loop, &backend->poll);
        wf_timer_stop(backend->settings.loop, &backend->linger);
        wf__writer_stop(backend->writer);
        deliver_all(backend);
    }
    while (backend->refs) {
        struct wf__sqlite_run *run = (struct wf__sqlite_run *)backend->refs;

        backend->refs = run->ref.next;
        run_free(run);
    }
    wf__share_done(backend);
    wf__bell_free(backend->bell);
    wf__writer_free(backend->writer);
    wf__db_close(backend->db);
    if (backend->lock_fd >= 0)
        close(backend->lock_fd);
    free(backend->file);
    free(backend);
}

static int open_(const struct wf_settings *settings, struct wf_backend **ret, struct wf_err *err)
{
    struct wf_backend *backend = wf_calloc(1, sizeof *backend);
    bool read_only = settings->read_only;
    int rc;

    backend->settings = *settings;
    backend->file = wf_strdup(settings->location);
    backend->lock_fd = -1;
    wf__share_init(backend);
    rc = wf__db_open(backend->file, read_only ? WF__DB_READ : WF__DB_WRITE, &backend->db, err);
    if (rc == 0)
        rc = wf__lock_open(backend->file, read_only, &backend->lock_fd, err);
    if (rc == 0 && !read_only) {
        backend->bell = wf__bell_new(settings->loop, bell_answered, backend);
        rc = wf__writer_new(backend->file, settings->stop_after, backend->bell, &backend->writer, err);
    }
    if (rc == 0)
        *ret = backend;
    else
        close_(backend);
    return rc;
}

static void failure(const struct wf_backend *backend, struct wf_err *ret)
{
    *ret = backend->failure;
    if (ret->code == 0 && backend->writer)
        wf__writer_failure(backend->writer, ret);
}

const struct wf_backend_ops wf_journal_sqlite = {
    .size = sizeof wf_journal_sqlite,
    .name = "sqlite",
    .open = open_,
    .close = close_,
    .lookup = wf__ref_lookup,
    .intent = intent,
    .outcome = outcome,
    .timer = wf__ref_timer,
    .timer_stop = wf__ref_timer_stop,
    .note = note,
    .park = park,
    .finish = finish,
    .start = start,
    .resume = resume,
    .control = wf__sqlite_control,
    .query = wf__sqlite_query,
    .history = wf__sqlite_history,
    .notes = wf__sqlite_notes,
    .put_definition = wf__sqlite_put_definition,
    .get_definition = wf__sqlite_get_definition,
    .failure = failure,
    .seed = wf__sqlite_seed,
    .annotate = wf__sqlite_annotate,
    .rate = wf__sqlite_rate,
    .lock = wf__sqlite_keylock,
    .unlock = wf__sqlite_keyunlock,
    .log = wf__sqlite_log,
    .adopt = wf__sqlite_adopt,
    .claim = wf__sqlite_claim,
    .release = wf__sqlite_release,
};
