/* opts.c: the option table and its parser. */
#include "cli/opts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/suggest.h"

static const struct wf_opt table[WF_OPTS] = {
    [WF_OPT_INPUT] = {"input", 'i', "FILE", 0, "The workflow's input, JSON or YAML; - reads standard input."},
    [WF_OPT_SET] = {"set", 0, "PATH=VALUE", WF_OPT_MANY,
        "Set one place of the input, such as customer.ids[0]=abc; the value is read as a YAML scalar."},
    [WF_OPT_OUTPUT] = {"output", 'o', "FORM", WF_OPT_SETTING,
        "How the result is written to standard output: json (default), yaml, table or none."},
    [WF_OPT_EVENTS] = {"events", 0, "FILE", WF_OPT_SETTING | WF_OPT_PATH,
        "Append the run's life-cycle CloudEvents to FILE, one JSON object a line."},
    [WF_OPT_SANDBOX] = {"sandbox", 0, "PROFILE", WF_OPT_SETTING | WF_OPT_ARG_MAY,
        "Rehearse: start the plugins' stand-ins on loopback and talk to nothing else. PROFILE is none (default), "
        "realistic or hostile, or the URL of a stand-in that is running."},
    [WF_OPT_SANDBOX_SEED] = {"sandbox-seed", 0, "FILE|NxM", WF_OPT_SETTING,
        "What the stand-ins begin with: a seed file, or a size such as 100x200."},
    [WF_OPT_SANDBOX_CLOCK] = {"sandbox-clock", 0, "virtual|real", WF_OPT_SETTING,
        "Under --sandbox, virtual (default) jumps over waiting times; real waits them out."},
    [WF_OPT_EPHEMERAL] = {"ephemeral", 0, NULL, WF_OPT_SETTING,
        "Keep the journal in memory only; such a run cannot be resumed."},
    [WF_OPT_DETACH] = {"detach", 0, NULL, 0, "Go on in the background and print the run's id."},
    [WF_OPT_STATE] = {"state", 0, "FILE.db", WF_OPT_SETTING | WF_OPT_PATH,
        "The journal; $XDG_STATE_HOME/wfrun/wfrun.db unless given."},
    [WF_OPT_RUN_ID] = {"run-id", 0, "ID", 0,
        "The run's id, at most 100 of letters, digits, dot, hyphen, underscore; otherwise a UUID."},
    [WF_OPT_CONNECT_TO] = {"connect-to", 0, "HOST:PORT:HOST2:PORT2", WF_OPT_MANY | WF_OPT_SETTING | WF_OPT_KEEP,
        "Send HTTP requests for HOST:PORT to HOST2:PORT2."},
    [WF_OPT_CACERT] = {"cacert", 0, "FILE", WF_OPT_SETTING | WF_OPT_PATH | WF_OPT_KEEP,
        "Trust the certificate authorities in FILE (PEM) instead of the system's."},
    [WF_OPT_SECRETS] = {"secrets", 0, "FILE|DIR", WF_OPT_SETTING | WF_OPT_PATH | WF_OPT_KEEP,
        "Secrets: a JSON or YAML map of name to text or object, or a folder with one file for each."},
    [WF_OPT_PLUGIN_DIR] = {"plugin-dir", 0, "DIR", WF_OPT_MANY | WF_OPT_SETTING | WF_OPT_PATH | WF_OPT_KEEP,
        "Look for plugins in DIR instead of the installed ones."},
    [WF_OPT_ISOLATION] = {"isolation", 0, "WHERE", WF_OPT_SETTING,
        "Where plugins run: in-process, process (apart, where a crash is a fault of the step and no more), or auto "
        "(default): the installed ones in-process, all others apart."},
    [WF_OPT_PLUGIN_KEY] = {"plugin-key", 0, "FILE", WF_OPT_MANY | WF_OPT_SETTING | WF_OPT_PATH | WF_OPT_KEEP,
        "Load only plugins that are signed (FILE.minisig) with this public key of minisign, or another one given, and "
        "those that came with wfrun."},
    [WF_OPT_REGISTER] = {"register", 0, "FILE|DIR", WF_OPT_MANY | WF_OPT_SETTING | WF_OPT_PATH | WF_OPT_KEEP,
        "Further definitions that `run: workflow` can find, before those beside the workflow."},
    [WF_OPT_PROGRESS] = {"progress", 0, "MODE", WF_OPT_SETTING,
        "Progress on standard error: auto (default), tty, plain, quiet or json."},
    [WF_OPT_FORMAT] = {"format", 0, "FORMAT", WF_OPT_SETTING,
        "How findings are written: human (default), json, sarif or github."},
    [WF_OPT_STATUS] = {"status", 0, "STATUS", 0,
        "Only runs that are running, waiting, suspended, in-doubt, cancelled, faulted or completed."},
    [WF_OPT_NAME] = {"name", 0, "WORKFLOW", 0, "Only runs of this workflow."},
    [WF_OPT_LIMIT] = {"limit", 0, "N", 0, "At most N, newest first; 0 for all (default 50)."},
    [WF_OPT_TIMEOUT] = {"timeout", 0, "DURATION", 0,
        "Give up after this long, such as 90s, 5m or PT5M; exit status 6."},
    [WF_OPT_REASON] = {"reason", 0, "TEXT", 0, "Why; kept in the journal."},
    [WF_OPT_DONE] = {"done", 0, NULL, 0, "It did happen; see --output."},
    [WF_OPT_NOT_DONE] = {"not-done", 0, NULL, 0, "It did not happen: the step runs again."},
    [WF_OPT_SKIP] = {"skip", 0, NULL, 0, "Leave it: the task ends with its input as output."},
    [WF_OPT_TO] = {"to", 0, "FILE", 0, "Write into FILE instead of to standard output."},
    [WF_OPT_ITEM] = {"item", 0, "LABEL|PATH", WF_OPT_MANY,
        "Only this item: a label, or the path of an iteration or an operation."},
    [WF_OPT_YES] = {"yes", 0, NULL, 0, "Do what is shown without asking; needed where there is no terminal."},
    [WF_OPT_FAILED] = {"failed", 0, NULL, 0, "Only the items of loops that count as failed."},
    [WF_OPT_FROM] = {"from", 0, "TASK", 0,
        "Everything from this task on: its name, its reference, or the path of an operation."},
    [WF_OPT_REPEAT] = {"repeat-effects", 0, NULL, 0,
        "With --from: also do again what is done and costs money or adds up."},
    [WF_OPT_DEFINITION] = {"definition", 0, "FILE", 0, "Go on with this corrected workflow."},
    [WF_OPT_RESULT] = {"output", 0, "JSON|@FILE", 0, "With --done: what the step would have answered."},
    [WF_OPT_VIEW] = {"output", 0, "FORM", 0,
        "How the plan is written to standard output: tree (default), json, csv or html."},
    [WF_OPT_PAGE] = {"output", 0, "FORM", 0,
        "How a plugin is written to standard output: text (default), json, or man for wfrun-step-NAME(7)."},
    [WF_OPT_OUT] = {"out", 0, "FILE", 0, "Write the plan to FILE, for `wfrun apply`."},
    [WF_OPT_DETAILED_EXITCODE] = {"detailed-exitcode", 0, NULL, 0,
        "Exit with 0 when there is nothing to do, with 6 when there is."},
    [WF_OPT_VALID_FOR] = {"valid-for", 0, "DURATION", 0,
        "How long the plan may be applied, such as 2h; 24h unless given."},
    [WF_OPT_MAX_COST] = {"max-cost", 0, "AMOUNT", WF_OPT_SETTING,
        "The most that the run may spend, such as 500EUR; a cost that is not known is over it."},
    [WF_OPT_MAX_ITEM_COST] = {"max-item-cost", 0, "AMOUNT", WF_OPT_SETTING,
        "The same for each item (customer): an iteration of the outermost loop with a label."},
    [WF_OPT_APPROVAL] = {"approval", 0, "RULES", WF_OPT_SETTING,
        "Ask for approvals: spend, or more words: write,item,four-eyes,quorum=2,timeout=4h."},
    [WF_OPT_TRUSTED_KEY] = {"trusted-key", 0, "FILE", WF_OPT_MANY | WF_OPT_SETTING | WF_OPT_PATH,
        "Take only what is signed (FILE.minisig) with this public key of minisign, or another one given."},
    [WF_OPT_AUTO_APPROVE] = {"auto-approve", 0, NULL, 0,
        "Give the approval that the workflow asks for yourself, unless it takes somebody else's."},
    [WF_OPT_AS] = {"as", 0, "ROLE", 0, "In which capacity; kept with the user's name."},
    [WF_OPT_ALL] = {"all", 0, NULL, 0, "Everything that waits."},
    [WF_OPT_EFFECT] = {"effect", 0, "EFFECT", 0,
        "What the new step does to the world: none (default), read, write, spend or irreversible."},
    [WF_OPT_LANG] = {"lang", 0, "LANGUAGE", 0,
        "What the new step is written in: c (default), or manifest: a function of a shared library, without C."},
    [WF_OPT_HEADER] = {"header", 0, "FILE", WF_OPT_PATH,
        "Draft the manifest from the prototypes of this C header, with `--library`."},
    [WF_OPT_LIBRARY] = {"library", 0, "SONAME", 0,
        "The shared library that has the header's functions, such as libz.so.1."},
    [WF_OPT_CHECK] = {"check", 0, NULL, 0,
        "Write nothing; say what has changed, with exit status 5 when something has."},
    [WF_OPT_REDACT] = {"redact", 0, "NAME", WF_OPT_MANY | WF_OPT_SETTING,
        "Take out what members of this name hold, wherever it stands; a digest and a word for it stay."},
    [WF_OPT_HELP] = {"help", 'h', NULL, 0, "Show help and exit."},
    [WF_OPT_VERSION] = {"version", 0, NULL, 0, "Show the version and exit."},
};

const struct wf_opt *wf_opt(enum wf_opt_id id)
{
    return &table[id];
}

static int find_long(const char *name, size_t len)
{
    for (int id = 0; id < WF_OPTS; id++)
        if (strlen(table[id].name) == len && memcmp(table[id].name, name, len) == 0)
            return id;
    return -1;
}

static int find_letter(char letter)
{
    for (int id = 0; id < WF_OPTS; id++)
        if (table[id].letter == letter)
            return id;
    return -1;
}

static void push(const char ***items, size_t *count, const char *value)
{
    *items = wf_realloc(*items, (*count + 1) * sizeof **items);
    (*items)[(*count)++] = value;
}

static int unknown(const char *word, struct wf_err *err)
{
    const char *names[WF_OPTS + 1] = {NULL};
    for (int id = 0; id < WF_OPTS; id++)
        names[id] = table[id].name;
    size_t len = strcspn(word, "=");
    char *bare = wf_memdup(word, len);
    const char *close = wf_suggest(bare + strspn(bare, "-"), names);
    int rc = wf_err_set(err, WF_EINVAL, "unknown option %s", bare);
    if (close)
        wf_err_hint(err, "did you mean --%s?", close);
    else
        wf_err_hint(err, "`wfrun --help` lists the options");
    free(bare);
    return rc;
}

/* One option word; *at moves on when the next word is its argument. */
static int parse_option(int argc, char *const *argv, int *at, struct wf_opts *opts, struct wf_err *err)
{
    const char *word = argv[*at], *value = NULL;
    int id;
    if (word[1] == '-') {
        size_t len = strcspn(word + 2, "=");
        id = find_long(word + 2, len);
        value = word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
    } else if (strcmp(word, "-out") == 0) { /* as terraform spells it; `-o ut` means nothing */
        id = WF_OPT_OUT;
        value = NULL;
    } else {
        id = find_letter(word[1]);
        value = word[2] ? word + 2 : NULL; /* -ojson */
    }
    if (id < 0)
        return unknown(word, err);
    const struct wf_opt *opt = &table[id];
    if (!opt->arg && value)
        return wf_err_set(err, WF_EINVAL, "--%s takes no argument", opt->name);
    if (opt->arg && !value && !(opt->flags & WF_OPT_ARG_MAY)) {
        if (*at + 1 >= argc)
            return wf_err_set(err, WF_EINVAL, "--%s needs an argument: %s", opt->name, opt->arg);
        value = argv[++*at];
    }
    if (opts->values[id].count && !(opt->flags & WF_OPT_MANY) && opt->arg)
        return wf_err_set(err, WF_EINVAL, "--%s is given twice", opt->name);
    push(&opts->values[id].items, &opts->values[id].count, value ? value : "");
    return 0;
}

int wf_opts_parse(int argc, char *const *argv, struct wf_opts *ret, struct wf_err *err)
{
    struct wf_opts opts = {0};
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            int rc = parse_option(argc, argv, &i, &opts, err);
            if (rc < 0) {
                wf_opts_done(&opts);
                return rc;
            }
        } else {
            push(&opts.args, &opts.nargs, argv[i]);
        }
    }
    *ret = opts;
    return 0;
}

int wf_opts_restrict(struct wf_opts *opts, uint64_t allowed, const char *command, struct wf_err *err)
{
    /* --output has several meanings; the parser files it under the first. */
    static const enum wf_opt_id others[] = {WF_OPT_RESULT, WF_OPT_VIEW, WF_OPT_PAGE};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!(allowed & WF_OPT_BIT(others[i])) || !opts->values[WF_OPT_OUTPUT].count)
            continue;
        opts->values[others[i]] = opts->values[WF_OPT_OUTPUT];
        opts->values[WF_OPT_OUTPUT].items = NULL;
        opts->values[WF_OPT_OUTPUT].count = 0;
    }
    for (int id = 0; id < WF_OPTS; id++) {
        if (opts->values[id].count && !(allowed & WF_OPT_BIT(id))) {
            int rc = wf_err_set(err, WF_EINVAL, "--%s does not go with `wfrun %s`", table[id].name, command);
            wf_err_hint(err, "`wfrun %s --help` lists what does", command);
            return rc;
        }
    }
    return 0;
}

void wf_opts_done(struct wf_opts *opts)
{
    for (int id = 0; id < WF_OPTS; id++)
        free(opts->values[id].items);
    free(opts->args);
    *opts = (struct wf_opts){0};
}

bool wf_opts_has(const struct wf_opts *opts, enum wf_opt_id id)
{
    return opts->values[id].count > 0;
}

const char *wf_opts_last(const struct wf_opts *opts, enum wf_opt_id id)
{
    size_t n = opts->values[id].count;
    return n ? opts->values[id].items[n - 1] : NULL;
}

int64_t wf_span_parse(const char *text)
{
    struct wf_duration duration;
    struct wf_err err = {0};
    char *end;
    if (text[0] == 'P')
        return wf_duration_parse(text, &duration, &err) < 0 ? -1 : wf_duration_ms(duration);
    double n = strtod(text, &end);
    double unit = strcmp(end, "ms") == 0                  ? 1
                  : *end == '\0' || strcmp(end, "s") == 0 ? 1000
                  : strcmp(end, "m") == 0                 ? 60000
                  : strcmp(end, "h") == 0                 ? 3600000
                                                          : -1;
    return end == text || unit < 0 || n < 0 || n > 1e9 ? -1 : (int64_t)(n * unit);
}
