/* ffi_call.c: a step of a manifest at work: arguments, the call, its failure or its output. */
#include "config.h" /* _GNU_SOURCE */

#include "ffi/ffi_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUL_ESCAPE "\\u0000"

const struct wf_host *wf__ffi_host;

/* ---- failures ---- */

static void fail(const struct wf__ffi_call *call, const char *type, int32_t status, const char *title,
    const char *detail, const char *data)
{
    struct wf_failure failure = {
        .size = sizeof failure, .type = type, .status = status, .title = title, .detail = detail, .data = data};
    wf__ffi_host->fail(call->step, &failure);
}

static bool compares(enum wf__compare compare, double a, double b)
{
    switch (compare) {
    case WF__EQ:
        return a == b;
    case WF__NE:
        return a != b;
    case WF__LT:
        return a < b;
    case WF__LE:
        return a <= b;
    case WF__GT:
        return a > b;
    case WF__GE:
        return a >= b;
    }
    return false;
}

static const char *meaning(const struct wf__fails *fails, int64_t value)
{
    for (size_t i = 0; i < fails->nwords; i++)
        if (fails->words[i].value == value)
            return fails->words[i].text;
    return NULL;
}

/* "uncompress: the data is damaged (return is -3)", "strtol: Numerical result out of range (ERANGE)" */
static void fail_as_declared(const struct wf__ffi_call *call)
{
    const struct wf__function *f = call->function;
    const struct wf__fails *fails = &f->fails;
    bool is_errno = fails->what == WF__ERRNO;
    const char *name = is_errno ? "errno" : f->params[fails->what].name;
    int64_t value = wf__ffi_whole(call, fails->what);
    const char *words = meaning(fails, value);
    char detail[500], data[120], reason[100] = "";

    if (f->has_errno) {
        const char *symbol = strerrorname_np(call->error);
        snprintf(reason, sizeof reason, "%s (%s)", strerrordesc_np(call->error) ? strerrordesc_np(call->error) : "?",
            symbol ? symbol : "?");
    }
    if (words)
        snprintf(detail, sizeof detail, "%s: %s (%s is %lld)", f->c.name, words, name, (long long)value);
    else if (f->has_errno)
        snprintf(detail, sizeof detail, "%s: %s", f->c.name, reason);
    else
        snprintf(detail, sizeof detail, "%s: %s is %lld", f->c.name, name, (long long)value);
    if (f->has_errno)
        snprintf(data, sizeof data, "{\"function\":\"%.60s\",\"errno\":%d}", f->c.name, call->error);
    else
        snprintf(data, sizeof data, "{\"function\":\"%.60s\",\"code\":%lld}", f->c.name, (long long)value);
    fail(
        call, fails->type, fails->status, fails->title ? fails->title : "The function reports a failure", detail, data);
}

/* ---- the call ---- */

/* libffi widens what is narrower than a register. */
static void narrow_return(struct wf__ffi_call *call)
{
    const struct wf__ctype *type = call->function->c.returns;
    struct wf__slot *slot = &call->slots[call->function->nparams];

    if (type->kind == WF__C_BOOL)
        slot->value.truth = slot->value.widened != 0;
    if (type->kind == WF__C_POINTER)
        slot->memory = slot->value.pointer;
}

static bool place_return(struct wf__ffi_call *call, void **ret)
{
    const struct wf__ctype *type = call->function->c.returns;
    struct wf__slot *slot = &call->slots[call->function->nparams];

    *ret = &slot->value;
    if (type->kind != WF__C_STRUCT)
        return true;
    size_t size = type->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : type->size;
    slot->memory = *ret = wf__ffi_host->alloc(call->step, size);
    return slot->memory;
}

static bool perform(struct wf__ffi_call *call)
{
    const struct wf__function *f = call->function;
    void *values[WF__C_MOST_PARAMS], *ret;

    if (!place_return(call, &ret))
        return false;
    for (size_t i = 0; i < f->nparams; i++)
        values[i] = f->params[i].form == WF__AS_STRUCT ? call->slots[i].memory : (void *)&call->slots[i].value;
    errno = 0;
    ffi_call((ffi_cif *)&f->cif, f->address, ret, values);
    call->error = errno;
    narrow_return(call);
    return true;
}

/* What the function allocated for its caller. */
static void release(const struct wf__ffi_call *call)
{
    for (size_t i = 0; i <= call->function->nparams; i++) {
        const struct wf__param *p = &call->function->params[i];
        void *pointer = call->slots[i].value.pointer;
        if (!p->free)
            continue;
        if (p->form == WF__AS_TEXT_REF && pointer)
            memcpy(&pointer, call->slots[i].memory, sizeof pointer);
        if (pointer)
            p->free(pointer);
    }
}

static void succeed(const struct wf__ffi_call *call)
{
    struct wf_buf buf;

    wf_buf_init(&buf, WF_MAX_VALUE);
    wf__ffi_output(call, &buf);
    if (buf.failed)
        fail(call, NULL, 0, "Too large", "the output is larger than a value may be", NULL);
    else
        wf__ffi_host->succeed(call->step, (struct wf_bytes){buf.ptr, buf.len});
    wf_buf_done(&buf);
}

static void answer(const struct wf__ffi_call *call)
{
    const struct wf__function *f = call->function;
    const struct wf__param *overrun = wf__ffi_overrun(call);
    char detail[300];

    if (overrun) {
        snprintf(detail, sizeof detail,
            "%s wrote past the end of `%s` (room for %zu): its declaration or `room` in %s is wrong, and memory may be "
            "damaged",
            f->c.name, overrun->name, call->slots[overrun - f->params].size, f->manifest->path);
        fail(call, NULL, 0, "Wrong signature", detail, NULL);
    } else if (f->fails.is_set && compares(f->fails.compare, wf__ffi_number(call, f->fails.what), f->fails.number)) {
        fail_as_declared(call);
    } else {
        succeed(call);
    }
    release(call);
}

/* cJSON ends a text at NUL, and so would C: what was meant cannot be said. */
static bool has_nul(struct wf_bytes with)
{
    return memmem(with.ptr, with.len, NUL_ESCAPE, strlen(NUL_ESCAPE));
}

void wf__function_run(struct wf_step *step, const struct wf__function *function)
{
    struct wf__ffi_call call = {.function = function, .step = step};
    struct wf_bytes with = wf__ffi_host->input(step);

    call.with = cJSON_ParseWithLength(with.ptr, with.len);
    if (has_nul(with))
        fail(
            &call, "validation", 400, "NUL in a text", "a C string cannot hold U+0000: pass the bytes as base64", NULL);
    else if (!wf__ffi_arguments(&call))
        fail(&call, "validation", 400, "Arguments that do not fit", call.wrong, NULL);
    else if (perform(&call))
        answer(&call);
    else
        fail(&call, NULL, 0, "Out of memory", "there is no memory for what the function returns", NULL);
    cJSON_Delete(call.with);
}
