/* plan_html.c: a plan as one page for people who decide on it: what it costs, what cannot be done, and each item. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config.h"
#include "report/amount.h"
#include "report/escape.h"
#include "report/plan_lines.h"
#include "report/plan_print.h"
#include "report/report_page.h"

#define LIST_MAX   60
#define GROUPS_MAX 2000
#define OPEN_MAX   12 /* groups that are shown unfolded */

static const struct {
    const char *action, *pill, *words;
} actions[] = {
    {"create", "ok", "create"},
    {"change", "warn", "change"},
    {"remove", "bad", "remove"},
    {"nothing", "", "nothing to do"},
    {"cannot", "bad", "cannot"},
};
#define ACTIONS (sizeof actions / sizeof *actions)

static size_t action_of(const char *name)
{
    size_t i = 0;
    while (i + 1 < ACTIONS && strcmp(actions[i].action, name) != 0)
        i++;
    return i;
}

/* "2026-01-31 10:00:00 UTC" of "2026-01-31T10:00:00.000Z" */
static void put_time(struct wf_buf *buf, const char *words, const char *time)
{
    if (strlen(time) < 19)
        return;
    wf_buf_printf(buf, "%s <b>%.10s %.8s UTC</b>", words, time, time + 11);
}

static void put_approval(struct wf_buf *buf, const jv *plan)
{
    jv terms = wf_val_get(plan, "terms"), approval = wf_val_get(&terms, "approval");
    if (jv_is_valid(approval))
        wf_buf_printf(buf, " · needs an approval of %.0f before it may <b>%s</b>",
            wf_val_number(&approval, "quorum", 1), wf_val_string(&approval, "before", ""));
    jv_free(approval);
    jv_free(terms);
}

static void head(struct wf_buf *buf, const jv *plan, const char *title)
{
    jv sandbox = wf_val_get(plan, "sandbox"), definition = wf_val_get(plan, "definition");
    wf_buf_str(buf, "<div class=\"top\"><h1>");
    wf_html_text(buf, title);
    wf_buf_str(buf, "</h1>");
    if (jv_is_valid(sandbox))
        wf_page_pill(buf, "", "rehearsal in the sandbox");
    wf_buf_str(buf, "</div>\n<p class=\"facts\">");
    wf_html_text(buf, wf_val_string(&definition, "namespace", ""));
    wf_buf_char(buf, '/');
    wf_html_text(buf, wf_val_string(&definition, "name", ""));
    put_time(buf, " · made", wf_val_string(plan, "created", ""));
    put_time(buf, " · may be applied until", wf_val_string(plan, "expires", ""));
    put_approval(buf, plan);
    wf_buf_str(buf, "</p>\n");
    jv_free(definition);
    jv_free(sandbox);
}

static void cost_tiles(struct wf_buf *buf, const jv *summary)
{
    jv costs = wf_val_get(summary, "cost");
    double unknown = wf_val_number(summary, "unknownCosts", 0);
    char text[48];
    jv_object_foreach(costs, currency, micros) {
        wf_page_tile(
            buf, "", wf_amount_text((int64_t)jv_number_value(micros), jv_string_value(currency), text), "to spend");
        jv_free(currency);
        jv_free(micros);
    }
    snprintf(text, sizeof text, "%.0f", unknown);
    if (unknown > 0)
        wf_page_tile(buf, "warn", text, "whose cost is not known");
    jv_free(costs);
}

static void tiles(struct wf_buf *buf, const jv *plan)
{
    static const char *const words[ACTIONS] = {
        "to create", "to change", "to remove", "with nothing to do", "that cannot be done"};
    jv summary = wf_val_get(plan, "summary");
    wf_buf_str(buf, "<div class=\"tiles\">\n");
    cost_tiles(buf, &summary);
    for (size_t i = 0; i < ACTIONS; i++) {
        double count = wf_val_number(&summary, actions[i].action, 0);
        char text[32];
        snprintf(text, sizeof text, "%.0f", count);
        wf_page_tile(buf, i + 1 == ACTIONS && count > 0 ? "bad" : "", text, words[i]);
    }
    wf_buf_str(buf, "</div>\n");
    jv_free(summary);
}

/* ---- what a person must see before a yes ---- */

static jv cannot_list(const struct wf_plan_lines *lines)
{
    jv list = jv_array();
    for (size_t i = 0; i < lines->count; i++) {
        const struct wf_plan_line *line = &lines->items[i];
        if (strcmp(line->action, "cannot") != 0)
            continue;
        char *words = wf_plan_line_words(line);
        char *text = wf_asprintf("%s%s%s: %s", line->label, *line->label ? ": " : "", line->step, words);
        list = jv_array_append(list, jv_string(text));
        free(text);
        free(words);
    }
    return list;
}

static void needs(struct wf_buf *buf, const jv *plan, const struct wf_plan_lines *lines)
{
    jv attention = wf_val_get(plan, "attention"), cannot = cannot_list(lines);
    bool has_lists = jv_get_kind(attention) == JV_KIND_ARRAY && jv_array_length(jv_copy(attention)) > 0;
    int count = jv_array_length(jv_copy(cannot));
    if (count || has_lists)
        wf_page_heading(buf, "What needs a person", NULL);
    if (count && !has_lists) { /* the workflow's own lists say it better */
        wf_buf_printf(buf, "<div class=\"card bad\"><h3>Cannot be done <span class=\"soft\">(%d)</span></h3>\n", count);
        wf_page_list(buf, &cannot, LIST_MAX);
        wf_buf_str(buf, "</div>\n");
    }
    if (has_lists)
        wf_page_attention(buf, &attention, LIST_MAX);
    jv_free(cannot);
    jv_free(attention);
}

/* ---- items ---- */

static void row(struct wf_buf *buf, const struct wf_plan_line *line)
{
    char *words = wf_plan_line_words(line), cost[48];
    size_t action = action_of(line->action);
    wf_buf_str(buf, "<tr><td class=\"tight\">");
    wf_page_pill(buf, actions[action].pill, actions[action].words);
    wf_buf_str(buf, "</td><td class=\"tight\">");
    wf_html_text(buf, line->step);
    wf_buf_str(buf, "</td><td>");
    wf_html_text(buf, words);
    wf_buf_str(buf, "</td><td class=\"tight\">");
    wf_html_text(buf, line->effect);
    wf_buf_str(buf, "</td><td class=\"num\">");
    wf_html_text(buf, wf_plan_line_cost(line, cost));
    wf_buf_str(buf, "</td></tr>\n");
    free(words);
}

/* "2 to create, 1 that cannot be done · EUR 10.00", behind the label. */
static void sums(struct wf_buf *buf, const struct wf_plan_line *lines, size_t count)
{
    size_t of[ACTIONS] = {0};
    struct wf_plan_line sum = {.is_priced = true, .action = "create"};
    char cost[48];
    bool is_mixed = false;
    for (size_t i = 0; i < count; i++) {
        of[action_of(lines[i].action)] += lines[i].count;
        sum.micros += lines[i].micros;
        sum.is_priced = sum.is_priced && lines[i].is_priced;
        is_mixed = is_mixed || (*sum.currency && *lines[i].currency && strcmp(sum.currency, lines[i].currency) != 0);
        if (*lines[i].currency)
            memcpy(sum.currency, lines[i].currency, sizeof sum.currency);
    }
    wf_buf_str(buf, " <span class=\"soft\">");
    for (size_t i = 0; i < ACTIONS; i++)
        if (of[i])
            wf_buf_printf(buf, " · %zu %s", of[i], actions[i].words);
    if (!is_mixed && *wf_plan_line_cost(&sum, cost)) {
        wf_buf_str(buf, " · ");
        wf_html_text(buf, cost);
    }
    wf_buf_str(buf, "</span>");
}

static void group(struct wf_buf *buf, const struct wf_plan_line *lines, size_t count, bool is_open)
{
    wf_buf_printf(buf, "<details%s><summary><b>", is_open ? " open" : "");
    wf_html_text(buf, *lines->label ? lines->label : "Outside of items");
    wf_buf_str(buf, "</b>");
    sums(buf, lines, count);
    wf_buf_str(buf,
        "</summary>\n<div class=\"scroll\"><table class=\"even\"><thead><tr><th>Action</th><th>Step</th><th>What</th>"
        "<th>Effect</th><th class=\"num\">Cost</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++)
        row(buf, &lines[i]);
    wf_buf_str(buf, "</tbody></table></div></details>\n");
}

static void groups(struct wf_buf *buf, const struct wf_plan_lines *lines)
{
    size_t count = 0, shown = 0;
    for (size_t at = 0; at < lines->count; at = wf_plan_lines_group(lines, at))
        count++;
    if (!count)
        return;
    wf_page_heading(buf, "What would be done", "in this order, or side by side");
    wf_buf_str(buf, "<div class=\"card\" style=\"padding:0\">\n");
    for (size_t at = 0, end; at < lines->count && shown < GROUPS_MAX; at = end, shown++) {
        end = wf_plan_lines_group(lines, at);
        group(buf, &lines->items[at], end - at, count <= OPEN_MAX);
    }
    wf_buf_str(buf, "</div>\n");
    if (shown < count)
        wf_buf_printf(
            buf, "<p class=\"soft\">and %zu more: <code>wfrun plan -o csv</code> has all</p>\n", count - shown);
}

void wf_plan_html(const jv *plan, const char *digest, struct wf_buf *buf)
{
    struct wf_plan_lines lines;
    char *title = wf_plan_title(plan),
         *footer = wf_asprintf("Made by %s. SHA-256 of the plan: %s.", PACKAGE_STRING, digest);
    wf_plan_lines_init(&lines, plan);
    wf_page_begin(buf, title);
    head(buf, plan, title);
    tiles(buf, plan);
    needs(buf, plan, &lines);
    groups(buf, &lines);
    wf_page_end(buf, footer);
    wf_plan_lines_done(&lines);
    free(footer);
    free(title);
}
