/* harness_priv.h: what the files of harness share. */
#ifndef WF_HARNESS_HARNESS_PRIV_H
#define WF_HARNESS_HARNESS_PRIV_H

#include <pthread.h>
#include <wfrun/harness.h>

/* Memory that malloc does not count, so that what a step leaves behind can be told from what the harness keeps. Grows, is
 * freed whole. */
struct wf__region {
    struct wf__chunk *chunks;
};

void *wf__region_alloc(struct wf__region *, size_t); /* zeroed; ends the program when there is none */
char *wf__region_text(struct wf__region *, const char *text, size_t len);
void wf__region_free(struct wf__region *);

/* A named text: setting, secret, remembered value. */
struct wf__pair {
    struct wf__pair *next;
    const char *name, *value; /* value NULL: taken away */
};

/* What a plugin holds while a call is open; one for each call, so that a call that has ended can be told. */
struct wf_step {
    struct wf_harness *harness;
    bool ended;
};

/* Memory of a step: malloc's own, so that a sanitizer sees a write behind its end. */
struct wf__block {
    struct wf__block *next;
};

/* An exchange of http_start whose callback is still to come. */
struct wf__pending {
    struct wf__pending *next;
    const struct wf_http_response *response;
    wf_http_done done;
    void *arg;
};

struct wf_harness_priv {
    const struct wf_plugin *plugin;
    void *state;
    bool is_owner;                           /* closes the plugin */
    struct wf__region settings, kept, texts; /* texts: of one call; kept: what is remembered */
    struct wf__pair *config, *secrets, *memos;

    /* the call under way */
    struct wf_step *step;
    const struct wf_step_type *type;
    const char *input;
    uint32_t mode, effect, flags;
    int64_t deadline_ms;
    bool in_doubt;   /* a write may have happened, and nothing that came since can tell */
    bool is_lost;    /* remember failed: no effect may be started any more */
    bool is_stopped; /* cancelled, or past its deadline */
    struct wf__block *blocks;
    struct wf__pending *first, **last; /* first is NULL: none */
    bool has_returned;                 /* the step's function */
    bool is_calling;                   /* a callback is under way */
    pthread_mutex_t lock;              /* around everything that a host function changes; recursive */
    pthread_cond_t changed;            /* an answer, a pending callback, or the return of the function */
};

/* harness.c */
struct wf_harness *wf__harness_of(struct wf_step *); /* NULL: that call has ended */
/* The same with the lock, which wf__harness_leave (of NULL too) gives back. */
struct wf_harness *wf__harness_enter(struct wf_step *);
void wf__harness_leave(struct wf_harness *);
void wf__harness_sin(struct wf_harness *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Counts a call of the host that can fail; true when it is the one that shall. */
bool wf__harness_fails(struct wf_harness *, const char *what);
const char *wf__pair_get(const struct wf__pair *, const char *name);

/* harness_http.c */
const struct wf_http_response *wf__harness_http(struct wf_step *, const struct wf_http_request *);
void wf__harness_http_start(struct wf_step *, const struct wf_http_request *, wf_http_done, void *arg);
void wf__harness_http_release(struct wf_step *, const struct wf_http_response *);

#endif
