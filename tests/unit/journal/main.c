/* main.c: runs the suites of engine/journal. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&record_suite, &opmap_suite, &records_mem_suite,
        &records_sqlite_suite, &outside_mem_suite, &outside_sqlite_suite, &seed_mem_suite, &seed_sqlite_suite,
        &chain_mem_suite, &chain_sqlite_suite, &share_mem_suite, &share_sqlite_suite, &sqlite_file_suite,
        &sqlite_owner_suite, &sqlite_chain_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
