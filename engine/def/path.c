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

static const struct wf_node *step(const struct wf_node *node, const char *segment, size_t len)
{
    if (node->kind == WF_NODE_MAP)
        for (size_t i = 0; i < node->count; i++)
            if (segment_is(segment, len, node->keys[i]->text))
                return node->items[i];
    if (node->kind == WF_NODE_LIST && len > 0 && len < 10 && strspn(segment, "0123456789") >= len) {
        size_t i = strtoul(segment, NULL, 10);
        return i < node->count ? node->items[i] : NULL;
    }
    return NULL;
}

const struct wf_node *wf_node_at(const struct wf_node *root, const char *pointer)
{
    const struct wf_node *node = root;
    while (*pointer == '/') {
        size_t len = strcspn(pointer + 1, "/");
        const struct wf_node *next = step(node, pointer + 1, len);
        if (!next)
            break;
        node = next;
        pointer += len + 1;
    }
    return node;
}
