/* manifest_priv.h: a manifest in memory, as its reader makes it and the caller of its functions reads it. */
#ifndef WF_FFI_MANIFEST_PRIV_H
#define WF_FFI_MANIFEST_PRIV_H

#include <cjson/cJSON.h>
#include <ffi.h>

#include "def/shape.h"
#include "ffi/ctype.h"
#include "ffi/manifest.h"

#define WF__NOWHERE (-1)

enum wf__way { WF__IN = 1, WF__OUT = 2, WF__INOUT = 3 }; /* bits */

enum wf__source {
    WF__FROM_NOTHING, /* an out parameter */
    WF__FROM_WITH,    /* a member of `with` */
    WF__FROM_VALUE,   /* a constant */
    WF__FROM_LENGTH,  /* how many elements another parameter was given */
    WF__FROM_SIZE,    /* how many elements another parameter has room for */
};

/* What a parameter or the return value is in JSON. */
enum wf__form {
    WF__AS_SCALAR,   /* a number or boolean, by value */
    WF__AS_STRUCT,   /* an object, by value */
    WF__AS_NULL,     /* a pointer that is always NULL */
    WF__AS_TEXT,     /* bytes up to NUL: a string */
    WF__AS_BASE64,   /* bytes: a string */
    WF__AS_HEX,      /* bytes: a string */
    WF__AS_NUMBER,   /* a pointer to one number or boolean */
    WF__AS_OBJECT,   /* a pointer to one struct */
    WF__AS_LIST,     /* a pointer to numbers, booleans or structs */
    WF__AS_TEXTS,    /* char *[], ended by NULL: a list of strings; in only */
    WF__AS_TEXT_REF, /* char **: the function sets it to a text; out only */
};

/* How many elements there is memory for: plus + times x the length of `of` + the member `with`. */
struct wf__room {
    bool is_set;
    int64_t plus;
    double times;
    int of; /* index of a parameter, or WF__NOWHERE */
    const char *with;
};

struct wf__param {
    const char *name, *summary;
    const struct wf__ctype *type;
    enum wf__way way;
    enum wf__source source;
    enum wf__form form;
    const char *member; /* FROM_WITH */
    const cJSON *value; /* FROM_VALUE; FROM_WITH: the default, or NULL */
    int other;          /* FROM_LENGTH, FROM_SIZE: index of the parameter */
    struct wf__room room;
    int used;            /* which parameter says how many elements were written; WF__NOWHERE: all of them */
    const char *release; /* name of the function that frees a returned pointer; NULL: none */
    void (*free)(void *);
    struct wf_loc loc;          /* for findings */
    const struct wf_node *node; /* its map in the manifest, or NULL */
};

#define WF__ERRNO (-2) /* an index beside those of parameters */

struct wf__output {
    const char *member; /* NULL: it alone is the output */
    int from;           /* index of a parameter or of the return value, or WF__ERRNO */
};

enum wf__compare { WF__EQ, WF__NE, WF__LT, WF__LE, WF__GT, WF__GE };

struct wf__words { /* what a value means */
    int64_t value;
    const char *text;
};

struct wf__fails {
    bool is_set;
    int what; /* index, or WF__ERRNO */
    enum wf__compare compare;
    double number; /* NULL is 0 */
    const char *type, *title;
    int32_t status;
    struct wf__words *words;
    size_t nwords;
};

struct wf__function {
    struct wf_step_type type;
    struct wf_manifest *manifest;
    struct wf__cfunction c; /* params: varargs included; nfixed of them are declared */
    size_t nfixed, nparams;
    struct wf__param params[WF__C_MOST_PARAMS + 1]; /* [nparams]: the return value */
    struct wf__output *outputs;
    size_t noutputs;
    struct wf__fails fails;
    bool has_errno;
    struct wf_loc loc;
    /* ffi_link.c */
    void (*address)(void);
    ffi_cif cif;
    ffi_type *ffi_params[WF__C_MOST_PARAMS];
    ffi_closure *closure;
};

struct wf_manifest {
    struct wf_arena *arena;
    struct wf_diags diags; /* while it is read */
    struct wf__cnames names;
    const char *path, *library;
    const char *confine; /* NULL: not given */
    struct wf__function **functions;
    size_t nfunctions;
    const struct wf_step_type **steps; /* NULL-terminated */
    struct wf_plugin plugin;
    cJSON **trees; /* constants, to be freed */
    size_t ntrees;
    void *object;
};

#define wf__bad(m, code, loc, hint, ...) wf_diags_add(&(m)->diags, WF_SEV_ERROR, code, loc, hint, __VA_ARGS__)

/* manifest.c: never NULL; look at diags.errors. */
struct wf_manifest *wf__manifest_parse(const char *path, const char *text, size_t len);
/* manifest_function.c */
struct wf__function *wf__function_read(struct wf_manifest *, const struct wf_node *name, const struct wf_node *map);
/* Index of a parameter, of the return value for `return`, WF__ERRNO for `errno`; else WF__NOWHERE and a finding. */
int wf__function_index(struct wf_manifest *, const struct wf__function *, const struct wf_node *name);
/* manifest_param.c */
void wf__params_read(struct wf_manifest *, struct wf__function *, const struct wf_node *map);
const cJSON *wf__constant(struct wf_manifest *, const struct wf_node *);
/* manifest_schema.c: of `with` and of the output, as the signature has them. In the arena. */
const char *wf__schema_with(struct wf_manifest *, const struct wf__function *);
const char *wf__schema_output(struct wf_manifest *, const struct wf__function *);
/* ffi_link.c */
int wf__function_link(struct wf__function *, struct wf_err *);
/* dwarf_check.c: the declarations against the library's debugging information, when it has any. */
int wf__dwarf_check(const struct wf_manifest *, struct wf_err *);
/* ffi_call.c */
extern const struct wf_host *wf__ffi_host; /* of the last open; there is one */
void wf__function_run(struct wf_step *, const struct wf__function *);

#endif
