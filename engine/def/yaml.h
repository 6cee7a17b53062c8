/* yaml.h: YAML 1.2 core text to a tree of nodes that know their place. Over libyaml's events.
 *
 * Scalars follow the YAML 1.2 core schema (`on`, `yes`, `no` are text; 0o17 is octal). Duplicate keys are refused;
 * aliases are shared nodes, not copies, and the tree they unfold to is bounded; merge keys (<<) are refused with a
 * word. The same reader serves workflows, inputs, settings and secrets. Any thread. */
#ifndef WF_DEF_YAML_H
#define WF_DEF_YAML_H

#include "base/arena.h"
#include "def/diag.h"
#include "value/val.h"

#define WF_YAML_MAX_BYTES ((size_t)16 << 20)
#define WF_YAML_MAX_DEPTH 100
#define WF_YAML_MAX_NODES 1000000u /* after aliases are unfolded */

enum wf_node_kind { WF_NODE_NULL, WF_NODE_BOOL, WF_NODE_NUMBER, WF_NODE_STRING, WF_NODE_LIST, WF_NODE_MAP };

struct wf_node {
    enum wf_node_kind kind;
    struct wf_loc loc;
    bool boolean;
    double number;
    const char *text; /* of a scalar, as written; of a STRING its value */
    size_t len;
    size_t count;                 /* LIST, MAP */
    const struct wf_node **items; /* LIST: items; MAP: values */
    const struct wf_node **keys;  /* MAP: key nodes, always STRING */
};

/* file is copied and names the places. 0, or WF_EINVAL with findings in diags. Everything lives in the arena. */
int wf_yaml_parse(
    const char *file, const char *text, size_t len, struct wf_arena *, struct wf_diags *, const struct wf_node **ret);
/* The same, for who wants to go on looking: NULL when the text is no YAML, but duplicate keys are findings only (the
 * first one counts). Look at diags->errors. */
const struct wf_node *wf_yaml_parse_lenient(
    const char *file, const char *text, size_t len, struct wf_arena *, struct wf_diags *);
int wf_yaml_read_file(const char *path, char **ret_text, size_t *ret_len, struct wf_err *); /* "-": standard input */
int wf_yaml_read_long_file(const char *path, size_t max, char **ret_text, size_t *ret_len, struct wf_err *);
const struct wf_node *wf_node_get(const struct wf_node *map, const char *key); /* NULL: absent or no map */
const struct wf_node *wf_node_key(const struct wf_node *map, const char *key); /* the key's own node, for its place */
/* Where a JSON Pointer leads to; where it leads nowhere, the last one on the way. path.c */
const struct wf_node *wf_node_at(const struct wf_node *root, const char *pointer);
jv wf_node_path(const struct wf_node *root, const char *pointer); /* the same way as keys and indexes */
jv wf_node_value(const struct wf_node *);                         /* loop thread */
const char *wf_node_kind_name(enum wf_node_kind);                 /* "a list" */

#endif
