/* def_with.c: literal parts of a call's `with` against its step's schema; all findings of one reading. */
#include <stdio.h>
#include <string.h>

#include "def/load.h"

#define MAX_FINDINGS 20

/* An expression fits everywhere: put where a value does not, it lets the next one be found. Where it does not fit
 * either, the key is at fault. Consumes value; invalid when nothing more can be found. */
static jv let_pass(const struct wf_schema *schema, jv path, jv value, const char *pointer, bool *ret_key)
{
    struct wf_err again = {.code = 0};
    if (jv_array_length(jv_copy(path)) == 0) {
        jv_free(path);
        jv_free(value);
        return jv_invalid();
    }
    value = jv_setpath(value, jv_copy(path), jv_string("${ . }"));
    *ret_key = wf_schema_check_literal(schema, &value, &again) != 0 && strcmp(again.pointer, pointer) == 0;
    if (*ret_key)
        value = jv_delpaths(value, JV_ARRAY(jv_copy(path)));
    jv_free(path);
    return value;
}

/* Where the member that a pointer leads to has its key. */
static struct wf_loc key_loc(const struct wf_node *with, const char *pointer)
{
    const struct wf_node *at = wf_node_at(with, pointer);
    char parent[sizeof((struct wf_err *)0)->pointer];
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(pointer, '/') - pointer), pointer);
    const struct wf_node *map = wf_node_at(with, parent);
    for (size_t i = 0; map->kind == WF_NODE_MAP && i < map->count; i++)
        if (map->items[i] == at)
            return map->keys[i]->loc;
    return at->loc;
}

void wf__check_with(struct wf__load *ld, const struct wf_task *task, const struct wf_node *with)
{
    const struct wf_schema *schema = task->call.step->input_schema;
    jv value = with ? wf_node_value(with) : jv_object();
    bool wrong_keys = false;
    for (int n = 0; schema && jv_is_valid(value) && n < MAX_FINDINGS; n++) {
        struct wf_err err = {.code = 0};
        if (wf_schema_check_literal(schema, &value, &err) == 0)
            break;
        bool at_key = false, whole = !with || wf_node_at(with, err.pointer) == with;
        if (whole && wrong_keys)
            break; /* what is missing is what one of them was to be */
        value = let_pass(schema, whole ? jv_array() : wf_node_path(with, err.pointer), value, err.pointer, &at_key);
        wrong_keys = wrong_keys || at_key;
        struct wf_loc loc = whole    ? wf__key_loc(task->node, with ? "with" : "call")
                            : at_key ? key_loc(with, err.pointer)
                                     : wf_node_at(with, err.pointer)->loc;
        if (!err.hint[0])
            wf_err_hint(&err, "`wfrun plugin show %s` shows what it takes", task->call.step->name);
        wf__error(ld, 502, loc, err.hint, "`with` does not fit the step `%s`: %s", task->call.step->name, err.msg);
    }
    jv_free(value);
}
