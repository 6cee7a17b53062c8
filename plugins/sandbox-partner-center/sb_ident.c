/* sb_ident.c: ids and chances that depend on the random seed only. */
#include "sb_ident.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The finaliser of splitmix64. */
uint64_t sb_ident_mix(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* FNV-1a, mixed at the end. */
uint64_t sb_ident_digest(uint64_t start, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = start ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return sb_ident_mix(hash);
}

double sb_ident_chance(uint64_t seed, uint64_t ordinal)
{
    return (double)(sb_ident_mix(sb_ident_mix(seed) ^ ordinal) >> 11) * 0x1.0p-53;
}

/* Scopes are ids in any case: the digest must not see the difference. */
static uint64_t digest_of(uint64_t seed, const char *kind, const char *scope, uint64_t n)
{
    char lower[128];
    size_t len = 0;
    for (; scope[len] && len < sizeof lower; len++)
        lower[len] = (char)tolower((unsigned char)scope[len]);
    uint64_t hash = sb_ident_digest(seed, kind, strlen(kind));
    return sb_ident_mix(sb_ident_digest(hash, lower, len) ^ n);
}

static void write_guid(uint64_t high, uint64_t low, char buf[SB_GUID])
{
    snprintf(buf, SB_GUID, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffff,
        (unsigned)high & 0xfff, ((unsigned)(low >> 48) & 0x3fff) | 0x8000,
        (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

const char *sb_ident_guid(uint64_t seed, const char *kind, const char *scope, uint64_t n, char buf[SB_GUID])
{
    uint64_t high = digest_of(seed, kind, scope, n);
    write_guid(high, sb_ident_mix(high), buf);
    return buf;
}

const char *sb_ident_short(uint64_t seed, const char *kind, const char *scope, uint64_t n, char *buf)
{
    static const char letters[] = "0123456789BCDFGHJKLMNPQRSTVWXZ";
    uint64_t value = digest_of(seed, kind, scope, n);
    for (int i = 0; i < 12; i++, value /= sizeof letters - 1)
        buf[i] = letters[value % (sizeof letters - 1)];
    buf[12] = '\0';
    return buf;
}

void sb_ident_fresh(char buf[SB_GUID])
{
    static _Atomic uint64_t count;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    uint64_t high = sb_ident_mix((uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec);
    write_guid(high, sb_ident_mix(high ^ atomic_fetch_add(&count, 1)), buf);
}

void sb_ident_upper(char *text)
{
    for (; *text; text++)
        *text = (char)toupper((unsigned char)*text);
}
