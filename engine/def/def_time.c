/* def_time.c: durations in their three forms, and timeouts. */
#include <stdio.h>

#include "def/expr_def.h"
#include "def/load.h"

#define MAX_MS INT64_C(315360000000000) /* 10,000 years, as the text form */

static void parse_units(struct wf__load *ld, const struct wf_node *node, const char *what, struct wf_duration_def *ret)
{
    static const struct wf__prop props[] = {
        {"days", WF__NUMBER, false},
        {"hours", WF__NUMBER, false},
        {"minutes", WF__NUMBER, false},
        {"seconds", WF__NUMBER, false},
        {"milliseconds", WF__NUMBER, false},
        {NULL, 0, false},
    };
    static const int64_t unit_ms[] = {86400000, 3600000, 60000, 1000, 1};
    wf__shape_check(ld->diags, node, node->loc, what, props, NULL);
    if (node->count == 0)
        wf__error(ld, 201, node->loc, NULL, "%s needs one of days, hours, minutes, seconds, milliseconds", what);
    for (size_t i = 0; props[i].key; i++) {
        const struct wf_node *unit = wf__member(node, props[i].key, WF__NUMBER);
        int64_t n;
        char name[32];
        snprintf(name, sizeof name, "`%s`", props[i].key);
        if (unit && wf__integer(ld->diags, unit, name, 0, MAX_MS / unit_ms[i], &n))
            ret->fixed.ms += n * unit_ms[i];
    }
    if (ret->fixed.ms > MAX_MS)
        wf__error(ld, 205, node->loc, NULL, "%s is longer than 10,000 years", what);
}

void wf__duration(struct wf__load *ld, const struct wf_node *node, const char *what, const char *const *vars,
    struct wf_duration_def *ret)
{
    if (!node)
        return;
    if (node->kind == WF_NODE_MAP) {
        parse_units(ld, node, what, ret);
    } else if (wf__expr_is_marked(node->text, node->len)) {
        ret->dynamic = wf__tmpl(ld, node, WF_TMPL_DATA, vars);
    } else {
        struct wf_err err = {.code = 0};
        if (wf_duration_parse(node->text, &ret->fixed, &err) != 0)
            wf__error(ld, 205, node->loc, "write PT15M, P1DT12H or a map such as {minutes: 15}",
                "%s is no ISO 8601 duration: %s", what, err.msg);
    }
}

const struct wf_duration_def *wf__timeout(struct wf__load *ld, const struct wf_node *map, const char *const *vars)
{
    static const struct wf__prop props[] = {{"after", WF__STRING | WF__MAP, true}, {NULL, 0, false}};
    const struct wf_node *node = wf__member(map, "timeout", WF__STRING | WF__MAP);
    struct wf_loc owner = wf__key_loc(map, "timeout");
    if (node && node->kind == WF_NODE_STRING)
        node = wf__use_find(ld, WF__USE_TIMEOUTS, node);
    if (!node || !wf__shape_check(ld->diags, node, owner, "a timeout", props, NULL))
        return NULL;
    struct wf_duration_def *timeout = wf__alloc(ld, sizeof *timeout);
    wf__duration(ld, wf__member(node, "after", WF__STRING | WF__MAP), "`after`", vars, timeout);
    return timeout;
}
