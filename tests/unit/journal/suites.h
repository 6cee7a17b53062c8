/* suites.h: the suites of the room's test program, one per file. */
#ifndef WF_TEST_JOURNAL_SUITES_H
#define WF_TEST_JOURNAL_SUITES_H

#include "lib/cunit_main.h"

extern const struct wf_suite record_suite, opmap_suite, records_mem_suite, records_sqlite_suite, outside_mem_suite,
    outside_sqlite_suite, seed_mem_suite, seed_sqlite_suite, chain_mem_suite, chain_sqlite_suite, share_mem_suite,
    share_sqlite_suite, sqlite_file_suite, sqlite_owner_suite, sqlite_chain_suite;

#endif
