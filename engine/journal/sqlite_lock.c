/* sqlite_lock.c: locks of open file descriptions. See sqlite_lock.h. */
#include "config.h" /* _GNU_SOURCE */

#include "journal/sqlite_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/id.h"

int wf__lock_open(const char *file, bool read_only, int *ret_fd, struct wf_err *err)
{
    char *path = wf_asprintf("%s.lock", file);
    int fd = open(path, O_CLOEXEC | (read_only ? O_RDONLY : O_RDWR | O_CREAT), 0600);
    int rc = 0;

    if (fd < 0 && !read_only)
        rc = wf_err_set(err, WF_EIO, "the lock file %s cannot be opened: %m", path);
    else
        *ret_fd = fd;
    free(path);
    return rc;
}

static struct flock byte_of(const char *run_id, short type)
{
    uint8_t digest[WF_SHA256_SIZE];
    uint64_t place = 0;

    wf_sha256(run_id, strlen(run_id), digest);
    for (int i = 0; i < 8; i++)
        place = place << 8 | digest[i];
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)(place >> 2), .l_len = 1}; /* within off_t */
}

int wf__lock_take(int fd, const char *run_id, struct wf_err *err)
{
    struct flock lock = byte_of(run_id, F_WRLCK);

    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    if (errno == EAGAIN || errno == EACCES)
        return WF_EHELD;
    wf_err_set(err, WF_EIO, "the run %s cannot be locked: %m", run_id);
    wf_err_hint(err, "the journal must be on a file system with locks, not on one shared over the network");
    return WF_EIO;
}

void wf__lock_drop(int fd, const char *run_id)
{
    struct flock lock = byte_of(run_id, F_UNLCK);

    (void)fcntl(fd, F_OFD_SETLK, &lock);
}

bool wf__lock_is_taken(int fd, const char *run_id)
{
    struct flock lock = byte_of(run_id, F_WRLCK);

    return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
