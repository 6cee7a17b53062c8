/* chain.h: the links between a run's records: each is one SHA-256 over the link before and what the record says, so that
 * nothing of a run can be changed, left out or put in without every later link changing. docs/journal.md has the bytes.
 *
 * A link is made over the SHA-256 of a JSON text, never over the text: who takes something out of a text and leaves its
 * digest leaves a chain that can be checked. Any thread. */
#ifndef WF_JOURNAL_CHAIN_H
#define WF_JOURNAL_CHAIN_H

#include "journal/record.h"

struct wf_digest wf__digest_of(struct wf_slice json);
/* The one that was kept when something was taken out of json; NULL: json's own. */
struct wf_digest wf__digest_kept(const char *kept, struct wf_slice json);

bool wf__link_is(const struct wf_link *, const void *hash); /* hash: WF_SHA256_SIZE bytes; NULL: it is not */

struct wf_link wf__link_start(
    const struct wf_start *, int format, const struct wf_digest *input, const struct wf_digest *meta);
/* The row has passed wf__row_check. ret_digest: of its text; may be NULL. */
struct wf_link wf__link_record(const struct wf_link *before, const struct wf__row *, struct wf_digest *ret_digest);
/* status is final: nothing follows. */
struct wf_link wf__link_end(
    const struct wf_link *before, enum wf_run_status, int64_t at_ms, const struct wf_digest *output);

/* How a run stands that is put in with all its records. */
struct wf__past {
    enum wf_run_status status;
    struct wf_slice output;
    int64_t updated_ms;
    const struct wf_chain *origin; /* another journal's; NULL: it gets one of its own */
};
/* Do the records make the chain that its origin tells of? WF_ECORRUPT. */
int wf__chain_check(
    const struct wf_start *, const struct wf_seed *rows, size_t count, const struct wf__past *, struct wf_err *);

/* WF_ECORRUPT with words: what the chain says is wrong. */
int wf__chain_refuse_start(const char *run_id, struct wf_err *);
int wf__chain_refuse_record(
    const char *run_id, uint64_t number, const char *path, struct wf_err *);                    /* path may be NULL */
int wf__chain_refuse_end(const char *run_id, uint64_t is, uint64_t should_be, struct wf_err *); /* counts of records */

#endif
