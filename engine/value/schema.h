/* schema.h: JSON Schema 2020-12, assertion keywords. Compiled once per schema; loop thread only.
 *
 * $ref leads to places of the same document (pointers, $anchor, $id, $defs); no other document is read. $dynamicRef is
 * taken for a $ref to the anchor it names. Annotations and unknown keywords are ignored; `format` is an annotation, as
 * the standard's default says. Patterns are PCRE2's, in UTF mode, anywhere in the string.
 * Limits: 20,000 schemas in a document; 500 nested, references included, and 2,000,000 applied in one check. */
#ifndef WF_VALUE_SCHEMA_H
#define WF_VALUE_SCHEMA_H

#include "value/val.h"

struct wf_schema;

/* Consumes schema. A bad one is WF_EINVAL; the error's pointer is the keyword's place in the schema. */
int wf_schema_new(jv schema, struct wf_schema **ret, struct wf_err *);
void wf_schema_free(struct wf_schema *);
/* WF_EINVAL with a sentence such as "/quantity must be at least 1, is 0"; the error's pointer is the value's place.
 * When a property is not allowed and resembles an allowed one, the hint names it. WF_ELIMIT: a limit was passed. */
int wf_schema_check(const struct wf_schema *, const jv *value, struct wf_err *);
/* Literal parts only: as wf_schema_check, but a string that is a `${ }` expression passes everywhere. */
int wf_schema_check_literal(const struct wf_schema *, const jv *value, struct wf_err *);

#endif
