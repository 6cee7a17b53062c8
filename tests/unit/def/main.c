/* main.c: runs the suites of engine/def. */
#include "suites.h"

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {
        &diag_suite, &yaml_suite, &template_suite, &load_suite, &findings_suite, &features_suite, NULL};
    int status = wf_cunit_main(argc, argv, suites);

    wf_test_catalog_done();
    return status;
}
