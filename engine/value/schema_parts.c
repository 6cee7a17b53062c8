/* schema_parts.c: the members of objects and the items of arrays. */
#include <string.h>

#include "value/schema_priv.h"

/* ---- objects ---- */

static void mark(struct wf__sseen *seen, size_t index)
{
    if (seen && index < seen->count)
        seen->list[index] = true;
}

static int check_required(
    const jv *names, const jv *value, const char *because, const struct wf__splace *at, struct wf_err *err)
{
    int count = jv_array_length(jv_copy(*names)), rc = 0;

    for (int i = 0; i < count && !rc; i++) {
        jv name = jv_array_get(jv_copy(*names), i);

        if (!jv_object_has(jv_copy(*value), jv_copy(name))) {
            const char *text = jv_string_value(name);

            rc = because
                     ? wf__swrong(at, err, "must have the property \"%.80s\" because it has \"%.80s\"", text, because)
                     : wf__swrong(at, err, "must have the property \"%.80s\"", text);
        }
        jv_free(name);
    }
    return rc;
}

static int check_counts(const struct wf__snode *node, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    int rc = jv_is_valid(node->required) ? check_required(&node->required, value, NULL, at, err) : 0;
    double count = jv_object_length(jv_copy(*value));

    if (!rc && node->min_properties.set && count < node->min_properties.value)
        return wf__swrong(at, err, "must have at least %.0f properties, has %.0f", node->min_properties.value, count);
    if (!rc && node->max_properties.set && count > node->max_properties.value)
        return wf__swrong(at, err, "must have at most %.0f properties, has %.0f", node->max_properties.value, count);
    if (rc || !jv_is_valid(node->dependent_required))
        return rc;
    jv_object_foreach(node->dependent_required, key, names) {
        if (!rc && jv_object_has(jv_copy(*value), jv_copy(key)))
            rc = check_required(&names, value, jv_string_value(key), at, err);
        jv_free(key);
        jv_free(names);
    }
    return rc;
}

/* A property that is not allowed: which one was meant? */
static int unknown_property(
    const struct wf__snode *node, const char *name, const struct wf__splace *at, struct wf_err *err)
{
    int rc = wf__swrong(at, err, "is not allowed: there is no such property");

    if (err && jv_is_valid(node->properties.index)) {
        jv allowed = jv_keys(jv_copy(node->properties.index));

        wf__shint_strings(name, &allowed, "allowed are", err);
        jv_free(allowed);
    }
    return rc;
}

struct object {
    struct wf__scheck *check;
    const struct wf__snode *node;
    struct wf__sseen *seen;
    struct wf_err *err;
};

static int check_name(const struct object *o, const char *name, const struct wf__splace *at)
{
    struct wf__scheck literal = *o->check;
    jv text = jv_string(name);

    literal.literal = false; /* a name is never an expression */
    int rc = wf__scheck_node(&literal, o->node->property_names, &text, at, NULL, o->err);
    o->check->budget = literal.budget;
    jv_free(text);
    return rc;
}

/* properties and patternProperties. *ret_known: one of them had something to say. */
static int check_known(
    const struct object *o, const jv *key, const jv *value, const struct wf__splace *at, bool *ret_known)
{
    const struct wf__snode *node = o->node;
    const char *name = at->key;
    int rc = 0;

    if (jv_is_valid(node->properties.index)) {
        jv place = jv_object_get(jv_copy(node->properties.index), jv_copy(*key)); /* the key keeps its hash */

        if (jv_is_valid(place)) {
            *ret_known = true;
            rc = wf__scheck_node(
                o->check, node->properties.list[(size_t)jv_number_value(place)].node, value, at, NULL, o->err);
        }
        jv_free(place);
    }
    for (size_t i = 0; i < node->pattern_properties.count && !rc; i++) {
        const struct wf__smember *member = &node->pattern_properties.list[i];
        int match = wf__spattern_match(&member->pattern, name, strlen(name));

        if (match < 0)
            return wf_err_set(o->err, WF_ELIMIT, "matching the pattern %.100s takes too long", member->name);
        if (match == 0)
            continue;
        *ret_known = true;
        rc = wf__scheck_node(o->check, member->node, value, at, NULL, o->err);
    }
    return rc;
}

static int check_member(
    const struct object *o, const jv *key, const jv *value, size_t index, const struct wf__splace *up)
{
    const struct wf__snode *node = o->node, *rest = node->additional_properties;
    const char *name = jv_string_value(*key);
    struct wf__splace at = {.up = up, .key = name};
    bool known = false;
    int rc = node->property_names ? check_name(o, name, &at) : 0;

    if (!rc)
        rc = check_known(o, key, value, &at, &known);
    if (!rc && !known && rest) {
        known = true;
        rc = rest->never ? unknown_property(node, name, &at, o->err)
                         : wf__scheck_node(o->check, rest, value, &at, NULL, o->err);
    }
    if (known)
        mark(o->seen, index);
    return rc;
}

/* After all members: those that nobody looked at. */
static int check_unevaluated(
    const struct object *o, const jv *key, const jv *value, size_t index, const struct wf__splace *up)
{
    const struct wf__snode *rest = o->node->unevaluated_properties;
    const char *name = jv_string_value(*key);
    struct wf__splace at = {.up = up, .key = name};

    if (o->seen->list[index])
        return 0;
    mark(o->seen, index);
    return rest->never ? unknown_property(o->node, name, &at, o->err)
                       : wf__scheck_node(o->check, rest, value, &at, NULL, o->err);
}

static int each_member(const struct object *o, const jv *value, const struct wf__splace *at,
    int (*visit)(const struct object *, const jv *, const jv *, size_t, const struct wf__splace *))
{
    size_t index = 0;
    int rc = 0;

    for (int it = jv_object_iter(*value); !rc && jv_object_iter_valid(*value, it);
         it = jv_object_iter_next(*value, it)) {
        jv key = jv_object_iter_key(*value, it), member = jv_object_iter_value(*value, it);

        rc = visit(o, &key, &member, index++, at);
        jv_free(key);
        jv_free(member);
    }
    return rc;
}

/* Does a keyword look at the members one by one? Most objects in a schema only say which must be there. */
static bool has_members(const struct wf__snode *node)
{
    return jv_is_valid(node->properties.index) || node->pattern_properties.count > 0 || node->additional_properties ||
           node->property_names;
}

int wf__scheck_object(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    struct object o = {check, node, seen, err};
    int rc = has_members(node) ? each_member(&o, value, at, check_member) : 0;

    if (!rc)
        rc = check_counts(node, value, at, err);
    if (!rc && node->unevaluated_properties)
        rc = each_member(&o, value, at, check_unevaluated);
    return rc;
}

/* ---- arrays ---- */

static int check_unique(struct wf__scheck *check, const jv *value, const struct wf__splace *at, struct wf_err *err)
{
    jv sorted = jv_sort(jv_copy(*value), jv_copy(*value));
    int count = jv_array_length(jv_copy(sorted)), rc = 0;

    for (int i = 1; i < count && !rc; i++) {
        jv a = jv_array_get(jv_copy(sorted), i - 1), b = jv_array_get(jv_copy(sorted), i);
        char shown[WF__SSHOWN];

        /* Two equal expressions may give different values. */
        if (jv_equal(jv_copy(a), jv_copy(b)) && !(check->literal && wf__sexpression(&a)))
            rc = err ? wf__swrong(at, err, "must have no item twice, has %s twice", wf__sshow(&a, shown)) : WF_EINVAL;
        jv_free(a);
        jv_free(b);
    }
    jv_free(sorted);
    return rc;
}

static int check_contains(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    int count = jv_array_length(jv_copy(*value));
    double found = 0, least = node->min_contains.set ? node->min_contains.value : 1;
    bool passed_before = check->passed;

    check->passed = false;
    for (int i = 0; i < count; i++) {
        jv item = jv_array_get(jv_copy(*value), i);
        struct wf__splace place = {.up = at, .index = (size_t)i};
        int rc = wf__scheck_node(check, node->contains, &item, &place, NULL, NULL);

        jv_free(item);
        if (rc == WF_ELIMIT)
            return wf_err_set(err, rc, "the schema under `contains` takes too long to check");
        found += rc == 0;
        if (rc == 0)
            mark(seen, (size_t)i);
    }
    bool sure = !check->passed;
    check->passed = check->passed || passed_before;
    if (found < least)
        return wf__swrong(at, err, "must have at least %.0f item(s) of the form asked for, has %.0f", least, found);
    if (node->max_contains.set && found > node->max_contains.value && sure)
        return wf__swrong(
            at, err, "must have at most %.0f item(s) of that form, has %.0f", node->max_contains.value, found);
    return 0;
}

static int check_items(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    size_t count = (size_t)jv_array_length(jv_copy(*value)), prefix = node->prefix_items.count;
    int rc = 0;

    for (size_t i = 0; i < count && !rc; i++) {
        const struct wf__snode *form = i < prefix ? node->prefix_items.list[i] : node->items;

        if (!form)
            break;
        jv item = jv_array_get(jv_copy(*value), (int)i);
        struct wf__splace place = {.up = at, .index = i};
        rc = wf__scheck_node(check, form, &item, &place, NULL, err);
        jv_free(item);
        mark(seen, i);
    }
    return rc;
}

static int check_unevaluated_items(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    int rc = 0;

    for (size_t i = 0; i < seen->count && !rc; i++) {
        if (seen->list[i])
            continue;
        jv item = jv_array_get(jv_copy(*value), (int)i);
        struct wf__splace place = {.up = at, .index = i};

        rc = wf__scheck_node(check, node->unevaluated_items, &item, &place, NULL, err);
        jv_free(item);
        mark(seen, i);
    }
    return rc;
}

int wf__scheck_array(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *at, struct wf__sseen *seen, struct wf_err *err)
{
    double count = jv_array_length(jv_copy(*value));
    int rc = 0;

    if (node->min_items.set && count < node->min_items.value)
        return wf__swrong(at, err, "must have at least %.0f item(s), has %.0f", node->min_items.value, count);
    if (node->max_items.set && count > node->max_items.value)
        return wf__swrong(at, err, "must have at most %.0f item(s), has %.0f", node->max_items.value, count);
    if (node->items || node->prefix_items.count > 0)
        rc = check_items(check, node, value, at, seen, err);
    if (!rc && node->unique_items)
        rc = check_unique(check, value, at, err);
    if (!rc && node->contains)
        rc = check_contains(check, node, value, at, seen, err);
    if (!rc && node->unevaluated_items)
        rc = check_unevaluated_items(check, node, value, at, seen, err);
    return rc;
}
