/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_BASE_SUITES_H
#define WF_TEST_BASE_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite arena_suite, buf_suite, clock_suite, err_suite, id_suite, log_suite, utf8_suite;

#endif
