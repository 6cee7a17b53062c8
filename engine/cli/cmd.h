/* cmd.h: a command of wfrun is one file with one const entry, listed in cmd.c. */
#ifndef WF_CLI_CMD_H
#define WF_CLI_CMD_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/opts.h"
#include "cli/settings.h"

/* Exit statuses: a contract with scripts, never renumbered. */
enum wf_exit {
    WF_EXIT_OK = 0,
    WF_EXIT_FAULT = 1,
    WF_EXIT_USAGE = 2,
    WF_EXIT_ITEMS_FAILED = 3, /* completed, but some items failed within the failure budget */
    WF_EXIT_INVALID = 5,      /* definition, or input that cannot be read */
    WF_EXIT_WAITING = 6,      /* or suspended */
    WF_EXIT_IN_DOUBT = 7,
    WF_EXIT_PLAN = 8, /* a plan is stale, used or refused */
    WF_EXIT_HELD = 9, /* another process drives the run */
    WF_EXIT_CANCELLED = 10,
    WF_EXIT_BUG = 70,
    WF_EXIT_SIGNAL = 128, /* plus SIGINT or SIGTERM: a durable run was interrupted */
};

struct wf_invocation {
    const struct wf_cmd *cmd;
    struct wf_opts opts; /* opts.args: without the command's name */
    struct wf_config *config;
};

struct wf_cmd {
    const char *name;
    const char *args;    /* as help shows them */
    const char *summary; /* one line */
    const char *details; /* more, for its own help and the man page; may be NULL */
    uint64_t opts;       /* WF_OPT_BIT of each option it takes, besides --help */
    size_t min_args, max_args;
    int (*exec)(struct wf_invocation *); /* returns an exit status */
};

extern const struct wf_cmd wf_cmd_run, wf_cmd_plan, wf_cmd_apply, wf_cmd_approve, wf_cmd_reject, wf_cmd_check,
    wf_cmd_list, wf_cmd_show, wf_cmd_explain, wf_cmd_logs, wf_cmd_report, wf_cmd_wait, wf_cmd_resume, wf_cmd_suspend,
    wf_cmd_cancel, wf_cmd_kill, wf_cmd_resolve, wf_cmd_retry, wf_cmd_rollback, wf_cmd_verify, wf_cmd_export,
    wf_cmd_import, wf_cmd_replay, wf_cmd_plugin, wf_cmd_snapshot;
extern const struct wf_cmd *const wf_cmds[]; /* all, NULL-terminated, in the order of help */

const struct wf_cmd *wf_cmd_find(const char *name); /* NULL: there is none */
int wf_cmd_main(int argc, char **argv);             /* understand, dispatch; an exit status */

/* help.c */
void wf_help_all(FILE *);
void wf_help_cmd(const struct wf_cmd *); /* to standard output */
void wf_help_man(void);                  /* the man page, in man(7) */

/* Print an error as `wfrun: text` with its hint, to standard error, and return status. */
int wf_complain(const struct wf_err *, int status);
/* What status a failed call asks for: held, not found, invalid, ... */
int wf_exit_of(const struct wf_err *);

#endif
