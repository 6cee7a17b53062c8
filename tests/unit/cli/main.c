/* main.c: runs the suites of engine/cli. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&diag_print_suite, &escape_suite, &input_suite, &opts_suite,
        &place_suite, &retry_pick_suite, &secrets_suite, &settings_suite, &table_suite, &tally_suite, &term_suite,
        NULL};

    return wf_cunit_main(argc, argv, suites);
}
