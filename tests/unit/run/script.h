/* script.h: an engine over a journal whose content a test has written: what the interpreter makes of it. */
#ifndef WF_TESTS_RUN_SCRIPT_H
#define WF_TESTS_RUN_SCRIPT_H

#include "lib/cunit_main.h"
#include "run/run.h"

/* One record of an earlier activation; seq 0: an intent without outcome. */
struct script_record {
    const char *path;
    enum wf_op_kind kind;
    enum wf_rec_state state;
    uint64_t seq;
    const char *json; /* the outcome, or the intent */
};

/* Steps of the catalog: `read`, and `spend`, which cannot be verified. There is no hosting: a call ends the program. */
struct script_end {
    enum wf_run_status status;
    char value[1000];                             /* output or error */
    size_t intents, outcomes, timers, past_facts; /* what was appended; outcomes without facts */
    char parked_path[600];                        /* of an IN_DOUBT event */
};

/* Run the tasks (YAML below `do:`) over the records, which end with a NULL path. cancel: a cancel waits for the run. */
struct script_end script_run(const char *tasks, const struct script_record *records, bool cancel);
/* Run them afresh. Once all timers of the list, which ends with NULL, were asked for, they fire in this order, at once.
 */
struct script_end script_run_timers(const char *tasks, const char *const *timers);

#endif
