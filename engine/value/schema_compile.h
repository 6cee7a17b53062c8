/* schema_compile.h: what compiling a schema and resolving its references share; private to schema. */
#ifndef WF_VALUE_SCHEMA_COMPILE_H
#define WF_VALUE_SCHEMA_COMPILE_H

#include "value/schema_priv.h"

/* A reference that waits until every schema of the document is known. */
struct wf__sref {
    struct wf__snode **target; /* where the answer goes */
    char *text, *base;         /* as written, and the URI it is relative to */
    char *pointer;             /* the keyword's place */
};

struct wf__scompiler {
    struct wf_schema *schema;
    jv root;    /* the document */
    jv places;  /* object: JSON Pointer to number of node */
    jv ids;     /* object: URI without fragment to JSON Pointer */
    jv anchors; /* object: URI#anchor to JSON Pointer */
    struct wf__sref *refs;
    size_t nrefs;
    int depth;
    struct wf_err *err;
};

int wf__scompile(struct wf__scompiler *, jv schema, const char *pointer, const char *base, struct wf__snode **ret);
int wf__sresolve_all(struct wf__scompiler *);
char *wf__suri_join(const char *base, const char *reference); /* the caller frees */
/* "schema: what", with the pointer of the keyword. */
int wf__sbad(struct wf__scompiler *, const char *pointer, const char *keyword, const char *what);
char *wf__spointer_add(const char *pointer, const char *key); /* the caller frees */

#endif
