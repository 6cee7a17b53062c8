/* host.h: loads plugins, checks them, and runs calls of their steps. Between run/ and the plugins.
 *
 * A plugin is refused with a sentence when its file or a folder above it can be written by others, when it has another
 * ABI, no entry, an incomplete descriptor, a step name that is taken, or when its open fails or crashes
 * (docs/decisions/005). Plugins stay loaded until the process ends. Loop thread, unless stated. */
#ifndef WF_HOST_HOST_H
#define WF_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "loop/http.h"
#include "loop/loop.h"
#include "loop/pool.h"
#include "value/schema.h"
#include "value/val.h"
#include "wfrun/plugin.h"

struct wf_hosting; /* one per process */

/* Where a plugin runs: here, or in processes of its own, where it can harm nobody else. AUTO: here when its file is in
 * own_dir, else apart. The setting `isolation` of the plugin (named as its file) beats that of the hosting. */
enum wf_isolation { WF_ISOLATION_IN_PROCESS, WF_ISOLATION_PROCESS, WF_ISOLATION_AUTO };
const char *wf_isolation_name(bool is_apart);                     /* process, in-process */
int wf_isolation_parse(const char *word, enum wf_isolation *ret); /* in-process, process, auto; or WF_EINVAL */

struct wf_hosting_settings {
    const char *const *plugin_dirs; /* NULL-terminated, first match of a name wins */
    /* A setting of a plugin's group: NULL when it is not set. The text lives as long as the hosting. */
    const char *(*config)(void *arg, const char *group, const char *name);
    /* A secret as JSON text, or NULL. Lives as long as the hosting. */
    const char *(*secret)(void *arg, const char *name);
    /* Asked before a plugin's file is opened. 0; or a sentence that says why it may not be loaded. NULL: each may. */
    int (*admit)(void *arg, const char *file, struct wf_err *);
    void *arg;
    enum wf_isolation isolation;
    const char *own_dir;      /* of the plugins that were installed with wfrun; may be NULL */
    const char *host_program; /* wfrun-host; lives as long as the hosting */
    struct wf_loop *loop;
    struct wf_pool *pool;
    struct wf_http *http;
    /* What plugins get from open; NULL: this host's own table. With another one their steps are called by whom it
     * belongs to (wfrun/harness.h) and never by wf_call_start; then loop, pool and http may be NULL. */
    const struct wf_host *table;
};

extern const char *const wf_effect_names[]; /* by WF_EFFECT_* */

/* One loaded step type. */
struct wf_step_entry {
    const struct wf_step_type *type;
    const struct wf_plugin *plugin;
    const char *file;                               /* of the shared object */
    bool is_apart;                                  /* runs in processes of its own */
    struct wf_schema *input_schema, *output_schema; /* may be NULL */
    void *state;                                    /* the plugin's, of open */
    /* the rest is private to host */
    uint32_t running;
};

/* By which it is known before it is loaded: NAME of DIR/NAME.so and DIR/NAME/function.yaml. The caller frees. */
char *wf_plugin_name_of(const char *file);
/* The files with its code: itself and, of a manifest, the library that it names by its path; else NULL. The caller frees. */
void wf_plugin_files(const char *file, char *ret[2]);
/* Of the file; of two, of their two digests. "" when it cannot be read. */
void wf_plugin_digest(const char *file, char ret_text[WF_SHA256_TEXT]);
/* Did it come with wfrun (own_dir)? */
bool wf_plugin_is_own(const struct wf_hosting *, const char *file);

int wf_hosting_new(const struct wf_hosting_settings *, struct wf_hosting **ret, struct wf_err *);
void wf_hosting_free(struct wf_hosting *);
/* Look through all plugin folders and load what is there. Refusals are reported one by one and are not an error. */
void wf_hosting_load_all(
    struct wf_hosting *, void (*refused)(void *arg, const char *file, const struct wf_err *), void *arg);
/* The plugin of this name (wf_plugin_name_of). 0: it is loaded; WF_ENOTFOUND: there is none; else why it was refused. */
int wf_hosting_load(struct wf_hosting *, const char *name, struct wf_err *);
/* A step by its name; loads plugins on demand when its folder has NAME.so (the fast path), else all. NULL: none. */
const struct wf_step_entry *wf_hosting_find(struct wf_hosting *, const char *step, const char *version);
size_t wf_hosting_count(const struct wf_hosting *);
const struct wf_step_entry *wf_hosting_at(const struct wf_hosting *, size_t);
/* Why a plugin file was refused that would have had this step; NULL: none was. */
const struct wf_err *wf_hosting_refusal(const struct wf_hosting *, const char *step);

/* ---- calls ---- */

enum wf_answer_kind { WF_ANSWER_SUCCEED, WF_ANSWER_FAIL, WF_ANSWER_RETRY, WF_ANSWER_VERDICT, WF_ANSWER_PLANNED };

struct wf_answer { /* lives during the callback */
    enum wf_answer_kind kind;
    struct wf_bytes output;           /* SUCCEED, VERDICT yes, PLANNED; checked to be JSON within the limits */
    const struct wf_failure *failure; /* FAIL, RETRY */
    bool unsure;      /* FAIL: the step did not answer, or wrongly; what it did to the world is not known */
    int64_t after_ms; /* RETRY */
    uint32_t verdict; /* VERDICT */
    jv value;         /* SUCCEED, VERDICT yes: the output, parsed; who keeps it copies it */
    const char *why;  /* VERDICT; may be NULL */
    const struct wf_planned *planned;
};

struct wf_memo { /* a remembered value */
    const char *name;
    struct wf_bytes json;
};

struct wf_call_request { /* copied */
    const struct wf_step_entry *entry;
    uint32_t mode; /* WF_MODE_* */
    struct wf_bytes input;
    const char *run_id, *task, *key;
    uint32_t attempt;
    int64_t deadline_ms, intent_ms; /* loop clock */
    const struct wf_memo *memos;
    size_t nmemos;
    /* All on the loop thread. */
    void (*done)(void *arg, const struct wf_answer *); /* once, unless cancelled; never from inside wf_call_start */
    void (*progress)(void *arg, int64_t done, int64_t total, const char *words); /* may be NULL */
    /* Store durably, then call stored(token, 0 or WF_E*). */
    void (*remember)(
        void *arg, const char *name, struct wf_bytes json, void (*stored)(void *token, int rc), void *token);
    void *arg;
};

struct wf_call;
/* Queues the call when the step, its plugin or the pool is at its limit of parallel calls. */
struct wf_call *wf_call_start(struct wf_hosting *, const struct wf_call_request *);
/* No callback comes any more; a late answer is dropped. The plugin is told (is_cancelled, cancel). */
void wf_call_cancel(struct wf_call *);
/* Whose code this thread is in, for who has to say that it ended there; a signal handler may ask. plugin NULL: nobody's. */
struct wf_call_here {
    const char *plugin, *step, *what; /* live until the process ends */
};
const struct wf_call_here *wf_call_here(void);
/* The effect class of this very call (effect_of, else the type's) and whether it may be repeated blindly. */
uint32_t wf_step_effect(const struct wf_step_entry *, struct wf_bytes input, bool *ret_idempotent);

#endif
