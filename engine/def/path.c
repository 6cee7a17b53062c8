/* path.c: builds the references of tasks and follows pointers to nodes. */
#include "def/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define MAX_PATH ((size_t)1 << 20) /* deeper than names of tasks can lead */

static void add_escaped(struct wf_buf *buf, const char *name)
{
    wf_buf_char(buf, '/');
    for (; *name; name++) {
        if (*name == '~' || *name == '/')
            wf_buf_str(buf, *name == '~' ? "~0" : "~1");
        else
            wf_buf_char(buf, *name);
    }
}

static const char *finish(struct wf_arena *arena, struct wf_buf *buf)
{
    const char *path = wf_arena_strdup(arena, buf->ptr);
    wf_buf_done(buf);
    return path;
}

const char *wf__path_member(struct wf_arena *arena, const char *parent, const char *name)
{
    struct wf_buf buf;
    wf_buf_init(&buf, MAX_PATH);
    wf_buf_str(&buf, parent);
    add_escaped(&buf, name);
    return finish(arena, &buf);
}

const char *wf__path_task(struct wf_arena *arena, const char *parent, size_t index, const char *name)
{
    struct wf_buf buf;
    wf_buf_init(&buf, MAX_PATH);
    wf_buf_printf(&buf, "%s/%zu", parent, index);
    add_escaped(&buf, name);
    return finish(arena, &buf);
}

/* True when the segment [text, text+len) of a pointer, unescaped, is name. */
static bool segment_is(const char *text, size_t len, const char *name)
{
    size_t i = 0;
    for (; i < len && *name; i++, name++) {
        char c = text[i];
        if (c == '~' && i + 1 < len)
            c = text[++i] == '1' ? '/' : '~';
        if (c != *name)
            return false;
    }
    return i == len && !*name;
}

/* Which of the node's values a segment names; count: none. */
static size_t step(const struct wf_node *node, const char *segment, size_t len)
{
    size_t i = node->count;
    if (node->kind == WF_NODE_MAP)
        for (i = 0; i < node->count && !segment_is(segment, len, node->keys[i]->text); i++)
            continue;
    else if (node->kind == WF_NODE_LIST && len > 0 && len < 10 && strspn(segment, "0123456789") >= len)
        i = strtoul(segment, NULL, 10);
    return i < node->count ? i : node->count;
}

/* path, when it is not NULL, becomes the keys and indexes of the way. */
static const struct wf_node *follow(const struct wf_node *root, const char *pointer, jv *path)
{
    const struct wf_node *node = root;
    while (*pointer == '/') {
        size_t len = strcspn(pointer + 1, "/"), i = step(node, pointer + 1, len);
        if (i >= node->count)
            break;
        if (path)
            *path = jv_array_append(*path, node->kind == WF_NODE_MAP
                                               ? jv_string_sized(node->keys[i]->text, (int)node->keys[i]->len)
                                               : jv_number((double)i));
        node = node->items[i];
        pointer += len + 1;
    }
    return node;
}

const struct wf_node *wf_node_at(const struct wf_node *root, const char *pointer)
{
    return follow(root, pointer, NULL);
}

jv wf_node_path(const struct wf_node *root, const char *pointer)
{
    jv path = jv_array();
    follow(root, pointer, &path);
    return path;
}
