/* log.c: the one log, and the texts that must never be shown. */
#include "config.h" /* _GNU_SOURCE */

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define MASK         "***"
#define MASK_MIN     4u
#define MASK_MAX     1000u /* texts kept: a run has a handful of secrets and tokens */
#define LOG_LINE_MAX 4096

struct mask {
    char *text;
    size_t len;
};

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* guards sink and sink_arg; held while the sink runs */
static void (*log_sink)(enum wf_log_level, const char *, void *);
static void *log_arg;
static _Atomic int log_most = WF_LOGL_WARN;

static pthread_mutex_t mask_lock = PTHREAD_MUTEX_INITIALIZER; /* guards masks and nmasks */
static struct mask *masks; /* longest first, so that a secret within a secret leaves nothing behind */
static size_t nmasks;

void wf_log(enum wf_log_level level, const char *format, ...)
{
    if ((int)level > atomic_load(&log_most))
        return;
    char line[LOG_LINE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pthread_mutex_lock(&log_lock);
    if (log_sink)
        log_sink(level, line, log_arg);
    else
        fprintf(stderr, "wfrun: %s\n", line);
    pthread_mutex_unlock(&log_lock);
}

void wf_log_set(enum wf_log_level most, void (*sink)(enum wf_log_level, const char *text, void *arg), void *arg)
{
    pthread_mutex_lock(&log_lock);
    atomic_store(&log_most, (int)most);
    log_sink = sink;
    log_arg = arg;
    pthread_mutex_unlock(&log_lock);
}

static bool mask_known(const char *text, size_t len)
{
    for (size_t i = 0; i < nmasks; i++) {
        if (masks[i].len == len && memcmp(masks[i].text, text, len) == 0)
            return true;
    }
    return false;
}

void wf_mask_add(const char *text, size_t len)
{
    if (len < MASK_MIN)
        return;
    pthread_mutex_lock(&mask_lock);
    if (!mask_known(text, len)) {
        if (nmasks == MASK_MAX) /* tokens are renewed for as long as a run lives: forget the shortest */
            free(masks[--nmasks].text);
        masks = wf_realloc(masks, (nmasks + 1) * sizeof *masks);
        size_t at = nmasks++;

        for (; at > 0 && masks[at - 1].len < len; at--)
            masks[at] = masks[at - 1];
        masks[at] = (struct mask){wf_memdup(text, len), len};
    }
    pthread_mutex_unlock(&mask_lock);
}

/* A mask is at most three bytes and its text at least four, so the result always fits in place. */
static void mask_one(char *text, const struct mask *mask)
{
    char *from = text, *to = text, *hit;

    while ((hit = memmem(from, strlen(from), mask->text, mask->len))) {
        memmove(to, from, (size_t)(hit - from));
        to += hit - from;
        memcpy(to, MASK, strlen(MASK));
        to += strlen(MASK);
        from = hit + mask->len;
    }
    memmove(to, from, strlen(from) + 1);
}

char *wf_mask_apply(char *text)
{
    if (!text)
        return NULL;
    pthread_mutex_lock(&mask_lock);
    for (size_t i = 0; i < nmasks; i++)
        mask_one(text, &masks[i]);
    pthread_mutex_unlock(&mask_lock);
    return text;
}
