/* yaml_file.c: the bytes of a file or of standard input. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "def/yaml.h"

static int read_fd(int fd, const char *path, struct wf_buf *buf, struct wf_err *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return wf_err_set(err, WF_EIO, "%s cannot be read: %m", path);
        wf_buf_add(buf, chunk, (size_t)n);
        if (buf->failed)
            return wf_err_set(err, WF_ELIMIT, "%s is longer than %zu MiB", path, buf->max >> 20);
    }
}

int wf_yaml_read_file(const char *path, char **ret_text, size_t *ret_len, struct wf_err *err)
{
    return wf_yaml_read_long_file(path, WF_YAML_MAX_BYTES, ret_text, ret_len, err);
}

int wf_yaml_read_long_file(const char *path, size_t max, char **ret_text, size_t *ret_len, struct wf_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return wf_err_set(err, errno == ENOENT ? WF_ENOTFOUND : WF_EIO, "%s cannot be opened: %m", path);
    struct wf_buf buf;
    wf_buf_init(&buf, max);
    int rc = read_fd(fd, is_stdin ? "standard input" : path, &buf, err);
    if (!is_stdin)
        close(fd);
    if (rc == 0) {
        *ret_len = buf.len;
        *ret_text = wf_buf_take(&buf);
    }
    wf_buf_done(&buf);
    return rc;
}
