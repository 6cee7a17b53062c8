/* help.c: --help and the man page, both from the tables of commands and options. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/help.h"
#include "config.h"

#define HELP_WIDTH 100
#define HELP_LEFT  32

/* Text from column HELP_LEFT on, broken at blanks. */
static void wrapped(FILE *file, const char *text)
{
    size_t room = HELP_WIDTH - HELP_LEFT;
    while (strlen(text) > room) {
        size_t cut = room;
        while (cut > 1 && text[cut] != ' ')
            cut--;
        fprintf(file, "%.*s\n%*s", (int)cut, text, HELP_LEFT, "");
        text += cut + 1;
    }
    fprintf(file, "%s\n", text);
}

static size_t spell_option(const struct wf_opt *opt, char *text, size_t size)
{
    const char *form = !opt->arg ? "--%s" : opt->flags & WF_OPT_ARG_MAY ? "--%s[=%s]" : "--%s %s";
    char letter[8] = "    ";
    if (opt->letter)
        snprintf(letter, sizeof letter, "-%c, ", opt->letter);
    int n = snprintf(text, size, "%s", letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    n += snprintf(text + n, size - (size_t)n, form, opt->name, opt->arg);
#pragma GCC diagnostic pop
    return (size_t)n;
}

static void show_options(FILE *file, uint64_t mask)
{
    for (int id = 0; id < WF_OPTS; id++) {
        char text[80];
        if (!(mask & WF_OPT_BIT(id)))
            continue;
        size_t len = spell_option(wf_opt(id), text, sizeof text);
        if (len + 3 > HELP_LEFT)
            fprintf(file, "  %s\n%*s", text, HELP_LEFT, "");
        else
            fprintf(file, "  %-*s", HELP_LEFT - 2, text);
        wrapped(file, wf_opt(id)->help);
    }
}

static const char exit_text[] =
    "Exit status: 0 completed, 1 faulted, 2 usage, 3 completed though some items failed, 5 invalid\n"
    "definition or unreadable input, 6 waiting or suspended, 7 in doubt, 9 held by another process, 10 cancelled, 70 "
    "bug, 130 or 143 interrupted (resumable).\n";

void wf_help_all(FILE *file)
{
    uint64_t all = 0;
    fputs("wfrun runs workflows in which every step that touches the world is a plugin and everything that\n"
          "happened is in a journal, so a run survives any crash and never pays twice.\n\n"
          "usage: wfrun [run] WORKFLOW.yaml [OPTION]...\n       wfrun COMMAND [ARGUMENT]... [OPTION]...\n\ncommands:\n",
        file);
    for (const struct wf_cmd *const *cmd = wf_cmds; *cmd; cmd++) {
        char text[80];
        snprintf(text, sizeof text, "%s %s", (*cmd)->name, (*cmd)->args);
        if (strlen(text) + 3 > HELP_LEFT)
            fprintf(file, "  %s\n%*s", text, HELP_LEFT, "");
        else
            fprintf(file, "  %-*s", HELP_LEFT - 2, text);
        fprintf(file, "%s\n", (*cmd)->summary);
        all |= (*cmd)->opts;
    }
    fputs("\noptions (`wfrun COMMAND --help` shows which go with a command):\n", file);
    show_options(file, all | WF_OPT_BIT(WF_OPT_HELP) | WF_OPT_BIT(WF_OPT_VERSION));
    fprintf(file, "\n%s", exit_text);
}

void wf_help_cmd(const struct wf_cmd *cmd)
{
    printf("%s\n\nusage: wfrun %s %s\n", cmd->summary, cmd->name, cmd->args);
    if (cmd->details)
        printf("\n%s\n", cmd->details);
    puts("\noptions:");
    show_options(stdout, cmd->opts | WF_OPT_BIT(WF_OPT_HELP));
    printf("\n%s", exit_text);
}

/* ---- the man page ---- */

/* roff: a leading dot or quote is a request, a backslash and a hyphen are special. */
void wf_roff(const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        start = *text == '\n';
    }
    putchar('\n');
}

static void roff_options(uint64_t mask)
{
    for (int id = 0; id < WF_OPTS; id++) {
        char text[80];
        if (!(mask & WF_OPT_BIT(id)))
            continue;
        spell_option(wf_opt(id), text, sizeof text);
        puts(".TP");
        fputs(".B ", stdout);
        wf_roff(text + strspn(text, " "));
        wf_roff(wf_opt(id)->help);
    }
}

void wf_help_man(void)
{
    static const char tail[] =
        ".SH EXIT STATUS\n.TP\n.B 0\ncompleted\n.TP\n.B 1\nfaulted\n.TP\n.B 2\nusage\n.TP\n.B 5\ninvalid definition or "
        "unreadable input\n.TP\n.B 6\nwaiting or suspended\n.TP\n.B 7\nin doubt\n.TP\n.B 9\nthe run is held by another "
        "process\n.TP\n.B 10\ncancelled\n.TP\n.B 70\na bug in wfrun\n.TP\n.B 130, 143\na durable run was interrupted "
        "and can "
        "be resumed\n"
        ".SH ENVIRONMENT\n.TP\n.B WFRUN_*\nAny option that is a setting, such as WFRUN_STATE or WFRUN_PLUGIN_DIR "
        "(folders "
        "separated by colons), and any setting of a plugin as WFRUN_GROUP_NAME.\n.TP\n.B NO_COLOR, "
        "CLICOLOR_FORCE\nSwitch "
        "colours off or on.\n"
        ".SH FILES\n.TP\n.I wfrun.yaml\nSettings, in the working folder, in $XDG_CONFIG_HOME/wfrun and in /etc/wfrun; "
        "a flag "
        "counts before a variable, a variable before a file.\n.TP\n.I $XDG_STATE_HOME/wfrun/wfrun.db\nThe journal.\n";
    printf(".TH WFRUN 1 \"\" \"%s\" \"User Commands\"\n.SH NAME\nwfrun \\- run workflows that survive any crash\n"
           ".SH SYNOPSIS\n.B wfrun\n[run] WORKFLOW.yaml [OPTION]...\n.br\n.B wfrun\nCOMMAND [ARGUMENT]... [OPTION]...\n"
           ".SH DESCRIPTION\nRuns workflows written in the Open Workflow Specification DSL 1.0. Every step that "
           "touches the "
           "world is a plugin; everything that happened is in a journal.\n.SH COMMANDS\n",
        PACKAGE_STRING);
    for (const struct wf_cmd *const *cmd = wf_cmds; *cmd; cmd++) {
        printf(".SS wfrun %s %s\n", (*cmd)->name, (*cmd)->args);
        wf_roff((*cmd)->summary);
        if ((*cmd)->details)
            wf_roff((*cmd)->details);
        roff_options((*cmd)->opts);
    }
    puts(".SH OPTIONS OF EVERY COMMAND");
    roff_options(WF_OPT_BIT(WF_OPT_HELP) | WF_OPT_BIT(WF_OPT_VERSION));
    fputs(tail, stdout);
}
