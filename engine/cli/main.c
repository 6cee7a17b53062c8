/* main.c: the program `wfrun`: what must be set up before any command runs. */
#include "config.h" /* _GNU_SOURCE, for sigdescr_np */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "host/host.h"

/* ---- an end that nobody wanted ---- */

/* In one write, and by no function that a signal handler may not call. */
static void say_end(const char *what, const char *which, const char *end)
{
    static const char rest[] = "; a durable run is safe: `wfrun list` shows it, `wfrun resume` continues it. With "
                               "--isolation process such an end "
                               "is a fault of the step and no more.\n";
    const struct wf_call_here *here = wf_call_here();
    const char *const words[] = {"wfrun: error: the plugin ", here->plugin, " did not survive its step ", here->step,
        " (", here->what, "): ", what, which, end, rest};
    struct iovec parts[sizeof words / sizeof *words];

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        parts[i] = (struct iovec){(void *)words[i], strlen(words[i])};
    ssize_t written = writev(STDERR_FILENO, parts, sizeof words / sizeof *words);
    (void)written;
}

/* A plugin called exit: whatever its status, it must not look as if the run had ended so. */
static void left(void)
{
    if (!wf_call_here()->plugin)
        return;
    say_end("it ended the process of wfrun", "", "");
    _exit(WF_EXIT_BUG);
}

#ifndef WF_SANITIZED
/* A crash is a bug of ours or of a plugin; say what that means for the run, and leave. */
static void crashed(int signo)
{
    static const char bug[] = "wfrun: bug: the program stopped itself or crashed in its own code, or in a thread of a "
                              "plugin. A durable run is "
                              "safe: `wfrun list` shows it, `wfrun resume` continues it. Please report this.\n";

    if (wf_call_here()->plugin)
        say_end("it crashed (", sigdescr_np(signo), ")");
    else if (write(STDERR_FILENO, bug, sizeof bug - 1) < 0)
        _exit(WF_EXIT_BUG);
    _exit(WF_EXIT_BUG);
}

static void catch_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static _Alignas(16) char stack[16 * 1024]; /* this thread's own may have run over; loop/pool.c has the workers' */
    struct sigaction action = {.sa_handler = crashed, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};

    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}
#else
static void catch_crashes(void) {}
#endif

/* A standard stream that the caller closed: else the next file we open takes its number, and our words go into it. Opened
 * the wrong way round, so that what must be read or written is an error as before; what is said for people is lost. */
static void open_missing_streams(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags[fd]) != fd)
            _exit(WF_EXIT_FAULT);
}

int main(int argc, char **argv)
{
    open_missing_streams();
    /* One plugin call seldom allocates much, so some arenas keep the memory of 64 threads from spreading. With two, most
     * system calls of a busy run waited for malloc's lock, with eight a third of those between threads; more than these
     * gain nothing. */
    mallopt(M_ARENA_MAX, 16);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a journal at its size limit is an error with words, as a full disk is */
    catch_crashes();
    if (atexit(left) != 0)
        return WF_EXIT_BUG;
    return wf_cmd_main(argc, argv);
}
