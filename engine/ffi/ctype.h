/* ctype.h: types and functions of C as a manifest declares them, and their layout in memory. Private to ffi.
 *
 * The layout is that of the System V ABIs: each member at the next multiple of its alignment. What a name means comes
 * from the built-in list (`unsigned long`, `size_t`, `uint8_t` ...) and from the manifest's `types`.
 * Everything lives in the arena of the names. Any thread. */
#ifndef WF_FFI_CTYPE_H
#define WF_FFI_CTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum wf__ckind {
    WF__C_VOID,
    WF__C_BOOL,
    WF__C_INT,
    WF__C_FLOAT,
    WF__C_POINTER,
    WF__C_ARRAY,  /* of a struct's member; a parameter's is a pointer with a count */
    WF__C_STRUCT, /* without members: opaque, known by its name only */
};

struct wf__cmember;

struct wf__ctype {
    enum wf__ckind kind;
    bool is_signed, is_char;    /* is_char: plain `char`, which is text */
    bool to_const;              /* POINTER: what it points to is not written */
    size_t size, align;         /* bytes; 0: void, opaque */
    const char *name;           /* as a person would write it */
    const struct wf__ctype *to; /* POINTER, ARRAY */
    size_t count;               /* ARRAY; POINTER: elements of the array that it was declared as, or 0 */
    const struct wf__cmember *members;
    size_t nmembers;
};

struct wf__cmember { /* of a struct; also a parameter of a function */
    const char *name;
    const struct wf__ctype *type;
    size_t offset;
};

#define WF__C_MOST_PARAMS  32
#define WF__C_MOST_MEMBERS 100

struct wf__cfunction {
    const char *name;
    const struct wf__ctype *returns;
    struct wf__cmember params[WF__C_MOST_PARAMS];
    size_t nparams;
    bool is_variadic;
};

struct wf__cname {
    struct wf__cname *next;
    const char *name; /* "div_t", "struct tm" */
    const struct wf__ctype *type;
};

struct wf__cnames {
    struct wf_arena *arena; /* borrowed */
    struct wf__cname *first;
};

/* ctype.c */
const struct wf__ctype *wf__ctype_find(const struct wf__cnames *, const char *name); /* NULL: no such name */
void wf__ctype_name(struct wf__cnames *, const char *name, const struct wf__ctype *);
const struct wf__ctype *wf__ctype_pointer(struct wf__cnames *, const struct wf__ctype *to, bool to_const, size_t count);
const struct wf__ctype *wf__ctype_array(struct wf__cnames *, const struct wf__ctype *of, size_t count);
const struct wf__ctype *wf__ctype_opaque(struct wf__cnames *, const char *name);
/* Lays the members out. */
const struct wf__ctype *wf__ctype_struct(
    struct wf__cnames *, const char *name, const struct wf__cmember *members, size_t count);
bool wf__ctype_is_scalar(const struct wf__ctype *); /* bool, integer, floating */
bool wf__ctype_is_byte(const struct wf__ctype *);   /* one byte or void: what a buffer is made of */

/* Integers are read and written by their first bytes. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "functions as steps need a little-endian machine");

/* cdecl.c: 0, or WF_EINVAL with a sentence. */
/* `uLong crc32(uLong crc, const Bytef *buf, uInt len)`, with or without a semicolon */
int wf__cdecl_function(struct wf__cnames *, const char *text, struct wf__cfunction *ret, struct wf_err *);
int wf__cdecl_variable(struct wf__cnames *, const char *text, struct wf__cmember *ret, struct wf_err *); /* int quot */
int wf__cdecl_type(struct wf__cnames *, const char *text, const struct wf__ctype **ret, struct wf_err *);

#endif
