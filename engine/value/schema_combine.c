/* schema_combine.c: references, allOf, anyOf, oneOf, not, if and dependentSchemas: schemas applied to the same value.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "value/schema_priv.h"

/* One value at one place. */
struct at {
    struct wf__scheck *check;
    const jv *value;
    const struct wf__splace *place;
    struct wf__sseen *seen;
};

/* Applies a schema whose failure is no failure of the whole: what it has seen counts only when it fits. */
static int attempt(const struct at *at, const struct wf__snode *node, struct wf_err *err)
{
    struct wf__sseen own = {0};

    if (at->seen) {
        own.count = at->seen->count;
        own.list = wf_calloc(own.count, sizeof *own.list);
    }
    int rc = wf__scheck_node(at->check, node, at->value, at->place, at->seen ? &own : NULL, err);
    for (size_t i = 0; i < own.count && rc == 0; i++)
        at->seen->list[i] = at->seen->list[i] || own.list[i];
    free(own.list);
    return rc;
}

static int slashes(const char *pointer)
{
    int count = 0;

    for (; *pointer; pointer++)
        count += *pointer == '/';
    return count;
}

/* Of the reasons why alternatives failed, the one that got deepest into the value tells most. */
static void keep_deepest(struct wf_err *best, const struct wf_err *err)
{
    if (best->msg[0] == '\0' || slashes(err->pointer) > slashes(best->pointer))
        *best = *err;
}

/* How many of the list fit (*ret_fit). Stops after the first when one is enough and nobody keeps book. */
static int count_fitting(
    const struct at *at, const struct wf__slist *list, bool one_is_enough, size_t *ret_fit, struct wf_err *best)
{
    size_t fit = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct wf_err *err = best ? wf_calloc(1, sizeof *err) : NULL;
        int rc = attempt(at, list->list[i], err);

        if (rc == WF_EINVAL && best)
            keep_deepest(best, err);
        if (rc == WF_ELIMIT && best)
            *best = *err;
        free(err);
        if (rc == WF_ELIMIT)
            return rc;
        fit += rc == 0;
        if (fit > 0 && one_is_enough && !at->seen)
            break;
    }
    *ret_fit = fit;
    return 0;
}

/* anyOf and oneOf. */
static int check_alternatives(const struct at *at, const struct wf__slist *list, bool just_one, struct wf_err *err)
{
    if (list->count == 0)
        return 0;
    struct wf_err *best = err ? wf_calloc(1, sizeof *best) : NULL;
    bool passed_before = at->check->passed;
    size_t fit = 0;

    at->check->passed = false;
    int rc = count_fitting(at, list, !just_one, &fit, best);
    if (rc == WF_ELIMIT) {
        if (err)
            *err = *best;
    } else if (fit == 0) {
        int here = 0;

        for (const struct wf__splace *p = at->place; p; p = p->up)
            here++;
        rc = WF_EINVAL;
        if (err && (list->count == 1 || slashes(best->pointer) > here))
            *err = *best;
        else if (err)
            wf__swrong(
                at->place, err, "fits none of the %zu allowed forms; one of them: %.250s", list->count, best->msg);
    } else if (just_one && fit > 1 && !at->check->passed) {
        rc = wf__swrong(at->place, err, "must fit exactly one of the %zu allowed forms, fits %zu", list->count, fit);
    }
    at->check->passed = at->check->passed || passed_before;
    free(best);
    return rc;
}

/* Does it fit, and may we rely on the answer (*ret_sure)? An expression that passed could be anything. */
static int fits(const struct at *at, const struct wf__snode *node, bool *ret_fits, bool *ret_sure)
{
    bool passed_before = at->check->passed;

    at->check->passed = false;
    int rc = attempt(at, node, NULL);
    *ret_fits = rc == 0;
    *ret_sure = !at->check->passed;
    at->check->passed = at->check->passed || passed_before;
    return rc == WF_ELIMIT ? rc : 0;
}

static int check_not(const struct at *at, const struct wf__snode *node, struct wf_err *err)
{
    /* What a negated schema has seen never counts. */
    struct at blind = {at->check, at->value, at->place, NULL};
    bool fitting, sure;
    int rc = fits(&blind, node, &fitting, &sure);

    if (rc)
        return wf_err_set(err, rc, "the schema under `not` takes too long to check");
    return fitting && sure ? wf__swrong(at->place, err, "has a form that is not allowed") : 0;
}

static int check_if(const struct at *at, const struct wf__snode *node, struct wf_err *err)
{
    bool fitting, sure;
    int rc = fits(at, node->if_node, &fitting, &sure);

    if (rc)
        return wf_err_set(err, rc, "the schema under `if` takes too long to check");
    const struct wf__snode *next = fitting ? node->then_node : node->else_node;
    return next && sure ? wf__scheck_node(at->check, next, at->value, at->place, at->seen, err) : 0;
}

static int check_dependent(const struct at *at, const struct wf__smap *map, struct wf_err *err)
{
    int rc = 0;

    for (size_t i = 0; i < map->count && !rc; i++) {
        if (jv_object_has(jv_copy(*at->value), jv_string(map->list[i].name)))
            rc = wf__scheck_node(at->check, map->list[i].node, at->value, at->place, at->seen, err);
    }
    return rc;
}

int wf__scheck_combined(struct wf__scheck *check, const struct wf__snode *node, const jv *value,
    const struct wf__splace *place, struct wf__sseen *seen, struct wf_err *err)
{
    struct at at = {check, value, place, seen};
    int rc = 0;

    if (node->ref)
        rc = wf__scheck_node(check, node->ref, value, place, seen, err);
    if (!rc && node->dynamic_ref)
        rc = wf__scheck_node(check, node->dynamic_ref, value, place, seen, err);
    for (size_t i = 0; i < node->all_of.count && !rc; i++)
        rc = wf__scheck_node(check, node->all_of.list[i], value, place, seen, err);
    if (!rc)
        rc = check_alternatives(&at, &node->any_of, false, err);
    if (!rc)
        rc = check_alternatives(&at, &node->one_of, true, err);
    if (!rc && node->negated)
        rc = check_not(&at, node->negated, err);
    if (!rc && node->if_node)
        rc = check_if(&at, node, err);
    if (!rc && jv_get_kind(*value) == JV_KIND_OBJECT)
        rc = check_dependent(&at, &node->dependent_schemas, err);
    return rc;
}
