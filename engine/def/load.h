/* load.h: what the files of the loader share while a definition is being read. Private to def. Loop thread. */
#ifndef WF_DEF_LOAD_H
#define WF_DEF_LOAD_H

#include "def/def.h"
#include "def/path.h"
#include "def/shape.h"

/* The named parts of `use` that tasks refer to. */
enum wf__use {
    WF__USE_AUTHENTICATIONS,
    WF__USE_CATALOGS,
    WF__USE_ERRORS,
    WF__USE_FUNCTIONS,
    WF__USE_RETRIES,
    WF__USE_TIMEOUTS,
    WF__USE_KINDS
};

struct wf__section {
    const struct wf_node *map; /* NULL: not given */
    const char **names;        /* NULL-terminated, for hints; never NULL */
    bool *referenced;
};

struct wf__load {
    struct wf_def *def;
    const struct wf_step_catalog *catalog;
    struct wf_diags *diags;
    struct wf__section use[WF__USE_KINDS];
    struct wf_function *functions; /* as many as the section has, in its order */
    struct wf_task *task;          /* the one being read: whose expressions these are; may be NULL */
    size_t ntasks, nvalues;        /* so far, against the limits */
};

/* The variables bound at the places of one task list (semantics: the table of expressions). All NULL-terminated. */
struct wf__scope {
    const char *const *outer; /* $workflow $runtime $secrets, and variables of enclosing loops and catches */
    const char *const *entry; /* `if`, `input.from` */
    const char *const *body;  /* the task itself, `output.as` */
    const char *const *done;  /* `export.as` */
    const char *const *error; /* `catch.when`, `retry.when` */
};

/* The list a task stands in, for its `then`. Branches and functions have no neighbours to go to. */
struct wf__siblings {
    const struct wf_node *list; /* NULL: none */
};

#define wf__error(ld, code, loc, hint, ...) wf_diags_add((ld)->diags, WF_SEV_ERROR, code, loc, hint, __VA_ARGS__)
#define wf__warn(ld, code, loc, hint, ...)  wf_diags_add((ld)->diags, WF_SEV_WARNING, code, loc, hint, __VA_ARGS__)

/* def_load.c: memory, expressions and templates of the definition. alloc never fails: the limits come first. */
void *wf__alloc(struct wf__load *, size_t size);
/* NULL when map has no such text. */
struct wf_expr *wf__expr(struct wf__load *, const struct wf_node *map, const char *key, const char *const *vars);
/* NULL when node is NULL or beyond the limits. */
const struct wf_tmpl *wf__tmpl(
    struct wf__load *, const struct wf_node *node, enum wf_tmpl_mode, const char *const *vars);

/* def_scope.c */
const struct wf__scope *wf__scope_new(struct wf__load *, const char *const *outer); /* outer NULL: the first three */
const struct wf__scope *wf__scope_nest(struct wf__load *, const struct wf__scope *, const char *a, const char *b);
/* The name of a variable, as `each`, `at` or `as` give it: otherwise when absent or not usable. */
const char *wf__scope_name(struct wf__load *, const struct wf_node *map, const char *key, const char *otherwise);

/* def_task.c */
struct wf_task_list wf__task_list(
    struct wf__load *, const struct wf_node *list, const char *ref, const struct wf__scope *, bool is_sequence);
const struct wf_task *wf__task(struct wf__load *, const struct wf_node *key, const struct wf_node *, const char *ref,
    const struct wf__scope *, const struct wf__siblings *);

/* One loader per task type, in def_kinds.c, def_call.c, def_run.c and def_try.c. The task's common part is filled. */
typedef void wf__kind_load(struct wf__load *, struct wf_task *, const struct wf__scope *, const struct wf__siblings *);
wf__kind_load wf__load_call, wf__load_do, wf__load_for, wf__load_fork, wf__load_raise, wf__load_run, wf__load_set,
    wf__load_switch, wf__load_try, wf__load_wait;

/* def_with.c */
void wf__check_with(struct wf__load *, const struct wf_task *, const struct wf_node *with);

/* def_flow.c */
struct wf_flow wf__flow(struct wf__load *, const struct wf__siblings *, const struct wf_node *map, const char *key);
void wf__flow_reach(struct wf__load *, const struct wf_task_list *, const struct wf_node *list);

/* def_time.c */
void wf__duration(
    struct wf__load *, const struct wf_node *, const char *what, const char *const *vars, struct wf_duration_def *ret);
/* map.timeout: inline, a name, or NULL. */
const struct wf_duration_def *wf__timeout(struct wf__load *, const struct wf_node *map, const char *const *vars);

/* def_use.c */
void wf__use_begin(struct wf__load *, const struct wf_node *use);
void wf__use_end(struct wf__load *, const struct wf__scope *);
/* The definition a name stands for; NULL with a finding at name. */
const struct wf_node *wf__use_find(struct wf__load *, enum wf__use, const struct wf_node *name);
bool wf__secret_is_declared(const struct wf__load *, const char *name, size_t len);
void wf__secret_unknown(struct wf__load *, struct wf_loc, const char *name, size_t len);

/* def_auth.c: a `with` whose authentications by name are replaced by what they stand for. */
void wf__auth_check(struct wf__load *, const struct wf_node *, struct wf_loc owner);
const struct wf_node *wf__auth_resolve(struct wf__load *, const struct wf_node *with);

/* def_try.c */
const struct wf_retry_def *wf__retry(
    struct wf__load *, const struct wf_node *, struct wf_loc owner, const char *const *vars);
/* def_kinds.c */
void wf__error_def(
    struct wf__load *, const struct wf_node *, struct wf_loc owner, const char *const *vars, struct wf_error_def *ret);

/* def_schema.c: map.schema, or NULL. */
struct wf_schema *wf__schema(struct wf__load *, const struct wf_node *map);
/* def_schema.c: input, output or export: its schema, and its `from` or `as`. Either may be left out. */
void wf__data_stage(struct wf__load *, const struct wf_node *owner, const char *stage, const char *const *vars,
    struct wf_schema **ret_schema, const struct wf_tmpl **ret_tmpl);

void wf__schemas_free(struct wf__schemas *);

/* def_brake.c: metadata.wfrun of a `for` */
void wf__brake(struct wf__load *, const struct wf_node *settings, struct wf_hints *, const struct wf__scope *task,
    const struct wf__scope *iteration);
/* def_hints.c: metadata.wfrun */
bool wf__mode_is_undo(const struct wf_node *task); /* a `call` that asks for the step's undo */
void wf__hints(struct wf__load *, struct wf_task *, const struct wf__scope *);
void wf__settings(struct wf__load *, const struct wf_node *document);
/* def_terms.c: budget and approval among them */
void wf__budget(struct wf__load *, const struct wf_node *settings);
void wf__approval(struct wf__load *, const struct wf_node *settings);

#endif
