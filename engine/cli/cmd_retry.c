/* cmd_retry.c: `wfrun retry`: what failed is tried again in a new run, which begins with what the old one had done. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/control.h"
#include "cli/diag_print.h"
#include "cli/drive.h"
#include "cli/prompt.h"
#include "cli/retry_diff.h"
#include "cli/retry_pick.h"
#include "cli/rollback.h"
#include "cli/state_file.h"
#include "report/pinned.h"
#include "report/undo_list.h"
#include "run/run.h"

struct retry {
    struct wf_invocation *inv;
    struct wf_state state;
    struct wf_state_run run;
    struct wf_undo_list list; /* the past, and what was taken back */
    const char **undone;
    struct wf_retry_ask ask;
    struct wf_retry_pick pick;
    char *from; /* reference of the task */
    struct wf_drive drive;
};

/* ---- what may be repeated ---- */

static bool is_idempotent(void *arg, const struct wf_record *record)
{
    struct retry *retry = arg;
    bool idempotent = false;
    jv intent;
    if (wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
        return false;
    const struct wf_step_entry *entry =
        wf_hosting_find(retry->drive.world.hosting, wf_val_string(&intent, "step", ""), NULL);
    jv input = wf_val_get(&intent, "input");
    char *text = wf_val_text(&input);
    if (entry && text)
        (void)wf_step_effect(entry, (struct wf_bytes){text, strlen(text)}, &idempotent);
    free(text);
    jv_free(input);
    jv_free(intent);
    return idempotent;
}

static void note_undone(struct retry *retry)
{
    retry->undone = wf_calloc(retry->list.nops + 1, sizeof *retry->undone);
    for (size_t i = 0; i < retry->list.nops; i++)
        if (retry->list.ops[i].fate == WF_UNDO_BEFORE)
            retry->undone[retry->ask.nundone++] = retry->list.ops[i].record->path;
    retry->ask.undone = retry->undone;
}

/* ---- which task ---- */

struct search {
    const char *wanted, *found;
    size_t count;
};

static void look_at(void *arg, const struct wf_task *task)
{
    struct search *search = arg;
    if (strcmp(task->name, search->wanted) == 0 || strcmp(task->ref, search->wanted) == 0) {
        search->found = task->ref;
        search->count++;
    }
}

/* A name or reference of the run's own workflow, or the path of a record. */
static int find_from(struct retry *retry, const char *wanted)
{
    struct search search = {.wanted = wanted};
    struct wf_pinned pinned;
    wf_pinned_init(&pinned, retry->state.ops, retry->state.backend);
    const struct wf_pinned_def *def = wf_pinned_get(&pinned, retry->run.definition, NULL);
    if (def && def->def)
        wf_task_each(&def->def->body, look_at, &search);
    if (search.count == 1)
        retry->from = wf_strdup(search.found);
    else if (search.count == 0 && wf_past_find(retry->list.past, wanted))
        retry->from = wf_strdup(wanted);
    wf_pinned_done(&pinned);
    if (retry->from)
        return 0;
    if (search.count > 1)
        fprintf(stderr, "wfrun: --from %s: %zu tasks are called so; give its reference, such as /do/2/charge\n", wanted,
            search.count);
    else
        fprintf(stderr, "wfrun: --from %s: the workflow has no such task, and `wfrun logs %s` no such path\n", wanted,
            retry->run.id);
    return WF_EXIT_USAGE;
}

static int understand(struct retry *retry)
{
    const struct wf_opts *opts = &retry->inv->opts;
    const char *from = wf_opts_last(opts, WF_OPT_FROM);
    bool failed = wf_opts_has(opts, WF_OPT_FAILED);
    if (from && failed) {
        fputs("wfrun: retry: say one of --from and --failed\n", stderr);
        return WF_EXIT_USAGE;
    }
    if (wf_opts_has(opts, WF_OPT_REPEAT) && !from) {
        fputs("wfrun: retry: --repeat-effects goes with --from\n", stderr);
        return WF_EXIT_USAGE;
    }
    retry->ask.rule = from ? WF_RETRY_FROM : failed ? WF_RETRY_FAILED : WF_RETRY_FAULTS;
    int status = from ? find_from(retry, from) : 0;
    retry->ask.from = retry->from;
    return status;
}

/* ---- may it be retried? ---- */

/* A second retry would not know what the first one did, and do it again. */
static int check_later(const struct retry *retry)
{
    const struct wf_kin_run *latest = wf_kin_latest(&retry->list.kin);
    if (!latest || wf_opts_has(&retry->inv->opts, WF_OPT_REPEAT))
        return 0;
    const char *why = "it is not over", *command = "resume";
    if (latest->held)
        why = "to see how it stands", command = "explain";
    else if (wf_state_is_final(latest->status))
        why = "to try again what that one left", command = "retry";
    fprintf(stderr,
        "wfrun: run %s was retried already: run %s (%s) goes on with what it did\n"
        "  hint: %s: wfrun %s %s\n",
        retry->run.id, latest->id, latest->held ? "running" : wf_run_status_name(latest->status), why, command,
        latest->id);
    return WF_EXIT_USAGE;
}

static int check_run(struct retry *retry)
{
    const struct wf_state_run *run = &retry->run;
    const char *of = wf_val_string(&run->meta, "rollback", NULL);
    if (of) {
        fprintf(stderr, "wfrun: run %s is a rollback; for what it left: wfrun rollback %s\n", run->id, of);
        return WF_EXIT_USAGE;
    }
    if (run->imported) {
        fprintf(stderr,
            "wfrun: run %s was imported: it can be looked at, and its work is changed where its own journal is\n",
            run->id);
        return WF_EXIT_USAGE;
    }
    if (run->held) {
        fprintf(stderr, "wfrun: run %s is being driven by another process\n", run->id);
        return WF_EXIT_HELD;
    }
    if (!wf_state_is_final(run->status)) {
        fprintf(stderr, "wfrun: run %s is not over (%s): it can go on as it is: wfrun resume %s\n", run->id,
            wf_run_status_name(run->status), run->id);
        return run->status == WF_RUN_IN_DOUBT ? WF_EXIT_IN_DOUBT : WF_EXIT_USAGE;
    }
    if (retry->list.unfinished) {
        fprintf(
            stderr, "wfrun: run %s is being rolled back; first: wfrun resume %s\n", run->id, retry->list.unfinished);
        return WF_EXIT_WAITING;
    }
    return check_later(retry);
}

static int check_doubt(struct retry *retry)
{
    const struct wf_record *record = wf_retry_doubt(retry->list.past, &retry->ask);
    if (!record)
        return 0;
    fprintf(stderr,
        "wfrun: run %s ended while %s was in doubt: it would be done a second time if it did happen\n"
        "  hint: find out, and begin a new run with what is left to do\n",
        retry->run.id, record->path);
    return WF_EXIT_IN_DOUBT;
}

static int refuse_repeats(const struct retry *retry)
{
    fprintf(stderr, "wfrun: retry: these are done, and from %s on they would be done again:\n", retry->ask.from);
    for (size_t i = 0; i < retry->list.past->count; i++)
        if (retry->pick.repeated[i])
            fprintf(stderr, "  %s\n", retry->list.past->records[i].path);
    fprintf(stderr,
        "  hint: take them back first (`wfrun rollback %s --item PATH`), retry what failed (without --from), or say\n"
        "  --repeat-effects\n",
        retry->run.id);
    return WF_EXIT_USAGE;
}

static int check_pick(const struct retry *retry)
{
    const struct wf_state_run *run = &retry->run;
    if (retry->pick.nrepeated && !wf_opts_has(&retry->inv->opts, WF_OPT_REPEAT))
        return refuse_repeats(retry);
    if (retry->pick.roots || run->status == WF_RUN_CANCELLED || wf_opts_has(&retry->inv->opts, WF_OPT_DEFINITION))
        return 0;
    if (retry->ask.rule == WF_RETRY_FAILED)
        fprintf(stderr, "wfrun: run %s has no failed items\n", run->id);
    else if (run->status == WF_RUN_COMPLETED)
        fprintf(stderr, "wfrun: nothing of run %s failed; --from TASK does a part of it again\n", run->id);
    else
        fprintf(stderr,
            "wfrun: run %s would fault in the same way: no step of it failed, the workflow itself raised the error\n"
            "  hint: correct it (--definition FILE), or repeat what it read (--from TASK)\n",
            run->id);
    return WF_EXIT_USAGE;
}

/* ---- the new run ---- */

static char *meta_text(const struct retry *retry, const char *file)
{
    const struct wf_drive *drive = &retry->drive;
    jv meta = jv_copy(retry->run.meta);
    if (jv_get_kind(meta) != JV_KIND_OBJECT) {
        jv_free(meta);
        meta = jv_object();
    }
    meta = wf_val_set(meta, WF_META_RETRY, jv_string(retry->run.id));
    meta = wf_val_set(meta, "settings", wf_config_kept(retry->inv->config));
    if (file)
        meta = wf_val_set(meta, "file", jv_string(file));
    if (drive->sandbox)
        meta = wf_val_set(meta, "world", jv_string(drive->world_id));
    char *text = wf_val_text(&meta);
    jv_free(meta);
    return text;
}

static int seed(struct retry *retry, const struct wf_def *def, const char *file, struct wf_err *err)
{
    struct wf_backend *backend = wf_engine_backend(retry->drive.engine);
    char *input = wf_val_text(&retry->run.input), *meta = meta_text(retry, file);
    size_t count;
    struct wf_seed *rows = wf_retry_rows(&retry->pick, &count);
    struct wf_start start = {
        .run_id = retry->drive.run_id,
        .namespace_ = retry->run.namespace_,
        .name = retry->run.name,
        .version = def ? def->version : retry->run.version,
        .input = {input, strlen(input)},
        .meta = {meta, strlen(meta)},
        .started_ms = wf_loop_now_ms(retry->drive.world.loop),
    };
    memcpy(start.definition, def ? def->sha256 : retry->run.definition, WF_SHA256_SIZE);
    int rc = def ? wf_journal_sqlite.put_definition(backend, def->sha256, def->source, def->source_len, err) : 0;
    if (rc == 0)
        rc = wf_journal_sqlite.seed(backend, &start, rows, count, WF_RUN_WAITING, (struct wf_slice){NULL, 0}, err);
    free(rows);
    free(meta);
    free(input);
    return rc;
}

static int note_old(struct retry *retry, struct wf_err *err)
{
    char *key = wf_asprintf(WF_NOTE_RETRIED_BY "%s", retry->drive.run_id);
    jv json = wf_control_json(NULL);
    char *text = wf_val_text(&json);
    int rc = retry->state.ops->annotate(
        retry->state.backend, retry->run.id, key, (struct wf_slice){text, strlen(text)}, err);
    jv_free(json);
    free(text);
    free(key);
    return rc;
}

static int go(struct retry *retry, struct wf_def *def, const char *file)
{
    struct wf_drive *drive = &retry->drive;
    struct wf_err err = {0};
    wf_signals_defer();
    int status = wf_drive_open(drive, file ? file : wf_val_string(&retry->run.meta, "file", NULL));
    if (status)
        return status;
    /* Noted first: a retry that nobody knows of would let a second one do the same again. */
    if (note_old(retry, &err) < 0 || seed(retry, def, file, &err) < 0 ||
        wf_engine_resume(drive->engine, drive->run_id, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    drive->accepted = true;
    if (drive->summary)
        fprintf(stderr, "wfrun: run %s: of %zu operations of %s, %zu are kept and %zu are done again\n", drive->run_id,
            retry->pick.kept + retry->pick.again, retry->run.id, retry->pick.kept, retry->pick.again);
    return wf_drive_go(drive);
}

/* ---- a corrected definition ---- */

static int load(struct retry *retry, const char *path, struct wf_def **ret)
{
    struct wf_diags diags;
    char *text = NULL;
    size_t len = 0;
    wf_diags_init(&diags);
    int status = wf_world_load(&retry->drive.world, path, &diags, ret, &text, &len);
    wf_diags_print(stderr, &diags, text, len);
    wf_diags_done(&diags);
    free(text);
    return status;
}

/* Says what changes for the run, and asks. */
static int agree(struct retry *retry, const struct wf_def *def)
{
    int status = wf_retry_diff(&retry->state, &retry->run, &retry->pick, def);
    if (status || wf_opts_has(&retry->inv->opts, WF_OPT_YES))
        return status;
    int answer = wf_prompt_word("Go on with the corrected definition?", "yes");
    if (answer == 1)
        return 0;
    fputs(answer == 0
              ? "wfrun: nothing was begun\n"
              : "wfrun: retry: nothing was begun: there is no terminal to ask on; to go on as shown, add --yes\n",
        stderr);
    return WF_EXIT_USAGE;
}

static int with_world(struct retry *retry)
{
    const char *path = wf_opts_last(&retry->inv->opts, WF_OPT_DEFINITION);
    struct wf_def *def = NULL;
    int status = wf_drive_lock(&retry->drive, path); /* a corrected definition's counts before that of the run */
    if (!status)
        status = wf_drive_world(&retry->drive, &retry->run);
    if (!status)
        status = check_doubt(retry);
    if (status)
        return status;
    wf_retry_pick(retry->list.past, &retry->ask, &retry->pick);
    status = check_pick(retry);
    if (!status && path)
        status = load(retry, path, &def);
    if (!status && path)
        status = agree(retry, def);
    char *file = path ? realpath(path, NULL) : NULL;
    if (!status)
        status = go(retry, def, file);
    free(file);
    wf_def_unref(def);
    wf_retry_pick_done(&retry->pick);
    return status;
}

static int with_run(struct retry *retry)
{
    struct wf_err err = {0}, claimed = {0};
    char id[sizeof retry->drive.run_id];
    (void)wf_kin_claim(&retry->state, retry->run.id, &claimed); /* before the look: it must not be old */
    if (wf_undo_list_read(&retry->state, retry->run.id, &retry->list, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    note_undone(retry);
    int status = check_run(retry);
    if (!status && claimed.code)
        status = wf_complain(&claimed, wf_exit_of(&claimed));
    if (!status)
        status = understand(retry);
    if (!status)
        status = wf_drive_successor(
            &retry->state, wf_opts_last(&retry->inv->opts, WF_OPT_RUN_ID), retry->run.id, "retry", id);
    if (!status) {
        wf_drive_keep_settings(retry->inv, &retry->run.meta);
        status = wf_drive_init(&retry->drive, retry->inv);
        if (!status) {
            snprintf(retry->drive.run_id, sizeof retry->drive.run_id, "%s", id);
            status = with_world(retry);
            bool roll_back = wf_rollback_is_declared(&retry->drive);
            wf_drive_done(&retry->drive);
            wf_kin_release(&retry->state, retry->run.id);
            if (roll_back)
                wf_rollback(retry->inv, id, true);
        }
    }
    free(retry->from);
    free(retry->undone);
    wf_undo_list_done(&retry->list);
    return status;
}

static int exec(struct wf_invocation *inv)
{
    struct retry retry = {.inv = inv};
    struct wf_err err = {0};
    retry.ask.is_idempotent = is_idempotent;
    retry.ask.arg = &retry;
    if (wf_state_open(inv->config, false, &retry.state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    int status =
        wf_state_find(&retry.state, inv->opts.args[0], &retry.run, &err) < 0 ? wf_complain(&err, wf_exit_of(&err)) : -1;
    if (status < 0) {
        status = with_run(&retry);
        wf_state_run_done(&retry.run);
    }
    wf_state_close(&retry.state);
    return status;
}

const struct wf_cmd wf_cmd_retry = {
    .name = "retry",
    .args = "RUN",
    .summary = "Try again what failed, in a new run that keeps what was done",
    .details =
        "Without more, what faulted is tried again with what follows from it; --failed tries the failed items of "
        "loops,\n"
        "--from everything from a task on. An effect that costs money or adds up is never repeated, but for --from "
        "with\n"
        "--repeat-effects. --definition goes on with a corrected workflow, after showing what changes for the run.",
    .opts = WF_OPTS_DRIVE | WF_OPT_BIT(WF_OPT_FAILED) | WF_OPT_BIT(WF_OPT_FROM) | WF_OPT_BIT(WF_OPT_REPEAT) |
            WF_OPT_BIT(WF_OPT_DEFINITION) | WF_OPT_BIT(WF_OPT_YES) | WF_OPT_BIT(WF_OPT_RUN_ID),
    .min_args = 1,
    .max_args = 1,
    .exec = exec,
};
