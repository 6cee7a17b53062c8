/* uri_template.h: RFC 6570 level 1 in endpoints. Private to def. */
#ifndef WF_DEF_URI_TEMPLATE_H
#define WF_DEF_URI_TEMPLATE_H

#include "def/yaml.h"

/* True when the text has `{name}` in it. What is not level 1 is a finding. */
bool wf__uri_template_check(const struct wf_node *text, struct wf_diags *);
/* Loop thread. Fails when a value is a list or an object, or the result is too long. */
int wf__uri_template_expand(const struct wf_node *text, const jv *dot, jv *ret, struct wf_err *);

#endif
