/* state_file.c: finds the journal's file and opens it. */
#include "config.h" /* _GNU_SOURCE, for strerrordesc_np */

#include "cli/state_file.h"

#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/loop.h"

char *wf_state_file(struct wf_config *config)
{
    const char *given = wf_config_text(config, WF_OPT_STATE), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const struct passwd *user = home && *home ? NULL : getpwuid(geteuid()); /* as in a cron job or a service */
    if (given)
        return wf_strdup(given);
    if (xdg && *xdg)
        return wf_asprintf("%s/wfrun/wfrun.db", xdg);
    return wf_asprintf("%s/.local/state/wfrun/wfrun.db", home && *home          ? home
                                                         : user && user->pw_dir ? user->pw_dir
                                                                                : "");
}

int wf_state_make_folder(const char *file, struct wf_err *err)
{
    char *path = wf_strdup(file);
    char *folder = dirname(path);
    int rc = 0;
    for (char *p = folder + 1; rc == 0 && *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            rc = -1;
        *p = '/';
    }
    if (rc < 0 || (mkdir(folder, 0700) < 0 && errno != EEXIST)) {
        rc = wf_err_set(err, WF_EIO, "the journal's folder %s cannot be made: %m", folder);
        wf_err_hint(err, "name another place with --state FILE.db, or run with --ephemeral");
    }
    free(path);
    return rc;
}

int wf_state_open(struct wf_config *config, bool read_only, struct wf_state *ret, struct wf_err *err)
{
    struct wf_state state = {.ops = &wf_journal_sqlite, .file = wf_state_file(config)};
    struct stat st;
    int rc = stat(state.file, &st);
    if (rc < 0 && errno != ENOENT) {
        rc = wf_err_set(err, WF_EIO, "the journal %s cannot be opened: %s", state.file, strerrordesc_np(errno));
        free(state.file);
        return rc;
    }
    if (rc < 0 || st.st_size == 0) { /* empty: another process is about to make it */
        rc = wf_err_set(err, WF_ENOTFOUND, "there is no journal %s%s%s", state.file, rc < 0 ? ": " : " yet",
            rc < 0 ? strerrordesc_np(errno) : "");
        wf_err_hint(err, "--state FILE.db names another");
        free(state.file);
        return rc;
    }
    state.loop = wf_loop_new();
    const struct wf_settings settings = {.location = state.file, .read_only = read_only, .loop = state.loop};
    rc = state.ops->open(&settings, &state.backend, err);
    if (rc < 0) {
        wf_loop_free(state.loop);
        free(state.file);
        return rc;
    }
    *ret = state;
    return 0;
}

void wf_state_close(struct wf_state *state)
{
    state->ops->close(state->backend);
    wf_loop_free(state->loop);
    free(state->file);
}
