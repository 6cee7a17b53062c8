/* stage.c: what every test of the host needs. */
#include "stage.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct stage stage;

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_log[1000]; /* guarded by log_lock: workers log, too */
static char all_logs[200000];
static size_t all_len;

const char *stage_path(const char *below_build)
{
    static char path[4096];
    const char *build = getenv("top_builddir");

    snprintf(path, sizeof path, "%s/%s", build ? build : ".", below_build);
    return path;
}

static const char *config(void *arg, const char *group, const char *name)
{
    (void)arg;
    return strcmp(group, "citizens") == 0 && strcmp(name, "region") == 0 ? getenv("TEST_REGION") : NULL;
}

static const char *secret(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "token") == 0 ? "{\"value\":\"hush\"}" : NULL;
}

static void keep_log(enum wf_log_level level, const char *text, void *arg)
{
    (void)level;
    (void)arg;
    pthread_mutex_lock(&log_lock);
    snprintf(last_log, sizeof last_log, "%s", text);
    size_t len = strlen(text);
    if (all_len + len + 1 < sizeof all_logs) {
        memcpy(all_logs + all_len, text, len);
        all_len += len;
        all_logs[all_len++] = '\n';
    }
    pthread_mutex_unlock(&log_lock);
}

void stage_last_log(char ret_text[1000])
{
    pthread_mutex_lock(&log_lock);
    memcpy(ret_text, last_log, sizeof last_log);
    pthread_mutex_unlock(&log_lock);
}

const char *stage_log(void)
{
    pthread_mutex_lock(&log_lock);
    all_logs[all_len] = '\0';
    pthread_mutex_unlock(&log_lock);
    return all_logs;
}

void stage_begin(const char *plugin_dir)
{
    memset(&stage, 0, sizeof stage);
    pthread_mutex_lock(&log_lock); /* a thread of the test before may still say its last word */
    all_len = 0;
    pthread_mutex_unlock(&log_lock);
    snprintf(stage.host_program, sizeof stage.host_program, "%s", stage_path("wfrun-host"));
    const char *dirs[] = {stage_path(plugin_dir), NULL};
    wf_log_set(WF_LOGL_INFO, keep_log, NULL);
    stage.loop = wf_loop_new();
    stage.pool = wf_pool_new(stage.loop, 8, (size_t)256 * 1024);
    stage.http = wf_http_new(stage.loop, &(struct wf_http_settings){.user_agent = "test"});
    const struct wf_hosting_settings settings = {.plugin_dirs = dirs,
        .config = config,
        .secret = secret,
        .isolation = STAGE_APART ? WF_ISOLATION_PROCESS : WF_ISOLATION_IN_PROCESS,
        .host_program = stage.host_program,
        .loop = stage.loop,
        .pool = stage.pool,
        .http = stage.http};
    CU_ASSERT_EQUAL_FATAL(wf_hosting_new(&settings, &stage.hosting, NULL), 0);
    stage.next = (struct wf_call_request){
        .run_id = "run-1", .task = "/do/0/x", .key = "6ba7b810-9dad-11d1-80b4-00c04fd430c8", .attempt = 1};
}

void stage_end(void)
{
    wf_pool_free(stage.pool);
    wf_hosting_free(stage.hosting);
    wf_http_free(stage.http);
    wf_loop_free(stage.loop);
}

static void jump(void *arg, int64_t now_ms)
{
    (void)arg;
    (void)now_ms;
    stage.jumps++;
    wf_loop_jumped(stage.loop);
}

void stage_virtual_clock(void)
{
    wf_loop_set_jumper(stage.loop, jump, NULL);
}

static void keep_failure(const struct wf_failure *failure)
{
    snprintf(stage.type, sizeof stage.type, "%s", failure->type);
    snprintf(stage.title, sizeof stage.title, "%s", failure->title ? failure->title : "");
    snprintf(stage.detail, sizeof stage.detail, "%s", failure->detail ? failure->detail : "");
    stage.status = failure->status;
}

static void done(void *arg, const struct wf_answer *answer)
{
    (void)arg;
    stage.answers++;
    stage.successes += answer->kind == WF_ANSWER_SUCCEED;
    stage.kind = answer->kind;
    stage.unsure = answer->unsure;
    stage.verdict = answer->verdict;
    stage.after_ms = answer->after_ms;
    snprintf(stage.output, sizeof stage.output, "%.*s", (int)answer->output.len,
        answer->output.ptr ? answer->output.ptr : "");
    snprintf(stage.why, sizeof stage.why, "%s", answer->why ? answer->why : "");
    if (answer->failure)
        keep_failure(answer->failure);
    if (stage.answers == stage.wait_for)
        wf_loop_stop(stage.loop);
}

static void progress(void *arg, int64_t at, int64_t total, const char *words)
{
    (void)arg;
    CU_ASSERT_EQUAL(at, 1);
    CU_ASSERT_EQUAL(total, 2);
    CU_ASSERT_STRING_EQUAL(words, "napping");
    stage.progresses++;
}

static void remember(
    void *arg, const char *name, struct wf_bytes json, void (*stored)(void *token, int rc), void *token)
{
    (void)arg;
    snprintf(stage.remembered, sizeof stage.remembered, "%s=%.*s", name, (int)json.len, json.ptr);
    stored(token, 0);
}

struct wf_call *stage_start(const char *step, const char *input)
{
    const struct wf_step_entry *entry = wf_hosting_find(stage.hosting, step, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    stage.next.entry = entry;
    stage.next.input = (struct wf_bytes){input, strlen(input)};
    stage.next.done = done;
    stage.next.progress = progress;
    stage.next.remember = remember;
    int before = stage.answers;
    struct wf_call *call = wf_call_start(stage.hosting, &stage.next);
    CU_ASSERT_EQUAL(stage.answers, before);
    return call;
}

void stage_call(const char *step, const char *input)
{
    stage.wait_for = stage.answers + 1;
    stage_start(step, input);
    wf_loop_run(stage.loop);
    CU_ASSERT_EQUAL(stage.answers, stage.wait_for);
}

static void stop(struct wf_timer *timer)
{
    (void)timer;
    wf_loop_stop(stage.loop);
}

void stage_turn(int64_t ms)
{
    struct wf_timer timer = {0};

    stage.wait_for = -1;
    wf_timer_start_real(stage.loop, &timer, ms, stop);
    wf_loop_run(stage.loop);
    wf_timer_stop(stage.loop, &timer);
}
