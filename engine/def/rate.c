/* rate.c: rates such as 5/s. See rate.h. */
#include "def/rate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PER_UNIT 1e6
#define MIN_PER_UNIT 0.001
#define MAX_BURST    1000000

/* 0: none */
static double unit_us(const char *text)
{
    if (strcmp(text, "/s") == 0)
        return 1e6;
    if (strcmp(text, "/m") == 0)
        return 60e6;
    return strcmp(text, "/h") == 0 ? 3600e6 : 0;
}

/* Rounded up: a little slower rather than too fast. */
int wf_rate_read(const jv *value, int64_t *ret_interval_us, struct wf_err *err)
{
    const char *text = jv_get_kind(*value) == JV_KIND_STRING ? jv_string_value(*value) : "";
    char *end = NULL;
    double count = strtod(text, &end), unit = unit_us(end);

    if (text[0] < '0' || text[0] > '9' || unit == 0 || !(count >= MIN_PER_UNIT && count <= MAX_PER_UNIT)) {
        wf_err_set(err, WF_EINVAL, "not a number in a unit of time");
        wf_err_hint(err, "write \"5/s\", \"300/m\" or \"20/h\"");
        return WF_EINVAL;
    }
    *ret_interval_us = (int64_t)ceil(unit / count);
    return 0;
}

int wf_burst_read(const jv *value, int64_t *ret_burst, struct wf_err *err)
{
    double count = jv_get_kind(*value) == JV_KIND_NUMBER ? jv_number_value(*value) : 0;

    if (!(count >= 1 && count <= MAX_BURST) || count != floor(count)) {
        wf_err_set(err, WF_EINVAL, "not a whole number from 1 to %d", MAX_BURST);
        wf_err_hint(err, "it says how many may begin at once after a pause; without it one");
        return WF_EINVAL;
    }
    *ret_burst = (int64_t)count;
    return 0;
}
