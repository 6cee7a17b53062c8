/* sb_ident.h: ids and chances that depend on the random seed only, so that a rerun makes the same world. */
#ifndef SB_IDENT_H
#define SB_IDENT_H

#include <stddef.h>
#include <stdint.h>

#define SB_GUID 40 /* bytes of a GUID's text, NUL and padding included */

/* A well mixed 64-bit value of its argument. */
uint64_t sb_ident_mix(uint64_t value);
/* A 64-bit digest of bytes, not for security. */
uint64_t sb_ident_digest(uint64_t start, const void *bytes, size_t len);
/* A number in [0, 1) from two values. */
double sb_ident_chance(uint64_t seed, uint64_t ordinal);

/* A version 4 GUID in lower case made of (seed, kind, scope, n). Returns buf. */
const char *sb_ident_guid(uint64_t seed, const char *kind, const char *scope, uint64_t n, char buf[SB_GUID]);
/* 12 characters such as new-commerce order ids and availability ids have. Returns buf, of at least 13 bytes. */
const char *sb_ident_short(uint64_t seed, const char *kind, const char *scope, uint64_t n, char *buf);
/* A GUID that nobody has seen before: for request ids a client did not send. */
void sb_ident_fresh(char buf[SB_GUID]);
void sb_ident_upper(char *text);

#endif
