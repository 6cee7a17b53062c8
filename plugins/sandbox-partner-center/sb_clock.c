/* sb_clock.c: the virtual clock, and times as the service writes them. */
#include "sb_clock.h"

#include <stdio.h>
#include <time.h>

static int64_t real_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t sb_clock_now(const struct sb_clock *clock)
{
    return real_now() + atomic_load(&clock->offset_ms);
}

void sb_clock_set(struct sb_clock *clock, int64_t now_ms)
{
    atomic_store(&clock->offset_ms, now_ms - real_now());
}

static struct tm broken_down(int64_t at_ms, int64_t *ret_fraction)
{
    int64_t fraction = at_ms % 1000;
    if (fraction < 0)
        fraction += 1000;
    time_t seconds = (time_t)((at_ms - fraction) / 1000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    *ret_fraction = fraction;
    return tm;
}

const char *sb_clock_format(int64_t at_ms, char buf[SB_TIME_TEXT])
{
    int64_t fraction;
    struct tm tm = broken_down(at_ms, &fraction);
    size_t len = strftime(buf, SB_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    if (fraction)
        snprintf(buf + len, SB_TIME_TEXT - len, ".%03dZ", (int)fraction);
    else
        snprintf(buf + len, SB_TIME_TEXT - len, "Z");
    return buf;
}

static int64_t from_parts(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900,
        .tm_mon = month - 1,
        .tm_mday = day,
        .tm_hour = hour,
        .tm_min = minute,
        .tm_sec = second};
    return (int64_t)timegm(&tm) * 1000;
}

/* The fraction and the zone behind the seconds: ".157-07:00". */
static bool parse_tail(const char *tail, int64_t *ret_shift_ms)
{
    int64_t shift = 0;
    if (*tail == '.') {
        int64_t unit = 100;
        for (tail++; *tail >= '0' && *tail <= '9'; tail++, unit /= 10)
            shift += (*tail - '0') * unit;
    }
    int hours, minutes;
    if (*tail == '+' || *tail == '-') {
        if (sscanf(tail + 1, "%2d:%2d", &hours, &minutes) != 2)
            return false;
        int64_t offset = (hours * 60 + minutes) * SB_MINUTE_MS;
        shift += *tail == '+' ? -offset : offset;
    } else if (*tail && *tail != 'Z' && *tail != 'z') {
        return false;
    }
    *ret_shift_ms = shift;
    return true;
}

static bool parse_american(const char *text, int64_t *ret_ms)
{
    int month, day, year, hour = 0, minute = 0, second = 0;
    char half[3] = "";
    int n = sscanf(text, "%2d/%2d/%4d %2d:%2d:%2d %2s", &month, &day, &year, &hour, &minute, &second, half);
    if (n != 3 && n != 7)
        return false;
    if (n == 7)
        hour = hour % 12 + (half[0] == 'P' || half[0] == 'p' ? 12 : 0);
    *ret_ms = from_parts(year, month, day, hour, minute, second);
    return true;
}

bool sb_clock_parse(const char *text, int64_t *ret_ms)
{
    int year, month, day, hour = 0, minute = 0, second = 0, used = 0;
    int64_t shift = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3)
        return parse_american(text, ret_ms);
    text += used;
    if (*text == 'T' || *text == ' ') {
        used = 0;
        if (sscanf(text + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3 ||
            !parse_tail(text + 1 + used, &shift))
            return false;
    } else if (*text) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
        return false;
    *ret_ms = from_parts(year, month, day, hour, minute, second) + shift;
    return true;
}

int64_t sb_clock_add_months(int64_t at_ms, int months)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t fraction;
    struct tm tm = broken_down(at_ms, &fraction);
    int count = (tm.tm_year + 1900) * 12 + tm.tm_mon + months;
    int year = count / 12, month = count % 12;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int last = days[month] + (month == 1 && leap);
    int day = tm.tm_mday < last ? tm.tm_mday : last;
    return from_parts(year, month + 1, day, tm.tm_hour, tm.tm_min, tm.tm_sec) + fraction;
}
