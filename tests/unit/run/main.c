/* main.c: runs the suites of engine/run. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&frame_suite, &replay_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
