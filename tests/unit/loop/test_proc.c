/* test_proc.c: children that say a line and are stopped. */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/proc.h"
#include "suites.h"

static struct wf_loop *loop;
static struct wf_proc *child;
static char first_line[5000];
static int64_t exit_status;
static int exit_signal, ends;

static void keep_line(void *arg, const char *line)
{
    (void)arg;
    strcpy(first_line, line);
}

static void keep_line_and_stop(void *arg, const char *line)
{
    keep_line(arg, line);
    wf_proc_stop(child);
}

static void keep_end(void *arg, int64_t status, int signal_number)
{
    (void)arg;
    exit_status = status;
    exit_signal = signal_number;
    ends++;
    wf_loop_stop(loop);
}

static int run_shell(const char *script, void (*line)(void *, const char *))
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct wf_proc_settings settings = {.argv = argv, .line = line, .ended = keep_end};

    loop = wf_loop_new();
    first_line[0] = '\0';
    exit_status = exit_signal = ends = 0;
    if (wf_proc_start(loop, &settings, &child, NULL) != 0)
        return -1;
    wf_loop_run(loop);
    wf_proc_free(child);
    wf_loop_free(loop);
    return 0;
}

static void the_first_line_is_told_and_the_status(void)
{
    CU_ASSERT_EQUAL(run_shell("printf 'http://127.0'; printf '.0.1:1\\nmore\\n'; exit 3", keep_line), 0);
    WF_ASSERT_TEXT(first_line, "http://127.0.0.1:1");
    CU_ASSERT_EQUAL(exit_status, 3);
    CU_ASSERT_EQUAL(exit_signal, 0);
    CU_ASSERT_EQUAL(ends, 1);
}

static void a_stopped_child_ends(void)
{
    CU_ASSERT_EQUAL(run_shell("echo ready; exec sleep 60", keep_line_and_stop), 0);
    CU_ASSERT_EQUAL(exit_signal, SIGTERM);
}

static void a_child_reads_end_of_file_when_it_is_stopped(void)
{
    CU_ASSERT_EQUAL(run_shell("trap '' TERM; echo ready; read x; exit 7", keep_line_and_stop), 0);
    CU_ASSERT_EQUAL(exit_status, 7);
}

static void a_child_that_will_not_stop_is_killed(void)
{
    int64_t start_ms = wf_clock_mono_ms();

    CU_ASSERT_EQUAL(run_shell("trap '' TERM; echo ready; while :; do sleep 1; done", keep_line_and_stop), 0);
    CU_ASSERT_EQUAL(exit_signal, SIGKILL);
    CU_ASSERT(wf_clock_mono_ms() - start_ms < 10000);
}

static void an_endless_line_is_cut(void)
{
    CU_ASSERT_EQUAL(run_shell("yes | tr -d '\\n' | head -c 100000", keep_line), 0);
    CU_ASSERT_EQUAL(strlen(first_line), 4000);
}

static void a_program_that_does_not_exist_is_an_error(void)
{
    const char *const argv[] = {"/no/such/program", NULL};
    struct wf_proc_settings settings = {.argv = argv};
    struct wf_err err = {0};

    loop = wf_loop_new();
    CU_ASSERT_EQUAL(wf_proc_start(loop, &settings, &child, &err), WF_EIO);
    WF_ASSERT_TEXT(err.msg, "cannot start /no/such/program: no such file or directory");
    wf_loop_free(loop);
}

static void freeing_kills_a_child_that_lives(void)
{
    const char *const argv[] = {"sleep", "60", NULL};
    struct wf_proc_settings settings = {.argv = argv, .ended = keep_end};

    loop = wf_loop_new();
    ends = 0;
    CU_ASSERT_EQUAL_FATAL(wf_proc_start(loop, &settings, &child, NULL), 0);
    pid_t pid = (pid_t)wf_proc_pid(child);
    wf_proc_free(child);
    CU_ASSERT_EQUAL(kill(pid, 0), -1);
    wf_loop_free(loop);
    CU_ASSERT_EQUAL(ends, 0);
}

static const struct wf_case cases[] = {
    {"the_first_line_is_told_and_the_status", the_first_line_is_told_and_the_status},
    {"a_stopped_child_ends", a_stopped_child_ends},
    {"a_child_reads_end_of_file_when_it_is_stopped", a_child_reads_end_of_file_when_it_is_stopped},
    {"a_child_that_will_not_stop_is_killed", a_child_that_will_not_stop_is_killed},
    {"an_endless_line_is_cut", an_endless_line_is_cut},
    {"a_program_that_does_not_exist_is_an_error", a_program_that_does_not_exist_is_an_error},
    {"freeing_kills_a_child_that_lives", freeing_kills_a_child_that_lives},
    {NULL, NULL},
};
const struct wf_suite proc_suite = {"proc", cases};
