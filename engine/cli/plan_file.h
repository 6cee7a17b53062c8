/* plan_file.h: a plan as a file: sealed by a digest over its canonical form. Loop thread.
 *
 * The canonical form is the plan's JSON without the member `digest`, members sorted by key, no blanks. Its SHA-256 is the
 * digest; the journal keeps its bytes under it, for the run that applies the plan. */
#ifndef WF_CLI_PLAN_FILE_H
#define WF_CLI_PLAN_FILE_H

#include "base/id.h"
#include "value/val.h"

struct wf_plan_file {
    jv plan; /* without `digest` */
    char *canonical;
    size_t len;
    uint8_t digest[WF_SHA256_SIZE];
    char digest_text[WF_SHA256_TEXT];
    char *signer; /* the trusted comment of the signature that was checked; NULL: none was asked for */
};

/* plan is consumed. WF_EINVAL when it is too deep to be written, WF_ELIMIT when longer than WF_PLAN_MAX. */
int wf_plan_file_seal(jv plan, struct wf_plan_file *ret, struct wf_err *);
void wf_plan_file_done(struct wf_plan_file *);
/* With mode 0600, beside and then renamed. */
int wf_plan_file_write(const struct wf_plan_file *, const char *path, struct wf_err *);
/* keys: files of public keys, to a NULL; when there is one, the plan must be signed with one of them, by PATH.minisig.
 * WF_EINVAL: it cannot be read or is no plan; WF_EMISMATCH: it was changed after it was made, is not signed so, or is of
 * another version. */
int wf_plan_file_read(const char *path, const char *const *keys, struct wf_plan_file *ret, struct wf_err *);
/* The id of the run that applies it: a plan has one, so it is used once. */
void wf_plan_file_run_id(const struct wf_plan_file *, char ret_id[WF_UUID_TEXT]);

#endif
