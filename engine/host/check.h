/* check.h: may this file be loaded, and is what it describes a plugin? Asked by wfrun and by wfrun-host. */
#ifndef WF_HOST_CHECK_H
#define WF_HOST_CHECK_H

#include "base/err.h"
#include "ffi/manifest.h"
#include "wfrun/plugin.h"

/* Sizes of ABI 1.0: what any plugin must have. */
#define WF__PLUGIN_1_0    sizeof(struct wf_plugin)
#define WF__STEP_TYPE_1_0 offsetof(struct wf_step_type, plan_undo)

/* Neither it nor a folder above it may be written by others. path is absolute and without links. */
int wf__check_file(const char *path, struct wf_err *);
int wf__check_abi(unsigned major, unsigned minor, struct wf_err *);
/* Complete, and of an ABI that we know. */
int wf__check_descriptor(const struct wf_plugin *, struct wf_err *);
/* What a plugin's process may do, in lines, each of which lets something through: `read=PATH`, `write=PATH` (and what is
 * below), `network`. Puts this process under that; a plugin's own folder and the system's libraries can always be read.
 * confine: the manifest's lines, or NULL. */
typedef int wf__confine(const char *file, const char *confine, struct wf_err *);
/* object.c: opens the file and checks what it describes. *ret_manifest, also of one that failed, is the caller's to free.
 * confine is asked for before any code of the plugin runs; NULL: not at all. */
int wf__object_open(
    const char *file, wf__confine *, struct wf_manifest **ret_manifest, const struct wf_plugin **ret, struct wf_err *);

#endif
