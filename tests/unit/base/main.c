/* main.c: runs the suites of engine/base. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {
        &arena_suite, &buf_suite, &clock_suite, &err_suite, &id_suite, &log_suite, &utf8_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
