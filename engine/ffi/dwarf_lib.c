/* dwarf_lib.c: finds libdw. Without it nothing is checked: the libraries of a system have nothing to check, as a rule. */
#include "ffi/dwarf_lib.h"

#include <dlfcn.h>

#include "base/log.h"

#define LIBRARY "libdw.so.1" /* its ABI since 2005 */

struct wf__dwarf wf__dwarf;

bool wf__dwarf_load(void)
{
    static bool is_tried, is_loaded;

    if (is_tried)
        return is_loaded;
    is_tried = true;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    is_loaded = library;
#define LOOK_UP(name)                                                                                                  \
    *(void **)&wf__dwarf.name = library ? dlsym(library, "dwarf_" #name) : NULL;                                       \
    is_loaded = is_loaded && wf__dwarf.name;
    WF__DWARF_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
    if (!is_loaded)
        wf_log(WF_LOGL_INFO, "declarations of functions cannot be checked: no %s (apt-get install libdw1)", LIBRARY);
    return is_loaded;
}
