/* whole_file.c: reading and writing whole files. See whole_file.h. */
#include "config.h" /* _GNU_SOURCE, for mkostemp */

#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

static int write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int wf_whole_file_write(const char *path, const char *text, size_t len, struct wf_err *err)
{
    if (!path)
        return write_all(STDOUT_FILENO, text, len) < 0 ? wf_err_set(err, WF_EIO, "standard output: %m") : 0;
    char *part = wf_asprintf("%s.XXXXXX", path);
    int fd = mkostemp(part, O_CLOEXEC); /* 0600 */
    int rc = 0;
    if (fd < 0) {
        rc = wf_err_set(err, WF_EIO, "%s: %m", path);
    } else if (write_all(fd, text, len) < 0 || fsync(fd) < 0 || rename(part, path) < 0) {
        rc = wf_err_set(err, WF_EIO, "%s: %m", path);
        unlink(part);
    }
    if (fd >= 0)
        close(fd);
    free(part);
    return rc;
}

int wf_whole_file_read(const char *path, char **ret_text, size_t *ret_len, struct wf_err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char chunk[65536];
    struct wf_buf buf;
    size_t n;
    if (!file)
        return wf_err_set(err, errno == ENOENT ? WF_ENOTFOUND : WF_EIO, "%s cannot be opened: %m", path);
    wf_buf_init(&buf, SIZE_MAX / 4);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        wf_buf_add(&buf, chunk, n);
    int rc = ferror(file) ? wf_err_set(err, WF_EIO, "%s cannot be read: %m", path) : 0;
    if (file != stdin)
        fclose(file);
    if (rc == 0) {
        *ret_len = buf.len;
        *ret_text = wf_buf_take(&buf);
    }
    wf_buf_done(&buf);
    return rc;
}
