/* opmap.h: a run's journal in memory: path -> {intent, outcome}. Loop thread.
 *
 * Texts are kept where they are asked for again: what was loaded for replay, and the whole of an ephemeral run. Of what
 * is appended in a live activation only the state stays, about 80 bytes an operation. */
#ifndef WF_JOURNAL_OPMAP_H
#define WF_JOURNAL_OPMAP_H

#include "base/arena.h"
#include "journal/record.h"

struct wf__alarm; /* a timer that the operation waits for; ref.c */

struct wf__texts {
    struct wf_slice intent, outcome;
    const char *intent_digest, *outcome_digest; /* as in struct wf__row */
    uint64_t begun, change; /* the rows of the intent (0: none) and of the last change; they order log and history */
};

struct wf__op {
    uint32_t hash;
    uint16_t kind, state; /* enum wf_op_kind, enum wf_rec_state; NONE: only an alarm */
    uint64_t seq;
    int64_t intent_ms, outcome_ms;
    struct wf__texts *texts; /* NULL: not kept */
    struct wf__alarm *alarm;
    char path[];
};

struct wf__opmap {
    struct wf__op **slots; /* open addressing, a power of two */
    size_t nslots, count;
    uint64_t rows; /* that were added */
    uint64_t seq;  /* the highest one */
    struct wf_arena *arena;
};

void wf__opmap_init(struct wf__opmap *);
void wf__opmap_done(struct wf__opmap *);
struct wf__op *wf__opmap_find(const struct wf__opmap *, const char *path); /* NULL: there is none */
struct wf__op *wf__opmap_get(struct wf__opmap *, const char *path);        /* made when there is none */

/* True when the row says something new. False, and nothing changes, for a second intent or outcome, and for an intent
 * after its outcome. The row must have passed wf__row_check. */
bool wf__opmap_add(struct wf__opmap *, const struct wf__row *, bool keep_texts);

void wf__op_record(const struct wf__op *, struct wf_record *ret); /* op may be NULL: state NONE */
/* Every operation in the order of its last change. Only of a map whose texts are all kept. */
void wf__opmap_each(const struct wf__opmap *, void (*record)(void *arg, const struct wf_record *), void *arg);
/* Its rows again, in the order in which they were added, linked to *link, which becomes the last one's. Only of a map
 * whose texts are all kept. row may be NULL. */
void wf__opmap_log(
    const struct wf__opmap *, struct wf_link *link, void (*row)(void *arg, const struct wf_log_row *), void *arg);

#endif
