/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_LOOP_SUITES_H
#define WF_TEST_LOOP_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite hosts_suite, http_suite, loop_suite, pool_suite, proc_suite;

#endif
