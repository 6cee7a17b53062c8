/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_HOST_SUITES_H
#define WF_TEST_HOST_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite load_suite, call_suite, http_api_suite, apart_suite;

#endif
