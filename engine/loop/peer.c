/* peer.c: a child at the other end of a socket pair, through libuv; and the same read and written without the loop, when
 * an answer is needed at once. */
#include "config.h" /* _GNU_SOURCE, for pipe2 */

#include "loop/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"

#define READ_AT_ONCE ((size_t)64 * 1024)
#define LONGEST_LINE ((size_t)1000)
#define DYING_MS     50

struct wf_peer {
    uv_process_t process;
    uv_poll_t watch, watch_lines;
    int socket, lines;
    int open_handles;
    bool ended, freed, is_writing;
    const char *killed; /* why; NULL: not by us */
    struct wf_peer_settings settings;

    char *in; /* bytes of frames: those before in_at are done with */
    size_t in_at, in_len, in_cap;
    struct wf_buf out; /* what the socket did not take yet */
    char line[LONGEST_LINE + 1];
    size_t line_len;
};

/* ---- the end ---- */

static void handle_closed(uv_handle_t *handle)
{
    struct wf_peer *peer = handle->data;

    if (--peer->open_handles == 0 && peer->freed)
        free(peer);
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, handle_closed);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A handle that watches a descriptor is closed before the descriptor is. */
static void close_socket(struct wf_peer *peer)
{
    close_handle(&peer->watch);
    close_fd(&peer->socket);
}

static void close_lines(struct wf_peer *peer)
{
    close_handle(&peer->watch_lines);
    close_fd(&peer->lines);
}

void wf_peer_kill(struct wf_peer *peer, const char *why)
{
    if (peer->ended || peer->killed)
        return;
    peer->killed = why;
    uv_process_kill(&peer->process, SIGKILL);
}

/* ---- lines ---- */

static void end_line(struct wf_peer *peer)
{
    peer->line[peer->line_len] = '\0';
    if (peer->line_len > 0 && peer->settings.line)
        peer->settings.line(peer->settings.arg, peer->line);
    peer->line_len = 0;
}

static void read_lines(struct wf_peer *peer)
{
    char bytes[4096];
    ssize_t len = peer->lines < 0 ? 0 : read(peer->lines, bytes, sizeof bytes);

    for (ssize_t i = 0; i < len; i++) {
        if (bytes[i] != '\n')
            peer->line[peer->line_len++] = bytes[i];
        if (bytes[i] == '\n' || peer->line_len == LONGEST_LINE)
            end_line(peer);
    }
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
        close_lines(peer);
}

static void drain_lines(struct wf_peer *peer)
{
    while (peer->lines >= 0 && poll(&(struct pollfd){peer->lines, POLLIN, 0}, 1, 0) > 0)
        read_lines(peer);
    end_line(peer);
}

static void lines_ready(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    read_lines(watch->data);
}

/* ---- frames ---- */

/* The next whole frame of what was read; false: there is none, for now or for ever. */
static bool next_frame(struct wf_peer *peer, struct wf_wire *ret)
{
    int64_t size = peer->killed ? 0 : wf_wire_read(peer->in + peer->in_at, peer->in_len - peer->in_at, ret);

    if (size < 0)
        wf_peer_kill(peer, "it wrote to the descriptor that wfrun talks to it with");
    if (size > 0)
        peer->in_at += (size_t)size;
    return size > 0;
}

/* Of a process that ends, too, the socket goes first; it is gone itself a moment later. */
static void lost_socket(struct wf_peer *peer)
{
    int status, number;

    if (!wf_peer_fate(peer, DYING_MS, &status, &number))
        wf_peer_kill(peer, "it closed the descriptor that wfrun talks to it with");
}

/* False: nothing more comes for now. */
static bool read_socket(struct wf_peer *peer)
{
    if (peer->socket < 0)
        return false;
    if (peer->in_at > 0) {
        memmove(peer->in, peer->in + peer->in_at, peer->in_len - peer->in_at);
        peer->in_len -= peer->in_at;
        peer->in_at = 0;
    }
    if (peer->in_cap - peer->in_len < READ_AT_ONCE) {
        peer->in_cap = peer->in_cap * 2 + READ_AT_ONCE;
        peer->in = wf_realloc(peer->in, peer->in_cap);
    }
    ssize_t len = recv(peer->socket, peer->in + peer->in_len, peer->in_cap - peer->in_len, MSG_DONTWAIT);
    if (len > 0)
        peer->in_len += (size_t)len;
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) {
        close_socket(peer);
        lost_socket(peer);
    }
    return len > 0;
}

static void take_frames(struct wf_peer *peer)
{
    struct wf_wire frame;

    while (next_frame(peer, &frame))
        peer->settings.frame(peer->settings.arg, &frame);
}

static void flush(struct wf_peer *peer)
{
    if (peer->socket < 0 || peer->out.len == 0)
        return;
    ssize_t len = send(peer->socket, peer->out.ptr, peer->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (len < 0 && errno != EAGAIN && errno != EINTR)
        len = (ssize_t)peer->out.len; /* it is gone; its end is on its way to us */
    if (len <= 0)
        return;
    memmove(peer->out.ptr, peer->out.ptr + len, peer->out.len - (size_t)len);
    peer->out.len -= (size_t)len;
}

static void socket_ready(uv_poll_t *watch, int status, int events);

static void watch_socket(struct wf_peer *peer)
{
    bool is_writing = peer->out.len > 0;

    if (peer->socket < 0 || (is_writing == peer->is_writing && uv_is_active((uv_handle_t *)&peer->watch)))
        return;
    peer->is_writing = is_writing;
    uv_poll_start(&peer->watch, UV_READABLE | (is_writing ? UV_WRITABLE : 0), socket_ready);
}

static void socket_ready(uv_poll_t *watch, int status, int events)
{
    struct wf_peer *peer = watch->data;

    (void)status;
    if (events & UV_WRITABLE)
        flush(peer);
    read_socket(peer);
    take_frames(peer);
    watch_socket(peer);
}

void wf_peer_send(struct wf_peer *peer, const struct wf_wire *frame)
{
    if (peer->socket < 0)
        return;
    wf_wire_write(frame, &peer->out);
    flush(peer);
    watch_socket(peer);
}

/* ---- a question that waits ---- */

int wf_peer_ask(struct wf_peer *peer, const struct wf_wire *question, uint32_t kind, uint32_t other_kind,
    int64_t most_ms, struct wf_wire *ret)
{
    int64_t until_ms = wf_clock_mono_ms() + most_ms;

    if (question)
        wf_peer_send(peer, question);
    for (;;) {
        while (next_frame(peer, ret)) {
            if (ret->kind == kind || ret->kind == other_kind)
                return 0;
            peer->settings.frame(peer->settings.arg, ret);
        }
        int64_t left_ms = until_ms - wf_clock_mono_ms();
        if (peer->socket < 0 || peer->killed)
            return WF_EIO;
        if (left_ms <= 0)
            return WF_ELIMIT;
        struct pollfd ready = {peer->socket, (short)(POLLIN | (peer->out.len > 0 ? POLLOUT : 0)), 0};
        (void)poll(&ready, 1, (int)left_ms);
        flush(peer);
        read_socket(peer);
    }
}

bool wf_peer_fate(struct wf_peer *peer, int64_t most_ms, int *ret_status, int *ret_signal)
{
    int64_t until_ms = wf_clock_mono_ms() + most_ms;
    siginfo_t info = {0};

    while (!peer->ended && waitid(P_PID, (id_t)peer->process.pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
           info.si_pid == 0) {
        if (wf_clock_mono_ms() >= until_ms)
            return false;
        poll(NULL, 0, 1);
    }
    drain_lines(peer);
    *ret_status = info.si_code == CLD_EXITED ? info.si_status : 0;
    *ret_signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    return true;
}

/* ---- start and end ---- */

static void was_ended(uv_process_t *process, int64_t status, int number)
{
    struct wf_peer *peer = process->data;

    while (read_socket(peer))
        take_frames(peer);
    drain_lines(peer);
    peer->ended = true;
    close_socket(peer);
    close_lines(peer);
    close_handle(&peer->process);
    if (peer->settings.ended)
        peer->settings.ended(peer->settings.arg, status, number, number == SIGKILL ? peer->killed : NULL);
}

static int spawn(struct wf_peer *peer, uv_loop_t *uv, int its_socket, int its_lines)
{
    uv_stdio_container_t stdio[4] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = its_lines},
        {.flags = UV_INHERIT_FD, .data.fd = its_lines},
        {.flags = UV_INHERIT_FD, .data.fd = its_socket},
    };
    uv_process_options_t options = {
        .exit_cb = was_ended,
        .file = peer->settings.argv[0],
        .args = (char **)peer->settings.argv, /* libuv does not write to them */
        .flags = UV_PROCESS_DETACHED,         /* Ctrl-C is for us: running steps end first */
        .stdio_count = 4,
        .stdio = stdio,
    };

    return uv_spawn(uv, &peer->process, &options);
}

int wf_peer_start(
    struct wf_loop *loop, const struct wf_peer_settings *settings, struct wf_peer **ret, struct wf_err *ret_err)
{
    struct wf_peer *peer = wf_calloc(1, sizeof *peer);
    uv_loop_t *uv = wf_loop_uv(loop);
    int sockets[2] = {-1, -1}, lines[2] = {-1, -1};

    peer->settings = *settings;
    wf_buf_init(&peer->out, 4 * WF_WIRE_MAX);
    int rc = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0 && pipe2(lines, O_CLOEXEC) == 0
                 ? spawn(peer, uv, sockets[1], lines[1])
                 : uv_translate_sys_error(errno);
    close_fd(&sockets[1]);
    close_fd(&lines[1]);
    if (rc != 0) {
        close_fd(&sockets[0]);
        close_fd(&lines[0]);
        wf_buf_done(&peer->out);
        peer->freed = true;
        peer->open_handles = 1;
        peer->process.data = peer;
        if (peer->process.type == UV_PROCESS)
            uv_close((uv_handle_t *)&peer->process, handle_closed);
        else
            free(peer);
        return wf_err_set(ret_err, WF_EIO, "cannot start %s: %s", settings->argv[0], uv_strerror(rc));
    }
    peer->socket = sockets[0];
    peer->lines = lines[0];
    uv_poll_init(uv, &peer->watch, peer->socket);
    uv_poll_init(uv, &peer->watch_lines, peer->lines);
    peer->process.data = peer->watch.data = peer->watch_lines.data = peer;
    peer->open_handles = 3;
    peer->settings.argv = NULL; /* the caller's, and no longer needed */
    uv_poll_start(&peer->watch_lines, UV_READABLE, lines_ready);
    watch_socket(peer);
    *ret = peer;
    return 0;
}

int64_t wf_peer_pid(const struct wf_peer *peer)
{
    return peer->process.pid;
}

void wf_peer_free(struct wf_peer *peer, int64_t most_ms)
{
    int status, number;

    if (!peer)
        return;
    close_socket(peer);
    if (!peer->ended) {
        if (!wf_peer_fate(peer, most_ms, &status, &number))
            uv_process_kill(&peer->process, SIGKILL);
        waitpid(peer->process.pid, NULL, 0);
        peer->ended = true;
    }
    close_lines(peer);
    close_handle(&peer->process);
    free(peer->in);
    wf_buf_done(&peer->out);
    peer->freed = true;
    if (peer->open_handles == 0)
        free(peer);
}
