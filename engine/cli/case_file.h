/* case_file.h: the cases of a step: what goes in, what the remote side says, what must come out. */
#ifndef WF_CLI_CASE_FILE_H
#define WF_CLI_CASE_FILE_H

#include <stdint.h>

#include "def/yaml.h"
#include "host/host.h"

struct wf_case_file {
    const char *path;
    struct wf_arena *arena;
    const struct wf_node *root; /* for places */
    jv value;                   /* the whole file, valid by its schema */
    const char *step;           /* of value */
    size_t count;
};

/* 0, or WF_EINVAL and the findings are in diags. */
int wf_case_file_read(const char *path, struct wf_case_file *ret, struct wf_diags *);
void wf_case_file_done(struct wf_case_file *);
/* The case's own sentence; lives as long as the file. */
const char *wf_case_name(const struct wf_case_file *, size_t index);
struct wf_loc wf_case_loc(const struct wf_case_file *, size_t index);

/* The case's word on faults, else the file's. */
enum wf_case_faults { WF_CASE_FAULTS, WF_CASE_NOT_MEMORY, WF_CASE_NO_FAULTS };
enum wf_case_faults wf_case_faults(const struct wf_case_file *, size_t index);

/* Which host call fails in a run of a case: its number (0: none), and how an exchange does so (WF_HTTP_*). */
struct wf_case_fault {
    uint32_t at;
    int32_t http;
};

/* What came of a case; plain, for it comes out of another process. */
struct wf_case_result {
    uint32_t calls;   /* that can fail */
    char failed[200]; /* the host call that did */
    char words[2000]; /* what is wrong; empty: nothing */
};

/* One run of a case, in this process; best one that is only for this. dirs: where plugins are, NULL-terminated. With a
 * fault only the rules of the ABI count, and not what the case expects. */
void wf_case_run(const struct wf_case_file *, size_t index, const char *const *dirs, struct wf_case_fault,
    struct wf_case_result *ret);

#endif
