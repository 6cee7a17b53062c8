/* pin.c: which version of which step a run began with. A plugin's behaviour may change between two activations of a
 * run, its major version may not. */
#include <string.h>

#include "run/frame.h"

jv wf__pin_steps(const struct wf_def *def)
{
    jv pins = jv_object();

    for (const struct wf_step_use *use = def->steps; use; use = use->next)
        pins = wf_val_set(pins, use->step->name, jv_string(use->step->version));
    return pins;
}

int wf__pin_check(const jv *then, const struct wf_def *def, struct wf_err *err)
{
    jv now = wf__pin_steps(def);
    int rc = 0;

    jv_object_foreach(now, key, version) {
        const char *name = jv_string_value(key), *today = jv_string_value(version);
        const char *begun = wf_val_string(then, name, today);
        if (rc == 0 && strncmp(begun, today, strcspn(today, ".") + 1) != 0)
            rc = wf_err_set(err, WF_EMISMATCH,
                "the run began with %s %s, and %s is installed; resume it with the plugin of the same major version",
                name, begun, today);
        jv_free(key);
        jv_free(version);
    }
    jv_free(now);
    return rc;
}
