/* place.c: reads paths of operations, as engine/run makes them of task references and the words in between. */
#include "report/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define NEXT_PARTS 6 /* of what comes next */

char *wf_place_words(const char *path)
{
    struct wf_buf out;
    wf_buf_init(&out, WF_PATH_MAX * 2);
    enum { WORD, LOOP, POSITION } before = WORD; /* what the segment before this one was */
    for (const char *at = path; *at == '/';) {
        size_t len = strcspn(++at, "/");
        bool number = len > 0 && strspn(at, "0123456789") == len;
        if (number && before == LOOP)
            wf_buf_printf(&out, "[%.*s]", (int)len, at);
        else if (before == POSITION)
            wf_buf_printf(&out, "%s%.*s", out.len ? " > " : "", (int)len, at);
        if (number && before != POSITION)
            before = before == LOOP ? WORD : POSITION; /* behind a position in a list stands the task's name */
        else
            before = before != POSITION && len == 3 && strncmp(at, "for", 3) == 0 ? LOOP : WORD;
        at += len;
    }
    return wf_buf_take(&out);
}

/* ---- the tasks on the way ---- */

struct walk {
    const char *path, *at;
    struct wf_buf ref; /* of the task that was reached, in def */
    const struct wf_pinned_def *def;
    struct wf_place *place;
};

struct segment {
    const char *text;
    size_t len;
};

static bool take(struct walk *walk, struct segment *ret)
{
    if (*walk->at != '/')
        return false;
    ret->text = walk->at + 1;
    ret->len = strcspn(ret->text, "/");
    walk->at = ret->text + ret->len;
    return true;
}

static bool is(struct segment segment, const char *word)
{
    return strlen(word) == segment.len && memcmp(segment.text, word, segment.len) == 0;
}

static bool is_number(struct segment segment)
{
    return segment.len > 0 && strspn(segment.text, "0123456789") >= segment.len;
}

/* The second visit of a task has "@2" behind its name. */
static size_t without_visit(struct segment name)
{
    size_t len = name.len;
    while (len > 0 && name.text[len - 1] >= '0' && name.text[len - 1] <= '9')
        len--;
    return len > 1 && len < name.len && name.text[len - 1] == '@' ? len - 1 : name.len;
}

static bool add_task(struct walk *walk, const struct wf_node *list, size_t position, struct segment name, bool in_loop)
{
    struct wf_place *place = walk->place;
    const struct wf_node *root = walk->def ? walk->def->root : NULL,
                         *node = root ? wf_node_at(root, walk->ref.ptr ? walk->ref.ptr : "") : NULL;
    if (place->count == WF_PLACE_MAX)
        return false;
    place->tasks[place->count++] = (struct wf_place_task){
        .def = walk->def,
        .name = wf_memdup(name.text, without_visit(name)),
        .ref = wf_strdup(walk->ref.ptr ? walk->ref.ptr : ""),
        .node = node == root ? NULL : node,
        .list = list && list->kind == WF_NODE_LIST ? list : NULL,
        .position = position,
        .in_loop = in_loop,
    };
    return true;
}

/* "/0/name" behind the word for a list. */
static bool enter_list(struct walk *walk, const char *ref, bool in_loop)
{
    struct segment position, name;
    wf_buf_str(&walk->ref, ref);
    const struct wf_node *list = walk->def && walk->def->root ? wf_node_at(walk->def->root, walk->ref.ptr) : NULL;
    if (!take(walk, &position) || !is_number(position) || !take(walk, &name))
        return false;
    wf_buf_printf(&walk->ref, "/%.*s/%.*s", (int)position.len, position.text, (int)without_visit(name), name.text);
    return add_task(walk, list, strtoul(position.text, NULL, 10), name, in_loop);
}

static bool enter_branch(struct walk *walk)
{
    struct segment word, position, name;
    if (!take(walk, &word) || !is(word, "branches") || !take(walk, &position) || !take(walk, &name))
        return false;
    wf_buf_printf(&walk->ref, "/fork/branches/%.*s/%.*s", (int)position.len, position.text, (int)name.len, name.text);
    return add_task(walk, NULL, 0, name, false);
}

static bool enter_function(struct walk *walk)
{
    const struct wf_place *place = walk->place;
    const struct wf_node *node = place->count ? place->tasks[place->count - 1].node : NULL;
    const struct wf_node *call = node ? wf_node_get(node, "call") : NULL;
    if (!call || call->kind != WF_NODE_STRING)
        return false;
    wf_buf_clear(&walk->ref);
    wf_buf_printf(&walk->ref, "/use/functions/%s", call->text);
    return add_task(walk, NULL, 0, (struct segment){call->text, call->len}, false);
}

/* One word between two tasks, and the task behind it. False: there is none. */
static bool step(struct walk *walk, const struct wf_pinned_def *(*sub)(void *, const char *, size_t), void *arg)
{
    size_t until = (size_t)(walk->at - walk->path);
    struct segment word, number, tail;
    if (!take(walk, &word))
        return false;
    if (is(word, "do") || is(word, "try"))
        return enter_list(walk, is(word, "do") ? "/do" : "/try", false);
    if (is(word, "for"))
        return take(walk, &number) && take(walk, &tail) && is(tail, "do") && enter_list(walk, "/do", true);
    if (is(word, "retry"))
        return take(walk, &number) && take(walk, &tail) && is(tail, "try") && enter_list(walk, "/try", false);
    if (is(word, "catch"))
        return take(walk, &tail) && is(tail, "do") && enter_list(walk, "/catch/do", false);
    if (is(word, "fork"))
        return enter_branch(walk);
    if (is(word, "function"))
        return enter_function(walk);
    if (!is(word, "workflow"))
        return false;
    walk->def = sub(arg, walk->path, until);
    wf_buf_clear(&walk->ref);
    return take(walk, &tail) && is(tail, "do") && enter_list(walk, "/do", false);
}

void wf_place_find(const char *path, const struct wf_pinned_def *main_def,
    const struct wf_pinned_def *(*sub)(void *arg, const char *path, size_t len), void *arg, struct wf_place *ret)
{
    struct walk walk = {.path = path, .at = path, .def = main_def, .place = ret};
    ret->count = 0;
    wf_buf_init(&walk.ref, WF_PATH_MAX * 2);
    while (step(&walk, sub, arg))
        ;
    wf_buf_done(&walk.ref);
}

void wf_place_done(struct wf_place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        free(place->tasks[i].name);
        free(place->tasks[i].ref);
    }
    place->count = 0;
}

/* ---- what comes next ---- */

struct parts {
    struct wf_buf text;
    size_t count;
};

static void add_part(struct parts *parts, const char *before, const char *name)
{
    if (parts->count++ < NEXT_PARTS)
        wf_buf_printf(&parts->text, "%s%s%s", parts->text.len ? ", " : "", before, name);
}

static const char *task_name(const struct wf_node *list, size_t position)
{
    const struct wf_node *item = position < list->count ? list->items[position] : NULL;
    return item && item->kind == WF_NODE_MAP && item->count ? item->keys[0]->text : NULL;
}

/* What follows a task in its list. False: the workflow ends with it. */
static bool add_rest(struct parts *parts, const struct wf_place_task *task, bool outer)
{
    const struct wf_node *then = task->node ? wf_node_get(task->node, "then") : NULL;
    const char *flow = then && then->kind == WF_NODE_STRING ? then->text : "continue", *name;
    if (!task->list || strcmp(flow, "exit") == 0)
        return true;
    if (strcmp(flow, "end") == 0)
        return false;
    if (strcmp(flow, "continue") != 0) {
        add_part(parts, outer ? "then " : "", flow);
        return true;
    }
    for (size_t i = task->position + 1; (name = task_name(task->list, i)); i++)
        add_part(parts, outer && i == task->position + 1 ? "then " : "", name);
    return true;
}

char *wf_place_next(const struct wf_place *place)
{
    struct parts parts = {.count = 0};
    wf_buf_init(&parts.text, WF_PATH_MAX * 2);
    for (size_t i = place->count; i > 0 && add_rest(&parts, &place->tasks[i - 1], i < place->count); i--)
        if (place->tasks[i - 1].in_loop && i > 1)
            add_part(&parts, "then the next of ", place->tasks[i - 2].name);
    if (parts.count > NEXT_PARTS)
        wf_buf_str(&parts.text, ", ...");
    if (!parts.count) {
        wf_buf_done(&parts.text);
        return NULL;
    }
    return wf_buf_take(&parts.text);
}
