/* plugin_draft.c: the text of a header, through the C preprocessor when there is one, made into a manifest. */
#include "config.h" /* _GNU_SOURCE */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/plugin_sub.h"
#include "def/yaml.h"
#include "ffi/draft.h"

#define LONGEST_TEXT ((size_t)64 << 20)

static bool read_all(int fd, struct wf_buf *buf)
{
    char chunk[65536];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
        wf_buf_add(buf, chunk, n > 0 ? (size_t)n : 0);
    return n == 0 && !buf->failed;
}

/* $CC -E HEADER; what it complains of goes to standard error. */
static bool preprocess(const char *header, struct wf_buf *buf)
{
    const char *cc = getenv("CC");
    const char *const argv[] = {cc && cc[0] ? cc : "cc", "-E", "-w", "-x", "c", header, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], status = -1;
    pid_t pid = -1;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int rc = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    bool is_read = rc == 0 && read_all(ends[0], buf);
    close(ends[0]);
    while (rc == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return is_read && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int wf_plugin_draft(const char *header, const char *library, const char *effect, struct wf_buf *ret)
{
    const struct wf_draft_settings settings = {.header = header, .library = library, .effect = effect};
    struct wf_draft_counts counts;
    struct wf_err err = {0};
    struct wf_buf text;
    char *plain = NULL;
    size_t len = 0;

    if (header[0] == '-') {
        fputs("wfrun: --header takes the name of a file\n", stderr);
        return WF_EXIT_USAGE;
    }
    if (wf_yaml_read_file(header, &plain, &len, &err) < 0) /* the whole file first: it is there, and can be read */
        return wf_complain(&err, WF_EXIT_USAGE);
    wf_buf_init(&text, LONGEST_TEXT);
    bool is_preprocessed = preprocess(header, &text);
    if (!is_preprocessed)
        fputs("wfrun: the C compiler does not read this header: it is taken as it stands, without its macros and "
              "includes\n",
            stderr);
    wf_manifest_draft(&settings, is_preprocessed ? text.ptr : plain, ret, &counts);
    printf("%zu functions are steps, %zu wait for an answer, %zu cannot be called\n", counts.complete, counts.asking,
        counts.unreadable);
    if (counts.complete == 0 && counts.asking > 0)
        puts("none is a step yet: answer what stands behind `# ask:` of one, and take the `#` from it");
    wf_buf_done(&text);
    free(plain);
    if (counts.complete + counts.asking > 0)
        return WF_EXIT_OK;
    fputs("wfrun: this header declares no function that could be a step; those of headers that it includes do not "
          "count\n",
        stderr);
    return WF_EXIT_USAGE;
}
