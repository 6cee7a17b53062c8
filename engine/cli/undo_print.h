/* undo_print.h: shows what a rollback will do before it does it. */
#ifndef WF_CLI_UNDO_PRINT_H
#define WF_CLI_UNDO_PRINT_H

#include "report/undo_list.h"

/* Those that are chosen, by group, in the order in which they will be undone. */
void wf_undo_print(FILE *, const struct wf_undo_list *);

#endif
