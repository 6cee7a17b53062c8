/* main.c: runs the suites of engine/cli. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {
        &diag_print_suite, &input_suite, &opts_suite, &retry_pick_suite, &secrets_suite, &settings_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
