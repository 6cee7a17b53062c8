/* citizens.c: steps that behave badly while they run, one sin each, and some that use the host's functions well. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;

static struct wf_bytes bytes(const char *text)
{
    return (struct wf_bytes){text, strlen(text)};
}

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* ---- bad ---- */

static void nothing(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
}

static void twice(struct wf_step *step, void *state)
{
    struct wf_failure failure = {.size = sizeof failure, .detail = "the second answer"};

    (void)state;
    host->succeed(step, bytes("{\"answer\":1}"));
    host->fail(step, &failure);
    host->succeed(step, bytes("{\"answer\":2}"));
}

static void no_json(struct wf_step *step, void *state)
{
    (void)state;
    host->succeed(step, bytes("{\"answer\":"));
}

static void too_deep(struct wf_step *step, void *state)
{
    char text[1001];

    (void)state;
    memset(text, '[', 500);
    memset(text + 500, ']', 500);
    text[1000] = '\0';
    host->succeed(step, bytes(text));
}

static void too_large(struct wf_step *step, void *state)
{
    size_t len = WF_MAX_VALUE + 1;
    char *text = malloc(len);

    (void)state;
    memset(text, ' ', len);
    text[0] = '1';
    host->succeed(step, (struct wf_bytes){text, len});
    free(text);
}

static void wrong_kind(struct wf_step *step, void *state)
{
    (void)state;
    host->verdict(step, WF_VERDICT_YES, bytes("1"), NULL);
}

/* Sleeps on the real clock whatever the host says, and answers too late. */
static void deaf(struct wf_step *step, void *state)
{
    (void)state;
    pause_ms(150);
    host->succeed(step, bytes("\"late\""));
}

static void *answer_late(void *arg)
{
    pause_ms(100);
    host->log(arg, WF_LOG_INFO, "still here");
    host->succeed(arg, bytes("\"late\""));
    (void)host->input(arg);
    (void)host->alloc(arg, 100);
    return NULL;
}

/* Not blocking: an own thread answers 100 ms later. */
static void later(struct wf_step *step, void *state)
{
    pthread_t thread;

    (void)state;
    if (pthread_create(&thread, NULL, answer_late, step) == 0)
        pthread_detach(thread);
}

static void write_url(struct wf_step *step, const char *method, uint32_t flags)
{
    struct wf_bytes input = host->input(step);
    char *url = host->alloc(step, input.len + 1);
    struct wf_http_request request = {.size = sizeof request, .method = method, .url = url, .flags = flags};

    memcpy(url, input.ptr + 1, input.len - 2); /* without the quotes */
    const struct wf_http_response *reply = host->http(step, &request);
    char *text = host->alloc(step, 1000);
    snprintf(text, 1000, "{\"result\":%d,\"status\":%d,\"error\":\"%s\",\"body\":%.*s}", reply->result, reply->status,
        reply->error ? reply->error : "", reply->body.len > 0 ? (int)reply->body.len : 4,
        reply->body.len > 0 ? reply->body.ptr : "null");
    if (host->mode(step) == WF_MODE_VERIFY)
        host->verdict(step, WF_VERDICT_YES, bytes(text), "looked");
    else
        host->succeed(step, bytes(text));
}

static void post(struct wf_step *step, void *state)
{
    (void)state;
    write_url(step, "POST", 0);
}

static void safe_post(struct wf_step *step, void *state)
{
    (void)state;
    write_url(step, "POST", WF_HTTP_SAFE);
}

/* ---- good ---- */

static void get(struct wf_step *step, void *state)
{
    (void)state;
    write_url(step, "GET", 0);
}

static void came(struct wf_step *step, const struct wf_http_response *reply, void *arg)
{
    char *text = arg;

    snprintf(text, 200, "{\"result\":%d,\"status\":%d}", reply->result, reply->status);
    host->http_release(step, reply);
    host->succeed(step, bytes(text));
}

static void get_later(struct wf_step *step, void *state)
{
    struct wf_bytes input = host->input(step);
    char url[200];
    struct wf_http_request request = {.size = sizeof request, .method = "GET", .url = url};

    (void)state;
    snprintf(url, sizeof url, "%.*s", (int)input.len - 2, input.ptr + 1);
    host->http_start(step, &request, came, host->alloc(step, 200));
    memset(url, 'x', sizeof url - 1); /* the host has its own copy */
}

/* Input: milliseconds. Output: what sleep said. */
static void nap(struct wf_step *step, void *state)
{
    char text[40];

    (void)state;
    host->progress(step, 1, 2, "napping");
    int32_t rc = host->sleep(step, atoi(host->input(step).ptr));
    snprintf(text, sizeof text, "%d", rc);
    host->succeed(step, bytes(text));
}

static void recall(struct wf_step *step, void *state)
{
    struct wf_bytes before = {"null", 4}, now = {"null", 4};
    char *text = host->alloc(step, 300);

    (void)state;
    (void)host->recall(step, "cart", &before);
    int32_t rc = host->remember(step, "cart", bytes("{\"id\":2}"));
    (void)host->recall(step, "cart", &now);
    snprintf(
        text, 300, "{\"rc\":%d,\"before\":%.*s,\"now\":%.*s}", rc, (int)before.len, before.ptr, (int)now.len, now.ptr);
    host->succeed(step, bytes(text));
}

static void about(struct wf_step *step, void *state)
{
    struct wf_bytes secret = {"null", 4}, other;
    const char *region = host->config(step, "region"), *unlisted = host->config(step, "other");
    char *text = host->alloc(step, 600);

    (void)state;
    (void)host->secret(step, "token", &secret);
    int32_t refused = host->secret(step, "unlisted", &other);
    snprintf(text, 600,
        "{\"run\":\"%s\",\"task\":\"%s\",\"key\":\"%s\",\"attempt\":%u,\"region\":\"%s\",\"unlisted\":%s,\"secret\":%.*"
        "s,"
        "\"refused\":%d,\"left\":%s}",
        host->run_id(step), host->task(step), host->idempotency_key(step), host->attempt(step), region,
        unlisted ? "1" : "null", (int)secret.len, secret.ptr, refused,
        host->deadline_ms(step) > host->now_ms(step) ? "true" : "false");
    host->succeed(step, bytes(text));
}

static void retry(struct wf_step *step, void *state)
{
    struct wf_failure failure = {.size = sizeof failure, .type = "communication", .status = 503, .detail = "busy"};

    (void)state;
    host->retry(step, 1500, &failure);
}

/* How many of these run at the same time, at most. */
static pthread_mutex_t crowd_lock = PTHREAD_MUTEX_INITIALIZER;
static int crowd, most_crowd;

static void crowded(struct wf_step *step, void *state)
{
    char text[20];

    (void)state;
    pthread_mutex_lock(&crowd_lock);
    if (++crowd > most_crowd)
        most_crowd = crowd;
    pthread_mutex_unlock(&crowd_lock);
    pause_ms(2);
    pthread_mutex_lock(&crowd_lock);
    crowd--;
    snprintf(text, sizeof text, "%d", most_crowd);
    pthread_mutex_unlock(&crowd_lock);
    host->succeed(step, bytes(text));
}

static uint32_t effect_of(struct wf_bytes input, uint32_t *ret_flags)
{
    if (input.len == 3)
        *ret_flags |= WF_STEP_IDEMPOTENT;
    return (uint32_t)input.len;
}

static int cancels;

static void count_cancel(struct wf_step *step, void *state)
{
    (void)step;
    (void)state;
    cancels++;
}

static void tell_cancels(struct wf_step *step, void *state)
{
    char text[20];

    (void)state;
    snprintf(text, sizeof text, "%d", cancels);
    host->succeed(step, bytes(text));
}

/* ---- descriptor ---- */

#define STEP(symbol, label, ...)                                                                                       \
    static const struct wf_step_type symbol = {                                                                        \
        .size = sizeof symbol, .name = label, .summary = "For tests", .no_undo = "a test", __VA_ARGS__}

STEP(bad_no_answer, "bad-no-answer", .flags = WF_STEP_BLOCKING, .run = nothing);
STEP(bad_never, "bad-never", .run = nothing, .cancel = count_cancel);
STEP(bad_twice, "bad-twice", .flags = WF_STEP_BLOCKING, .run = twice);
STEP(bad_json, "bad-json", .run = no_json);
STEP(bad_deep, "bad-deep", .run = too_deep);
STEP(bad_large, "bad-large", .run = too_large);
STEP(bad_kind, "bad-kind", .run = wrong_kind);
STEP(bad_schema, "bad-schema", .run = twice,
    .output_schema = "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}}}");
STEP(bad_deaf, "bad-deaf", .flags = WF_STEP_BLOCKING, .run = deaf);
STEP(bad_later, "bad-later", .run = later);
STEP(bad_writer, "bad-writer", .effect = WF_EFFECT_WRITE, .flags = WF_STEP_BLOCKING, .run = post, .verify = post);
STEP(bad_reader, "bad-reader", .effect = WF_EFFECT_READ, .flags = WF_STEP_BLOCKING, .run = post);
STEP(good_reader, "good-reader", .effect = WF_EFFECT_READ, .flags = WF_STEP_BLOCKING, .run = safe_post);
STEP(good_asker, "good-asker", .flags = WF_STEP_BLOCKING, .run = get, .verify = safe_post);
STEP(good_get, "good-get", .run = get_later);
STEP(good_nap, "good-nap", .flags = WF_STEP_BLOCKING, .run = nap);
STEP(good_recall, "good-recall", .flags = WF_STEP_BLOCKING, .run = recall);
STEP(good_about, "good-about", .run = about);
STEP(good_retry, "good-retry", .run = retry);
STEP(good_few, "good-few", .flags = WF_STEP_BLOCKING, .max_parallel = 3, .run = crowded);
STEP(good_effect, "good-effect", .run = nothing, .effect_of = effect_of);
STEP(good_cancels, "good-cancels", .run = tell_cancels);

static const struct wf_step_type *const steps[] = {&bad_no_answer, &bad_never, &bad_twice, &bad_json, &bad_deep,
    &bad_large, &bad_kind, &bad_schema, &bad_deaf, &bad_later, &bad_writer, &bad_reader, &good_reader, &good_asker,
    &good_get, &good_nap, &good_recall, &good_about, &good_retry, &good_few, &good_effect, &good_cancels, NULL};

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    if (host != given) /* opened again by the next test: a late thread of the last one may still be looking at it */
        host = given;
    *ret_state = NULL;
    return WF_HOST_HAS(host, recall) ? 0 : -1;
}

static const struct wf_config_row region = {sizeof region, "region", "eu", "For tests"};
static const struct wf_config_row *const config[] = {&region, NULL};
static const char *const secrets[] = {"token", NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "citizens",
    .version = "1.2.3",
    .summary = "Steps for tests of the host",
    .config = config,
    .secrets = secrets,
    .steps = steps,
    .open = open_plugin,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
