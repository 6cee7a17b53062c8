/* world.c: what a process needs to run steps. Nothing here starts a thread or loads a plugin before it is needed. */
#include "cli/world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/whole_file.h"
#include "cli/cmd.h"
#include "cli/signature.h"
#include "cli/standin.h"
#include "config.h"
#include "def/yaml.h"

#define WORKERS_MAX  256 /* most of them asleep: a call that waits for its turn at a remote side keeps its worker */
#define WORKER_STACK ((size_t)256 << 10)

static const char *plugin_setting(void *arg, const char *group, const char *name)
{
    const struct wf_world *world = arg;
    return wf_config_plugin(world->config, group, name);
}

static const char *plugin_secret(void *arg, const char *name)
{
    const struct wf_world *world = arg;
    return wf_secrets_get(world->secrets, name);
}

static int check_signature(const char *file, const char *what, const char *const *keys, struct wf_err *err)
{
    char *text = NULL, *signer = NULL;
    size_t len;
    struct wf_err why = {0};
    if (wf_whole_file_read(file, &text, &len, &why) < 0 ||
        wf_signature_check(file, keys, text, len, &signer, &why) < 0) {
        wf_err_hint(err, "who trusts it signs it: minisign -Sm %s", file);
        wf_err_set(err, WF_EMISMATCH, "%s must be signed: %s", what, why.msg);
    }
    free(text);
    free(signer);
    return err->code;
}

static int admit_plugin(void *arg, const char *file, struct wf_err *err)
{
    const struct wf_world *world = arg;
    int rc = world->lock ? wf_lock_admit(world->lock, file, err) : 0;
    if (rc < 0 || !*world->keys || wf_plugin_is_own(world->hosting, file))
        return rc;
    char *files[2];
    wf_plugin_files(file, files);
    for (size_t i = 0; i < 2; i++) {
        if (rc == 0 && files[i])
            rc = check_signature(files[i], i ? "its library" : "it", world->keys, err);
        free(files[i]);
    }
    return rc;
}

const char *const *wf_world_plugin_dirs(struct wf_config *config)
{
    static const char *const installed[] = {PLUGINDIR, NULL};
    const char *const *given = wf_config_list(config, WF_OPT_PLUGIN_DIR);
    return *given ? given : installed;
}

/* From the environment a relative folder would be another one wherever wfrun is started. */
static int check_plugin_dirs(struct wf_config *config, struct wf_err *err)
{
    if (wf_config_is_given(config, WF_OPT_PLUGIN_DIR))
        return 0;
    for (const char *const *dir = wf_config_list(config, WF_OPT_PLUGIN_DIR); *dir; dir++) {
        if ((*dir)[0] == '/')
            continue;
        wf_err_hint(err, "write the whole path, or say --plugin-dir %s", *dir);
        return wf_err_set(err, WF_EINVAL, "WFRUN_PLUGIN_DIR has the relative folder %s", *dir);
    }
    return 0;
}

/* A path with a typo would otherwise just have nothing in it. */
static int check_paths(struct wf_config *config, struct wf_err *err)
{
    static const enum wf_opt_id paths[] = {WF_OPT_PLUGIN_DIR, WF_OPT_REGISTER, WF_OPT_CACERT, WF_OPT_PLUGIN_KEY};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (const char *const *path = wf_config_list(config, paths[i]); *path; path++)
            if (access(*path, R_OK) != 0)
                return wf_err_set(err, WF_EINVAL, "--%s %s: %m", wf_opt(paths[i])->name, *path);
    return 0;
}

static int read_isolation(struct wf_config *config, enum wf_isolation *ret, struct wf_err *err)
{
    const char *word = wf_config_text(config, WF_OPT_ISOLATION);
    *ret = WF_ISOLATION_AUTO;
    if (word && wf_isolation_parse(word, ret) != 0)
        return wf_err_set(err, WF_EINVAL, "--isolation is in-process, process or auto, and not `%s`", word);
    return 0;
}

int wf_world_init(struct wf_world *world, struct wf_config *config, struct wf_err *err)
{
    *world = (struct wf_world){.config = config, .keys = wf_config_list(config, WF_OPT_PLUGIN_KEY)};
    enum wf_isolation isolation;
    int rc = check_plugin_dirs(config, err);
    if (rc == 0)
        rc = check_paths(config, err);
    if (rc == 0)
        rc = read_isolation(config, &isolation, err);
    if (rc == 0)
        rc = wf_secrets_load(wf_config_text(config, WF_OPT_SECRETS), &world->secrets, err);
    if (rc < 0)
        return rc;
    const struct wf_http_settings http = {
        .ca_file = wf_config_text(config, WF_OPT_CACERT),
        .connect_to = wf_config_list(config, WF_OPT_CONNECT_TO),
        .user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
    };
    world->loop = wf_loop_new();
    world->pool = wf_pool_new(world->loop, WORKERS_MAX, WORKER_STACK);
    world->http = wf_http_new(world->loop, &http);
    world->host_program = wf_standin_find("wfrun-host");
    const struct wf_hosting_settings hosting = {
        .plugin_dirs = wf_world_plugin_dirs(config),
        .config = plugin_setting,
        .secret = plugin_secret,
        .admit = admit_plugin,
        .arg = world,
        .isolation = isolation,
        .own_dir = PLUGINDIR,
        .host_program = world->host_program,
        .loop = world->loop,
        .pool = world->pool,
        .http = world->http,
    };
    rc = wf_hosting_new(&hosting, &world->hosting, err);
    if (rc < 0) {
        wf_world_done(world);
        return rc;
    }
    world->catalog = wf_catalog_new(world->hosting);
    return 0;
}

void wf_world_done(struct wf_world *world)
{
    wf_catalog_free(world->catalog);
    if (world->hosting)
        wf_hosting_free(world->hosting);
    if (world->http)
        wf_http_free(world->http);
    if (world->pool)
        wf_pool_free(world->pool);
    if (world->loop)
        wf_loop_free(world->loop);
    wf_secrets_free(world->secrets);
    wf_lock_free(world->lock);
    free(world->host_program);
    *world = (struct wf_world){0};
}

/* All of them, and now: a workflow that is run by this one may need the last of them when much has been done. */
static int load_locked(struct wf_world *world, const char *file, struct wf_err *err)
{
    jv plugins = wf_lock_plugins(world->lock);
    int rc = 0;
    jv_object_foreach(plugins, name, plugin) {
        if (rc == 0)
            rc = wf_hosting_load(world->hosting, jv_string_value(name), err);
        if (rc == WF_ENOTFOUND)
            wf_err_hint(err, "%s wants it; install it, or name its folder with --plugin-dir", file);
        jv_free(name);
        jv_free(plugin);
    }
    jv_free(plugins);
    return rc;
}

int wf_world_lock(struct wf_world *world, const char *path, struct wf_err *err)
{
    if (world->lock || !path || strcmp(path, "-") == 0)
        return 0;
    char *file = wf_lock_file(path);
    int rc = access(file, F_OK) == 0 ? wf_lock_read(file, &world->lock, err) : 0;
    if (rc == 0 && world->lock)
        rc = load_locked(world, file, err);
    free(file);
    return rc;
}

int wf_world_load(struct wf_world *world, const char *path, struct wf_diags *diags, struct wf_def **ret,
    char **ret_text, size_t *ret_len)
{
    struct wf_err err = {0};
    *ret_text = NULL;
    if (wf_yaml_read_file(path, ret_text, ret_len, &err) < 0) {
        wf_diags_add(diags, WF_SEV_ERROR, 101, (struct wf_loc){path, 1, 1},
            "name a workflow: a readable file in YAML or JSON", "%s", err.msg);
        return WF_EXIT_INVALID;
    }
    int rc = wf_def_load(path, *ret_text, *ret_len, wf_catalog_steps(world->catalog), diags, ret);
    return rc < 0 ? WF_EXIT_INVALID : 0;
}
