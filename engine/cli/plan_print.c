/* plan_print.c: a plan as a tree: each group, and in it what would be done to it, the like taken together. */
#include "cli/plan_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/attention.h"
#include "cli/term.h"
#include "cli/terms.h"

#define ALIKE_MAX     3 /* so many items of one step and action are shown one by one */
#define STEP_WIDTH    18
#define ATTENTION_MAX 20

int wf_view_parse(const char *text, enum wf_view *ret, struct wf_err *err)
{
    static const char *const names[] = {"tree", "json", "csv"};
    *ret = WF_VIEW_TREE;
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret = (enum wf_view)i;
            return 0;
        }
    }
    return text ? wf_err_set(err, WF_EINVAL, "--output %s: a plan is shown as tree, json or csv", text) : 0;
}

/* ---- one line ----------------------------------------------------------------------------------------------------- */

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

/* The cost in words; "" when it costs nothing. */
static const char *cost_text(const jv *item, char *text)
{
    jv cost = wf_val_get(item, "cost");
    const char *action = wf_val_string(item, "action", "");
    bool known = jv_get_kind(cost) == JV_KIND_OBJECT;
    double micros = wf_val_number(&cost, "micros", 0);
    *text = '\0';
    if (known && micros > 0)
        wf_amount_text((int64_t)micros, wf_val_string(&cost, "currency", ""), text);
    else if (!known && strcmp(action, "cannot") != 0 && strcmp(action, "nothing") != 0)
        memcpy(text, "cost unknown", sizeof "cost unknown");
    jv_free(cost);
    return text;
}

/* ---- groups ------------------------------------------------------------------------------------------------------- */

struct line {
    const char *group, *label, *step, *action;
    jv item;
    size_t order;
};

static int by_group(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    if (strcmp(left->group, right->group) != 0) /* groups in the order of their first item */
        return left->order < right->order ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static bool alike(const struct line *a, const struct line *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->step, b->step) == 0 && strcmp(a->action, b->action) == 0;
}

/* What comes after the first one that is not like it. */
static size_t stretch(const struct line *lines, size_t at, size_t count)
{
    size_t end = at + 1;
    while (end < count && alike(&lines[at], &lines[end]))
        end++;
    return end;
}

static void print_together(struct printer *p, const struct line *lines, size_t at, size_t end)
{
    const char *first = wf_val_string(&lines[at].item, "words", "");
    char *words = wf_asprintf("%zu like: %s", end - at, first), cost[48], currency[4] = "";
    double sum = 0;
    bool known = true;
    for (size_t i = at; i < end; i++) {
        jv part = wf_val_get(&lines[i].item, "cost");
        known = known && jv_get_kind(part) == JV_KIND_OBJECT;
        sum += wf_val_number(&part, "micros", 0);
        if (*wf_val_string(&part, "currency", ""))
            snprintf(currency, sizeof currency, "%s", wf_val_string(&part, "currency", ""));
        jv_free(part);
    }
    *cost = '\0';
    if (!known)
        cost_text(&lines[at].item, cost);
    else if (sum > 0)
        wf_amount_text((int64_t)sum, currency, cost);
    print_line(p, lines[at].action, lines[at].step, words, cost);
    free(words);
}

static void print_groups(struct printer *p, const struct line *lines, size_t count)
{
    char cost[48];
    for (size_t at = 0, end; at < count; at = end) {
        if (at == 0 || strcmp(lines[at].group, lines[at - 1].group) != 0) {
            struct wf_buf title;
            wf_buf_init(&title, SIZE_MAX / 4);
            wf_text_fit(&title, *lines[at].label ? lines[at].label : "(outside of any item)", p->width, false);
            fprintf(p->out, "%s%s%s\n", p->colour ? "\033[1m" : "", title.ptr, p->colour ? "\033[0m" : "");
            wf_buf_done(&title);
        }
        end = stretch(lines, at, count);
        if (end - at > ALIKE_MAX) {
            print_together(p, lines, at, end);
            continue;
        }
        for (size_t i = at; i < end; i++)
            print_line(p, lines[i].action, lines[i].step, wf_val_string(&lines[i].item, "words", ""),
                cost_text(&lines[i].item, cost));
    }
}

/* Groups work side by side, so their items are mixed in the plan: here each group's are together. */
static struct line *sort_lines(const jv *items, size_t *ret_count)
{
    size_t count = (size_t)jv_array_length(jv_copy(*items));
    struct line *lines = wf_calloc(count + 1, sizeof *lines);
    jv firsts = jv_object();
    jv_array_foreach(*items, i, item) {
        struct line *line = &lines[i];
        *line = (struct line){wf_val_string(&item, "group", ""), wf_val_string(&item, "label", ""),
            wf_val_string(&item, "step", ""), wf_val_string(&item, "action", ""), item, 0};
        double first = wf_val_number(&firsts, line->group, -1);
        if (first < 0) {
            first = i;
            firsts = wf_val_set(firsts, line->group, jv_number(first));
        }
        line->order = (size_t)first * count + (size_t)i;
    }
    jv_free(firsts);
    qsort(lines, count, sizeof *lines, by_group);
    *ret_count = count;
    return lines;
}

static void print_attention(struct printer *p, const jv *plan)
{
    jv attention = wf_val_get(plan, "attention");
    if (jv_is_valid(attention) && jv_get_kind(attention) != JV_KIND_NULL)
        wf_attention_print(p->out, &attention, p->width, ATTENTION_MAX);
    jv_free(attention);
}

/* ---- the sums ----------------------------------------------------------------------------------------------------- */

static void print_sums(FILE *out, const jv *plan)
{
    jv summary = wf_val_get(plan, "summary"), costs = wf_val_get(&summary, "cost");
    const char *between = "";
    char text[48];
    double unknown = wf_val_number(&summary, "unknownCosts", 0);
    fprintf(out, "%.0f to create, %.0f to change, %.0f to remove, %.0f with nothing to do, %.0f that cannot be done.\n",
        wf_val_number(&summary, "create", 0), wf_val_number(&summary, "change", 0),
        wf_val_number(&summary, "remove", 0), wf_val_number(&summary, "nothing", 0),
        wf_val_number(&summary, "cannot", 0));
    fputs("Cost: ", out);
    jv_object_foreach(costs, currency, micros) {
        fprintf(
            out, "%s%s", between, wf_amount_text((int64_t)jv_number_value(micros), jv_string_value(currency), text));
        between = " + ";
        jv_free(currency);
        jv_free(micros);
    }
    if (unknown > 0)
        fprintf(out, "%s%.0f unknown", between, unknown);
    else if (!*between)
        fputs("nothing", out);
    fputs(".\n", out);
    jv_free(costs);
    jv_free(summary);
}

void wf_plan_print_tree(FILE *out, const jv *plan, size_t width, bool colour)
{
    struct printer printer = {out, width, colour};
    jv items = wf_val_get(plan, "items"), definition = wf_val_get(plan, "definition");
    size_t count;
    struct line *lines = sort_lines(&items, &count);
    fprintf(out, "Plan of %s %s%s%s\n\n", wf_val_string(&definition, "name", ""),
        wf_val_string(&definition, "version", ""), *wf_val_string(&definition, "title", "") ? ": " : "",
        wf_val_string(&definition, "title", ""));
    print_groups(&printer, lines, count);
    if (count)
        fputc('\n', out);
    print_attention(&printer, plan);
    print_sums(out, plan);
    for (size_t i = 0; i < count; i++)
        jv_free(lines[i].item);
    free(lines);
    jv_free(definition);
    jv_free(items);
}

/* ---- csv ---------------------------------------------------------------------------------------------------------- */

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
