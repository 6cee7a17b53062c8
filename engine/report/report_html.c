/* report_html.c: the report as one page for people: what came of it, what needs them, when what happened, and at the end
 * everything that was done to the world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"
#include "report/amount.h"
#include "report/escape.h"
#include "report/report_model.h"
#include "report/report_page.h"
#include "report/tally.h"

#define ROWS_MAX      500
#define LIST_MAX      60
#define EFFECT_ITEMS  300 /* items whose effects are shown */
#define EFFECTS_EACH  25  /* of one item, that went well; */
#define EFFECTS_MANY  8   /* when there are more items than ITEMS_FEW */
#define ITEMS_FEW     30
#define ANSWER_MAX    700     /* bytes of one answer */
#define EFFECTS_BYTES 1200000 /* of the page, for effects: it stays usable */

static void element(struct wf_buf *buf, const char *tag, const char *text)
{
    wf_buf_printf(buf, "<%s>", tag);
    wf_html_text(buf, text);
    wf_buf_printf(buf, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

/* "2026-01-31 10:00:00 UTC" */
static const char *when(int64_t ms, char text[WF_TIME_TEXT])
{
    if (!ms)
        return "";
    wf_time_format(ms, text);
    text[10] = ' ';
    memcpy(text + 19, " UTC", 5);
    return text;
}

/* ---- the head ---- */

static const char *kind_of_status(const struct wf_report *report)
{
    switch (report->run->status) {
    case WF_RUN_COMPLETED:
        return report->by_state[WF_ITEM_FAILED] ? "warn" : "ok";
    case WF_RUN_FAULTED:
        return "bad";
    case WF_RUN_IN_DOUBT:
    case WF_RUN_CANCELLED:
        return "warn";
    default:
        return "";
    }
}

static const char *status_words(const struct wf_report *report)
{
    if (report->run->status == WF_RUN_RUNNING)
        return report->run->held ? "running" : "interrupted";
    return wf_run_status_name(report->run->status);
}

static void head(const struct wf_report *report, struct wf_buf *buf)
{
    const struct wf_state_run *run = report->run;
    const char *by = wf_val_string(&run->meta, "by", NULL);
    char started[WF_TIME_TEXT];
    wf_buf_str(buf, "<div class=\"top\">");
    element(buf, "h1", report->title);
    wf_page_pill(buf, kind_of_status(report), status_words(report));
    if (report->by_state[WF_ITEM_FAILED]) {
        char failed[40];
        snprintf(failed, sizeof failed, "%zu failed", report->by_state[WF_ITEM_FAILED]);
        wf_page_pill(buf, "bad", failed);
    }
    if (report->rehearsal)
        wf_page_pill(buf, "", "rehearsal in the sandbox");
    wf_buf_str(buf, "</div>\n<p class=\"facts\">");
    wf_html_text(buf, run->namespace_);
    wf_buf_char(buf, '/');
    wf_html_text(buf, run->name);
    wf_buf_str(buf, " <b>");
    wf_html_text(buf, run->version);
    wf_buf_str(buf, "</b> · run <b>");
    wf_html_text(buf, run->id);
    wf_buf_printf(buf, "</b> · begun <b>%s</b>", when(run->started_ms, started));
    if (by) {
        wf_buf_str(buf, " by <b>");
        wf_html_text(buf, by);
        wf_buf_str(buf, "</b>");
    }
    wf_buf_str(buf, "</p>\n");
}

static void number_tile(struct wf_buf *buf, const char *kind, size_t n, const char *words)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", n);
    wf_page_tile(buf, n ? kind : "", text, words);
}

static void money_tiles(const struct wf_report *report, struct wf_buf *buf)
{
    char text[48];
    bool over = wf_state_is_final(report->run->status);
    for (size_t i = 0; i < report->nmoney; i++) {
        const struct wf_money *money = &report->money[i];
        wf_page_tile(buf, "", wf_amount_text(money->spent_micros, money->currency, text), "spent");
        if (money->open_micros)
            wf_page_tile(buf, "warn", wf_amount_text(money->open_micros, money->currency, text),
                over ? "spent or not: nobody knows" : "under way: spent or about to be");
        if (report->planned && !over)
            wf_page_tile(buf, "", wf_amount_text(money->to_spend_micros, money->currency, text), "still to spend");
    }
}

static void bar_part(const struct wf_report *report, struct wf_buf *buf, const char *css, size_t count)
{
    if (count)
        wf_buf_printf(
            buf, "<i class=\"%s\" style=\"width:%.2f%%\"></i>", css, 100.0 * (double)count / (double)report->nitems);
}

static void progress_bar(const struct wf_report *report, struct wf_buf *buf)
{
    static const struct {
        enum wf_item_state state;
        const char *css;
    } parts[] = {{WF_ITEM_DONE, "ok"}, {WF_ITEM_FAILED, "bad"}, {WF_ITEM_STOPPED, "bad"}, {WF_ITEM_IN_DOUBT, "warn"},
        {WF_ITEM_WAITING, "calm"}, {WF_ITEM_UNDER_WAY, "calm"}};
    size_t flawed = 0; /* done, and something failed on the way */
    for (size_t i = 0; i < report->nitems; i++)
        flawed += report->items[i].state == WF_ITEM_DONE && report->items[i].nfaults;
    wf_buf_str(buf, "<div class=\"bar\" aria-hidden=\"true\">");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (report->by_state[parts[i].state])
            bar_part(report, buf, parts[i].css, report->by_state[parts[i].state] - (i == 0 ? flawed : 0));
    bar_part(report, buf, "warn", flawed);
    wf_buf_str(buf, "</div>\n");
}

/* "customers" rather than "items", when that is what the loop is called. */
static const char *noun(const struct wf_report *report)
{
    const char *name = NULL;
    for (size_t i = 0; i < report->nloops; i++) {
        if (report->loops[i].has_items && name)
            return "items";
        name = report->loops[i].has_items ? report->loops[i].name : name;
    }
    return name ? name : "items";
}

static void tiles(const struct wf_report *report, struct wf_buf *buf)
{
    char text[64], span[32];
    wf_buf_str(buf, "<div class=\"tiles\">\n");
    if (report->nitems) {
        char *words = wf_asprintf("%s worked through", noun(report));
        snprintf(text, sizeof text, "%zu of %zu", report->by_state[WF_ITEM_DONE], report->nitems);
        wf_page_tile(buf, "", text, words);
        free(words);
    }
    for (size_t i = WF_ITEM_UNDER_WAY; i < WF_ITEM_DONE; i++)
        if (report->by_state[i])
            number_tile(buf,
                i == WF_ITEM_FAILED || i == WF_ITEM_STOPPED ? "bad"
                : i == WF_ITEM_IN_DOUBT                     ? "warn"
                                                            : "",
                report->by_state[i], wf_item_state_name((enum wf_item_state)i));
    number_tile(buf, "", report->neffects, "changes made");
    if (report->nopen)
        number_tile(buf, "warn", report->nopen,
            wf_state_is_final(report->run->status) ? "changes nobody knows of" : "changes under way");
    if (report->nfaults)
        number_tile(buf, "warn", report->nfaults, "calls that failed");
    money_tiles(report, buf);
    wf_page_tile(buf, "", wf_span_text(report->last_ms - report->first_ms, span),
        wf_state_is_final(report->run->status) ? "duration" : "so far");
    wf_buf_str(buf, "</div>\n");
    if (report->nitems)
        progress_bar(report, buf);
}

/* ---- what needs a person ---- */

static void doubts(const struct wf_report *report, struct wf_buf *buf)
{
    for (size_t i = 0; i < report->doubts.count && i < LIST_MAX; i++) {
        const struct wf_doubt *doubt = &report->doubts.items[i];
        const char *label = wf_report_label(report, doubt->path);
        char since[WF_TIME_TEXT], *place = wf_place_words(doubt->path);
        wf_buf_str(buf, "<div class=\"card bad\"><h3>In doubt: ");
        wf_html_text(buf, doubt->step);
        if (label) {
            wf_buf_str(buf, " for ");
            wf_html_text(buf, label);
        }
        wf_buf_str(buf, "</h3><p>");
        wf_html_text(buf, place);
        wf_buf_printf(buf, ", begun %s: ", when(doubt->since_ms, since));
        wf_html_text(buf, doubt->why);
        wf_buf_str(buf, ".</p><p>Find out whether it happened (its request id is <code>");
        wf_html_text(buf, doubt->key);
        if (wf_state_is_final(report->run->status)) {
            wf_buf_str(buf, "</code>); the run is over: put it right by hand.</p></div>\n");
            free(place);
            continue;
        }
        wf_buf_str(buf, "</code>), then type one of</p><pre>");
        for (const char *const *verdict = (const char *const[]){"--done --output JSON", "--not-done", "--skip", NULL};
             *verdict; verdict++) {
            wf_buf_printf(buf, "wfrun resolve %s '", report->run->id);
            wf_html_text(buf, doubt->path);
            wf_buf_printf(buf, "' %s --reason TEXT\n", *verdict);
        }
        wf_buf_printf(buf, "</pre><p>and then <code>wfrun resume %s</code></p></div>\n", report->run->id);
        free(place);
    }
}

static void error_card(const struct wf_report *report, struct wf_buf *buf)
{
    const jv *error = &report->run->output;
    const char *title = wf_val_string(error, "title", ""), *detail = wf_val_string(error, "detail", "");
    wf_buf_str(buf, "<div class=\"card bad\"><h3>");
    wf_html_text(buf, *title ? title : "The run faulted");
    wf_buf_str(buf, "</h3><p>");
    wf_html_text(buf, detail);
    wf_buf_str(buf, "</p><p class=\"soft\">at <code>");
    wf_html_text(buf, wf_val_string(error, "instance", "/"));
    wf_buf_str(buf, "</code>, <code>");
    wf_html_text(buf, wf_val_string(error, "type", ""));
    wf_buf_printf(buf, "</code>; <code>wfrun explain %s</code> says more</p></div>\n", report->run->id);
}

static void gates(const struct wf_report *report, struct wf_buf *buf)
{
    for (size_t i = 0; i < report->waits.count && i < LIST_MAX; i++) {
        const struct wf_wait_item *item = &report->waits.items[i];
        char since[WF_TIME_TEXT];
        wf_buf_str(buf, "<div class=\"card warn\"><h3>It waits for a person</h3><p>");
        wf_html_text(buf, item->what);
        wf_buf_str(buf, ", at ");
        wf_html_text(buf, item->task);
        wf_buf_printf(buf, ", since %s</p></div>\n", when(item->since_ms, since));
    }
}

static void undone(const struct wf_report *report, struct wf_buf *buf)
{
    if (!jv_is_valid(report->undone))
        return;
    jv items = wf_val_get(&report->undone, "items"), texts = jv_array();
    jv_array_foreach(items, i, item) {
        const char *label = wf_val_string(&item, "label", "");
        texts = jv_array_append(texts, jv_string_fmt("%s%s%s: %s", label, *label ? ": " : "",
                                           wf_val_string(&item, "step", ""), wf_val_string(&item, "words", "")));
        jv_free(item);
    }
    wf_buf_printf(buf, "<div class=\"card warn\"><h3>Planned, and not done <span class=\"soft\">(%.0f)</span></h3>\n",
        wf_val_number(&report->undone, "count", 0));
    wf_page_list(buf, &texts, LIST_MAX);
    wf_buf_str(buf, "</div>\n");
    jv_free(texts);
    jv_free(items);
}

static void needs(const struct wf_report *report, struct wf_buf *buf)
{
    bool final = wf_state_is_final(report->run->status), faulted = report->run->status == WF_RUN_FAULTED;
    bool some = report->doubts.count || jv_is_valid(report->undone) || (!final && report->waits.count) || faulted ||
                jv_array_length(jv_copy(report->attention)) > 0;
    if (!some)
        return;
    wf_page_heading(buf, "What needs a person", NULL);
    if (faulted)
        error_card(report, buf);
    doubts(report, buf);
    if (!final)
        gates(report, buf);
    undone(report, buf);
    wf_page_attention(buf, &report->attention, LIST_MAX);
}

/* ---- pictures and tables ---- */

static void timeline(const struct wf_report *report, struct wf_buf *buf)
{
    static const char *const keys[][2] = {{"read", "reads"}, {"write", "changes"}, {"spend", "spends"},
        {"irrev", "cannot be taken back"}, {"wait", "waits"}};
    struct wf_buf picture;
    wf_buf_init(&picture, SIZE_MAX);
    wf_report_svg(report, &picture);
    if (picture.len) {
        wf_page_heading(buf, "Timeline", report->rehearsal ? "by the sandbox's clock" : NULL);
        wf_buf_str(buf, "<div class=\"card\"><div class=\"scroll\" style=\"border:0\" tabindex=\"0\">\n");
        wf_buf_add(buf, picture.ptr, picture.len);
        wf_buf_str(buf, "</div><div class=\"legend\">");
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            wf_buf_printf(buf,
                "<span><svg viewBox=\"0 0 14 12\" aria-hidden=\"true\"><rect class=\"%s\" width=\"14\" height=\"10\" "
                "y=\"1\" "
                "rx=\"2\"/></svg>%s</span>",
                keys[i][0], keys[i][1]);
        wf_buf_str(buf,
            "<span><svg viewBox=\"0 0 14 12\" aria-hidden=\"true\"><circle class=\"bad\" cx=\"7\" cy=\"6\" r=\"4.5\"/>"
            "</svg>failed</span><span><svg viewBox=\"0 0 14 12\" aria-hidden=\"true\"><path class=\"doubt\" d=\"M7 0l6 "
            "6"
            "-6 6-6-6z\"/></svg>in doubt</span></div></div>\n");
    }
    wf_buf_done(&picture);
}

static void tables(const struct wf_report *report, struct wf_buf *buf)
{
    char small[48], *rest = wf_asprintf("wfrun report %s -o csv", report->run->id);
    struct wf_table table;
    wf_report_rows(report, &table);
    snprintf(small, sizeof small, "%zu row%s", table.nrows, table.nrows == 1 ? "" : "s");
    if (table.ncolumns) {
        wf_page_heading(buf, report->has_table || !report->nitems ? "Result" : "Items", small);
        wf_page_table(buf, &table, ROWS_MAX, rest);
    }
    wf_table_done(&table);
    if (report->has_table && report->nitems) {
        wf_report_items_table(report, &table);
        wf_buf_printf(buf,
            "<div class=\"card\" style=\"padding:0;margin-top:12px\"><details><summary>How far each of %zu "
            "came</summary>\n",
            report->nitems);
        wf_page_table(buf, &table, ROWS_MAX, NULL);
        wf_buf_str(buf, "</details></div>\n");
        wf_table_done(&table);
    }
    free(rest);
}

static const char *item_label(const struct wf_report *report, const struct wf_report_op *op)
{
    return op->item == WF_REPORT_NO_ITEM ? "" : report->items[op->item].label;
}

static void failures(const struct wf_report *report, struct wf_buf *buf)
{
    char small[64];
    struct wf_table table;
    if (!report->nfaults)
        return;
    wf_table_init(&table, (const char *const[]){"Item", "Step", "What failed", "When"}, 4);
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        char at[WF_TIME_TEXT];
        if (op->state != WF_REC_FAULT)
            continue;
        char *words = wf_asprintf("%s%s%s", op->title, op->detail ? ": " : "", op->detail ? op->detail : "");
        wf_table_add(&table, (const char *const[]){item_label(report, op), op->step, words, when(op->ended_ms, at)});
        free(words);
    }
    snprintf(small, sizeof small, "%zu call%s; the workflow may have caught them", report->nfaults,
        report->nfaults == 1 ? "" : "s");
    wf_page_heading(buf, "What failed", small);
    wf_page_table(buf, &table, ROWS_MAX / 5, NULL);
    wf_table_done(&table);
}

/* ---- effects ---- */

static void answer(struct wf_buf *buf, const struct wf_report_op *op)
{
    if (!op->answer.ptr || (op->answer.len == 4 && memcmp(op->answer.ptr, "null", 4) == 0))
        return;
    size_t len = op->answer.len < ANSWER_MAX ? op->answer.len : ANSWER_MAX;
    while (len && len < op->answer.len && ((unsigned char)op->answer.ptr[len] & 0xc0) == 0x80)
        len--;
    wf_buf_str(buf, "<details><summary>answer</summary><pre>");
    wf_html_bytes(buf, op->answer.ptr, len);
    if (len < op->answer.len)
        wf_buf_printf(buf, "\n... and %zu more bytes", op->answer.len - len);
    wf_buf_str(buf, "</pre></details>");
}

static void resolution(struct wf_buf *buf, const struct wf_report_op *op)
{
    if (!op->resolution)
        return;
    wf_buf_str(buf, "<p>a person said: <code>");
    wf_html_text(buf, op->resolution);
    wf_buf_str(buf, "</code></p>");
}

static void effect_row(const struct wf_report *report, struct wf_buf *buf, const struct wf_report_op *op)
{
    char at[WF_TIME_TEXT], money[48] = "";
    bool fault = op->state == WF_REC_FAULT, open = op->state == WF_REC_INTENT;
    if (op->has_cost)
        wf_amount_text(op->cost_micros, op->currency, money);
    wf_buf_str(buf, "<tr><td class=\"tight\">");
    wf_html_text(buf, op->step);
    wf_buf_printf(buf, "</td><td class=\"tight\">%s</td><td>", op->effect);
    wf_page_pill(buf,
        fault  ? "bad"
        : open ? "warn"
               : "ok",
        fault  ? "failed"
        : open ? wf_report_open_name(report)
               : "done");
    wf_buf_printf(buf, "</td><td class=\"tight\">%s</td><td class=\"num\">", when(op->begun_ms, at));
    wf_html_text(buf, money);
    wf_buf_str(buf, "</td><td><code>");
    wf_html_text(buf, op->key);
    wf_buf_str(buf, "</code></td><td>");
    if (fault) {
        wf_html_text(buf, op->title);
        if (op->detail)
            wf_html_text(buf, ": "), wf_html_text(buf, op->detail);
    } else {
        answer(buf, op);
    }
    resolution(buf, op);
    wf_buf_str(buf, "</td></tr>\n");
}

/* Effects of each item in one piece: heads of lists through ops, in their order. */
struct chains {
    size_t *first, *last, *next, *count; /* by item; the one behind the last: outside of items */
};

static void chains_init(struct chains *chains, const struct wf_report *report)
{
    size_t n = report->nitems + 1;
    *chains = (struct chains){wf_calloc(n, sizeof(size_t)), wf_calloc(n, sizeof(size_t)),
        wf_calloc(report->nops + 1, sizeof(size_t)), wf_calloc(n, sizeof(size_t))};
    for (size_t i = 0; i < report->nops; i++) {
        size_t item = report->ops[i].item == WF_REPORT_NO_ITEM ? report->nitems : report->ops[i].item;
        if (!report->ops[i].effect)
            continue;
        if (chains->count[item]++)
            chains->next[chains->last[item]] = i;
        else
            chains->first[item] = i;
        chains->last[item] = i;
    }
}

static void chains_done(struct chains *chains)
{
    free(chains->first);
    free(chains->last);
    free(chains->next);
    free(chains->count);
}

/* What costs money, cannot be taken back, failed or is open is always shown; of the many others a few. */
static void item_effects(const struct wf_report *report, struct wf_buf *buf, const struct chains *chains, size_t item)
{
    size_t plain = 0, hidden = 0, each = report->nitems > ITEMS_FEW ? EFFECTS_MANY : EFFECTS_EACH;
    wf_buf_str(buf, "<details><summary>");
    wf_html_text(buf, item == report->nitems ? "Outside of items" : report->items[item].label);
    wf_buf_printf(buf, " <span class=\"soft\">· %zu</span></summary>\n", chains->count[item]);
    wf_buf_str(buf, "<div class=\"scroll\"><table><thead><tr><th>Step</th><th>Effect</th><th>State</th><th>Begun</th>"
                    "<th class=\"num\">Cost</th><th>Request id</th><th>Answer</th></tr></thead><tbody>\n");
    for (size_t n = 0, i = chains->first[item]; n < chains->count[item]; n++, i = chains->next[i]) {
        const struct wf_report_op *op = &report->ops[i];
        bool ordinary = op->state == WF_REC_DONE && strcmp(op->effect, "write") == 0;
        if (ordinary && ++plain > each)
            hidden++;
        else
            effect_row(report, buf, op);
    }
    wf_buf_str(buf, "</tbody></table></div>\n");
    if (hidden)
        wf_buf_printf(buf,
            "<p class=\"soft\" style=\"padding:0 14px\">and %zu more that were done: <code>wfrun report %s -o "
            "json</code></p>\n",
            hidden, report->run->id);
    wf_buf_str(buf, "</details>\n");
}

static void effects(const struct wf_report *report, struct wf_buf *buf)
{
    struct chains chains;
    size_t before = buf->len, shown = 0, hidden = 0;
    char small[64];
    snprintf(small, sizeof small, "every request id, and what came back");
    if (!report->neffects && !report->nopen && !report->nfaults)
        return;
    chains_init(&chains, report);
    for (size_t i = 0; i <= report->nitems; i++) {
        if (!chains.count[i])
            continue;
        if (shown == EFFECT_ITEMS || buf->len - before > EFFECTS_BYTES) {
            hidden++;
            continue;
        }
        if (shown++ == 0) {
            wf_page_heading(buf, "What was done to the world", small);
            wf_buf_str(buf, "<div class=\"card\" style=\"padding:0\">\n");
        }
        item_effects(report, buf, &chains, i);
    }
    if (shown)
        wf_buf_str(buf, "</div>\n");
    if (hidden)
        wf_buf_printf(buf, "<p class=\"soft\">and those of %zu more items: <code>wfrun report %s -o json</code></p>\n",
            hidden, report->run->id);
    chains_done(&chains);
}

void wf_report_html(const struct wf_report *report, struct wf_buf *buf)
{
    char now[WF_TIME_TEXT], *title = wf_asprintf("%s: %s", report->title, status_words(report));
    wf_page_begin(buf, title);
    head(report, buf);
    tiles(report, buf);
    needs(report, buf);
    timeline(report, buf);
    tables(report, buf);
    failures(report, buf);
    effects(report, buf);
    free(title);
    char *footer = wf_asprintf("Made by %s from the journal of run %s; last record %s.", PACKAGE_STRING,
        report->run->id, when(report->last_ms, now));
    wf_page_end(buf, footer);
    free(footer);
}
