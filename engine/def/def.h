/* def.h: a workflow definition as written: a read-only tree, checked as far as it can be without running it.
 *
 * wf_def_load reads YAML, checks shape and references, prepares expressions, templates and schemas, and leaves nothing
 * for run time to parse. Everything is in the definition's arena and lives until wf_def_unref. Loop thread only.
 * Source: Open Workflow Specification DSL 1.0.3 (reference of tasks, data flow, flow directives). */
#ifndef WF_DEF_DEF_H
#define WF_DEF_DEF_H

#include "base/clock.h"
#include "base/id.h"
#include "def/share.h"
#include "def/template.h"
#include "value/schema.h"

enum wf_task_kind {
    WF_TASK_CALL,
    WF_TASK_DO,
    WF_TASK_FOR,
    WF_TASK_FORK,
    WF_TASK_RAISE,
    WF_TASK_RUN,
    WF_TASK_SET,
    WF_TASK_SWITCH,
    WF_TASK_TRY,
    WF_TASK_WAIT,
    WF_TASK_KINDS
};
const char *wf_task_kind_name(enum wf_task_kind); /* the DSL's keyword */

/* A duration: fixed, or an expression whose text is parsed at run time. */
struct wf_duration_def {
    struct wf_duration fixed;
    const struct wf_tmpl *dynamic; /* NULL: fixed counts */
};

/* A flow directive (`then`). */
enum wf_flow_kind { WF_FLOW_CONTINUE, WF_FLOW_TASK, WF_FLOW_EXIT, WF_FLOW_END };
struct wf_flow {
    enum wf_flow_kind kind;
    size_t target; /* WF_FLOW_TASK: position in the list */
};

struct wf_task;
struct wf_task_list {
    const struct wf_task *const *tasks;
    size_t count;
    const char *ref; /* JSON Pointer of the list, such as "/do" or "/do/0/loop/do" */
};

/* An error as `raise` or `use.errors` writes it; members may hold expressions. */
struct wf_error_def {
    const struct wf_tmpl *type, *status, *title, *detail, *instance; /* title, detail, instance may be NULL */
};

/* `catch.errors.with`: given fields must be equal. The type is kept as its last path segment when it is a standard one.
 */
struct wf_error_filter {
    const char *type, *instance, *title, *detail; /* NULL: any */
    int status;                                   /* 0: any */
};

enum wf_backoff { WF_BACKOFF_CONSTANT, WF_BACKOFF_LINEAR, WF_BACKOFF_EXPONENTIAL };
struct wf_retry_def {
    struct wf_expr *when, *except_when; /* may be NULL */
    struct wf_duration_def delay;
    enum wf_backoff backoff;
    bool has_jitter, has_count, has_duration, has_attempt_duration;
    struct wf_duration_def jitter_from, jitter_to;
    int64_t count; /* of re-tries */
    struct wf_duration_def duration, attempt_duration;
};

struct wf_switch_case {
    const char *name;
    struct wf_expr *when; /* NULL: the default case */
    struct wf_flow then;
};

enum wf_gate { WF_GATE_NONE, WF_GATE_CHECK, WF_GATE_PAUSE, WF_GATE_APPROVAL };

/* What metadata.wfrun of a task says; all of `for`. */
struct wf_hints {
    int64_t concurrency;         /* 0: not given, run in sequence */
    const struct wf_tmpl *label; /* progress: what to call one iteration; may be NULL */
    bool undo;                   /* of `call`: the step's undo for the operation that `with` names by run and path */
    const struct wf_tmpl *waves; /* gives a list of shares (share.h); may be NULL */
    enum wf_gate gate;           /* between two waves */
    const struct wf_tmpl *gate_check;
    const struct wf_tmpl *budget;       /* gives a share: how many items may fail; may be NULL */
    bool go_on;                         /* however many fail */
    const struct wf_tmpl *failed;       /* on an output: has the item failed, and why; may be NULL */
    const struct wf_tmpl *lock;         /* of an iteration: what it has for itself; may be NULL */
    const struct wf_tmpl *rate_key;     /* of an iteration: whose tokens it takes; may be NULL, as the next two */
    const struct wf_tmpl *rate, *burst; /* rate.h */
};

struct wf_function;
struct wf_step_info;

struct wf_task {
    enum wf_task_kind kind;
    const char *name, *ref; /* ref: "/do/0/setRed" */
    struct wf_loc loc;
    const struct wf_node *node; /* as written, for $task.definition */
    struct wf_expr *if_;
    struct wf_schema *input_schema, *output_schema, *export_schema; /* each may be NULL */
    const struct wf_tmpl *input_from, *output_as, *export_as;       /* each may be NULL */
    const struct wf_duration_def *timeout;                          /* may be NULL */
    struct wf_flow then;
    struct wf_hints hints;
    bool uses_task; /* some expression of this task looks at $task: its start time is then a fact of the journal */
    union {
        struct {
            const char *name;                   /* as written */
            const struct wf_step_info *step;    /* a plugin's step, or NULL */
            const struct wf_function *function; /* of use.functions, or NULL; exactly one of the two */
            const struct wf_tmpl *with;         /* may be NULL */
        } call;
        struct wf_task_list do_;
        struct {
            const char *each, *at;    /* variable names */
            const struct wf_tmpl *in; /* gives the array */
            struct wf_expr *while_;   /* may be NULL */
            struct wf_task_list body;
        } for_;
        struct {
            struct wf_task_list branches;
            bool compete;
        } fork;
        struct wf_error_def raise;
        struct {                                     /* run: workflow */
            const char *namespace_, *name, *version; /* version NULL: latest */
            const struct wf_tmpl *input;             /* may be NULL */
        } run;
        const struct wf_tmpl *set;
        struct {
            const struct wf_switch_case *cases;
            size_t count;
        } switch_;
        struct {
            struct wf_task_list body;
            struct wf_error_filter filter;
            const char *as;
            struct wf_expr *when, *except_when; /* may be NULL */
            const struct wf_retry_def *retry;   /* may be NULL */
            struct wf_task_list handler;        /* count 0: no `do` */
            bool has_handler, has_then;
            struct wf_flow then; /* catch.then, counts when has_then */
        } try_;
        struct wf_duration_def wait;
    };
};

/* A function of use.functions: a task of its own, run with `with` as its input and none of the caller's variables. */
struct wf_function {
    const char *name;
    const struct wf_task *task;
};

/* What metadata.wfrun of the document says: how `wfrun` shows the result. All may be NULL. No variables are bound. */
struct wf_report_column {
    const char *title;
    const struct wf_tmpl *value; /* evaluated with one row as `.`; of attention, with the output */
};
struct wf_report_def {
    const char *title;
    const struct wf_tmpl *rows; /* on the workflow's output: an array */
    const struct wf_report_column *columns;
    size_t ncolumns;
    const struct wf_report_column *attention; /* on the workflow's output: lists of texts that a person must see */
    size_t nattention;
};

/* metadata.wfrun.budget of the document: what may be spent; what costs an unknown sum is over it. */
struct wf_budget_def {
    const char *currency; /* ISO 4217; NULL: no budget */
    double run, item; /* in whole units; item: one iteration of the outermost loop with a label; negative: no limit */
};

/* metadata.wfrun.approval of the document: who must say yes before effects. */
#define WF_QUORUM_MAX          20
#define WF_APPROVAL_TIMEOUT_MS INT64_C(86400000) /* unless it says another */
struct wf_approval_def {
    const char *before; /* "write", "spend" or "irreversible": from that class on; NULL: no approval is needed */
    const char *per;    /* "run" or "item" */
    int64_t quorum;     /* so many different people */
    bool four_eyes;     /* not the one who began the run */
    struct wf_duration_def timeout; /* fixed. A time-out is a denial. */
};

/* One step that some task calls, from a list of all. */
struct wf_step_use {
    const struct wf_step_info *step;
    struct wf_step_use *next;
};

struct wf_def {
    unsigned refs;               /* private */
    struct wf__schemas *schemas; /* private: all schemas, to be freed */
    struct wf_arena *arena;
    struct wf_exprs *exprs;
    const char *file;
    const char *source; /* the bytes that were read; sha256 is over them */
    size_t source_len;
    uint8_t sha256[WF_SHA256_SIZE];
    const struct wf_node *root; /* for $workflow.definition */
    const char *dsl, *namespace_, *name, *version, *title, *summary;
    struct wf_schema *input_schema, *output_schema;
    const struct wf_tmpl *input_from, *output_as;
    const struct wf_duration_def *timeout;
    const char *const *secrets; /* names of use.secrets, NULL-terminated */
    struct wf_step_use *steps;  /* each once */
    struct wf_task_list body;
    struct wf_report_def report;
    bool rolls_back; /* metadata.wfrun.onCancel: rollback */
    struct wf_budget_def budget;
    struct wf_approval_def approval;
};

/* What the loader must know of the world: which steps there are. Implemented over host/ by the caller. */
struct wf_step_info {
    const char *name, *version;           /* of the step; the plugin's version */
    const struct wf_schema *input_schema; /* may be NULL */
    const void *entry;                    /* the host's */
};
struct wf_step_catalog {
    /* NULL: no such step. version NULL: any. */
    const struct wf_step_info *(*find)(void *ctx, const char *name, const char *version);
    const char *const *(*names)(void *ctx); /* NULL-terminated, for hints */
    /* Findings about unknown steps (WF0501) get a better hint, when there is one. NULL: there never is. */
    void (*explain)(void *ctx, struct wf_diags *);
    void *ctx;
};

/* Load from text. 0 with *ret (warnings may be in diags), or WF_EINVAL with errors in diags. Every
 * expression that is not native is compiled. */
int wf_def_load(const char *file, const char *text, size_t len, const struct wf_step_catalog *, struct wf_diags *,
    struct wf_def **ret);
/* Each task of a list and of the lists in it, in the order in which they are written; as deep as the loader lets them be. */
void wf_task_each(const struct wf_task_list *, void (*each)(void *arg, const struct wf_task *), void *arg);
struct wf_def *wf_def_ref(struct wf_def *);
void wf_def_unref(struct wf_def *);

/* The standard errors: their last path segment ("timeout") to the URI that we emit and the usual status. Unknown: NULL.
 */
const char *wf_error_type_uri(const char *name);
int wf_error_type_status(const char *name);
/* "timeout" for any of the known spellings of the standard type's URI, else NULL. */
const char *wf_error_type_name(const char *uri);

#endif
