/* yaml_scalar.h: what a plain YAML scalar means in the YAML 1.2 core schema. Private to def. Any thread. */
#ifndef WF_DEF_YAML_SCALAR_H
#define WF_DEF_YAML_SCALAR_H

#include "def/yaml.h"

/* Sets kind, boolean and number of a node whose text is there. 0, or -1 with a sentence when the scalar is a number
 * that JSON cannot hold (.inf, .nan, 1e999). *ret_inexact: an integer that loses digits. */
int wf__scalar_resolve(struct wf_node *, bool *ret_inexact, const char **ret_why);

#endif
