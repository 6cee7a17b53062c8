/* undo_list.h: what a run has done to the world, the last first, and what can become of each operation. Loop thread. */
#ifndef WF_REPORT_UNDO_LIST_H
#define WF_REPORT_UNDO_LIST_H

#include "host/host.h"
#include "journal/past.h"
#include "report/kin.h"
#include "report/state.h"

#define WF_NOTE_ROLLED_BACK_BY "rolled back by " /* and the id of the run that does it */

enum wf_undo_fate {
    WF_UNDO_WILL,    /* its undo will be called */
    WF_UNDO_NOTHING, /* the step says that there is nothing to undo */
    WF_UNDO_BEFORE,  /* an earlier rollback has undone it, of this run or of its kin */
    WF_UNDO_CANNOT,
};

/* The operations of one iteration of the outermost loop that has labels; the first group is what is in none. */
struct wf_undo_group {
    char *path;  /* of the iteration; "" */
    char *label; /* "" */
};

struct wf_undo_op {
    const struct wf_record *record; /* the list's */
    char *step, *version, *key;
    char *place; /* within its group, for people */
    size_t group;
    bool chosen;
    enum wf_undo_fate fate;
    char *words;      /* what undo would do, or why it cannot; NULL: nothing is known */
    int64_t until_ms; /* the last moment for it; 0: not known, or there is none */
    const struct wf_step_entry *entry;
};

struct wf_undo_list {
    struct wf_past *past;
    struct wf_undo_op *ops; /* the last outcome first; those without one before them */
    size_t nops;
    struct wf_undo_group *groups; /* in the order of the loops */
    size_t ngroups;
    jv loops; /* {PATH: [label, ...]} */
    struct wf_kin kin;
    char *unfinished; /* an earlier rollback of this run or of its kin that is not over; NULL: none */
    bool doubtful;    /* an operation began and its end is not known */
};

int wf_undo_list_read(struct wf_state *, const char *run_id, struct wf_undo_list *ret, struct wf_err *);
void wf_undo_list_done(struct wf_undo_list *);

/* Only these: labels, or paths of an iteration or an operation. WF_ENOTFOUND with words: nothing is called so, or
 * several are. */
int wf_undo_list_choose(struct wf_undo_list *, const char *const *items, size_t count, struct wf_err *);
/* What follows from the steps that are installed and from the records alone. */
void wf_undo_list_judge(struct wf_undo_list *, struct wf_hosting *);
void wf_undo_op_decide(struct wf_undo_op *, enum wf_undo_fate, const char *words); /* copied */
size_t wf_undo_list_count(const struct wf_undo_list *, enum wf_undo_fate);         /* of those that are chosen */
/* {"input":...,"output":...}: what the step's undo and plan_undo get. The caller frees; NULL: the record is damaged. */
char *wf_undo_op_input(const struct wf_undo_op *);

#endif
