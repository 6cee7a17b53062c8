/* main.c: runs the suites of engine/def. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&diag_suite, &yaml_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
