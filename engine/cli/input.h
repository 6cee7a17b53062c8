/* input.h: the workflow's input from a file and from --set. Loop thread. */
#ifndef WF_CLI_INPUT_H
#define WF_CLI_INPUT_H

#include "def/diag.h"
#include "value/val.h"

/* JSON or YAML text of a file ("-": standard input). 0, or WF_EINVAL with findings. */
int wf_input_read(const char *path, struct wf_diags *, jv *ret);
/* Apply "a.b[0]=value" to *value (consumed and replaced; null becomes an object or list). The value is a YAML scalar, list or
 * map; a key with dots is quoted: "a.b"=1. */
int wf_input_set(jv *value, const char *assignment, struct wf_err *);

#endif
