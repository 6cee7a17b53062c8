/* main.c: runs the suites of engine/loop. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {
        &hosts_suite, &http_suite, &loop_suite, &pool_suite, &proc_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
