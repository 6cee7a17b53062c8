/* test_http_api.c: HTTP as plugins see it. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage.h"
#include "suites.h"

static struct MHD_Daemon *server;
static atomic_int posts;
static char url[100];

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *bytes, size_t *len, void **state)
{
    static const char body[] = "{\"ok\":true}";

    (void)arg, (void)version, (void)bytes, (void)state;
    if (*len > 0) {
        *len = 0;
        return MHD_YES;
    }
    if (strcmp(method, "POST") == 0)
        atomic_fetch_add(&posts, 1);
    if (strcmp(path, "/slow") == 0)
        usleep(200000);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof body - 1, (void *)body, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static void begin(const char *path)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    server = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_END);
    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    snprintf(url, sizeof url, "\"http://127.0.0.1:%u%s\"",
        (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port, path);
    atomic_store(&posts, 0);
    stage_begin("tests/plugins");
}

static void end(void)
{
    stage_end();
    MHD_stop_daemon(server);
}

static void a_worker_waits_for_its_reply(void)
{
    begin("/");
    stage_call("good-asker", url);
    WF_ASSERT_TEXT(stage.output, "{\"result\":0,\"status\":200,\"error\":\"\",\"body\":{\"ok\":true}}");
    end();
}

static void a_reply_may_come_later(void)
{
    begin("/");
    stage_call("good-get", url);
    WF_ASSERT_TEXT(stage.output, "{\"result\":0,\"status\":200}");
    end();
}

static void many_exchanges_run_beside_each_other(void)
{
    begin("/");
    stage.wait_for = 200;
    for (int i = 0; i < 100; i++) {
        stage_start("good-get", url);
        stage_start("good-asker", url);
    }
    wf_loop_run(stage.loop);
    CU_ASSERT_EQUAL(stage.answers, 200);
    end();
}

static void a_write_while_verifying_is_refused(void)
{
    begin("/");
    stage.next.mode = WF_MODE_VERIFY;
    stage_call("bad-writer", url);
    CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL); /* whatever it says, it does not count */
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, "tried to write while it was asked whether it had happened"));
    CU_ASSERT_EQUAL(atomic_load(&posts), 0);
    stage_call("good-asker", url); /* a POST that is said to be safe */
    CU_ASSERT_EQUAL(stage.verdict, WF_VERDICT_YES);
    WF_ASSERT_TEXT(stage.why, "looked");
    CU_ASSERT_EQUAL(atomic_load(&posts), 1);
    stage.next.mode = WF_MODE_RUN;
    stage_call("bad-writer", url);
    CU_ASSERT_EQUAL(atomic_load(&posts), 2);
    end();
}

static void a_step_that_declares_no_effect_cannot_write(void)
{
    begin("/");
    stage_call("bad-reader", url);
    WF_ASSERT_TEXT(stage.output,
        "{\"result\":4,\"status\":0,\"error\":\"the plugin citizens tried POST while it may only look (no effect is "
        "declared for its step bad-reader)\",\"body\":null}");
    CU_ASSERT_EQUAL(atomic_load(&posts), 0);
    stage_call("good-reader", url); /* a question that is asked by POST */
    CU_ASSERT_EQUAL(atomic_load(&posts), 1);
    end();
}

static void a_bad_address_is_refused_with_words(void)
{
    begin("/");
    stage_call("good-asker", "\"nowhere\"");
    WF_ASSERT_TEXT(stage.output,
        "{\"result\":4,\"status\":0,\"error\":\"not an absolute http or https URL: nowhere\",\"body\":null}");
    end();
}

static void a_deadline_ends_an_exchange(void)
{
    static const char *const steps[] = {"good-asker", "good-get", NULL};

    begin("/slow");
    for (size_t i = 0; steps[i]; i++) {
        stage.next.deadline_ms = wf_loop_now_ms(stage.loop) + 30;
        stage_call(steps[i], url);
        /* The exchange itself may time out a moment before the step does. */
        CU_ASSERT_TRUE(strcmp(stage.type, "timeout") == 0 || strstr(stage.output, "\"result\":2") != NULL);
    }
    int answers = stage.answers;
    stage_turn(50);
    CU_ASSERT_EQUAL(stage.answers, answers);
    end();
}

static void a_cancelled_call_drops_its_exchange(void)
{
    begin("/slow");
    struct wf_call *one = stage_start("good-asker", url), *two = stage_start("good-get", url);
    stage_turn(20);
    wf_call_cancel(one);
    wf_call_cancel(two);
    stage_turn(20);
    CU_ASSERT_EQUAL(stage.answers, 0);
    end();
}

static const struct wf_case cases[] = {
    {"a_worker_waits_for_its_reply", a_worker_waits_for_its_reply},
    {"a_reply_may_come_later", a_reply_may_come_later},
    {"many_exchanges_run_beside_each_other", many_exchanges_run_beside_each_other},
    {"a_write_while_verifying_is_refused", a_write_while_verifying_is_refused},
    {"a_step_that_declares_no_effect_cannot_write", a_step_that_declares_no_effect_cannot_write},
    {"a_bad_address_is_refused_with_words", a_bad_address_is_refused_with_words},
    {"a_deadline_ends_an_exchange", a_deadline_ends_an_exchange},
    {"a_cancelled_call_drops_its_exchange", a_cancelled_call_drops_its_exchange},
    {NULL, NULL},
};
const struct wf_suite http_api_suite = {"http_api", cases};
