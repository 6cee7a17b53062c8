/* progress.h: what a run is doing, on standard error while it does it. */
#ifndef WF_CLI_PROGRESS_H
#define WF_CLI_PROGRESS_H

#include <stdio.h>

#include "base/log.h"
#include "loop/loop.h"
#include "run/run.h"

enum wf_progress_mode { WF_PROGRESS_TTY, WF_PROGRESS_PLAIN, WF_PROGRESS_QUIET, WF_PROGRESS_JSON };

/* NULL or "auto": tty on a terminal, plain elsewhere. */
int wf_progress_mode_parse(const char *, FILE *, enum wf_progress_mode *ret, struct wf_err *);

struct wf_progress;

struct wf_progress *wf_progress_new(enum wf_progress_mode, FILE *, struct wf_loop *);
void wf_progress_free(struct wf_progress *);                           /* the live lines are gone then */
void wf_progress_event(struct wf_progress *, const struct wf_event *); /* loop thread */
void wf_progress_stop(struct wf_progress *); /* take the live lines off the screen: results follow */
/* The log's sink: above the live lines. Any thread. */
void wf_progress_log(enum wf_log_level, const char *text, void *progress);

#endif
