/* alloc.h: allocation that aborts when memory is out. libjq aborts too, so recovery from the journal is the tested
 * path; everything a user can size has a limit long before. */
#ifndef WF_BASE_ALLOC_H
#define WF_BASE_ALLOC_H

#include <stddef.h>

void *wf_calloc(size_t count, size_t size); /* zeroed; aborts, never NULL */
void *wf_realloc(void *, size_t size);
char *wf_strdup(const char *);
char *wf_memdup(const void *, size_t len); /* NUL added */
char *wf_asprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
