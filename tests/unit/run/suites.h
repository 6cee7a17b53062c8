/* suites.h: the suites of engine/run. */
#ifndef WF_TESTS_RUN_SUITES_H
#define WF_TESTS_RUN_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite frame_suite, replay_suite;

#endif
