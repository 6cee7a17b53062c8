/* plugin-c99.c: the header alone, as strict C99 and, as it is, as C++. */
#include <wfrun/plugin.h>

static int32_t open_plugin(const struct wf_host *host, void **ret_state)
{
    *ret_state = NULL;
    return WF_HOST_HAS(host, recall) ? 0 : -1;
}

static const struct wf_plugin plugin = {sizeof plugin, WF_ABI_MAJOR, WF_ABI_MINOR, "abi", "1.0.0", "Tests the header",
    NULL, NULL, NULL, NULL, NULL, open_plugin, NULL};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    return host_abi == WF_ABI ? &plugin : NULL;
}
