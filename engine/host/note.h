/* note.h: what a plugin's file says of itself in an ELF note (WF_PLUGIN_NOTE), read without loading it. */
#ifndef WF_HOST_NOTE_H
#define WF_HOST_NOTE_H

#include "base/err.h"
#include "wfrun/plugin.h"

struct wf__note {
    struct wf_note sizes;
    char *name, *version, *steps;
};

/* *ret NULL: the file has none, or is no ELF file. WF_EINVAL: it has one that cannot be understood. */
int wf__note_read(const char *file, struct wf__note **ret, struct wf_err *);
void wf__note_free(struct wf__note *); /* or NULL */
/* Of an ABI that we know, compiled with structures that have been in it. */
int wf__note_check(const struct wf__note *, struct wf_err *);
/* Does the descriptor say the same? */
int wf__note_compare(const struct wf__note *, const struct wf_plugin *, struct wf_err *);

#endif
