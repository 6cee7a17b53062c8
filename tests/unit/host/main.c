/* main.c: runs the suites of engine/host. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&load_suite, &call_suite, &http_api_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
