/* explain_ways.c: what a person can type now. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/explain.h"

#define DOUBTS_SHOWN 20

struct ways {
    jv list;
    const char *id, *options;
};

static void offer_run(
    struct ways *ways, const char *command, const char *run_id, const char *arguments, const char *why)
{
    char *text = wf_asprintf("wfrun %s %s%s%s", command, run_id, arguments, ways->options);
    jv way = wf_val_set(jv_object(), "command", jv_string(text));
    ways->list = jv_array_append(ways->list, wf_val_set(way, "why", jv_string(why)));
    free(text);
}

static void offer(struct ways *ways, const char *command, const char *arguments, const char *why)
{
    offer_run(ways, command, ways->id, arguments, why);
}

static void doubts(struct ways *ways, const struct wf_report *report)
{
    static const char *const verdicts[][2] = {
        {"--done --output JSON", "it happened; JSON is what the step would have answered"},
        {"--not-done", "it did not happen: the step runs again"},
        {"--skip", "leave it: the run goes on without"},
    };
    for (size_t i = 0; i < report->doubts.count && i < DOUBTS_SHOWN; i++)
        for (size_t v = 0; v < sizeof verdicts / sizeof *verdicts; v++) {
            char *arguments = wf_asprintf(" '%s' %s --reason TEXT", report->doubts.items[i].path, verdicts[v][0]);
            offer(ways, "resolve", arguments, verdicts[v][1]);
            free(arguments);
        }
}

static bool needs_approval(const struct wf_report *report)
{
    char *command = wf_waits_command(&report->waits, report->run->id);
    bool needs = strncmp(command, "approve", 7) == 0;
    free(command);
    return needs;
}

static void going_on(struct ways *ways, const struct wf_report *report)
{
    doubts(ways, report);
    if (needs_approval(report)) {
        offer(ways, "approve", "", "let it go on");
        offer(ways, "reject", " --reason TEXT", "refuse it");
    }
    if (report->run->held) {
        offer(ways, "wait", "", "stay until it is over or parked");
        offer(ways, "suspend", " --reason TEXT", "stop it in good order; resume goes on from there");
    } else {
        offer(ways, "resume", "",
            report->doubts.count ? "go on, once nothing is in doubt any more" : "go on from where it stands");
    }
    bool back = report->main_def && report->main_def->def && report->main_def->def->rolls_back;
    offer(ways, "cancel", " --reason TEXT",
        back ? "end it for good; its workflow wants what was done taken back"
             : "end it for good; what was done stays done");
    if (back)
        offer(ways, "kill", " --reason TEXT", "end it for good, and take nothing back");
}

static void over(struct ways *ways, const struct wf_report *report)
{
    enum wf_run_status status = report->run->status;
    if (report->retried_by)
        offer_run(ways, "explain", report->retried_by, "", "how its retry stands, which goes on with what it did");
    else if (status == WF_RUN_FAULTED)
        offer(ways, "retry", "", "go on from the task that failed; what was done is not done again");
    else if (report->by_state[WF_ITEM_FAILED])
        offer(ways, "retry", " --failed", "do the failed items again, and nothing else");
    for (size_t i = 0; i < report->nrollbacks; i++)
        offer_run(ways, "explain", report->rollbacks[i], "", "how the rollback stands");
    if (report->neffects && !report->nrollbacks)
        offer(ways, "rollback", "", "show what can be taken back, then take it back");
}

jv wf__explain_ways(const struct wf_report *report, const char *options)
{
    struct ways ways = {jv_array(), report->run->id, options};
    if (wf_state_is_final(report->run->status))
        over(&ways, report);
    else
        going_on(&ways, report);
    offer(&ways, "report", " --to report.html", "see everything on one page");
    offer(&ways, "logs", "", "see every record");
    return ways.list;
}
