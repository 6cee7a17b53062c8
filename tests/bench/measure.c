/* measure.c: runs one command and prints {"seconds":s,"peak_kib":k,"exit":n} of that process alone. A small program does
 * it because a process that was forked from a large one counts the large one's memory as its own peak. */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    double start = now();
    pid_t child;
    int status;

    if (argc < 2 || posix_spawnp(&child, argv[1], NULL, NULL, argv + 1, environ) != 0) {
        fprintf(stderr, "measure: cannot run %s\n", argc < 2 ? "nothing" : argv[1]);
        return 127;
    }
    if (wait4(child, &status, 0, &usage) != child)
        return 127;
    fprintf(stderr, "\n{\"seconds\":%.6f,\"peak_kib\":%ld,\"exit\":%d}\n", now() - start, usage.ru_maxrss,
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
