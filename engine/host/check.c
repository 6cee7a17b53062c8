/* check.c: may this file be loaded, and is what it describes a plugin? Asked by wfrun and by wfrun-host. */
#include "config.h" /* _GNU_SOURCE */

#include "host/check.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_STEPS   200
#define LONGEST_NAME 100

/* ---- who may write the file ---- */

/* Root, we, and the owner of this very program, who could change it anyway. */
static bool is_trusted_owner(uid_t owner)
{
    struct stat self;

    return owner == 0 || owner == geteuid() || (stat("/proc/self/exe", &self) == 0 && owner == self.st_uid);
}

static int check_one(const char *path, bool is_file, struct wf_err *ret_err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return wf_err_set(ret_err, WF_EIO, "cannot read %s: %s", path, strerror(errno));
    if (is_file && !S_ISREG(st.st_mode))
        return wf_err_set(ret_err, WF_EINVAL, "%s is not a file", path);
    if (!is_trusted_owner(st.st_uid)) {
        wf_err_hint(ret_err, "change its owner: chown %u %s", (unsigned)geteuid(), path);
        return wf_err_set(ret_err, WF_EINVAL, "%s belongs to another user (%u)", path, (unsigned)st.st_uid);
    }
    /* In a sticky folder such as /tmp others can add names, but not replace ours. */
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX))) {
        wf_err_hint(ret_err, "take the right away: chmod go-w %s", path);
        return wf_err_set(
            ret_err, WF_EINVAL, "%s can be written by others (mode %03o)", path, (unsigned)st.st_mode & 0777u);
    }
    return 0;
}

int wf__check_file(const char *path, struct wf_err *ret_err)
{
    char part[PATH_MAX];
    int rc = check_one(path, true, ret_err);

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strrchr(part, '/'); rc == 0 && slash; slash = strrchr(part, '/')) {
        *slash = '\0';
        rc = check_one(part[0] ? part : "/", false, ret_err);
    }
    return rc;
}

/* ---- the descriptor ---- */

static bool is_name(const char *text)
{
    if (!text || !islower((unsigned char)text[0]) || strlen(text) > LONGEST_NAME)
        return false;
    for (; *text; text++) {
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '-')
            return false;
    }
    return true;
}

static int check_step(const struct wf_step_type *type, struct wf_err *ret_err)
{
    if (type->size < WF__STEP_TYPE_1_0)
        return wf_err_set(
            ret_err, WF_EINVAL, "a step type's size is %u and not at least %zu", type->size, WF__STEP_TYPE_1_0);
    if (!is_name(type->name))
        return wf_err_set(ret_err, WF_EINVAL, "a step has no name, or one that is not lower case, digits and hyphens");
    if (!type->run || !type->summary)
        return wf_err_set(
            ret_err, WF_EINVAL, "the step %s has no %s", type->name, type->run ? "summary" : "run function");
    if (type->effect > WF_EFFECT_IRREVERSIBLE)
        return wf_err_set(ret_err, WF_EINVAL, "the step %s has an unknown effect (%u)", type->name, type->effect);
    if (type->effect >= WF_EFFECT_WRITE && !type->undo && !type->no_undo)
        return wf_err_set(
            ret_err, WF_EINVAL, "the step %s changes the world, but has neither undo nor no_undo", type->name);
    return 0;
}

int wf__check_abi(unsigned major, unsigned minor, struct wf_err *ret_err)
{
    if (major == WF_ABI_MAJOR)
        return 0;
    wf_err_hint(ret_err, "build it again with this version's wfrun/plugin.h");
    return wf_err_set(ret_err, WF_EINVAL, "it was built for plugin ABI %u.%u, and this wfrun has %d.%d", major, minor,
        WF_ABI_MAJOR, WF_ABI_MINOR);
}

int wf__check_descriptor(const struct wf_plugin *plugin, struct wf_err *ret_err)
{
    if (plugin->size < offsetof(struct wf_plugin, name))
        return wf_err_set(ret_err, WF_EINVAL, "its descriptor is too short to have an ABI version");
    if (wf__check_abi(plugin->abi_major, plugin->abi_minor, ret_err) != 0)
        return WF_EINVAL;
    if (plugin->size < WF__PLUGIN_1_0)
        return wf_err_set(
            ret_err, WF_EINVAL, "its descriptor's size is %u and not at least %zu", plugin->size, WF__PLUGIN_1_0);
    if (!is_name(plugin->name))
        return wf_err_set(ret_err, WF_EINVAL, "it has no name, or one that is not lower case, digits and hyphens");
    if (!plugin->version || !plugin->version[0] || !plugin->summary || !plugin->open)
        return wf_err_set(ret_err, WF_EINVAL, "its descriptor is incomplete: version, summary and open are needed");
    if (!plugin->steps || !plugin->steps[0])
        return wf_err_set(ret_err, WF_EINVAL, "it has no steps");
    for (size_t i = 0; plugin->steps[i]; i++) {
        if (i == MOST_STEPS)
            return wf_err_set(ret_err, WF_ELIMIT, "it has more than %d steps", MOST_STEPS);
        if (check_step(plugin->steps[i], ret_err) != 0)
            return WF_EINVAL;
        for (size_t k = 0; k < i; k++)
            if (strcmp(plugin->steps[k]->name, plugin->steps[i]->name) == 0)
                return wf_err_set(ret_err, WF_EINVAL, "it has two steps called %s", plugin->steps[i]->name);
    }
    return 0;
}
