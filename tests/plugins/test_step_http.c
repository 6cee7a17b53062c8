/* test_step_http.c: the step `http` against a small server: requests, credentials, outputs, errors. */
#include "config.h" /* _GNU_SOURCE */

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "lib/cunit_main.h"
#include "unit/host/stage.h"

/* ---- the server ---- */

static struct MHD_Daemon *server;
static atomic_int tokens; /* given so far */
static char base[64];

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type, const char *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_MUST_COPY);

    if (type)
        MHD_add_response_header(response, "Content-Type", type);
    if (status == 302)
        MHD_add_response_header(response, "Location", "/json");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result add_query(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    wf_buf_printf(arg, "%s=%s;", name, value ? value : "");
    return MHD_YES;
}

/* Method, query, three headers and the body as one JSON string. */
static enum MHD_Result echo(struct MHD_Connection *connection, const char *method, const char *body)
{
    static const char *const shown[] = {"Content-Type", "Authorization", "X-One"};
    struct wf_buf text, json;

    wf_buf_init(&text, 10000);
    wf_buf_init(&json, 20000);
    wf_buf_printf(&text, "%s ", method);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query, &text);
    for (size_t i = 0; i < 3; i++) {
        const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, shown[i]);
        wf_buf_printf(&text, " %s", value ? value : "-");
    }
    wf_buf_printf(&text, " %s", body);
    wf_buf_json_string(&json, text.ptr, text.len);
    enum MHD_Result result = reply(connection, 200, "application/json", json.ptr);
    wf_buf_done(&text);
    wf_buf_done(&json);
    return result;
}

static enum MHD_Result give_token(struct MHD_Connection *connection, const char *body)
{
    char text[200];

    if (strstr(body, "wrong"))
        return reply(connection, 401, "application/json", "{\"error_description\":\"unknown client\"}");
    snprintf(text, sizeof text, "{\"access_token\":\"t%d\",\"expires_in\":%s}", atomic_fetch_add(&tokens, 1) + 1,
        strstr(body, "scope=brief") ? "1" : "3600");
    return reply(connection, 200, "application/json", text);
}

static enum MHD_Result answer(struct MHD_Connection *connection, const char *path, const char *method, const char *body)
{
    static const char long_json[] = "{\"n\":12345678901234567890,\"a\":1}";

    if (strcmp(path, "/json") == 0)
        return reply(connection, 200, "application/json; charset=utf-8", long_json);
    if (strcmp(path, "/text") == 0)
        return reply(connection, 200, "text/plain", "h\xc3\xa9llo");
    if (strcmp(path, "/latin") == 0)
        return reply(connection, 200, "text/plain", "h\xe9llo");
    if (strcmp(path, "/octets") == 0)
        return reply(connection, 200, "application/octet-stream", "abc");
    if (strcmp(path, "/none") == 0)
        return reply(connection, 204, NULL, "");
    if (strcmp(path, "/broken") == 0)
        return reply(connection, 200, "application/problem+json", "{");
    if (strcmp(path, "/moved") == 0)
        return reply(connection, 302, NULL, "");
    if (strncmp(path, "/status/", 8) == 0)
        return reply(connection, (unsigned)atoi(path + 8), "application/json", "{\"code\":800001}");
    if (strcmp(path, "/oauth2/token") == 0)
        return give_token(connection, body);
    if (strcmp(path, "/.well-known/openid-configuration") == 0) {
        char document[200];
        snprintf(document, sizeof document, "{\"token_endpoint\":\"%s/oauth2/token\"}", base);
        return reply(connection, 200, "application/json", document);
    }
    return echo(connection, method, body);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *bytes, size_t *len, void **state)
{
    struct wf_buf *body = *state;

    (void)arg, (void)version;
    if (!body) {
        *state = body = calloc(1, sizeof *body);
        wf_buf_init(body, 10000);
        return MHD_YES;
    }
    if (*len > 0) {
        wf_buf_add(body, bytes, *len);
        *len = 0;
        return MHD_YES;
    }
    return answer(connection, path, method, body->ptr ? body->ptr : "");
}

static void forget(void *arg, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)connection, (void)code;
    if (*state)
        wf_buf_done(*state);
    free(*state);
}

static void begin(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    server = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    snprintf(base, sizeof base, "http://127.0.0.1:%u",
        (unsigned)MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
    atomic_store(&tokens, 0);
    stage_begin("plugins/all");
}

static void end(void)
{
    stage_end();
    MHD_stop_daemon(server);
}

/* members: more of `with`, each with a comma before it. */
static void call(const char *method, const char *path, const char *members)
{
    char *with = NULL;

    CU_ASSERT_FATAL(asprintf(&with, "{\"method\":\"%s\",\"endpoint\":\"%s%s\"%s}", method, base, path, members) > 0);
    stage_call("http", with);
    free(with);
}

static void call_with(const char *authentication)
{
    char *with = NULL, *expanded = NULL;
    const char *place = strstr(authentication, "BASE");

    if (place)
        CU_ASSERT_FATAL(
            asprintf(&expanded, "%.*s%s%s", (int)(place - authentication), authentication, base, place + 4) > 0);
    CU_ASSERT_FATAL(asprintf(&with, "{\"method\":\"get\",\"endpoint\":{\"uri\":\"%s/echo\",\"authentication\":%s}}",
                        base, expanded ? expanded : authentication) > 0);
    stage_call("http", with);
    free(with);
    free(expanded);
}

/* ---- tests ---- */

static void content_is_by_type(void)
{
    begin();
    call("get", "/json", "");
    WF_ASSERT_TEXT(stage.output, "{\"n\":12345678901234567890,\"a\":1}");
    call("get", "/text", "");
    WF_ASSERT_TEXT(stage.output, "\"h\xc3\xa9llo\"");
    call("get", "/latin", "");
    WF_ASSERT_TEXT(stage.output, "\"aOlsbG8=\"");
    call("get", "/octets", "");
    WF_ASSERT_TEXT(stage.output, "\"YWJj\"");
    call("get", "/none", "");
    WF_ASSERT_TEXT(stage.output, "null");
    call("get", "/text", ",\"output\":\"raw\"");
    WF_ASSERT_TEXT(stage.output, "\"aMOpbGxv\"");
    end();
}

static void a_response_tells_of_both_sides_and_hides_credentials(void)
{
    begin();
    call("get", "/json", ",\"output\":\"response\",\"headers\":{\"X-One\":\"1\",\"Authorization\":\"Bearer hush\"}");
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.output, "\"request\":{\"method\":\"GET\",\"uri\":\"http://127.0.0.1:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.output, "\"headers\":{\"X-One\":\"1\",\"Authorization\":\"***\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.output, "\"statusCode\":200"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.output, "\"Content-Type\":\"application/json; charset=utf-8\""));
    CU_ASSERT_PTR_NULL(strstr(stage.output, "hush"));
    end();
}

static void query_headers_and_body_are_sent(void)
{
    begin();
    call("post", "/echo?a=1",
        ",\"query\":{\"b\":\"x y&z\",\"c\":2},\"headers\":{\"X-One\":\"1\"},\"body\":{\"k\":[1,null]}");
    WF_ASSERT_TEXT(stage.output, "\"POST a=1;b=x y&z;c=2; application/json - 1 {\\\"k\\\":[1,null]}\"");
    call("put", "/echo", ",\"body\":\"text\",\"headers\":{\"content-type\":\"text/plain\"}");
    WF_ASSERT_TEXT(stage.output, "\"PUT  text/plain - - text\"");
    end();
}

static void a_redirect_is_an_error_unless_it_is_followed(void)
{
    begin();
    call("get", "/moved", "");
    CU_ASSERT_EQUAL(stage.status, 302);
    call("get", "/moved", ",\"redirect\":true");
    WF_ASSERT_TEXT(stage.output, "{\"n\":12345678901234567890,\"a\":1}");
    end();
}

static void an_error_has_the_status_and_the_remote_words_but_no_query(void)
{
    static const int statuses[] = {400, 404, 503};
    char path[40], words[60];

    begin();
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "/status/%d?key=hush", statuses[i]);
        call("get", path, "");
        CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_FAIL);
        WF_ASSERT_TEXT(stage.type, "communication");
        CU_ASSERT_EQUAL(stage.status, statuses[i]);
        snprintf(words, sizeof words, "was answered with status %d: {\"code\":800001}", statuses[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, words));
        CU_ASSERT_PTR_NULL(strstr(stage.detail, "hush"));
    }
    call("get", "/broken", "");
    WF_ASSERT_TEXT(stage.type, "communication");
    end();
}

static void nobody_there_is_communication_500(void)
{
    begin();
    stage_call("http", "{\"method\":\"get\",\"endpoint\":\"http://127.0.0.1:1/x?key=hush\"}");
    WF_ASSERT_TEXT(stage.type, "communication");
    CU_ASSERT_EQUAL(stage.status, 500);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, "was not sent: Failed to connect"));
    CU_ASSERT_PTR_NULL(strstr(stage.detail, "hush"));
    stage_call("http", "{\"method\":\"get\",\"endpoint\":\"relative\"}");
    WF_ASSERT_TEXT(stage.type, "configuration");
    end();
}

static void basic_and_bearer_credentials_are_sent(void)
{
    begin();
    call_with("{\"basic\":{\"username\":\"ada\",\"password\":\"love\"}}");
    WF_ASSERT_TEXT(stage.output, "\"GET  - Basic YWRhOmxvdmU= - \"");
    call_with("{\"bearer\":{\"token\":\"abc\"}}");
    WF_ASSERT_TEXT(stage.output, "\"GET  - Bearer abc - \"");
    call_with("{\"kerberos\":{}}");
    WF_ASSERT_TEXT(stage.type, "configuration");
    end();
}

static void a_token_is_fetched_once_until_it_expires(void)
{
    static const char lasting[] = "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":"
                                  "{\"id\":\"me\",\"secret\":\"s\"},\"scopes\":[\"a\",\"b\"]}}";
    static const char brief[] = "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":"
                                "{\"id\":\"me\",\"secret\":\"s\"},\"scopes\":[\"brief\"]}}";

    begin();
    call_with(lasting);
    WF_ASSERT_TEXT(stage.output, "\"GET  - Bearer t1 - \"");
    call_with(lasting);
    WF_ASSERT_TEXT(stage.output, "\"GET  - Bearer t1 - \"");
    call_with(brief);
    WF_ASSERT_TEXT(stage.output, "\"GET  - Bearer t2 - \"");
    call_with(brief);
    WF_ASSERT_TEXT(stage.output, "\"GET  - Bearer t3 - \"");
    end();
}

static void every_grant_and_client_authentication_gets_a_token(void)
{
    static const char *const rows[] = {
        "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"password\",\"username\":\"u\",\"password\":\"p\",\"client\":"
        "{\"id\":\"me\",\"authentication\":\"none\"}}}",
        "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"refresh_token\",\"subject\":{\"token\":\"r\"},\"client\":"
        "{\"id\":\"me\",\"secret\":\"s\",\"authentication\":\"client_secret_basic\"}}}",
        "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":{\"id\":\"me\",\"secret\":"
        "\"s\"},"
        "\"request\":{\"encoding\":\"application/json\"}}}",
        "{\"oidc\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":{\"id\":\"me\",\"secret\":\"s\"}"
        "}}",
        NULL};

    begin();
    for (size_t i = 0; rows[i]; i++) {
        call_with(rows[i]);
        CU_ASSERT_EQUAL(stage.kind, WF_ANSWER_SUCCEED);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.output, "Bearer t"));
    }
    end();
}

static void a_refused_token_is_an_authentication_error_without_secrets(void)
{
    begin();
    call_with(
        "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":{\"id\":\"me\",\"secret\":"
        "\"wrong-hush\"}}}");
    WF_ASSERT_TEXT(stage.type, "authentication");
    CU_ASSERT_EQUAL(stage.status, 401);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.detail, "unknown client"));
    CU_ASSERT_PTR_NULL(strstr(stage.detail, "hush"));
    call_with(
        "{\"oauth2\":{\"authority\":\"BASE\",\"grant\":\"client_credentials\",\"client\":{\"id\":\"me\",\"secret\":"
        "\"s\",\"authentication\":\"private_key_jwt\"}}}");
    WF_ASSERT_TEXT(stage.type, "configuration");
    end();
}

static void the_effect_is_the_methods(void)
{
    static const struct {
        const char *with;
        uint32_t effect;
        bool idempotent;
    } rows[] = {
        {"{\"method\":\"get\"}", WF_EFFECT_READ, false},
        {"{\"method\":\"HEAD\"}", WF_EFFECT_READ, false},
        {"{\"method\":\"put\"}", WF_EFFECT_WRITE, true},
        {"{\"method\":\"DELETE\"}", WF_EFFECT_WRITE, true},
        {"{\"method\":\"post\"}", WF_EFFECT_WRITE, false},
        {"{\"method\":\"patch\"}", WF_EFFECT_WRITE, false},
    };
    bool idempotent;

    begin();
    const struct wf_step_entry *entry = wf_hosting_find(stage.hosting, "http", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_bytes with = {rows[i].with, strlen(rows[i].with)};
        CU_ASSERT_EQUAL(wf_step_effect(entry, with, &idempotent), rows[i].effect);
        CU_ASSERT_EQUAL(idempotent, rows[i].idempotent);
    }
    end();
}

static const struct wf_case cases[] = {
    {"content_is_by_type", content_is_by_type},
    {"a_response_tells_of_both_sides_and_hides_credentials", a_response_tells_of_both_sides_and_hides_credentials},
    {"query_headers_and_body_are_sent", query_headers_and_body_are_sent},
    {"a_redirect_is_an_error_unless_it_is_followed", a_redirect_is_an_error_unless_it_is_followed},
    {"an_error_has_the_status_and_the_remote_words_but_no_query",
        an_error_has_the_status_and_the_remote_words_but_no_query},
    {"nobody_there_is_communication_500", nobody_there_is_communication_500},
    {"basic_and_bearer_credentials_are_sent", basic_and_bearer_credentials_are_sent},
    {"a_token_is_fetched_once_until_it_expires", a_token_is_fetched_once_until_it_expires},
    {"every_grant_and_client_authentication_gets_a_token", every_grant_and_client_authentication_gets_a_token},
    {"a_refused_token_is_an_authentication_error_without_secrets",
        a_refused_token_is_an_authentication_error_without_secrets},
    {"the_effect_is_the_methods", the_effect_is_the_methods},
    {NULL, NULL},
};
static const struct wf_suite http_suite = {"http", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&http_suite, NULL};

    return wf_cunit_main(argc, argv, suites);
}
