/* cmd_plugin_test.c: `wfrun plugin test`: the cases of a plugin, each in a process of its own, and each host call of them
 * failing once. */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/case_file.h"
#include "cli/diag_print.h"
#include "cli/plugin_sub.h"
#include "cli/world.h"

#define PATIENCE_S  30  /* real time of one call */
#define FAULTS_MOST 500 /* host calls of a case that fail in turn */

struct tests {
    size_t number, failed;
    const char *dirs[66]; /* the case file's folder, then the plugin folders; NULL-terminated */
};

/* ---- one run in a process of its own ---- */

static void run_child(
    const struct wf_case_file *file, size_t index, const char *const *dirs, struct wf_case_fault fault, int out)
{
    struct wf_case_result result;

    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL); /* the parent tells of them */
    alarm(PATIENCE_S);
    wf_case_run(file, index, dirs, fault, &result);
    if (write(out, &result, sizeof result) != (ssize_t)sizeof result)
        _exit(WF_EXIT_BUG);
    _exit(0); /* what is flushed at an exit is the parent's */
}

static size_t read_whole(int in, void *to, size_t size)
{
    size_t len = 0;

    for (ssize_t n = 1; n > 0 && len<size; len += n> 0 ? (size_t)n : 0)
        n = read(in, (char *)to + len, size - len);
    return len;
}

static void say_death(int status, struct wf_case_result *ret)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(ret->words, sizeof ret->words, "the call does not end within %d s", PATIENCE_S);
    else if (WIFSIGNALED(status))
        snprintf(ret->words, sizeof ret->words, "the plugin crashes: %s", strsignal(WTERMSIG(status)));
    else
        snprintf(ret->words, sizeof ret->words, "the plugin ends the process (exit %d)", WEXITSTATUS(status));
}

/* This process has no thread and has loaded no plugin, so a plain fork is whole. */
static void run_apart(const struct wf_case_file *file, size_t index, const char *const *dirs,
    struct wf_case_fault fault, struct wf_case_result *ret)
{
    int ends[2], status = 0;

    *ret = (struct wf_case_result){.calls = 0};
    fflush(NULL);
    pid_t pid = pipe(ends) == 0 ? fork() : -1;
    if (pid < 0) {
        snprintf(ret->words, sizeof ret->words, "no process can be started for it: %m");
        return;
    }
    if (pid == 0) {
        close(ends[0]);
        run_child(file, index, dirs, fault, ends[1]);
    }
    close(ends[1]);
    size_t len = read_whole(ends[0], ret, sizeof *ret);
    close(ends[0]);
    waitpid(pid, &status, 0);
    if (status != 0 || len != sizeof *ret) {
        *ret = (struct wf_case_result){.calls = 0};
        say_death(status, ret);
    }
}

/* ---- cases ---- */

static void report(
    struct tests *tests, const struct wf_case_file *file, size_t index, const char *more, const char *words)
{
    struct wf_loc loc = wf_case_loc(file, index);

    printf(
        "%s %zu - %s: %s%s\n", *words ? "not ok" : "ok", ++tests->number, file->step, wf_case_name(file, index), more);
    if (!*words)
        return;
    tests->failed++;
    printf("# %s:%d:%d: ", file->path, loc.line, loc.col);
    for (; *words; words++)
        fputs(*words == '\n' ? "\n# " : (const char[]){*words, '\0'}, stdout);
    putchar('\n');
}

static const char *http_words(int32_t http)
{
    return http == WF_HTTP_NOT_SENT ? "not sent" : http == WF_HTTP_UNKNOWN ? "its answer lost" : "cancelled";
}

/* Every host call fails once, an exchange in each way that it can. */
static void run_faults(struct tests *tests, const struct wf_case_file *file, size_t index, uint32_t calls)
{
    static const int32_t ways[] = {WF_HTTP_UNKNOWN, WF_HTTP_NOT_SENT, WF_HTTP_CANCELLED};
    struct wf_case_result result = {.calls = 0};
    char words[sizeof result.words + 300] = "", more[80];

    for (uint32_t at = 1; at <= calls && at <= FAULTS_MOST && !*words; at++) {
        for (size_t way = 0; way < 3 && !*words; way++) {
            run_apart(file, index, tests->dirs, (struct wf_case_fault){at, ways[way]}, &result);
            bool is_http = strchr(result.failed, ' ') != NULL;
            if (*result.words)
                snprintf(words, sizeof words, "when call %u of the host fails%s%s%s%s%s: %s", at,
                    *result.failed ? " (" : "", result.failed, is_http ? ": " : "",
                    is_http ? http_words(ways[way]) : "", *result.failed ? ")" : "", result.words);
            if (!is_http)
                break;
        }
    }
    snprintf(more, sizeof more, ", with every host call failing once (%u)", calls);
    report(tests, file, index, more, words);
}

static int run_file(struct tests *tests, const char *path)
{
    struct wf_case_file file;
    struct wf_case_result result;
    struct wf_diags diags;
    char dir[PATH_MAX];

    wf_diags_init(&diags);
    if (wf_case_file_read(path, &file, &diags) != 0) {
        wf_diags_print(stderr, &diags, NULL, 0);
        wf_diags_done(&diags);
        return WF_EXIT_INVALID;
    }
    wf_diags_done(&diags);
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
    tests->dirs[0] = slash ? dir : ".";
    for (size_t i = 0; i < file.count; i++) {
        run_apart(&file, i, tests->dirs, (struct wf_case_fault){0, 0}, &result);
        report(tests, &file, i, "", result.words);
        if (!*result.words && result.calls > 0 && wf_case_faults(&file, i) != WF_CASE_NO_FAULTS)
            run_faults(tests, &file, i, result.calls);
    }
    tests->dirs[0] = NULL; /* it ends here */
    wf_case_file_done(&file);
    return WF_EXIT_OK;
}

/* ---- which files ---- */

static bool is_case_file(const char *name)
{
    static const char *const ends[] = {"cases.yaml", "cases.yml", "cases.json"};
    size_t len = strlen(name);

    for (size_t i = 0; i < 3; i++) {
        size_t end = strlen(ends[i]);
        if (len >= end && strcmp(name + len - end, ends[i]) == 0)
            return true;
    }
    return false;
}

static int run_dir(struct tests *tests, const char *path)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, alphasort), status = WF_EXIT_OK;
    size_t found = 0;

    for (int i = 0; i < count; i++) {
        if (status == WF_EXIT_OK && is_case_file(names[i]->d_name)) {
            char *file =
                strcmp(path, ".") == 0 ? wf_strdup(names[i]->d_name) : wf_asprintf("%s/%s", path, names[i]->d_name);
            status = run_file(tests, file);
            free(file);
            found++;
        }
        free(names[i]);
    }
    free(names);
    if (found || status != WF_EXIT_OK)
        return status;
    fprintf(stderr, "wfrun: %s has no case file\n  hint: write cases.yaml, or names that end so\n", path);
    return WF_EXIT_INVALID;
}

int wf_plugin_test(struct wf_invocation *inv)
{
    struct tests tests = {.number = 0};
    const char *path = inv->opts.nargs > 1 ? inv->opts.args[1] : ".";
    struct stat st;
    size_t count = 1;

    for (const char *const *dir = wf_world_plugin_dirs(inv->config); *dir && count < 65; dir++)
        tests.dirs[count++] = *dir;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "wfrun: %s: %m\n", path);
        return WF_EXIT_INVALID;
    }
    int status = S_ISDIR(st.st_mode) ? run_dir(&tests, path) : run_file(&tests, path);
    if (status != WF_EXIT_OK)
        return status;
    printf("1..%zu\n", tests.number);
    return tests.failed ? WF_EXIT_FAULT : WF_EXIT_OK;
}
