/* ffi_in.c: from JSON to the arguments of a C call. */
#include "config.h" /* _GNU_SOURCE */

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffi/ffi_call.h"

#define GUARD_BYTE   0xA5
#define EXACT_DOUBLE 9007199254740992.0 /* 2^53 */

__attribute__((format(printf, 2, 3))) static bool wrong(struct wf__ffi_call *call, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(call->wrong, sizeof call->wrong, format, args);
    va_end(args);
    call->is_wrong = true;
    return false;
}

/* Zeroed, until the step ends. */
static void *memory(struct wf__ffi_call *call, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;

    if (size <= WF_MAX_VALUE && rounded <= WF__SCRATCH - call->used) {
        void *p = call->scratch + call->used;
        call->used += rounded;
        return memset(p, 0, rounded);
    }
    void *p = size <= WF_MAX_VALUE + WF__GUARD ? wf__ffi_host->alloc(call->step, size ? size : 1) : NULL;
    if (!p)
        wrong(call, "%s would need more memory than a step may have", call->function->c.name);
    return p;
}

/* ---- numbers ---- */

/* A whole number, or decimal text for what JSON's numbers do not hold exactly. */
static bool read_integer(
    struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, const char *what, int64_t *ret)
{
    unsigned bits = (unsigned)type->size * 8 - type->is_signed;
    double limit = ldexp(1, (int)bits), number = json->valuedouble;
    char *end = json->valuestring;

    if (cJSON_IsString(json)) {
        errno = 0;
        bool is_negative = json->valuestring[0] == '-';
        if (type->is_signed || is_negative)
            *ret = strtoll(json->valuestring, &end, 10);
        else
            *ret = (int64_t)strtoull(json->valuestring, &end, 10);
        if (end == json->valuestring || *end || errno || (is_negative && !type->is_signed))
            return wrong(call, "`%s` must be a whole number for %s, is \"%.40s\"", what, type->name, json->valuestring);
        if (bits >= 63)
            return true;
        number = (double)*ret;
    } else if (!cJSON_IsNumber(json) || trunc(number) != number) {
        return wrong(call, "`%s` must be a whole number", what);
    } else if (fabs(number) > EXACT_DOUBLE) {
        return wrong(call, "`%s` is too large for a JSON number to be exact: give it as text", what);
    }
    if (number >= limit || number < (type->is_signed ? -limit : 0))
        return wrong(call, "`%s` is %.0f, which does not fit into %s", what, number, type->name);
    if (!cJSON_IsString(json))
        *ret = (int64_t)number;
    return true;
}

static void store_integer(const struct wf__ctype *type, int64_t number, void *to)
{
    memcpy(to, &number, type->size); /* little-endian: ctype.h */
}

static bool put_float(
    struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, void *to, const char *what)
{
    double number = json->valuedouble;

    if (!cJSON_IsNumber(json))
        return wrong(call, "`%s` must be a number", what);
    if (type->size == sizeof(float)) {
        float single = (float)number;
        memcpy(to, &single, sizeof single);
    } else {
        memcpy(to, &number, sizeof number);
    }
    return true;
}

/* ---- values in memory ---- */

static bool put(struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, void *to, const char *what);

static bool put_members(
    struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, void *to, const char *what)
{
    if (!cJSON_IsObject(json))
        return wrong(call, "`%s` must be an object for %s", what, type->name);
    for (size_t i = 0; i < type->nmembers; i++) {
        const struct wf__cmember *member = &type->members[i];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, member->name);
        if (value && !put(call, member->type, value, (char *)to + member->offset, member->name))
            return false;
    }
    return true;
}

static bool put_array(
    struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, void *to, const char *what)
{
    size_t i = 0;

    if (type->to->is_char && cJSON_IsString(json)) {
        size_t len = strlen(json->valuestring);
        if (len >= type->count)
            return wrong(call, "`%s` is longer than its %zu bytes", what, type->count - 1);
        memcpy(to, json->valuestring, len + 1);
        return true;
    }
    if (!cJSON_IsArray(json) || (size_t)cJSON_GetArraySize(json) > type->count)
        return wrong(call, "`%s` must be a list of at most %zu", what, type->count);
    for (const cJSON *item = json->child; item; item = item->next, i++)
        if (!put(call, type->to, item, (char *)to + i * type->to->size, what))
            return false;
    return true;
}

static bool put(struct wf__ffi_call *call, const struct wf__ctype *type, const cJSON *json, void *to, const char *what)
{
    int64_t number = 0;

    switch (type->kind) {
    case WF__C_BOOL:
        if (!cJSON_IsBool(json))
            return wrong(call, "`%s` must be true or false", what);
        *(bool *)to = cJSON_IsTrue(json);
        return true;
    case WF__C_INT:
        if (!read_integer(call, type, json, what, &number))
            return false;
        store_integer(type, number, to);
        return true;
    case WF__C_FLOAT:
        return put_float(call, type, json, to, what);
    case WF__C_STRUCT:
        return put_members(call, type, json, to, what);
    case WF__C_ARRAY:
        return put_array(call, type, json, to, what);
    case WF__C_POINTER:
        if (cJSON_IsNull(json))
            return true;
        if (!type->to->is_char || !cJSON_IsString(json))
            return wrong(
                call, "`%s` of the type %s can only be %s", what, type->name, type->to->is_char ? "text" : "null");
        memcpy(to, &json->valuestring, sizeof(char *));
        return true;
    case WF__C_VOID:
        break;
    }
    return wrong(call, "`%s` cannot be made", what);
}

/* ---- bytes ---- */

static bool decode_base64(struct wf__ffi_call *call, const struct wf__param *p, const char *text, struct wf__slot *slot)
{
    size_t len = strlen(text), padding = 0;

    while (padding < 2 && len > padding && text[len - 1 - padding] == '=')
        padding++;
    slot->memory = memory(call, len / 4 * 3 + 1);
    int n = slot->memory ? EVP_DecodeBlock(slot->memory, (const unsigned char *)text, (int)len) : 0;
    if (call->is_wrong)
        return false;
    if (n < 0 || len % 4 != 0)
        return wrong(call, "`%s` is not base64", p->name);
    slot->length = (size_t)n - (n ? padding : 0);
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool decode_hex(struct wf__ffi_call *call, const struct wf__param *p, const char *text, struct wf__slot *slot)
{
    size_t len = strlen(text);
    unsigned char *to = memory(call, len / 2 + 1);

    if (!to)
        return false;
    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return wrong(call, "`%s` is not hexadecimal", p->name);
        to[i / 2] = (unsigned char)(high << 4 | low);
    }
    if (len % 2)
        return wrong(call, "`%s` is not hexadecimal: a digit is missing", p->name);
    slot->memory = to;
    slot->length = len / 2;
    return true;
}

static bool make_string(struct wf__ffi_call *call, const struct wf__param *p, const cJSON *json, struct wf__slot *slot)
{
    if (!cJSON_IsString(json))
        return wrong(call, "`%s` must be text", p->name);
    if (p->form == WF__AS_BASE64)
        return decode_base64(call, p, json->valuestring, slot);
    if (p->form == WF__AS_HEX)
        return decode_hex(call, p, json->valuestring, slot);
    slot->memory = json->valuestring; /* of this call's own tree */
    slot->length = strlen(json->valuestring);
    if (p->source != WF__FROM_VALUE || p->type->to_const)
        return true;
    slot->memory = memory(call, slot->length + 1); /* the constant is shared by all calls */
    if (slot->memory)
        memcpy(slot->memory, json->valuestring, slot->length);
    return slot->memory;
}

static bool make_list(struct wf__ffi_call *call, const struct wf__param *p, const cJSON *json, struct wf__slot *slot)
{
    bool is_texts = p->form == WF__AS_TEXTS;
    size_t size = p->type->to->size, i = 0;

    if (!cJSON_IsArray(json))
        return wrong(call, "`%s` must be a list", p->name);
    slot->length = (size_t)cJSON_GetArraySize(json);
    slot->memory = memory(call, (slot->length + is_texts) * size + 1);
    if (!slot->memory)
        return false;
    for (const cJSON *item = json->child; item; item = item->next, i++) {
        if (is_texts && !cJSON_IsString(item))
            return wrong(call, "`%s` must be a list of texts", p->name);
        if (is_texts)
            ((const char **)slot->memory)[i] = item->valuestring;
        else if (!put(call, p->type->to, item, (char *)slot->memory + i * size, p->name))
            return false;
    }
    return true;
}

/* ---- arguments ---- */

static const cJSON *given(const struct wf__ffi_call *call, const struct wf__param *p)
{
    if (p->source == WF__FROM_VALUE)
        return p->value;
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(call->with, p->member);
    return json ? json : p->value;
}

/* From `with` or a constant. */
static bool make(struct wf__ffi_call *call, const struct wf__param *p, struct wf__slot *slot)
{
    const cJSON *json = given(call, p);

    if (!json)
        return wrong(call, "`%s` is missing", p->member);
    if (p->type->kind == WF__C_POINTER && cJSON_IsNull(json))
        return true; /* NULL */
    switch (p->form) {
    case WF__AS_SCALAR:
        return put(call, p->type, json, &slot->value, p->name);
    case WF__AS_STRUCT:
        slot->memory = memory(call, p->type->size);
        return slot->memory && put(call, p->type, json, slot->memory, p->name);
    case WF__AS_NUMBER:
    case WF__AS_OBJECT:
        slot->memory = memory(call, p->type->to->size);
        return slot->memory && put(call, p->type->to, json, slot->memory, p->name);
    case WF__AS_LIST:
    case WF__AS_TEXTS:
        return make_list(call, p, json, slot);
    case WF__AS_TEXT:
    case WF__AS_BASE64:
    case WF__AS_HEX:
        return make_string(call, p, json, slot);
    case WF__AS_NULL:
    case WF__AS_TEXT_REF:
        return true;
    }
    return false;
}

static bool has_elements(const struct wf__param *p)
{
    return p->form == WF__AS_TEXT || p->form == WF__AS_BASE64 || p->form == WF__AS_HEX || p->form == WF__AS_LIST;
}

static size_t element_size(const struct wf__param *p)
{
    return p->type->to->size ? p->type->to->size : 1;
}

static bool count_room(struct wf__ffi_call *call, const struct wf__param *p, size_t *ret)
{
    double count = (double)p->room.plus;

    if (p->room.of >= 0)
        count += p->room.times * (double)call->slots[p->room.of].length;
    if (p->room.with) {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(call->with, p->room.with);
        count += cJSON_IsNumber(json) && json->valuedouble > 0 ? json->valuedouble : 0;
    }
    count = ceil(count);
    if (count * (double)element_size(p) > (double)WF_MAX_VALUE)
        return wrong(call, "`%s` would need room for %.0f elements: more than a step may have", p->name, count);
    *ret = (size_t)count;
    return true;
}

/* Memory that the function writes to, with what was given at its begin and a guard behind it. */
static bool make_room(struct wf__ffi_call *call, const struct wf__param *p, struct wf__slot *slot)
{
    size_t count = 1, element = element_size(p);

    if (has_elements(p) && !count_room(call, p, &count))
        return false;
    if (count < slot->length + (p->form == WF__AS_TEXT && slot->memory))
        return wrong(call, "`%s` is larger than its room of %zu", p->name, count);
    unsigned char *room = memory(call, count * element + WF__GUARD);
    if (!room)
        return false;
    if (slot->memory)
        memcpy(room, slot->memory, (has_elements(p) ? slot->length : 1) * element);
    memset(room + count * element, GUARD_BYTE, WF__GUARD);
    slot->memory = room;
    slot->size = count;
    return true;
}

static bool count_into(struct wf__ffi_call *call, const struct wf__param *p, struct wf__slot *slot)
{
    const struct wf__ctype *type = p->form == WF__AS_NUMBER ? p->type->to : p->type;
    const struct wf__slot *other = &call->slots[p->other];
    cJSON number = {
        .type = cJSON_Number, .valuedouble = (double)(p->source == WF__FROM_LENGTH ? other->length : other->size)};
    void *to = &slot->value;

    if (p->form == WF__AS_NUMBER)
        to = slot->memory;
    return put(call, type, &number, to, p->name);
}

bool wf__ffi_arguments(struct wf__ffi_call *call)
{
    const struct wf__function *f = call->function;

    for (size_t i = 0; i < f->nparams; i++)
        if ((f->params[i].source == WF__FROM_WITH || f->params[i].source == WF__FROM_VALUE) &&
            !make(call, &f->params[i], &call->slots[i]))
            return false;
    for (size_t i = 0; i < f->nparams; i++) {
        bool is_counted = f->params[i].other >= 0 && f->params[i].form == WF__AS_NUMBER;
        if ((f->params[i].way & WF__OUT || is_counted) && !make_room(call, &f->params[i], &call->slots[i]))
            return false;
    }
    for (size_t i = 0; i < f->nparams; i++) {
        if (f->params[i].other >= 0 && !count_into(call, &f->params[i], &call->slots[i]))
            return false;
        if (f->params[i].type->kind == WF__C_POINTER)
            call->slots[i].value.pointer = call->slots[i].memory;
    }
    return true;
}

const struct wf__param *wf__ffi_overrun(const struct wf__ffi_call *call)
{
    const struct wf__function *f = call->function;

    for (size_t i = 0; i < f->nparams; i++) {
        const struct wf__slot *slot = &call->slots[i];
        const unsigned char *guard = slot->memory;
        if (!(f->params[i].way & WF__OUT))
            continue;
        for (size_t k = 0; k < WF__GUARD; k++)
            if (guard[slot->size * element_size(&f->params[i]) + k] != GUARD_BYTE)
                return &f->params[i];
    }
    return NULL;
}
