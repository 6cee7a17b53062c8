/* ctype.c: what a type's name means, and how much room its values take. */
#include "ffi/ctype.h"

#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <wchar.h>

#define INT(word, c_type)                                                                                              \
    {                                                                                                                  \
        word,                                                                                                          \
        {                                                                                                              \
            .kind = WF__C_INT, .name = word, .size = sizeof(c_type), .align = _Alignof(c_type),                        \
            .is_signed = (c_type)-1 < (c_type)1                                                                        \
        }                                                                                                              \
    }
#define FLOAT(c_type)                                                                                                  \
    {                                                                                                                  \
#c_type,                                                                                                       \
        {                                                                                                              \
            .kind = WF__C_FLOAT, .name = #c_type, .size = sizeof(c_type), .align = _Alignof(c_type)                    \
        }                                                                                                              \
    }

/* The words of a basic type in the order that cdecl.c makes of them, then names of the C library. */
static const struct {
    const char *name;
    struct wf__ctype type;
} builtin[] = {
    {"void", {.kind = WF__C_VOID, .name = "void"}},
    {"bool", {.kind = WF__C_BOOL, .name = "bool", .size = sizeof(bool), .align = _Alignof(bool)}},
    {"char", {.kind = WF__C_INT, .name = "char", .size = 1, .align = 1, .is_signed = (char)-1 < 1, .is_char = true}},
    INT("signed char", signed char),
    INT("unsigned char", unsigned char),
    INT("short", short),
    INT("unsigned short", unsigned short),
    INT("int", int),
    INT("unsigned int", unsigned),
    INT("long", long),
    INT("unsigned long", unsigned long),
    INT("long long", long long),
    INT("unsigned long long", unsigned long long),
    FLOAT(float),
    FLOAT(double),
    INT("int8_t", int8_t),
    INT("uint8_t", uint8_t),
    INT("int16_t", int16_t),
    INT("uint16_t", uint16_t),
    INT("int32_t", int32_t),
    INT("uint32_t", uint32_t),
    INT("int64_t", int64_t),
    INT("uint64_t", uint64_t),
    INT("size_t", size_t),
    INT("ssize_t", ssize_t),
    INT("ptrdiff_t", ptrdiff_t),
    INT("intptr_t", intptr_t),
    INT("uintptr_t", uintptr_t),
    INT("off_t", off_t),
    INT("time_t", time_t),
    INT("clock_t", clock_t),
    INT("pid_t", pid_t),
    INT("uid_t", uid_t),
    INT("gid_t", gid_t),
    INT("mode_t", mode_t),
};

const struct wf__ctype *wf__ctype_find(const struct wf__cnames *names, const char *name)
{
    for (const struct wf__cname *known = names->first; known; known = known->next)
        if (strcmp(known->name, name) == 0)
            return known->type;
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        if (strcmp(builtin[i].name, name) == 0)
            return &builtin[i].type;
    return NULL;
}

void wf__ctype_name(struct wf__cnames *names, const char *name, const struct wf__ctype *type)
{
    struct wf__cname *known = wf_arena_alloc(names->arena, sizeof *known);
    *known = (struct wf__cname){names->first, wf_arena_strdup(names->arena, name), type};
    names->first = known;
}

static struct wf__ctype *make(struct wf__cnames *names, struct wf__ctype type)
{
    struct wf__ctype *made = wf_arena_alloc(names->arena, sizeof *made);
    *made = type;
    return made;
}

const struct wf__ctype *wf__ctype_pointer(
    struct wf__cnames *names, const struct wf__ctype *to, bool to_const, size_t count)
{
    const char *space = to->kind == WF__C_POINTER ? "" : " ";
    return make(names, (struct wf__ctype){.kind = WF__C_POINTER,
                           .name = wf_arena_printf(names->arena, "%s%s%s*", to_const ? "const " : "", to->name, space),
                           .size = sizeof(void *),
                           .align = _Alignof(void *),
                           .to = to,
                           .to_const = to_const,
                           .count = count});
}

const struct wf__ctype *wf__ctype_array(struct wf__cnames *names, const struct wf__ctype *of, size_t count)
{
    return make(names, (struct wf__ctype){.kind = WF__C_ARRAY,
                           .name = wf_arena_printf(names->arena, "%s[%zu]", of->name, count),
                           .size = of->size * count,
                           .align = of->align,
                           .to = of,
                           .count = count});
}

const struct wf__ctype *wf__ctype_opaque(struct wf__cnames *names, const char *name)
{
    return make(names, (struct wf__ctype){.kind = WF__C_STRUCT, .name = wf_arena_strdup(names->arena, name)});
}

static size_t align_up(size_t offset, size_t align)
{
    return (offset + align - 1) / align * align;
}

const struct wf__ctype *wf__ctype_struct(
    struct wf__cnames *names, const char *name, const struct wf__cmember *members, size_t count)
{
    struct wf__cmember *laid = wf_arena_alloc(names->arena, count * sizeof *laid);
    size_t end = 0, align = 1;

    for (size_t i = 0; i < count; i++) {
        const struct wf__ctype *type = members[i].type;
        laid[i] = members[i];
        laid[i].offset = align_up(end, type->align);
        end = laid[i].offset + type->size;
        align = type->align > align ? type->align : align;
    }
    return make(names, (struct wf__ctype){.kind = WF__C_STRUCT,
                           .name = wf_arena_strdup(names->arena, name),
                           .size = align_up(end, align),
                           .align = align,
                           .members = laid,
                           .nmembers = count});
}

bool wf__ctype_is_scalar(const struct wf__ctype *type)
{
    return type->kind == WF__C_BOOL || type->kind == WF__C_INT || type->kind == WF__C_FLOAT;
}

bool wf__ctype_is_byte(const struct wf__ctype *type)
{
    return type->kind == WF__C_VOID || (type->kind == WF__C_INT && type->size == 1);
}
