/* child_main.c: wfrun-host FILE MEMORY_MB CPU_S FILES CONFINE: one plugin in a process of its own. wfrun starts it; descriptor 3 is its
 * socket. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "child/child.h"

#define SOCKET       3
#define READ_AT_ONCE ((size_t)64 * 1024)
#define CLOSE_S      2 /* for the plugin's close */

struct wf_child wf_child = {.socket = SOCKET, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ---- frames ---- */

int64_t wf_child_now_ms(void)
{
    return wf_clock_real_ms() + atomic_load(&wf_child.ahead_ms);
}

static void send_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(wf_child.socket, bytes, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            _exit(EX_IOERR); /* nobody is there to hear of anything */
        bytes += sent;
        len -= (size_t)sent;
    }
}

bool wf_child_send(struct wf_wire *frame)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct wf_buf buf;

    wf_buf_init(&buf, WF_WIRE_MAX);
    frame->now_ms = wf_child_now_ms();
    wf_wire_write(frame, &buf);
    bool is_whole = !buf.failed;
    pthread_mutex_lock(&lock);
    if (is_whole)
        send_all(buf.ptr, buf.len);
    pthread_mutex_unlock(&lock);
    wf_buf_done(&buf);
    return is_whole;
}

static void keep_settings(const struct wf_wire *frame)
{
    wf_child.settings = wf_memdup(frame->text[0].ptr ? frame->text[0].ptr : "", frame->text[0].len);
    wf_child.settings_len = frame->text[0].len;
    wf_child.secrets = wf_memdup(frame->text[1].ptr ? frame->text[1].ptr : "", frame->text[1].len);
    wf_child.secrets_len = frame->text[1].len;
}

static void answer_effect(const struct wf_wire *frame)
{
    struct wf_wire answer = {.kind = WF_WIRE_EFFECT, .n = {WF_EFFECT_IRREVERSIBLE, 0}};

    for (const struct wf_step_type *const *type = wf_child.plugin->steps; *type; type++) {
        if (strcmp((*type)->name, frame->text[0].ptr) != 0 || !(*type)->effect_of)
            continue;
        uint32_t flags = (*type)->flags;
        answer.n[0] = (*type)->effect_of((struct wf_bytes){frame->text[1].ptr, frame->text[1].len}, &flags);
        answer.n[1] = flags;
    }
    wf_child_send(&answer);
}

static void take(const struct wf_wire *frame)
{
    atomic_store(&wf_child.ahead_ms, frame->now_ms - wf_clock_real_ms());
    switch (frame->kind) {
    case WF_WIRE_SETTINGS:
        keep_settings(frame);
        break;
    case WF_WIRE_CALL:
        wf_child_call_begin(frame);
        break;
    case WF_WIRE_CANCEL:
        wf_child_call_cancel(frame->call);
        break;
    case WF_WIRE_HTTP_DONE:
        wf_child_http_done(frame);
        break;
    case WF_WIRE_EFFECT_OF:
        answer_effect(frame);
        break;
    default:
        wf_child_call_reply(frame);
    }
}

/* Until the socket ends. */
static void serve(void)
{
    size_t cap = READ_AT_ONCE, len = 0;
    char *bytes = wf_realloc(NULL, cap);

    for (;;) {
        ssize_t got = recv(wf_child.socket, bytes + len, cap - len, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        len += got > 0 ? (size_t)got : 0;
        struct wf_wire frame;
        int64_t size;
        size_t at = 0;
        while ((size = wf_wire_read(bytes + at, len - at, &frame)) > 0) {
            take(&frame);
            at += (size_t)size;
        }
        memmove(bytes, bytes + at, len - at);
        len -= at;
        if (cap - len < READ_AT_ONCE)
            bytes = wf_realloc(bytes, cap = cap * 2 + READ_AT_ONCE);
    }
    free(bytes);
}

/* ---- start and end ---- */

static void limit(int what, rlim_t most)
{
    struct rlimit now;

    if (most == 0 || getrlimit(what, &now) != 0 || now.rlim_max < most)
        return;
    setrlimit(what, &(struct rlimit){most, most});
}

static void begin(char *const *limits)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever the plugin is at */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef WF_SANITIZED /* which maps terabytes */
    limit(RLIMIT_AS, (rlim_t)strtoul(limits[0], NULL, 10) << 20);
#endif
    wf_child.confine = limits[3];
    wf_child.cpu_s = (int)strtol(limits[1], NULL, 10);
    limit(RLIMIT_NOFILE, (rlim_t)strtoul(limits[2], NULL, 10));
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setvbuf(stdout, NULL, _IOLBF, 0);
    wf_child_watch_stack();
    wf_child_watch_crashes();
}

static void say_hello(const char *file)
{
    struct wf_err err = {0};
    struct wf_wire frame = {.kind = WF_WIRE_HELLO, .count = 1};

    if (wf_child_load(file, &err) != 0) {
        frame = (struct wf_wire){.kind = WF_WIRE_REFUSED, .count = 2};
        frame.text[0] = wf_wire_text(err.msg);
        frame.text[1] = wf_wire_text(err.hint);
        wf_child_send(&frame);
        _exit(EX_CONFIG);
    }
    char *description = wf_child_describe(wf_child.plugin);
    frame.text[0] = wf_wire_text(description);
    wf_child_send(&frame);
    free(description);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs(
            "usage: wfrun-host FILE MEMORY_MB CPU_S FILES CONFINE, with a socket of wfrun's as descriptor 3\n", stderr);
        return EX_USAGE;
    }
    begin(argv + 2);
    say_hello(argv[1]);
    serve();
    pthread_mutex_lock(&wf_child.lock);
    bool is_idle = wf_child.call.number == 0;
    pthread_mutex_unlock(&wf_child.lock);
    if (!is_idle) /* its thread may be anywhere */
        _exit(0);
    alarm(CLOSE_S);
    if (wf_child.plugin->close)
        wf_child.plugin->close(wf_child.state);
    _exit(0);
}
