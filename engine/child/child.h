/* child.h: what the files of wfrun-host share. A process with one plugin and at most one call, which talks to wfrun in
 * frames (base/wire.h, host/wire_kinds.h).
 *
 *     main thread    reads frames; runs steps that are not blocking, and callbacks: the plugin's "loop thread"
 *     worker         runs blocking steps
 *
 * What a plugin does wrong that can be told is told as wfrun itself would (host/api.c, host/answer.c); what cannot, ends
 * this process, and wfrun says so. */
#ifndef WF_CHILD_CHILD_H
#define WF_CHILD_CHILD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/wire.h"
#include "host/wire_kinds.h"
#include "wfrun/plugin.h"

struct wf_child_exchange { /* an HTTP request that wfrun has not answered yet */
    struct wf_child_exchange *next;
    int64_t id;
    wf_http_done done; /* NULL: the worker waits for it */
    void *arg;
};

struct wf_child_response {
    struct wf_http_response public;
    struct wf_child_response *next;
};

struct wf_child_memo {
    struct wf_child_memo *next;
    const char *name;
    struct wf_bytes json;
};

struct wf_child_call {
    uint32_t number; /* 0: there is none */
    const struct wf_step_type *type;
    uint32_t mode, attempt;
    int64_t deadline_ms, intent_ms;
    struct wf_bytes input;
    const char *run_id, *task, *key;
    bool is_blocking;
    bool open;     /* neither answered nor cancelled */
    bool answered; /* by the plugin */
    bool returned; /* its function */
    struct wf_arena *texts, *arena;
    struct wf_child_memo *memos; /* the newest first */
    struct wf_child_exchange *exchanges;
    struct wf_child_response *responses;
    /* what the worker waits for */
    bool is_waiting, has_reply;
    int32_t reply_rc;
    const struct wf_http_response *reply;
};

struct wf_child {
    int socket;
    const char *confine; /* the setting; "": not set */
    int cpu_s;           /* processor time of one call; 0: no limit */
    const struct wf_plugin *plugin;
    void *state;
    pthread_mutex_t lock; /* guards call */
    pthread_cond_t changed;
    struct wf_child_call call;
    pthread_t worker;
    bool has_worker, has_work;
    char *settings, *secrets; /* pairs */
    size_t settings_len, secrets_len;
    _Atomic int64_t ahead_ms; /* wfrun's clock before ours */
    int64_t last_exchange;
};
extern struct wf_child wf_child;

/* child_load.c */
int wf_child_confine(const char *file, const char *manifest, struct wf_err *); /* wf__confine, of host/check.h */
int wf_child_load(const char *file, struct wf_err *);                          /* wf_child.plugin, opened */
char *wf_child_describe(const struct wf_plugin *);                             /* as JSON; the caller frees */

/* crash.c: a crash leaves its signal and a backtrace on standard error, and then ends the process by that signal. */
void wf_child_watch_crashes(void);
void wf_child_watch_stack(void); /* each thread: also when its stack runs over */

/* calls.c: main thread, without the lock */
void wf_child_call_begin(const struct wf_wire *);
void wf_child_call_cancel(uint32_t number);
void wf_child_call_reply(const struct wf_wire *); /* HTTP_DONE, SLEPT, STORED */
/* The following with the lock held. */
void wf_child_call_ended(void); /* it was answered, cancelled, or has returned: free for the next? */
/* Sends the frame and waits for its reply. False: the call ended first, or this thread may not wait. */
bool wf_child_call_wait(struct wf_wire *frame);

/* child_main.c: any thread. False: it is too large. */
bool wf_child_send(struct wf_wire *);
int64_t wf_child_now_ms(void);

/* child_api.c, child_answer.c, child_http.c: the table given to the plugin */
struct wf_child_call *wf_child_enter(struct wf_step *); /* takes the lock; NULL, without it: it is no step any more */
void wf_child_leave(void);
void wf_child_log(uint32_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern const struct wf_host wf_child_table;
void wf_child_succeed(struct wf_step *, struct wf_bytes);
void wf_child_fail(struct wf_step *, const struct wf_failure *);
void wf_child_retry(struct wf_step *, int64_t after_ms, const struct wf_failure *);
void wf_child_verdict(struct wf_step *, uint32_t verdict, struct wf_bytes, const char *why);
void wf_child_planned(struct wf_step *, const struct wf_planned *);
const struct wf_http_response *wf_child_http(struct wf_step *, const struct wf_http_request *);
void wf_child_http_start(struct wf_step *, const struct wf_http_request *, wf_http_done, void *arg);
void wf_child_http_release(struct wf_step *, const struct wf_http_response *);
void wf_child_http_done(const struct wf_wire *);
void wf_child_responses_free(void);

#endif
