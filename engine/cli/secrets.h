/* secrets.h: the secrets a run may use, by name, as JSON text. Every text among them is masked in all that is logged. */
#ifndef WF_CLI_SECRETS_H
#define WF_CLI_SECRETS_H

#include "base/err.h"

struct wf_secrets;

/* path: a JSON or YAML file that maps names to text or objects, or a folder with one file for each; NULL: none. */
int wf_secrets_load(const char *path, struct wf_secrets **ret, struct wf_err *);
void wf_secrets_free(struct wf_secrets *);
const char *wf_secrets_get(const struct wf_secrets *, const char *name); /* any thread; NULL: there is none */
void wf_secrets_put(
    struct wf_secrets *, const char *name, const char *json); /* replaces; loop thread, before runs go */

#endif
