/* desk.c: see desk.h. */
#include "config.h" /* _GNU_SOURCE */

#include "desk.h"

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/alloc.h"

/* ---- the engine ---- */

static void wrote(struct desk *desk)
{
    CU_ASSERT_FALSE(desk->in_call);
    desk->count++;
    if (desk->wanted && desk->count >= desk->wanted)
        wf_loop_stop(desk->loop);
}

static void activate(void *arg, struct wf_run_ref *ref, const struct wf_start *start)
{
    struct desk *desk = arg;

    desk->ref = ref;
    wf_buf_printf(&desk->told, "activate %s %.*s\n", start->run_id, (int)start->input.len, start->input.ptr);
    wrote(desk);
}

static void stored(void *arg, struct wf_run_ref *ref, uint64_t token, int rc)
{
    struct desk *desk = arg;

    (void)ref;
    wf_buf_printf(&desk->told, "stored %llu %d\n", (unsigned long long)token, rc);
    if (desk->on_stored)
        desk->on_stored(desk, token);
    wrote(desk);
}

static void fired(void *arg, struct wf_run_ref *ref, const char *path)
{
    struct desk *desk = arg;

    (void)ref;
    wf_buf_printf(&desk->told, "fired %s\n", path);
    wrote(desk);
}

static void control(void *arg, struct wf_run_ref *ref, const struct wf_control *asked)
{
    static const char *const words[] = {"cancel", "suspend", "resolve", "decide"};
    struct desk *desk = arg;

    wf_buf_printf(&desk->told, "%s %s %.*s\n", words[asked->kind], asked->path ? asked->path : "-",
        (int)asked->json.len, asked->json.ptr ? asked->json.ptr : "");
    if (desk->on_control)
        desk->on_control(desk, ref, asked);
    wrote(desk);
}

static void lost(void *arg, struct wf_run_ref *ref)
{
    struct desk *desk = arg;

    (void)ref;
    wf_buf_str(&desk->told, "lost\n");
    wrote(desk);
}

static const struct wf_engine_ops engine = {activate, stored, fired, control, lost};

/* ---- life ---- */

static void open_backend(struct desk *desk)
{
    struct wf_err err = {0};

    if (desk->ops->open(&desk->settings, &desk->backend, &err) != 0) {
        fprintf(stderr, "%s\n", err.msg);
        CU_FAIL_FATAL("the journal opens");
    }
}

static void set_up(struct desk *desk)
{
    desk->loop = wf_loop_new();
    wf_buf_init(&desk->told, 1 << 20);
    desk->settings =
        (struct wf_settings){.location = desk->file, .loop = desk->loop, .engine = &engine, .engine_arg = desk};
}

int desk_open_file(struct desk *desk, const char *file)
{
    struct wf_err err = {0};

    *desk = (struct desk){.ops = &wf_journal_sqlite};
    snprintf(desk->file, sizeof desk->file, "%s", file);
    set_up(desk);
    return desk->ops->open(&desk->settings, &desk->backend, &err);
}

void desk_open(struct desk *desk, const struct wf_backend_ops *ops)
{
    const char *tmp = getenv("TMPDIR");

    *desk = (struct desk){.ops = ops};
    snprintf(desk->folder, sizeof desk->folder, "%.40s/journal-XXXXXX", tmp ? tmp : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(desk->folder));
    snprintf(desk->file, sizeof desk->file, "%s/state/runs.db", desk->folder);
    set_up(desk);
    open_backend(desk);
}

void desk_reopen(struct desk *desk)
{
    desk->ops->close(desk->backend);
    desk->ref = NULL;
    open_backend(desk);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void desk_close(struct desk *desk)
{
    desk->ops->close(desk->backend);
    desk_rest(desk, 0); /* the loop forgets what the journal posted last */
    wf_loop_free(desk->loop);
    wf_buf_done(&desk->told);
    if (desk->folder[0])
        nftw(desk->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- turning ---- */

static void enough(struct wf_timer *timer)
{
    struct desk *desk = (struct desk *)(void *)((char *)timer - offsetof(struct desk, limit));

    wf_loop_stop(desk->loop);
}

static void turn(struct desk *desk, unsigned wanted, int64_t ms)
{
    desk->wanted = wanted;
    wf_timer_start_real(desk->loop, &desk->limit, ms, enough);
    wf_loop_run(desk->loop);
    wf_timer_stop(desk->loop, &desk->limit);
    desk->wanted = 0;
}

void desk_run(struct desk *desk, unsigned count)
{
    unsigned wanted = desk->count + count;

    turn(desk, wanted, 30000);
    CU_ASSERT_TRUE(desk->count >= wanted);
}

void desk_rest(struct desk *desk, int64_t ms)
{
    turn(desk, 0, ms);
}

void desk_forget(struct desk *desk)
{
    wf_buf_clear(&desk->told);
}

/* ---- short words for what tests do ---- */

struct wf_start desk_start_of(const char *run_id)
{
    return (struct wf_start){
        .run_id = run_id,
        .namespace_ = "tests",
        .name = "flow",
        .version = "1.0.0",
        .definition = {1, 2, 3},
        .input = {"{\"n\":1}", 7},
        .meta = {"{\"file\":\"flow.yaml\"}", 20},
        .started_ms = 1750000000000,
    };
}

struct wf_run_ref *desk_begin(struct desk *desk, const char *run_id)
{
    struct wf_start start = desk_start_of(run_id);
    struct wf_err err = {0};

    desk->in_call = true;
    int rc = desk->ops->start(desk->backend, &start, &err);
    desk->in_call = false;
    if (rc != 0)
        fprintf(stderr, "%s\n", err.msg);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
    desk_run(desk, 1);
    desk_forget(desk);
    return desk->ref;
}

struct wf_slice desk_json(const char *text)
{
    return (struct wf_slice){text, strlen(text)};
}

void desk_intent(struct desk *desk, const char *path, uint64_t token)
{
    desk->in_call = true;
    desk->ops->intent(desk->ref, path, WF_OP_STEP, desk_json("{\"step\":\"buy\"}"), token);
    desk->in_call = false;
}

uint64_t desk_done(struct desk *desk, const char *path, const char *json, uint64_t token)
{
    desk->in_call = true;
    uint64_t seq = desk->ops->outcome(desk->ref, path, WF_OP_STEP, WF_REC_DONE, desk_json(json), token);
    desk->in_call = false;
    return seq;
}

static void keep_status(void *arg, const struct wf_run_row *row)
{
    *(int *)arg = (int)row->status;
}

enum wf_run_status desk_status(struct desk *desk, const char *run_id)
{
    struct wf_query asked = {.run_id = run_id, .status = -1};
    int status = -1;

    CU_ASSERT_EQUAL(desk->ops->query(desk->backend, &asked, keep_status, &status, NULL), 0);
    return (enum wf_run_status)status;
}

static void write_record(void *arg, const struct wf_record *record)
{
    wf_buf_printf(arg, "%d %d %llu %s %.*s %.*s\n", record->state, record->kind, (unsigned long long)record->seq,
        record->path, (int)record->intent.len, record->intent.ptr ? record->intent.ptr : "", (int)record->outcome.len,
        record->outcome.ptr ? record->outcome.ptr : "");
}

char *desk_history(struct desk *desk, const char *run_id)
{
    struct wf_buf text;

    wf_buf_init(&text, 16 << 20);
    CU_ASSERT_EQUAL(desk->ops->history(desk->backend, run_id, write_record, &text, NULL), 0);
    return wf_buf_take(&text);
}

void desk_sql(const struct desk *desk, const char *sql)
{
    sqlite3 *db = NULL;
    char *words = NULL;

    CU_ASSERT_EQUAL(sqlite3_open(desk->file, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, &words), SQLITE_OK);
    if (words)
        fprintf(stderr, "%s: %s\n", sql, words);
    sqlite3_free(words);
    sqlite3_close(db);
}
