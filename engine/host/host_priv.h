/* host_priv.h: what the files of host share: loaded plugins, gates and calls.
 *
 * A plugin never holds a pointer to a call. Its `struct wf_step *` is a number in disguise: a slot of the table of open
 * calls and the slot's generation. Each function of the table given to plugins turns it into a call that is kept for as
 * long as the function runs (wf__call_enter, wf__call_unref). An answer that comes after the call has ended finds another
 * generation, and is dropped, whatever the plugin does and when. */
#ifndef WF_HOST_HOST_PRIV_H
#define WF_HOST_HOST_PRIV_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "ffi/manifest.h"
#include "host/host.h"

#define wf__container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* ---- plugins ---- */

/* Lets at most `most` calls through at a time; the others wait in order. Loop thread. */
struct wf__gate {
    uint32_t running, most; /* most 0: no limit */
    struct wf_call *first, *last;
};

struct wf__plugin {
    const struct wf_plugin *descriptor;
    char *file;
    struct wf_manifest *manifest; /* of a function.yaml; NULL: a shared object */
    void *state;
    struct wf__gate gate; /* most 1 when a step of it is SERIAL */
    bool has_serial;
    const char *hosts;       /* its setting: those that its HTTP may go to; NULL: any */
    struct wf__apart *apart; /* its processes; NULL: it runs in this one */
};

struct wf__entry {
    struct wf_step_entry public;
    struct wf__plugin *plugin;
    struct wf__gate gate;
};

struct wf__refusal {
    char *file;
    struct wf_err err;
};

struct wf_hosting {
    struct wf_hosting_settings settings;
    char **dirs; /* NULL-terminated */
    struct wf__entry **entries;
    size_t nentries;
    struct wf__plugin **plugins;
    size_t nplugins;
    struct wf__refusal **refusals;
    size_t nrefusals;
    bool loaded_all;
    pthread_mutex_t settings_lock; /* around the callbacks config and secret, which worker threads ask */
};

/* load.c: open, check and start one plugin. The entries of its steps are the caller's. */
int wf__plugin_load(const char *file, const struct wf_host *table, struct wf__plugin **ret, struct wf_err *);
/* apart.c: a setting of the plugin that this file is, NULL when it is not set; and the same in a process of its own. */
const char *wf__plugin_setting(struct wf_hosting *, const char *file, const char *name);
int wf__apart_wanted(struct wf_hosting *, const char *file, bool *ret, struct wf_err *);
int wf__apart_load(struct wf_hosting *, const char *file, struct wf__plugin **ret, struct wf_err *);
void wf__apart_free(struct wf__apart *);
uint32_t wf__apart_effect(struct wf__apart *, const struct wf_step_type *, struct wf_bytes input, uint32_t *ret_flags);
/* registry.c: the name by the file: NAME.so, NAME.function.yaml, NAME/function.yaml. Not NUL-terminated. */
const char *wf__plugin_name(const char *path, size_t *ret_len);
/* The step's schemas compiled. */
int wf__entry_new(struct wf__plugin *, const struct wf_step_type *, struct wf__entry **ret, struct wf_err *);
void wf__entry_free(struct wf__entry *);

/* ---- calls ---- */

/* A response, kept until its step ends or releases it. */
struct wf__response {
    struct wf_http_response public;
    struct wf__response *next;
    char *bytes;
};

struct wf__memo {
    struct wf__memo *next;
    const char *name;
    struct wf_bytes json;
};

struct wf_call {
    atomic_int refs;
    uintptr_t handle; /* what the plugin sees */
    struct wf_hosting *hosting;
    struct wf__entry *entry;
    struct wf_call_request request; /* its texts are copies in `texts` */
    struct wf_arena *texts;
    atomic_bool ended; /* done was called, or the call was cancelled */

    /* loop thread */
    struct wf_call *next_queued;
    struct wf_timer deadline, wake;
    struct wf_job job;
    struct wf__exchange *exchanges; /* transfers under way */
    bool has_gate, is_asleep, holds_busy, is_blocking, is_on_worker, failed_by_host;
    bool tried_write; /* and was refused, for it may only look */
    bool is_parked;   /* a worker stands in wf__call_park and its start was called */
    int park_rc;      /* for the worker, who reads it once woken */
    sem_t woken;

    pthread_mutex_t lock; /* guards all below */
    bool answered;
    struct wf_arena *arena;
    struct wf__response *responses;
    struct wf__memo *memos; /* the newest first */

    /* Written once, under the lock, with `answered`; read on the loop thread after. */
    struct wf_answer answer;
    struct wf_failure failure;
    struct wf_planned planned;
    struct wf_arena *answer_texts;
};

/* call.c */
struct wf_call *wf__call_enter(struct wf_step *); /* any thread: a new reference, or NULL when it has ended */
void wf__call_ref(struct wf_call *);
void wf__call_unref(struct wf_call *);
struct wf_step *wf__call_step(const struct wf_call *);
/* Ends the call with a failure of the host's own making; loop thread. */
void wf__call_fail(struct wf_call *, const char *type, int32_t status, const char *title, const char *detail);
void wf__call_end(struct wf_call *); /* loop thread: nothing that comes later counts */
const char *wf__call_plugin_name(const struct wf_call *);
/* Around each function of a plugin that is called for a step: wf_call_here. One may be called from inside of another: what
 * hand_over returns is given to take_back. what lives until the process ends. */
struct wf_call_here wf__hand_over(const struct wf__entry *, const char *what);
void wf__take_back(struct wf_call_here);

/* park.c: a worker waits for the loop. */
/* Worker thread: has start(call) called on the loop thread and waits for wf__call_unpark. The rc given there, or -1 when
 * the call ended. */
int wf__call_park(struct wf_call *, void (*start)(struct wf_call *, void *arg), void *arg);
void wf__call_unpark(struct wf_call *, int rc); /* loop thread */

/* answer.c: copies an answer, checks it, hands it to the caller. The functions of the table are below api.c. */
void wf__answer_succeed(struct wf_step *, struct wf_bytes);
void wf__answer_fail(struct wf_step *, const struct wf_failure *);
void wf__answer_retry(struct wf_step *, int64_t after_ms, const struct wf_failure *);
void wf__answer_verdict(struct wf_step *, uint32_t verdict, struct wf_bytes, const char *why);
void wf__answer_planned(struct wf_step *, const struct wf_planned *);
bool wf__call_is_answered(struct wf_call *);

/* api_http.c */
const struct wf_http_response *wf__api_http(struct wf_step *, const struct wf_http_request *);
void wf__api_http_start(struct wf_step *, const struct wf_http_request *, wf_http_done, void *arg);
void wf__api_http_release(struct wf_step *, const struct wf_http_response *);
void wf__call_drop_exchanges(struct wf_call *); /* loop thread: no callback of theirs comes */
void wf__responses_free(struct wf__response *);

/* api.c */
void wf__call_sleep(struct wf_call *, int64_t ms, void (*over)(struct wf_timer *)); /* loop thread; over: of `wake` */
void wf__call_wake_sleeper(struct wf_call *, int rc);                               /* loop thread */
extern const struct wf_host wf__host_table;

#endif
