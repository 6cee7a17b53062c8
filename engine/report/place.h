/* place.h: what the path of an operation says: words for people, and the tasks it leads through. Loop thread. */
#ifndef WF_REPORT_PLACE_H
#define WF_REPORT_PLACE_H

#include "report/pinned.h"

/* "retire > customers[2] > users[13] > reassign" for
 * /do/0/retire/workflow/do/1/customers/for/2/do/0/users/for/13/do/0/reassign. The caller frees. */
char *wf_place_words(const char *path);

#define WF_PLACE_MAX 48 /* tasks within each other that are told apart */

/* One task on the way. */
struct wf_place_task {
    const struct wf_pinned_def *def;
    char *name, *ref;           /* its own; ref: in def, as the definition writes it */
    const struct wf_node *node; /* as written; NULL: the definition is not there */
    const struct wf_node *list; /* that it stands in; NULL: none, as a branch or a function */
    size_t position;            /* in the list */
    bool in_loop;               /* the list is the body of a `for` */
};
struct wf_place {
    struct wf_place_task tasks[WF_PLACE_MAX]; /* outermost first */
    size_t count;
};

/* sub tells which definition the sub-workflow of a task has, by the path of that task; NULL: unknown. */
void wf_place_find(const char *path, const struct wf_pinned_def *main_def,
    const struct wf_pinned_def *(*sub)(void *arg, const char *path, size_t len), void *arg, struct wf_place *ret);
void wf_place_done(struct wf_place *);

/* What comes after the innermost task, as far as it is written: "row, then the next of customers, then report"; NULL:
 * nothing. The caller frees. */
char *wf_place_next(const struct wf_place *);

#endif
