/* clock.c: real time, ISO 8601 durations and calendar arithmetic in UTC. */
#include "base/clock.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#define MS_DAY      ((int64_t)86400000)
#define YEARS_LIMIT 10000

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t wf_clock_real_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t wf_clock_mono_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Splits ms into whole seconds and 0..999 ms, also before 1970. */
static time_t split_ms(int64_t ms, int *ret_rest)
{
    int64_t rest = ms % 1000;

    if (rest < 0)
        rest += 1000;
    *ret_rest = (int)rest;
    return (time_t)((ms - rest) / 1000);
}

void wf_time_format(int64_t ms, char ret_text[WF_TIME_TEXT])
{
    int rest;
    time_t seconds = split_ms(ms, &rest);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || tm.tm_year > 9999 - 1900 || tm.tm_year < -1900) {
        snprintf(ret_text, WF_TIME_TEXT, "9999-12-31T23:59:59.999Z"); /* the last time the format can say */
        return;
    }
    size_t len = strftime(ret_text, WF_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_text + len, WF_TIME_TEXT - len, ".%03dZ", rest);
    if (tm.tm_year < 1000 - 1900) { /* strftime does not pad years */
        char text[WF_TIME_TEXT];

        snprintf(text, sizeof text, "%s", ret_text);
        snprintf(ret_text, WF_TIME_TEXT, "%04d%s", tm.tm_year + 1900, strchr(text, '-'));
    }
}

/* Reads digits with an optional fraction (`.` or `,`). Own code because strtod takes signs, hex, and the locale's
 * point. */
static const char *read_decimal(const char *p, double *ret)
{
    double value = 0, scale = 1;

    if (!isdigit((unsigned char)*p))
        return NULL;
    for (; isdigit((unsigned char)*p); p++)
        value = value * 10 + (*p - '0');
    if (*p == '.' || *p == ',') {
        p++;
        if (!isdigit((unsigned char)*p))
            return NULL;
        for (; isdigit((unsigned char)*p); p++) {
            scale *= 10;
            value += (*p - '0') / scale;
        }
    }
    *ret = value;
    return p;
}

struct unit {
    char letter;
    double ms;     /* of one, when its length is fixed */
    double months; /* of one, when it is not */
};

/* The two halves of a duration, before and after the T, each in the only order allowed. */
static const struct unit date_units[] = {
    {'Y', 0, 12}, {'M', 0, 1}, {'W', 7.0 * MS_DAY, 0}, {'D', MS_DAY, 0}, {0, 0, 0}};
static const struct unit time_units[] = {{'H', 3600e3, 0}, {'M', 60e3, 0}, {'S', 1e3, 0}, {0, 0, 0}};

int wf_duration_parse(const char *text, struct wf_duration *ret, struct wf_err *err)
{
    const struct unit *unit = date_units;
    const char *p = text;
    double ms = 0, months = 0;
    int parts = 0, parts_before_t = -1;

    if (*p++ != 'P')
        goto bad;
    while (*p) {
        double number;

        if (*p == 'T' && parts_before_t < 0) {
            parts_before_t = parts;
            unit = time_units;
            p++;
            continue;
        }
        if (!(p = read_decimal(p, &number)))
            goto bad;
        while (unit->letter && unit->letter != *p)
            unit++;
        if (!unit->letter)
            goto bad;
        ms += number * unit->ms;
        months += number * unit->months;
        unit++;
        p++;
        parts++;
    }
    if (parts == 0 || parts == parts_before_t)
        goto bad;
    /* Part of a month has no calendar meaning: count it in days of a 30-day month. */
    ms += (months - floor(months)) * 30 * (double)MS_DAY;
    if (months > YEARS_LIMIT * 12.0 || ms > YEARS_LIMIT * 366.0 * (double)MS_DAY)
        return wf_err_set(err, WF_ELIMIT, "the duration \"%.60s\" is longer than %d years", text, YEARS_LIMIT);
    *ret = (struct wf_duration){.ms = (int64_t)llround(ms), .months = (int32_t)floor(months)};
    return 0;
bad:
    wf_err_hint(
        err, "write P, then parts such as 2D, then T and parts such as 1H30M: \"PT15M\", \"P1DT12H\", \"PT0.5S\"");
    return wf_err_set(err, WF_EINVAL, "\"%.60s\" is not an ISO 8601 duration", text);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month] + (month == 1 && leap);
}

int64_t wf_duration_from(struct wf_duration duration, int64_t start_ms)
{
    if (duration.months == 0)
        return start_ms + duration.ms;
    int rest;
    time_t seconds = split_ms(start_ms, &rest);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm))
        return start_ms + wf_duration_ms(duration);
    int months = tm.tm_year * 12 + tm.tm_mon + duration.months;
    tm.tm_year = months / 12;
    tm.tm_mon = months % 12;
    if (tm.tm_mon < 0) {
        tm.tm_mon += 12;
        tm.tm_year--;
    }
    /* A month after 31 January is the last of February, not a day in March. */
    int last = days_in_month(tm.tm_year + 1900, tm.tm_mon);
    if (tm.tm_mday > last)
        tm.tm_mday = last;
    return (int64_t)timegm(&tm) * 1000 + rest + duration.ms;
}

int64_t wf_duration_ms(struct wf_duration duration)
{
    return duration.ms + (duration.months / 12 * 365 + duration.months % 12 * 30) * MS_DAY;
}
