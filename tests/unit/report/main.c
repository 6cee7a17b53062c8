/* main.c: runs the suites of engine/report. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {
        &escape_suite, &place_suite, &table_suite, &tally_suite, &term_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
