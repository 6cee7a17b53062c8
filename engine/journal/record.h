/* record.h: the one codec of the journal: what may be stored, under which words, and how it is read again.
 *
 * Kinds, states, statuses and controls are stored as words, so that a journal can be read with any SQLite shell. A word
 * that this version does not know is refused: it was written by a newer wfrun, or the file is damaged. */
#ifndef WF_JOURNAL_RECORD_H
#define WF_JOURNAL_RECORD_H

#include "journal/journal.h"

/* One appended line of a run's journal: an intent or an outcome. Borrows its texts. */
struct wf__row {
    const char *path;
    enum wf_op_kind kind;
    enum wf_rec_state state; /* INTENT, DONE or FAULT */
    uint64_t seq;            /* of an outcome, from 1; 0 in an intent */
    int64_t at_ms;
    struct wf_slice json;
    const char
        *digest; /* of the text that json was, when something was taken out of it (struct wf_digest); else NULL */
};

const char *wf__kind_word(enum wf_op_kind);
const char *wf__state_word(enum wf_rec_state);
const char *wf__status_word(enum wf_run_status);
const char *wf__control_word(enum wf_control_kind);

/* WF_EMISMATCH with words when the word is unknown; text may be NULL. */
int wf__kind_read(const char *text, enum wf_op_kind *ret, struct wf_err *);
int wf__state_read(const char *text, enum wf_rec_state *ret, struct wf_err *);
int wf__status_read(const char *text, enum wf_run_status *ret, struct wf_err *);
int wf__control_read(const char *text, enum wf_control_kind *ret, struct wf_err *);

/* WF_ELIMIT with words: the path is empty or too long, or the JSON is too large. */
int wf__row_check(const struct wf__row *, struct wf_err *);
/* WF_EINVAL with words: 1 to 100 of [A-Za-z0-9._-]. */
int wf__run_id_check(const char *run_id, struct wf_err *);

/* A row of a seed as it is appended: what numbers it is *seq, the last one given. WF_EINVAL or WF_ELIMIT with words. */
int wf__seed_row(const struct wf_seed *, uint64_t *seq, struct wf__row *ret, struct wf_err *);
int wf__refuse_row(const char *path, struct wf_err *);     /* WF_EINVAL: a second intent or outcome of path */
int wf__refuse_taken(const char *run_id, struct wf_err *); /* WF_EINVAL: there is such a run */
/* The definition, input and name agree: it is the same run that is started again. Else WF_EINVAL. */
int wf__start_check_same(const struct wf_start *old, const struct wf_start *again, struct wf_err *);

bool wf__control_is_kept(enum wf_control_kind); /* for the next activation, when nobody drives the run */
bool wf__status_is_final(enum wf_run_status);
/* WF_EINVAL with words: the run has ended, so it cannot be resumed or controlled. */
int wf__refuse_final(const char *run_id, enum wf_run_status, struct wf_err *);
/* WF_EINVAL with words: it is another journal's run. */
int wf__refuse_imported(const char *run_id, struct wf_err *);

#endif
