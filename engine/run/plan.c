/* plan.c: a plan that is being applied. See plan.h. */
#include "run/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

#define PLAN_MAX (SIZE_MAX / 4) /* of memory: the file has been read already */

struct item {
    const char *step, *path, *facts, *currency, *label, *words;
    uint32_t action;
    int64_t cost_micros;
    bool used;
};

struct wf_plan {
    struct wf_arena *arena;
    struct item *items, **by_facts, **by_path;
    size_t count;
};

/* ---- reading ---- */

static int by_facts(const void *a, const void *b)
{
    const struct item *left = *(struct item *const *)a, *right = *(struct item *const *)b;
    int order = strcmp(left->facts, right->facts);

    if (order == 0)
        order = strcmp(left->step, right->step);
    return order ? order : strcmp(left->path, right->path);
}

static int by_path(const void *a, const void *b)
{
    return strcmp((*(struct item *const *)a)->path, (*(struct item *const *)b)->path);
}

static void item_read(struct wf_plan *plan, struct item *item, const jv *json)
{
    jv facts = wf_val_get(json, "facts"), cost = wf_val_get(json, "cost");
    char *text = jv_is_valid(facts) ? wf_val_canonical(&facts) : NULL;

    item->step = wf_arena_strdup(plan->arena, wf_val_string(json, "step", ""));
    item->path = wf_arena_strdup(plan->arena, wf_val_string(json, "path", ""));
    item->facts = wf_arena_strdup(plan->arena, text ? text : "null");
    item->action = wf_action_of(wf_val_string(json, "action", ""));
    item->label = wf_arena_strdup(plan->arena, wf_val_string(json, "label", ""));
    item->words = wf_arena_strdup(plan->arena, wf_val_string(json, "words", ""));
    item->currency = wf_arena_strdup(plan->arena, wf_val_string(&cost, "currency", ""));
    item->cost_micros = (int64_t)wf_val_number(&cost, "micros", -1);
    free(text);
    jv_free(facts);
    jv_free(cost);
}

int wf_plan_read(const char *text, size_t len, struct wf_plan **ret, struct wf_err *err)
{
    struct wf_plan *plan;
    jv json, items;
    int rc = wf_val_parse_long(text, len, WF_PLAN_MAX, &json, err);

    if (rc != 0)
        return rc;
    items = wf_val_get(&json, "items");
    jv_free(json);
    if (jv_get_kind(items) != JV_KIND_ARRAY) {
        jv_free(items);
        return wf_err_set(err, WF_EINVAL, "it is no plan: it has no list of items");
    }
    plan = wf_calloc(1, sizeof *plan);
    plan->arena = wf_arena_new(PLAN_MAX);
    plan->count = (size_t)jv_array_length(jv_copy(items));
    plan->items = wf_calloc(plan->count + 1, sizeof *plan->items);
    plan->by_facts = wf_calloc(plan->count + 1, sizeof(struct item *));
    plan->by_path = wf_calloc(plan->count + 1, sizeof(struct item *));
    jv_array_foreach(items, i, json_item) {
        plan->by_facts[i] = plan->by_path[i] = &plan->items[i];
        item_read(plan, &plan->items[i], &json_item);
        jv_free(json_item);
    }
    jv_free(items);
    qsort(plan->by_facts, plan->count, sizeof(struct item *), by_facts);
    qsort(plan->by_path, plan->count, sizeof(struct item *), by_path);
    *ret = plan;
    return 0;
}

void wf_plan_free(struct wf_plan *plan)
{
    if (!plan)
        return;
    wf_arena_free(plan->arena);
    free(plan->items);
    free(plan->by_facts);
    free(plan->by_path);
    free(plan);
}

/* ---- taking ---- */

static void add_change(struct wf_buf *words, const char *key, const jv *then, const jv *now)
{
    char *was = jv_is_valid(*then) ? wf_val_text(then) : wf_strdup("not there");
    char *is = jv_is_valid(*now) ? wf_val_text(now) : wf_strdup("not there");

    wf_buf_printf(words, "%s%s was %.200s and is %.200s", words->len ? ", " : "", key, was ? was : "?", is ? is : "?");
    free(was);
    free(is);
}

/* Which members of two objects differ: "quantity was 5 and is 7". */
static char *changes(const char *then_text, const char *now_text)
{
    struct wf_buf words;
    jv then, now, keys;

    wf_buf_init(&words, 2000);
    if (wf_val_parse(then_text, strlen(then_text), &then, NULL) != 0)
        then = jv_object();
    if (wf_val_parse(now_text, strlen(now_text), &now, NULL) != 0)
        now = jv_object();
    if (jv_get_kind(then) != JV_KIND_OBJECT || jv_get_kind(now) != JV_KIND_OBJECT) {
        add_change(&words, "it", &then, &now);
    } else {
        keys = jv_keys(jv_object_merge(jv_copy(then), jv_copy(now)));
        jv_array_foreach(keys, i, key) {
            jv was = wf_val_get(&then, jv_string_value(key)), is = wf_val_get(&now, jv_string_value(key));
            if (!jv_equal(jv_copy(was), jv_copy(is)))
                add_change(&words, jv_string_value(key), &was, &is);
            jv_free(was);
            jv_free(is);
            jv_free(key);
        }
        jv_free(keys);
    }
    jv_free(then);
    jv_free(now);
    return wf_buf_take(&words);
}

/* The first of those with these facts; the others follow it. */
static struct item **find_facts(struct wf_plan *plan, const char *step, const char *facts)
{
    struct item wanted = {.step = step, .facts = facts, .path = ""}, *key = &wanted;
    size_t low = 0, high = plan->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_facts(&plan->by_facts[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return plan->by_facts + low;
}

static struct item *find_item(struct wf_plan *plan, const char *step, const char *path, const char *facts)
{
    struct item *unused = NULL;

    for (struct item **at = find_facts(plan, step, facts); at < plan->by_facts + plan->count; at++) {
        struct item *item = *at;
        if (strcmp(item->step, step) != 0 || strcmp(item->facts, facts) != 0)
            break;
        if (!item->used && (!unused || strcmp(item->path, path) == 0))
            unused = item;
    }
    return unused;
}

static char *why_not(struct wf_plan *plan, const char *step, const char *path, const struct wf_quote *quote)
{
    struct item wanted = {.path = path}, *key = &wanted;
    struct item **there = bsearch(&key, plan->by_path, plan->count, sizeof(struct item *), by_path);
    char *difference, *words;

    if (!there || (*there)->used || strcmp((*there)->step, step) != 0)
        return wf_asprintf("the plan does not have it (%s)", quote->words);
    difference = changes((*there)->facts, quote->facts);
    words = wf_asprintf("since it was planned, %s", *difference ? difference : "it was done already");
    free(difference);
    return words;
}

char *wf_plan_take(struct wf_plan *plan, const char *step, const char *path, const struct wf_quote *quote)
{
    struct item *item = find_item(plan, step, path, quote->facts);

    if (!item)
        return why_not(plan, step, path, quote);
    if (item->action != quote->action)
        return wf_asprintf("it was planned as \"%s\" and would now be \"%s\"", wf_action_name(item->action),
            wf_action_name(quote->action));
    if (item->cost_micros != quote->cost_micros || strcmp(item->currency, quote->currency) != 0)
        return wf_asprintf("its price has changed since it was planned: %s", quote->words);
    item->used = true;
    return NULL;
}

/* ---- telling ---- */

static bool is_below(const struct item *item, const char *prefix)
{
    size_t len = strlen(prefix);

    return len == 0 || (strncmp(item->path, prefix, len) == 0 && item->path[len] == '/');
}

static bool is_effect(const struct item *item)
{
    return item->action != WF_ACTION_NOTHING && item->action != WF_ACTION_CANNOT;
}

static void add_sum(struct wf_buf *words, const struct wf_plan *plan, const char *prefix, const char *currency)
{
    int64_t sum = 0;

    for (size_t i = 0; i < plan->count; i++)
        if (is_below(&plan->items[i], prefix) && strcmp(plan->items[i].currency, currency) == 0)
            sum += plan->items[i].cost_micros > 0 ? plan->items[i].cost_micros : 0;
    if (sum > 0)
        wf_buf_printf(words, ", %s %.2f", currency, (double)sum / 1e6);
}

/* Each currency once. */
static void add_sums(struct wf_buf *words, const struct wf_plan *plan, const char *prefix)
{
    jv told = jv_object();

    for (size_t i = 0; i < plan->count; i++) {
        const char *currency = plan->items[i].currency;
        if (!*currency || !is_below(&plan->items[i], prefix) || wf_val_number(&told, currency, 0) > 0)
            continue;
        told = wf_val_set(told, currency, jv_number(1));
        add_sum(words, plan, prefix, currency);
    }
    jv_free(told);
}

char *wf_plan_describe(const struct wf_plan *plan, const char *prefix)
{
    const char *label = NULL;
    size_t effects = 0, unknown = 0;
    struct wf_buf words;

    for (size_t i = 0; i < plan->count; i++) {
        const struct item *item = &plan->items[i];
        if (!is_below(item, prefix) || !is_effect(item))
            continue;
        effects++;
        unknown += item->cost_micros < 0;
        label = *prefix && *item->label ? item->label : label;
    }
    wf_buf_init(&words, SIZE_MAX);
    wf_buf_printf(&words, "%s: %zu effect%s",
        label     ? label
        : *prefix ? prefix
                  : "the whole plan",
        effects, effects == 1 ? "" : "s");
    add_sums(&words, plan, prefix);
    if (unknown)
        wf_buf_printf(&words, ", %zu costs are not known", unknown);
    return wf_buf_take(&words);
}

jv wf_plan_undone(const struct wf_plan *plan, size_t max)
{
    jv items = jv_array(), all;
    size_t count = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct item *item = &plan->items[i];
        jv json;
        if (item->used || !is_effect(item) || count++ >= max)
            continue;
        json = wf_val_set(jv_object(), "label", jv_string(item->label));
        json = wf_val_set(json, "step", jv_string(item->step));
        items = jv_array_append(items, wf_val_set(json, "words", jv_string(item->words)));
    }
    if (!count) {
        jv_free(items);
        return jv_invalid();
    }
    all = wf_val_set(jv_object(), "count", jv_number((double)count));
    return wf_val_set(all, "items", items);
}
