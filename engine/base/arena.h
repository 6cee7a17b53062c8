/* arena.h: memory that is freed all at once. One arena has one owner and no lock. */
#ifndef WF_BASE_ARENA_H
#define WF_BASE_ARENA_H

#include <stddef.h>

struct wf_arena; /* opaque */

struct wf_arena *wf_arena_new(size_t max); /* max: most bytes it may hand out; beyond it wf_arena_alloc returns NULL */
void wf_arena_free(struct wf_arena *);
void *wf_arena_alloc(struct wf_arena *, size_t size); /* zeroed, aligned for any type */
char *wf_arena_strdup(struct wf_arena *, const char *);
char *wf_arena_memdup(struct wf_arena *, const void *, size_t len); /* NUL added */
char *wf_arena_printf(struct wf_arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
