/* harness.h: one step plugin in a test of its own, without an engine: a small host that makes a single call.
 *
 *     #include <wfrun/harness.h>
 *
 *     int main(void)
 *     {
 *         struct wf_harness *h = wf_harness_new(wf_plugin_entry(WF_ABI)); // the plugin is part of the test
 *         wf_harness_call(h, "greet", WF_MODE_RUN, "{\"name\":\"Ada\"}");
 *         assert(h->answer == WF_HARNESS_SUCCEEDED && !h->sin);
 *         assert(strcmp(h->output, "{\"greeting\":\"Hello, Ada!\"}") == 0);
 *         wf_harness_free(h);
 *     }
 *
 *     cc $(pkg-config --cflags wfrun-harness) test_greet.c greet.c $(pkg-config --libs wfrun-harness wfrun-plugin)
 *
 * `wfrun plugin test` makes the same calls from case files, and most plugins need no more than that.
 *
 * Time        is virtual: it moves when the step sleeps, and no test waits.
 * HTTP        is answered by a function of the test. Writes are refused where the engine would refuse them.
 * Failures    are made at any call of the host (fail_at), and at any write (lose_write, crash_write, ...).
 * Rules       of plugin.h are watched; `sin` says in words which one was broken first.
 * Threads     As in the engine: a WF_STEP_BLOCKING step runs on a thread of its own, any other on the test's; callbacks of
 *             http_start come on the test's. The functions below are called with the harness locked.
 * Ownership   Texts in struct wf_harness live until the next call. */
#ifndef WFRUN_HARNESS_H
#define WFRUN_HARNESS_H

#include <stdbool.h>
#include <wfrun/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WF_HARNESS_NONE      0 /* there was no answer; sin says so */
#define WF_HARNESS_SUCCEEDED 1
#define WF_HARNESS_FAILED    2
#define WF_HARNESS_RETRY     3
#define WF_HARNESS_VERDICT   4
#define WF_HARNESS_PLANNED   5

struct wf_harness;

/* Answers a request: fills in result, status, headers, body and error, whose texts live until the next request. false: the
 * test did not expect it, which is a sin. */
typedef bool (*wf_harness_http)(struct wf_harness *, const struct wf_http_request *, struct wf_http_response *ret);

struct wf_harness {
    /* -- set by the test before a call; wf_harness_new fills in what is usual -- */
    wf_harness_http http;                               /* NULL: no request is expected */
    void (*moved)(struct wf_harness *, int64_t now_ms); /* the clock was moved by a sleep; may be NULL */
    void *arg;                                          /* the test's own */
    const char *run_id, *task, *key;
    uint32_t attempt;          /* 1 */
    int64_t now_ms, intent_ms; /* both 2017-07-14T02:40:00Z */
    int64_t patience_ms;       /* from now to the deadline; a day */
    int64_t answer_within_ms;  /* real time that a step has which answers from its own thread; 10 s */

    /* -- failures to make: numbers count from 1, 0 is none -- */
    uint32_t fail_at;     /* the how-manieth call of alloc, secret, http, http_start, sleep or remember fails */
    int32_t fail_http;    /* with which result an exchange does so: NOT_SENT, UNKNOWN (it happened) or CANCELLED */
    bool spare_alloc;     /* alloc does not fail, and is not one of the calls */
    uint32_t lose_write;  /* this write happens, and its answer is lost */
    uint32_t crash_write; /* this write happens, and then the process is gone: nothing works any more */
    uint32_t crash_before_write; /* the process is gone before this write */

    /* -- what came of the last call -- */
    uint32_t answer;                          /* WF_HARNESS_* */
    const char *sin;                          /* which rule of plugin.h was broken; NULL: none */
    const char *output;                       /* JSON, of succeed, verdict and planned; NULL: none */
    const char *type, *title, *detail, *data; /* of fail and retry; detail and data may be NULL */
    int32_t status;
    int64_t after_ms;         /* of retry */
    uint32_t verdict, action; /* WF_VERDICT_*, WF_ACTION_* */
    const char *why;          /* of verdict; the words of planned */
    int64_t cost_micros, until_ms;
    const char *currency, *facts;
    uint32_t calls;     /* that fail_at can choose from */
    const char *failed; /* the one that was chosen; NULL: none */
    uint32_t requests, writes, sleeps;
    int64_t slept_ms;
    bool crashed;
    /* Bytes of malloc that are still held. The first call of a plugin may fill a cache; when every further one holds more,
     * the step leaks. Always 0 under a sanitizer, which finds leaks itself. */
    size_t leaked;

    struct wf_harness_priv *priv;
};

/* Opens the plugin. NULL when it cannot be opened; the words are on standard error. */
struct wf_harness *wf_harness_new(const struct wf_plugin *);
/* The plugin in a shared object; a path without a slash is of the working folder. */
struct wf_harness *wf_harness_load(const char *path);
/* Closes the plugin, whose shared object stays loaded, as in the engine. */
void wf_harness_free(struct wf_harness *);

void wf_harness_config(struct wf_harness *, const char *name, const char *value); /* NULL: not set */
void wf_harness_secret(struct wf_harness *, const char *name, const char *json);  /* NULL: there is none */
/* What remember keeps; it stays from call to call, as after a crash. */
void wf_harness_remember(struct wf_harness *, const char *name, const char *json); /* NULL: forgets it */
const char *wf_harness_recall(const struct wf_harness *, const char *name);        /* JSON, or NULL */
void wf_harness_forget(struct wf_harness *);                                       /* all */

/* One call of the step's run, plan, ... with an input in JSON; returns `answer`. */
uint32_t wf_harness_call(struct wf_harness *, const char *step, uint32_t mode, const char *input);

/* For who opens plugins himself: the table that is given to open, and a harness over a plugin that is open. */
extern const struct wf_host wf_harness_host;
struct wf_harness *wf_harness_over(const struct wf_plugin *, void *state);
const struct wf_plugin *wf_harness_plugin(const struct wf_harness *);
const struct wf_step_type *wf_harness_step(const struct wf_harness *, const char *name); /* NULL: there is none */

#ifdef __cplusplus
}
#endif
#endif
