/* transfer.c: the options of one HTTP exchange, what it receives, and what its end means.
 *
 * The one promise that money depends on: a request that may change something is sent at most once, and NOT_SENT is only
 * said when no byte of it left. libcurl sends a request again by itself when a kept connection dies before any answer;
 * its pre-request callback, called each time before a request is written, is where that is seen and refused. */
#include "loop/transfer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/err.h"
#include "loop/hosts.h"

#define DEFAULT_TIMEOUT_MS 60000
#define CONNECT_TIMEOUT_MS 30000
#define MOST_REDIRECTS     20
#define MOST_HEAD_BYTES    ((size_t)512 * 1024)
#define MOST_HEADERS_OUT   1000
#define KEPT_BUFFER_BYTES  ((size_t)64 * 1024) /* a spare transfer keeps no larger buffer */
#define LONGEST_METHOD     32
#define NOT_IN_HOSTS       "the setting `hosts` of the plugin does not have this host"

static bool is_word(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

/* ---- callbacks of curl ---- */

static int before_request(void *arg, char *ip, char *local_ip, int port, int local_port)
{
    struct wf_transfer *transfer = arg;
    long sent = 0;
    char *url = NULL;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
    wf__curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    if (!transfer->connected)
        transfer->sent_before = sent;
    else if (!transfer->repeatable && !transfer->heard && sent > transfer->sent_at_leg) {
        transfer->repeat_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (transfer->hosts) {
        wf__curl.easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
        transfer->host_refused = !wf__hosts_have(transfer->hosts, url);
        if (transfer->host_refused)
            return CURL_PREREQFUNC_ABORT;
    }
    transfer->connected = true;
    transfer->heard = false;
    transfer->sent_at_leg = sent;
    return CURL_PREREQFUNC_OK;
}

/* A response begins: forget the one before it (a redirect, a 401 that asks for a digest, a 100). */
static void begin_response(struct wf_transfer *transfer)
{
    long status = 0;

    transfer->heard = true;
    transfer->nheaders = 0;
    wf_buf_clear(&transfer->head);
    wf_buf_clear(&transfer->body);
    wf__curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 303 && transfer->has_method && !transfer->repeatable) /* `see other` is asked for with GET */
        wf__curl.easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, NULL);
}

static void add_header(struct wf_transfer *transfer, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);

    if (!colon)
        return;
    const char *value = colon + 1, *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && isspace((unsigned char)end[-1]))
        end--;
    wf_buf_add(&transfer->head, line, (size_t)(colon - line));
    wf_buf_char(&transfer->head, '\0');
    wf_buf_add(&transfer->head, value, (size_t)(end - value));
    wf_buf_char(&transfer->head, '\0');
    transfer->nheaders++;
}

static size_t take_header(char *line, size_t size, size_t count, void *arg)
{
    struct wf_transfer *transfer = arg;
    size_t len = size * count;

    if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
        begin_response(transfer);
    else
        add_header(transfer, line, len);
    transfer->too_big = transfer->too_big || transfer->head.failed;
    return transfer->too_big ? 0 : len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct wf_transfer *transfer = arg;

    wf_buf_add(&transfer->body, bytes, size * count);
    transfer->too_big = transfer->too_big || transfer->body.failed;
    return transfer->too_big ? 0 : size * count;
}

/* ---- making one ---- */

struct wf_transfer *wf__transfer_new(const struct wf__transfer_base *base)
{
    struct wf_transfer *transfer = wf_calloc(1, sizeof *transfer);
    CURL *easy = wf__curl.easy_init();

    if (!easy)
        abort(); /* out of memory, as in alloc.c */
    transfer->easy = easy;
    wf_buf_init(&transfer->head, MOST_HEAD_BYTES);
    wf_buf_init(&transfer->body, base->max_body);
    wf__curl.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    wf__curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    wf__curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    wf__curl.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    wf__curl.easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
    wf__curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    wf__curl.easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip"); /* a longer list costs more than it saves */
    if (!base->may_need_proxy)
        wf__curl.easy_setopt(easy, CURLOPT_PROXY, "");
    wf__curl.easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    wf__curl.easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    wf__curl.easy_setopt(easy, CURLOPT_SHARE, base->share);
    wf__curl.easy_setopt(easy, CURLOPT_CONNECT_TO, base->connect_to);
    wf__curl.easy_setopt(easy, CURLOPT_USERAGENT, base->user_agent);
    if (base->ca_file)
        wf__curl.easy_setopt(easy, CURLOPT_CAINFO, base->ca_file);
    wf__curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    wf__curl.easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    wf__curl.easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    wf__curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    wf__curl.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    wf__curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    wf__curl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    wf__curl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, base->open_socket);
    wf__curl.easy_setopt(easy, CURLOPT_OPENSOCKETDATA, base->socket_arg);
    wf__curl.easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, base->close_socket);
    wf__curl.easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, base->socket_arg);
    return transfer;
}

void wf__transfer_free(struct wf_transfer *transfer)
{
    if (!transfer)
        return;
    wf__curl.easy_cleanup(transfer->easy);
    wf__curl.slist_free_all(transfer->headers_out);
    free(transfer->body_out);
    wf_buf_done(&transfer->head);
    wf_buf_done(&transfer->body);
    free(transfer->pairs);
    free(transfer);
}

/* ---- the request ---- */

static int refuse(struct wf_transfer *transfer, const char *words, const char *what)
{
    snprintf(transfer->error, sizeof transfer->error, "%s: %.200s", words, what);
    return WF_EINVAL;
}

/* RFC 9110 `token`. */
static bool is_token(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    }
    return true;
}

/* A value of NULL: not even the header that curl would send by itself. */
static void add_out(struct wf_transfer *transfer, struct curl_slist **last, const char *name, const char *value)
{
    char small[512];
    size_t len = strlen(name) + 3 + (value ? strlen(value) : 0);
    char *line = len <= sizeof small ? small : wf_realloc(NULL, len);

    /* curl sends "Name:" for "Name;" and nothing at all for "Name:". */
    char *end = stpcpy(stpcpy(line, name), !value ? ":" : *value ? ": " : ";");
    if (value)
        stpcpy(end, value);
    struct curl_slist *list = wf__curl.slist_append(*last, line);
    if (line != small)
        free(line);
    if (!list)
        abort(); /* out of memory */
    if (!transfer->headers_out)
        transfer->headers_out = list;
    *last = list->next ? list->next : list;
}

/* curl_slist_append walks from where it is given, so the last element is kept. */
static int prepare_headers(struct wf_transfer *transfer, const struct wf_transfer_request *request)
{
    struct curl_slist *last = NULL;
    bool has_type = false;

    if (request->nheaders > MOST_HEADERS_OUT)
        return refuse(transfer, "too many headers", request->url);
    for (size_t i = 0; i < request->nheaders; i++) {
        const char *name = request->headers[i].name, *value = request->headers[i].value;
        if (!is_token(name))
            return refuse(transfer, "not a header name", name);
        if (strpbrk(value, "\r\n"))
            return refuse(transfer, "a header value with a line break, of", name);
        if (strcasecmp(name, "Expect") == 0)
            continue;
        has_type = has_type || strcasecmp(name, "Content-Type") == 0;
        add_out(transfer, &last, name, value);
    }
    if (transfer->body_out) { /* what curl would add by itself */
        add_out(transfer, &last, "Expect", NULL);
        if (!has_type)
            add_out(transfer, &last, "Content-Type", NULL);
    }
    wf__curl.easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers_out);
    return 0;
}

static int prepare_method(struct wf_transfer *transfer, const struct wf_transfer_request *request)
{
    const char *method = request->method;
    CURL *easy = transfer->easy;
    bool has_body = request->body != NULL;

    if (!is_token(method) || strlen(method) > LONGEST_METHOD || is_word(method, "CONNECT"))
        return refuse(transfer, "not a method", method);
    transfer->repeatable = is_word(method, "GET") || is_word(method, "HEAD") || is_word(method, "OPTIONS");
    transfer->is_plain_post = is_word(method, "POST");
    transfer->has_method = !transfer->is_plain_post && !(is_word(method, "GET") && !has_body);

    wf__curl.easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    wf__curl.easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* also undoes NOBODY and the POST of POSTFIELDS */
    if (is_word(method, "HEAD")) {
        wf__curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
        transfer->has_method = false;
    } else if (has_body || transfer->is_plain_post || is_word(method, "PUT") || is_word(method, "PATCH")) {
        transfer->body_out = wf_memdup(has_body ? request->body : "", request->body_len);
        wf__curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        wf__curl.easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body_out);
    }
    wf__curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->has_method ? method : NULL);
    return 0;
}

int wf__transfer_prepare(struct wf_transfer *transfer, const struct wf_transfer_request *request)
{
    CURL *easy = transfer->easy;
    int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
    int64_t connect_ms = timeout_ms < CONNECT_TIMEOUT_MS ? timeout_ms : CONNECT_TIMEOUT_MS;

    if (strncasecmp(request->url, "http://", 7) != 0 && strncasecmp(request->url, "https://", 8) != 0)
        return refuse(transfer, "not an absolute http or https URL", request->url);
    transfer->hosts = request->hosts;
    if (transfer->hosts && !wf__hosts_have(transfer->hosts, request->url))
        return refuse(transfer, NOT_IN_HOSTS, request->url);
    if (prepare_method(transfer, request) != 0 || prepare_headers(transfer, request) != 0)
        return WF_EINVAL;
    if (wf__curl.easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
        return refuse(transfer, "the URL is too long", request->url);
    wf__curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    wf__curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    if (request->follow) {
        wf__curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
        /* 301 and 302 make a GET of a POST, and of nothing else; begin_response sees to 303. */
        wf__curl.easy_setopt(
            easy, CURLOPT_POSTREDIR, transfer->is_plain_post ? 0L : (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    }
    if (request->basic || request->digest) {
        unsigned long schemes = (request->basic ? CURLAUTH_BASIC : 0) | (request->digest ? CURLAUTH_DIGEST : 0);
        wf__curl.easy_setopt(easy, CURLOPT_HTTPAUTH, schemes);
        wf__curl.easy_setopt(easy, CURLOPT_USERNAME, request->user ? request->user : "");
        wf__curl.easy_setopt(easy, CURLOPT_PASSWORD, request->password ? request->password : "");
    }
    transfer->used_up = request->follow || request->basic || request->digest;
    return 0;
}

/* ---- the end ---- */

static enum wf_transfer_result judge(const struct wf_transfer *transfer, CURLcode code)
{
    long sent = 0;

    if (transfer->cancelled)
        return WF_TRANSFER_CANCELLED;
    if (code == CURLE_OK)
        return WF_TRANSFER_ANSWERED;
    if (transfer->host_refused && transfer->repeatable)
        return WF_TRANSFER_BAD_REQUEST;
    if (!transfer->connected && (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL))
        return WF_TRANSFER_BAD_REQUEST;
    wf__curl.easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    return transfer->connected && sent > transfer->sent_before ? WF_TRANSFER_UNKNOWN : WF_TRANSFER_NOT_SENT;
}

static const char *words(struct wf_transfer *transfer, CURLcode code, const char *url)
{
    if (transfer->cancelled)
        return "the transfer was cancelled";
    if (transfer->too_big)
        snprintf(transfer->error, sizeof transfer->error, "the answer is larger than %zu bytes", transfer->body.max);
    else if (transfer->host_refused)
        snprintf(transfer->error, sizeof transfer->error, "redirected, and %s: %.180s", NOT_IN_HOSTS, url);
    else if (transfer->repeat_refused)
        return "the connection broke before an answer came";
    return transfer->error[0] ? transfer->error : wf__curl.easy_strerror(code);
}

static const struct wf_pair *split_headers(struct wf_transfer *transfer)
{
    const char *at = transfer->head.ptr;

    if (transfer->nheaders > transfer->pairs_cap) {
        transfer->pairs_cap = transfer->nheaders < 16 ? 16 : transfer->nheaders;
        transfer->pairs = wf_realloc(transfer->pairs, transfer->pairs_cap * sizeof *transfer->pairs);
    }
    for (size_t i = 0; i < transfer->nheaders; i++) {
        transfer->pairs[i].name = at;
        at += strlen(at) + 1;
        transfer->pairs[i].value = at;
        at += strlen(at) + 1;
    }
    return transfer->pairs;
}

void wf__transfer_finish(struct wf_transfer *transfer, CURLcode code)
{
    struct wf_transfer_reply reply = {.result = judge(transfer, code), .body = ""};
    char *url = NULL;
    long status = 0;

    wf__curl.easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
    reply.url = url ? url : "";
    if (reply.result == WF_TRANSFER_ANSWERED) {
        wf__curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        reply.status = (int)status;
        reply.headers = split_headers(transfer);
        reply.nheaders = transfer->nheaders;
        reply.body = transfer->body.ptr ? transfer->body.ptr : "";
        reply.body_len = transfer->body.len;
    } else {
        reply.error = words(transfer, code, reply.url);
    }
    transfer->done(transfer->arg, &reply);
}

void wf__transfer_refuse(struct wf_transfer *transfer, enum wf_transfer_result result)
{
    struct wf_transfer_reply reply = {.result = result, .body = "", .url = ""};

    reply.error = words(transfer, CURLE_OK, "");
    transfer->done(transfer->arg, &reply);
}

static void clear_buffer(struct wf_buf *buf)
{
    if (buf->cap > KEPT_BUFFER_BYTES)
        wf_buf_done(buf);
    wf_buf_clear(buf);
}

bool wf__transfer_clear(struct wf_transfer *transfer)
{
    wf__curl.easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
    wf__curl.slist_free_all(transfer->headers_out);
    transfer->headers_out = NULL;
    free(transfer->body_out);
    transfer->body_out = NULL;
    transfer->is_ending = transfer->cancelled = transfer->connected = transfer->heard = false;
    transfer->repeat_refused = transfer->host_refused = transfer->too_big = false;
    transfer->sent_before = transfer->sent_at_leg = 0;
    transfer->nheaders = 0;
    transfer->error[0] = '\0';
    clear_buffer(&transfer->head);
    clear_buffer(&transfer->body);
    return !transfer->used_up;
}
