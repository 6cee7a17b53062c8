/* script.c: the scripted journal and the engine over it. */
#include "script.h"

#include <wfrun/plugin.h>

#include "base/alloc.h"
#include "base/buf.h"

struct wf_backend {
    const struct wf_engine_ops *engine;
    void *engine_arg;
    struct wf_loop *loop;
    const struct script_record *records;
    struct wf_start start;
    const char *const *fires;
    bool cancel;
    uint64_t seq;
    struct script_end end;
};

struct wf_run_ref {
    int unused;
};

struct later {
    struct wf_backend *backend;
    uint64_t token;
};

static struct wf_backend desk;
static struct wf_run_ref the_run;

/* ---- the journal ---- */

static int script_open(const struct wf_settings *set, struct wf_backend **ret, struct wf_err *err)
{
    (void)err;
    desk.engine = set->engine;
    desk.engine_arg = set->engine_arg;
    *ret = &desk;
    return 0;
}

static void script_close(struct wf_backend *backend)
{
    (void)backend;
}

static void script_lookup(struct wf_run_ref *ref, const char *path, struct wf_record *ret)
{
    (void)ref;
    *ret = (struct wf_record){.state = WF_REC_NONE};
    for (const struct script_record *r = desk.records; r->path; r++) {
        struct wf_slice json = {r->json, strlen(r->json)};
        if (strcmp(r->path, path) != 0)
            continue;
        *ret = (struct wf_record){.state = r->state, .kind = r->kind, .seq = r->seq, .intent_ms = 1000};
        *(r->state == WF_REC_INTENT ? &ret->intent : &ret->outcome) = json;
    }
}

static void stored(void *arg)
{
    struct later *later = arg;

    desk.engine->stored(desk.engine_arg, &the_run, later->token, 0);
    free(later);
}

static void stored_later(uint64_t token)
{
    struct later *later = wf_calloc(1, sizeof *later);

    *later = (struct later){&desk, token};
    if (token)
        wf_loop_post(desk.loop, stored, later);
    else
        free(later);
}

static void script_intent(
    struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, struct wf_slice json, uint64_t token)
{
    (void)ref, (void)path, (void)kind, (void)json;
    desk.end.intents++;
    stored_later(token);
}

static uint64_t script_outcome(struct wf_run_ref *ref, const char *path, enum wf_op_kind kind, enum wf_rec_state state,
    struct wf_slice json, uint64_t token)
{
    (void)ref, (void)path, (void)state, (void)json;
    *(kind == WF_OP_FACT ? &desk.end.past_facts : &desk.end.outcomes) += 1;
    stored_later(token);
    return ++desk.seq;
}

static void fire_all(void *arg)
{
    (void)arg;
    for (const char *const *path = desk.fires; *path; path++)
        desk.engine->fired(desk.engine_arg, &the_run, *path);
}

static void script_timer(struct wf_run_ref *ref, const char *path, int64_t wake_ms)
{
    (void)ref, (void)path, (void)wake_ms;
    desk.end.timers++;
    if (desk.fires && !desk.fires[desk.end.timers])
        wf_loop_post(desk.loop, fire_all, NULL);
}

static void script_timer_stop(struct wf_run_ref *ref, const char *path)
{
    (void)ref, (void)path;
}

static void script_note(struct wf_run_ref *ref, const char *key, struct wf_slice json)
{
    (void)ref, (void)key, (void)json;
}

static void script_park(struct wf_run_ref *ref, enum wf_run_status status, uint64_t token)
{
    (void)ref, (void)status;
    stored_later(token);
}

static void script_finish(struct wf_run_ref *ref, enum wf_run_status status, struct wf_slice output, uint64_t token)
{
    (void)ref, (void)status, (void)output;
    stored_later(token);
}

static void activate(void *arg)
{
    static const struct wf_control cancel = {.kind = WF_CONTROL_CANCEL};

    (void)arg;
    desk.engine->activate(desk.engine_arg, &the_run, &desk.start);
    if (desk.cancel)
        desk.engine->control(desk.engine_arg, &the_run, &cancel);
}

static int script_start(struct wf_backend *backend, const struct wf_start *start, struct wf_err *err)
{
    (void)err;
    backend->start = *start;
    backend->start.run_id = "run-1";
    backend->start.input = (struct wf_slice){"{}", 2};
    wf_loop_post(backend->loop, activate, backend);
    return 0;
}

static int script_put(
    struct wf_backend *backend, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *err)
{
    (void)backend, (void)sha256, (void)text, (void)len, (void)err;
    return 0;
}

static const struct wf_backend_ops script_ops = {
    .size = sizeof script_ops,
    .name = "script",
    .open = script_open,
    .close = script_close,
    .lookup = script_lookup,
    .intent = script_intent,
    .outcome = script_outcome,
    .timer = script_timer,
    .timer_stop = script_timer_stop,
    .note = script_note,
    .park = script_park,
    .finish = script_finish,
    .start = script_start,
    .put_definition = script_put,
};

/* ---- the catalog ---- */

static const struct wf_plugin plugin = {.size = sizeof plugin, .name = "steps", .version = "1.0.0"};
static const struct wf_step_type read_type = {.size = sizeof read_type, .name = "read", .effect = WF_EFFECT_READ};
static const struct wf_step_type spend_type = {.size = sizeof spend_type, .name = "spend", .effect = WF_EFFECT_SPEND};
static const struct wf_step_entry entries[] = {
    {.type = &read_type, .plugin = &plugin}, {.type = &spend_type, .plugin = &plugin}};
static const struct wf_step_info infos[] = {
    {"read", "1.0.0", NULL, &entries[0]}, {"spend", "1.0.0", NULL, &entries[1]}};

static const struct wf_step_info *find(void *ctx, const char *name, const char *version)
{
    (void)ctx, (void)version;
    for (size_t i = 0; i < sizeof infos / sizeof *infos; i++)
        if (strcmp(infos[i].name, name) == 0)
            return &infos[i];
    return NULL;
}

static const char *const *names(void *ctx)
{
    static const char *const list[] = {"read", "spend", NULL};

    (void)ctx;
    return list;
}

/* ---- one run ---- */

static void ended(void *arg, const char *run_id, enum wf_run_status status, const jv *value, const struct wf_err *err)
{
    (void)arg, (void)run_id;
    desk.end.status = status;
    CU_ASSERT_PTR_NULL(err);
    if (value) {
        char *text = wf_val_text(value);
        snprintf(desk.end.value, sizeof desk.end.value, "%s", text);
        free(text);
    }
    wf_loop_stop(desk.loop);
}

static void event(void *arg, const struct wf_event *event)
{
    (void)arg;
    if (event->kind == WF_EV_IN_DOUBT)
        snprintf(desk.end.parked_path, sizeof desk.end.parked_path, "%s", event->path);
}

static struct wf_def *load(const char *tasks, const struct wf_step_catalog *catalog)
{
    struct wf_diags diags;
    struct wf_def *def = NULL;
    struct wf_buf text;

    wf_diags_init(&diags);
    wf_buf_init(&text, SIZE_MAX);
    wf_buf_printf(&text, "document: {dsl: '1.0.3', namespace: t, name: script, version: '1.0.0'}\ndo:\n%s\n", tasks);
    if (wf_def_load("script.yaml", text.ptr, text.len, catalog, &diags, &def) != 0)
        fprintf(stderr, "line %d: %s\n", diags.items[0].loc.line, diags.items[0].msg);
    wf_buf_done(&text);
    wf_diags_done(&diags);
    return def;
}

static struct script_end run(
    const char *tasks, const struct script_record *records, bool cancel, const char *const *fires)
{
    const struct wf_step_catalog catalog = {.find = find, .names = names};
    struct wf_engine_settings set = {.catalog = &catalog, .journal = &script_ops, .event = event, .ended = ended};
    struct wf_engine *engine = NULL;
    struct wf_err err = {0};
    struct wf_def *def = load(tasks, &catalog);

    desk =
        (struct wf_backend){.records = records, .cancel = cancel, .fires = fires, .seq = 1000, .loop = wf_loop_new()};
    set.loop = desk.loop;
    CU_ASSERT_EQUAL_FATAL(wf_engine_new(&set, &engine, &err), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(def);
    CU_ASSERT_EQUAL_FATAL(
        wf_engine_start(engine, def, "run-1", jv_object(), (struct wf_slice){NULL, 0}, NULL, &err), 0);
    wf_loop_run(desk.loop);
    wf_engine_free(engine);
    wf_def_unref(def);
    wf_loop_free(desk.loop);
    return desk.end;
}

struct script_end script_run(const char *tasks, const struct script_record *records, bool cancel)
{
    return run(tasks, records, cancel, NULL);
}

struct script_end script_run_timers(const char *tasks, const char *const *timers)
{
    static const struct script_record none = {.path = NULL};

    return run(tasks, &none, false, timers);
}
