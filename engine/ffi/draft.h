/* draft.h: a manifest to begin with, from the prototypes of a C header. Any thread. */
#ifndef WF_FFI_DRAFT_H
#define WF_FFI_DRAFT_H

#include "base/buf.h"

struct wf_draft_settings {
    const char *header;  /* its name: only its own prototypes count, and those of its parts in a folder `bits` */
    const char *library; /* soname or path; when it can be opened, what it has not is no step */
    const char *effect;  /* of every function, until somebody says better */
};

struct wf_draft_counts {
    size_t complete, asking, unreadable; /* functions */
};

/* text is the header, as the preprocessor leaves it (with its line markers) or as it stands. Functions that can be called
 * as they are become steps; of the others each question stands in a comment, and the step behind `#`. */
void wf_manifest_draft(
    const struct wf_draft_settings *, const char *text, struct wf_buf *ret, struct wf_draft_counts *ret_counts);

#endif
