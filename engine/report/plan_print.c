/* plan_print.c: a plan as a tree: each group, and in it what would be done to it, the like taken together. */
#include "report/plan_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/attention.h"
#include "report/plan_lines.h"
#include "report/term.h"

#define STEP_WIDTH    18
#define ATTENTION_MAX 20

int wf_view_parse(const char *text, enum wf_view *ret, struct wf_err *err)
{
    static const char *const names[] = {"tree", "json", "csv", "html"};
    *ret = WF_VIEW_TREE;
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret = (enum wf_view)i;
            return 0;
        }
    }
    return text ? wf_err_set(err, WF_EINVAL, "--output %s: a plan is shown as tree, json, csv or html", text) : 0;
}

/* ---- one line ---- */

struct printer {
    FILE *out;
    size_t width;
    bool colour;
};

static const struct {
    const char *name, *mark, *colour;
} signs[] = {
    {"create", "+", "\033[32m"},
    {"change", "~", "\033[33m"},
    {"remove", "-", "\033[31m"},
    {"nothing", "=", "\033[2m"},
    {"cannot", "!", "\033[1;31m"},
};

static size_t sign_of(const char *action)
{
    size_t i = 0;
    while (i + 1 < sizeof signs / sizeof *signs && strcmp(signs[i].name, action) != 0)
        i++;
    return i;
}

static void print_line(struct printer *p, const char *action, const char *step, const char *words, const char *cost)
{
    size_t sign = sign_of(action), cost_width = *cost ? wf_text_width(cost) + 2 : 0;
    size_t room = p->width > STEP_WIDTH + cost_width + 26 ? p->width - STEP_WIDTH - cost_width - 6 : 20;
    struct wf_buf line;
    wf_buf_init(&line, SIZE_MAX / 4);
    wf_buf_printf(
        &line, "  %s%s%s ", p->colour ? signs[sign].colour : "", signs[sign].mark, p->colour ? "\033[0m" : "");
    wf_text_fit(&line, step, STEP_WIDTH, true);
    wf_buf_char(&line, ' ');
    wf_text_fit(&line, words, room, *cost != '\0');
    if (*cost)
        wf_buf_printf(&line, "  %s", cost);
    fprintf(p->out, "%s\n", line.ptr);
    wf_buf_done(&line);
}

static void print_title(struct printer *p, const char *label)
{
    struct wf_buf title;
    wf_buf_init(&title, SIZE_MAX / 4);
    wf_text_fit(&title, *label ? label : "(outside of any item)", p->width, false);
    fprintf(p->out, "%s%s%s\n", p->colour ? "\033[1m" : "", title.ptr, p->colour ? "\033[0m" : "");
    wf_buf_done(&title);
}

static void print_groups(struct printer *p, const struct wf_plan_lines *lines)
{
    char cost[48];
    for (size_t at = 0, end = 0; at < lines->count; at++) {
        const struct wf_plan_line *line = &lines->items[at];
        if (at == end) {
            print_title(p, line->label);
            end = wf_plan_lines_group(lines, at);
        }
        char *words = wf_plan_line_words(line);
        print_line(p, line->action, line->step, words, wf_plan_line_cost(line, cost));
        free(words);
    }
    if (lines->count)
        fputc('\n', p->out);
}

static void print_attention(struct printer *p, const jv *plan)
{
    jv attention = wf_val_get(plan, "attention");
    if (jv_is_valid(attention) && jv_get_kind(attention) != JV_KIND_NULL)
        wf_attention_print(p->out, &attention, p->width, ATTENTION_MAX);
    jv_free(attention);
}

static void print_sums(FILE *out, const jv *plan)
{
    jv summary = wf_val_get(plan, "summary");
    char *cost = wf_plan_cost_words(&summary);
    fprintf(out, "%.0f to create, %.0f to change, %.0f to remove, %.0f with nothing to do, %.0f that cannot be done.\n",
        wf_val_number(&summary, "create", 0), wf_val_number(&summary, "change", 0),
        wf_val_number(&summary, "remove", 0), wf_val_number(&summary, "nothing", 0),
        wf_val_number(&summary, "cannot", 0));
    fprintf(out, "Cost: %s.\n", cost);
    free(cost);
    jv_free(summary);
}

void wf_plan_print_tree(FILE *out, const jv *plan, size_t width, bool colour)
{
    struct printer printer = {out, width, colour};
    struct wf_plan_lines lines;
    char *title = wf_plan_title(plan);
    fprintf(out, "%s\n\n", title);
    wf_plan_lines_init(&lines, plan);
    print_groups(&printer, &lines);
    wf_plan_lines_done(&lines);
    print_attention(&printer, plan);
    print_sums(out, plan);
    free(title);
}

void wf_plan_print_undone(FILE *out, const jv *note, size_t max_items, size_t width)
{
    jv items = wf_val_get(note, "items");
    size_t count = (size_t)wf_val_number(note, "count", 0), shown = 0;
    size_t listed = jv_get_kind(items) == JV_KIND_ARRAY ? (size_t)jv_array_length(jv_copy(items)) : 0;
    if (count)
        fprintf(
            out, "%zu effect%s of the plan %s not done:\n", count, count == 1 ? "" : "s", count == 1 ? "was" : "were");
    for (; shown < max_items && shown < listed; shown++) {
        jv item = jv_array_get(jv_copy(items), (int)shown);
        const char *label = wf_val_string(&item, "label", "");
        char *text = wf_asprintf("%s%s%s: %s", label, *label ? ": " : "", wf_val_string(&item, "step", ""),
            wf_val_string(&item, "words", ""));
        struct wf_buf line;
        wf_buf_init(&line, SIZE_MAX / 4);
        wf_text_fit(&line, text, width > 8 ? width - 4 : 4, false);
        fprintf(out, "  - %s\n", line.ptr ? line.ptr : "");
        wf_buf_done(&line);
        free(text);
        jv_free(item);
    }
    if (count > shown)
        fprintf(out, "  ... and %zu more\n", count - shown);
    jv_free(items);
}

/* ---- csv ---- */

static void print_field(FILE *out, const char *text, bool last)
{
    fputc('"', out);
    if (strchr("=+-@\t\r", *text) && *text)
        fputc('\'', out); /* a spreadsheet shall not compute what a customer is called */
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            fputc('"', out);
        fputc(*p, out);
    }
    fputs(last ? "\"\r\n" : "\",", out);
}

void wf_plan_print_csv(FILE *out, const jv *plan)
{
    static const char *const columns[] = {"label", "step", "effect", "action", "words"};
    jv items = wf_val_get(plan, "items");
    fputs("item,step,effect,action,words,cost,currency,path\r\n", out);
    jv_array_foreach(items, i, item) {
        jv cost = wf_val_get(&item, "cost");
        char amount[32] = "";
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            print_field(out, wf_val_string(&item, columns[c], ""), false);
        if (jv_get_kind(cost) == JV_KIND_OBJECT)
            snprintf(amount, sizeof amount, "%.2f", wf_val_number(&cost, "micros", 0) / 1e6);
        print_field(out, amount, false);
        print_field(out, wf_val_string(&cost, "currency", ""), false);
        print_field(out, wf_val_string(&item, "path", ""), true);
        jv_free(cost);
        jv_free(item);
    }
    jv_free(items);
}
