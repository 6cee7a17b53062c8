/* report_svg.c: the timeline: one lane for each item, or for many items one lane for each step.
 *
 *     label | ▌read ▬▬▬▬ write ▬▬ spend ········ wait  ● failed  ◆ in doubt
 *
 * Bars of one step that would touch are drawn as one, so that a lane costs little whatever was done in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/escape.h"
#include "report/report_model.h"
#include "report/tally.h"
#include "report/term.h"

#define WIDTH       1040
#define LEFT        210 /* where time begins */
#define TOP         26
#define LANE        22
#define LABEL_CHARS 28
#define LANES_MAX   120 /* beyond, lanes are steps */
#define BUCKETS     110
#define STEPS_MAX   12

struct drawing {
    const struct wf_report *report;
    struct wf_buf *out;
    int64_t from_ms, span_ms;
    size_t nlanes;
};

static double x_of(const struct drawing *drawing, int64_t ms)
{
    double share = (double)(ms - drawing->from_ms) / (double)drawing->span_ms;
    return LEFT + (share < 0 ? 0 : share > 1 ? 1 : share) * (WIDTH - LEFT - 12);
}

static void label(struct drawing *drawing, size_t lane, const char *text)
{
    struct wf_buf fit;
    size_t width = wf_text_width(text);
    wf_buf_init(&fit, 1000);
    wf_text_fit(&fit, text, width < LABEL_CHARS ? width : LABEL_CHARS, false);
    /* A picture inside clips what is wider than letters usually are. */
    wf_buf_printf(drawing->out, "<svg y=\"%zu\" width=\"%d\" height=\"%d\"><text class=\"lane\" y=\"15\">",
        TOP + lane * LANE, LEFT - 8, LANE);
    wf_html_text(drawing->out, fit.ptr ? fit.ptr : "");
    wf_buf_str(drawing->out, "<title>");
    wf_html_text(drawing->out, text);
    wf_buf_str(drawing->out, "</title></text></svg>\n");
    wf_buf_done(&fit);
}

/* ---- the axis ---- */

static int64_t tick_of(int64_t span_ms)
{
    static const int64_t ticks[] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000,
        600000, 1800000, 3600000, 7200000, 21600000, 43200000, 86400000, 172800000, 604800000, 2592000000};
    size_t i = 0;
    while (i + 1 < sizeof ticks / sizeof *ticks && span_ms / ticks[i] > 8)
        i++;
    return span_ms / ticks[i] > 8 ? span_ms / 8 : ticks[i];
}

static void tick_text(int64_t ms, int64_t step, char text[32])
{
    if (ms == 0)
        snprintf(text, 32, "0");
    else if (step < 1000)
        snprintf(text, 32, "%lld ms", (long long)ms);
    else if (step < 60000)
        snprintf(text, 32, "%lld s", (long long)(ms / 1000));
    else if (step < 3600000)
        snprintf(text, 32, "%lld min", (long long)(ms / 60000));
    else if (step < 86400000)
        snprintf(text, 32, "%lld h", (long long)(ms / 3600000));
    else
        snprintf(text, 32, "%lld d", (long long)(ms / 86400000));
}

static void axis(struct drawing *drawing, double height)
{
    int64_t step = tick_of(drawing->span_ms);
    for (int64_t at = 0; at <= drawing->span_ms; at += step) {
        double x = x_of(drawing, drawing->from_ms + at);
        char text[32];
        tick_text(at, step, text);
        wf_buf_printf(drawing->out,
            "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.0f\"/>"
            "<text class=\"tick\" x=\"%.1f\" y=\"14\" text-anchor=\"%s\">%s</text>\n",
            x, TOP - 6, x, height, x, x > WIDTH - 40 ? "end" : "middle", text);
    }
}

/* ---- lanes of items ---- */

/* One bar: calls of one step in one lane. */
struct bar {
    size_t lane;
    const char *step, *css;
    double from, to;
    size_t count;
    bool open;
};

static const char *class_of(const struct wf_report_op *op)
{
    if (!op->step)
        return "wait";
    if (!op->effect)
        return "read";
    return strcmp(op->effect, "spend") == 0 ? "spend" : strcmp(op->effect, "irreversible") == 0 ? "irrev" : "write";
}

static int compare_texts(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int compare_bars(const void *a, const void *b)
{
    const struct bar *one = a, *two = b;
    int order = one->lane != two->lane ? (one->lane < two->lane ? -1 : 1) : compare_texts(one->css, two->css);
    if (order == 0)
        order = compare_texts(one->step, two->step);
    if (order == 0)
        order = one->open - two->open;
    return order ? order : one->from < two->from ? -1 : one->from > two->from;
}

static struct bar bar_of(const struct drawing *drawing, const struct wf_report_op *op, size_t lane)
{
    bool open = op->state == WF_REC_INTENT, final = wf_state_is_final(drawing->report->run->status);
    int64_t from = op->begun_ms ? op->begun_ms : op->ended_ms, to = op->ended_ms ? op->ended_ms : from;
    if (open && !final)
        to = drawing->from_ms + drawing->span_ms;
    struct bar bar = {.lane = lane,
        .step = op->step,
        .css = class_of(op),
        .from = x_of(drawing, from),
        .to = x_of(drawing, to),
        .count = 1,
        .open = open && op->step};
    if (bar.to < bar.from + 3)
        bar.to = bar.from + 3;
    return bar;
}

static void draw_bar(struct drawing *drawing, const struct bar *bar)
{
    bool thin = strcmp(bar->css, "wait") == 0 || strcmp(bar->css, "read") == 0;
    wf_buf_printf(drawing->out,
        "<rect class=\"%s%s\" x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%d\" rx=\"2\"><title>", bar->css,
        bar->open ? " open" : "", bar->from, TOP + bar->lane * LANE + (thin ? 8 : 5), bar->to - bar->from,
        thin ? 6 : 12);
    wf_html_text(drawing->out, bar->step ? bar->step : "wait");
    if (bar->count > 1)
        wf_buf_printf(drawing->out, " × %zu", bar->count);
    if (bar->open)
        wf_buf_printf(drawing->out, ", %s", wf_report_open_name(drawing->report));
    wf_buf_str(drawing->out, "</title></rect>\n");
}

static void draw_bars(struct drawing *drawing, struct bar *bars, size_t count)
{
    if (count)
        qsort(bars, count, sizeof *bars, compare_bars);
    for (size_t i = 0; i < count;) {
        struct bar all = bars[i++];
        while (i < count && bars[i].lane == all.lane && bars[i].css == all.css && bars[i].open == all.open &&
               compare_texts(bars[i].step, all.step) == 0 && bars[i].from <= all.to + 1) {
            all.to = bars[i].to > all.to ? bars[i].to : all.to;
            all.count++;
            i++;
        }
        draw_bar(drawing, &all);
    }
}

/* Failures and doubts, over the bars; those of a lane that stand on one spot once. */
static void draw_marks(struct drawing *drawing, const size_t *lane_of_op, const size_t *lane_of_item)
{
    const struct wf_report *report = drawing->report;
    double *last = wf_calloc(drawing->nlanes + 1, sizeof *last);
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        size_t lane = lane_of_op[i];
        double x = x_of(drawing, op->ended_ms);
        if (op->state != WF_REC_FAULT || lane == SIZE_MAX || (x < last[lane] + 4 && last[lane] > 0))
            continue;
        last[lane] = x;
        wf_buf_printf(
            drawing->out, "<circle class=\"bad\" cx=\"%.1f\" cy=\"%zu\" r=\"4\"><title>", x, TOP + lane * LANE + 11);
        wf_html_text(drawing->out, op->step ? op->step : "");
        wf_buf_str(drawing->out, ": ");
        wf_html_text(drawing->out, op->title ? op->title : "");
        wf_buf_str(drawing->out, "</title></circle>\n");
    }
    for (size_t i = 0; i < report->nitems; i++)
        if (report->items[i].state == WF_ITEM_IN_DOUBT) {
            double x = x_of(drawing, report->items[i].ended_ms), y = (double)(TOP + lane_of_item[i] * LANE + 11);
            wf_buf_printf(drawing->out,
                "<path class=\"doubt\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"><title>in doubt</title></path>\n", x, y - 6);
        }
    free(last);
}

/* What is outside of items gets a lane for each task, before theirs. */
static size_t outside_lanes(struct drawing *drawing, size_t *lane_of_op)
{
    const struct wf_report *report = drawing->report;
    char *names[LANES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < report->nops; i++) {
        lane_of_op[i] = SIZE_MAX;
        if (report->ops[i].item != WF_REPORT_NO_ITEM)
            continue;
        char *words = wf_place_words(report->ops[i].path);
        size_t lane = 0;
        while (lane < count && strcmp(names[lane], words) != 0)
            lane++;
        if (lane == count && count < LANES_MAX / 2) {
            const char *name = strrchr(words, '>');
            label(drawing, lane, name ? name + 2 : words);
            names[count++] = wf_strdup(words);
        }
        lane_of_op[i] = lane < count ? lane : SIZE_MAX;
        free(words);
    }
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    return count;
}

static void draw_items(struct drawing *drawing)
{
    const struct wf_report *report = drawing->report;
    size_t *lane_of_op = wf_calloc(report->nops + 1, sizeof *lane_of_op), nbars = 0;
    size_t *lane_of_item = wf_calloc(report->nitems + 1, sizeof *lane_of_item);
    struct bar *bars = wf_calloc(report->nops + 1, sizeof *bars);
    drawing->nlanes = outside_lanes(drawing, lane_of_op);
    for (size_t i = 0; i < report->nitems; i++) {
        lane_of_item[i] = drawing->nlanes++;
        label(drawing, lane_of_item[i], report->items[i].label);
    }
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        if (op->item != WF_REPORT_NO_ITEM)
            lane_of_op[i] = lane_of_item[op->item];
        bool stale = op->state == WF_REC_INTENT && !op->step && wf_state_is_final(report->run->status);
        if (lane_of_op[i] != SIZE_MAX && !stale)
            bars[nbars++] = bar_of(drawing, op, lane_of_op[i]);
    }
    draw_bars(drawing, bars, nbars);
    draw_marks(drawing, lane_of_op, lane_of_item);
    free(bars);
    free(lane_of_op);
    free(lane_of_item);
}

/* ---- lanes of steps ---- */

struct histogram {
    const char *name, *css;
    size_t counts[BUCKETS], total;
};

static size_t bucket_of(const struct drawing *drawing, int64_t ms)
{
    int64_t at = (ms - drawing->from_ms) * BUCKETS / drawing->span_ms;
    return at < 0 ? 0 : at >= BUCKETS ? BUCKETS - 1 : (size_t)at;
}

static void draw_histogram(struct drawing *drawing, const struct histogram *histogram, const char *unit)
{
    size_t most = 1, lane = drawing->nlanes++;
    double width = (double)(WIDTH - LEFT - 12) / BUCKETS;
    for (size_t i = 0; i < BUCKETS; i++)
        most = histogram->counts[i] > most ? histogram->counts[i] : most;
    char *text = wf_asprintf("%s (%zu)", histogram->name, histogram->total);
    label(drawing, lane * 2, text);
    free(text);
    for (size_t i = 0; i < BUCKETS; i++) {
        double height = 38.0 * (double)histogram->counts[i] / (double)most;
        if (histogram->counts[i])
            wf_buf_printf(drawing->out,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%zu "
                "%s</title></rect>\n",
                histogram->css, LEFT + (double)i * width, (double)(TOP + (lane * 2 + 2) * LANE) - 4 - height, width - 1,
                height, histogram->counts[i], unit);
    }
}

static void draw_at_work(struct drawing *drawing)
{
    const struct wf_report *report = drawing->report;
    struct histogram *all = wf_calloc(1, sizeof *all);
    *all = (struct histogram){.name = "items at work", .css = "wait"};
    for (size_t i = 0; i < report->nitems; i++) {
        const struct wf_report_item *item = &report->items[i];
        for (size_t b = bucket_of(drawing, item->begun_ms); item->begun_ms && b <= bucket_of(drawing, item->ended_ms);
             b++)
            all->counts[b]++;
        all->total += item->begun_ms != 0;
    }
    draw_histogram(drawing, all, "items");
    free(all);
}

static void draw_steps(struct drawing *drawing)
{
    const struct wf_report *report = drawing->report;
    struct histogram *steps = wf_calloc(STEPS_MAX + 1, sizeof *steps), *bad = &steps[STEPS_MAX];
    size_t count = 0;
    *bad = (struct histogram){.name = "failed calls", .css = "bad"};
    draw_at_work(drawing);
    for (size_t i = 0; i < report->nops; i++) {
        const struct wf_report_op *op = &report->ops[i];
        size_t at = 0;
        if (!op->step || !op->ended_ms)
            continue;
        while (at < count && strcmp(steps[at].name, op->step) != 0)
            at++;
        if (at == count && count < STEPS_MAX)
            steps[count++] = (struct histogram){.name = op->step, .css = class_of(op)};
        if (at < STEPS_MAX) {
            steps[at].counts[bucket_of(drawing, op->ended_ms)]++;
            steps[at].total++;
        }
        bad->counts[bucket_of(drawing, op->ended_ms)] += op->state == WF_REC_FAULT;
        bad->total += op->state == WF_REC_FAULT;
    }
    for (size_t i = 0; i < count; i++)
        draw_histogram(drawing, &steps[i], "calls ended");
    if (bad->total)
        draw_histogram(drawing, bad, "calls failed");
    drawing->nlanes *= 2;
    free(steps);
}

/* ---- all of it ---- */

void wf_report_svg(const struct wf_report *report, struct wf_buf *buf)
{
    struct wf_buf lanes;
    wf_buf_init(&lanes, SIZE_MAX);
    struct drawing drawing = {.report = report,
        .out = &lanes,
        .from_ms = report->first_ms,
        .span_ms = report->last_ms > report->first_ms ? report->last_ms - report->first_ms : 1};
    if (report->nitems > LANES_MAX)
        draw_steps(&drawing);
    else
        draw_items(&drawing);
    double height = (double)(TOP + drawing.nlanes * LANE + 4);
    if (drawing.nlanes) {
        wf_buf_printf(buf,
            "<svg class=\"time\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
            "aria-label=\"Timeline\">\n",
            WIDTH, height);
        drawing.out = buf;
        axis(&drawing, height);
        for (size_t i = 0; report->nitems <= LANES_MAX && i <= drawing.nlanes; i++)
            wf_buf_printf(buf, "<line class=\"rule\" x1=\"0\" y1=\"%zu\" x2=\"%d\" y2=\"%zu\"/>\n", TOP + i * LANE,
                WIDTH, TOP + i * LANE);
        wf_buf_add(buf, lanes.ptr, lanes.len);
        wf_buf_str(buf, "</svg>\n");
    }
    wf_buf_done(&lanes);
}
