/* pinned.c: loads definitions from the journal, with a catalog that has every step. */
#include "report/pinned.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define ARENA_MAX ((size_t)256 << 20)

void wf_pinned_init(struct wf_pinned *pinned, const struct wf_backend_ops *ops, struct wf_backend *backend)
{
    *pinned = (struct wf_pinned){.ops = ops, .backend = backend};
}

void wf_pinned_done(struct wf_pinned *pinned)
{
    for (size_t i = 0; i < pinned->ndefs; i++) {
        struct wf_pinned_def *def = pinned->defs[i];
        wf_def_unref(def->def);
        wf_arena_free(def->arena);
        free(def->file);
        free(def->text);
        free(def);
    }
    for (size_t i = 0; i < pinned->nsteps; i++) {
        free((char *)(uintptr_t)pinned->steps[i]->name);
        free(pinned->steps[i]);
    }
    free(pinned->defs);
    free(pinned->steps);
    *pinned = (struct wf_pinned){0};
}

/* Whatever was called is there: which plugins this machine has is of no interest to a look back. */
static const struct wf_step_info *find_step(void *ctx, const char *name, const char *version)
{
    struct wf_pinned *pinned = ctx;
    (void)version;
    for (size_t i = 0; i < pinned->nsteps; i++)
        if (strcmp(pinned->steps[i]->name, name) == 0)
            return pinned->steps[i];
    pinned->steps = wf_realloc(pinned->steps, (pinned->nsteps + 1) * sizeof(struct wf_step_info *));
    struct wf_step_info *step = wf_calloc(1, sizeof *step);
    *step = (struct wf_step_info){.name = wf_strdup(name), .version = ""};
    return pinned->steps[pinned->nsteps++] = step;
}

static const char *text_at(const struct wf_node *root, const char *key)
{
    const struct wf_node *document = root ? wf_node_get(root, "document") : NULL;
    const struct wf_node *node = document ? wf_node_get(document, key) : NULL;
    return node && node->text ? node->text : "";
}

static void load(struct wf_pinned *pinned, struct wf_pinned_def *def, const char *file)
{
    const struct wf_step_catalog every_step = {.find = find_step, .ctx = pinned};
    struct wf_diags diags;
    wf_diags_init(&diags);
    def->arena = wf_arena_new(ARENA_MAX);
    def->root = wf_yaml_parse_lenient(file ? file : "", def->text, def->len, def->arena, &diags);
    def->file =
        file ? wf_strdup(file) : wf_asprintf("%s %s", text_at(def->root, "name"), text_at(def->root, "version"));
    if (wf_def_load(def->file, def->text, def->len, &every_step, &diags, &def->def) < 0)
        def->def = NULL;
    wf_diags_done(&diags);
}

const struct wf_pinned_def *wf_pinned_get(
    struct wf_pinned *pinned, const uint8_t sha256[WF_SHA256_SIZE], const char *file)
{
    struct wf_err err = {0};
    struct wf_pinned_def *def;
    char *text;
    size_t len;
    for (size_t i = 0; i < pinned->ndefs; i++)
        if (memcmp(pinned->defs[i]->sha256, sha256, WF_SHA256_SIZE) == 0)
            return pinned->defs[i];
    if (pinned->ops->get_definition(pinned->backend, sha256, &text, &len, &err) < 0)
        return NULL;
    def = wf_calloc(1, sizeof *def);
    *def = (struct wf_pinned_def){.text = text, .len = len};
    memcpy(def->sha256, sha256, WF_SHA256_SIZE);
    load(pinned, def, file);
    pinned->defs = wf_realloc(pinned->defs, (pinned->ndefs + 1) * sizeof(struct wf_pinned_def *));
    return pinned->defs[pinned->ndefs++] = def;
}
