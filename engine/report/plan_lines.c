/* plan_lines.c: the items of a plan as lines to show. */
#include "report/plan_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "report/amount.h"

#define ALIKE_MAX 3 /* so many items of one step and action are shown one by one */

static bool costs_money(const struct wf_plan_line *line)
{
    return strcmp(line->action, "cannot") != 0 && strcmp(line->action, "nothing") != 0;
}

static struct wf_plan_line line_new(jv item)
{
    struct wf_plan_line line = {item, wf_val_string(&item, "group", ""), wf_val_string(&item, "label", ""),
        wf_val_string(&item, "step", ""), wf_val_string(&item, "effect", ""), wf_val_string(&item, "action", ""),
        wf_val_string(&item, "words", ""), 1, false, 0, ""};
    jv cost = wf_val_get(&item, "cost");
    line.is_priced = jv_get_kind(cost) == JV_KIND_OBJECT || !costs_money(&line);
    line.micros = (int64_t)wf_val_number(&cost, "micros", 0);
    snprintf(line.currency, sizeof line.currency, "%s", wf_val_string(&cost, "currency", ""));
    jv_free(cost);
    return line;
}

static bool are_alike(const struct wf_plan_line *a, const struct wf_plan_line *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->step, b->step) == 0 && strcmp(a->action, b->action) == 0 &&
           (!*a->currency || !*b->currency || strcmp(a->currency, b->currency) == 0);
}

/* b goes into a. */
static void join(struct wf_plan_line *a, struct wf_plan_line *b)
{
    a->count++;
    a->micros += b->micros;
    a->is_priced = a->is_priced && b->is_priced;
    if (!*a->currency)
        memcpy(a->currency, b->currency, sizeof a->currency);
    jv_free(b->item);
}

void wf_plan_lines_init(struct wf_plan_lines *lines, const jv *plan)
{
    jv items = wf_val_get(plan, "items");
    size_t count = (size_t)jv_array_length(jv_copy(items)), from = 0, end;
    struct wf_plan_line *all = wf_calloc(count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = line_new(jv_array_get(jv_copy(items), (int)i));
    lines->count = 0;
    for (; from < count; from = end) {
        struct wf_plan_line *first = &all[lines->count];
        for (end = from + 1; end < count && are_alike(&all[from], &all[end]);)
            end++;
        for (size_t i = from; i < end; i++) {
            if (end - from > ALIKE_MAX && i > from)
                join(first, &all[i]);
            else
                all[lines->count++] = all[i];
        }
    }
    lines->items = all;
    jv_free(items);
}

void wf_plan_lines_done(struct wf_plan_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        jv_free(lines->items[i].item);
    free(lines->items);
}

size_t wf_plan_lines_group(const struct wf_plan_lines *lines, size_t at)
{
    size_t end = at + 1;
    while (end < lines->count && strcmp(lines->items[at].group, lines->items[end].group) == 0)
        end++;
    return end;
}

const char *wf_plan_line_cost(const struct wf_plan_line *line, char *text)
{
    *text = '\0';
    if (!line->is_priced)
        memcpy(text, "cost unknown", sizeof "cost unknown");
    else if (line->micros > 0)
        wf_amount_text(line->micros, line->currency, text);
    return text;
}

char *wf_plan_line_words(const struct wf_plan_line *line)
{
    return line->count > 1 ? wf_asprintf("%zu like: %s", line->count, line->words) : wf_strdup(line->words);
}

/* ---- the whole ---- */

char *wf_plan_title(const jv *plan)
{
    jv definition = wf_val_get(plan, "definition");
    const char *title = wf_val_string(&definition, "title", "");
    char *text = wf_asprintf("Plan of %s %s%s%s", wf_val_string(&definition, "name", ""),
        wf_val_string(&definition, "version", ""), *title ? ": " : "", title);
    jv_free(definition);
    return text;
}

char *wf_plan_cost_words(const jv *summary)
{
    jv costs = wf_val_get(summary, "cost");
    double unknown = wf_val_number(summary, "unknownCosts", 0);
    struct wf_buf words;
    char text[48];
    wf_buf_init(&words, 4000);
    jv_object_foreach(costs, currency, micros) {
        wf_buf_printf(&words, "%s%s", words.len ? " + " : "",
            wf_amount_text((int64_t)jv_number_value(micros), jv_string_value(currency), text));
        jv_free(currency);
        jv_free(micros);
    }
    if (unknown > 0)
        wf_buf_printf(&words, "%s%.0f unknown", words.len ? " + " : "", unknown);
    else if (!words.len)
        wf_buf_str(&words, "nothing");
    jv_free(costs);
    return wf_buf_take(&words);
}
