/* desk.h: a journal on a test's desk: a loop, an opened backend, and an engine that writes down what it is told. */
#ifndef WF_TEST_JOURNAL_DESK_H
#define WF_TEST_JOURNAL_DESK_H

#include "base/buf.h"
#include "journal/journal.h"
#include "loop/loop.h"
#include "suites.h"

struct desk {
    const struct wf_backend_ops *ops;
    struct wf_loop *loop;
    struct wf_settings settings;
    struct wf_backend *backend;
    char folder[64], file[128];

    struct wf_run_ref *ref; /* of the last activation */
    struct wf_buf told;     /* one line for each call of the engine */
    unsigned count, wanted;
    struct wf_timer limit;
    bool in_call; /* the engine must not be called now */
    void (*on_control)(struct desk *, struct wf_run_ref *, const struct wf_control *); /* may be NULL */
    void (*on_stored)(struct desk *, uint64_t token);                                  /* may be NULL */
};

void desk_open(struct desk *, const struct wf_backend_ops *); /* a new folder and an open journal in it */
int desk_open_file(struct desk *, const char *file); /* an existing SQLite journal, from a child or as a second one */
void desk_reopen(struct desk *);                     /* closes, opens the same file */
void desk_close(struct desk *);                      /* removes the folder, too */

struct wf_start desk_start_of(const char *run_id);                /* a start with input {"n":1} */
struct wf_run_ref *desk_begin(struct desk *, const char *run_id); /* start, and wait for the activation */
void desk_run(struct desk *, unsigned count); /* until the engine was called count times more; at most 30 s */
void desk_rest(struct desk *, int64_t ms);    /* runs the loop that long */
/* What the engine was told since the last time must be this. */
#define DESK_TOLD(desk, expected)                                                                                      \
    (WF_ASSERT_TEXT((desk)->told.ptr ? (desk)->told.ptr : "", expected), desk_forget(desk))
void desk_forget(struct desk *);

struct wf_slice desk_json(const char *text);
void desk_intent(struct desk *, const char *path, uint64_t token);
uint64_t desk_done(struct desk *, const char *path, const char *json, uint64_t token);
enum wf_run_status desk_status(struct desk *, const char *run_id);
/* The history as lines: "STATE KIND SEQ PATH INTENT OUTCOME". The caller frees. */
char *desk_history(struct desk *, const char *run_id);
void desk_sql(const struct desk *, const char *sql); /* to the closed or open file, behind the journal's back */

#endif
