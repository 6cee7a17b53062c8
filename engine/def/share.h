/* share.h: how many of the items: a count, or a part in percent. Loop thread. */
#ifndef WF_DEF_SHARE_H
#define WF_DEF_SHARE_H

#include "value/val.h"

struct wf_share {
    double amount; /* a count: whole; percent: 0 to 100 */
    bool percent;
};

/* 5 or "10%". WF_EINVAL with words. */
int wf_share_read(const jv *, struct wf_share *ret, struct wf_err *);
/* Waves: a list of shares that grow and end with "100%". *ret_at: the item that is wrong, when it is one of them. */
int wf_waves_check(const jv *list, int *ret_at, struct wf_err *);
/* Of total items; percents round up for a wave (it has something to do), down for a budget (never more than said).
 */
size_t wf_share_of(struct wf_share, size_t total, bool round_up);

#endif
