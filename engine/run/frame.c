/* frame.c: frames, their paths, scopes and contexts. */
#include "run/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/effect.h"

struct wf_frame *wf__frame_new(
    struct wf_run *run, struct wf_frame *parent, enum wf_frame_kind kind, struct wf_label label)
{
    struct wf_frame *frame = wf_calloc(1, sizeof *frame);

    frame->run = run;
    frame->kind = kind;
    frame->label = label;
    frame->parent = parent;
    frame->ending = jv_invalid();
    frame->input = jv_null();
    frame->raw_input = jv_null();
    frame->output = jv_null();
    frame->raw_output = jv_null();
    if (kind == WF_FRAME_TASK)
        frame->authorization = jv_null();
    if (parent) {
        frame->inst = parent->inst;
        frame->depth = parent->depth;
        frame->scope = wf__scope_ref(parent->scope);
        frame->context = wf__context_ref(parent->context);
        frame->next = parent->first_child;
        if (frame->next)
            frame->next->prev = frame;
        parent->first_child = frame;
        parent->children++;
    }
    return frame;
}

static void instance_free(struct wf_instance *inst)
{
    wf_def_unref(inst->def);
    jv_free(inst->raw_input);
    jv_free(inst->secrets);
    jv_free(inst->descriptor);
    free(inst);
}

static void frame_free(struct wf_frame *frame)
{
    free(frame->path);
    free(frame);
}

/* What the frame holds goes at once; the frame itself stays while the ready queue still names it. */
void wf__frame_drop(struct wf_frame *frame)
{
    struct wf_frame *parent = frame->parent;

    if (frame->kind == WF_FRAME_TASK) {
        if (frame->state && frame->type->done)
            frame->type->done(frame);
        free(frame->state);
        jv_free(frame->authorization);
    } else if (frame->kind == WF_FRAME_LIST) {
        free(frame->visits);
        wf__place_drop(frame);
    } else {
        instance_free(frame->inst);
    }
    for (size_t i = 0; i < frame->nmerged; i++)
        wf__context_unref(frame->merged[i]);
    free(frame->merged);
    wf_scope_unref(frame->scope);
    wf__context_unref(frame->context);
    jv_free(frame->ending);
    jv_free(frame->input);
    jv_free(frame->raw_input);
    jv_free(frame->output);
    jv_free(frame->raw_output);
    if (parent) {
        if (frame->prev)
            frame->prev->next = frame->next;
        else
            parent->first_child = frame->next;
        if (frame->next)
            frame->next->prev = frame->prev;
        parent->children--;
    } else {
        frame->run->root = NULL;
    }
    frame->dead = true;
    if (frame->queued == 0)
        frame_free(frame);
}

/* ---- paths ---- */

static void path_own(const struct wf_frame *frame, struct wf_buf *out)
{
    const struct wf_label *label = &frame->label;

    if (frame->kind == WF_FRAME_TASK && frame->parent->kind == WF_FRAME_LIST) {
        wf_buf_str(out, frame->task->ref + strlen(frame->parent->list->ref)); /* "/0/name", escaped */
        if (frame->visit > 1)
            wf_buf_printf(out, "@%u", frame->visit);
        return;
    }
    if (!label->word)
        return;
    wf_buf_char(out, '/');
    wf_buf_str(out, label->word);
    if (label->index >= 0)
        wf_buf_printf(out, "/%lld", (long long)label->index);
    if (label->tail)
        wf_buf_printf(out, "/%s", label->tail);
}

/* Ancestors are asked top down, without recursion: the deepest one that has a path already is where we begin. */
const char *wf__frame_path(struct wf_frame *frame)
{
    while (!frame->path) {
        struct wf_frame *top = frame;
        struct wf_buf text;

        while (top->parent && !top->parent->path)
            top = top->parent;
        wf_buf_init(&text, SIZE_MAX);
        if (top->parent)
            wf_buf_str(&text, top->parent->path);
        path_own(top, &text);
        top->path = wf_buf_take(&text);
    }
    return frame->path;
}

/* Longer ones than the journal takes keep their beginning, for people, and end in a digest, for truth. An operation's
 * own facts ("#resolved/1") find room behind it. */
char *wf__op_path(struct wf_frame *frame, const char *format, ...)
{
    struct wf_buf text;
    char tail[200] = "";
    va_list args;

    va_start(args, format);
    (void)vsnprintf(tail, sizeof tail, format, args);
    va_end(args);
    wf_buf_init(&text, SIZE_MAX);
    wf_buf_str(&text, wf__frame_path(frame));
    wf_buf_str(&text, tail);
    if (text.len > WF__OP_PATH_MAX) {
        uint8_t digest[WF_SHA256_SIZE];
        char hex[WF_SHA256_TEXT];
        wf_sha256(text.ptr, text.len, digest);
        wf_sha256_text(digest, hex);
        memcpy(text.ptr + WF__OP_PATH_MAX - WF_SHA256_TEXT, "~", 1);
        memcpy(text.ptr + WF__OP_PATH_MAX - WF_SHA256_TEXT + 1, hex, WF_SHA256_TEXT);
    }
    return wf_buf_take(&text);
}

char *wf__label_path(struct wf_frame *frame, struct wf_label label)
{
    if (label.index < 0)
        return wf__op_path(frame, "/%s", label.word);
    if (!label.tail)
        return wf__op_path(frame, "/%s/%lld", label.word, (long long)label.index);
    return wf__op_path(frame, "/%s/%lld/%s", label.word, (long long)label.index, label.tail);
}

char *wf__frame_item(struct wf_frame *frame)
{
    struct wf_frame *loop = NULL;
    size_t slot = 0;

    for (struct wf_frame *child = frame; child->parent; child = child->parent) {
        const struct wf_frame *parent = child->parent;
        if (parent->kind != WF_FRAME_TASK || parent->task->kind != WF_TASK_FOR || !parent->task->hints.label)
            continue;
        loop = child->parent;
        slot = child->slot;
    }
    return loop ? wf_asprintf("%s/for/%zu", wf__frame_path(loop), slot) : wf_strdup("");
}

/* ---- contexts and scopes ---- */

struct wf_context *wf__context_new(jv value)
{
    struct wf_context *context = wf_calloc(1, sizeof *context);

    context->refs = 1;
    context->value = value;
    return context;
}

struct wf_context *wf__context_ref(struct wf_context *context)
{
    if (context)
        context->refs++;
    return context;
}

void wf__context_unref(struct wf_context *context)
{
    if (!context || --context->refs > 0)
        return;
    jv_free(context->value);
    free(context);
}

struct wf_scope *wf_scope_of(struct wf_frame *frame)
{
    return frame->scope;
}

struct wf_scope *wf_scope_push(struct wf_scope *parent, const char *name, jv value)
{
    struct wf_scope *scope = wf_calloc(1, sizeof *scope);

    scope->refs = 1;
    scope->parent = wf__scope_ref(parent);
    scope->name = wf_strdup(name);
    scope->value = value;
    return scope;
}

struct wf_scope *wf__scope_ref(struct wf_scope *scope)
{
    if (scope)
        scope->refs++;
    return scope;
}

void wf_scope_unref(struct wf_scope *scope)
{
    while (scope && --scope->refs == 0) {
        struct wf_scope *parent = scope->parent;
        jv_free(scope->value);
        free(scope->name);
        free(scope);
        scope = parent;
    }
}

/* Changed and new keys of one branch's context, over the context of the task that joins. */
static void merge_context(struct wf_context *into, const jv *base, const jv *branch)
{
    if (jv_get_kind(*branch) != JV_KIND_OBJECT || jv_get_kind(into->value) == JV_KIND_ARRAY) {
        jv_free(into->value);
        into->value = jv_copy(*branch);
        return;
    }
    if (jv_get_kind(into->value) != JV_KIND_OBJECT) {
        jv_free(into->value);
        into->value = jv_object();
    }
    jv_object_foreach(*branch, key, value) {
        jv before = wf_val_get(base, jv_string_value(key));
        if (jv_is_valid(before) && jv_equal(jv_copy(before), jv_copy(value)))
            jv_free(value);
        else
            into->value = jv_object_set(into->value, jv_copy(key), value);
        jv_free(key);
        jv_free(before);
    }
}

void wf_merge_contexts(struct wf_frame *frame)
{
    jv base = jv_copy(frame->context->value);

    for (size_t i = 0; i < frame->nmerged; i++) {
        struct wf_context *branch = frame->merged[i];
        if (branch && !jv_equal(jv_copy(base), jv_copy(branch->value)))
            merge_context(frame->context, &base, &branch->value);
    }
    jv_free(base);
}
