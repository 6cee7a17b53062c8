/* manifest.h: functions of shared libraries as steps, from a `function.yaml`: no C to write.
 *
 * A manifest makes an ordinary plugin descriptor, whose steps' `run` interprets a prepared C signature: members of `with`
 * become arguments, libffi calls the function, results become the output. docs/function-manifest.md says how one is
 * written. Loop thread; the steps run where the descriptor says. */
#ifndef WF_FFI_MANIFEST_H
#define WF_FFI_MANIFEST_H

#include <stdbool.h>

#include "base/err.h"
#include "wfrun/plugin.h"

struct wf_manifest;

bool wf_manifest_is_file(const char *path); /* NAME.function.yaml, or function.yaml in a folder NAME */
/* Reads and checks; touches no library. *ret_err has the first findings with line and column. */
int wf_manifest_load(const char *path, struct wf_manifest **ret, struct wf_err *ret_err);
/* The library's file when the manifest names it by its path; NULL: by its soname, for ld.so to find. */
const char *wf_manifest_library_path(const struct wf_manifest *);
/* `confine` as the lines of host/check.h; NULL: there is none. */
const char *wf_manifest_confine(const struct wf_manifest *);
/* Opens the library, finds the functions, prepares the calls. Before that no step may run. */
int wf_manifest_link(struct wf_manifest *, struct wf_err *ret_err);
const struct wf_plugin *wf_manifest_plugin(const struct wf_manifest *); /* lives as long as the manifest */
void wf_manifest_free(struct wf_manifest *);

#endif
