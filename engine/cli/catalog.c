/* catalog.c: hosting seen as a catalog of steps. */
#include "cli/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct known {
    struct known *next;
    struct wf_step_info info;
};

struct wf_catalog {
    struct wf_step_catalog steps;
    struct wf_hosting *hosting;
    struct known *known;
    const char **names;
};

static const struct wf_step_info *remember(struct wf_catalog *catalog, const struct wf_step_entry *entry)
{
    for (struct known *k = catalog->known; k; k = k->next)
        if (k->info.entry == entry)
            return &k->info;
    struct known *k = wf_calloc(1, sizeof *k);
    k->info = (struct wf_step_info){entry->type->name, entry->plugin->version, entry->input_schema, entry};
    k->next = catalog->known;
    catalog->known = k;
    return &k->info;
}

static const struct wf_step_info *find(void *ctx, const char *name, const char *version)
{
    struct wf_catalog *catalog = ctx;
    const struct wf_step_entry *entry = wf_hosting_find(catalog->hosting, name, version);
    return entry ? remember(catalog, entry) : NULL;
}

static const char *const *names(void *ctx)
{
    struct wf_catalog *catalog = ctx;
    wf_hosting_load_all(catalog->hosting, NULL, NULL);
    size_t count = wf_hosting_count(catalog->hosting);
    free(catalog->names);
    catalog->names = wf_calloc(count + 1, sizeof *catalog->names);
    for (size_t i = 0; i < count; i++)
        catalog->names[i] = wf_hosting_at(catalog->hosting, i)->type->name;
    return catalog->names;
}

/* A refusal, and how sure it is that the finding comes from it. */
struct refusal {
    const char *msg; /* of the finding */
    char *hint;
    bool sure;
};

/* A plugin whose name stands in the finding is the cause; any other one may be. */
static void consider(void *arg, const char *file, const struct wf_err *err)
{
    struct refusal *refusal = arg;
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    char *quoted = wf_asprintf("`%.*s", (int)strcspn(base, "."), base);
    bool sure = strstr(refusal->msg, quoted);
    free(quoted);
    if (refusal->sure || (refusal->hint && !sure) || (!sure && err->code == WF_ENOTFOUND))
        return; /* not in the lock file: that says nothing about a name that is misspelt */
    free(refusal->hint);
    refusal->sure = sure;
    refusal->hint = wf_asprintf("%s: %s%s%s%s%s", sure ? "its plugin was refused" : "a plugin was refused",
        sure ? "" : base, sure ? "" : ": ", err->msg, err->hint[0] ? "; " : "", err->hint);
}

static void explain(void *ctx, struct wf_diags *diags)
{
    const struct wf_catalog *catalog = ctx;
    for (size_t i = 0; i < diags->count; i++) {
        struct wf_diag *diag = &diags->items[i];
        struct refusal refusal = {.msg = diag->msg};
        if (diag->code == 501)
            wf_hosting_load_all(catalog->hosting, consider, &refusal);
        if (!refusal.hint)
            continue;
        free(diag->hint);
        diag->hint = refusal.hint;
    }
}

struct wf_catalog *wf_catalog_new(struct wf_hosting *hosting)
{
    struct wf_catalog *catalog = wf_calloc(1, sizeof *catalog);
    catalog->hosting = hosting;
    catalog->steps = (struct wf_step_catalog){find, names, explain, catalog};
    return catalog;
}

void wf_catalog_free(struct wf_catalog *catalog)
{
    if (!catalog)
        return;
    while (catalog->known) {
        struct known *k = catalog->known;
        catalog->known = k->next;
        free(k);
    }
    free(catalog->names);
    free(catalog);
}

const struct wf_step_catalog *wf_catalog_steps(const struct wf_catalog *catalog)
{
    return &catalog->steps;
}
