/* schema_priv.h: the compiled form of a JSON Schema and one check of it; private to schema. */
#ifndef WF_VALUE_SCHEMA_PRIV_H
#define WF_VALUE_SCHEMA_PRIV_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "value/schema.h"

enum wf__stype { /* bits of `type` */
    WF__STYPE_NULL = 1,
    WF__STYPE_BOOLEAN = 2,
    WF__STYPE_NUMBER = 4,
    WF__STYPE_STRING = 8,
    WF__STYPE_ARRAY = 16,
    WF__STYPE_OBJECT = 32,
    WF__STYPE_INTEGER = 64,
};

struct wf__bound {
    bool set;
    double value;
};

struct wf__pattern {
    char *text;
    pcre2_code *code; /* NULL: none */
};

struct wf__snode;

struct wf__slist {
    struct wf__snode **list; /* the nodes belong to the schema */
    size_t count;
};

struct wf__smember {
    char *name;
    struct wf__pattern pattern; /* of patternProperties */
    struct wf__snode *node;
};

struct wf__smap {
    struct wf__smember *list;
    size_t count;
    jv index; /* object: name to place in list */
};

/* One schema: true, false or an object. */
struct wf__snode {
    char *pointer; /* its place in the document */
    bool never;    /* false */
    unsigned types;
    jv enumeration, constant, required, dependent_required; /* invalid: not given */
    struct wf__bound multiple_of, maximum, exclusive_maximum, minimum, exclusive_minimum;
    struct wf__bound max_length, min_length, max_items, min_items, max_contains, min_contains;
    struct wf__bound max_properties, min_properties;
    bool unique_items;
    struct wf__pattern pattern;
    struct wf__smap properties, pattern_properties, dependent_schemas, defs;
    struct wf__snode *additional_properties, *property_names, *items, *contains;
    struct wf__snode *negated, *if_node, *then_node, *else_node, *ref, *dynamic_ref;
    struct wf__snode *unevaluated_properties, *unevaluated_items;
    struct wf__slist all_of, any_of, one_of, prefix_items;
};

struct wf_schema {
    struct wf__snode **nodes; /* all of them; the first is the root */
    size_t count, cap;
};

void wf__snode_free(struct wf__snode *);

/* ---- checking ---- */

/* Where we are in the value; each lives on the stack of the check that went down. */
struct wf__splace {
    const struct wf__splace *up;
    const char *key; /* NULL: an item */
    size_t index;
};

/* Which members or items of the present value have been looked at by some keyword (for unevaluated...). */
struct wf__sseen {
    bool *list;
    size_t count;
};

struct wf__scheck {
    bool literal; /* strings with an expression pass */
    bool passed;  /* one of them did: what was found since is no proof */
    int depth;
    long budget; /* schemas that may still be applied */
};

/* 0, WF_EINVAL when the value does not fit, or WF_ELIMIT which ends the whole check. seen may be NULL. */
int wf__scheck_node(struct wf__scheck *, const struct wf__snode *, const jv *value, const struct wf__splace *,
    struct wf__sseen *seen, struct wf_err *);
int wf__scheck_object(struct wf__scheck *, const struct wf__snode *, const jv *value, const struct wf__splace *,
    struct wf__sseen *seen, struct wf_err *);
int wf__scheck_array(struct wf__scheck *, const struct wf__snode *, const jv *value, const struct wf__splace *,
    struct wf__sseen *seen, struct wf_err *);
int wf__scheck_combined(struct wf__scheck *, const struct wf__snode *, const jv *value, const struct wf__splace *,
    struct wf__sseen *seen, struct wf_err *);
/* 1: matches; 0: does not; WF_ELIMIT: took too long. */
int wf__spattern_match(const struct wf__pattern *, const char *text, size_t len);
bool wf__sexpression(const jv *value); /* is it a string that is an expression? */

/* ---- words ---- */

/* "PLACE must ...", pointer and code WF_EINVAL. */
int wf__swrong(const struct wf__splace *, struct wf_err *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define WF__SSHOWN 80
const char *wf__sshow(const jv *value, char buf[WF__SSHOWN]); /* JSON, cut */
void wf__stype_words(unsigned types, char *buf, size_t size);
/* A hint that names the string in the array `allowed` that resembles text, or the first few of them. */
void wf__shint_strings(const char *text, const jv *allowed, const char *label, struct wf_err *);

#endif
