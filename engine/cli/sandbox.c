/* sandbox.c: a rehearsal: stand-ins for every remote side, and one clock for all. */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/standin.h"
#include "cli/state_file.h"
#include "value/val.h"

#define PROGRAMS_MAX  16
#define AHEAD_ENOUGH  1000 /* ms: a stand-in's clock that is less ahead is not worth a jump */
#define BEHIND_ENOUGH 500  /* ms: one that would be less behind is not worth an exchange */
#define REQUEST_MS    30000

struct wf_sandbox {
    struct wf_world *world;
    struct wf_config *config;
    char *profile, *seed;
    bool real_clock, met; /* met: a state file was there before */
    struct wf_standin standins[PROGRAMS_MAX];
    size_t nstandins;
    char *clocks[PROGRAMS_MAX]; /* URLs */
    size_t nclocks, waiting;    /* waiting: clocks that have not answered yet */
    int64_t now_ms;             /* the latest time a stand-in told */
    int64_t told_offset_ms;     /* how far ahead of the real time they were put last */
    bool warned;                /* that a clock could not be moved */
};

int wf_sandbox_plan(struct wf_config *config, struct wf_sandbox_plan *ret, struct wf_err *err)
{
    const char *profile = wf_config_text(config, WF_OPT_SANDBOX), *clock = wf_config_text(config, WF_OPT_SANDBOX_CLOCK);
    if (!profile || strcmp(profile, "false") == 0)
        return 0;
    if (*profile == '\0' || strcmp(profile, "true") == 0)
        profile = "none";
    if (strcmp(profile, "none") != 0 && strcmp(profile, "realistic") != 0 && strcmp(profile, "hostile") != 0 &&
        !strstr(profile, "://"))
        return wf_err_set(
            err, WF_EINVAL, "--sandbox=%s: there are none, realistic and hostile, or the URL of a stand-in", profile);
    if (clock && strcmp(clock, "virtual") != 0 && strcmp(clock, "real") != 0)
        return wf_err_set(err, WF_EINVAL, "--sandbox-clock %s: there are virtual and real", clock);
    *ret = (struct wf_sandbox_plan){
        .profile = profile,
        .seed = wf_config_text(config, WF_OPT_SANDBOX_SEED),
        .real_clock = clock && strcmp(clock, "real") == 0,
    };
    return 1;
}

/* ---- the greeting ---- */

/* weak: only what the user has not set. */
static void take_config(struct wf_sandbox *sandbox, const jv *config, bool weak)
{
    if (jv_get_kind(*config) != JV_KIND_OBJECT)
        return;
    jv_object_foreach(*config, group, settings) {
        if (jv_get_kind(settings) == JV_KIND_OBJECT) {
            jv_object_foreach(settings, name, value) {
                bool text = jv_get_kind(value) == JV_KIND_STRING;
                char *written = text ? wf_strdup(jv_string_value(value)) : wf_val_text(&value);
                if (!weak || !wf_config_plugin(sandbox->config, jv_string_value(group), jv_string_value(name)))
                    wf_config_force_plugin(sandbox->config, jv_string_value(group), jv_string_value(name), written);
                free(written);
                jv_free(name);
                jv_free(value);
            }
        }
        jv_free(group);
        jv_free(settings);
    }
}

static void take_secrets(struct wf_sandbox *sandbox, const jv *secrets)
{
    if (jv_get_kind(*secrets) != JV_KIND_OBJECT)
        return;
    jv_object_foreach(*secrets, name, value) {
        char *json = wf_val_text(&value);
        wf_secrets_put(sandbox->world->secrets, jv_string_value(name), json);
        free(json);
        jv_free(name);
        jv_free(value);
    }
}

static int take_greeting(struct wf_sandbox *sandbox, const char *text, size_t len, struct wf_err *err)
{
    struct wf_err bad = {0};
    jv greeting;
    if (wf_val_parse(text, len, &greeting, &bad) < 0 || jv_get_kind(greeting) != JV_KIND_OBJECT)
        return wf_err_set(
            err, WF_EIO, "the stand-in's greeting is not understood: %.*s", (int)(len < 200 ? len : 200), text);
    jv config = wf_val_get(&greeting, "config"), secrets = wf_val_get(&greeting, "secrets");
    jv defaults = wf_val_get(&greeting, "defaults");
    take_config(sandbox, &config, false);
    take_config(sandbox, &defaults, true);
    take_secrets(sandbox, &secrets);
    const char *clock = wf_val_string(&greeting, "clock", NULL);
    double now = wf_val_number(&greeting, "now_ms", 0);
    if (clock && sandbox->nclocks < PROGRAMS_MAX)
        sandbox->clocks[sandbox->nclocks++] = wf_strdup(clock);
    if (now > (double)sandbox->now_ms)
        sandbox->now_ms = (int64_t)now;
    jv_free(config);
    jv_free(defaults);
    jv_free(secrets);
    jv_free(greeting);
    return 0;
}

/* ---- attach ---- */

struct hello {
    struct wf_sandbox *sandbox;
    struct wf_err *err;
    const char *url;
    int rc;
};

static void hello_answered(void *arg, const struct wf_transfer_reply *reply)
{
    struct hello *hello = arg;
    if (reply->result != WF_TRANSFER_ANSWERED || reply->status != 200)
        hello->rc = wf_err_set(hello->err, WF_EIO, "no stand-in answers at %s: %s", hello->url,
            reply->error ? reply->error : "it is another kind of server");
    else
        hello->rc = take_greeting(hello->sandbox, reply->body, reply->body_len, hello->err);
    wf_loop_stop(hello->sandbox->world->loop);
}

static int attach(struct wf_sandbox *sandbox, const char *base, struct wf_err *err)
{
    char *url = wf_asprintf("%s/_sandbox/hello", base);
    struct hello hello = {sandbox, err, base, 0};
    const struct wf_transfer_request request = {.method = "GET", .url = url, .timeout_ms = REQUEST_MS};
    wf_http_start(sandbox->world->http, &request, hello_answered, &hello);
    wf_loop_run(sandbox->world->loop);
    free(url);
    return hello.rc;
}

/* ---- start ---- */

/* The first stand-in's state has the plain name: nearly always there is one only. */
static char *state_name(const char *base, size_t index, const char *program)
{
    return index ? wf_asprintf("%s-%s.db", base, program) : wf_asprintf("%s.db", base);
}

/* For us alone, as the journal: it has the names of customers and users. *ret_met: it was there. */
static int make_state(const char *file, bool *ret_met, struct wf_err *err)
{
    int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    *ret_met = fd < 0 && errno == EEXIST;
    if (fd >= 0)
        close(fd);
    return fd >= 0 || *ret_met ? 0 : wf_err_set(err, WF_EIO, "the sandbox's state %s cannot be made: %m", file);
}

static int start_one(
    struct wf_sandbox *sandbox, const char *program, const struct wf_sandbox_plan *plan, struct wf_err *err)
{
    const char *args[16] = {"--port", "0", "--exit-with-parent", "--faults", plan->profile};
    size_t n = 5;
    char *state = NULL, *greeting = NULL;
    bool met = false;
    int rc = 0;
    if (plan->state) {
        state = state_name(plan->state, sandbox->nstandins, program);
        rc = make_state(state, &met, err);
        sandbox->met = sandbox->met || met;
        args[n++] = "--state";
        args[n++] = state;
    }
    if (plan->seed && !met) {
        args[n++] = "--seed";
        args[n++] = plan->seed;
    }
    struct wf_standin *standin = &sandbox->standins[sandbox->nstandins];
    if (rc == 0)
        rc = wf_standin_start(standin, program, args, &greeting, err);
    if (rc != 0 && state && !met)
        unlink(state);
    if (rc == 0) {
        sandbox->nstandins++;
        rc = take_greeting(sandbox, greeting, strlen(greeting), err);
    }
    free(greeting);
    free(state);
    return rc;
}

static bool is_started(const struct wf_sandbox *sandbox, const char *program)
{
    for (size_t i = 0; i < sandbox->nstandins; i++)
        if (strcmp(sandbox->standins[i].program, program) == 0)
            return true;
    return false;
}

static int start_all(
    struct wf_sandbox *sandbox, const struct wf_sandbox_plan *plan, const char *const *programs, struct wf_err *err)
{
    int rc = 0;
    for (size_t i = 0; programs && rc == 0 && programs[i]; i++)
        if (!is_started(sandbox, programs[i]) && sandbox->nstandins < PROGRAMS_MAX)
            rc = start_one(sandbox, programs[i], plan, err);
    if (!programs) /* also those that a sub-workflow will need */
        wf_hosting_load_all(sandbox->world->hosting, NULL, NULL);
    for (size_t i = 0; !programs && rc == 0 && i < wf_hosting_count(sandbox->world->hosting); i++) {
        const struct wf_plugin *plugin = wf_hosting_at(sandbox->world->hosting, i)->plugin;
        const char *program =
            plugin->size >= offsetof(struct wf_plugin, standin) + sizeof plugin->standin ? plugin->standin : NULL;
        if (program && !is_started(sandbox, program) && sandbox->nstandins < PROGRAMS_MAX)
            rc = start_one(sandbox, program, plan, err);
    }
    return rc;
}

/* ---- the clock ---- */

static void clock_answered(void *arg, const struct wf_transfer_reply *reply)
{
    struct wf_sandbox *sandbox = arg;
    if ((reply->result != WF_TRANSFER_ANSWERED || reply->status / 100 != 2) && !sandbox->warned) {
        sandbox->warned = true; /* once: it will not be the last */
        wf_log(WF_LOGL_WARN, "a stand-in's clock could not be moved: %s", reply->error ? reply->error : reply->url);
    }
    if (--sandbox->waiting == 0)
        wf_loop_jumped(sandbox->world->loop);
}

/* Short waits, such as those that keep a client below a rate, would each cost an exchange. So the stand-ins' clocks stay a
 * little behind; whoever waits for something there waits longer than that, and finds them at the time they waited for. */
static bool is_near(const struct wf_sandbox *sandbox, int64_t offset_ms)
{
    return offset_ms - sandbox->told_offset_ms < BEHIND_ENOUGH;
}

static void jump(void *arg, int64_t now_ms)
{
    static const struct wf_pair headers[] = {{"Content-Type", "application/json"}};
    struct wf_sandbox *sandbox = arg;
    int64_t offset_ms = now_ms - wf_clock_real_ms();
    if (!sandbox->nclocks || is_near(sandbox, offset_ms)) {
        wf_loop_jumped(sandbox->world->loop);
        return;
    }
    sandbox->told_offset_ms = offset_ms;
    char *body = wf_asprintf("{\"now_ms\":%lld}", (long long)now_ms);
    sandbox->waiting = sandbox->nclocks;
    for (size_t i = 0; i < sandbox->nclocks; i++) {
        const struct wf_transfer_request request = {.method = "POST",
            .url = sandbox->clocks[i],
            .headers = headers,
            .nheaders = 1,
            .body = body,
            .body_len = strlen(body),
            .timeout_ms = REQUEST_MS};
        wf_http_start(sandbox->world->http, &request, clock_answered, sandbox);
    }
    free(body);
}

struct arrival {
    struct wf_timer timer;
    struct wf_loop *loop;
};

static void arrived(struct wf_timer *timer)
{
    struct arrival *arrival = (struct arrival *)((char *)timer - offsetof(struct arrival, timer));
    wf_loop_stop(arrival->loop);
}

/* A stand-in that goes on from a kept state lives in the future: follow it there before anything else happens. */
static void catch_up(struct wf_sandbox *sandbox)
{
    struct arrival arrival = {.loop = sandbox->world->loop};
    if (sandbox->now_ms < wf_loop_now_ms(arrival.loop) + AHEAD_ENOUGH)
        return;
    wf_timer_start(arrival.loop, &arrival.timer, sandbox->now_ms, arrived);
    wf_loop_run(arrival.loop);
}

/* ---- public ---- */

int wf_sandbox_start(struct wf_world *world, struct wf_config *config, const struct wf_sandbox_plan *plan,
    const char *const *programs, struct wf_sandbox **ret, struct wf_err *err)
{
    struct wf_sandbox *sandbox = wf_calloc(1, sizeof *sandbox);
    sandbox->world = world;
    sandbox->config = config;
    sandbox->profile = wf_strdup(plan->profile);
    sandbox->seed = plan->seed ? wf_strdup(plan->seed) : NULL;
    sandbox->real_clock = plan->real_clock;
    bool url = strstr(plan->profile, "://");
    int rc = url ? attach(sandbox, plan->profile, err) : start_all(sandbox, plan, programs, err);
    if (rc < 0) {
        wf_sandbox_stop(sandbox);
        return rc;
    }
    if (!sandbox->real_clock) {
        wf_loop_set_jumper(world->loop, jump, sandbox);
        catch_up(sandbox);
    }
    *ret = sandbox;
    return 0;
}

void wf_sandbox_stop(struct wf_sandbox *sandbox)
{
    if (!sandbox)
        return;
    wf_loop_set_jumper(sandbox->world->loop, NULL, NULL);
    for (size_t i = 0; i < sandbox->nstandins; i++)
        wf_standin_stop(&sandbox->standins[i]);
    for (size_t i = 0; i < sandbox->nclocks; i++)
        free(sandbox->clocks[i]);
    free(sandbox->profile);
    free(sandbox->seed);
    free(sandbox);
}

jv wf_sandbox_describe(const struct wf_sandbox *sandbox)
{
    jv programs = jv_array();
    for (size_t i = 0; i < sandbox->nstandins; i++)
        programs = jv_array_append(programs, jv_string(sandbox->standins[i].program));
    jv text = wf_val_set(jv_object(), "profile", jv_string(sandbox->profile));
    if (sandbox->seed)
        text = wf_val_set(text, "seed", jv_string(sandbox->seed));
    text = wf_val_set(text, "clock", jv_string(sandbox->real_clock ? "real" : "virtual"));
    return wf_val_set(text, "programs", programs);
}

/* ---- what is kept ---- */

char *wf_sandbox_state(struct wf_config *config, const char *run_id)
{
    char *file = wf_state_file(config), *state = wf_asprintf("%s-sandbox-%s", file, run_id);
    free(file);
    return state;
}

bool wf_sandbox_is_lost(const struct wf_sandbox *sandbox)
{
    return sandbox->nstandins > 0 && !sandbox->met;
}

bool wf_sandbox_is_new(const struct wf_sandbox *sandbox)
{
    return !sandbox->met;
}

void wf_sandbox_forget(struct wf_config *config, const char *run_id, const jv *description)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char *base = wf_sandbox_state(config, run_id);
    jv programs = wf_val_get(description, "programs");
    int count = jv_get_kind(programs) == JV_KIND_ARRAY ? jv_array_length(jv_copy(programs)) : 0;
    for (int i = 0; i < count; i++) {
        jv program = jv_array_get(jv_copy(programs), i);
        const char *name = jv_get_kind(program) == JV_KIND_STRING ? jv_string_value(program) : "";
        char *state = state_name(base, (size_t)i, name);
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            char *file = wf_asprintf("%s%s", state, ends[k]);
            unlink(file);
            free(file);
        }
        free(state);
        jv_free(program);
    }
    jv_free(programs);
    free(base);
}
