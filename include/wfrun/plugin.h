/* plugin.h: the whole contract between wfrun and a step plugin. ABI 1.1, C99, no library to link.
 *
 * A plugin is a shared object with one exported function, wf_plugin_entry, that returns a pointer to a static const
 * descriptor. The descriptor lists step types; a workflow calls one by its name (`call: greet`).
 *
 *     #include <wfrun/plugin.h>
 *     #include <string.h>
 *
 *     static const struct wf_host *host;
 *
 *     static int32_t greet_open(const struct wf_host *h, void **ret_state)
 *     {
 *         host = h;
 *         *ret_state = NULL;
 *         return 0;
 *     }
 *
 *     static void greet_run(struct wf_step *step, void *state)
 *     {
 *         struct wf_bytes with = host->input(step);          // {"name":"Ada"}: the task's evaluated `with`, as JSON
 *         (void)state;
 *         host->log(step, WF_LOG_INFO, "greeting %.*s", (int)with.len, with.ptr);
 *         host->succeed(step, with);                         // the task's raw output, as JSON
 *     }
 *
 *     static const struct wf_step_type greet = {
 *         .size = sizeof greet, .name = "greet", .summary = "Says hello",
 *         .effect = WF_EFFECT_NONE, .run = greet_run,
 *         .input_schema = WF_JSON({"type": "object", "required": ["name"]}),
 *     };
 *     static const struct wf_step_type *const steps[] = {&greet, NULL};
 *     static const struct wf_plugin plugin = {
 *         .size = sizeof plugin, .abi_major = WF_ABI_MAJOR, .abi_minor = WF_ABI_MINOR,
 *         .name = "greet", .version = "1.0.0", .summary = "Greets", .steps = steps, .open = greet_open,
 *     };
 *     const struct wf_plugin *wf_plugin_entry(uint32_t host_abi) { (void)host_abi; return &plugin; }
 *
 * Threads     A step with WF_STEP_BLOCKING runs on a worker thread and may wait there. Any other step runs on the loop
 *             thread, must return at once, and may answer later (from an http_start callback). Each host function below
 *             says who may call it. One plugin object serves all threads: guard what it shares, or set WF_STEP_SERIAL.
 * Ownership   In: bytes from the host live until the step ends. Out: the host has copied before its function returns.
 * Answers     Each call of run, plan, verify, undo or plan_undo is answered exactly once: succeed, fail or retry (verify:
 *             verdict; plan, plan_undo: planned). A second answer is refused and logged. An answer after a time-out or a cancel is dropped.
 *             A blocking step that returns without an answer has failed.
 * Limits      One value is at most WF_MAX_VALUE bytes of UTF-8 JSON, nested at most WF_MAX_DEPTH deep. Integers beyond
 *             2^53 lose digits.
 * Versions    Every struct that crosses begins with its size, and grows only at its end; the reader looks at no more
 *             than `size` bytes. Host and plugin must have the same ABI major number.
 * Forbidden   exit, abort on bad input, fork, setlocale, chdir, signal handlers, longjmp across the border.
 */
#ifndef WFRUN_PLUGIN_H
#define WFRUN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WF_ABI_MAJOR 1
#define WF_ABI_MINOR 1
#define WF_ABI       ((WF_ABI_MAJOR << 16) | WF_ABI_MINOR)

#define WF_MAX_VALUE ((size_t)16 << 20) /* bytes of JSON in one value */
#define WF_MAX_DEPTH 200                /* lists in each other in one value; objects: 125 */

/* UTF-8 JSON text, not NUL-terminated. */
struct wf_bytes {
    const char *ptr;
    size_t len;
};

/* ---- effects: what a step does to the world ---- */

#define WF_EFFECT_NONE         0u /* computes only */
#define WF_EFFECT_READ         1u /* looks, changes nothing: simply repeated after a crash; http refuses its writes */
#define WF_EFFECT_WRITE        2u /* changes something that can be changed again */
#define WF_EFFECT_SPEND        3u /* costs money */
#define WF_EFFECT_IRREVERSIBLE 4u /* cannot be taken back */

/* ---- a step type ---- */

#define WF_STEP_BLOCKING    1u /* run it on a worker thread; it may call http, sleep and remember */
#define WF_STEP_SERIAL      2u /* never two calls of this plugin at the same time */
#define WF_STEP_IDEMPOTENT  4u /* twice does the same as once: a WRITE step may be repeated after a crash */
#define WF_STEP_CANCELLABLE 8u /* looks at is_cancelled and stops soon */

struct wf_step; /* one call of a step; the host's */

struct wf_step_type {
    uint32_t size;
    uint32_t effect;           /* WF_EFFECT_* */
    uint32_t flags;            /* WF_STEP_* */
    uint32_t max_parallel;     /* calls of this step at the same time in one process; 0: the host's limit */
    int64_t timeout_ms;        /* deadline when the task sets none; 0: ten minutes */
    const char *name;          /* what a workflow writes after `call:`; lower case, digits, hyphens */
    const char *summary;       /* one line */
    const char *input_schema;  /* JSON Schema 2020-12 of `with`, as text; NULL: anything */
    const char *output_schema; /* of the output; NULL: anything */

    void (*run)(struct wf_step *, void *state);
    /* What run would do, from reads alone: the host's http refuses writes, and a plan that tried one does not count.
     * Answer with planned. May be NULL: then nothing that comes after this step can be planned. */
    void (*plan)(struct wf_step *, void *state);
    /* After a crash between intent and outcome: did it happen? Ask the world by idempotency_key and input, write
     * nothing, answer with verdict. NULL: the run parks until a person decides. */
    void (*verify)(struct wf_step *, void *state);
    /* The compensating act. Its input is {"input": ..., "output": ...} of the run to undo. It looks before it acts, so
     * that it may be repeated after a crash. May be NULL. */
    void (*undo)(struct wf_step *, void *state);
    const char *no_undo; /* when undo is NULL: why there is none, in a sentence; may be NULL for NONE and READ */
    /* Asked on the loop thread when a call shall stop; for steps that answer later. May be NULL. */
    void (*cancel)(struct wf_step *, void *state);
    /* When the effect depends on the input (an HTTP method): returns WF_EFFECT_* and may set *ret_flags to other
     * WF_STEP_IDEMPOTENT. Any thread; must not block. NULL: `effect` holds for every call. */
    uint32_t (*effect_of)(struct wf_bytes input, uint32_t *ret_flags);
    /* -- since ABI 1.1 -- */
    /* What undo would do and until when it can, from reads alone; its input is undo's. Answer with planned. May be NULL:
     * then undo is promised without a look. */
    void (*plan_undo)(struct wf_step *, void *state);
};

/* JSON as a C string, written as it is read: WF_JSON({"type": "object"}) is "{\"type\": \"object\"}". One space stands for any
 * blanks and line ends between the tokens; there must be none in the middle of a string. For schemas, and for a fixed answer. */
#define WF_JSON(...) #__VA_ARGS__

/* True when the step type is new enough to have the member and has it. */
#define WF_STEP_HAS(type, member)                                                                                      \
    ((type)->size >= offsetof(struct wf_step_type, member) + sizeof((type)->member) && (type)->member)

/* ---- a plugin ---- */

/* A setting, read from wfrun.yaml (`plugins: {GROUP: {NAME: value}}`) or the variable WFRUN_GROUP_NAME. */
struct wf_config_row {
    uint32_t size;
    const char *name;          /* kebab-case */
    const char *default_value; /* text; NULL: none */
    const char *help;          /* one sentence */
};

struct wf_host;

struct wf_plugin {
    uint32_t size;
    uint16_t abi_major, abi_minor;
    const char *name;    /* as its folder */
    const char *version; /* semver */
    const char *summary;
    const char *config_group;                  /* plugins that share settings name one group; NULL: name */
    const struct wf_config_row *const *config; /* NULL-terminated; may be NULL */
    const char *const *secrets;                /* names it may ask for, NULL-terminated; may be NULL */
    const struct wf_step_type *const *steps;   /* NULL-terminated */
    /* A program that stands in for the remote side under `wfrun --sandbox`, found in wfrun's libexec folder or PATH.
     * Several plugins may name the same one: it is started once. docs/plugin-guide.md says how it is called. */
    const char *standin;
    int32_t (*open)(const struct wf_host *, void **ret_state); /* once per process, loop thread; 0 or not to be used */
    void (*close)(void *state);                                /* after the last step ended; may be NULL */
};

/* Seen from outside also in a plugin that is built with -fvisibility=hidden. */
#if defined(__GNUC__)
#define WF_EXPORT __attribute__((visibility("default")))
#else
#define WF_EXPORT
#endif

/* The only symbol a plugin exports. host_abi is WF_ABI of the host; return NULL to refuse it. */
WF_EXPORT const struct wf_plugin *wf_plugin_entry(uint32_t host_abi);

/* ---- what a plugin says of itself before it is loaded ---- */

/* A note in the file (ELF, owner "wfrun", type WF_NOTE_PLUGIN), which wfrun reads before it lets any code of the file run: by
 * it a plugin of another ABI is refused, and its descriptor must say the same. Optional, at most once in a plugin.
 * name and version: as in struct wf_plugin. steps: each with its effect, in the order of the descriptor.
 *
 *     WF_PLUGIN_NOTE("greet", "1.0.0", "greet:none greet-all:read");
 *
 * Effects are none, read, write, spend and irreversible. Needs GCC's or Clang's attributes. */
#define WF_NOTE_PLUGIN 1u
struct wf_note {                          /* the note's descriptor; behind it "NAME\nVERSION\nSTEPS", ended by NUL */
    uint32_t abi;                         /* WF_ABI */
    uint32_t plugin_size, step_type_size; /* of the structs in the header that it was compiled with */
    uint32_t host_size;
};
#define WF_PLUGIN_NOTE(name, version, steps)                                                                           \
    static const struct {                                                                                              \
        uint32_t owner_len, len, type;                                                                                 \
        char owner[8];                                                                                                 \
        struct wf_note note;                                                                                           \
        char text[(sizeof(name "\n" version "\n" steps) + 3u) / 4u * 4u];                                              \
    } wf_plugin_note __attribute__((used, aligned(4), section(".note.wfrun"))) = {sizeof "wfrun",                      \
        (uint32_t)(sizeof(struct wf_note) + (sizeof(name "\n" version "\n" steps) + 3u) / 4u * 4u), WF_NOTE_PLUGIN,    \
        "wfrun",                                                                                                       \
        {WF_ABI, (uint32_t)sizeof(struct wf_plugin), (uint32_t)sizeof(struct wf_step_type),                            \
            (uint32_t)sizeof(struct wf_host)},                                                                         \
        name "\n" version "\n" steps}

/* ---- failures: the DSL's error object ---- */

struct wf_failure {
    uint32_t size;
    int32_t status;     /* as HTTP's; 0: the type's own */
    const char *type;   /* a URI, or a standard name such as "communication"; NULL: "runtime" */
    const char *title;  /* short, the same for every instance of the problem */
    const char *detail; /* this instance, in words a person can act on; NULL: none */
    const char *data;   /* JSON object with more members for the error (code, ...); NULL: none */
};

/* ---- HTTP: the host's one client ---- */

struct wf_http_header {
    const char *name, *value;
};

#define WF_HTTP_FOLLOW 1u /* follow redirects */
#define WF_HTTP_SAFE   2u /* changes nothing although it is no GET (a token request) */
#define WF_HTTP_BASIC  4u /* authenticate with user and password */
#define WF_HTTP_DIGEST 8u

struct wf_http_request {
    uint32_t size;
    uint32_t flags;
    const char *method; /* "GET" */
    const char *url;    /* absolute, http or https */
    const struct wf_http_header *headers;
    size_t nheaders;
    struct wf_bytes body; /* any bytes; ptr NULL: none */
    int64_t timeout_ms;   /* for the whole exchange; 0: 60 s; never beyond the step's deadline */
    const char *user, *password;
};

#define WF_HTTP_ANSWERED  0 /* status, headers and the whole body are here */
#define WF_HTTP_NOT_SENT  1 /* no connection: the remote side never saw it */
#define WF_HTTP_UNKNOWN   2 /* sent, but no whole answer came: it may have happened */
#define WF_HTTP_CANCELLED 3 /* the step was cancelled or its deadline passed; as UNKNOWN for a write */
#define WF_HTTP_REFUSED   4 /* not sent by the host: a bad URL, or a write where the step may only look */

struct wf_http_response {
    uint32_t size;
    int32_t result;                       /* WF_HTTP_* */
    int32_t status;                       /* 0 unless ANSWERED */
    const struct wf_http_header *headers; /* in order, names as sent */
    size_t nheaders;
    struct wf_bytes body;
    const char *url;   /* the last one, after redirects */
    const char *error; /* words when not ANSWERED, else NULL */
};

typedef void (*wf_http_done)(struct wf_step *, const struct wf_http_response *, void *arg); /* loop thread */

/* ---- plan and verify ---- */

#define WF_ACTION_NOTHING 0u
#define WF_ACTION_CREATE  1u
#define WF_ACTION_CHANGE  2u
#define WF_ACTION_REMOVE  3u
#define WF_ACTION_CANNOT  4u

struct wf_planned {
    uint32_t size;
    uint32_t action;        /* WF_ACTION_* */
    const char *words;      /* what and to whom, or why not */
    int64_t cost_micros;    /* in millionths of currency; negative: unknown */
    const char *currency;   /* ISO 4217; NULL with an unknown cost */
    struct wf_bytes output; /* predicted output, so that later steps can be planned */
    /* JSON object: what it was computed from, and what it is about. When a plan is applied, the step is planned once more
     * and its item is found by these facts; other facts mean that the world has changed: then it is not run. So put in
     * the ids of what is touched and what must not change, and nothing that an earlier step of the same plan changes. */
    struct wf_bytes facts;
    /* -- since ABI 1.1 -- */
    int64_t until_ms; /* plan_undo: the last moment at which undo can, ms since 1970; 0: there is no end to it */
};

#define WF_VERDICT_UNKNOWN 0u
#define WF_VERDICT_YES     1u /* it happened; output is what run would have answered */
#define WF_VERDICT_NO      2u /* it did not */

/* ---- the host's table ---- */

#define WF_LOG_ERROR      0u
#define WF_LOG_WARN       1u
#define WF_LOG_INFO       2u
#define WF_LOG_DEBUG      3u

#define WF_MODE_RUN       0u
#define WF_MODE_PLAN      1u
#define WF_MODE_VERIFY    2u
#define WF_MODE_UNDO      3u
#define WF_MODE_PLAN_UNDO 4u /* since ABI 1.1 */

/* True when the host is new enough to have the function. */
#define WF_HOST_HAS(host, fn) ((host)->size >= offsetof(struct wf_host, fn) + sizeof((host)->fn) && (host)->fn)

struct wf_host {
    uint32_t size;
    uint32_t abi; /* WF_ABI of the host */

    /* -- any thread, while the step is open -- */
    struct wf_bytes (*input)(struct wf_step *);                /* `with`, evaluated and checked against input_schema */
    const char *(*config)(struct wf_step *, const char *name); /* NULL: not set and no default */
    int32_t (*secret)(struct wf_step *, const char *name, struct wf_bytes *ret_json); /* -1: there is none */
    const char *(*run_id)(struct wf_step *);
    const char *(*task)(struct wf_step *);            /* reference of the task, a JSON Pointer */
    const char *(*idempotency_key)(struct wf_step *); /* a UUID, the same on every attempt of this operation */
    uint32_t (*attempt)(struct wf_step *);            /* from 1; counts retry answers and repeats after a crash */
    uint32_t (*mode)(struct wf_step *);               /* WF_MODE_* */
    int64_t (*now_ms)(struct wf_step *);              /* ms since 1970; the sandbox's clock under --sandbox */
    int64_t (*deadline_ms)(struct wf_step *);         /* same clock */
    int64_t (*intent_ms)(struct wf_step *);           /* when the first attempt was journalled */
    int32_t (*is_cancelled)(struct wf_step *);        /* not 0: stop soon; an answer no longer counts */
    void *(*alloc)(struct wf_step *, size_t);         /* zeroed, freed when the step ends; NULL: too much */
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    void (*log)(struct wf_step *, uint32_t level, const char *format, ...); /* step may be NULL; secrets are masked */
    void (*progress)(struct wf_step *, int64_t done, int64_t total, const char *words); /* total 0: unknown */

    /* -- answers: any thread, exactly one -- */
    void (*succeed)(struct wf_step *, struct wf_bytes output);
    void (*fail)(struct wf_step *, const struct wf_failure *);
    /* Again after at least after_ms with the same key. Only when it is certain that nothing happened. When the deadline
     * comes first, the failure counts. */
    void (*retry)(struct wf_step *, int64_t after_ms, const struct wf_failure *);
    void (*verdict)(struct wf_step *, uint32_t verdict, struct wf_bytes output, const char *why);
    void (*planned)(struct wf_step *, const struct wf_planned *);

    /* -- HTTP. The response lives until the step ends, or until http_release. -- */
    /* Worker thread only. Parks it until the exchange ends. Never NULL. */
    const struct wf_http_response *(*http)(struct wf_step *, const struct wf_http_request *);
    /* Any thread. The request is copied. done is called once, on the loop thread, unless the step ended before. */
    void (*http_start)(struct wf_step *, const struct wf_http_request *, wf_http_done done, void *arg);
    void (*http_release)(struct wf_step *, const struct wf_http_response *);

    /* -- worker thread only -- */
    /* Waits on the host's clock. 0: slept; -1: cancelled or deadline, return soon. */
    int32_t (*sleep)(struct wf_step *, int64_t ms);
    /* Stores a JSON value under a name with this operation, durable on return: what a later attempt or verify must know
     * (a cart's id before its checkout). 0, or -1 when the journal is lost: then start no further effect. */
    int32_t (*remember)(struct wf_step *, const char *name, struct wf_bytes json);
    /* Any thread. The remembered value, also of earlier attempts; -1: none. */
    int32_t (*recall)(struct wf_step *, const char *name, struct wf_bytes *ret_json);
};

#ifdef __cplusplus
}
#endif
#endif
