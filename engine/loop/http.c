/* http.c: curl's multi handles on the loop.
 *
 * All sockets of all shards are in one epoll set of ours, whose descriptor libuv polls. A socket that curl has no use
 * for between two requests stays in the set: the next request on it then needs no system call here. That is safe
 * because curl opens and closes these sockets through us; those it makes by itself (its resolver's) leave the set at
 * once. */
#include "config.h" /* _GNU_SOURCE: environ */

#include "loop/http.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/log.h"
#include "loop/transfer.h"

#define MOST_SHARDS       64
#define SHARD_TRANSFERS   256
#define SHARD_CONNECTIONS 512L
#define EVENTS            256
#define MOST_SPARE        1024
#define DEFAULT_MAX_BODY  ((size_t)16 << 20)

struct wf__shard {
    struct wf_http *http;
    CURLM *multi;
    unsigned active;
    bool is_kicked; /* curl asked for its turn at once */
    bool has_news;  /* curl_multi_info_read may have something */
    struct wf_timer timer;
};

/* What the epoll set knows of a descriptor. */
struct watch {
    struct wf__shard *shard;
    uint32_t wanted, registered; /* EPOLLIN | EPOLLOUT */
    bool is_ours;                /* opened by open_socket */
};

struct wf_http {
    struct wf_loop *loop;
    struct wf__transfer_base base;
    const char *const *connect_to;
    int epoll;
    uv_poll_t *poll; /* outlives this struct until libuv has closed it */
    struct watch *watches;
    size_t nwatches;
    struct wf__shard shards[MOST_SHARDS];
    size_t nshards;
    struct wf_transfer *active, *spare, *ending;
    unsigned nspare;
    struct wf_timer turn_timer;
};

static void turn(struct wf_http *);
static void turn_soon(struct wf_http *);

/* ---- sockets ---- */

static struct watch *watch_of(struct wf_http *http, int fd)
{
    size_t need = (size_t)fd + 1;

    if (need > http->nwatches) {
        size_t cap = need < 64 ? 64 : need * 2;
        http->watches = wf_realloc(http->watches, cap * sizeof *http->watches);
        memset(http->watches + http->nwatches, 0, (cap - http->nwatches) * sizeof *http->watches);
        http->nwatches = cap;
    }
    return &http->watches[fd];
}

static void drop_watch(struct wf_http *http, struct watch *watch, int fd)
{
    if (watch->registered)
        epoll_ctl(http->epoll, EPOLL_CTL_DEL, fd, NULL); /* curl may have closed a socket of its own already */
    watch->registered = watch->wanted = 0;
}

static int socket_changed(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct wf__shard *shard = arg;
    struct wf_http *http = shard->http;
    struct watch *watch = watch_of(http, fd);

    (void)easy, (void)unused;
    watch->shard = shard;
    watch->wanted = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (what == CURL_POLL_REMOVE) {
        watch->wanted = 0;
        if (!watch->is_ours)
            drop_watch(http, watch, fd);
        return 0;
    }
    if (watch->wanted == watch->registered)
        return 0;
    struct epoll_event event = {.events = watch->wanted, .data.fd = fd};
    if (epoll_ctl(http->epoll, watch->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) {
        wf_log(WF_LOGL_ERROR, "cannot watch a socket: %s", strerror(errno));
        return -1;
    }
    watch->registered = watch->wanted;
    return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct wf_http *http = arg;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    *watch_of(http, fd) = (struct watch){.is_ours = true};
    return fd;
}

/* Closing takes the socket out of the epoll set, too. */
static int close_socket(void *arg, curl_socket_t fd)
{
    *watch_of(arg, fd) = (struct watch){0};
    return close(fd);
}

static void sockets_ready(uv_poll_t *poll, int status, int uv_events)
{
    struct wf_http *http = poll->data;
    struct epoll_event events[EVENTS];
    int running, count = epoll_wait(http->epoll, events, EVENTS, 0);

    (void)status, (void)uv_events;
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        struct watch *watch = watch_of(http, fd);
        if (!watch->wanted) { /* the peer closed a kept connection, or says something unasked; curl will see it */
            drop_watch(http, watch, fd);
            continue;
        }
        int flags = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                    (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                    (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        watch->shard->has_news = true;
        wf__curl.multi_socket_action(watch->shard->multi, fd, flags, &running);
    }
    turn(http);
}

/* ---- shards ---- */

static void timer_due(struct wf_timer *timer)
{
    struct wf__shard *shard = (struct wf__shard *)((char *)timer - offsetof(struct wf__shard, timer));

    shard->is_kicked = true;
    turn_soon(shard->http);
}

static int timer_changed(CURLM *multi, long timeout_ms, void *arg)
{
    struct wf__shard *shard = arg;
    struct wf_loop *loop = shard->http->loop;

    (void)multi;
    if (timeout_ms == 0) {
        shard->is_kicked = true;
        turn_soon(shard->http);
    }
    if (timeout_ms > 0)
        wf_timer_start_real(loop, &shard->timer, timeout_ms, timer_due);
    else
        wf_timer_stop(loop, &shard->timer);
    return 0;
}

static struct wf__shard *add_shard(struct wf_http *http)
{
    struct wf__shard *shard = &http->shards[http->nshards++];

    shard->http = http;
    shard->multi = wf__curl.multi_init();
    if (!shard->multi)
        abort(); /* out of memory, as in alloc.c */
    wf__curl.multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    wf__curl.multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
    wf__curl.multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    wf__curl.multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
    wf__curl.multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, SHARD_CONNECTIONS);
    return shard;
}

/* The first with room, so that kept connections are found again; else the least loaded. */
static struct wf__shard *choose_shard(struct wf_http *http)
{
    struct wf__shard *least = NULL;

    for (size_t i = 0; i < http->nshards; i++) {
        struct wf__shard *shard = &http->shards[i];
        if (shard->active < SHARD_TRANSFERS)
            return shard;
        if (!least || shard->active < least->active)
            least = shard;
    }
    return http->nshards < MOST_SHARDS ? add_shard(http) : least;
}

/* ---- transfers ---- */

static void unlink_active(struct wf_transfer *transfer)
{
    if (transfer->prev)
        transfer->prev->next = transfer->next;
    else
        transfer->http->active = transfer->next;
    if (transfer->next)
        transfer->next->prev = transfer->prev;
}

static void leave_shard(struct wf_transfer *transfer)
{
    if (!transfer->shard)
        return;
    wf__curl.multi_remove_handle(transfer->shard->multi, transfer->easy);
    transfer->shard->active--;
    transfer->shard = NULL;
}

/* After its callback. */
static void recycle(struct wf_transfer *transfer)
{
    struct wf_http *http = transfer->http;

    unlink_active(transfer);
    if (wf__transfer_clear(transfer) && http->nspare < MOST_SPARE) {
        transfer->next = http->spare;
        http->spare = transfer;
        http->nspare++;
    } else {
        wf__transfer_free(transfer);
    }
    wf_loop_busy(http->loop, -1);
}

static void finish_news(struct wf__shard *shard)
{
    int left;

    for (CURLMsg *message; (message = wf__curl.multi_info_read(shard->multi, &left));) {
        struct wf_transfer *transfer = NULL;
        CURLcode code = message->data.result;
        wf__curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        leave_shard(transfer); /* the message is gone with it */
        if (transfer->is_ending)
            continue; /* cancelled: its end is on the list already */
        wf__transfer_finish(transfer, code);
        recycle(transfer);
    }
}

static void finish_ending(struct wf_http *http)
{
    struct wf_transfer *transfer = http->ending;

    http->ending = NULL;
    while (transfer) {
        struct wf_transfer *next = transfer->next_ending;
        leave_shard(transfer);
        wf__transfer_refuse(transfer, transfer->cancelled ? WF_TRANSFER_CANCELLED : WF_TRANSFER_BAD_REQUEST);
        recycle(transfer);
        transfer = next;
    }
}

/* Outside of every callback of curl: gives shards their turn and ends what has ended. */
static void turn(struct wf_http *http)
{
    int running;

    finish_ending(http);
    for (size_t i = 0; i < http->nshards; i++) {
        struct wf__shard *shard = &http->shards[i];
        if (shard->is_kicked) {
            shard->is_kicked = false;
            shard->has_news = true;
            wf__curl.multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        if (shard->has_news) {
            shard->has_news = false;
            finish_news(shard);
        }
    }
}

static void turn_timer_due(struct wf_timer *timer)
{
    turn((struct wf_http *)((char *)timer - offsetof(struct wf_http, turn_timer)));
}

/* A timer rather than a post, because it can be taken back. */
static void turn_soon(struct wf_http *http)
{
    if (!http->turn_timer.slot)
        wf_timer_start_real(http->loop, &http->turn_timer, 0, turn_timer_due);
}

static void end_soon(struct wf_transfer *transfer)
{
    transfer->is_ending = true;
    transfer->next_ending = transfer->http->ending;
    transfer->http->ending = transfer;
    turn_soon(transfer->http);
}

/* Is one of http_proxy, HTTPS_PROXY, all_proxy ... set? */
static bool environment_has_proxy(void)
{
    for (char **variable = environ; *variable; variable++) {
        size_t len = strcspn(*variable, "=");
        if (len > 6 && strncasecmp(*variable + len - 6, "_proxy", 6) == 0)
            return true;
    }
    return false;
}

/* At the first transfer. */
static void begin_curl(struct wf_http *http)
{
    wf__curl_load();
    http->base.may_need_proxy = environment_has_proxy();
    for (const char *const *route = http->connect_to; route && *route; route++)
        http->base.connect_to = wf__curl.slist_append(http->base.connect_to, *route);
    http->base.share = wf__curl.share_init(); /* without locks: all of it stays on the loop thread */
    wf__curl.share_setopt(http->base.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    wf__curl.share_setopt(http->base.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

static struct wf_transfer *spare_or_new(struct wf_http *http)
{
    struct wf_transfer *transfer = http->spare;

    if (transfer) {
        http->spare = transfer->next;
        http->nspare--;
    } else {
        transfer = wf__transfer_new(&http->base);
        transfer->http = http;
    }
    transfer->prev = NULL;
    transfer->next = http->active;
    if (http->active)
        http->active->prev = transfer;
    http->active = transfer;
    return transfer;
}

struct wf_transfer *wf_http_start(struct wf_http *http, const struct wf_transfer_request *request,
    void (*done)(void *arg, const struct wf_transfer_reply *), void *arg)
{
    assert(wf_loop_is_here(http->loop));
    if (!http->base.share)
        begin_curl(http);
    struct wf_transfer *transfer = spare_or_new(http);

    transfer->done = done;
    transfer->arg = arg;
    wf_loop_busy(http->loop, 1);
    if (wf__transfer_prepare(transfer, request) != 0) {
        end_soon(transfer);
        return transfer;
    }
    transfer->shard = choose_shard(http);
    transfer->shard->active++;
    if (wf__curl.multi_add_handle(transfer->shard->multi, transfer->easy) != CURLM_OK)
        abort(); /* out of memory: no other reason is possible here */
    return transfer;
}

void wf_http_cancel(struct wf_transfer *transfer)
{
    if (transfer->cancelled)
        return;
    transfer->cancelled = true;
    if (!transfer->is_ending)
        end_soon(transfer);
}

static void ignore_reply(void *arg, const struct wf_transfer_reply *reply)
{
    (void)arg;
    (void)reply;
}

void wf_http_drop(struct wf_transfer *transfer)
{
    transfer->done = ignore_reply;
    wf_http_cancel(transfer);
}

/* ---- the client ---- */

static char *choose_ca_file(const char *given)
{
    static const char *const variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", NULL};

    for (size_t i = 0; !given && variables[i]; i++) {
        given = getenv(variables[i]);
        if (given && !*given)
            given = NULL;
    }
    return given ? wf_strdup(given) : NULL;
}

/* A connection is a descriptor. Most systems let a program have 1,024 until it says that it does not use select(2). */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

struct wf_http *wf_http_new(struct wf_loop *loop, const struct wf_http_settings *settings)
{
    struct wf_http *http = wf_calloc(1, sizeof *http);

    http->loop = loop;
    http->connect_to = settings->connect_to;
    http->base.ca_file = choose_ca_file(settings->ca_file);
    http->base.user_agent = wf_strdup(settings->user_agent ? settings->user_agent : "wfrun");
    http->base.max_body = settings->max_body ? settings->max_body : DEFAULT_MAX_BODY;
    http->base.open_socket = open_socket;
    http->base.close_socket = close_socket;
    http->base.socket_arg = http;

    raise_descriptor_limit();
    http->epoll = epoll_create1(EPOLL_CLOEXEC);
    http->poll = wf_calloc(1, sizeof *http->poll);
    if (http->epoll < 0 || uv_poll_init(wf_loop_uv(loop), http->poll, http->epoll) != 0) {
        wf_log(WF_LOGL_ERROR, "cannot make the HTTP client: no file descriptors are left (see ulimit -n)");
        abort();
    }
    http->poll->data = http;
    uv_poll_start(http->poll, UV_READABLE, sockets_ready);
    return http;
}

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

static void free_list(struct wf_transfer *transfer)
{
    while (transfer) {
        struct wf_transfer *next = transfer->next;
        wf__transfer_free(transfer);
        transfer = next;
    }
}

void wf_http_free(struct wf_http *http)
{
    if (!http)
        return;
    for (struct wf_transfer *transfer = http->active; transfer; transfer = transfer->next) {
        leave_shard(transfer);
        wf_loop_busy(http->loop, -1);
    }
    free_list(http->active);
    free_list(http->spare);
    for (size_t i = 0; i < http->nshards; i++) {
        wf_timer_stop(http->loop, &http->shards[i].timer);
        wf__curl.multi_cleanup(http->shards[i].multi);
        wf_timer_stop(http->loop, &http->shards[i].timer); /* the clean-up may ask for one more */
    }
    wf_timer_stop(http->loop, &http->turn_timer);
    if (http->base.share) {
        wf__curl.share_cleanup(http->base.share);
        wf__curl.slist_free_all(http->base.connect_to);
    }
    free(http->base.ca_file);
    free(http->base.user_agent);
    uv_poll_stop(http->poll);
    uv_close((uv_handle_t *)http->poll, free_poll);
    close(http->epoll);
    free(http->watches);
    free(http);
}
