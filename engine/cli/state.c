/* state.c: opens the journal for the commands that ask about runs. */
#include "config.h" /* _GNU_SOURCE, for strerrordesc_np */

#include "cli/state.h"

#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/cmd.h"
#include "loop/loop.h"
#include "run/run.h"

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

/* ---- one run ------------------------------------------------------------------------------------------------------ */

static jv parse(struct wf_slice text)
{
    jv value = jv_invalid();
    struct wf_err err = {0};
    if (text.ptr && wf_val_parse(text.ptr, text.len, &value, &err) < 0)
        value = jv_invalid();
    return value;
}

static void found(void *arg, const struct wf_run_row *row)
{
    struct wf_state_run *run = arg;
    *run = (struct wf_state_run){
        .namespace_ = wf_strdup(row->namespace_),
        .name = wf_strdup(row->name),
        .version = wf_strdup(row->version),
        .status = row->status,
        .held = row->held,
        .imported = row->imported,
        .owner = row->owner,
        .started_ms = row->started_ms,
        .updated_ms = row->updated_ms,
        .records = row->records,
        .input = parse(row->start.input),
        .meta = parse(row->start.meta),
        .output = parse(row->output),
    };
    memcpy(run->definition, row->start.definition, sizeof run->definition);
    snprintf(run->id, sizeof run->id, "%s", row->run_id);
}

int wf_state_find(struct wf_state *state, const char *id, struct wf_state_run *ret, struct wf_err *err)
{
    struct wf_state_run run = {0};
    const struct wf_query query = {.run_id = id, .status = -1};
    int rc = state->ops->query(state->backend, &query, found, &run, err);
    if (rc == WF_ENOTFOUND && !err->hint[0])
        wf_err_hint(err, "`wfrun list` shows the runs");
    if (rc < 0)
        return rc;
    if (!run.id[0]) {
        rc = wf_err_set(err, WF_ENOTFOUND, "there is no run %s in %s", id, state->file);
        wf_err_hint(err, "`wfrun list` shows the runs");
        return rc;
    }
    *ret = run;
    return 0;
}

void wf_state_run_done(struct wf_state_run *run)
{
    free(run->namespace_);
    free(run->name);
    free(run->version);
    jv_free(run->input);
    jv_free(run->meta);
    jv_free(run->output);
}

bool wf_run_id_is_valid(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(id);
    return len > 0 && len <= 100 && strspn(id, allowed) == len;
}

bool wf_state_is_final(enum wf_run_status status)
{
    return status == WF_RUN_COMPLETED || status == WF_RUN_FAULTED || status == WF_RUN_CANCELLED;
}

int wf_state_exit(enum wf_run_status status)
{
    switch (status) {
    case WF_RUN_COMPLETED:
        return WF_EXIT_OK;
    case WF_RUN_FAULTED:
        return WF_EXIT_FAULT;
    case WF_RUN_CANCELLED:
        return WF_EXIT_CANCELLED;
    case WF_RUN_IN_DOUBT:
        return WF_EXIT_IN_DOUBT;
    default:
        return WF_EXIT_WAITING;
    }
}

/* ---- what is in doubt --------------------------------------------------------------------------------------------- */

static void doubt_note(void *arg, const char *key, struct wf_slice json)
{
    struct wf_doubts *doubts = arg;
    if (strncmp(key, "in-doubt ", 9) != 0)
        return;
    jv note = parse(json);
    if (jv_get_kind(note) == JV_KIND_OBJECT) {
        doubts->items = wf_realloc(doubts->items, (doubts->count + 1) * sizeof *doubts->items);
        doubts->items[doubts->count++] = (struct wf_doubt){
            .path = wf_strdup(wf_val_string(&note, "path", key + 9)),
            .task = wf_strdup(wf_val_string(&note, "task", "")),
            .step = wf_strdup(wf_val_string(&note, "step", "")),
            .key = wf_strdup(wf_val_string(&note, "key", "")),
            .why = wf_strdup(wf_val_string(&note, "why", "")),
            .since_ms = (int64_t)wf_val_number(&note, "since", 0),
        };
    }
    jv_free(note);
}

int wf_state_doubts(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id,
    struct wf_doubts *ret, struct wf_err *err)
{
    *ret = (struct wf_doubts){0};
    return ops->notes(backend, run_id, doubt_note, ret, err);
}

void wf_doubts_done(struct wf_doubts *doubts)
{
    for (size_t i = 0; i < doubts->count; i++) {
        free(doubts->items[i].path);
        free(doubts->items[i].task);
        free(doubts->items[i].step);
        free(doubts->items[i].key);
        free(doubts->items[i].why);
    }
    free(doubts->items);
    *doubts = (struct wf_doubts){0};
}

void wf_doubts_print(FILE *file, const struct wf_doubts *doubts, const char *run_id)
{
    for (size_t i = 0; i < doubts->count; i++) {
        const struct wf_doubt *doubt = &doubts->items[i];
        char since[WF_TIME_TEXT];
        wf_time_format(doubt->since_ms, since);
        fprintf(file, "in doubt: %s of task %s, begun %s\n  why: %s\n", doubt->step, doubt->task, since, doubt->why);
        fprintf(file, "  find out whether it happened (its request id is %s), then type one of\n", doubt->key);
        fprintf(file, "    wfrun resolve %s '%s' --done --output JSON --reason TEXT\n", run_id, doubt->path);
        fprintf(file, "    wfrun resolve %s '%s' --not-done --reason TEXT\n", run_id, doubt->path);
        fprintf(file, "    wfrun resolve %s '%s' --skip --reason TEXT\n", run_id, doubt->path);
    }
    if (doubts->count)
        fprintf(file, "  and then: wfrun resume %s\n", run_id);
}

/* ---- what failed and was put up with ------------------------------------------------------------------------------ */

struct wanted_note {
    const char *key;
    jv json;
};

static void take_note(void *arg, const char *key, struct wf_slice json)
{
    struct wanted_note *wanted = arg;
    if (strcmp(key, wanted->key) != 0)
        return;
    jv_free(wanted->json);
    wanted->json = parse(json);
}

jv wf_state_note(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id, const char *key)
{
    struct wanted_note wanted = {key, jv_invalid()};
    struct wf_err err = {0};
    if (ops->notes(backend, run_id, take_note, &wanted, &err) < 0) {
        jv_free(wanted.json);
        return jv_invalid();
    }
    return wanted.json;
}

size_t wf_state_failed_items(const struct wf_backend_ops *ops, struct wf_backend *backend, const char *run_id)
{
    jv note = wf_state_note(ops, backend, run_id, WF_NOTE_FAILED_ITEMS);
    size_t count = jv_get_kind(note) == JV_KIND_NUMBER ? (size_t)jv_number_value(note) : 0;
    jv_free(note);
    return count;
}
