/* proc.c: children through libuv. */
#include "loop/proc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <uv.h>

#include "base/alloc.h"

#define LONGEST_LINE  4000
#define KILL_AFTER_MS 2000

struct wf_proc {
    struct wf_loop *loop;
    uv_process_t process;
    uv_pipe_t in, out;
    int open_handles;
    bool ended, freed, has_line;
    struct wf_timer kill_timer;
    struct wf_proc_settings settings;
    char line[LONGEST_LINE + 1];
    size_t line_len;
    char chunk[1024];
};

static void handle_closed(uv_handle_t *handle)
{
    struct wf_proc *proc = handle->data;

    if (--proc->open_handles == 0 && proc->freed)
        free(proc);
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, handle_closed);
}

static void take_line(struct wf_proc *proc, const char *bytes, size_t len)
{
    const char *end = memchr(bytes, '\n', len);
    size_t take = end ? (size_t)(end - bytes) : len;
    size_t room = LONGEST_LINE - proc->line_len;

    take = take < room ? take : room;
    memcpy(proc->line + proc->line_len, bytes, take);
    proc->line_len += take;
    if (!end && proc->line_len < LONGEST_LINE)
        return;
    proc->has_line = true;
    if (proc->settings.line)
        proc->settings.line(proc->settings.arg, proc->line);
}

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct wf_proc *proc = handle->data;

    (void)suggested;
    *ret = uv_buf_init(proc->chunk, sizeof proc->chunk);
}

static void was_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct wf_proc *proc = stream->data;

    if (len < 0)
        close_handle(stream);
    else if (len > 0 && !proc->has_line)
        take_line(proc, buf->base, (size_t)len);
}

static void was_ended(uv_process_t *process, int64_t status, int signal_number)
{
    struct wf_proc *proc = process->data;

    proc->ended = true;
    wf_timer_stop(proc->loop, &proc->kill_timer);
    close_handle(&proc->process);
    if (proc->settings.ended)
        proc->settings.ended(proc->settings.arg, status, signal_number);
}

static int spawn(struct wf_proc *proc)
{
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&proc->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&proc->out},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    uv_process_options_t options = {
        .exit_cb = was_ended,
        .file = proc->settings.argv[0],
        .args = (char **)proc->settings.argv, /* libuv does not write to them */
        .stdio_count = 3,
        .stdio = stdio,
    };

    return uv_spawn(wf_loop_uv(proc->loop), &proc->process, &options);
}

int wf_proc_start(
    struct wf_loop *loop, const struct wf_proc_settings *settings, struct wf_proc **ret, struct wf_err *ret_err)
{
    struct wf_proc *proc = wf_calloc(1, sizeof *proc);
    uv_loop_t *uv = wf_loop_uv(loop);

    proc->loop = loop;
    proc->settings = *settings;
    uv_pipe_init(uv, &proc->in, 0);
    uv_pipe_init(uv, &proc->out, 0);
    proc->in.data = proc->out.data = proc->process.data = proc;
    proc->open_handles = 3;
    int rc = spawn(proc);
    if (rc != 0) {
        proc->ended = true;
        wf_err_set(ret_err, WF_EIO, "cannot start %s: %s", settings->argv[0], uv_strerror(rc));
        wf_proc_free(proc);
        return WF_EIO;
    }
    proc->settings.argv = NULL; /* the caller's, and no longer needed */
    uv_read_start((uv_stream_t *)&proc->out, give_chunk, was_read);
    *ret = proc;
    return 0;
}

int64_t wf_proc_pid(const struct wf_proc *proc)
{
    return proc->process.pid;
}

static void kill_now(struct wf_timer *timer)
{
    struct wf_proc *proc = (struct wf_proc *)((char *)timer - offsetof(struct wf_proc, kill_timer));
    uv_process_kill(&proc->process, SIGKILL);
}

void wf_proc_stop(struct wf_proc *proc)
{
    if (proc->ended || proc->kill_timer.slot)
        return;
    close_handle(&proc->in);
    uv_process_kill(&proc->process, SIGTERM);
    wf_timer_start_real(proc->loop, &proc->kill_timer, KILL_AFTER_MS, kill_now);
}

void wf_proc_free(struct wf_proc *proc)
{
    if (!proc)
        return;
    if (!proc->ended) {
        wf_timer_stop(proc->loop, &proc->kill_timer);
        uv_process_kill(&proc->process, SIGKILL);
        waitpid(proc->process.pid, NULL, 0);
    }
    proc->freed = true;
    close_handle(&proc->in);
    close_handle(&proc->out);
    close_handle(&proc->process);
    if (proc->open_handles == 0)
        free(proc);
}
