/* pc_time.c: dates in all the forms the service has been seen to write, and ISO 8601 durations. */
#define _GNU_SOURCE /* timegm */
#include "pc_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <time.h>

/* "Z", "+01:00", "-0700" or nothing (which is UTC, too): minutes east of Greenwich. */
static int zone_minutes(const char *text)
{
    int hours, minutes;
    if (*text != '+' && *text != '-')
        return 0;
    int sign = *text == '-' ? -1 : 1;
    if (sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2 && sscanf(text + 1, "%2d%2d", &hours, &minutes) != 2)
        return 0;
    return sign * (hours * 60 + minutes);
}

int64_t pc_date(const char *text)
{
    struct tm tm = {0};
    int used = 0;
    if (!text || sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) != 3)
        return -1;
    const char *rest = text + used;
    int64_t fraction = 0;
    if (*rest == 'T' || *rest == 't' || *rest == ' ') {
        if (sscanf(rest + 1, "%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 3)
            return -1;
        rest += 1 + used;
        if (*rest == '.') {
            int64_t unit = 100;
            for (rest++; isdigit((unsigned char)*rest); rest++, unit /= 10)
                fraction += unit * (*rest - '0');
        }
    }
    if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t ms = (int64_t)timegm(&tm) * 1000 + fraction - (int64_t)zone_minutes(rest) * 60000;
    return ms < 0 ? -1 : ms;
}

const char *pc_date_text(struct pc *pc, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[40];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return pc_text(pc, "%s", text);
}

/* Seconds of one unit letter, before or after the T; 0: no such unit. */
static int64_t unit_seconds(char unit, bool time)
{
    switch (unit) {
    case 'Y':
        return time ? 0 : 365 * 86400;
    case 'M':
        return time ? 60 : 30 * 86400;
    case 'W':
        return time ? 0 : 7 * 86400;
    case 'D':
        return time ? 0 : 86400;
    case 'H':
        return time ? 3600 : 0;
    case 'S':
        return time ? 1 : 0;
    default:
        return 0;
    }
}

int64_t pc_duration(const char *text)
{
    const double longest = 100.0 * 365 * 86400;
    char *end;
    if (!text || !*text)
        return -1;
    if (isdigit((unsigned char)*text)) {
        double seconds = strtod(text, &end);
        return *end || seconds > longest ? -1 : (int64_t)(seconds * 1000);
    }
    if (*text++ != 'P' || !*text)
        return -1;
    double sum = 0;
    bool time = false;
    while (*text) {
        if (*text == 'T') {
            time = true;
            text++;
        }
        if (!isdigit((unsigned char)*text))
            return -1;
        double number = strtod(text, &end);
        int64_t unit = unit_seconds(*end, time);
        if (!unit)
            return -1;
        sum += number * (double)unit;
        text = end + 1;
    }
    return sum > longest ? -1 : (int64_t)(sum * 1000);
}
