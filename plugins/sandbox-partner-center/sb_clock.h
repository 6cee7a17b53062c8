/* sb_clock.h: the virtual clock, and times as the service writes them. */
#ifndef SB_CLOCK_H
#define SB_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SB_TIME_TEXT 32 /* bytes of a formatted time, NUL included */

#define SB_SECOND_MS INT64_C(1000)
#define SB_MINUTE_MS (60 * SB_SECOND_MS)
#define SB_DAY_MS    (24 * 60 * SB_MINUTE_MS)

/* Runs with real time, moved by an offset. Any thread. */
struct sb_clock {
    _Atomic int64_t offset_ms;
};

int64_t sb_clock_now(const struct sb_clock *clock);
void sb_clock_set(struct sb_clock *clock, int64_t now_ms);

/* ISO 8601 in UTC, such as 2026-03-01T10:00:00Z or, with a fraction, 2026-03-01T10:00:00.157Z. Returns buf. */
const char *sb_clock_format(int64_t at_ms, char buf[SB_TIME_TEXT]);
/* Accepts a date, a time with a fraction of 1 to 7 digits, Z or an offset, and 6/1/2017 12:00:00 AM. */
bool sb_clock_parse(const char *text, int64_t *ret_ms);
/* The same day and time some months later, or earlier when negative; the last day of the month when it has no such day. */
int64_t sb_clock_add_months(int64_t at_ms, int months);

#endif
