/* diag.h: findings about a definition, collected so that one pass shows them all. */
#ifndef WF_DEF_DIAG_H
#define WF_DEF_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/suggest.h"

enum wf_severity { WF_SEV_ERROR, WF_SEV_WARNING };

/* Codes are stable: scripts and suppressions name them. The number says the family: 01 YAML, 02 shape, 03 references,
 * 04 expressions, 05 steps and schemas, 06 advice. One list makes the enum, the names and the docs. */
#define WF_DIAG_CODES(X)                                                                                               \
    X(0101, "the file cannot be read")                                                                                 \
    X(0102, "not YAML")                                                                                                \
    X(0103, "duplicate key")                                                                                           \
    X(0104, "beyond a limit of size, depth or aliases")                                                                \
    X(0201, "a required property is missing")                                                                          \
    X(0202, "unknown property")                                                                                        \
    X(0203, "unknown task type")                                                                                       \
    X(0204, "more than one task type in one task")                                                                     \
    X(0205, "wrong type or value")                                                                                     \
    X(0206, "unsupported version of the DSL")                                                                          \
    X(0207, "a part of the DSL that this version does not run")                                                        \
    X(0301, "`then` names no task of its list")                                                                        \
    X(0302, "an undefined error, retry, timeout, function, authentication, secret or catalog")                         \
    X(0303, "the same name twice")                                                                                     \
    X(0304, "a task that can never run")                                                                               \
    X(0401, "an expression that does not compile")                                                                     \
    X(0402, "a name that expressions may not use")                                                                     \
    X(0403, "an unbound variable")                                                                                     \
    X(0501, "unknown step")                                                                                            \
    X(0502, "`with` does not fit the step's schema")                                                                   \
    X(0503, "a schema that is not valid")                                                                              \
    X(0504, "unknown setting under metadata.wfrun")                                                                    \
    X(0505, "a setting under metadata.wfrun that makes no sense")                                                      \
    X(0506, "settings under metadata.wfrun that do not go together")

struct wf_diag {
    enum wf_severity severity;
    int code; /* 203 is printed as WF0203 */
    struct wf_loc loc;
    char *msg, *hint; /* hint may be NULL */
};

struct wf_diags {
    struct wf_diag *items;
    char **files; /* private: what loc.file of the items points to, so that findings outlive a definition */
    size_t nfiles;
    size_t count, errors; /* count: of items; errors: how many WF_SEV_ERROR were found, kept or not */
};

void wf_diags_init(struct wf_diags *);
void wf_diags_done(struct wf_diags *);
/* At most 200 are kept. The same finding at the same place is added once. hint may be NULL. */
void wf_diags_add(struct wf_diags *, enum wf_severity, int code, struct wf_loc, const char *hint, const char *format,
    ...) __attribute__((format(printf, 6, 7)));
void wf_diags_add_err(struct wf_diags *, int code, const struct wf_err *);
void wf_diags_sort(struct wf_diags *); /* by file, line, column */
const char *wf_diag_title(int code);   /* the text of WF_DIAG_CODES; NULL: no such code */

#endif
