/* main.c: the program `wfrun`: what must be set up before any command runs. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "config.h"

#ifndef WF_SANITIZED
/* A crash is a bug of ours or of a plugin; say what that means for the run, in one write, and leave. */
static void crashed(int signo)
{
    static const char text[] =
        "wfrun: bug: the program stopped itself or crashed in its own or a plugin's code. A durable run is safe: "
        "`wfrun list` shows it, `wfrun resume` continues it. Please report this.\n";
    (void)signo;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(WF_EXIT_BUG);
    _exit(WF_EXIT_BUG);
}

static void catch_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction action = {.sa_handler = crashed, .sa_flags = (int)SA_RESETHAND};
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
    return wf_cmd_main(argc, argv);
}
