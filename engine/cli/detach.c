/* detach.c: fork, a session of its own, a log file. */
#include "config.h" /* _GNU_SOURCE, for pipe2 */

#include "cli/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cmd.h"

static int wait_for_child(pid_t pid, int channel, const char *run_id)
{
    char byte;
    ssize_t n;
    int status = 0;
    while ((n = read(channel, &byte, 1)) < 0 && errno == EINTR)
        ;
    close(channel);
    if (n == 1) {
        puts(run_id);
        return fflush(stdout) == 0 ? WF_EXIT_OK : WF_EXIT_FAULT;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : WF_EXIT_BUG; /* it has said why */
}

int wf_detach(const char *run_id, int *ret_channel)
{
    int channel[2];
    if (pipe2(channel, O_CLOEXEC) < 0) {
        fprintf(stderr, "wfrun: --detach: %m\n");
        return WF_EXIT_FAULT;
    }
    pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "wfrun: --detach: %m\n");
        return WF_EXIT_FAULT;
    }
    if (pid > 0) {
        close(channel[1]);
        return wait_for_child(pid, channel[0], run_id);
    }
    close(channel[0]);
    setsid();
    *ret_channel = channel[1];
    return -1;
}

int wf_detach_started(int channel, const char *log_path, struct wf_err *err)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
        null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0 || null < 0)
        return wf_err_set(err, WF_EIO, "--detach: the log %s cannot be written: %m", log_path);
    fflush(stderr);
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    close(null);
    close(log);
    bool told = write(channel, "1", 1) == 1;
    close(channel);
    return told ? 0 : wf_err_set(err, WF_EIO, "--detach: the caller is gone");
}
