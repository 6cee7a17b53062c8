/* schema.h: JSON Schema 2020-12, assertion keywords. Compiled once per schema; loop thread only.
 * $ref within the same schema (pointers, $anchor, $id, $defs); annotations and unknown keywords are ignored; `format`
 * is an annotation, as the standard's default says. */
#ifndef WF_VALUE_SCHEMA_H
#define WF_VALUE_SCHEMA_H

#include "value/val.h"

struct wf_schema;

int wf_schema_new(
    jv schema, struct wf_schema **ret, struct wf_err *); /* a bad schema is an error; pointer says where */
void wf_schema_free(struct wf_schema *);
/* WF_EINVAL with a sentence such as "/quantity must be at least 1, is 0" and err.pointer = the value's place. When a
 * property is not allowed and resembles an allowed one, the hint names it. */
int wf_schema_check(const struct wf_schema *, const jv *value, struct wf_err *);
/* Literal parts only: as wf_schema_check, but any string that holds a `${ }` expression passes everywhere. */
int wf_schema_check_literal(const struct wf_schema *, const jv *value, struct wf_err *);

#endif
