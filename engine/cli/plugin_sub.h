/* plugin_sub.h: the parts of `wfrun plugin` that have a file of their own. Each returns an exit status. */
#ifndef WF_CLI_PLUGIN_SUB_H
#define WF_CLI_PLUGIN_SUB_H

#include "base/buf.h"
#include "cli/cmd.h"

int wf_plugin_test(struct wf_invocation *); /* opts.args: "test", file or folder */
int wf_plugin_lock(struct wf_invocation *); /* "lock", workflow */
int wf_plugin_new(struct wf_invocation *);  /* "new", name */
/* A manifest of the header's functions, for `new --header`. */
int wf_plugin_draft(const char *header, const char *library, const char *effect, struct wf_buf *ret);

#endif
