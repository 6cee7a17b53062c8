/* journal.h: everything that happened, behind one interface with several backends.
 *
 * A run's journal is a map from operation path to {intent, outcome}: names, not positions. A path is computed from the
 * definition and the interpreter's own counters only, so neither branch order nor timing can break a replay. The
 * interpreter calls in on the loop thread and is called back there, never from inside the call that asked.
 *
 * Promises of every backend; tests/unit/journal/suite.c demands them of each:
 *  1 `stored` for a record means that it survives kill -9 of everything. No effect before its intent is stored.
 *  2 Prefix: when something of a run is stored, everything asked for earlier in that run is stored.
 *  3 One owner: after `lost`, or before it arrives, appends of an old owner are refused. Two processes never drive a
 * run. 4 `seq` never changes; a second outcome for a path is dropped and the first stays. 5 A run can be activated
 * without reason and must then just park again. A wake-up is never lost. 6 Paths are opaque, at most WF_PATH_MAX bytes;
 * records are JSON bytes up to WF_RECORD_MAX. 7 Timers fire at or after their time, by the loop's clock.
 */
#ifndef WF_JOURNAL_JOURNAL_H
#define WF_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"

#define WF_PATH_MAX       512
#define WF_RECORD_MAX     ((size_t)16 << 20)
#define WF_JOURNAL_FORMAT 1 /* meaning of paths and records; kept in each run's start */

struct wf_loop;
struct wf_backend; /* an opened journal; the backend's */
/* One activation of one run; the backend's. Valid until `stored` of finish or park returned, until `lost` returned, or
 * until close. */
struct wf_run_ref;

struct wf_slice {
    const char *ptr; /* JSON, not NUL-terminated; NULL: nothing */
    size_t len;
};

/* FACT: something that is not a pure function of definition, input and outcomes: now, a start time, a decision. */
enum wf_op_kind { WF_OP_STEP, WF_OP_TIMER, WF_OP_EVENT, WF_OP_CHILD, WF_OP_EMIT, WF_OP_FACT };
enum wf_rec_state { WF_REC_NONE, WF_REC_INTENT, WF_REC_DONE, WF_REC_FAULT };

struct wf_record {
    const char *path; /* set in history only */
    enum wf_rec_state state;
    enum wf_op_kind kind;
    uint64_t seq;                  /* order of outcomes within the run, equal in every replay; 0: no outcome yet */
    int64_t intent_ms, outcome_ms; /* when; 0: not yet */
    struct wf_slice intent, outcome;
};

enum wf_run_status {
    WF_RUN_RUNNING,
    WF_RUN_WAITING,
    WF_RUN_SUSPENDED,
    WF_RUN_IN_DOUBT,
    WF_RUN_CANCELLED,
    WF_RUN_FAULTED,
    WF_RUN_COMPLETED
};
const char *wf_run_status_name(enum wf_run_status); /* "in doubt" */

/* How a run began; never changes. */
struct wf_start {
    const char *run_id;                      /* at most 100 of [A-Za-z0-9._-] */
    const char *namespace_, *name, *version; /* of the definition */
    uint8_t definition[WF_SHA256_SIZE];      /* pins the bytes kept by `definition` */
    struct wf_slice input;
    struct wf_slice meta; /* what cli needs to resume: file name, plugin versions, sandbox, ... */
    int64_t started_ms;
};

enum wf_control_kind { WF_CONTROL_CANCEL, WF_CONTROL_SUSPEND, WF_CONTROL_RESOLVE, WF_CONTROL_DECIDE };
struct wf_control {
    enum wf_control_kind kind;
    const char *path;     /* RESOLVE: of the operation in doubt; DECIDE: of the one that waits for a word */
    struct wf_slice json; /* {"reason":..., "by":...}; RESOLVE also {"as":"done|not-done|skip","output":...}, DECIDE
                             also {"decision":"go|no"} */
};

/* The interpreter's side, filled once. All on the loop thread. */
struct wf_engine_ops {
    void (*activate)(
        void *engine, struct wf_run_ref *, const struct wf_start *); /* here is a run that may be able to move */
    void (*stored)(void *engine, struct wf_run_ref *, uint64_t token, int rc); /* rc: 0, WF_ELOST or WF_EIO */
    void (*fired)(void *engine, struct wf_run_ref *, const char *path); /* a timer, token or lock that was asked for */
    void (*control)(void *engine, struct wf_run_ref *, const struct wf_control *);
    /* Another owner has it, the disk failed, or a record was refused: start no further effect. Comes after the `stored`
     * of the first record that is not. `failure` says why. */
    void (*lost)(void *engine, struct wf_run_ref *);
};

/* A token bucket: one token every interval_us, burst of them at once when it is full. */
struct wf_rate {
    const char *key;
    int64_t interval_us, burst; /* each at least 1 */
};

struct wf_settings {
    const char *location; /* sqlite: the file */
    bool read_only;       /* list, show, logs: never creates, never locks a run */
    uint64_t stop_after;  /* test door: exit(42) as by kill -9 right after the Nth record is durable; 0: never */
    struct wf_loop *loop;
    const struct wf_engine_ops *engine; /* may be NULL when nothing will be activated */
    void *engine_arg;
};

/* One line of a run's journal, as `seed` takes it: an intent, or an outcome. */
struct wf_seed {
    const char *path;
    enum wf_op_kind kind;
    enum wf_rec_state state; /* INTENT, DONE or FAULT */
    int64_t at_ms;
    struct wf_slice json;
    const struct wf_digest
        *digest;                /* of the text that json was before something was taken out of it; NULL: it is whole */
    const struct wf_link *link; /* as its journal told it; NULL: not known */
};

/* Stands for a JSON text in the chain: its SHA-256. "": there is no text. */
struct wf_digest {
    char hex[WF_SHA256_TEXT];
};
/* One link of the chain: over the link before it and what the record says (chain.h). */
struct wf_link {
    uint8_t hash[WF_SHA256_SIZE];
};

/* One line of a run's journal in its place in the chain. */
struct wf_log_row {
    uint64_t number; /* from 1 */
    const char *path, *kind, *state;
    uint64_t seq;
    int64_t at_ms;
    struct wf_slice json;
    bool redacted;           /* json is not the text that was written, only the digest is that one's */
    struct wf_digest digest; /* of the text that was written */
    struct wf_link link;
};

/* What holds a run's log together: the link of its start, of the last record, and of its end once it has one. */
struct wf_chain {
    int format;
    struct wf_digest input, meta, output; /* of the texts that were written */
    uint64_t records;
    enum wf_run_status status;
    int64_t updated_ms; /* start, park or end */
    struct wf_link start, head, end;
};

struct wf_run_row { /* for list, show, wait; texts live during the callback */
    const char *run_id, *namespace_, *name, *version;
    enum wf_run_status status;
    bool held;     /* some live process drives it now */
    bool imported; /* another journal's run: only to be looked at */
    int64_t started_ms, updated_ms;
    uint64_t records;
    struct wf_start start;  /* complete */
    struct wf_slice output; /* of a finished run: the output, or the error object */
    int64_t owner;          /* of a held run: the process that drives it; 0: unknown */
};

struct wf_query {
    const char *run_id; /* an id or an unambiguous prefix; NULL: all */
    const char *name;   /* of the workflow; NULL: all */
    int status;         /* enum wf_run_status; -1: all */
    unsigned limit;     /* newest first; 0: all */
};

struct wf_backend_ops {
    uint32_t size; /* appended to, never reordered */
    const char *name;
    /* life */
    int (*open)(const struct wf_settings *, struct wf_backend **ret, struct wf_err *);
    /* What was asked for is stored first; its `stored` is called from inside. Nothing else of the engine is. */
    void (*close)(struct wf_backend *);

    /* inside an activation: loop thread, never block */
    /* Memory only. Pointers live until the run ref ends. Texts are there of all that was stored before this activation
     * and of its facts and events; of its other records only state, kind, seq and times are kept. */
    void (*lookup)(struct wf_run_ref *, const char *path, struct wf_record *ret);
    /* token 0: no `stored` is wanted, and the record may wait some milliseconds for one with a token to share its
     * commit. The prefix promise makes most waits unnecessary. A path or JSON beyond its limit is refused: the run is
     * lost. */
    void (*intent)(struct wf_run_ref *, const char *path, enum wf_op_kind, struct wf_slice json, uint64_t token);
    /* An outcome needs no intent before it (reads, facts). Sets the record's seq at once. */
    uint64_t (*outcome)(struct wf_run_ref *, const char *path, enum wf_op_kind, enum wf_rec_state, struct wf_slice json,
        uint64_t token);
    void (*timer)(struct wf_run_ref *, const char *path, int64_t wake_ms); /* `fired` once, unless stopped */
    void (*timer_stop)(struct wf_run_ref *, const char *path);
    /* Status for queries; the last one counts, JSON null takes it away. */
    void (*note)(struct wf_run_ref *, const char *key, struct wf_slice json);
    /* Nothing can move in this process. status WAITING, SUSPENDED or IN_DOUBT. Stored before token; the ref ends then.
     */
    void (*park)(struct wf_run_ref *, enum wf_run_status, uint64_t token);
    /* status COMPLETED, FAULTED or CANCELLED. Stored before token; the ref ends then. */
    void (*finish)(struct wf_run_ref *, enum wf_run_status, struct wf_slice output, uint64_t token);

    /* from outside; synchronous, for the command line: may block for a commit */
    /* Idempotent by run id. Then activates. WF_EHELD when another process drives it. */
    int (*start)(struct wf_backend *, const struct wf_start *, struct wf_err *);
    /* Activate an unfinished run here. WF_EHELD, WF_ENOTFOUND, WF_EINVAL when finished, WF_EMISMATCH for another
     * format. */
    int (*resume)(struct wf_backend *, const char *run_id, struct wf_err *);
    /* To whoever drives the run, within a second; kept for the next activation when nobody does. A CANCEL or SUSPEND of
     * a run that nobody drives takes effect at once. Delivered at least once: a CANCEL is kept until the run has ended,
     * a SUSPEND until it is parked, a RESOLVE or DECIDE until what the engine appended on its delivery is stored. */
    int (*control)(struct wf_backend *, const char *run_id, const struct wf_control *, struct wf_err *);
    int (*query)(struct wf_backend *, const struct wf_query *, void (*row)(void *arg, const struct wf_run_row *),
        void *arg, struct wf_err *);
    /* Every record in the order of its last change: show, logs, report. */
    int (*history)(struct wf_backend *, const char *run_id, void (*record)(void *arg, const struct wf_record *),
        void *arg, struct wf_err *);
    int (*notes)(struct wf_backend *, const char *run_id, void (*note)(void *arg, const char *key, struct wf_slice),
        void *arg, struct wf_err *);
    int (*put_definition)(
        struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *);
    int (*get_definition)(struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], char **ret_text, size_t *ret_len,
        struct wf_err *); /* the caller frees */
    /* Why records were not stored, in words, after a `stored` with another rc than 0 or a `lost`. */
    void (*failure)(const struct wf_backend *, struct wf_err *ret);
    /* A run with a past: these rows in their order, outcomes numbered from 1. Nobody drives it; `resume` may. All of it
     * or nothing. output: of a status that is final. WF_EINVAL when the id is taken or the rows are none of a run. */
    int (*seed)(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
        enum wf_run_status, struct wf_slice output, struct wf_err *);
    /* A note on a run that need not be active; as `note`. */
    int (*annotate)(struct wf_backend *, const char *run_id, const char *key, struct wf_slice json, struct wf_err *);

    /* inside an activation, and shared by all runs of the journal, those of other processes too */
    /* Take a token: `fired` for path when it may be used; timer_stop, when nobody wants to know any more. Under a
     * virtual clock the buckets are the process's own: the times of a rehearsal mean nothing to others. */
    void (*rate)(struct wf_run_ref *, const char *path, const struct wf_rate *);
    /* Wait for the lock `key`: `fired` for path once path holds it, until unlock, the end of the activation or that of
     * the process; a lost activation keeps its locks until close. In the order of asking, within one process. A path
     * asks once. */
    void (*lock)(struct wf_run_ref *, const char *path, const char *key);
    void (*unlock)(struct wf_run_ref *, const char *path, const char *key); /* or wait for it no more */

    /* from outside */
    /* Every line of a run in the order in which it was written; row may be NULL. WF_ECORRUPT, naming the record, when
     * the chain says that anything was changed, left out, moved or put in. */
    int (*log)(struct wf_backend *, const char *run_id, void (*row)(void *arg, const struct wf_log_row *), void *arg,
        struct wf_chain *ret, struct wf_err *);
    /* Another journal's run, as it stood there: to be looked at, never driven. The chain must be what its records make:
     * else WF_ECORRUPT, and nothing is kept. WF_EINVAL when the id is taken. */
    int (*adopt)(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
        struct wf_slice output, const struct wf_chain *, struct wf_err *);
    /* Keeps others who claim the same name out, those of other processes too, until release, close or the end of the
     * process. 0, WF_EHELD without words, or WF_EIO. */
    int (*claim)(struct wf_backend *, const char *name, struct wf_err *);
    void (*release)(struct wf_backend *, const char *name);
};

extern const struct wf_backend_ops wf_journal_sqlite, wf_journal_mem;

#endif
