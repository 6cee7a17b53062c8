/* harness.h: wfrun/harness.h for the tests of this tree: answers as trees of cJSON, and a stand-in that can be behind it.
 *
 * Requests go to a script of the test, or, when a sandbox runs, over libcurl; the sandbox is told when time moves.
 *
 *     struct harness *h = harness_new("plugins/purchase/.libs/purchase.so");
 *     harness_call(h, "purchase", WF_MODE_RUN, "{...}");
 *     CU_ASSERT_EQUAL(h->answer, HARNESS_SUCCEEDED);
 *     harness_free(h);
 */
#ifndef WF_TESTS_HARNESS_H
#define WF_TESTS_HARNESS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <sys/types.h>
#include <wfrun/harness.h>

enum harness_answer {
    HARNESS_NONE = WF_HARNESS_NONE,
    HARNESS_SUCCEEDED = WF_HARNESS_SUCCEEDED,
    HARNESS_FAILED = WF_HARNESS_FAILED,
    HARNESS_RETRY = WF_HARNESS_RETRY,
    HARNESS_VERDICT = WF_HARNESS_VERDICT,
    HARNESS_PLANNED = WF_HARNESS_PLANNED,
    HARNESS_TWICE /* a second answer: a bug of the plugin */
};

/* What a test's script answers; the harness copies nothing of it. */
struct harness_reply {
    int result; /* WF_HTTP_* */
    int status;
    const char *headers[8]; /* name, value, ..., NULL */
    const char *body;
};

struct harness;
/* Answers a request; false: the test did not expect it (the call then fails as REFUSED). */
typedef bool (*harness_script)(struct harness *, const struct wf_http_request *, struct harness_reply *ret_reply);

struct sandbox {
    pid_t pid;
    int stdin_fd;
    cJSON *hello; /* url, config, secrets, clock, now_ms */
    const char *url;
};

struct harness {
    /* set by the test */
    harness_script script; /* NULL: the sandbox */
    void *arg;
    struct sandbox *sandbox;
    const char *run_id, *key;
    uint32_t attempt;
    int64_t intent_ms, now_ms, patience_ms; /* patience: how long one call may take on the virtual clock */
    int drop_write;                         /* the answer of this write (from 1) is lost: the outcome is unknown */
    int crash_write;                        /* after this write the process is gone: nothing works any more */
    int crash_before_write;
    /* what came of the last call */
    enum harness_answer answer;
    cJSON *output; /* of succeed, verdict and planned; may be NULL */
    uint32_t verdict, action;
    int64_t cost_micros, until_ms; /* of planned */
    char currency[8];
    cJSON *facts;
    char type[64], title[128], detail[4096], why[512];
    int status;
    cJSON *data;
    int requests, writes, sleeps;
    int64_t slept_ms;
    bool crashed;
    /* private */
    struct wf_harness *over;
    struct wire *wire;
    void *curl;
    cJSON *remembered;
};

/* path: of the .so, relative to the build folder where tests run. Ends the program with words when it cannot be loaded.
 */
struct harness *harness_new(const char *path);
void harness_free(struct harness *);
void harness_config(struct harness *, const char *name, const char *value);
void harness_secret(struct harness *, const char *name, const char *json); /* NULL: none */
/* Takes address, settings and secret of a sandbox. */
void harness_attach(struct harness *, struct sandbox *);
/* One call, from a fresh `answer`. What was remembered stays until harness_forget. */
enum harness_answer harness_call(struct harness *, const char *step, uint32_t mode, const char *input);
enum harness_answer harness_call_tree(struct harness *, const char *step, uint32_t mode, cJSON *input); /* consumed */
void harness_forget(struct harness *);
const cJSON *harness_remembered(struct harness *, const char *name);

/* The stand-in; NULL when it was not built. Arguments end with NULL. */
struct sandbox *sandbox_start(const char *arg, ...);
void sandbox_stop(struct sandbox *);
cJSON *sandbox_get(struct sandbox *, const char *path);                    /* the caller's */
cJSON *sandbox_post(struct sandbox *, const char *path, const char *json); /* the caller's */
int sandbox_count(struct sandbox *, const char *counter);                  /* of the ledger */

#endif
