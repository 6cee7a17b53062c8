/* ffi_link.c: from names to addresses: the library, its functions, and the calls that libffi prepares of their types. */
#include "config.h" /* _GNU_SOURCE */

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "ffi/manifest_priv.h"

#define DEEPEST_STRUCT 10

/* ---- types ---- */

static ffi_type *scalar_type(const struct wf__ctype *type)
{
    if (type->kind == WF__C_FLOAT)
        return type->size == sizeof(float) ? &ffi_type_float : &ffi_type_double;
    switch (type->size) {
    case 1:
        return type->is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
    case 2:
        return type->is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
    case 4:
        return type->is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
    default:
        return type->is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
    }
}

static size_t count_elements(const struct wf__ctype *type)
{
    size_t count = 0;
    for (size_t i = 0; i < type->nmembers; i++)
        count += type->members[i].type->kind == WF__C_ARRAY ? type->members[i].type->count : 1;
    return count;
}

static ffi_type *ffi_type_of(struct wf_manifest *m, const struct wf__ctype *type, int depth);

/* libffi knows no arrays: one is so many members. NULL: too deep, or arrays of arrays. */
static ffi_type *struct_type(struct wf_manifest *m, const struct wf__ctype *type, int depth)
{
    ffi_type *made = wf_arena_alloc(m->arena, sizeof *made);
    size_t n = 0, count = count_elements(type);

    ffi_type **elements = count < 10000 ? wf_arena_alloc(m->arena, (count + 1) * sizeof(ffi_type *)) : NULL;
    if (!made || !elements || depth > DEEPEST_STRUCT)
        return NULL;
    for (size_t i = 0; i < type->nmembers; i++) {
        const struct wf__ctype *member = type->members[i].type;
        bool is_array = member->kind == WF__C_ARRAY;
        ffi_type *element = ffi_type_of(m, is_array ? member->to : member, depth + 1);
        if (!element)
            return NULL;
        for (size_t k = is_array ? member->count : 1; k > 0; k--)
            elements[n++] = element;
    }
    *made = (ffi_type){.type = FFI_TYPE_STRUCT, .elements = elements};
    return made;
}

static ffi_type *ffi_type_of(struct wf_manifest *m, const struct wf__ctype *type, int depth)
{
    switch (type->kind) {
    case WF__C_VOID:
        return &ffi_type_void;
    case WF__C_POINTER:
        return &ffi_type_pointer;
    case WF__C_STRUCT:
        return struct_type(m, type, depth);
    case WF__C_ARRAY:
        return NULL;
    default:
        return scalar_type(type);
    }
}

/* ---- the library ---- */

static void *open_library(const struct wf_manifest *m, struct wf_err *ret_err)
{
    void *object = dlopen(m->library, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        wf_err_hint(ret_err, "install the package that has it (`ldconfig -p` lists what is there), or mend `library`");
        wf_err_set(ret_err, WF_EINVAL, "its library cannot be loaded: %s", dlerror());
    }
    return object;
}

/* A symbol that is known to be data is no function; of an indirect function (STT_GNU_IFUNC) dlsym gives the one that
 * was chosen. */
static bool is_data(void *address)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;

    if (!dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol || info.dli_saddr != address)
        return false;
    unsigned type = ELF64_ST_TYPE(symbol->st_info); /* the same in both classes */
    return type == STT_OBJECT || type == STT_TLS || type == STT_COMMON;
}

static void *find(struct wf__function *f, const char *name, struct wf_err *ret_err)
{
    void *address = dlsym(f->manifest->object, name);

    if (!address) {
        wf_err_hint(ret_err, "`nm -D --defined-only` lists what a library has");
        wf_err_set(
            ret_err, WF_EINVAL, "%d:%d: %s has no function %s", f->loc.line, f->loc.col, f->manifest->library, name);
    } else if (is_data(address)) {
        wf_err_set(ret_err, WF_EINVAL, "%d:%d: %s of %s is data, not a function", f->loc.line, f->loc.col, name,
            f->manifest->library);
        address = NULL;
    }
    return address;
}

/* ---- a function ---- */

/* What the host calls: of a step it knows no more than its `run`, so each has one of its own, made by libffi. */
static void run_closure(ffi_cif *cif, void *ret, void **args, void *function)
{
    (void)cif;
    (void)ret;
    wf__function_run(*(struct wf_step **)args[0], function);
}

static ffi_type *run_params[] = {&ffi_type_pointer, &ffi_type_pointer};
static ffi_cif run_cif; /* void run(struct wf_step *, void *state) */

static bool make_run(struct wf__function *f)
{
    void *code = NULL;

    if (ffi_prep_cif(&run_cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, run_params) != FFI_OK)
        return false;
    f->closure = ffi_closure_alloc(sizeof *f->closure, &code);
    if (!f->closure || ffi_prep_closure_loc(f->closure, &run_cif, run_closure, f, code) != FFI_OK)
        return false;
    memcpy(&f->type.run, &code, sizeof code);
    return true;
}

static int prepare(struct wf__function *f, struct wf_err *ret_err)
{
    ffi_type *returns = ffi_type_of(f->manifest, f->c.returns, 0);
    ffi_status status = returns ? FFI_OK : FFI_BAD_TYPEDEF;

    for (size_t i = 0; i < f->nparams && status == FFI_OK; i++) {
        f->ffi_params[i] = ffi_type_of(f->manifest, f->params[i].type, 0);
        status = f->ffi_params[i] ? FFI_OK : FFI_BAD_TYPEDEF;
    }
    if (status == FFI_OK)
        status = f->c.is_variadic
                     ? ffi_prep_cif_var(
                           &f->cif, FFI_DEFAULT_ABI, (unsigned)f->nfixed, (unsigned)f->nparams, returns, f->ffi_params)
                     : ffi_prep_cif(&f->cif, FFI_DEFAULT_ABI, (unsigned)f->nparams, returns, f->ffi_params);
    if (status != FFI_OK)
        return wf_err_set(ret_err, WF_EINVAL, "%d:%d: a struct of %s cannot be passed by value: pass it by pointer",
            f->loc.line, f->loc.col, f->c.name);
    return 0;
}

int wf__function_link(struct wf__function *f, struct wf_err *ret_err)
{
    void *address = find(f, f->c.name, ret_err);

    if (!address)
        return WF_EINVAL;
    memcpy(&f->address, &address, sizeof address);
    for (size_t i = 0; i <= f->nparams; i++) {
        struct wf__param *p = &f->params[i];
        void *release = p->release ? find(f, p->release, ret_err) : NULL;
        if (p->release && !release)
            return WF_EINVAL;
        memcpy(&p->free, &release, sizeof release);
    }
    int rc = prepare(f, ret_err);
    if (rc == 0 && !make_run(f))
        rc = wf_err_set(
            ret_err, WF_EINVAL, "libffi can make no function here: the system forbids code made at run time");
    return rc;
}

int wf_manifest_link(struct wf_manifest *m, struct wf_err *ret_err)
{
    int rc = 0;

    m->object = open_library(m, ret_err);
    if (!m->object)
        return WF_EINVAL;
    for (size_t i = 0; rc == 0 && i < m->nfunctions; i++)
        rc = wf__function_link(m->functions[i], ret_err);
    return rc == 0 ? wf__dwarf_check(m, ret_err) : rc;
}
