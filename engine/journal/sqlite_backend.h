/* sqlite_backend.h: what the files of the SQLite backend share. Loop thread, but for struct wf__writer_run. */
#ifndef WF_JOURNAL_SQLITE_BACKEND_H
#define WF_JOURNAL_SQLITE_BACKEND_H

#include "journal/bucket.h"
#include "journal/chain.h"
#include "journal/keylock.h"
#include "journal/run_ref.h"
#include "journal/sqlite_db.h"
#include "journal/sqlite_writer.h"
#include "loop/loop.h"

struct wf__sqlite_run {
    struct wf_run_ref ref; /* first */
    struct wf__writer_run writer;
    struct wf__opmap map;
    struct wf_start start; /* until it is activated */
    unsigned unstored;     /* items that the writer has not given back */
    int64_t delivered;     /* the last control */
    int rc;                /* not 0: something was not stored, the engine is to be told */
    bool ended;            /* park or finish is stored: freed with the last item */
};

struct wf_backend {
    struct wf_timer poll;   /* first: the loop gives it back */
    struct wf_timer linger; /* lets records go: soon, or */
    bool hurry;             /* at the end of this turn, for somebody waits for one of them */
    struct wf_settings settings;
    char *file;
    sqlite3 *db; /* the loop thread's connection */
    int lock_fd;
    struct wf__writer *writer; /* NULL: read-only */
    struct wf__bell *bell;
    struct wf_run_ref *refs; /* active, or lost */
    unsigned tokens;         /* that are not answered; the clock may not jump meanwhile */
    struct wf__buckets buckets;
    struct wf__keylocks locks;
    bool elsewhere; /* some wait for a lock of another process; the clock may not jump meanwhile */
    struct wf_err failure;
};

/* A row of the table run; texts live until the statement steps. */
struct wf__run_row {
    struct wf_run_row row;
    int64_t num, epoch, owner;
    int format;
};
#define WF__RUN_COLUMNS                                                                                                \
    "num, id, namespace, name, version, definition, input, meta, format, status, started_ms, updated_ms, epoch, "      \
    "owner, output, imported_ms"
#define WF__RUN_COLUMN_COUNT 16

/* The run of this id, or WF_ENOTFOUND. The caller finalizes *ret_statement, then row's texts are gone. */
int wf__run_find(
    struct wf_backend *, const char *run_id, sqlite3_stmt **ret_statement, struct wf__run_row *ret, struct wf_err *);
int wf__run_read(sqlite3_stmt *, struct wf__run_row *ret, struct wf_err *);
/* Reads every record of a run, within a transaction; refuses what is not whole, or not as it was written. */
struct wf__load {
    struct wf__opmap *map;
    void (*row)(void *arg, const struct wf_log_row *); /* may be NULL */
    void *arg;
    struct wf_chain chain; /* what it found */
};
int wf__run_load(struct wf_backend *, const struct wf__run_row *, struct wf__load *, struct wf_err *);
/* Closes the chain of a run that ends here and now without an owner and without an output, within a transaction. */
int wf__run_close(struct wf_backend *, int64_t num, enum wf_run_status, int64_t at_ms, struct wf_err *);
/* sqlite_chain.c */
int wf__sqlite_log(struct wf_backend *, const char *run_id, void (*row)(void *arg, const struct wf_log_row *),
    void *arg, struct wf_chain *ret, struct wf_err *);
int wf__sqlite_adopt(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
    struct wf_slice output, const struct wf_chain *, struct wf_err *);

struct wf__sqlite_run *wf__run_active(const struct wf_backend *, const char *run_id); /* NULL: not in this process */
/* WF_EHELD, naming the process. */
int wf__run_refuse_held(struct wf_backend *, const char *run_id, struct wf_err *);

void wf__run_push(struct wf__sqlite_run *, struct wf__item *); /* fills in item->run */

/* sqlite_insert.c */
/* In a transaction. past NULL: it begins, driven by this process. */
int wf__run_insert(
    struct wf_backend *, const struct wf_start *, const struct wf__past *, struct wf_link *ret_first, struct wf_err *);
int wf__sqlite_seed(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
    enum wf_run_status, struct wf_slice output, struct wf_err *);
int wf__sqlite_annotate(
    struct wf_backend *, const char *run_id, const char *key, struct wf_slice json, struct wf_err *);

/* sqlite_share.c: what runs share */
void wf__share_init(struct wf_backend *);
void wf__share_done(struct wf_backend *);
void wf__share_grant(struct wf_backend *); /* tells who has got a lock; not from inside a call of the engine */
void wf__share_took(struct wf_run_ref *, const struct wf__item *); /* what the writer says of a token */
void wf__sqlite_rate(struct wf_run_ref *, const char *path, const struct wf_rate *);
void wf__sqlite_keylock(struct wf_run_ref *, const char *path, const char *key);
void wf__sqlite_keyunlock(struct wf_run_ref *, const char *path, const char *key);
int wf__sqlite_claim(struct wf_backend *, const char *name, struct wf_err *);
void wf__sqlite_release(struct wf_backend *, const char *name);

/* sqlite_control.c */
int wf__sqlite_control(struct wf_backend *, const char *run_id, const struct wf_control *, struct wf_err *);
void wf__controls_deliver(struct wf__sqlite_run *);

/* sqlite_query.c */
int wf__sqlite_query(struct wf_backend *, const struct wf_query *, void (*row)(void *arg, const struct wf_run_row *),
    void *arg, struct wf_err *);
int wf__sqlite_history(struct wf_backend *, const char *run_id, void (*record)(void *arg, const struct wf_record *),
    void *arg, struct wf_err *);
int wf__sqlite_notes(struct wf_backend *, const char *run_id, void (*note)(void *arg, const char *key, struct wf_slice),
    void *arg, struct wf_err *);
int wf__sqlite_put_definition(
    struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *);
int wf__sqlite_get_definition(
    struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], char **ret_text, size_t *ret_len, struct wf_err *);

#endif
