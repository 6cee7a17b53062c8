/* world.h: loop, workers, HTTP and plugins of this process, made together and taken down together. Loop thread. */
#ifndef WF_CLI_WORLD_H
#define WF_CLI_WORLD_H

#include "cli/catalog.h"
#include "cli/lock.h"
#include "cli/secrets.h"
#include "cli/settings.h"
#include "host/host.h"
#include "loop/http.h"
#include "loop/loop.h"
#include "loop/pool.h"

struct wf_world {
    struct wf_loop *loop;
    struct wf_pool *pool;
    struct wf_http *http;
    struct wf_hosting *hosting;
    struct wf_catalog *catalog;
    struct wf_secrets *secrets;
    const char *const *keys;        /* that plugins must be signed with; empty: they need not be */
    struct wf_lock *lock;           /* NULL: any plugin may be loaded */
    char *host_program;             /* wfrun-host */
    const struct wf_config *config; /* borrowed */
};

/* 0, or negative with a sentence; then nothing is left to take down. */
int wf_world_init(struct wf_world *, struct wf_config *, struct wf_err *);
void wf_world_done(struct wf_world *);

/* The folders that were asked for, else the installed one; NULL-terminated. */
const char *const *wf_world_plugin_dirs(struct wf_config *);

/* From here on only plugins that the workflow's lock file has are loaded, if it has one. path NULL or "-": none.
 * 0, or negative with a sentence. */
int wf_world_lock(struct wf_world *, const char *path, struct wf_err *);

/* Read and check a definition. 0 with *ret; or an exit status, and the findings are in diags. *ret_text (the caller frees)
 * is what was read, for excerpts; NULL when the file cannot be read. */
int wf_world_load(
    struct wf_world *, const char *path, struct wf_diags *, struct wf_def **ret, char **ret_text, size_t *ret_len);

#endif
