/* main.c: runs the suites of engine/value. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&val_suite, &expr_suite, &expr_same_suite, &schema_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
