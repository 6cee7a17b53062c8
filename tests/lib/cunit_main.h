/* cunit_main.h: what every CUnit program shares: suites as tables, one main, exit status 1 on failure.
 *
 *     static const struct wf_case buf_cases[] = {{"text_beyond_the_maximum_is_cut", cut}, {NULL, NULL}};
 *     const struct wf_suite buf_suite = {"buf", buf_cases};
 *
 *     int main(int argc, char **argv)
 *     {
 *         static const struct wf_suite *const suites[] = {&buf_suite, NULL};
 *         return wf_cunit_main(argc, argv, suites);
 *     }
 *
 * Arguments of the program: names of the suites to run; none: all. */
#ifndef WF_TESTS_CUNIT_MAIN_H
#define WF_TESTS_CUNIT_MAIN_H

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wf_case {
    const char *name; /* a sentence_with_underscores */
    void (*run)(void);
};

struct wf_suite {
    const char *name;            /* the file under test */
    const struct wf_case *cases; /* ends with a NULL name */
};

/* CU_ASSERT_STRING_EQUAL that shows both texts. */
#define WF_ASSERT_TEXT(actual, expected) wf_assert_text((actual), (expected), __FILE__, __LINE__, __func__)

static inline void wf_assert_text(
    const char *actual, const char *expected, const char *file, int line, const char *function)
{
    int same = actual && expected && strcmp(actual, expected) == 0;

    if (!same)
        fprintf(stderr, "%s:%d: is       %s\n%s:%d: expected %s\n", file, line, actual ? actual : "NULL", file, line,
            expected ? expected : "NULL");
    CU_assertImplementation(same, (unsigned)line, "texts are equal", file, function, CU_FALSE);
}

static inline int wf_cunit_wanted(int argc, char **argv, const char *suite)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], suite) == 0)
            return 1;
    }
    return argc < 2;
}

static inline int wf_cunit_main(int argc, char **argv, const struct wf_suite *const *suites)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 99;
    for (size_t i = 0; suites[i]; i++) {
        if (!wf_cunit_wanted(argc, argv, suites[i]->name))
            continue;
        CU_pSuite suite = CU_add_suite(suites[i]->name, NULL, NULL);

        for (const struct wf_case *c = suites[i]->cases; suite && c->name; c++) {
            if (!CU_add_test(suite, c->name, c->run))
                suite = NULL;
        }
        if (!suite) {
            fprintf(stderr, "suite %s: %s\n", suites[i]->name, CU_get_error_msg());
            return 99;
        }
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    int failed = CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
