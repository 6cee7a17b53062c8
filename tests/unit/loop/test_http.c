/* test_http.c: transfers against a small server in this process. */
#include "config.h" /* _GNU_SOURCE */

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/http.h"
#include "loop/loop.h"
#include "suites.h"

/* ---- the server ---- */

static struct MHD_Daemon *server;
static atomic_int drops; /* requests to /drop */

struct upload {
    struct wf_buf body;
};

static enum MHD_Result add_line(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    wf_buf_printf(arg, "%s: %s\n", name, value);
    return MHD_YES;
}

static enum MHD_Result reply(
    struct MHD_Connection *connection, unsigned status, const char *body, size_t len, const char *location)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(len, (void *)body, MHD_RESPMEM_MUST_COPY);

    MHD_add_response_header(response, "X-First", "1");
    MHD_add_response_header(response, "x-second", "2");
    MHD_add_response_header(response, "X-First", "3");
    if (location)
        MHD_add_response_header(response, "Location", location);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_digest(struct MHD_Connection *connection)
{
    static const char realm[] = "test", opaque[] = "0123";
    char *user = MHD_digest_auth_get_username(connection);
    int ok = user ? MHD_digest_auth_check(connection, realm, user, "secret", 300) : MHD_NO;

    MHD_free(user);
    if (ok == MHD_YES)
        return reply(connection, 200, "digested", 8, NULL);
    struct MHD_Response *response = MHD_create_response_from_buffer(2, (void *)"no", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result =
        MHD_queue_auth_fail_response(connection, realm, opaque, response, ok == MHD_INVALID_NONCE ? MHD_YES : MHD_NO);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(
    struct MHD_Connection *connection, const char *path, const char *method, const struct upload *upload)
{
    static char big[100000];

    if (strcmp(path, "/drop") == 0) {
        atomic_fetch_add(&drops, 1);
        return MHD_NO; /* closes the connection */
    }
    if (strncmp(path, "/to/", 4) == 0) {
        char location[64] = "/echo";
        return reply(connection, (unsigned)strtoul(path + 4, NULL, 10), "moved", 5, location);
    }
    if (strcmp(path, "/digest") == 0)
        return reply_digest(connection);
    if (strcmp(path, "/big") == 0)
        return reply(connection, 200, big, sizeof big, NULL);
    if (strcmp(path, "/slow") == 0)
        usleep(300000);
    struct wf_buf echo;
    wf_buf_init(&echo, 1 << 20);
    wf_buf_printf(&echo, "%s %s\n", method, path);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_line, &echo);
    wf_buf_char(&echo, '\n');
    wf_buf_add(&echo, upload->body.ptr, upload->body.len);
    enum MHD_Result result = reply(connection, 200, echo.ptr, echo.len, NULL);
    wf_buf_done(&echo);
    return result;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *bytes, size_t *len, void **state)
{
    struct upload *upload = *state;

    (void)arg, (void)version;
    if (!upload) {
        *state = upload = calloc(1, sizeof *upload);
        wf_buf_init(&upload->body, 1 << 20);
        return MHD_YES;
    }
    if (*len > 0) {
        wf_buf_add(&upload->body, bytes, *len);
        *len = 0;
        return MHD_YES;
    }
    return answer(connection, path, method, upload);
}

static void forget(void *arg, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
    struct upload *upload = *state;

    (void)arg, (void)connection, (void)code;
    if (upload)
        wf_buf_done(&upload->body);
    free(upload);
}

/* ---- the client ---- */

static struct wf_loop *loop;
static struct wf_http *http;
static char host[64], url[128];
static struct {
    enum wf_transfer_result result;
    int status, count;
    struct wf_buf body, headers;
    char url[200], error[400];
} got;

static void begin(size_t max_body)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static char shop[64];
    static const char *const with_port[] = {shop, NULL};

    server = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_DIGEST_AUTH_RANDOM,
        (size_t)8, "12345678", MHD_OPTION_NONCE_NC_SIZE, 100u, MHD_OPTION_END);
    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    unsigned port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
    snprintf(host, sizeof host, "127.0.0.1:%u", port);
    snprintf(shop, sizeof shop, "shop.example:80:127.0.0.1:%u", port);
    atomic_store(&drops, 0);
    loop = wf_loop_new();
    http = wf_http_new(
        loop, &(struct wf_http_settings){.connect_to = with_port, .user_agent = "test/1", .max_body = max_body});
    memset(&got, 0, sizeof got);
    wf_buf_init(&got.body, 1 << 20);
    wf_buf_init(&got.headers, 1 << 20);
}

static void end(void)
{
    wf_http_free(http);
    wf_loop_free(loop);
    MHD_stop_daemon(server);
    wf_buf_done(&got.body);
    wf_buf_done(&got.headers);
}

static void keep(void *arg, const struct wf_transfer_reply *reply_)
{
    (void)arg;
    got.count++;
    got.result = reply_->result;
    got.status = reply_->status;
    wf_buf_clear(&got.body);
    wf_buf_clear(&got.headers);
    wf_buf_add(&got.body, reply_->body, reply_->body_len);
    for (size_t i = 0; i < reply_->nheaders; i++)
        wf_buf_printf(&got.headers, "%s=%s;", reply_->headers[i].name, reply_->headers[i].value);
    snprintf(got.url, sizeof got.url, "%s", reply_->url);
    snprintf(got.error, sizeof got.error, "%s", reply_->error ? reply_->error : "");
    wf_loop_stop(loop);
}

static const char *at(const char *path)
{
    snprintf(url, sizeof url, "http://%s%s", host, path);
    return url;
}

static void fetch(struct wf_transfer_request request)
{
    int before = got.count;

    wf_http_start(http, &request, keep, NULL);
    CU_ASSERT_EQUAL(got.count, before);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(got.count, before + 1);
}

#define HAS(part)     CU_ASSERT_PTR_NOT_NULL(strstr(got.body.ptr, part))
#define HAS_NOT(part) CU_ASSERT_PTR_NULL(strcasestr(got.body.ptr, part))

static void a_request_arrives_as_written(void)
{
    struct wf_pair headers[] = {{"X-A", "1"}, {"x-b", "two words"}, {"X-Empty", ""}, {"Expect", "100-continue"}};

    begin(0);
    fetch((struct wf_transfer_request){
        .method = "POST", .url = at("/echo"), .headers = headers, .nheaders = 4, .body = "a\0b", .body_len = 3});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_ANSWERED);
    CU_ASSERT_EQUAL(got.status, 200);
    HAS("POST /echo\n");
    HAS("X-A: 1\n");
    HAS("x-b: two words\n");
    HAS("X-Empty: \n");
    HAS("User-Agent: test/1\n");
    HAS("Content-Length: 3\n");
    HAS_NOT("Expect");
    HAS_NOT("Content-Type");
    CU_ASSERT_EQUAL(memcmp(got.body.ptr + got.body.len - 3, "a\0b", 3), 0);
    WF_ASSERT_TEXT(got.url, url);
    end();
}

static void headers_of_the_answer_keep_their_order_and_case(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")});
    CU_ASSERT_PTR_NOT_NULL(strstr(got.headers.ptr, "X-First=1;x-second=2;X-First=3;"));
    end();
}

static void every_method_is_sent_as_itself(void)
{
    static const char *const methods[] = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "POST", "PURGE", NULL};
    char line[32];

    begin(0);
    for (size_t i = 0; methods[i]; i++) {
        fetch((struct wf_transfer_request){.method = methods[i], .url = at("/echo")});
        snprintf(line, sizeof line, "%s /echo\n", methods[i]);
        HAS(line);
        HAS_NOT("Content-Type");
    }
    fetch((struct wf_transfer_request){.method = "HEAD", .url = at("/echo")});
    CU_ASSERT_EQUAL(got.status, 200);
    CU_ASSERT_EQUAL(got.body.len, 0);
    fetch((struct wf_transfer_request){.method = "DELETE", .url = at("/echo"), .body = "x", .body_len = 1});
    HAS("DELETE /echo\n");
    HAS("\n\nx");
    end();
}

static void redirects_are_followed_only_when_asked(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/to/302")});
    CU_ASSERT_EQUAL(got.status, 302);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/to/302"), .follow = 1});
    CU_ASSERT_EQUAL(got.status, 200);
    HAS("GET /echo\n");
    WF_ASSERT_TEXT(got.url, at("/echo"));
    end();
}

static void a_request_goes_to_no_host_that_is_not_let(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo"), .hosts = "localhost"});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_BAD_REQUEST);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/to/302"), .hosts = "127.0.0.1", .follow = 1});
    CU_ASSERT_EQUAL(got.status, 200);
    end();
}

static void a_redirect_changes_the_method_as_the_standard_says(void)
{
    static const struct {
        const char *method, *path, *expected;
    } rows[] = {
        {"POST", "/to/301", "GET /echo\n"},
        {"POST", "/to/303", "GET /echo\n"},
        {"POST", "/to/307", "POST /echo\n"},
        {"POST", "/to/308", "POST /echo\n"},
        {"PUT", "/to/302", "PUT /echo\n"},
        {"PUT", "/to/303", "GET /echo\n"},
        {"PUT", "/to/307", "PUT /echo\n"},
    };

    begin(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fetch((struct wf_transfer_request){
            .method = rows[i].method, .url = at(rows[i].path), .body = "body", .body_len = 4, .follow = 1});
        HAS(rows[i].expected);
        if (rows[i].expected[0] == 'P')
            HAS("\n\nbody");
    }
    end();
}

static void basic_and_digest_credentials_are_used(void)
{
    begin(0);
    fetch((struct wf_transfer_request){
        .method = "GET", .url = at("/echo"), .basic = 1, .user = "ada:x", .password = "l"});
    HAS("Authorization: Basic YWRhOng6bA==\n");
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")});
    HAS_NOT("Authorization");
    fetch((struct wf_transfer_request){.method = "POST",
        .url = at("/digest"),
        .body = "b",
        .body_len = 1,
        .digest = 1,
        .user = "ada",
        .password = "secret"});
    CU_ASSERT_EQUAL(got.status, 200);
    WF_ASSERT_TEXT(got.body.ptr, "digested");
    fetch((struct wf_transfer_request){
        .method = "GET", .url = at("/digest"), .digest = 1, .user = "ada", .password = "wrong"});
    CU_ASSERT_EQUAL(got.status, 401);
    end();
}

static void a_name_can_be_sent_elsewhere(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "GET", .url = "http://shop.example/echo"});
    CU_ASSERT_EQUAL(got.status, 200);
    HAS("Host: shop.example\n");
    end();
}

static void the_proxy_of_the_environment_is_used_but_not_for_its_exceptions(void)
{
    static const char *const places[][2] = {{"http://elsewhere.example/echo", "GET http://elsewhere.example/echo\n"},
        {"http://shop.example/echo", "GET /echo\n"}};
    char proxy[80];

    for (size_t i = 0; i < 2; i++) {
        begin(0);
        snprintf(proxy, sizeof proxy, "http://%s", host);
        setenv("http_proxy", proxy, 1);
        setenv("no_proxy", "shop.example", 1);
        fetch((struct wf_transfer_request){.method = "GET", .url = places[i][0]});
        unsetenv("http_proxy");
        unsetenv("no_proxy");
        CU_ASSERT_EQUAL(got.status, 200);
        HAS(places[i][1]);
        end();
    }
}

/* ---- what went wrong ---- */

static void nothing_was_sent_when_nobody_listens(void)
{
    begin(0);
    MHD_stop_daemon(server);
    fetch((struct wf_transfer_request){.method = "POST", .url = at("/echo"), .body = "x", .body_len = 1});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_NOT_SENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(got.error, "Failed to connect to 127.0.0.1"));
    server = NULL;
    wf_http_free(http);
    wf_loop_free(loop);
    wf_buf_done(&got.body);
    wf_buf_done(&got.headers);
}

static void nothing_was_sent_when_the_name_is_unknown(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "POST", .url = "http://no-such-host.invalid/"});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_NOT_SENT);
    end();
}

static void nothing_was_sent_when_tls_fails(void)
{
    begin(0);
    snprintf(url, sizeof url, "https://%s/echo", host);
    fetch((struct wf_transfer_request){.method = "POST", .url = url, .body = "x", .body_len = 1});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_NOT_SENT);
    end();
}

static void a_dropped_request_may_have_happened(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "POST", .url = at("/drop")});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_UNKNOWN);
    CU_ASSERT_EQUAL(atomic_load(&drops), 1);
    end();
}

static void a_write_on_a_kept_connection_is_never_sent_twice(void)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", NULL};

    begin(0);
    for (size_t i = 0; methods[i]; i++) {
        fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")}); /* makes a connection to keep */
        atomic_store(&drops, 0);
        fetch((struct wf_transfer_request){.method = methods[i], .url = at("/drop"), .body = "x", .body_len = 1});
        CU_ASSERT_EQUAL(got.result, WF_TRANSFER_UNKNOWN);
        WF_ASSERT_TEXT(got.error, "the connection broke before an answer came");
        CU_ASSERT_EQUAL(atomic_load(&drops), 1);
        fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")});
        atomic_store(&drops, 0);
        fetch((struct wf_transfer_request){.method = methods[i], .url = at("/drop")});
        CU_ASSERT_EQUAL(got.result, WF_TRANSFER_UNKNOWN);
        CU_ASSERT_EQUAL(atomic_load(&drops), 1);
    }
    end();
}

static void a_read_on_a_dead_kept_connection_is_sent_again(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")});
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/drop")});
    CU_ASSERT_EQUAL(atomic_load(&drops), 2);
    end();
}

static void a_slow_answer_times_out_as_unknown(void)
{
    begin(0);
    fetch((struct wf_transfer_request){.method = "POST", .url = at("/slow"), .timeout_ms = 50});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(strstr(got.error, "timed out"));
    end();
}

static void an_answer_beyond_the_limit_is_refused(void)
{
    begin(50000);
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/big")});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_UNKNOWN);
    WF_ASSERT_TEXT(got.error, "the answer is larger than 50000 bytes");
    fetch((struct wf_transfer_request){.method = "GET", .url = at("/echo")});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_ANSWERED);
    end();
}

static void bad_requests_are_refused_with_words(void)
{
    struct wf_pair bad_name = {"X Y", "1"}, bad_value = {"X", "1\r\nY: 2"};
    const struct {
        struct wf_transfer_request request;
        const char *words;
    } rows[] = {
        {{.method = "GET", .url = "ftp://x/"}, "not an absolute http or https URL: ftp://x/"},
        {{.method = "GET", .url = "/relative"}, "not an absolute http or https URL: /relative"},
        {{.method = "G T", .url = "http://x/"}, "not a method: G T"},
        {{.method = "GET", .url = "http://x/", .headers = &bad_name, .nheaders = 1}, "not a header name: X Y"},
        {{.method = "GET", .url = "http://x/", .headers = &bad_value, .nheaders = 1},
            "a header value with a line break, of: X"},
    };

    begin(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fetch(rows[i].request);
        CU_ASSERT_EQUAL(got.result, WF_TRANSFER_BAD_REQUEST);
        WF_ASSERT_TEXT(got.error, rows[i].words);
    }
    fetch((struct wf_transfer_request){.method = "GET", .url = "http://[bad/"});
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_BAD_REQUEST);
    end();
}

static void a_cancelled_transfer_says_so_once(void)
{
    begin(0);
    struct wf_transfer_request request = {.method = "POST", .url = at("/slow")};
    struct wf_transfer *transfer = wf_http_start(http, &request, keep, NULL);
    wf_http_cancel(transfer);
    wf_http_cancel(transfer);
    CU_ASSERT_EQUAL(got.count, 0);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(got.result, WF_TRANSFER_CANCELLED);
    CU_ASSERT_EQUAL(got.count, 1);
    end();
}

static void freeing_the_client_drops_what_is_under_way(void)
{
    begin(0);
    struct wf_transfer_request request = {.method = "GET", .url = at("/slow")};
    for (int i = 0; i < 10; i++)
        wf_http_start(http, &request, keep, NULL);
    end();
    CU_ASSERT_EQUAL(got.count, 0);
}

static int many_left;

static void count_many(void *arg, const struct wf_transfer_reply *reply_)
{
    (void)arg;
    CU_ASSERT_EQUAL(reply_->status, 200);
    if (--many_left == 0)
        wf_loop_stop(loop);
}

static void many_transfers_at_once_are_shared_out(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 256; /* both ends of 600 connections are in this process */
    CU_ASSERT_TRUE(limit.rlim_max >= 1300);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
    begin(0);
    struct wf_transfer_request request = {.method = "GET", .url = at("/echo")};
    many_left = 600;
    for (int i = 0; i < 600; i++)
        wf_http_start(http, &request, count_many, NULL);
    wf_loop_run(loop);
    CU_ASSERT_EQUAL(many_left, 0);
    end();
}

static const struct wf_case cases[] = {
    {"a_request_arrives_as_written", a_request_arrives_as_written},
    {"headers_of_the_answer_keep_their_order_and_case", headers_of_the_answer_keep_their_order_and_case},
    {"every_method_is_sent_as_itself", every_method_is_sent_as_itself},
    {"redirects_are_followed_only_when_asked", redirects_are_followed_only_when_asked},
    {"a_request_goes_to_no_host_that_is_not_let", a_request_goes_to_no_host_that_is_not_let},
    {"a_redirect_changes_the_method_as_the_standard_says", a_redirect_changes_the_method_as_the_standard_says},
    {"basic_and_digest_credentials_are_used", basic_and_digest_credentials_are_used},
    {"a_name_can_be_sent_elsewhere", a_name_can_be_sent_elsewhere},
    {"the_proxy_of_the_environment_is_used_but_not_for_its_exceptions",
        the_proxy_of_the_environment_is_used_but_not_for_its_exceptions},
    {"nothing_was_sent_when_nobody_listens", nothing_was_sent_when_nobody_listens},
    {"nothing_was_sent_when_the_name_is_unknown", nothing_was_sent_when_the_name_is_unknown},
    {"nothing_was_sent_when_tls_fails", nothing_was_sent_when_tls_fails},
    {"a_dropped_request_may_have_happened", a_dropped_request_may_have_happened},
    {"a_write_on_a_kept_connection_is_never_sent_twice", a_write_on_a_kept_connection_is_never_sent_twice},
    {"a_read_on_a_dead_kept_connection_is_sent_again", a_read_on_a_dead_kept_connection_is_sent_again},
    {"a_slow_answer_times_out_as_unknown", a_slow_answer_times_out_as_unknown},
    {"an_answer_beyond_the_limit_is_refused", an_answer_beyond_the_limit_is_refused},
    {"bad_requests_are_refused_with_words", bad_requests_are_refused_with_words},
    {"a_cancelled_transfer_says_so_once", a_cancelled_transfer_says_so_once},
    {"freeing_the_client_drops_what_is_under_way", freeing_the_client_drops_what_is_under_way},
    {"many_transfers_at_once_are_shared_out", many_transfers_at_once_are_shared_out},
    {NULL, NULL},
};
const struct wf_suite http_suite = {"http", cases};
