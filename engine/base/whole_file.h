/* whole_file.h: files that are there as a whole or not at all. Any thread. */
#ifndef WF_BASE_WHOLE_FILE_H
#define WF_BASE_WHOLE_FILE_H

#include <stddef.h>

#include "base/err.h"

enum wf_whole_for { WF_WHOLE_FOR_OWNER = 0600, WF_WHOLE_FOR_OTHERS = 0666 /* as the umask says */ };

/* Written beside and then renamed, so that a file that was there stays when the new one cannot be written; through a
 * link, into what it points to; to a pipe or a device as it is. path NULL or "-": to stdout, whose ferror() tells how it
 * went. WF_EIO. */
int wf_whole_file_write(const char *path, enum wf_whole_for, const char *text, size_t len, struct wf_err *);
/* "-": standard input. The caller frees. WF_ENOTFOUND, WF_EIO, WF_ELIMIT beyond 1 GiB. */
int wf_whole_file_read(const char *path, char **ret_text, size_t *ret_len, struct wf_err *);

#endif
