/* pinned.h: the definitions of a run as they were when it began, out of its journal, to look at and not to run: no plugin
 * is needed, and of one that this wfrun does not load the text is still there. Loop thread. */
#ifndef WF_REPORT_PINNED_H
#define WF_REPORT_PINNED_H

#include "def/def.h"
#include "journal/journal.h"

struct wf_pinned_def {
    uint8_t sha256[WF_SHA256_SIZE];
    char *file; /* what its places are called by: the workflow's file, or name and version of a sub-workflow */
    char *text;
    size_t len;
    const struct wf_node *root; /* NULL: no YAML */
    struct wf_def *def;         /* NULL: it does not load */
    struct wf_arena *arena;
};

struct wf_pinned {
    const struct wf_backend_ops *ops;
    struct wf_backend *backend;
    struct wf_pinned_def **defs;
    size_t ndefs;
    struct wf_step_info **steps; /* stand-ins for those of the plugins */
    size_t nsteps;
};

void wf_pinned_init(struct wf_pinned *, const struct wf_backend_ops *, struct wf_backend *);
void wf_pinned_done(struct wf_pinned *);
/* Lives as long as the pinned. NULL: the journal does not have it. file NULL: by name and version. */
const struct wf_pinned_def *wf_pinned_get(struct wf_pinned *, const uint8_t sha256[WF_SHA256_SIZE], const char *file);

#endif
