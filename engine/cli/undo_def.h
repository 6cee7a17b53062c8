/* undo_def.h: a rollback as a workflow like any other: its definition and its input, made from the list of what is to be
 * undone. It is kept in the journal with the run, so a rollback is resumed, shown and reported as every run is. */
#ifndef WF_CLI_UNDO_DEF_H
#define WF_CLI_UNDO_DEF_H

#include "report/undo_list.h"

/* A task for each step that has something to undo. The caller frees. */
char *wf_undo_def_text(const struct wf_undo_list *);
/* {"run", "phases": [{"groups": [{"label", "operations": [...]}]}], "rest": [...]}: the phases follow each other, the
 * groups of one are worked on side by side. rest: what is left as it is, and why. */
jv wf_undo_def_input(const struct wf_undo_list *);

#endif
