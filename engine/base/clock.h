/* clock.h: real time and ISO 8601. Only loop/ and host/ ask for the real time; everybody else asks the loop's clock. */
#ifndef WF_BASE_CLOCK_H
#define WF_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wf_err;

int64_t wf_clock_real_ms(void); /* since 1970 */
int64_t wf_clock_mono_ms(void); /* steady */
#define WF_TIME_TEXT 32
void wf_time_format(int64_t ms, char ret_text[WF_TIME_TEXT]); /* 2026-01-31T10:00:00.000Z */

/* A duration as written: months (and years) have no fixed length. */
struct wf_duration {
    int64_t ms;
    int32_t months;
};
/* ISO 8601 `P[nY][nM][nW][nD][T[nH][nM][nS]]` with decimals. Limit: 10,000 years. */
int wf_duration_parse(const char *text, struct wf_duration *ret, struct wf_err *);
int64_t wf_duration_from(struct wf_duration, int64_t start_ms); /* the end, by the calendar in UTC */
int64_t wf_duration_ms(struct wf_duration);                     /* with months of 30 and years of 365 days */

#endif
