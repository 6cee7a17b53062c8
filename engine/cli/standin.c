/* standin.c: a child process for the length of a run. */
#include "config.h" /* _GNU_SOURCE, for pipe2 */

#include "cli/standin.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/drive.h"

#define GREETING_MS  30000 /* a large seed takes some seconds */
#define GREETING_MAX ((size_t)1 << 20)
#define LEAVE_MS     2000

/* ---- where it is ---- */

static char *in_folder(const char *folder, const char *program)
{
    char *path = wf_asprintf("%s/%s", folder, program);
    if (access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* In a build tree the program lies in the folder of its plugin. */
static char *beside_ourselves(const char *program)
{
    char self[PATH_MAX], *found;
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0)
        return NULL;
    self[len] = '\0';
    char *folder = dirname(self), *pattern = wf_asprintf("%s/plugins/sandbox-*/%s", folder, program);
    glob_t hits = {0};
    found = in_folder(folder, program);
    if (!found && glob(pattern, 0, NULL, &hits) == 0 && hits.gl_pathc)
        found = wf_strdup(hits.gl_pathv[0]);
    globfree(&hits);
    free(pattern);
    return found;
}

char *wf_standin_find(const char *program)
{
    const char *given = getenv("WFRUN_STANDIN_DIR");
    char *path = given && *given ? in_folder(given, program) : NULL;
    if (!path)
        path = beside_ourselves(program);
    if (!path)
        path = in_folder(LIBEXECDIR, program);
    return path ? path : wf_strdup(program); /* posix_spawnp looks through PATH */
}

/* ---- start ---- */

static int spawn(struct wf_standin *standin, char *const *argv, struct wf_err *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, rc;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t defaults;
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        return wf_err_set(err, WF_EIO, "no pipe to %s: %m", argv[0]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawnattr_init(&attr);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    /* Its own group: Ctrl-C is for us; we still need it while running steps end. */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    rc = posix_spawnp(&standin->pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    standin->stdin_fd = in[1];
    standin->stdout_fd = out[0];
    if (rc != 0) {
        standin->pid = 0;
        errno = rc;
        rc = wf_err_set(err, WF_EIO, "the sandbox program %s cannot be started: %m", argv[0]);
        wf_err_hint(err, "it is looked for in $WFRUN_STANDIN_DIR, beside wfrun, in %s and in PATH", LIBEXECDIR);
    }
    return rc;
}

/* It has said why itself, on the standard error that it shares with us. Its status 2 means: wrong usage. */
static int no_greeting(struct wf_standin *standin, struct wf_err *err)
{
    int status = 0;
    poll(NULL, 0, 20); /* its output has ended; give it the moment to do so, too */
    if (waitpid(standin->pid, &status, WNOHANG) != standin->pid)
        return wf_err_set(
            err, WF_EIO, "the sandbox program %s was not ready in %d s", standin->program, GREETING_MS / 1000);
    standin->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
        wf_err_set(err, WF_EINVAL, "the sandbox cannot begin with these options");
        wf_err_hint(err, "--sandbox-seed takes small, a size such as 100x200, or a fixture in JSON");
        return WF_EINVAL;
    }
    return wf_err_set(err, WF_EIO, "the sandbox program %s ended before it was ready", standin->program);
}

static int read_greeting(struct wf_standin *standin, char **ret, struct wf_err *err)
{
    int64_t until = wf_clock_mono_ms() + GREETING_MS;
    struct wf_buf line;
    wf_buf_init(&line, GREETING_MAX);
    for (;;) {
        struct pollfd fd = {.fd = standin->stdout_fd, .events = POLLIN};
        int64_t left = until - wf_clock_mono_ms();
        char chunk[4096];
        int ready = left > 0 ? poll(&fd, 1, (int)left) : 0;
        ssize_t n = ready > 0 ? read(standin->stdout_fd, chunk, sizeof chunk) : ready;
        if (n < 0 && errno == EINTR && !wf_signals_came())
            continue;
        if (n <= 0)
            break;
        wf_buf_add(&line, chunk, (size_t)n);
        char *end = strchr(line.ptr, '\n');
        if (end) {
            *end = '\0';
            *ret = wf_buf_take(&line);
            return 0;
        }
    }
    wf_buf_done(&line);
    return no_greeting(standin, err);
}

int wf_standin_start(
    struct wf_standin *standin, const char *program, const char *const *args, char **ret_greeting, struct wf_err *err)
{
    size_t count = 0;
    while (args[count])
        count++;
    char *path = wf_standin_find(program), **argv = wf_calloc(count + 2, sizeof *argv);
    argv[0] = path;
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = wf_strdup(args[i]);
    *standin = (struct wf_standin){.program = wf_strdup(program), .stdin_fd = -1, .stdout_fd = -1};
    int rc = spawn(standin, argv, err);
    if (rc == 0)
        rc = read_greeting(standin, ret_greeting, err);
    if (rc != 0)
        wf_standin_stop(standin);
    for (size_t i = 0; i < count + 1; i++)
        free(argv[i]);
    free(argv);
    return rc;
}

/* ---- stop ---- */

static bool has_left(pid_t pid, int64_t wait_ms)
{
    int64_t until = wf_clock_mono_ms() + wait_ms;
    for (;;) {
        pid_t rc = waitpid(pid, NULL, WNOHANG);
        if (rc == pid || (rc < 0 && errno == ECHILD))
            return true;
        if (wf_clock_mono_ms() >= until)
            return false;
        poll(NULL, 0, 5);
    }
}

void wf_standin_stop(struct wf_standin *standin)
{
    if (standin->stdin_fd >= 0)
        close(standin->stdin_fd);
    if (standin->pid > 0 && !has_left(standin->pid, LEAVE_MS)) {
        kill(standin->pid, SIGTERM);
        if (!has_left(standin->pid, LEAVE_MS)) {
            kill(standin->pid, SIGKILL);
            waitpid(standin->pid, NULL, 0);
        }
    }
    if (standin->stdout_fd >= 0)
        close(standin->stdout_fd);
    free(standin->program);
    *standin = (struct wf_standin){.stdin_fd = -1, .stdout_fd = -1};
}
