/* crash.c: the last words of a process that crashes: which signal, and where. */
#include "config.h"

#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "child/child.h"
#include "host/wire_kinds.h"

#define MOST_FRAMES 40
#define STACK_BYTES ((size_t)64 * 1024)

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

/* Not even a tenth of what it may have is left: then that is why, for next to nobody asks whether his memory came. */
static bool is_memory_used_up(void)
{
    struct rlimit most;

    return getrlimit(RLIMIT_AS, &most) == 0 && most.rlim_cur != RLIM_INFINITY &&
           mmap(NULL, most.rlim_cur / 10, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED;
}

/* The handler is gone when it begins (SA_RESETHAND), so raising the signal once more ends the process by it. */
static void crashed(int number)
{
    void *frames[MOST_FRAMES];

    say("crashed: ");
    say(sigdescr_np(number));
    say("; backtrace, the innermost first:\n");
    backtrace_symbols_fd(frames, backtrace(frames, MOST_FRAMES), STDERR_FILENO);
    if (is_memory_used_up())
        _exit(WF_CHILD_MEMORY);
    raise(number);
}

void wf_child_watch_stack(void)
{
    stack_t alternate = {.ss_sp = wf_calloc(1, STACK_BYTES), .ss_size = STACK_BYTES}; /* for the thread's life */
    sigaltstack(&alternate, NULL);
}

void wf_child_watch_crashes(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU};
    struct sigaction action = {.sa_handler = crashed, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
    void *frame;

    (void)backtrace(&frame, 1); /* loads what it needs now, and not when memory is broken */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}
