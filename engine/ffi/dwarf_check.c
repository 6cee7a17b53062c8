/* dwarf_check.c: a declaration of a manifest against what the library's debugging information says of the function.
 *
 * Only what the file itself has is read, and only then is libdw loaded. What is compared is what a call depends on: how many
 * parameters, of what kind, size and sign; what pointers point to, and whether it is written to. Names are not. */
#include "config.h" /* _GNU_SOURCE */

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ffi/dwarf_lib.h"
#include "ffi/manifest_priv.h"

#define DEBUG_SECTION ".debug_info"

/* ---- is there anything to read? ---- */

static bool has_section(const char *bytes, size_t size)
{
    const ElfW(Ehdr) *head = (const ElfW(Ehdr) *)bytes;

    if (size < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_shentsize != sizeof(ElfW(Shdr)) ||
        head->e_shoff % _Alignof(ElfW(Shdr)) || head->e_shoff > size ||
        (size - head->e_shoff) / sizeof(ElfW(Shdr)) < head->e_shnum || head->e_shstrndx >= head->e_shnum)
        return false;
    const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(bytes + head->e_shoff), *names = &sections[head->e_shstrndx];
    for (size_t i = 0; i < head->e_shnum; i++) {
        size_t at = names->sh_offset + sections[i].sh_name;
        if (at < size && size - at >= sizeof DEBUG_SECTION &&
            memcmp(bytes + at, DEBUG_SECTION, sizeof DEBUG_SECTION) == 0)
            return true;
    }
    return false;
}

static bool has_debug_info(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || st.st_size <= 0)
        return false;
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return false;
    bool has = has_section(bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    return has;
}

/* ---- types ---- */

/* The type that the DIE has, without typedefs and qualifiers. False: void. ret_const: a const was among them. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret, bool *ret_const)
{
    Dwarf_Attribute attribute;

    *ret_const = false;
    if (!wf__dwarf.attr_integrate(die, DW_AT_type, &attribute) || !wf__dwarf.formref_die(&attribute, ret))
        return false;
    for (;;) {
        int tag = wf__dwarf.tag(ret);
        if (tag != DW_TAG_typedef && tag != DW_TAG_const_type && tag != DW_TAG_volatile_type &&
            tag != DW_TAG_restrict_type)
            return true;
        *ret_const = *ret_const || tag == DW_TAG_const_type;
        if (!wf__dwarf.attr_integrate(ret, DW_AT_type, &attribute) || !wf__dwarf.formref_die(&attribute, ret))
            return false; /* const void */
    }
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;

    if (wf__dwarf.attr_integrate(die, name, &attribute))
        wf__dwarf.formudata(&attribute, &number);
    return number;
}

static bool is_same_base(Dwarf_Die *base, const struct wf__ctype *type)
{
    Dwarf_Word encoding = number_of(base, DW_AT_encoding);
    bool is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;

    if ((size_t)wf__dwarf.bytesize(base) != type->size)
        return false;
    switch (encoding) {
    case DW_ATE_float:
        return type->kind == WF__C_FLOAT;
    case DW_ATE_boolean:
        return type->kind == WF__C_BOOL;
    default:
        return type->kind == WF__C_INT && (type->size == 1 || type->is_signed == is_signed);
    }
}

static bool is_same(Dwarf_Die *die, bool has_type, const struct wf__ctype *type, bool is_behind);

static bool is_same_pointer(Dwarf_Die *pointer, const struct wf__ctype *type)
{
    Dwarf_Die to;
    bool is_const, has_type;

    if (type->kind != WF__C_POINTER)
        return false;
    has_type = type_of(pointer, &to, &is_const);
    if (type->to_const && !is_const) /* the function writes there */
        return false;
    return is_same(&to, has_type, type->to, true);
}

/* Behind a pointer bytes are bytes, and what is only known by its name may be anything. */
static bool is_same(Dwarf_Die *die, bool has_type, const struct wf__ctype *type, bool is_behind)
{
    if (is_behind && (!has_type || wf__ctype_is_byte(type)))
        return !has_type || type->kind == WF__C_VOID || wf__dwarf.bytesize(die) == 1;
    if (!has_type)
        return type->kind == WF__C_VOID;
    switch (wf__dwarf.tag(die)) {
    case DW_TAG_base_type:
        return is_same_base(die, type);
    case DW_TAG_enumeration_type:
        return type->kind == WF__C_INT && (size_t)wf__dwarf.bytesize(die) == type->size;
    case DW_TAG_pointer_type:
        return is_same_pointer(die, type);
    case DW_TAG_structure_type:
        return type->kind == WF__C_STRUCT && (type->size == 0 || (size_t)wf__dwarf.bytesize(die) == type->size);
    default: /* unions, functions: nothing that a manifest could have declared, but as an opaque name */
        return type->kind == WF__C_STRUCT && type->size == 0;
    }
}

/* How it would be written: "unsigned int", "const char *" */
static void describe(Dwarf_Die *die, char *ret, size_t size)
{
    Dwarf_Die type;
    bool is_const, has_type = type_of(die, &type, &is_const);
    const char *name = has_type ? wf__dwarf.diename(&type) : "void";

    if (has_type && wf__dwarf.tag(&type) == DW_TAG_pointer_type) {
        char to[100];
        bool to_const;
        Dwarf_Die behind;
        type_of(&type, &behind, &to_const);
        describe(&type, to, sizeof to);
        snprintf(ret, size, "%s%s *", to_const && strncmp(to, "const ", 6) != 0 ? "const " : "", to);
    } else {
        snprintf(ret, size, "%s%s", has_type && wf__dwarf.tag(&type) == DW_TAG_structure_type ? "struct " : "",
            name ? name : "something without a name");
    }
}

/* ---- functions ---- */

static int differs(
    const struct wf__function *f, const char *what, const char *says, const char *declared, struct wf_err *err)
{
    wf_err_hint(err, "copy the declaration from the header of this version of the library");
    return wf_err_set(err, WF_EINVAL,
        "%d:%d: %s of %s is `%s` by the library's debugging information, and `%s` in the manifest", f->loc.line,
        f->loc.col, what, f->c.name, says, declared);
}

static int check_one(
    const struct wf__function *f, Dwarf_Die *die, const struct wf__ctype *type, const char *what, struct wf_err *err)
{
    Dwarf_Die found;
    bool is_const, has_type = type_of(die, &found, &is_const);
    char says[120];

    if (is_same(&found, has_type, type, false))
        return 0;
    describe(die, says, sizeof says);
    return differs(f, what, says, type->name, err);
}

static int check_function(const struct wf__function *f, Dwarf_Die *function, struct wf_err *err)
{
    Dwarf_Die child;
    size_t count = 0;
    bool is_variadic = false;
    char what[120], says[40], declared[40];
    int rc = check_one(f, function, f->c.returns, "the returned value", err);

    for (int more = rc == 0 ? wf__dwarf.child(function, &child) : 1; more == 0 && rc == 0;
         more = wf__dwarf.siblingof(&child, &child)) {
        int tag = wf__dwarf.tag(&child);
        is_variadic = is_variadic || tag == DW_TAG_unspecified_parameters;
        if (tag != DW_TAG_formal_parameter)
            continue;
        if (count < f->nfixed) {
            snprintf(what, sizeof what, "the parameter `%s`", f->params[count].name);
            rc = check_one(f, &child, f->params[count].type, what, err);
        }
        count++;
    }
    if (rc == 0 && (count != f->nfixed || is_variadic != f->c.is_variadic)) {
        snprintf(says, sizeof says, "%zu%s", count, is_variadic ? " and ..." : "");
        snprintf(declared, sizeof declared, "%zu%s", f->nfixed, f->c.is_variadic ? " and ..." : "");
        rc = differs(f, "the number of parameters", says, declared, err);
    }
    return rc;
}

static const struct wf__function *function_of(
    const struct wf_manifest *m, const char *name, size_t from, size_t *ret_next)
{
    for (size_t i = from; name && i < m->nfunctions; i++) {
        if (strcmp(m->functions[i]->c.name, name) == 0) {
            *ret_next = i + 1;
            return m->functions[i];
        }
    }
    return NULL;
}

static int check_unit(const struct wf_manifest *m, Dwarf_Die *unit, struct wf_err *err)
{
    Dwarf_Die die;
    int rc = 0;

    for (int more = wf__dwarf.child(unit, &die); more == 0 && rc == 0; more = wf__dwarf.siblingof(&die, &die)) {
        Dwarf_Attribute external;
        size_t next = 0;
        if (wf__dwarf.tag(&die) != DW_TAG_subprogram || !wf__dwarf.attr_integrate(&die, DW_AT_external, &external))
            continue;
        const char *name = wf__dwarf.diename(&die);
        for (const struct wf__function *f; rc == 0 && (f = function_of(m, name, next, &next)) != NULL;)
            rc = check_function(f, &die, err);
    }
    return rc;
}

int wf__dwarf_check(const struct wf_manifest *m, struct wf_err *ret_err)
{
    struct link_map *map = NULL;
    Dwarf_Off offset = 0, next;
    size_t head;
    int rc = 0, fd = -1;

    if (dlinfo(m->object, RTLD_DI_LINKMAP, &map) == 0 && map->l_name[0])
        fd = open(map->l_name, O_RDONLY | O_CLOEXEC);
    Dwarf *dwarf = fd >= 0 && has_debug_info(fd) && wf__dwarf_load() ? wf__dwarf.begin(fd, DWARF_C_READ) : NULL;
    for (; dwarf && rc == 0 && wf__dwarf.nextcu(dwarf, offset, &next, &head, NULL, NULL, NULL) == 0; offset = next) {
        Dwarf_Die unit;
        if (wf__dwarf.offdie(dwarf, offset + head, &unit))
            rc = check_unit(m, &unit, ret_err);
    }
    if (dwarf)
        wf__dwarf.end(dwarf);
    if (fd >= 0)
        close(fd);
    return rc;
}
