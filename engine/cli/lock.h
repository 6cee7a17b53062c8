/* lock.h: FILE.lock beside a workflow FILE: the plugins that its runs may load, each by the SHA-256 of its file.
 *
 * {"format":"wfrun-lock","version":1,"plugins":{NAME:{"version","sha256"}}}. Loop thread. */
#ifndef WF_CLI_LOCK_H
#define WF_CLI_LOCK_H

#include "base/err.h"
#include "host/host.h"
#include "value/val.h"

struct wf_lock;

char *wf_lock_file(const char *workflow); /* where its lock is; the caller frees */
/* WF_ENOTFOUND: there is none; WF_EIO, WF_EINVAL, WF_EMISMATCH: of a later format. */
int wf_lock_read(const char *file, struct wf_lock **ret, struct wf_err *);
void wf_lock_free(struct wf_lock *); /* or NULL */
jv wf_lock_plugins(const struct wf_lock *);

/* Of a plugin that is loaded, into `plugins`, which is consumed. */
jv wf_lock_add(jv plugins, const struct wf_step_entry *);
int wf_lock_write(const char *file, const jv *plugins, struct wf_err *);

/* May this plugin be loaded? 0; WF_ENOTFOUND: the lock does not have it; WF_EMISMATCH: it has another one. */
int wf_lock_admit(const struct wf_lock *, const char *plugin_file, struct wf_err *);

#endif
