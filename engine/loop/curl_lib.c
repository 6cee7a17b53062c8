/* curl_lib.c: finds libcurl when the first transfer needs it. */
#include "loop/curl_lib.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/log.h"

#define LIBRARY "libcurl.so.4" /* libcurl's ABI since 2006 */

struct wf__curl wf__curl;

static void *look_up(void *library, const char *name)
{
    void *function = library ? dlsym(library, name) : NULL;

    if (!function) {
        wf_log(WF_LOGL_ERROR, "cannot make the HTTP client: %s (apt-get install libcurl4)", dlerror());
        abort();
    }
    return function;
}

void wf__curl_load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

#define LOOK_UP(name) *(void **)&wf__curl.name = look_up(library, "curl_" #name);
    WF__CURL_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
    wf__curl.global_init(CURL_GLOBAL_DEFAULT);
}
