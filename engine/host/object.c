/* object.c: a file, shared object or function.yaml, becomes a descriptor. In wfrun's process as in wfrun-host. */
#include "config.h" /* _GNU_SOURCE */

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/check.h"
#include "host/note.h"

static int load_object(const char *file, const struct wf_plugin **ret, struct wf_err *ret_err)
{
    /* NOW: a missing symbol is a sentence here and not a crash in the middle of a run. */
    void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return wf_err_set(ret_err, WF_EINVAL, "it cannot be loaded: %s", dlerror());
    const struct wf_plugin *(*entry)(uint32_t) = NULL;
    *(void **)&entry = dlsym(object, "wf_plugin_entry");
    if (!entry)
        return wf_err_set(ret_err, WF_EINVAL, "it has no function wf_plugin_entry: it is no plugin of wfrun");
    *ret = entry(WF_ABI);
    if (!*ret)
        return wf_err_set(ret_err, WF_EINVAL, "it refuses this wfrun (plugin ABI %d.%d)", WF_ABI_MAJOR, WF_ABI_MINOR);
    return wf__check_descriptor(*ret, ret_err);
}

/* Loading runs code of the file, so what its note says is looked at before. */
static int open_object(const char *file, wf__confine *confine, const struct wf_plugin **ret, struct wf_err *ret_err)
{
    struct wf__note *note;
    int rc = wf__note_read(file, &note, ret_err);

    if (rc == 0 && note)
        rc = wf__note_check(note, ret_err);
    if (rc == 0 && confine)
        rc = confine(file, NULL, ret_err);
    if (rc == 0)
        rc = load_object(file, ret, ret_err);
    if (rc == 0 && note)
        rc = wf__note_compare(note, *ret, ret_err);
    wf__note_free(note);
    return rc;
}

/* A library named by its path is looked at as a plugin is; one named by its soname is the system's to guard. */
static int open_manifest(const char *file, wf__confine *confine, struct wf_manifest **ret_manifest,
    const struct wf_plugin **ret, struct wf_err *ret_err)
{
    char path[PATH_MAX];
    int rc = wf_manifest_load(file, ret_manifest, ret_err);
    const char *library = rc == 0 ? wf_manifest_library_path(*ret_manifest) : NULL;

    if (library)
        rc = realpath(library, path) ? wf__check_file(path, ret_err)
                                     : wf_err_set(ret_err, WF_EINVAL, "its library %s: %s", library, strerror(errno));
    if (rc == 0 && confine)
        rc = confine(file, wf_manifest_confine(*ret_manifest), ret_err);
    if (rc == 0)
        rc = wf_manifest_link(*ret_manifest, ret_err);
    if (rc == 0)
        *ret = wf_manifest_plugin(*ret_manifest);
    return rc == 0 ? wf__check_descriptor(*ret, ret_err) : rc;
}

int wf__object_open(const char *file, wf__confine *confine, struct wf_manifest **ret_manifest,
    const struct wf_plugin **ret, struct wf_err *ret_err)
{
    return wf_manifest_is_file(file) ? open_manifest(file, confine, ret_manifest, ret, ret_err)
                                     : open_object(file, confine, ret, ret_err);
}
