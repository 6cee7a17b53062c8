/* register.c: an index of definition files by namespace, name and version. */
#include "cli/register.h"

#include <dirent.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/diag_print.h"
#include "def/yaml.h"

#define DOCUMENT_MEMORY ((size_t)256 << 20)
#define FILES_MAX       1000u

struct entry {
    struct entry *next;
    char *path, *namespace_, *name, *version;
    struct wf_def *def; /* loaded when first asked for */
    bool failed;
};

struct wf_registry {
    struct wf_world *world;
    struct wf_config *config;
    const char *file; /* the workflow's */
    char *folder;     /* of it */
    struct entry *first, **end;
    unsigned count;
    bool scanned;
};

struct wf_registry *wf_registry_new(struct wf_world *world, struct wf_config *config, const char *file)
{
    struct wf_registry *registry = wf_calloc(1, sizeof *registry);
    registry->world = world;
    registry->config = config;
    registry->end = &registry->first;
    registry->file = file;
    if (file && strcmp(file, "-") != 0) {
        char *copy = wf_strdup(file);
        registry->folder = wf_strdup(dirname(copy));
        free(copy);
    }
    return registry;
}

void wf_registry_free(struct wf_registry *registry)
{
    while (registry && registry->first) {
        struct entry *entry = registry->first;
        registry->first = entry->next;
        if (entry->def)
            wf_def_unref(entry->def);
        free(entry->path);
        free(entry->namespace_);
        free(entry->name);
        free(entry->version);
        free(entry);
    }
    if (registry)
        free(registry->folder);
    free(registry);
}

const char *wf_registry_file(const struct wf_registry *registry)
{
    return registry->file;
}

/* ---- the index ---- */

static char *document_text(const struct wf_node *root, const char *key)
{
    const struct wf_node *document = wf_node_get(root, "document");
    const struct wf_node *node = document ? wf_node_get(document, key) : NULL;
    return node && node->kind == WF_NODE_STRING ? wf_strdup(node->text) : NULL;
}

static void add_file(struct wf_registry *registry, const char *path, bool named)
{
    struct wf_arena *arena = wf_arena_new(DOCUMENT_MEMORY);
    struct wf_diags diags;
    struct wf_err err = {0};
    const struct wf_node *root = NULL;
    char *text = NULL;
    size_t len = 0;
    wf_diags_init(&diags);
    if (wf_yaml_read_file(path, &text, &len, &err) < 0) {
        if (named)
            wf_log(WF_LOGL_ERROR, "--register %s: %s", path, err.msg);
    } else if (wf_yaml_parse(path, text, len, arena, &diags, &root) < 0) {
        if (named)
            wf_diags_print(stderr, &diags, text, len);
    } else if (registry->count < FILES_MAX) {
        struct entry entry = {NULL, wf_strdup(path), document_text(root, "namespace"), document_text(root, "name"),
            document_text(root, "version"), NULL, false};
        *registry->end = (void *)wf_memdup(&entry, sizeof entry);
        registry->end = &(*registry->end)->next;
        registry->count++;
    }
    wf_diags_done(&diags);
    wf_arena_free(arena);
    free(text);
}

static bool is_definition_name(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

static void add_folder(struct wf_registry *registry, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (!is_definition_name(entry))
            continue;
        char *path = wf_asprintf("%s/%s", folder, entry->d_name);
        add_file(registry, path, false);
        free(path);
    }
    if (dir)
        closedir(dir);
}

static void scan(struct wf_registry *registry)
{
    if (registry->scanned)
        return;
    registry->scanned = true;
    for (const char *const *path = wf_config_list(registry->config, WF_OPT_REGISTER); *path; path++) {
        struct stat st;
        if (stat(*path, &st) == 0 && S_ISDIR(st.st_mode))
            add_folder(registry, *path);
        else
            add_file(registry, *path, true);
    }
    if (registry->folder)
        add_folder(registry, registry->folder);
}

/* ---- finding ---- */

/* Semantic versions: numbers first; a pre-release (1.0.0-rc1) comes before its release. */
static int compare_versions(const char *a, const char *b)
{
    while (*a && *b && *a != '-' && *b != '-') {
        char *end_a, *end_b;
        long x = strtol(a, &end_a, 10), y = strtol(b, &end_b, 10);
        if (x != y)
            return x < y ? -1 : 1;
        a = end_a + (*end_a == '.');
        b = end_b + (*end_b == '.');
        if (end_a == a || end_b == b)
            break;
    }
    if (*a == '\0' || *b == '\0')
        return (*a == '\0' && *b == '\0') ? 0 : *a == '\0' ? (*b == '-' ? 1 : -1) : (*a == '-' ? -1 : 1);
    return strcmp(a, b);
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static struct wf_def *load(struct wf_registry *registry, struct entry *entry)
{
    if (!entry->def && !entry->failed) {
        struct wf_diags diags;
        char *text = NULL;
        size_t len = 0;
        wf_diags_init(&diags);
        entry->failed = wf_world_load(registry->world, entry->path, &diags, &entry->def, &text, &len) != 0;
        if (entry->failed)
            wf_diags_print(stderr, &diags, text, len);
        wf_diags_done(&diags);
        free(text);
    }
    return entry->failed ? NULL : wf_def_ref(entry->def);
}

struct wf_def *wf_registry_find(
    struct wf_registry *registry, const char *namespace_, const char *name, const char *version)
{
    struct entry *best = NULL;
    scan(registry);
    for (struct entry *entry = registry->first; entry; entry = entry->next) {
        if (!same(entry->namespace_, namespace_) || !same(entry->name, name) || !entry->version)
            continue;
        if (version && strcmp(entry->version, version) != 0)
            continue;
        if (!best || compare_versions(entry->version, best->version) > 0)
            best = entry;
    }
    return best ? load(registry, best) : NULL;
}
