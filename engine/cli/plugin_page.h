/* plugin_page.h: all that a descriptor tells of a plugin and its steps: as text, as a man page, as JSON. */
#ifndef WF_CLI_PLUGIN_PAGE_H
#define WF_CLI_PLUGIN_PAGE_H

#include "cli/world.h"

enum wf_page_form { WF_PAGE_TEXT, WF_PAGE_MAN };

/* The plugin of an entry with all its steps, its settings and secrets, on standard output. */
void wf_plugin_page(const struct wf_world *, const struct wf_step_entry *);
void wf_plugin_json(const struct wf_world *, const struct wf_step_entry *);
/* wfrun-step-NAME(7) of one step, made for every machine: what is set here does not count. */
void wf_step_man(const struct wf_step_entry *);

/* page_schema.c: the properties of a JSON Schema, one by one, those inside others below them: "targets[].offerId". */
void wf_page_schema(
    const char *schema_text, void (*row)(void *arg, const char *path, const char *kind, const char *words), void *arg);

#endif
