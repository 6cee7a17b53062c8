/* sinner.c: steps that break a rule of plugin.h each, for the tests of the harness. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;

static const struct wf_bytes nothing = {"{}", 2};

static const struct wf_http_response *send(struct wf_step *step, const char *method)
{
    struct wf_http_request request = {.size = sizeof request, .method = method, .url = "http://a.test/"};
    return host->http(step, &request);
}

static void twice(struct wf_step *step, void *state)
{
    (void)state;
    host->succeed(step, nothing);
    host->succeed(step, nothing);
}

static void silent(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
}

static void leaks(struct wf_step *step, void *state)
{
    static void *volatile lost;
    (void)state;
    lost = malloc(100);
    memset(lost, 1, 100);
    host->succeed(step, nothing);
}

static void crashes(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
    abort();
}

static void ends(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
    exit(3);
}

/* Does not ask whether its memory came. */
static void careless(struct wf_step *step, void *state)
{
    char *text = host->alloc(step, 10);
    (void)state;
    memcpy(text, "{}", 2);
    host->succeed(step, (struct wf_bytes){text, 2});
}

static void not_json(struct wf_step *step, void *state)
{
    (void)state;
    host->succeed(step, (struct wf_bytes){"{oops", 5});
}

/* An answer that was lost is taken for one that never was. */
static void eager(struct wf_step *step, void *state)
{
    struct wf_failure failure = {.size = sizeof failure, .title = "Again"};
    (void)state;
    if (send(step, "POST")->status == 200)
        host->succeed(step, nothing);
    else
        host->retry(step, 0, &failure);
}

static void blind(struct wf_step *step, void *state)
{
    (void)state;
    send(step, "POST");
    host->succeed(step, nothing);
}

static void forgetful(struct wf_step *step, void *state)
{
    struct wf_failure failure = {.size = sizeof failure, .title = "Failed"};
    (void)state;
    host->remember(step, "begun", nothing);
    if (send(step, "POST")->status == 200)
        host->succeed(step, nothing);
    else
        host->fail(step, &failure);
}

static void plans_by_writing(struct wf_step *step, void *state)
{
    struct wf_planned planned = {.size = sizeof planned, .words = "done already"};
    (void)state;
    send(step, "POST");
    host->planned(step, &planned);
}

static void answers_otherwise(struct wf_step *step, void *state)
{
    (void)state;
    host->verdict(step, WF_VERDICT_NO, (struct wf_bytes){NULL, 0}, NULL);
}

static void asks_at_random(struct wf_step *step, void *state)
{
    (void)state;
    host->config(step, "no-such-setting");
    host->succeed(step, nothing);
}

static void waits_on_the_loop(struct wf_step *step, void *state)
{
    (void)state;
    host->sleep(step, 10);
    host->succeed(step, nothing);
}

/* ---- one that is right: it asks twice and answers from the second callback ---- */

static void second(struct wf_step *step, const struct wf_http_response *response, void *arg)
{
    (void)arg;
    host->succeed(step, response->body);
}

static void first(struct wf_step *step, const struct wf_http_response *response, void *arg)
{
    struct wf_http_request request = {.size = sizeof request, .method = "GET", .url = "http://a.test/2"};
    struct wf_failure failure = {.size = sizeof failure, .type = "communication", .title = "No first answer"};
    (void)arg;
    if (response->status == 200)
        host->http_start(step, &request, second, NULL);
    else
        host->fail(step, &failure);
}

static void later(struct wf_step *step, void *state)
{
    struct wf_http_request request = {.size = sizeof request, .method = "GET", .url = "http://a.test/1"};
    (void)state;
    host->http_start(step, &request, first, NULL);
}

/* ---- descriptor ---- */

#define STEP(id, text, what, how, ...)                                                                                 \
    static const struct wf_step_type step_##id = {.size = sizeof step_##id,                                            \
        .name = text,                                                                                                  \
        .summary = "Breaks a rule",                                                                                    \
        .effect = (what),                                                                                              \
        .flags = (how),                                                                                                \
        .no_undo = "it is a test",                                                                                     \
        __VA_ARGS__}

STEP(twice, "sin-twice", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = twice);
STEP(silent, "sin-silent", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = silent);
STEP(leaks, "sin-leaks", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = leaks);
STEP(crashes, "sin-crashes", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = crashes);
STEP(ends, "sin-ends", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = ends);
STEP(careless, "sin-careless", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = careless);
STEP(not_json, "sin-not-json", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = not_json);
STEP(eager, "sin-eager", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = eager);
STEP(blind, "sin-blind", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = blind);
STEP(forgetful, "sin-forgetful", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = forgetful);
STEP(plans, "sin-plans", WF_EFFECT_SPEND, WF_STEP_BLOCKING, .run = blind, .plan = plans_by_writing);
STEP(reads, "sin-reads", WF_EFFECT_READ, WF_STEP_BLOCKING, .run = blind);
STEP(otherwise, "sin-otherwise", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = answers_otherwise);
STEP(random, "sin-random", WF_EFFECT_NONE, WF_STEP_BLOCKING, .run = asks_at_random);
STEP(waits, "sin-waits", WF_EFFECT_NONE, 0, .run = waits_on_the_loop);
STEP(later, "later", WF_EFFECT_READ, 0, .run = later);

static const struct wf_step_type *const steps[] = {&step_twice, &step_silent, &step_leaks, &step_crashes, &step_ends,
    &step_careless, &step_not_json, &step_eager, &step_blind, &step_forgetful, &step_plans, &step_reads,
    &step_otherwise, &step_random, &step_waits, &step_later, NULL};

static int32_t open_sinner(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "sinner",
    .version = "1.0.0",
    .summary = "Steps that break rules",
    .steps = steps,
    .open = open_sinner};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
