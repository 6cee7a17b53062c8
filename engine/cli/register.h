/* register.h: the definitions that `run: workflow` can find: those of --register, then those beside the workflow's own file.
 * Nothing is read before the first question. Loop thread. */
#ifndef WF_CLI_REGISTER_H
#define WF_CLI_REGISTER_H

#include "cli/world.h"

struct wf_registry;

/* file: of the workflow that is run; NULL: none. Everything given must outlive the registry. */
struct wf_registry *wf_registry_new(struct wf_world *, struct wf_config *, const char *file);
void wf_registry_free(struct wf_registry *);
const char *wf_registry_file(const struct wf_registry *); /* as given; may be NULL */
/* A new reference; NULL when there is none, or when it is not valid: then its findings went to standard error.
 * version NULL: the latest. */
struct wf_def *wf_registry_find(struct wf_registry *, const char *namespace_, const char *name, const char *version);

#endif
