/* cmd_verify.c: `wfrun verify-journal`: is everything as it was written? */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/bundle_file.h"
#include "cli/state_file.h"
#include "loop/loop.h"

struct check {
    char **ids; /* of the runs, oldest last */
    size_t count, bad;
};

static void add_id(void *arg, const struct wf_run_row *row)
{
    struct check *check = arg;
    check->ids = wf_realloc(check->ids, (check->count + 1) * sizeof *check->ids);
    check->ids[check->count++] = wf_strdup(row->run_id);
}

/* The last link is what to write down elsewhere: who changes the whole file cannot make the same one again. */
static void print_good(const struct wf_bundle *bundle, const char *signer)
{
    const struct wf_chain *chain = &bundle->chain;
    bool over = wf_state_is_final(chain->status);
    size_t redacted = wf_bundle_redacted(bundle);
    char hex[WF_SHA256_TEXT];
    wf_sha256_text((over ? &chain->end : &chain->head)->hash, hex);
    printf("%s: %llu records, %s, %s %s", bundle->start.run_id, (unsigned long long)chain->records,
        wf_run_status_name(chain->status), over ? "closed by" : "so far", hex);
    if (bundle->imported)
        fputs(", of another journal", stdout);
    if (redacted)
        printf(", %zu texts redacted", redacted);
    if (signer)
        printf(", signed: %s", signer);
    putchar('\n');
}

static int check_run(struct wf_state *state, const char *id)
{
    struct wf_bundle *bundle;
    struct wf_err err = {0};
    if (wf_bundle_of_run(state, id, &bundle, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    print_good(bundle, NULL);
    wf_bundle_free(bundle);
    return WF_EXIT_OK;
}

static int check_journal(struct wf_invocation *inv, const char *id)
{
    const struct wf_query asked = {.run_id = id, .status = -1};
    struct check check = {0};
    struct wf_state state;
    struct wf_err err = {0};
    int status = WF_EXIT_OK;
    if (wf_state_open(inv->config, true, &state, &err) < 0)
        return wf_complain(&err, wf_exit_of(&err));
    if (state.ops->query(state.backend, &asked, add_id, &check, &err) < 0) {
        if (err.code == WF_ENOTFOUND)
            wf_err_hint(&err, "name a run (`wfrun list` shows them) or the file of a bundle; there is no file %s", id);
        status = wf_complain(&err, wf_exit_of(&err));
    }
    for (size_t i = check.count; i-- > 0;) {
        int one = check_run(&state, check.ids[i]);
        check.bad += one != WF_EXIT_OK;
        status = one != WF_EXIT_OK ? one : status;
        free(check.ids[i]);
    }
    free(check.ids);
    if (check.bad)
        fprintf(
            stderr, "wfrun: %zu of %zu runs in %s are not as they were written\n", check.bad, check.count, state.file);
    wf_state_close(&state);
    return status;
}

/* A bundle holds together when an empty journal would take it. */
static int check_bundle(struct wf_invocation *inv, const char *path)
{
    struct wf_loop *loop = wf_loop_new();
    const struct wf_settings settings = {.loop = loop};
    struct wf_backend *backend = NULL;
    struct wf_bundle *bundle = NULL;
    struct wf_err err = {0};
    char *signer;
    int rc = wf_bundle_of_file(inv, path, &bundle, &signer, &err);
    if (rc == 0)
        rc = wf_journal_mem.open(&settings, &backend, &err);
    if (rc == 0)
        rc = wf_bundle_adopt(bundle, &wf_journal_mem, backend, &err);
    if (rc == 0)
        print_good(bundle, signer);
    wf_journal_mem.close(backend);
    wf_loop_free(loop);
    wf_bundle_free(bundle);
    free(signer);
    return rc < 0 ? wf_complain(&err, wf_exit_of(&err)) : WF_EXIT_OK;
}

static int exec(struct wf_invocation *inv)
{
    const char *what = inv->opts.nargs ? inv->opts.args[0] : NULL;
    if (what && (strcmp(what, "-") == 0 || access(what, F_OK) == 0))
        return check_bundle(inv, what);
    if (wf_opts_has(&inv->opts, WF_OPT_TRUSTED_KEY)) {
        fputs("wfrun: verify-journal: --trusted-key goes with the file of a bundle\n", stderr);
        return WF_EXIT_USAGE;
    }
    return check_journal(inv, what);
}

const struct wf_cmd wf_cmd_verify = {
    .name = "verify-journal",
    .args = "[RUN|FILE]",
    .summary = "Check that nothing in the journal, a run or a bundle was changed",
    .details =
        "Every record is linked to the one before by a hash. A record that was changed, removed, moved or put in is\n"
        "named with its run and number; exit status 5. Each run that is whole gets a line that ends in its last\n"
        "link: kept elsewhere, it proves later that nobody wrote the whole run anew. FILE is a bundle of\n"
        "`wfrun export`; with --trusted-key it must be signed as well (FILE.minisig).",
    .opts = WF_OPT_BIT(WF_OPT_STATE) | WF_OPT_BIT(WF_OPT_TRUSTED_KEY),
    .min_args = 0,
    .max_args = 1,
    .exec = exec,
};
