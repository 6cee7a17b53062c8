/* shape.h: does a map have the properties it may have? Tables instead of code. For def and ffi. */
#ifndef WF_DEF_SHAPE_H
#define WF_DEF_SHAPE_H

#include "def/yaml.h"

#define WF__NULL   (1u << WF_NODE_NULL)
#define WF__BOOL   (1u << WF_NODE_BOOL)
#define WF__NUMBER (1u << WF_NODE_NUMBER)
#define WF__STRING (1u << WF_NODE_STRING)
#define WF__LIST   (1u << WF_NODE_LIST)
#define WF__MAP    (1u << WF_NODE_MAP)
#define WF__ANY    0x3Fu

struct wf__prop {
    const char *key;
    unsigned kinds; /* WF__*: what the value may be */
    bool required;
};

/* All findings about one map: not a map, unknown keys (with the closest one), missing keys (at owner), values of a
 * wrong kind. props and more (may be NULL) end with a NULL key. false: it is no map, there is nothing more to look at.
 */
bool wf__shape_check(struct wf_diags *, const struct wf_node *, struct wf_loc owner, const char *what,
    const struct wf__prop *props, const struct wf__prop *more);
/* The same, but other keys are let through. */
bool wf__shape_known(
    struct wf_diags *, const struct wf_node *, struct wf_loc owner, const char *what, const struct wf__prop *props);
/* A member whose kind is one of kinds, else NULL: the wrong ones have been reported. */
const struct wf_node *wf__member(const struct wf_node *map, const char *key, unsigned kinds);
const char *wf__member_text(const struct wf_node *map, const char *key);
/* The place of a member's key, or of the map when there is no such member. */
struct wf_loc wf__key_loc(const struct wf_node *map, const char *key);
/* A whole number from least to most. */
bool wf__integer(
    struct wf_diags *, const struct wf_node *, const char *what, int64_t least, int64_t most, int64_t *ret);
/* The one key of a one-key map such as a task in its list; NULL with a finding. what: "a task". */
const struct wf_node *wf__single_key(struct wf_diags *, const struct wf_node *, const char *what);
/* "did you mean `x`?" or "allowed are a, b, c"; into buf, which is returned. */
const char *wf__hint_names(char *buf, size_t size, const char *word, const char *const *names);

#endif
