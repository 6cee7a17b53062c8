/* plugin_file.c: what is known of a plugin by its file alone: its name, what else has its code, the digest of it. */
#include "config.h" /* _GNU_SOURCE */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/host_priv.h"

const char *wf__plugin_name(const char *path, size_t *ret_len)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

    if (strcmp(base, "function.yaml") == 0 && base > path + 1) {
        const char *end = base - 1;
        for (base = end; base > path && base[-1] != '/'; base--)
            ;
        *ret_len = (size_t)(end - base);
    } else {
        *ret_len = strcspn(base, ".");
    }
    return base;
}

char *wf_plugin_name_of(const char *file)
{
    size_t len;
    const char *name = wf__plugin_name(file, &len);

    return wf_asprintf("%.*s", (int)len, name);
}

void wf_plugin_files(const char *file, char *ret[2])
{
    struct wf_manifest *manifest = NULL;
    struct wf_err err = {0};

    ret[0] = wf_strdup(file);
    ret[1] = NULL;
    if (wf_manifest_is_file(file) && wf_manifest_load(file, &manifest, &err) == 0 && wf_manifest_library_path(manifest))
        ret[1] = wf_strdup(wf_manifest_library_path(manifest));
    wf_manifest_free(manifest);
}

void wf_plugin_digest(const char *file, char ret_text[WF_SHA256_TEXT])
{
    char *files[2], both[2 * WF_SHA256_TEXT];
    uint8_t digest[WF_SHA256_SIZE];

    wf_plugin_files(file, files);
    wf_sha256_file(files[0], ret_text);
    if (files[1] && ret_text[0]) {
        memcpy(both, ret_text, WF_SHA256_TEXT - 1);
        wf_sha256_file(files[1], both + WF_SHA256_TEXT - 1);
        wf_sha256(both, strlen(both), digest);
        wf_sha256_text(digest, ret_text);
    }
    free(files[0]);
    free(files[1]);
}
