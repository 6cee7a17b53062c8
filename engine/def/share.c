/* share.c: counts and percents of the items of a `for`. See share.h. */
#include "def/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNT 1e9

int wf_share_read(const jv *value, struct wf_share *ret, struct wf_err *err)
{
    struct wf_share share = {0};
    char *end = NULL;
    bool good = false;

    if (jv_get_kind(*value) == JV_KIND_NUMBER) {
        share.amount = jv_number_value(*value);
        good = share.amount >= 0 && share.amount <= MAX_COUNT && share.amount == floor(share.amount);
    } else if (jv_get_kind(*value) == JV_KIND_STRING) {
        const char *text = jv_string_value(*value);
        share.percent = true;
        share.amount = strtod(text, &end);
        good = text[0] >= '0' && text[0] <= '9' && strcmp(end, "%") == 0 && share.amount <= 100;
    }
    if (!good) {
        wf_err_set(err, WF_EINVAL, "neither a count of items nor a part of them");
        wf_err_hint(err, "write a whole number such as 5, or a text such as \"10%%\"");
        return WF_EINVAL;
    }
    *ret = share;
    return 0;
}

static int check_grows(struct wf_share before, struct wf_share share, struct wf_err *err)
{
    if (share.amount == 0)
        return wf_err_set(err, WF_EINVAL, "a wave of nothing");
    if (before.percent == share.percent && share.amount <= before.amount) {
        wf_err_set(err, WF_EINVAL, "not more than the wave before it");
        wf_err_hint(err, "waves are counted from the first item: [1, \"10%%\", \"100%%\"]");
        return WF_EINVAL;
    }
    return 0;
}

int wf_waves_check(const jv *list, int *ret_at, struct wf_err *err)
{
    struct wf_share before = {0}, share = {0};
    int count = jv_get_kind(*list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(*list)) : 0;

    *ret_at = -1;
    for (int i = 0; i < count; i++) {
        jv item = jv_array_get(jv_copy(*list), i);
        int rc = wf_share_read(&item, &share, err);
        jv_free(item);
        if (rc == 0 && (i > 0 || share.amount == 0))
            rc = check_grows(before, share, err);
        if (rc != 0) {
            *ret_at = i;
            return rc;
        }
        before = share;
    }
    if (count > 0 && share.percent && share.amount == 100)
        return 0;
    wf_err_set(err, WF_EINVAL, count == 0 ? "waves must be a list of shares" : "the waves do not reach all items");
    wf_err_hint(err, "end with \"100%%\": [1, \"10%%\", \"100%%\"]");
    return WF_EINVAL;
}

size_t wf_share_of(struct wf_share share, size_t total, bool round_up)
{
    double count = share.amount;

    if (share.percent) {
        count = (double)total * share.amount / 100;
        count = round_up ? ceil(count - 1e-9) : floor(count + 1e-9); /* 7% of 100 are 7, whatever the binary fraction */
    }
    return count < (double)total ? (size_t)count : total;
}
