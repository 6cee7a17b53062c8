/* suites.h: the suites of the room's test program, one per file, and what they share. */
#ifndef WF_TEST_VALUE_SUITES_H
#define WF_TEST_VALUE_SUITES_H

#include "lib/cunit_main.h"
#include "value/val.h"

extern const struct wf_suite val_suite, expr_suite, expr_same_suite, schema_suite;

/* JSON that must be good. */
static inline jv wf_test_json(const char *text)
{
    jv value = jv_invalid();
    struct wf_err err = {0};

    if (wf_val_parse(text, strlen(text), &value, &err) != 0)
        fprintf(stderr, "%s: %s\n", text, err.msg);
    return value;
}

#endif
