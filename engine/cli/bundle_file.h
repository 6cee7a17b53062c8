/* bundle_file.h: the bundle that a command's argument means: one in a file, or what the journal has of a run. Loop thread. */
#ifndef WF_CLI_BUNDLE_FILE_H
#define WF_CLI_BUNDLE_FILE_H

#include "cli/cmd.h"
#include "journal/bundle.h"
#include "report/state.h"

/* Of a run of the journal, by its id or the beginning of it. */
int wf_bundle_of_run(struct wf_state *, const char *id, struct wf_bundle **ret, struct wf_err *);
/* Of a file; "-" is standard input. With --trusted-key it must be signed (PATH.minisig): *ret_signer is then the trusted
 * comment, which the caller frees, else NULL. WF_EINVAL: it cannot be read or is none; WF_ECORRUPT, WF_EMISMATCH: it is not
 * as it was written or signed. */
int wf_bundle_of_file(
    struct wf_invocation *, const char *path, struct wf_bundle **ret, char **ret_signer, struct wf_err *);

#endif
