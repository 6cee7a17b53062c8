/* oppath.h: operation paths as text: how two of one run are related. A path is made in engine/run:
 *     /do/0/retire/workflow/do/1/customers/for/2/do/0/users/for/13/do/0/reassign
 * of positions in lists with the task's name behind each, iterations behind `for`, branches behind `fork/branches`. */
#ifndef WF_REPORT_OPPATH_H
#define WF_REPORT_OPPATH_H

#include <stdbool.h>
#include <stddef.h>

bool wf_oppath_is_in(const char *path, const char *base); /* base itself, or something below it, or a fact of those */

enum wf_oppath_kin {
    WF_OPPATH_SAME,  /* one is the other, or is in it */
    WF_OPPATH_APART, /* in different iterations or branches: neither leads to the other */
    WF_OPPATH_LINE,  /* otherwise: the one that happened later may follow from the other */
};
/* ret_common: bytes that both share, up to where they part. */
enum wf_oppath_kin wf_oppath_kin(const char *a, const char *b, size_t *ret_common);

#endif
