/* bundle.h: everything that a journal has of one run, in one piece: to be checked, written as a file, looked at or replayed
 * elsewhere. docs/journal.md has the form of the file. Loop thread. */
#ifndef WF_JOURNAL_BUNDLE_H
#define WF_JOURNAL_BUNDLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "journal/journal.h"

/* More than any text of a journal has when it stands as a string: the longest is a plan of 256 MiB. */
#define WF_BUNDLE_LINE_MAX ((size_t)1 << 30)

struct wf_bundle_text { /* a definition, or the plan that was applied */
    uint8_t sha256[WF_SHA256_SIZE];
    struct wf_slice text;
    bool plan;     /* the one text that may be redacted; known of bundles out of a journal */
    bool redacted; /* text is not what was written */
};

struct wf_bundle_note {
    const char *key;
    struct wf_slice json;
};

struct wf_bundle {
    struct wf_arena *arena; /* has all its texts */
    struct wf_start start;
    struct wf_slice output;
    struct wf_chain chain;
    bool held;     /* a live process drives it now */
    bool imported; /* it is of another journal */
    struct wf_log_row *rows;
    size_t nrows;
    struct wf_bundle_text *texts;
    size_t ntexts;
    struct wf_bundle_note *notes;
    size_t nnotes;
};

/* Out of a journal. WF_ECORRUPT when anything is not as it was written: a record, or a definition. */
int wf_bundle_take(
    const struct wf_backend_ops *, struct wf_backend *, const char *run_id, struct wf_bundle **ret, struct wf_err *);
void wf_bundle_free(struct wf_bundle *);             /* may be NULL */
size_t wf_bundle_redacted(const struct wf_bundle *); /* how many of its texts are not what was written */

/* Into a journal, as another journal's run; nothing is kept of it when it does not hold together. */
int wf_bundle_adopt(const struct wf_bundle *, const struct wf_backend_ops *, struct wf_backend *, struct wf_err *);
/* Into a journal, as a run that can be resumed: for a replay. */
int wf_bundle_seed(const struct wf_bundle *, const struct wf_backend_ops *, struct wf_backend *, struct wf_err *);

/* bundle_text.c */
/* WF_ELIMIT: a text is too long for a line. */
int wf_bundle_write(const struct wf_bundle *, struct wf_buf *, struct wf_err *);
/* WF_EINVAL: it is no bundle; WF_EMISMATCH: of a newer wfrun; WF_ECORRUPT: it is not as it was written. */
int wf_bundle_read(const char *text, size_t len, struct wf_bundle **ret, struct wf_err *);

/* bundle_redact.c */
/* Takes out of every text the strings that are members of these names, wherever they stand; each becomes a word that is
 * the same wherever it stood, and says nothing about it. */
void wf_bundle_redact(struct wf_bundle *, const char *const *names);

#endif
