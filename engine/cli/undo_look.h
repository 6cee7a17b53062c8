/* undo_look.h: asks the steps what undoing each operation would do and until when it can, from reads alone. */
#ifndef WF_CLI_UNDO_LOOK_H
#define WF_CLI_UNDO_LOOK_H

#include "cli/world.h"
#include "report/undo_list.h"

/* For all that are chosen and not decided yet; runs the loop until all have answered. */
void wf_undo_look(struct wf_undo_list *, struct wf_world *);

#endif
