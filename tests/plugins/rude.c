/* rude.c: steps that misuse the host's functions or change what belongs to the whole process, one sin each; what is in
 * wfrun's process survives them. */
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;

static struct wf_bytes bytes(const char *text)
{
    return (struct wf_bytes){text, strlen(text)};
}

#define SIN(name)                                                                                                      \
    static void name(struct wf_step *step, void *state);                                                               \
    static void name(struct wf_step *step, void *state __attribute__((unused)))

/* ---- answers ---- */

SIN(no_utf8)
{
    host->succeed(step, bytes("\"\xff\xfe\""));
}

SIN(no_failure)
{
    host->fail(step, NULL);
}

SIN(bad_data)
{
    struct wf_failure failure = {.size = sizeof failure, .type = "no uri at all", .data = "{oops"};
    host->fail(step, &failure);
}

SIN(again_and_again)
{
    host->retry(step, 0, NULL);
}

/* A length that is not there. */
SIN(no_bytes)
{
    host->succeed(step, (struct wf_bytes){NULL, 5});
}

SIN(impossible_length)
{
    host->succeed(step, (struct wf_bytes){"1", SIZE_MAX});
}

/* ---- the host's functions ---- */

/* A step of its own invention, and none. */
SIN(forged)
{
    struct wf_step *others[] = {NULL, (struct wf_step *)(uintptr_t)12345, (struct wf_step *)UINTPTR_MAX};
    struct wf_bytes got;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        host->succeed(others[i], bytes("\"forged\""));
        (void)host->input(others[i]);
        (void)host->config(others[i], "x");
        (void)host->secret(others[i], "x", &got);
        (void)host->recall(others[i], "x", &got);
        (void)host->alloc(others[i], 100);
        (void)host->remember(others[i], "x", bytes("1"));
        (void)host->sleep(others[i], 1);
        host->progress(others[i], 1, 2, "forged");
        host->log(others[i], WF_LOG_DEBUG, "forged");
    }
    host->succeed(step, bytes("\"own\""));
}

SIN(bad_requests)
{
    static const struct {
        const char *method, *url;
    } wrong[] = {{"GET", NULL}, {NULL, "http://127.0.0.1:9/"}, {"G E T\r\nX: y", "http://127.0.0.1:9/"},
        {"GET", "file:///etc/passwd"}, {"GET", "no url"}, {"GET", ""}};
    int sent = 0;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wf_http_request request = {.size = sizeof request, .method = wrong[i].method, .url = wrong[i].url};
        sent += host->http(step, &request)->status != 0;
    }
    host->succeed(step, bytes(sent ? "\"sent\"" : "\"nothing was sent\""));
}

/* All the memory that there is, through the host. */
SIN(hoard)
{
    while (host->alloc(step, (size_t)1 << 20))
        ;
    host->succeed(step, bytes(host->alloc(step, SIZE_MAX) ? "\"boundless\"" : "\"bounded\""));
}

SIN(flood)
{
    for (int i = 0; i < 20000; i++) {
        host->progress(step, i, 1, "flood");
        host->log(step, WF_LOG_DEBUG, "flood %d", i);
    }
    host->succeed(step, bytes("\"flooded\""));
}

static void *come_late(void *step)
{
    struct timespec time = {0, 300000000};
    struct wf_bytes got;

    nanosleep(&time, NULL);
    host->succeed(step, bytes("\"late\""));
    (void)host->input(step);
    (void)host->recall(step, "x", &got);
    (void)host->alloc(step, 100);
    (void)host->remember(step, "x", bytes("1"));
    return NULL;
}

/* Answers from a thread of its own, long after its deadline. */
SIN(too_late)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, come_late, step) == 0)
        pthread_detach(thread);
}

SIN(wait_on_the_loop)
{
    struct wf_http_request request = {.size = sizeof request, .method = "GET", .url = "http://127.0.0.1:9/"};

    (void)host->http(step, &request);
    host->succeed(step, bytes(host->sleep(step, 100000) == 0 ? "\"waited\"" : "\"refused\""));
}

SIN(nothing)
{
    (void)step;
}

static void crash_in_cancel(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
    abort();
}

/* ---- what belongs to all ---- */

SIN(move_away)
{
    host->succeed(step, bytes(chdir("/") == 0 ? "\"moved\"" : "\"stayed\""));
}

SIN(deaf_to_signals)
{
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
    host->succeed(step, bytes("\"deaf\""));
}

SIN(no_environment)
{
    clearenv();
    umask(0777);
    host->succeed(step, bytes("\"empty\""));
}

SIN(other_locale)
{
    bool done = setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "C.UTF-8");
    host->succeed(step, bytes(done ? "\"anders\"" : "\"same\""));
}

SIN(on_stdout)
{
    puts("{\"paid\": true}");
    fflush(stdout);
    host->succeed(step, bytes("\"said\""));
}

/* A thread that goes on for ever. */
static void *for_ever(void *arg)
{
    for (;;)
        pause();
    return arg;
}

SIN(leave_threads)
{
    pthread_t thread;

    for (int i = 0; i < 20; i++) {
        if (pthread_create(&thread, NULL, for_ever, NULL) == 0)
            pthread_detach(thread);
    }
    host->succeed(step, bytes("\"left\""));
}

/* Not a sin: waits until the file that the input names is there. */
SIN(hold)
{
    struct wf_bytes input = host->input(step);
    char path[4096];

    snprintf(path, sizeof path, "%.*s", input.len > 10 ? (int)input.len - 11 : 0, input.ptr + 9);
    while (access(path, F_OK) != 0 && host->sleep(step, 20) == 0)
        ;
    host->succeed(step, input);
}

#define STEP(symbol, label, ...)                                                                                       \
    static const struct wf_step_type symbol = {                                                                        \
        .size = sizeof symbol, .name = label, .summary = "For tests", .no_undo = "a test", __VA_ARGS__}

STEP(step_utf8, "rude-utf8", .flags = WF_STEP_BLOCKING, .run = no_utf8);
STEP(step_failure, "rude-failure", .flags = WF_STEP_BLOCKING, .run = no_failure);
STEP(step_data, "rude-data", .flags = WF_STEP_BLOCKING, .run = bad_data);
STEP(step_again, "rude-again", .flags = WF_STEP_BLOCKING, .run = again_and_again);
STEP(step_bytes, "rude-bytes", .flags = WF_STEP_BLOCKING, .run = no_bytes);
STEP(step_length, "rude-length", .flags = WF_STEP_BLOCKING, .run = impossible_length);
STEP(step_forged, "rude-forged", .flags = WF_STEP_BLOCKING, .run = forged);
STEP(step_request, "rude-request", .effect = WF_EFFECT_READ, .flags = WF_STEP_BLOCKING, .run = bad_requests);
STEP(step_hoard, "rude-hoard", .flags = WF_STEP_BLOCKING, .run = hoard);
STEP(step_flood, "rude-flood", .flags = WF_STEP_BLOCKING, .run = flood);
STEP(step_late, "rude-late", .run = too_late);
STEP(step_wait, "rude-wait", .run = wait_on_the_loop);
STEP(step_cancel, "rude-cancel", .run = nothing, .cancel = crash_in_cancel);
STEP(step_cwd, "rude-cwd", .flags = WF_STEP_BLOCKING, .run = move_away);
STEP(step_deaf, "rude-deaf", .flags = WF_STEP_BLOCKING, .run = deaf_to_signals);
STEP(step_environment, "rude-environment", .flags = WF_STEP_BLOCKING, .run = no_environment);
STEP(step_locale, "rude-locale", .flags = WF_STEP_BLOCKING, .run = other_locale);
STEP(step_stdout, "rude-stdout", .flags = WF_STEP_BLOCKING, .run = on_stdout);
STEP(step_threads, "rude-threads", .flags = WF_STEP_BLOCKING, .run = leave_threads);
STEP(step_hold, "hold", .flags = WF_STEP_BLOCKING, .run = hold);

static const struct wf_step_type *const steps[] = {&step_utf8, &step_failure, &step_data, &step_again, &step_bytes,
    &step_length, &step_forged, &step_request, &step_hoard, &step_flood, &step_late, &step_wait, &step_cancel,
    &step_cwd, &step_deaf, &step_environment, &step_locale, &step_stdout, &step_threads, &step_hold, NULL};

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    host = given;
    *ret_state = NULL;
    return 0;
}

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "rude",
    .version = "1.0.0",
    .summary = "Steps without manners",
    .steps = steps,
    .open = open_plugin,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
