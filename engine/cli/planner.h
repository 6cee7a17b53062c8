/* planner.h: what a planning run says that it would do, collected into the items of a plan. Loop thread. */
#ifndef WF_CLI_PLANNER_H
#define WF_CLI_PLANNER_H

#include "run/run.h"

struct wf_planner;

struct wf_planner *wf_planner_new(void);
void wf_planner_free(struct wf_planner *);
void wf_planner_event(struct wf_planner *, const struct wf_event *);
/* The items so far, in the order in which they would be done: {"path","task","step","effect","action","words","cost":
 * {"micros","currency"} or null when unknown, "facts", and of a labelled loop around them "group" (its iteration's path)
 * and "label"}. What cannot be done, or failed to be looked at, is an item with the action "cannot". */
jv wf_planner_items(const struct wf_planner *);
/* The definitions that sub-workflows were taken from: {"namespace","name","version","sha256"} each once. */
jv wf_planner_workflows(const struct wf_planner *);
/* The steps that were called: name to {"version","file"}. */
jv wf_planner_steps(const struct wf_planner *);

/* {"items","create","change","remove","nothing","cannot","cost":{CURRENCY: micros},"unknownCosts"} */
jv wf_plan_summary(const jv *items);
const char *wf_effect_name(uint32_t effect); /* "none", "read", "write", "spend", "irreversible" */

#endif
