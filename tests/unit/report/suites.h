/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_REPORT_SUITES_H
#define WF_TEST_REPORT_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite escape_suite, place_suite, table_suite, tally_suite, term_suite;

#endif
