/* opts.h: the options of all commands in one table, and the parser that fills in their values.
 *
 * --help, the man page and the settings files are made from the same table, so an option is described once. */
#ifndef WF_CLI_OPTS_H
#define WF_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum wf_opt_id {
    WF_OPT_INPUT,
    WF_OPT_SET,
    WF_OPT_OUTPUT,
    WF_OPT_EVENTS,
    WF_OPT_SANDBOX,
    WF_OPT_SANDBOX_SEED,
    WF_OPT_SANDBOX_CLOCK,
    WF_OPT_EPHEMERAL,
    WF_OPT_DETACH,
    WF_OPT_STATE,
    WF_OPT_RUN_ID,
    WF_OPT_CONNECT_TO,
    WF_OPT_CACERT,
    WF_OPT_SECRETS,
    WF_OPT_PLUGIN_DIR,
    WF_OPT_PLUGIN_KEY,
    WF_OPT_ISOLATION,
    WF_OPT_REGISTER,
    WF_OPT_PROGRESS,
    WF_OPT_FORMAT,
    WF_OPT_STATUS,
    WF_OPT_NAME,
    WF_OPT_LIMIT,
    WF_OPT_TIMEOUT,
    WF_OPT_REASON,
    WF_OPT_DONE,
    WF_OPT_NOT_DONE,
    WF_OPT_SKIP,
    WF_OPT_TO,
    WF_OPT_ITEM,
    WF_OPT_YES,
    WF_OPT_FAILED,
    WF_OPT_FROM,
    WF_OPT_REPEAT,
    WF_OPT_DEFINITION,
    WF_OPT_RESULT, /* also spelled --output: what a resolved operation answered */
    WF_OPT_VIEW,   /* also spelled --output: how a plan is shown */
    WF_OPT_PAGE,   /* also spelled --output: how a plugin is shown */
    WF_OPT_OUT,
    WF_OPT_DETAILED_EXITCODE,
    WF_OPT_VALID_FOR,
    WF_OPT_MAX_COST,
    WF_OPT_MAX_ITEM_COST,
    WF_OPT_APPROVAL,
    WF_OPT_TRUSTED_KEY,
    WF_OPT_AUTO_APPROVE,
    WF_OPT_AS,
    WF_OPT_ALL,
    WF_OPT_EFFECT,
    WF_OPT_LANG,
    WF_OPT_HEADER,
    WF_OPT_LIBRARY,
    WF_OPT_CHECK,
    WF_OPT_REDACT,
    WF_OPT_HELP,
    WF_OPT_VERSION,
    WF_OPTS
};
#define WF_OPT_BIT(id) (UINT64_C(1) << (id))

/* Options that go together. */
#define WF_OPTS_WORLD                                                                                                  \
    (WF_OPT_BIT(WF_OPT_CONNECT_TO) | WF_OPT_BIT(WF_OPT_CACERT) | WF_OPT_BIT(WF_OPT_SECRETS) |                          \
        WF_OPT_BIT(WF_OPT_PLUGIN_DIR) | WF_OPT_BIT(WF_OPT_PLUGIN_KEY) | WF_OPT_BIT(WF_OPT_ISOLATION) |                 \
        WF_OPT_BIT(WF_OPT_REGISTER)) /* what a run may reach */
#define WF_OPTS_DRIVE                                                                                                  \
    (WF_OPTS_WORLD | WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_OUTPUT) | WF_OPT_BIT(WF_OPT_EVENTS) |                \
        WF_OPT_BIT(WF_OPT_PROGRESS)) /* of a run that is driven to its end */
#define WF_OPTS_SANDBOX                                                                                                \
    (WF_OPT_BIT(WF_OPT_SANDBOX) | WF_OPT_BIT(WF_OPT_SANDBOX_SEED) | WF_OPT_BIT(WF_OPT_SANDBOX_CLOCK))
#define WF_OPTS_TERMS (WF_OPT_BIT(WF_OPT_MAX_COST) | WF_OPT_BIT(WF_OPT_MAX_ITEM_COST) | WF_OPT_BIT(WF_OPT_APPROVAL))

enum {
    WF_OPT_MANY = 1,     /* may be given several times; all count */
    WF_OPT_SETTING = 2,  /* may also come from WFRUN_NAME or a settings file */
    WF_OPT_PATH = 4,     /* its value is a path */
    WF_OPT_KEEP = 8,     /* part of what a run is: kept with it, so that resume needs no flags */
    WF_OPT_ARG_MAY = 16, /* the argument is optional, and then only as --name=ARG */
};

struct wf_opt {
    const char *name;
    char letter;     /* 0: none */
    const char *arg; /* how help calls the argument; NULL: a switch */
    unsigned flags;
    const char *help; /* one sentence */
};

const struct wf_opt *wf_opt(enum wf_opt_id);

struct wf_opts {
    struct {
        const char **items; /* borrowed from argv; "" for a switch */
        size_t count;
    } values[WF_OPTS];
    const char **args; /* what is no option, in order */
    size_t nargs;
};

/* Understand the arguments after the program's name. Any option of the table is accepted here; whether it goes with the
 * command is wf_opts_restrict's to say. `--` ends the options. */
int wf_opts_parse(int argc, char *const *argv, struct wf_opts *ret, struct wf_err *);
/* Refuse options outside the mask; of two with one name the one in the mask gets the values. */
int wf_opts_restrict(struct wf_opts *, uint64_t allowed, const char *command, struct wf_err *);
void wf_opts_done(struct wf_opts *);
bool wf_opts_has(const struct wf_opts *, enum wf_opt_id);
/* "90s", "5m", "2h", "PT5M", or seconds: in ms. Negative: not a duration. */
int64_t wf_span_parse(const char *);
const char *wf_opts_last(const struct wf_opts *, enum wf_opt_id); /* the last value given, or NULL */

#endif
