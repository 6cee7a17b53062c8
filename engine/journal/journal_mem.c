/* journal_mem.c: the journal of --ephemeral runs: in memory, gone with the process. Loop thread. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/mem_backend.h"
#include "loop/loop.h"

struct wf__mem_run *wf__mem_find(const struct wf_backend *backend, const char *run_id)
{
    struct wf__mem_run *run = backend->runs;

    while (run && strcmp(run->start.run_id, run_id) != 0)
        run = run->next;
    return run;
}

static struct wf__mem_run *run_of(const struct wf_run_ref *ref)
{
    return wf__mem_find(ref->backend, ref->run_id);
}

/* ---- controls ---- */

static void drop_controls(struct wf__mem_run *run, bool (*which)(const struct wf__mem_control *))
{
    struct wf__mem_control **link = &run->controls;

    while (*link) {
        struct wf__mem_control *control = *link;

        if (!which(control)) {
            link = &control->next;
            continue;
        }
        *link = control->next;
        free(control->path);
        free(control->json);
        free(control);
    }
}

static bool is_any(const struct wf__mem_control *control)
{
    (void)control;
    return true;
}

static bool is_suspend(const struct wf__mem_control *control)
{
    return control->kind == WF_CONTROL_SUSPEND;
}

static bool is_used(const struct wf__mem_control *control)
{
    return wf__control_is_kept(control->kind) && control->delivered;
}

static bool has_new_cancel(const struct wf__mem_run *run)
{
    const struct wf__mem_control *control = run->controls;

    while (control && (control->kind != WF_CONTROL_CANCEL || control->delivered))
        control = control->next;
    return control;
}

/* The engine may end the run from inside the call, and more may come: begin again after each. */
static void deliver_controls(struct wf_backend *backend, struct wf__mem_run *run)
{
    struct wf__mem_control *control = run->controls;

    while (control && run->ref && run->ref->activated && !run->ref->ending && !run->ref->lost) {
        if (control->delivered) {
            control = control->next;
            continue;
        }
        control->delivered = true;
        backend->settings.engine->control(backend->settings.engine_arg, run->ref,
            &(struct wf_control){control->kind, control->path, {control->json, control->len}});
        control = run->controls;
    }
    drop_controls(run, is_used);
}

/* ---- telling the engine ---- */

static void tell(struct wf_run_ref *ref, enum news_kind kind, uint64_t token, int rc)
{
    struct wf_backend *backend = ref->backend;
    struct wf__mem_news *news = wf_calloc(1, sizeof *news);

    *news = (struct wf__mem_news){.kind = kind, .ref = ref, .token = token, .rc = rc};
    *backend->last = news;
    backend->last = &news->next;
    wf__bell_ring(backend->bell);
}

static void ref_free(struct wf_run_ref *ref)
{
    wf__keylocks_drop_all(&ref->backend->locks, ref);
    wf__ref_done(ref);
    free(ref);
}

static void ref_detach(struct wf_run_ref *ref)
{
    struct wf__mem_run *run = run_of(ref);

    if (run->ref == ref)
        run->ref = NULL;
}

static void tell_one(struct wf_backend *backend, const struct wf__mem_news *news)
{
    const struct wf_engine_ops *engine = backend->settings.engine;
    void *arg = backend->settings.engine_arg;
    struct wf_run_ref *ref = news->ref;

    switch (news->kind) {
    case NEWS_ACTIVATE:
        ref->activated = true;
        engine->activate(arg, ref, &run_of(ref)->start);
        break;
    case NEWS_ENDED:
        ref_detach(ref);
        if (news->token)
            engine->stored(arg, ref, news->token, news->rc);
        ref_free(ref);
        break;
    case NEWS_STORED:
        engine->stored(arg, ref, news->token, news->rc);
        break;
    case NEWS_LOST:
        engine->lost(arg, ref);
        ref_detach(ref);
        ref->next = backend->lost;
        backend->lost = ref;
        break;
    }
}

static void tell_all(void *arg)
{
    struct wf_backend *backend = arg;

    while (backend->first) {
        struct wf__mem_news *news = backend->first;

        backend->first = news->next;
        if (!backend->first)
            backend->last = &backend->first;
        tell_one(backend, news);
        free(news);
    }
    for (struct wf__mem_run *run = backend->runs; run; run = run->next)
        deliver_controls(backend, run);
    (void)wf__keylocks_grant(&backend->locks);
}

/* ---- inside an activation ---- */

static void add(struct wf_run_ref *ref, struct wf__row *row, uint64_t token)
{
    int rc = ref->lost ? WF_ELOST : wf__ref_add(ref, row, &ref->backend->failure);

    if (token)
        tell(ref, NEWS_STORED, token, rc < 0 ? rc : 0);
    if (rc < 0 && !ref->lost) {
        ref->lost = true;
        tell(ref, NEWS_LOST, 0, rc);
    }
}

static void intent(struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, struct wf_slice json, uint64_t token)
{
    add(ref, &(struct wf__row){.path = path, .kind = kind, .state = WF_REC_INTENT, .json = json}, token);
}

static uint64_t outcome(struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, enum wf_rec_state state,
    struct wf_slice json, uint64_t token)
{
    struct wf__row row = {.path = path, .kind = kind, .state = state, .json = json};

    add(ref, &row, token);
    return row.seq;
}

static void rate(struct wf_run_ref *ref, const char *path, const struct wf_rate *bucket)
{
    int64_t wake_ms = wf__bucket_take(&ref->backend->buckets, bucket, wf_loop_now_ms(ref->loop));

    wf__ref_timer(ref, path, wake_ms);
}

static void lock(struct wf_run_ref *ref, const char *path, const char *key)
{
    wf__keylocks_ask(&ref->backend->locks, ref, path, key);
    wf__bell_ring(ref->backend->bell);
}

static void unlock(struct wf_run_ref *ref, const char *path, const char *key)
{
    wf__keylocks_drop(&ref->backend->locks, ref, path, key);
    wf__bell_ring(ref->backend->bell);
}

static void end(struct wf_run_ref *ref, enum wf_run_status status, uint64_t token)
{
    struct wf__mem_run *run = run_of(ref);

    ref->ending = true;
    run->status = status;
    run->updated_ms = wf_loop_now_ms(ref->loop);
    drop_controls(run, wf__status_is_final(status) ? is_any : is_suspend);
    tell(ref, NEWS_ENDED, token, 0);
}

static void park(struct wf_run_ref *ref, enum wf_run_status status, uint64_t token)
{
    struct wf__mem_run *run = run_of(ref);

    end(ref, has_new_cancel(run) ? WF_RUN_CANCELLED : status, token);
}

static void finish(struct wf_run_ref *ref, enum wf_run_status status, struct wf_slice output, uint64_t token)
{
    struct wf__mem_run *run = run_of(ref);

    free(run->output);
    run->output = output.ptr ? wf_memdup(output.ptr, output.len) : NULL;
    run->output_len = output.len;
    end(ref, status, token);
}

/* ---- from outside ---- */

int wf__mem_not_found(const char *run_id, struct wf_err *err)
{
    return wf_err_set(err, WF_ENOTFOUND, "there is no run %s in this process", run_id);
}

static int activate(struct wf_backend *backend, struct wf__mem_run *run, struct wf_err *err)
{
    struct wf_run_ref *ref;
    int rc = run->imported ? wf__refuse_imported(run->start.run_id, err)
                           : wf__refuse_final(run->start.run_id, run->status, err);

    if (rc != 0)
        return rc;
    if (run->ref)
        return wf_err_set(err, WF_EHELD, "the run %s is already active in this process", run->start.run_id);
    ref = wf_calloc(1, sizeof *ref);
    wf__ref_init(ref, backend, &backend->settings, run->start.run_id, &run->map, true);
    run->ref = ref;
    run->status = WF_RUN_RUNNING;
    drop_controls(run, is_suspend);
    for (struct wf__mem_control *control = run->controls; control; control = control->next)
        control->delivered = false;
    tell(ref, NEWS_ACTIVATE, 0, 0);
    return 0;
}

struct wf__mem_run *wf__mem_run_new(const struct wf_start *start)
{
    struct wf__mem_run *run = wf_calloc(1, sizeof *run);

    wf__start_copy(&run->start, start);
    wf__opmap_init(&run->map);
    run->updated_ms = start->started_ms;
    return run;
}

static int start(struct wf_backend *backend, const struct wf_start *start_, struct wf_err *err)
{
    int rc = wf__run_id_check(start_->run_id, err);
    struct wf__mem_run *run = rc == 0 ? wf__mem_find(backend, start_->run_id) : NULL;

    if (rc != 0)
        return rc;
    if (run) {
        rc = wf__start_check_same(&run->start, start_, err);
        return rc != 0 ? rc : activate(backend, run, err);
    }
    run = wf__mem_run_new(start_);
    run->next = backend->runs;
    backend->runs = run;
    return activate(backend, run, err);
}

static int resume(struct wf_backend *backend, const char *run_id, struct wf_err *err)
{
    struct wf__mem_run *run = wf__mem_find(backend, run_id);

    return run ? activate(backend, run, err) : wf__mem_not_found(run_id, err);
}

static int control(struct wf_backend *backend, const char *run_id, const struct wf_control *asked, struct wf_err *err)
{
    struct wf__mem_run *run = wf__mem_find(backend, run_id);
    struct wf__mem_control **link, *kept;
    int rc;

    if (!run)
        return wf__mem_not_found(run_id, err);
    rc = run->imported ? wf__refuse_imported(run_id, err) : wf__refuse_final(run_id, run->status, err);
    if (rc != 0)
        return rc;
    if (!run->ref && !wf__control_is_kept(asked->kind)) {
        run->status = asked->kind == WF_CONTROL_CANCEL ? WF_RUN_CANCELLED : WF_RUN_SUSPENDED;
        run->updated_ms = wf_loop_now_ms(backend->settings.loop);
        return 0;
    }
    kept = wf_calloc(1, sizeof *kept);
    kept->kind = asked->kind;
    kept->path = asked->path ? wf_strdup(asked->path) : NULL;
    kept->json = asked->json.ptr ? wf_memdup(asked->json.ptr, asked->json.len) : NULL;
    kept->len = asked->json.len;
    for (link = &run->controls; *link; link = &(*link)->next)
        ;
    *link = kept;
    wf__bell_ring(backend->bell);
    return 0;
}

/* ---- life ---- */

static int open_(const struct wf_settings *settings, struct wf_backend **ret, struct wf_err *err)
{
    struct wf_backend *backend = wf_calloc(1, sizeof *backend);

    (void)err;
    backend->settings = *settings;
    backend->last = &backend->first;
    backend->bell = wf__bell_new(settings->loop, tell_all, backend);
    *ret = backend;
    return 0;
}

void wf__mem_run_free(struct wf__mem_run *run)
{
    while (run->notes) {
        struct wf__mem_note *one = run->notes;

        run->notes = one->next;
        free(one->key);
        free(one->json);
        free(one);
    }
    drop_controls(run, is_any);
    if (run->ref)
        ref_free(run->ref);
    wf__opmap_done(&run->map);
    wf__start_done(&run->start);
    free(run->output);
    free(run);
}

static void close_(struct wf_backend *backend)
{
    if (!backend)
        return;
    while (backend->first) {
        struct wf__mem_news *news = backend->first;

        backend->first = news->next;
        if (news->kind == NEWS_STORED || news->kind == NEWS_ENDED)
            tell_one(backend, news);
        free(news);
    }
    while (backend->lost) {
        struct wf_run_ref *ref = backend->lost;

        backend->lost = ref->next;
        ref_free(ref);
    }
    while (backend->runs) {
        struct wf__mem_run *run = backend->runs;

        backend->runs = run->next;
        wf__mem_run_free(run);
    }
    while (backend->definitions) {
        struct wf__mem_definition *one = backend->definitions;

        backend->definitions = one->next;
        free(one->text);
        free(one);
    }
    wf__bell_free(backend->bell);
    wf__buckets_done(&backend->buckets);
    free(backend);
}

static void failure(const struct wf_backend *backend, struct wf_err *ret)
{
    *ret = backend->failure;
}

/* There are no others: nobody else has this memory. */
static int claim(struct wf_backend *backend, const char *name, struct wf_err *err)
{
    (void)backend, (void)name, (void)err;
    return 0;
}

static void release(struct wf_backend *backend, const char *name)
{
    (void)backend, (void)name;
}

const struct wf_backend_ops wf_journal_mem = {
    .size = sizeof wf_journal_mem,
    .name = "mem",
    .open = open_,
    .close = close_,
    .lookup = wf__ref_lookup,
    .intent = intent,
    .outcome = outcome,
    .timer = wf__ref_timer,
    .timer_stop = wf__ref_timer_stop,
    .note = wf__mem_note,
    .park = park,
    .finish = finish,
    .start = start,
    .resume = resume,
    .control = control,
    .query = wf__mem_query,
    .history = wf__mem_history,
    .notes = wf__mem_notes,
    .put_definition = wf__mem_put_definition,
    .get_definition = wf__mem_get_definition,
    .failure = failure,
    .seed = wf__mem_seed,
    .annotate = wf__mem_annotate,
    .rate = rate,
    .lock = lock,
    .unlock = unlock,
    .log = wf__mem_log,
    .adopt = wf__mem_adopt,
    .claim = claim,
    .release = release,
};
