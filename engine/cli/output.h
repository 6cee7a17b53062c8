/* output.h: the workflow's output on standard output, in the form that was asked for. */
#ifndef WF_CLI_OUTPUT_H
#define WF_CLI_OUTPUT_H

#include <stdio.h>

#include "def/def.h"
#include "value/val.h"

enum wf_form { WF_FORM_JSON, WF_FORM_YAML, WF_FORM_TABLE, WF_FORM_NONE };

int wf_form_parse(const char *, enum wf_form *ret, struct wf_err *); /* NULL is json */
/* json: one value, on a terminal over several lines. table: by the report of def (which may be NULL or have none), else a
 * generic one. 0, or WF_EIO when it could not be written, WF_EINVAL when the report fails. */
int wf_output_write(FILE *, enum wf_form, const jv *value, const struct wf_def *def, struct wf_err *);
int wf_yaml_write(FILE *, const jv *value, struct wf_err *);

#endif
