/* settings.h: what a flag, a WFRUN_* variable, the run itself or a settings file says, in that order.
 *
 * Files: wfrun.yaml in the working folder, then $XDG_CONFIG_HOME/wfrun/wfrun.yaml, then /etc/wfrun/wfrun.yaml. Keys are
 * the long names of the options that are settings, and `plugins: {GROUP: {NAME: value}}`. A plugin's setting is also
 * the variable WFRUN_GROUP_NAME. Loop thread, but wf_config_plugin: any thread once runs go. */
#ifndef WF_CLI_SETTINGS_H
#define WF_CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/opts.h"
#include "def/diag.h"
#include "value/val.h"

struct wf_config;

/* 0, or WF_EINVAL with findings about the settings files. opts must outlive it. */
int wf_config_load(const struct wf_opts *, struct wf_diags *, struct wf_config **ret);
void wf_config_free(struct wf_config *);

const char *wf_config_text(struct wf_config *, enum wf_opt_id); /* NULL: not set; "" for a switch that is on */
bool wf_config_on(struct wf_config *, enum wf_opt_id);          /* a switch */
/* All values of an option, NULL-terminated; an empty list when not set. Lives as long as the config. */
const char *const *wf_config_list(struct wf_config *, enum wf_opt_id);

bool wf_config_is_given(const struct wf_config *, enum wf_opt_id); /* on the command line */

/* A plugin's setting; NULL: not set. Lives as long as the config. */
const char *wf_config_plugin(const struct wf_config *, const char *group, const char *name);
/* Beats everything else; for the stand-ins of a sandbox. */
void wf_config_force_plugin(struct wf_config *, const char *group, const char *name, const char *value);

/* What must be kept with a run, as a JSON object of option name to text or list; paths are made absolute. */
jv wf_config_kept(struct wf_config *);
/* Such an object, given back on resume: it counts after flags and variables, before files. */
void wf_config_set_kept(struct wf_config *, const jv *kept);

#endif
