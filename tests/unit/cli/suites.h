/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_CLI_SUITES_H
#define WF_TEST_CLI_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite diag_print_suite, input_suite, opts_suite, retry_pick_suite, secrets_suite, settings_suite;

#endif
