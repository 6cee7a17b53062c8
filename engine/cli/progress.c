/* progress.c: live lines on a terminal, plain lines elsewhere, JSON lines for programs. */
#include "cli/progress.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "report/tally.h"
#include "report/term.h"

#define REDRAW_MS    100
#define HEARTBEAT_MS 30000
#define LABEL_WIDTH  28
#define BLOCK_MAX    ((size_t)64 << 10)

struct wf_progress {
    enum wf_progress_mode mode;
    FILE *file;
    struct wf_loop *loop;
    struct wf_tally tally;
    struct wf_timer timer; /* redraw, or heartbeat */
    bool armed;
    pthread_mutex_t lock; /* guards file, block and drawn: the log may come from any thread */
    char *block;          /* the live lines as last drawn */
    size_t drawn;         /* how many of them are on the screen */
};

int wf_progress_mode_parse(const char *text, FILE *file, enum wf_progress_mode *ret, struct wf_err *err)
{
    static const char *const modes[] = {"tty", "plain", "quiet", "json", "auto", NULL};
    const char *term = getenv("TERM");
    if (!text || strcmp(text, "auto") == 0) {
        *ret = isatty(fileno(file)) && term && strcmp(term, "dumb") != 0 ? WF_PROGRESS_TTY : WF_PROGRESS_PLAIN;
        return 0;
    }
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(text, modes[i]) == 0) {
            *ret = (enum wf_progress_mode)i;
            return 0;
        }
    }
    int rc = wf_err_set(err, WF_EINVAL, "--progress %s: there are auto, tty, plain, quiet and json", text);
    const char *close = wf_suggest(text, modes);
    if (close)
        wf_err_hint(err, "did you mean %s?", close);
    return rc;
}

/* ---- live lines; the lock is held ---- */

static void erase(struct wf_progress *progress)
{
    if (progress->drawn)
        fprintf(progress->file, "\033[%zuA\033[J", progress->drawn);
    progress->drawn = 0;
}

static void draw(struct wf_progress *progress)
{
    if (!progress->block)
        return;
    fputs(progress->block, progress->file);
    for (const char *p = progress->block; *p; p++)
        progress->drawn += *p == '\n';
    fflush(progress->file);
}

/* ---- what the lines say ---- */

static void add_counts(struct wf_buf *buf, const struct wf_tally *tally)
{
    char span[32];
    double rate = wf_tally_rate(tally);
    int64_t left = wf_tally_left_ms(tally);
    wf_buf_printf(buf, "%lld/%lld done", (long long)(tally->done - tally->failed), (long long)tally->total);
    if (tally->failed)
        wf_buf_printf(buf, ", %lld failed", (long long)tally->failed);
    if (tally->nitems)
        wf_buf_printf(buf, ", %zu running", tally->nitems);
    if (rate > 0)
        wf_buf_printf(buf, rate >= 1 ? ", %.1f/s" : ", %.2f/s", rate);
    if (left >= 0 && tally->done < tally->total)
        wf_buf_printf(buf, ", about %s left", wf_span_text(left, span));
}

static void add_line(struct wf_buf *block, const char *text, size_t columns)
{
    wf_text_fit(block, text, columns, false);
    wf_buf_char(block, '\n');
}

static void add_item(struct wf_buf *block, const struct wf_tally_item *item, size_t columns)
{
    struct wf_buf line;
    wf_buf_init(&line, BLOCK_MAX);
    wf_buf_str(&line, "  ");
    wf_text_fit(&line, item->label, columns / 3 < LABEL_WIDTH ? columns / 3 : LABEL_WIDTH, true);
    if (item->total > 0)
        wf_buf_printf(&line, "  %lld/%lld", (long long)item->done, (long long)item->total);
    wf_buf_printf(&line, "  %s", item->doing ? item->doing : "");
    add_line(block, line.ptr, columns);
    wf_buf_done(&line);
}

/* The whole block, one line less than the screen at most. */
static char *compose(const struct wf_tally *tally, int fd)
{
    size_t columns, rows, shown = 0;
    struct wf_buf block, head;
    wf_term_size(fd, &columns, &rows);
    columns = columns > 1 ? columns - 1 : 1; /* the last column would wrap on some terminals */
    wf_buf_init(&block, BLOCK_MAX);
    wf_buf_init(&head, BLOCK_MAX);
    wf_buf_printf(&head, "%s  ", tally->title);
    add_counts(&head, tally);
    add_line(&block, head.ptr, columns);
    size_t room = rows > 3 ? rows - 3 : 0;
    for (const struct wf_tally_item *item = tally->items; item && shown < room; item = item->next, shown++)
        add_item(&block, item, columns);
    if (shown < tally->nitems && rows > 2) {
        wf_buf_clear(&head);
        wf_buf_printf(&head, "  ... and %zu more", tally->nitems - shown);
        add_line(&block, head.ptr, columns);
    }
    wf_buf_done(&head);
    return wf_buf_take(&block);
}

/* ---- timers ---- */

static struct wf_progress *of_timer(struct wf_timer *timer)
{
    return (struct wf_progress *)((char *)timer - offsetof(struct wf_progress, timer));
}

static void redraw(struct wf_timer *timer)
{
    struct wf_progress *progress = of_timer(timer);
    progress->armed = false;
    char *block = compose(&progress->tally, fileno(progress->file));
    pthread_mutex_lock(&progress->lock);
    erase(progress);
    free(progress->block);
    progress->block = block;
    draw(progress);
    pthread_mutex_unlock(&progress->lock);
}

static void heartbeat(struct wf_timer *timer)
{
    struct wf_progress *progress = of_timer(timer);
    struct wf_buf line;
    wf_buf_init(&line, BLOCK_MAX);
    add_counts(&line, &progress->tally);
    pthread_mutex_lock(&progress->lock);
    fprintf(progress->file, "%s: %s\n", progress->tally.title, line.ptr);
    fflush(progress->file);
    pthread_mutex_unlock(&progress->lock);
    wf_buf_done(&line);
    wf_timer_start_real(progress->loop, timer, HEARTBEAT_MS, heartbeat);
}

/* ---- modes ---- */

static void tty_changed(struct wf_progress *progress)
{
    if (!progress->armed && progress->tally.path) {
        progress->armed = true;
        wf_timer_start_real(progress->loop, &progress->timer, REDRAW_MS, redraw);
    }
}

static void plain_changed(struct wf_progress *progress, const struct wf_event *event, enum wf_tally_change change,
    const struct wf_tally_item *ended)
{
    const struct wf_tally *tally = &progress->tally;
    char span[32];
    if (change == WF_TALLY_BEGUN) {
        progress->armed = true;
        wf_timer_start_real(progress->loop, &progress->timer, HEARTBEAT_MS, heartbeat);
    }
    if (change != WF_TALLY_ENDED || event->replayed)
        return;
    struct wf_buf label;
    wf_buf_init(&label, BLOCK_MAX);
    wf_text_fit(&label, ended->label, BLOCK_MAX / 8, false);
    pthread_mutex_lock(&progress->lock);
    fprintf(progress->file, "[%lld/%lld] %s: %s (%s)\n", (long long)tally->done, (long long)tally->total, label.ptr,
        event->done ? "done" : "failed", wf_span_text(wf_clock_mono_ms() - ended->started_ms, span));
    fflush(progress->file);
    pthread_mutex_unlock(&progress->lock);
    wf_buf_done(&label);
}

static const char *json_name(enum wf_event_kind kind)
{
    switch (kind) {
    case WF_EV_LOOP_STARTED:
        return "loop-started";
    case WF_EV_ITERATION_STARTED:
        return "iteration-started";
    case WF_EV_ITERATION_ENDED:
        return "iteration-ended";
    case WF_EV_PROGRESS:
        return "progress";
    case WF_EV_STEP_RETRY:
        return "step-retry";
    case WF_EV_IN_DOUBT:
        return "in-doubt";
    case WF_EV_WAITING:
        return "waiting";
    default:
        return NULL;
    }
}

static void json_event(struct wf_progress *progress, const struct wf_event *event)
{
    const char *name = json_name(event->kind);
    if (!name || event->replayed)
        return;
    jv line = wf_val_set(jv_object(), "event", jv_string(name));
    line = wf_val_set(line, "run", jv_string(event->run_id));
    if (event->task)
        line = wf_val_set(line, "task", jv_string(event->task->ref));
    if (event->path)
        line = wf_val_set(line, "path", jv_string(event->path));
    if (event->words)
        line = wf_val_set(line, event->kind == WF_EV_ITERATION_STARTED ? "label" : "words", jv_string(event->words));
    if (event->kind == WF_EV_ITERATION_STARTED || event->kind == WF_EV_ITERATION_ENDED)
        line = wf_val_set(line, "index", jv_number((double)event->index));
    if (event->kind == WF_EV_ITERATION_ENDED)
        line = wf_val_set(line, "ok", jv_bool(event->done != 0));
    if (event->kind == WF_EV_PROGRESS)
        line = wf_val_set(line, "done", jv_number((double)event->done));
    if (event->kind == WF_EV_PROGRESS || event->kind == WF_EV_LOOP_STARTED)
        line = wf_val_set(line, "total", jv_number((double)event->total));
    char *text = wf_mask_apply(wf_val_text(&line));
    pthread_mutex_lock(&progress->lock);
    fprintf(progress->file, "%s\n", text);
    fflush(progress->file);
    pthread_mutex_unlock(&progress->lock);
    free(text);
    jv_free(line);
}

/* ---- public ---- */

struct wf_progress *wf_progress_new(enum wf_progress_mode mode, FILE *file, struct wf_loop *loop)
{
    struct wf_progress *progress = wf_calloc(1, sizeof *progress);
    progress->mode = mode;
    progress->file = file;
    progress->loop = loop;
    pthread_mutex_init(&progress->lock, NULL);
    return progress;
}

void wf_progress_event(struct wf_progress *progress, const struct wf_event *event)
{
    const struct wf_tally_item *ended = NULL;
    if (progress->mode == WF_PROGRESS_QUIET)
        return;
    if (progress->mode == WF_PROGRESS_JSON) {
        json_event(progress, event);
        return;
    }
    enum wf_tally_change change = wf_tally_event(&progress->tally, event, &ended);
    if (change == WF_TALLY_NOTHING)
        return;
    if (progress->mode == WF_PROGRESS_TTY)
        tty_changed(progress);
    else
        plain_changed(progress, event, change, ended);
}

void wf_progress_stop(struct wf_progress *progress)
{
    if (progress->armed)
        wf_timer_stop(progress->loop, &progress->timer);
    progress->armed = false;
    pthread_mutex_lock(&progress->lock);
    erase(progress);
    free(progress->block);
    progress->block = NULL;
    fflush(progress->file);
    pthread_mutex_unlock(&progress->lock);
}

void wf_progress_free(struct wf_progress *progress)
{
    if (!progress)
        return;
    wf_progress_stop(progress);
    wf_tally_done(&progress->tally);
    pthread_mutex_destroy(&progress->lock);
    free(progress);
}

void wf_progress_log(enum wf_log_level level, const char *text, void *arg)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct wf_progress *progress = arg;
    char *masked = wf_mask_apply(wf_strdup(text));
    pthread_mutex_lock(&progress->lock);
    if (progress->mode == WF_PROGRESS_JSON) {
        struct wf_buf line;
        wf_buf_init(&line, BLOCK_MAX);
        wf_buf_printf(&line, "{\"event\":\"log\",\"level\":\"%s\",\"text\":", names[level]);
        wf_buf_json_string(&line, masked, strlen(masked));
        fprintf(progress->file, "%s}\n", line.ptr);
        wf_buf_done(&line);
    } else {
        erase(progress);
        fprintf(progress->file, "wfrun: %s: %s\n", names[level], masked);
        draw(progress);
    }
    fflush(progress->file);
    pthread_mutex_unlock(&progress->lock);
    free(masked);
}
