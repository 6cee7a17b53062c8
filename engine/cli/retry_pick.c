/* retry_pick.c: roots, and what follows from them. See retry_pick.h. */
#include "cli/retry_pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "report/oppath.h"
#include "value/val.h"

/* ---- what a record is ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len >= tail && strcmp(text + len - tail, end) == 0;
}

static bool is_effect(const struct wf_record *record)
{
    return record->kind == WF_OP_STEP && record->intent.ptr;
}

static bool is_timeout(const struct wf_record *record)
{
    return record->kind == WF_OP_TIMER && ends_with(record->path, "/timeout");
}

static bool is_undone(const struct wf_retry_ask *ask, const char *path)
{
    for (size_t i = 0; i < ask->nundone; i++)
        if (strcmp(ask->undone[i], path) == 0)
            return true;
    return false;
}

/* An effect of a kind that nobody repeats: it costs money, cannot be taken back, or is a write that adds up. */
static bool is_careful(const struct wf_retry_ask *ask, const struct wf_record *record)
{
    jv intent;
    if (!is_effect(record) || wf_val_parse(record->intent.ptr, record->intent.len, &intent, NULL) != 0)
        return false;
    bool undo = *wf_val_string(&intent, "mode", ""), write = strcmp(wf_val_string(&intent, "effect", ""), "write") == 0;
    jv_free(intent);
    return !undo && !(write && ask->is_idempotent(ask->arg, record));
}

static uint64_t order_of(const struct wf_record *record)
{
    return record->seq ? record->seq : UINT64_MAX;
}

/* A fact's place is that of what it is about. The caller frees. */
static char *place_of(const struct wf_record *record)
{
    const char *mark = record->kind == WF_OP_FACT ? strrchr(record->path, '#') : NULL;
    return mark ? wf_memdup(record->path, (size_t)(mark - record->path)) : wf_strdup(record->path);
}

/* ---- faults that were made good ---- */

static bool any_done_below(const struct wf_past *past, const char *prefix, bool effects_only)
{
    size_t low = 0, high = past->count, len = strlen(prefix);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(past->records[past->by_path[middle]].path, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < past->count; low++) {
        const struct wf_record *record = &past->records[past->by_path[low]];
        if (strncmp(record->path, prefix, len) != 0)
            return false;
        if (record->kind == WF_OP_STEP && record->state == WF_REC_DONE && (!effects_only || is_effect(record)))
            return true;
    }
    return false;
}

/* The try at path[0..len) has a later attempt that did something, or a handler with an effect: those stand for the fault. */
static bool is_replaced_at(const struct wf_past *past, const char *path, size_t len, unsigned attempt)
{
    char *handler = wf_asprintf("%.*s/catch/", (int)len, path);
    bool replaced = any_done_below(past, handler, true);
    free(handler);
    for (unsigned later = attempt + 1; !replaced && later <= attempt + 1000; later++) {
        char *retry = wf_asprintf("%.*s/retry/%u/", (int)len, path, later);
        char *body = wf_asprintf("%stry/", retry), *delay = wf_asprintf("%sdelay", retry);
        bool begun = wf_past_find(past, delay);
        replaced = any_done_below(past, body, false);
        free(body);
        free(delay);
        free(retry);
        if (!begun)
            break;
    }
    return replaced;
}

static bool is_replaced(const struct wf_past *past, const char *path)
{
    for (const char *at = strstr(path, "/try/"); at; at = strstr(at + 1, "/try/")) {
        const char *begin = at;
        unsigned attempt = 0;
        while (begin > path && begin[-1] >= '0' && begin[-1] <= '9')
            begin--;
        if (begin < at && begin - path > 7 && strncmp(begin - 7, "/retry/", 7) == 0) {
            attempt = (unsigned)strtoul(begin, NULL, 10);
            begin -= 7;
        } else {
            begin = at;
        }
        if (is_replaced_at(past, path, (size_t)(begin - path), attempt))
            return true;
    }
    return false;
}

/* ---- what goes with a root ---- */

struct picking {
    const struct wf_past *past;
    const struct wf_retry_ask *ask;
    struct wf_retry_pick *pick;
    char **places;  /* by record */
    bool *careful;  /* by record: done, and nobody may repeat it */
    bool *replaced; /* by record: a fault that something else stands for */
};

static bool is_kept_anyway(const struct picking *p, size_t i)
{
    return p->careful[i] || p->replaced[i];
}

/* root happened at `order`, at `place`. */
static void drop_what_follows(struct picking *p, const char *place, uint64_t order)
{
    size_t common;
    for (size_t i = 0; i < p->past->count; i++) {
        const struct wf_record *record = &p->past->records[i];
        if (!p->pick->keep[i] || order_of(record) <= order || p->places[i][0] != '/')
            continue;
        enum wf_oppath_kin kin = wf_oppath_kin(place, p->places[i], &common);
        bool around = kin == WF_OPPATH_SAME && record->kind == WF_OP_FACT && !wf_oppath_is_in(p->places[i], place);
        if ((kin == WF_OPPATH_LINE && !is_kept_anyway(p, i)) || around)
            p->pick->keep[i] = false;
    }
}

/* What lies in it: all, or all but its done effects. */
static void drop_inside(struct picking *p, const char *place, bool effects_stay)
{
    for (size_t i = 0; i < p->past->count; i++) {
        const struct wf_record *record = &p->past->records[i];
        bool stays =
            effects_stay &&
            ((is_effect(record) && record->state == WF_REC_DONE && !is_undone(p->ask, record->path)) || p->replaced[i]);
        if (wf_oppath_is_in(record->path, place) && !stays)
            p->pick->keep[i] = false;
    }
}

static void pick_roots(struct picking *p)
{
    for (size_t i = 0; i < p->past->count; i++) {
        const struct wf_record *record = &p->past->records[i];
        bool faulted = record->kind == WF_OP_STEP && record->state == WF_REC_FAULT;
        bool expired = is_timeout(record) && record->state == WF_REC_DONE;
        bool undone = is_effect(record) && is_undone(p->ask, record->path);
        p->pick->is_root[i] = undone || (p->ask->rule == WF_RETRY_FAULTS && (faulted || expired) && !p->replaced[i]);
    }
    for (size_t i = 0; i < p->past->count; i++) {
        if (!p->pick->is_root[i])
            continue;
        drop_inside(p, p->past->records[i].path, false);
        drop_what_follows(p, p->past->records[i].path, order_of(&p->past->records[i]));
    }
}

static void pick_failed(struct picking *p)
{
    for (size_t i = 0; i < p->past->count; i++) {
        const struct wf_record *record = &p->past->records[i];
        if (record->kind != WF_OP_FACT || !ends_with(record->path, "#failed"))
            continue;
        p->pick->is_root[i] = true;
        drop_inside(p, p->places[i], true);
        drop_what_follows(p, p->places[i], record->seq);
    }
}

/* ---- from a task on ---- */

/* A path without iterations, attempts and visits, as references are written. The caller frees. */
static char *reference_of(const char *path)
{
    struct wf_buf out;
    bool name = false; /* behind a position in a list */
    wf_buf_init(&out, WF_PATH_MAX * 2);
    for (const char *at = path; *at == '/';) {
        size_t len = strcspn(at + 1, "/"), next = strspn(at + 1 + len + (at[1 + len] == '/'), "0123456789");
        const char *after = at + 1 + len + (at[1 + len] == '/') + next;
        bool number = len > 0 && strspn(at + 1, "0123456789") >= len;
        bool counted = !name && at[1 + len] == '/' && next > 0 && (*after == '/' || *after == '\0') &&
                       ((len == 3 && strncmp(at + 1, "for", 3) == 0) || (len == 5 && strncmp(at + 1, "retry", 5) == 0));
        if (counted) {
            at = after;
            continue;
        }
        const char *visit = name ? memchr(at + 1, '@', len) : NULL;
        wf_buf_printf(&out, "/%.*s", (int)(visit ? (size_t)(visit - at - 1) : len), at + 1);
        name = !name && number;
        at += 1 + len;
    }
    return wf_buf_take(&out);
}

/* b is behind a in the definition: a later place of one list, or the handler of the try that a is in. */
static bool is_behind(const char *a, const char *b)
{
    size_t common;
    if (wf_oppath_is_in(b, a))
        return true;
    if (wf_oppath_kin(a, b, &common) != WF_OPPATH_LINE)
        return false;
    const char *x = a + common + 1, *y = b + common + 1;
    if (*x >= '0' && *x <= '9' && *y >= '0' && *y <= '9')
        return strtoul(y, NULL, 10) > strtoul(x, NULL, 10);
    return strncmp(x, "try/", 4) == 0 && strncmp(y, "catch/", 6) == 0;
}

static void pick_from(struct picking *p)
{
    char *from = reference_of(p->ask->from);
    for (size_t i = 0; i < p->past->count; i++) {
        if (p->places[i][0] != '/')
            continue;
        char *reference = reference_of(p->places[i]);
        bool is_fact_around = p->past->records[i].kind == WF_OP_FACT && p->places[i][0] &&
                              wf_oppath_is_in(from, reference) && strchr(p->past->records[i].path, '#');
        if (is_behind(from, reference) || is_fact_around) {
            p->pick->is_root[i] = !is_fact_around;
            p->pick->keep[i] = false;
            p->pick->repeated[i] = p->careful[i];
        }
        free(reference);
    }
    free(from);
}

/* ---- all ---- */

/* What never begins a new run: what was under way when the old one ended, and the time-outs that ran beside it. A timer
 * that waits goes on waiting. */
static void drop_unfinished(struct picking *p)
{
    for (size_t i = 0; i < p->past->count; i++) {
        const struct wf_record *record = &p->past->records[i];
        if (record->state == WF_REC_INTENT && (record->kind != WF_OP_TIMER || is_timeout(record)))
            drop_inside(p, record->path, false);
    }
}

void wf_retry_pick(const struct wf_past *past, const struct wf_retry_ask *ask, struct wf_retry_pick *ret)
{
    struct wf_retry_pick pick = {.past = past};
    struct picking p = {.past = past, .ask = ask, .pick = &pick};
    pick.keep = wf_calloc(past->count + 1, sizeof *pick.keep);
    pick.is_root = wf_calloc(past->count + 1, sizeof *pick.is_root);
    pick.repeated = wf_calloc(past->count + 1, sizeof *pick.repeated);
    p.places = wf_calloc(past->count + 1, sizeof *p.places);
    p.careful = wf_calloc(past->count + 1, sizeof *p.careful);
    p.replaced = wf_calloc(past->count + 1, sizeof *p.replaced);
    for (size_t i = 0; i < past->count; i++) {
        const struct wf_record *record = &past->records[i];
        pick.keep[i] = true;
        p.places[i] = place_of(record);
        p.careful[i] = record->state == WF_REC_DONE && !is_undone(ask, record->path) && is_careful(ask, record);
        p.replaced[i] = (record->state == WF_REC_FAULT || is_timeout(record)) && is_replaced(past, record->path);
    }
    drop_unfinished(&p);
    pick_roots(&p);
    if (ask->rule == WF_RETRY_FAILED)
        pick_failed(&p);
    if (ask->rule == WF_RETRY_FROM)
        pick_from(&p);
    for (size_t i = 0; i < past->count; i++) {
        bool step = past->records[i].kind == WF_OP_STEP;
        pick.kept += step && pick.keep[i];
        pick.again += step && !pick.keep[i];
        pick.roots += pick.is_root[i];
        pick.nrepeated += pick.repeated[i];
        free(p.places[i]);
    }
    free(p.places);
    free(p.careful);
    free(p.replaced);
    *ret = pick;
}

void wf_retry_pick_done(struct wf_retry_pick *pick)
{
    free(pick->keep);
    free(pick->is_root);
    free(pick->repeated);
}

const struct wf_record *wf_retry_doubt(const struct wf_past *past, const struct wf_retry_ask *ask)
{
    for (size_t i = 0; i < past->count; i++)
        if (past->records[i].state == WF_REC_INTENT && is_careful(ask, &past->records[i]))
            return &past->records[i];
    return NULL;
}

/* ---- rows ---- */

static int by_order(const void *a, const void *b)
{
    const struct wf_record *x = *(const struct wf_record *const *)a, *y = *(const struct wf_record *const *)b;
    uint64_t ox = order_of(x), oy = order_of(y);
    return ox != oy ? (ox < oy ? -1 : 1) : strcmp(x->path, y->path);
}

static struct wf_seed row(const struct wf_record *record, enum wf_rec_state state, int64_t at_ms, struct wf_slice json)
{
    return (struct wf_seed){.path = record->path, .kind = record->kind, .state = state, .at_ms = at_ms, .json = json};
}

struct wf_seed *wf_retry_rows(const struct wf_retry_pick *pick, size_t *ret_count)
{
    const struct wf_past *past = pick->past;
    const struct wf_record **kept = wf_calloc(past->count + 1, sizeof *kept);
    struct wf_seed *rows = wf_calloc(2 * past->count + 1, sizeof *rows);
    size_t nkept = 0, count = 0;
    for (size_t i = 0; i < past->count; i++)
        if (pick->keep[i])
            kept[nkept++] = &past->records[i];
    qsort(kept, nkept, sizeof *kept, by_order);
    for (size_t i = 0; i < nkept; i++) {
        const struct wf_record *record = kept[i];
        if (record->intent.ptr)
            rows[count++] = row(record, WF_REC_INTENT, record->intent_ms, record->intent);
        if (record->state != WF_REC_INTENT)
            rows[count++] = row(record, record->state, record->outcome_ms, record->outcome);
    }
    free(kept);
    *ret_count = count;
    return rows;
}
