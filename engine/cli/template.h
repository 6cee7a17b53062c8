/* template.h: the texts of what `wfrun plugin new` writes: the files below templates/, which the build puts in here. */
#ifndef WF_CLI_TEMPLATE_H
#define WF_CLI_TEMPLATE_H

struct wf_template_file {
    const char *path; /* LANG/EFFECT/NAME, or LANG/NAME for every effect */
    const char *text;
};

extern const struct wf_template_file wf_template_files[]; /* ends with a NULL path */

#endif
