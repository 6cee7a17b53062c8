/* ffi_out.c: from what a C call left in memory to JSON. */
#include "config.h" /* _GNU_SOURCE */

#include <inttypes.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ffi/ffi_call.h"

#define EXACT_INTEGER ((int64_t)1 << 53)

/* ---- reading ---- */

static int64_t load_integer(const struct wf__ctype *type, const void *from)
{
    uint64_t number = 0;
    memcpy(&number, from, type->size); /* little-endian */
    if (type->is_signed && type->size < 8 && (number >> (type->size * 8 - 1)) & 1)
        number |= ~(uint64_t)0 << (type->size * 8);
    return (int64_t)number;
}

static double load_number(const struct wf__ctype *type, const void *from)
{
    float single;
    double real;

    switch (type->kind) {
    case WF__C_BOOL:
        return *(const unsigned char *)from != 0;
    case WF__C_FLOAT:
        if (type->size == sizeof single) {
            memcpy(&single, from, sizeof single);
            return (double)single;
        }
        memcpy(&real, from, sizeof real);
        return real;
    case WF__C_POINTER:
        return *(void *const *)from != NULL;
    default:
        return type->is_signed || type->size < 8 ? (double)load_integer(type, from)
                                                 : (double)(uint64_t)load_integer(type, from);
    }
}

/* Where a value that came out lies, and its type. */
static const void *place_of(const struct wf__ffi_call *call, int index, const struct wf__ctype **ret_type)
{
    const struct wf__param *p = &call->function->params[index];
    const struct wf__slot *slot = &call->slots[index];
    bool is_behind = p->form == WF__AS_NUMBER;

    *ret_type = is_behind ? p->type->to : p->type;
    return is_behind ? slot->memory : (const void *)&slot->value;
}

double wf__ffi_number(const struct wf__ffi_call *call, int index)
{
    const struct wf__ctype *type;

    if (index == WF__ERRNO)
        return call->error;
    const struct wf__param *p = &call->function->params[index];
    if ((size_t)index == call->function->nparams && p->type->kind == WF__C_POINTER)
        return call->slots[index].value.pointer != NULL;
    const void *place = place_of(call, index, &type);
    return place ? load_number(type, place) : 0;
}

int64_t wf__ffi_whole(const struct wf__ffi_call *call, int index)
{
    const struct wf__ctype *type;

    if (index == WF__ERRNO)
        return call->error;
    const void *place = place_of(call, index, &type);
    return place && type->kind == WF__C_INT ? load_integer(type, place) : (int64_t)wf__ffi_number(call, index);
}

/* ---- writing ---- */

static void write_text(struct wf_buf *buf, const char *text, size_t most)
{
    wf_buf_json_string(buf, text, strnlen(text, most));
}

static void write_integer(struct wf_buf *buf, const struct wf__ctype *type, const void *from)
{
    int64_t number = load_integer(type, from);
    bool is_large = !type->is_signed && number < 0; /* above 2^63 */

    if (is_large)
        wf_buf_printf(buf, "\"%" PRIu64 "\"", (uint64_t)number);
    else if (number > EXACT_INTEGER || number < -EXACT_INTEGER)
        wf_buf_printf(buf, "\"%" PRId64 "\"", number); /* as text, for a JSON number would lose digits */
    else
        wf_buf_printf(buf, "%" PRId64, number);
}

static void write_value(struct wf_buf *buf, const struct wf__ctype *type, const void *from);

static void write_members(struct wf_buf *buf, const struct wf__ctype *type, const void *from)
{
    wf_buf_char(buf, '{');
    for (size_t i = 0; i < type->nmembers; i++) {
        wf_buf_printf(buf, "%s\"%s\":", i ? "," : "", type->members[i].name);
        write_value(buf, type->members[i].type, (const char *)from + type->members[i].offset);
    }
    wf_buf_char(buf, '}');
}

static void write_elements(struct wf_buf *buf, const struct wf__ctype *type, const void *from, size_t count)
{
    wf_buf_char(buf, '[');
    for (size_t i = 0; i < count && !buf->failed; i++) {
        wf_buf_str(buf, i ? "," : "");
        write_value(buf, type, (const char *)from + i * type->size);
    }
    wf_buf_char(buf, ']');
}

static void write_value(struct wf_buf *buf, const struct wf__ctype *type, const void *from)
{
    const char *text;
    double number;

    switch (type->kind) {
    case WF__C_BOOL:
        wf_buf_str(buf, *(const unsigned char *)from ? "true" : "false");
        break;
    case WF__C_INT:
        write_integer(buf, type, from);
        break;
    case WF__C_FLOAT:
        number = load_number(type, from);
        if (isfinite(number))
            wf_buf_printf(buf, "%.*g", type->size == sizeof(float) ? 9 : 17, number);
        else
            wf_buf_str(buf, "null");
        break;
    case WF__C_STRUCT:
        write_members(buf, type, from);
        break;
    case WF__C_ARRAY:
        if (type->to->is_char)
            write_text(buf, from, type->count);
        else
            write_elements(buf, type->to, from, type->count);
        break;
    case WF__C_POINTER:
        memcpy(&text, from, sizeof text);
        if (text && type->to->is_char)
            write_text(buf, text, WF_MAX_VALUE);
        else
            wf_buf_str(buf, "null");
        break;
    case WF__C_VOID:
        wf_buf_str(buf, "null");
        break;
    }
}

static void write_base64(struct wf_buf *buf, const unsigned char *bytes, size_t len)
{
    unsigned char *text = wf_calloc((len + 2) / 3 * 4 + 1, 1);
    int n = EVP_EncodeBlock(text, bytes, (int)len);
    wf_buf_char(buf, '"');
    wf_buf_add(buf, text, (size_t)n);
    wf_buf_char(buf, '"');
    free(text);
}

static void write_hex(struct wf_buf *buf, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    wf_buf_char(buf, '"');
    for (size_t i = 0; i < len; i++) {
        wf_buf_char(buf, digits[bytes[i] >> 4]);
        wf_buf_char(buf, digits[bytes[i] & 15]);
    }
    wf_buf_char(buf, '"');
}

/* Elements that hold something: what the function says was used, within the room. */
static size_t count_used(const struct wf__ffi_call *call, const struct wf__param *p, const struct wf__slot *slot)
{
    bool is_return = p == &call->function->params[call->function->nparams];
    size_t most = is_return ? WF_MAX_VALUE : slot->size;

    if (p->used == WF__NOWHERE)
        return most;
    int64_t used = wf__ffi_whole(call, p->used);
    return used < 0 ? 0 : (size_t)used > most ? most : (size_t)used;
}

static void write_pointed(struct wf_buf *buf, const struct wf__ffi_call *call, const struct wf__param *p,
    const struct wf__slot *slot, const void *from)
{
    switch (p->form) {
    case WF__AS_TEXT:
        write_text(buf, from, count_used(call, p, slot));
        break;
    case WF__AS_BASE64:
        write_base64(buf, from, count_used(call, p, slot));
        break;
    case WF__AS_HEX:
        write_hex(buf, from, count_used(call, p, slot));
        break;
    case WF__AS_LIST:
        write_elements(buf, p->type->to, from, count_used(call, p, slot));
        break;
    default: /* one number, one struct, one text */
        write_value(buf, p->type->to, from);
        break;
    }
}

static void write_result(struct wf_buf *buf, const struct wf__ffi_call *call, int index)
{
    if (index == WF__ERRNO) {
        wf_buf_printf(buf, "%d", call->error);
        return;
    }
    const struct wf__param *p = &call->function->params[index];
    const struct wf__slot *slot = &call->slots[index];
    if (p->form == WF__AS_SCALAR)
        write_value(buf, p->type, &slot->value);
    else if (p->form == WF__AS_STRUCT)
        write_value(buf, p->type, slot->memory);
    else if (slot->value.pointer)
        write_pointed(buf, call, p, slot, slot->value.pointer);
    else
        wf_buf_str(buf, "null");
}

void wf__ffi_output(const struct wf__ffi_call *call, struct wf_buf *buf)
{
    const struct wf__function *f = call->function;

    if (f->noutputs == 0 || !f->outputs[0].member) {
        if (f->noutputs)
            write_result(buf, call, f->outputs[0].from);
        else
            wf_buf_str(buf, "null");
        return;
    }
    for (size_t i = 0; i < f->noutputs; i++) {
        wf_buf_char(buf, i ? ',' : '{');
        wf_buf_json_string(buf, f->outputs[i].member, strlen(f->outputs[i].member));
        wf_buf_char(buf, ':');
        write_result(buf, call, f->outputs[i].from);
    }
    wf_buf_char(buf, '}');
}
