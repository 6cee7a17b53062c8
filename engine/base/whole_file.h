/* whole_file.h: files that are there as a whole or not at all. Any thread. */
#ifndef WF_BASE_WHOLE_FILE_H
#define WF_BASE_WHOLE_FILE_H

#include <stddef.h>

#include "base/err.h"

/* For its owner's eyes (0600): written beside and then renamed. path NULL: to standard output. WF_EIO. */
int wf_whole_file_write(const char *path, const char *text, size_t len, struct wf_err *);
/* "-": standard input. The caller frees. WF_ENOTFOUND, WF_EIO. */
int wf_whole_file_read(const char *path, char **ret_text, size_t *ret_len, struct wf_err *);

#endif
