/* describe.h: what a process says of its plugin becomes a descriptor here. Loop thread. */
#ifndef WF_HOST_DESCRIBE_H
#define WF_HOST_DESCRIBE_H

#include "base/arena.h"
#include "base/err.h"
#include "wfrun/plugin.h"

/* All of it lives in the arena. base and slots: what every plugin and every step type begins with; a slot that the plugin
 * does not have becomes NULL. */
int wf__describe(struct wf_arena *, const char *json, size_t len, const struct wf_plugin *base,
    const struct wf_step_type *slots, const struct wf_plugin **ret, struct wf_err *);

#endif
