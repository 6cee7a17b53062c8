/* main.c: runs the suites of engine/journal. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&record_suite, &opmap_suite, &promises_mem_suite,
        &promises_sqlite_suite, &sqlite_file_suite, &sqlite_owner_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
