/* cmd.c: the list of commands, and the way from the arguments to one of them. */
#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cli/diag_print.h"
#include "config.h"

const struct wf_cmd *const wf_cmds[] = {
    &wf_cmd_run,
    &wf_cmd_plan,
    &wf_cmd_apply,
    &wf_cmd_approve,
    &wf_cmd_reject,
    &wf_cmd_check,
    &wf_cmd_list,
    &wf_cmd_show,
    &wf_cmd_explain,
    &wf_cmd_logs,
    &wf_cmd_report,
    &wf_cmd_wait,
    &wf_cmd_resume,
    &wf_cmd_suspend,
    &wf_cmd_cancel,
    &wf_cmd_kill,
    &wf_cmd_resolve,
    &wf_cmd_retry,
    &wf_cmd_rollback,
    &wf_cmd_verify,
    &wf_cmd_export,
    &wf_cmd_import,
    &wf_cmd_replay,
    &wf_cmd_plugin,
    &wf_cmd_snapshot,
    NULL,
};

int wf_complain(const struct wf_err *err, int status)
{
    if (err->loc.line > 0 && err->loc.file)
        fprintf(stderr, "%s:%d:%d: error: %s\n", err->loc.file, err->loc.line, err->loc.col, err->msg);
    else
        fprintf(stderr, "wfrun: %s\n", err->msg);
    if (err->hint[0])
        fprintf(stderr, "  hint: %s\n", err->hint);
    return status;
}

int wf_exit_of(const struct wf_err *err)
{
    switch (err->code) {
    case WF_EHELD:
        return WF_EXIT_HELD;
    case WF_ENOTFOUND:
        return WF_EXIT_USAGE;
    case WF_EINVAL:
    case WF_ECORRUPT:
    case WF_EMISMATCH:
    case WF_ELIMIT:
        return WF_EXIT_INVALID;
    default:
        return WF_EXIT_FAULT;
    }
}

const struct wf_cmd *wf_cmd_find(const char *name)
{
    for (const struct wf_cmd *const *cmd = wf_cmds; *cmd; cmd++)
        if (strcmp((*cmd)->name, name) == 0)
            return *cmd;
    return NULL;
}

static bool looks_like_file(const char *word)
{
    return strpbrk(word, "./") || access(word, F_OK) == 0;
}

static int unknown_command(const char *word)
{
    const char *names[32] = {NULL};
    size_t count = 0;
    for (const struct wf_cmd *const *cmd = wf_cmds; *cmd && count < 31; cmd++)
        names[count++] = (*cmd)->name;
    fprintf(stderr, "wfrun: unknown command `%s`, and no such file\n", word);
    const char *close = wf_suggest(word, names);
    if (close)
        fprintf(stderr, "  hint: did you mean `wfrun %s`?\n", close);
    fputs("  commands:", stderr);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", names[i]);
    fputc('\n', stderr);
    return WF_EXIT_USAGE;
}

/* Takes the command's name off the arguments; a bare workflow file means `run`. NULL: there is none. */
static const struct wf_cmd *choose(struct wf_opts *opts)
{
    const struct wf_cmd *cmd = wf_cmd_find(opts->args[0]);
    if (!cmd)
        return looks_like_file(opts->args[0]) ? &wf_cmd_run : NULL;
    opts->nargs--;
    memmove(opts->args, opts->args + 1, opts->nargs * sizeof *opts->args);
    return cmd;
}

static int check_count(const struct wf_invocation *inv)
{
    const struct wf_cmd *cmd = inv->cmd;
    for (size_t i = 0; i < inv->opts.nargs; i++)
        if (!*inv->opts.args[i]) { /* every run begins with nothing: `wfrun cancel "$RUN"` would end the only one */
            fprintf(
                stderr, "wfrun: %s: an argument is empty\n  hint: is a variable of the shell not set?\n", cmd->name);
            return -1;
        }
    if (inv->opts.nargs >= cmd->min_args && inv->opts.nargs <= cmd->max_args)
        return 0;
    fprintf(stderr, "wfrun: %s: %s\n  usage: wfrun %s %s\n", cmd->name,
        inv->opts.nargs < cmd->min_args ? "something is missing" : "too many arguments", cmd->name, cmd->args);
    return -1;
}

static int execute(struct wf_invocation *inv)
{
    struct wf_err err = {0};
    struct wf_diags diags;
    uint64_t allowed = inv->cmd->opts | WF_OPT_BIT(WF_OPT_HELP);
    if (wf_opts_restrict(&inv->opts, allowed, inv->cmd->name, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    if (wf_opts_has(&inv->opts, WF_OPT_HELP)) {
        wf_help_cmd(inv->cmd);
        return WF_EXIT_OK;
    }
    if (check_count(inv) < 0)
        return WF_EXIT_USAGE;
    wf_diags_init(&diags);
    int rc = wf_config_load(&inv->opts, &diags, &inv->config);
    wf_diags_print(stderr, &diags, NULL, 0);
    wf_diags_done(&diags);
    if (rc < 0)
        return WF_EXIT_INVALID;
    rc = inv->cmd->exec(inv);
    wf_config_free(inv->config);
    return rc;
}

/* Questions that need no command. -1: it was none of them. */
static int answer_plain(struct wf_invocation *inv)
{
    struct wf_opts *opts = &inv->opts;
    const char *word = opts->nargs ? opts->args[0] : NULL;
    if (wf_opts_has(opts, WF_OPT_VERSION) || (word && strcmp(word, "version") == 0)) {
        puts(PACKAGE_STRING);
        return WF_EXIT_OK;
    }
    if (word && strcmp(word, "help") == 0 && opts->nargs > 1) {
        inv->cmd = wf_cmd_find(opts->args[1]);
        if (!inv->cmd)
            return unknown_command(opts->args[1]);
        wf_help_cmd(inv->cmd);
        return WF_EXIT_OK;
    }
    if (word ? strcmp(word, "help") == 0 : wf_opts_has(opts, WF_OPT_HELP)) {
        wf_help_all(stdout);
        return WF_EXIT_OK;
    }
    if (!word) {
        wf_help_all(stderr);
        return WF_EXIT_USAGE;
    }
    return -1;
}

/* What commands and help print is worth as much as a run's output: nobody shall take half of it for all. A reader that
 * has seen enough (`| head`) knows so itself. */
static int flush_output(int status)
{
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != WF_EXIT_OK)
        return status;
    if (errno != EPIPE)
        fprintf(stderr, "wfrun: the output cannot be written: %s\n", strerror(errno ? errno : EIO));
    return WF_EXIT_FAULT;
}

int wf_cmd_main(int argc, char **argv)
{
    struct wf_invocation inv = {0};
    struct wf_err err = {0};
    if (argc == 2 && strcmp(argv[1], "--man") == 0) { /* for the build, which makes wfrun.1 of it */
        wf_help_man();
        return WF_EXIT_OK;
    }
    if (wf_opts_parse(argc - 1, argv + 1, &inv.opts, &err) < 0)
        return wf_complain(&err, WF_EXIT_USAGE);
    int status = answer_plain(&inv);
    if (status < 0) {
        inv.cmd = choose(&inv.opts);
        status = inv.cmd ? execute(&inv) : unknown_command(inv.opts.args[0]);
    }
    wf_opts_done(&inv.opts);
    return flush_output(status);
}
