/* sb_server.c: the HTTP and HTTPS listeners: from bytes to a request, from a reply to bytes. */
#include "sb_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "sb_request.h"

enum { BODY_MAX = 4 << 20, THREADS = 4, CONNECTIONS = 4000 };

/* One connection's request; begins with the URI, ends with the answer. */
struct exchange {
    struct sb_request *req;
    bool tls;
    bool started;
    bool uri_too_long;
    bool body_too_long;
    size_t capacity;
};

struct listener {
    struct sb_world *world;
    bool tls;
};

static struct listener plain_listener, tls_listener;

static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct listener *listener = context;
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->tls = listener->tls;
    exchange->req = sb_request_new(listener->world);
    if (exchange->req)
        exchange->uri_too_long = !sb_request_set_uri(exchange->req, uri);
    return exchange;
}

static void on_completed(
    void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;
    (void)context;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    sb_request_free(exchange->req);
    free(exchange);
    *state = NULL;
}

static void copy_header(struct MHD_Connection *connection, const char *name, char *buf, size_t size)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    if (value)
        snprintf(buf, size, "%s", value);
}

static void read_headers(struct MHD_Connection *connection, struct exchange *exchange, const char *method)
{
    struct sb_request *req = exchange->req;
    struct sb_headers *headers = &req->headers;
    char host[128] = "";
    snprintf(req->method, sizeof req->method, "%s", method);
    copy_header(connection, "Host", host, sizeof host);
    if (host[0])
        snprintf(req->base, sizeof req->base, "%s://%s", exchange->tls ? "https" : "http", host);
    else
        snprintf(req->base, sizeof req->base, "%s", exchange->tls ? req->world->tls_url : req->world->url);
    copy_header(connection, "Authorization", headers->authorization, sizeof headers->authorization);
    copy_header(connection, "MS-RequestId", headers->request_id, sizeof headers->request_id);
    if (!headers->request_id[0])
        copy_header(connection, "client-request-id", headers->request_id, sizeof headers->request_id);
    copy_header(connection, "MS-CorrelationId", headers->correlation_id, sizeof headers->correlation_id);
    copy_header(connection, "If-Match", headers->if_match, sizeof headers->if_match);
    copy_header(connection, "MS-ContinuationToken", headers->continuation, sizeof headers->continuation);
    copy_header(connection, "Content-Type", headers->content_type, sizeof headers->content_type);
}

static void take_body(struct exchange *exchange, const char *data, size_t len)
{
    struct sb_request *req = exchange->req;
    if (exchange->body_too_long || req->body_len + len > BODY_MAX) {
        exchange->body_too_long = true;
        return;
    }
    if (req->body_len + len + 1 > exchange->capacity) {
        size_t capacity = 2 * exchange->capacity + len + 256;
        char *body = realloc(req->body, capacity);
        if (!body) {
            exchange->body_too_long = true;
            return;
        }
        req->body = body;
        exchange->capacity = capacity;
    }
    memcpy(req->body + req->body_len, data, len);
    req->body_len += len;
    req->body[req->body_len] = '\0';
}

/* The body as it goes out; NULL for an empty one. The caller frees it. */
static char *make_body(const struct sb_reply *reply, size_t *ret_len)
{
    char *text = reply->json ? cJSON_PrintUnformatted(reply->json) : reply->text ? strdup(reply->text) : NULL;
    size_t len = text ? strlen(text) : 0;
    if (text && reply->bom) {
        char *marked = malloc(len + 4);
        if (marked) {
            memcpy(marked, "\xEF\xBB\xBF", 3);
            memcpy(marked + 3, text, len + 1);
            free(text);
            text = marked;
            len += 3;
        }
    }
    *ret_len = len;
    return text;
}

struct half {
    char *text;
    size_t len;
};

static ssize_t read_half(void *context, uint64_t position, char *buf, size_t max)
{
    const struct half *half = context;
    size_t at = (size_t)position;
    if (at >= half->len / 2)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = half->len / 2 - at < max ? half->len / 2 - at : max;
    memcpy(buf, half->text + at, n);
    return (ssize_t)n;
}

static void free_half(void *context)
{
    struct half *half = context;
    free(half->text);
    free(half);
}

static struct MHD_Response *make_response(const struct sb_reply *reply)
{
    size_t len;
    char *text = make_body(reply, &len);
    struct half *half = reply->truncate && len > 1 ? malloc(sizeof *half) : NULL;
    if (half) {
        *half = (struct half){.text = text, .len = len};
        return MHD_create_response_from_callback(len, 4096, read_half, half, free_half);
    }
    if (!text)
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
}

static void add_headers(struct MHD_Response *response, const struct sb_request *req)
{
    const struct sb_reply *reply = &req->reply;
    bool graph = req->route && req->route->flags & SB_GRAPH;
    char vector[48];
    MHD_add_response_header(response, "MS-RequestId", req->headers.request_id);
    MHD_add_response_header(response, "MS-CorrelationId", req->headers.correlation_id);
    if (graph) {
        MHD_add_response_header(response, "request-id", req->headers.request_id);
        MHD_add_response_header(response, "client-request-id", req->headers.request_id);
    } else {
        snprintf(vector, sizeof vector, "%.16s.0", req->headers.correlation_id);
        MHD_add_response_header(response, "MS-CV", vector);
        MHD_add_response_header(response, "MS-ServerId", "101112202");
        MHD_add_response_header(response, "Request-Context", "appId=cid-v1:partner-center-sandbox");
    }
    if (reply->json)
        MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
    else if (reply->type)
        MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->location[0])
        MHD_add_response_header(response, "Location", reply->location);
    if (reply->retry_after[0])
        MHD_add_response_header(response, "Retry-After", reply->retry_after);
    if (reply->status == 401)
        MHD_add_response_header(response, "WWW-Authenticate",
            graph ? "Bearer realm=\"\"" : "OAuth realm=urn:cpsvc:cpid:partner-center-sandbox");
    if (reply->replayed)
        MHD_add_response_header(response, "X-Sandbox-Replayed", "true");
}

/* The connection ends with a reset, not with a polite close: that is what a broken network looks like. */
static enum MHD_Result reset(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (info)
        setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return MHD_NO;
}

static void dispatch(struct sb_request *req)
{
    if (req->world->record)
        sb_traffic_record(req->world->record, req);
    sb_dispatch(req);
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct exchange *exchange)
{
    struct sb_request *req = exchange->req;
    if (exchange->uri_too_long)
        sb_reply_error(req, 414, 800002, "The address is too long.");
    else if (exchange->body_too_long)
        sb_reply_error(req, 413, 800002, "The body is longer than 4 MiB.");
    else
        dispatch(req);
    if (req->reply.delay_ms) {
        struct timespec ts = {.tv_nsec = (long)req->reply.delay_ms * 1000000};
        nanosleep(&ts, NULL);
    }
    if (req->reply.reset)
        return reset(connection);
    struct MHD_Response *response = make_response(&req->reply);
    if (!response)
        return MHD_NO;
    add_headers(response, req);
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)req->reply.status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **state)
{
    struct exchange *exchange = *state;
    (void)context;
    (void)url;
    (void)version;
    if (!exchange || !exchange->req)
        return MHD_NO;
    if (!exchange->started) {
        exchange->started = true;
        read_headers(connection, exchange, method);
        return MHD_YES;
    }
    if (*size > 0) {
        take_body(exchange, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return answer(connection, exchange);
}

static struct MHD_Daemon *start(struct listener *listener, uint16_t port, const struct sb_tls *tls)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | (tls ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls_options[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? tls->key : NULL},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? tls->certificate : NULL}, {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(flags, port, NULL, NULL, on_request, listener, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_ARRAY, tls ? tls_options : none, MHD_OPTION_END);
}

static unsigned port_of(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

bool sb_server_start(
    struct sb_server *server, struct sb_world *world, uint16_t port, uint16_t tls_port, const struct sb_tls *tls)
{
    plain_listener = (struct listener){.world = world};
    tls_listener = (struct listener){.world = world, .tls = true};
    server->plain = start(&plain_listener, port, NULL);
    server->tls = server->plain ? start(&tls_listener, tls_port, tls) : NULL;
    if (!server->tls)
        return false;
    snprintf(world->url, sizeof world->url, "http://127.0.0.1:%u", port_of(server->plain));
    snprintf(world->tls_url, sizeof world->tls_url, "https://127.0.0.1:%u", port_of(server->tls));
    return true;
}

void sb_server_stop(struct sb_server *server)
{
    if (server->tls)
        MHD_stop_daemon(server->tls);
    if (server->plain)
        MHD_stop_daemon(server->plain);
}
