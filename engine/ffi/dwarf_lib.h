/* dwarf_lib.h: libdw, loaded when a library has something for it to read. Private to ffi. */
#ifndef WF_FFI_DWARF_LIB_H
#define WF_FFI_DWARF_LIB_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdbool.h>

#define WF__DWARF_FUNCTIONS(X)                                                                                         \
    X(begin)                                                                                                           \
    X(end)                                                                                                             \
    X(nextcu)                                                                                                          \
    X(offdie)                                                                                                          \
    X(child)                                                                                                           \
    X(siblingof)                                                                                                       \
    X(tag)                                                                                                             \
    X(diename)                                                                                                         \
    X(attr_integrate)                                                                                                  \
    X(formref_die)                                                                                                     \
    X(formudata)                                                                                                       \
    X(bytesize)

struct wf__dwarf {
#define MEMBER(name) __typeof__(dwarf_##name) *name;
    WF__DWARF_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct wf__dwarf wf__dwarf;
bool wf__dwarf_load(void); /* false: libdw is not installed; loop thread */

#endif
