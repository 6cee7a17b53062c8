/* whole_file.c: reading and writing whole files. See whole_file.h. */
#include "config.h" /* _GNU_SOURCE, for %m and realpath */

#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

/* Beyond any plan or bundle; a device that never ends is refused before it takes the memory. */
#define READ_MAX ((size_t)1 << 30)

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

/* A device, a pipe or a link to nothing: as a shell's `>` would. */
static int write_in_place(const char *path, mode_t mode, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int rc = fd < 0 ? -1 : write_all(fd, text, len), why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return rc;
}

/* What is there stays as it is until the new text is on the disk. */
static int write_beside(const char *path, mode_t mode, const char *text, size_t len)
{
    char *part = wf_asprintf("%s.%ld.part", path, (long)getpid());
    int fd, rc, why;
    unlink(part); /* left by a process that had our number and died */
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    rc = fd < 0 || write_all(fd, text, len) < 0 || fsync(fd) < 0 ? -1 : 0;
    why = errno;
    if (fd >= 0)
        close(fd);
    if (rc == 0 && rename(part, path) < 0) {
        rc = -1;
        why = errno;
    }
    if (rc < 0 && fd >= 0)
        unlink(part);
    free(part);
    errno = why;
    return rc;
}

int wf_whole_file_write(const char *path, enum wf_whole_for whom, const char *text, size_t len, struct wf_err *err)
{
    struct stat st;
    char *real = NULL;
    bool is_new;
    int rc;
    if (!path || strcmp(path, "-") == 0) {
        if (len)
            (void)fwrite(text, 1, len, stdout);
        return 0;
    }
    is_new = lstat(path, &st) < 0 && errno == ENOENT;
    if (is_new) {
        rc = write_beside(path, (mode_t)whom, text, len);
    } else if ((real = realpath(path, NULL)) && stat(real, &st) == 0 && S_ISREG(st.st_mode)) {
        rc = write_beside(real, (mode_t)whom, text, len);
    } else {
        rc = write_in_place(path, (mode_t)whom, text, len);
    }
    if (rc < 0)
        rc = wf_err_set(err, WF_EIO, "%s cannot be written: %m", path);
    free(real);
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
    wf_buf_init(&buf, READ_MAX);
    while (!buf.failed && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
        wf_buf_add(&buf, chunk, n);
    int rc = ferror(file) ? wf_err_set(err, WF_EIO, "%s cannot be read: %m", path) : 0;
    if (rc == 0 && buf.failed)
        rc = wf_err_set(err, WF_ELIMIT, "%s is longer than %zu MiB", path, READ_MAX >> 20);
    if (file != stdin)
        fclose(file);
    if (rc == 0) {
        *ret_len = buf.len;
        *ret_text = wf_buf_take(&buf);
    }
    wf_buf_done(&buf);
    return rc;
}
