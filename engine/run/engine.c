/* engine.c: runs: begun, resumed, stopped, ended. */
#include <config.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"

static const struct wf_engine_ops engine_ops;

/* ---- the engine and its definitions ---- */

int wf_engine_new(const struct wf_engine_settings *set, struct wf_engine **ret, struct wf_err *err)
{
    struct wf_engine *engine = wf_calloc(1, sizeof *engine);
    const struct wf_settings settings = {
        .location = set->location,
        .stop_after = set->stop_after,
        .loop = set->loop,
        .engine = &engine_ops,
        .engine_arg = engine,
    };
    int rc;

    engine->set = *set;
    rc = set->journal->open(&settings, &engine->backend, err);
    if (rc != 0) {
        free(engine);
        return rc;
    }
    *ret = engine;
    return 0;
}

static void run_free(struct wf_run *run);

void wf_engine_free(struct wf_engine *engine)
{
    if (!engine)
        return;
    while (engine->runs)
        run_free(engine->runs);
    engine->set.journal->close(engine->backend);
    for (size_t i = 0; i < engine->ndefs; i++)
        wf_def_unref(engine->defs[i]);
    free(engine->defs);
    for (size_t i = 0; i < engine->npasts; i++)
        wf_past_free(engine->pasts[i]);
    free(engine->pasts);
    free(engine);
}

struct wf_backend *wf_engine_backend(struct wf_engine *engine)
{
    return engine->backend;
}

static struct wf_def *known_def(struct wf_engine *engine, const uint8_t sha256[WF_SHA256_SIZE])
{
    for (size_t i = 0; i < engine->ndefs; i++)
        if (memcmp(engine->defs[i]->sha256, sha256, WF_SHA256_SIZE) == 0)
            return engine->defs[i];
    return NULL;
}

static void remember_def(struct wf_engine *engine, struct wf_def *def)
{
    engine->defs = wf_realloc(engine->defs, (engine->ndefs + 1) * sizeof *engine->defs);
    engine->defs[engine->ndefs++] = wf_def_ref(def);
}

int wf__engine_keep(struct wf_engine *engine, struct wf_def *def, struct wf_err *err)
{
    int rc;

    if (known_def(engine, def->sha256))
        return 0;
    rc = engine->set.journal->put_definition(engine->backend, def->sha256, def->source, def->source_len, err);
    if (rc == 0)
        remember_def(engine, def);
    return rc;
}

/* From the journal: exactly the bytes that the run began with, checked again with the plugins of today. */
struct wf_def *wf__engine_def(struct wf_engine *engine, const uint8_t sha256[WF_SHA256_SIZE], struct wf_err *err)
{
    struct wf_def *def = known_def(engine, sha256);
    struct wf_diags diags;
    char *text;
    size_t len;

    if (def || engine->set.journal->get_definition(engine->backend, sha256, &text, &len, err) != 0)
        return def;
    wf_diags_init(&diags);
    if (wf_def_load("(journal)", text, len, engine->set.catalog, &diags, &def) != 0) {
        wf_err_set(err, WF_EMISMATCH, "the run's definition no longer loads: line %d: %s",
            diags.count ? diags.items[0].loc.line : 0, diags.count ? diags.items[0].msg : "");
        if (diags.count && diags.items[0].hint)
            wf_err_hint(err, "%s", diags.items[0].hint);
        def = NULL;
    } else {
        remember_def(engine, def);
        wf_def_unref(def);
    }
    wf_diags_done(&diags);
    free(text);
    return def;
}

/* ---- begin and resume ---- */

int wf_engine_start(struct wf_engine *engine, struct wf_def *def, const char *run_id, jv input, struct wf_slice meta,
    char ret_id[101], struct wf_err *err)
{
    char id[101], *text = wf_val_text(&input);
    struct wf_start start = {
        .run_id = id,
        .namespace_ = def->namespace_,
        .name = def->name,
        .version = def->version,
        .input = {text, strlen(text)},
        .meta = meta,
        .started_ms = wf_loop_now_ms(engine->set.loop),
    };
    int rc = wf__engine_keep(engine, def, err);

    if (run_id)
        snprintf(id, sizeof id, "%s", run_id);
    else
        wf_uuid_random(id);
    memcpy(start.definition, def->sha256, WF_SHA256_SIZE);
    if (rc == 0 && ret_id)
        snprintf(ret_id, 101, "%s", id);
    if (rc == 0)
        rc = engine->set.journal->start(engine->backend, &start, err);
    jv_free(input);
    free(text);
    return rc;
}

int wf_engine_resume(struct wf_engine *engine, const char *run_id, struct wf_err *err)
{
    return engine->set.journal->resume(engine->backend, run_id, err);
}

static void run_end(struct wf_run *run, enum wf_run_status status)
{
    struct wf_engine *engine = run->engine;
    jv value = run->result;

    run->result = jv_invalid();
    if (engine->set.ended)
        engine->set.ended(engine->set.arg, run->start.run_id, status, jv_is_valid(value) ? &value : NULL,
            run->lost.code ? &run->lost : NULL);
    jv_free(value);
    run_free(run);
}

static void start_copy(struct wf_run *run, const struct wf_start *start)
{
    run->start = *start;
    run->start.run_id = wf_strdup(start->run_id);
    wf_uuid_space(start->run_id, run->space);
    run->start.input.ptr = NULL; /* parsed at once; the rest is asked for no more */
    run->start.meta.ptr = NULL;
    run->start.namespace_ = run->start.name = run->start.version = NULL;
}

static jv make_begun(void *arg)
{
    struct wf_run *run = arg;
    jv begun = wf_val_set(jv_object(), "engine", jv_string(PACKAGE_VERSION));

    run->replaying = run->resumed = false;
    return wf_val_set(begun, "steps", wf__pin_steps(run->root->inst->def));
}

/* The first fact of every run: when it is there already, what follows is a replay. */
static int begin(struct wf_run *run, struct wf_err *err)
{
    jv begun, steps;
    int rc;

    run->replaying = run->resumed = true;
    begun = wf__fact(run, "#begun", make_begun, run);
    steps = wf_val_get(&begun, "steps");
    rc = wf__pin_check(&steps, run->root->inst->def, err);
    jv_free(steps);
    jv_free(begun);
    return rc;
}

static void activate(void *arg, struct wf_run_ref *ref, const struct wf_start *start)
{
    struct wf_engine *engine = arg;
    struct wf_run *run = wf_calloc(1, sizeof *run);
    struct wf_err err = {0};
    struct wf_def *def;
    jv input;

    run->engine = engine;
    run->ref = ref;
    run->result = jv_invalid();
    start_copy(run, start);
    run->next = engine->runs;
    engine->runs = run;
    def = wf__engine_def(engine, start->definition, &err);
    if (!def || wf__bounds_open(run, start->meta, &err) != 0 ||
        wf_val_parse(start->input.ptr, start->input.len, &input, &err) != 0) {
        run->lost = err;
        wf__run_park(run, WF_RUN_WAITING);
        return;
    }
    run->root =
        wf__instance_new(run, NULL, (struct wf_label){NULL, -1, NULL}, def, start->run_id, input, start->started_ms);
    if (begin(run, &run->lost) == 0)
        wf__enter(run->root);
    else
        wf__run_park(run, WF_RUN_WAITING);
}

/* ---- end ---- */

static void free_tree(struct wf_run *run)
{
    run->over = true; /* nothing is held any more: what was under way is for the next activation to find out */
    if (run->root)
        wf__interrupt(run->root);
    while (run->ready_count > 0) {
        struct wf_ready *entry = &run->ready[run->ready_head];
        run->ready_head = (run->ready_head + 1) % run->ready_cap;
        run->ready_count--;
        jv_free(entry->wake.value);
        if (--entry->frame->queued == 0) {
            free(entry->frame->path);
            free(entry->frame);
        }
    }
}

static void run_free(struct wf_run *run)
{
    struct wf_run **link = &run->engine->runs;

    free_tree(run);
    while (*link != run)
        link = &(*link)->next;
    *link = run->next;
    wf_timer_stop(run->engine->set.loop, &run->grace);
    free((char *)(uintptr_t)run->start.run_id);
    free(run->ready);
    free(run->answered);
    wf__bounds_close(run);
    jv_free(run->result);
    run->gone = true;
    if (!run->scheduled)
        free(run);
}

/* Tokens of `stored` that say: the activation is over. All others are pointers. */
enum { TOKEN_FINISHED = 1, TOKEN_PARKED = 2 };

/* Stored with the end of the run; counted anew in every replay. */
static void note_failed_items(struct wf_run *run)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%zu", run->failed_items);

    run->engine->set.journal->note(run->ref, WF_NOTE_FAILED_ITEMS, (struct wf_slice){text, (size_t)len});
}

void wf__run_finish(struct wf_run *run, enum wf_run_status status, jv value)
{
    char *text;

    if (run->over) {
        jv_free(value);
        return;
    }
    text = wf_val_text(&value);
    if (!text) { /* beyond what a record may hold */
        jv_free(value);
        value = wf__error_new("runtime", 0, NULL, "the workflow's output " WF_VAL_TOO_DEEP, "/");
        status = WF_RUN_FAULTED;
        text = wf_val_text(&value);
    }
    if (status == WF_RUN_COMPLETED && run->cancelling)
        status = WF_RUN_CANCELLED;
    if (status == WF_RUN_COMPLETED && run->failed_items > 0)
        note_failed_items(run);
    wf__bounds_note(run);
    run->result = value;
    run->stop_as = status;
    run->over = true;
    run->engine->set.journal->finish(run->ref, status, (struct wf_slice){text, strlen(text)}, TOKEN_FINISHED);
    free(text);
}

void wf__run_park(struct wf_run *run, enum wf_run_status status)
{
    free_tree(run);
    run->stop_as = status;
    run->engine->set.journal->park(run->ref, status, TOKEN_PARKED);
}

static struct wf_run *run_of(struct wf_engine *engine, const struct wf_run_ref *ref)
{
    for (struct wf_run *run = engine->runs; run; run = run->next)
        if (run->ref == ref)
            return run;
    return NULL;
}

static void lose(struct wf_run *run, int rc)
{
    if (!run->lost.code) {
        run->engine->set.journal->failure(run->engine->backend, &run->lost); /* its own words, when it has some */
        wf_err_set(&run->lost, rc,
            rc == WF_ELOST ? "another process has taken over the run"
                           : "the journal cannot be written; nothing further was begun, and the run can be resumed");
    }
    free_tree(run);
    run_end(run, WF_RUN_RUNNING);
}

static void stored(void *arg, struct wf_run_ref *ref, uint64_t token, int rc)
{
    struct wf_run *run = run_of(arg, ref);

    if (token > TOKEN_PARKED)
        wf__stored(token, rc);
    if (!run)
        return;
    if (rc != 0)
        lose(run, rc);
    else if (token == TOKEN_FINISHED)
        run_end(run, run->stop_as);
    else if (token == TOKEN_PARKED)
        run_end(run, run->interrupted ? WF_RUN_RUNNING : run->stop_as);
}

/* ---- while it runs ---- */

void wf__run_cancel(struct wf_run *run)
{
    struct wf_frame *root = run->root;

    if (run->over || run->cancelling || !root)
        return;
    run->cancel_wanted = true;
    if (run->replaying)
        return; /* what is in doubt is not known yet */
    run->cancelling = true;
    wf__interrupt(root);
    if (!run->root)
        wf__run_finish(run, WF_RUN_CANCELLED, jv_null());
}

static void after_replay(struct wf_run *run)
{
    if (!run->replaying)
        return;
    run->replaying = false;
    if (run->resumed)
        wf__tell_run(run, WF_EV_WORKFLOW_RESUMED, NULL);
    if (run->cancel_wanted)
        wf__run_cancel(run);
}

/* A replay goes no further than the journal. */
static void end_replay(struct wf_run *run)
{
    const struct wf_engine_settings *set = &run->engine->set;

    if (run->live_first)
        set->replayed(set->arg, run->live_first->path, NULL);
    wf__run_park(run, WF_RUN_WAITING);
}

void wf__run_idle(struct wf_run *run)
{
    if (run->over)
        return;
    if (run->engine->set.replayed) {
        end_replay(run);
        return;
    }
    after_replay(run);
    wf__live_start(run);
    if (run->over || run->ready_count > 0 || run->nanswered > 0)
        return;
    if (run->stopping && run->flying == 0) {
        if (run->stop_as == WF_RUN_SUSPENDED)
            wf__tell_run(run, WF_EV_WORKFLOW_SUSPENDED, NULL);
        wf__run_park(run, run->doubts > 0 && !run->interrupted ? WF_RUN_IN_DOUBT : run->stop_as);
    } else if (run->pending == 0 && !run->live_first) {
        assert(run->doubts + run->waits > 0); /* else nothing will ever move: a bug */
        wf__run_park(run, run->doubts > 0 ? WF_RUN_IN_DOUBT : WF_RUN_WAITING);
    }
}

static void fired(void *arg, struct wf_run_ref *ref, const char *path)
{
    struct wf_run *run = run_of(arg, ref);
    struct wf_op *op = run && !run->over ? wf__op_find(run, path) : NULL;

    if (op && op->turn)
        wf__turn_fired(op);
    else if (op)
        wf__timer_fired(op);
    else if (run && !run->over)
        wf__turn_regained(run, path);
}

static void stop(struct wf_run *run, enum wf_run_status as)
{
    run->stopping = true;
    run->stop_as = as;
    wf__run_schedule(run);
}

void wf__run_give_up(struct wf_run *run, const struct wf_err *err)
{
    if (!run->lost.code)
        run->lost = *err;
    stop(run, WF_RUN_WAITING);
}

static void control(void *arg, struct wf_run_ref *ref, const struct wf_control *control_)
{
    struct wf_run *run = run_of(arg, ref);

    if (!run || run->over)
        return;
    switch (control_->kind) {
    case WF_CONTROL_CANCEL:
        run->engine->set.journal->note(run->ref, WF_NOTE_CANCELLED, control_->json);
        wf__run_cancel(run);
        break;
    case WF_CONTROL_SUSPEND:
        run->engine->set.journal->note(run->ref, WF_NOTE_SUSPENDED, control_->json);
        stop(run, WF_RUN_SUSPENDED);
        break;
    case WF_CONTROL_RESOLVE:
        wf__doubt_resolve(run, control_->path, control_->json);
        break;
    case WF_CONTROL_DECIDE:
        wf__await_decide(run, control_->path, control_->json);
        break;
    }
}

static void lost(void *arg, struct wf_run_ref *ref)
{
    struct wf_run *run = run_of(arg, ref);

    if (run)
        lose(run, WF_ELOST);
}

static const struct wf_engine_ops engine_ops = {activate, stored, fired, control, lost};

/* Those who did not answer in time are left to the next activation, which asks the world about them. */
static void grace_over(struct wf_timer *timer)
{
    struct wf_run *run = wf_container_of(timer, struct wf_run, grace);

    if (!run->over)
        wf__run_park(run, WF_RUN_WAITING);
}

void wf_engine_interrupt(struct wf_engine *engine, int64_t grace_ms)
{
    for (struct wf_run *run = engine->runs; run; run = run->next) {
        if (run->over)
            continue;
        run->interrupted = true;
        stop(run, WF_RUN_WAITING);
        wf_timer_start_real(engine->set.loop, &run->grace, grace_ms, grace_over);
    }
}

void wf_engine_cancel(struct wf_engine *engine)
{
    struct wf_run *next;

    for (struct wf_run *run = engine->runs; run; run = next) {
        next = run->next;
        wf__run_cancel(run);
    }
}
