/* suites.h: the suites of the room's test program, one per file, and what they share. */
#ifndef WF_TEST_DEF_SUITES_H
#define WF_TEST_DEF_SUITES_H

#include "def/def.h"
#include "lib/cunit_main.h"

extern const struct wf_suite diag_suite, yaml_suite, template_suite, load_suite, findings_suite, features_suite;

/* ---- findings.c: texts of findings; each is the caller's to free ---- */

const struct wf_diag *wf_test_finding(const struct wf_diags *, int code); /* NULL: none with this code */
char *wf_test_findings(const struct wf_diags *);                          /* "2:3 E0103 text | hint\n" */
char *wf_test_places(const struct wf_diags *);                            /* "2:3 E0103\n" */

/* ---- catalog.c: steps http 1.0.0 and purchase 1.2.0, each with a schema; greet and openapi 1.0.0 without ---- */

const struct wf_step_catalog *wf_test_catalog(void);
void wf_test_catalog_done(void);

/* The first line of every definition under test; the second is line 2. */
#define WF_TEST_HEAD "document: {dsl: 1.0.3, namespace: test, name: test, version: 1.0.0}\n"

/* Loads; the definition or NULL. *ret_diags is initialised. */
struct wf_def *wf_test_load(const char *text, struct wf_diags *ret_diags);
/* Loads what must be good and silent. */
struct wf_def *wf_test_load_good(const char *text);

#endif
