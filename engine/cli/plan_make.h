/* plan_make.h: a plan from a planning run, and whether it can still be applied. Loop thread. */
#ifndef WF_CLI_PLAN_MAKE_H
#define WF_CLI_PLAN_MAKE_H

#include "cli/drive.h"
#include "cli/plan_file.h"

/* Plan the workflow of drive->def: nothing is done, and nothing is kept in the journal. The stand-ins, if any, run. terms
 * and input are consumed. 0 with *ret, or an exit status after words to standard error. */
int wf_plan_make(struct wf_drive *, const char *file, jv terms, jv input, int64_t valid_ms, struct wf_plan_file *ret);

/* Is everything that the plan was made from still what it was: time, definitions, plugins? 0, or WF_EXIT_PLAN after
 * words. drive->def is the definition of today, and its registry is open. */
int wf_plan_check(struct wf_drive *, const struct wf_plan_file *);

/* The plan goes into the journal, for the run that applies it. 0 or an exit status. */
int wf_plan_keep(struct wf_drive *, const struct wf_plan_file *);

/* The terms' budget would be passed: words for each, and WF_EXIT_PLAN; else 0. */
int wf_plan_check_budget(const jv *plan);

#endif
