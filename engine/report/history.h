/* history.h: the records of a run as JSON values, for show and logs. Loop thread. */
#ifndef WF_REPORT_HISTORY_H
#define WF_REPORT_HISTORY_H

#include "report/state.h"

/* A list in the order of the records' last changes; each {"path","kind","state","seq","intended","ended","ms","step","effect",
 * "key","input","output","error"}, members only where known. */
int wf_history_read(struct wf_state *, const char *run_id, jv *ret, struct wf_err *);

#endif
