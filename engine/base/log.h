/* log.h: the one log, to stderr through a sink that cli sets. Any thread. Secrets are masked by the sink. */
#ifndef WF_BASE_LOG_H
#define WF_BASE_LOG_H

#include <stddef.h>

enum wf_log_level { WF_LOGL_ERROR, WF_LOGL_WARN, WF_LOGL_INFO, WF_LOGL_DEBUG };

void wf_log(enum wf_log_level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wf_log_set(enum wf_log_level most, void (*sink)(enum wf_log_level, const char *text, void *arg), void *arg);
/* Every later log line, event and diagnostic shows *** instead of this text. Texts under 4 bytes are ignored. */
void wf_mask_add(const char *text, size_t len);
/* Replaces masked texts in place of a NUL-terminated heap string; returns it or a new one (then the old is freed). */
char *wf_mask_apply(char *text);

#endif
