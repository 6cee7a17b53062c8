/* utf8.h: reading UTF-8 strictly: no overlong forms, no surrogates, nothing above U+10FFFF. Any thread. */
#ifndef WF_BASE_UTF8_H
#define WF_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the character at text; 0 when the bytes are no character or len is 0.
 * ret_code may be NULL. */
size_t wf_utf8_next(const char *text, size_t len, uint32_t *ret_code);
/* Bytes up to the first that is not UTF-8; len when all are. */
size_t wf_utf8_valid(const char *text, size_t len);
/* Characters in valid UTF-8. */
size_t wf_utf8_count(const char *text, size_t len);
/* The longest length of at most max bytes that does not end inside a character. */
size_t wf_utf8_cut(const char *text, size_t len, size_t max);

#endif
