/* errors.c: the DSL's standard errors and the families of URIs that name them. */
#include <string.h>

#include "def/def.h"

#define BASE "https://serverlessworkflow.io/spec/1.0.0/errors/"

/* One list: last path segment, usual status. */
#define STANDARD(X)                                                                                                    \
    X(configuration, 400)                                                                                              \
    X(validation, 400)                                                                                                 \
    X(expression, 400)                                                                                                 \
    X(authentication, 401)                                                                                             \
    X(authorization, 403)                                                                                              \
    X(timeout, 408)                                                                                                    \
    X(communication, 500)                                                                                              \
    X(runtime, 500)

static const struct {
    const char *name, *uri;
    int status;
} standard[] = {
#define ROW(name, status) {#name, BASE #name, status},
    STANDARD(ROW)
#undef ROW
};
#define NSTANDARD (sizeof standard / sizeof *standard)

/* 1.0.x and main, as the text and as the conformance kit spell it. */
static const char *const bases[] = {
    BASE,
    "https://open-workflow-specification.org/spec/1.0.0/errors/",
    "https://serverlessworkflow.io/dsl/errors/types/",
    "https://open-workflow-specification.org/dsl/errors/types/",
};

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < NSTANDARD && strcmp(standard[i].name, name) != 0)
        i++;
    return i;
}

const char *wf_error_type_uri(const char *name)
{
    size_t i = find(name);
    return i < NSTANDARD ? standard[i].uri : NULL;
}

int wf_error_type_status(const char *name)
{
    size_t i = find(name);
    return i < NSTANDARD ? standard[i].status : 0;
}

const char *wf_error_type_name(const char *uri)
{
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++) {
        size_t len = strlen(bases[b]);
        if (strncmp(uri, bases[b], len) != 0)
            continue;
        size_t i = find(uri + len);
        if (i < NSTANDARD)
            return standard[i].name;
    }
    return NULL;
}
