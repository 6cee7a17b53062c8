/* rate.h: how often: so many in a unit of time, some of them at once. Loop thread. */
#ifndef WF_DEF_RATE_H
#define WF_DEF_RATE_H

#include "value/val.h"

/* "5/s", "300/m" or "0.5/h": one every so many microseconds. WF_EINVAL with words. */
int wf_rate_read(const jv *, int64_t *ret_interval_us, struct wf_err *);
/* How many at once. */
int wf_burst_read(const jv *, int64_t *ret_burst, struct wf_err *);

#endif
