/* path.h: JSON Pointers (RFC 6901) into a definition. Private to def. */
#ifndef WF_DEF_PATH_H
#define WF_DEF_PATH_H

#include "def/yaml.h"

/* parent + "/" + name, with ~ and / escaped. */
const char *wf__path_member(struct wf_arena *, const char *parent, const char *name);
/* parent + "/" + index + "/" + name: a task in its list. */
const char *wf__path_task(struct wf_arena *, const char *parent, size_t index, const char *name);

#endif
