/* main.c: runs the suites of engine/host. */
#include "stage.h"
#include "suites.h"

int main(int argc, char **argv)
{
#if STAGE_APART
    static const struct wf_suite *const suites[] = {&call_suite, &http_api_suite, &apart_suite, NULL};
#else
    static const struct wf_suite *const suites[] = {&load_suite, &call_suite, &http_api_suite, NULL};
#endif

    return wf_cunit_main(argc, argv, suites);
}
