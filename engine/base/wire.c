/* wire.c: frames to bytes and back. What is read is looked at as a stranger's: a plugin may write to our socket. */
#include "base/wire.h"

#include <string.h>

#define NO_TEXT UINT32_MAX

struct head {
    uint32_t size, kind, call, count;
    int64_t now_ms;
    int64_t n[WF_WIRE_NUMBERS];
    uint32_t lens[WF_WIRE_TEXTS];
};

struct wf_wire_text wf_wire_text(const char *text)
{
    return (struct wf_wire_text){text, text ? strlen(text) : 0};
}

void wf_wire_write(const struct wf_wire *frame, struct wf_buf *buf)
{
    struct head head = {.kind = frame->kind, .call = frame->call, .now_ms = frame->now_ms};
    size_t size = sizeof head;

    memcpy(head.n, frame->n, sizeof head.n);
    head.count = (uint32_t)frame->count;
    for (size_t i = 0; i < frame->count; i++) {
        size += frame->text[i].ptr ? frame->text[i].len + 1 : 0;
        head.lens[i] = frame->text[i].ptr ? (uint32_t)frame->text[i].len : NO_TEXT;
        if (frame->text[i].len > WF_WIRE_MAX || size > WF_WIRE_MAX) {
            buf->failed = true;
            return;
        }
    }
    head.size = (uint32_t)size;
    wf_buf_add(buf, &head, sizeof head);
    for (size_t i = 0; i < frame->count; i++) {
        if (!frame->text[i].ptr)
            continue;
        wf_buf_add(buf, frame->text[i].ptr, frame->text[i].len);
        wf_buf_char(buf, '\0');
    }
}

int64_t wf_wire_read(const char *bytes, size_t len, struct wf_wire *ret)
{
    struct head head;
    size_t at = sizeof head;

    if (len < sizeof head)
        return 0;
    memcpy(&head, bytes, sizeof head);
    if (head.size < sizeof head || head.size > WF_WIRE_MAX || head.count > WF_WIRE_TEXTS)
        return -1;
    if (len < head.size)
        return 0;
    *ret = (struct wf_wire){.kind = head.kind, .call = head.call, .now_ms = head.now_ms, .count = head.count};
    memcpy(ret->n, head.n, sizeof ret->n);
    for (size_t i = 0; i < head.count; i++) {
        if (head.lens[i] == NO_TEXT)
            continue;
        if (head.lens[i] >= head.size - at || bytes[at + head.lens[i]] != '\0')
            return -1;
        ret->text[i] = (struct wf_wire_text){bytes + at, head.lens[i]};
        at += (size_t)head.lens[i] + 1;
    }
    return at == head.size ? (int64_t)head.size : -1;
}

void wf_wire_pair(struct wf_buf *buf, const char *name, const char *value)
{
    wf_buf_add(buf, name, strlen(name) + 1);
    wf_buf_add(buf, value, strlen(value) + 1);
}

int wf_wire_next_pair(struct wf_wire_text text, struct wf_wire_pairs *pairs)
{
    if (!text.ptr)
        return 0;
    if (!pairs->at) {
        pairs->at = text.ptr;
        pairs->end = text.ptr + text.len;
    }
    const char *name_end = pairs->at < pairs->end ? memchr(pairs->at, '\0', (size_t)(pairs->end - pairs->at)) : NULL;
    const char *value = name_end ? name_end + 1 : NULL;
    const char *value_end = value && value < pairs->end ? memchr(value, '\0', (size_t)(pairs->end - value)) : NULL;
    if (!value_end)
        return 0;
    pairs->name = pairs->at;
    pairs->value = value;
    pairs->at = value_end + 1;
    return 1;
}
