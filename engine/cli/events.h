/* events.h: --events: the spec's life-cycle events as CloudEvents, one JSON object a line. Loop thread. */
#ifndef WF_CLI_EVENTS_H
#define WF_CLI_EVENTS_H

#include "run/run.h"

struct wf_events;

int wf_events_open(const char *path, struct wf_events **ret, struct wf_err *); /* appends; "-" is standard error */
void wf_events_close(struct wf_events *);
/* Writes what is one of the spec's eighteen types and did not happen in an earlier activation. Secrets are masked. */
void wf_events_write(struct wf_events *, const struct wf_event *);

#endif
