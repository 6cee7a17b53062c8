/* sb_lifecycle.h: what happens to a subscription: by request (suspend, reactivate, cancel) and by itself, as time passes.
 *
 *     active --suspend--> suspended --120 days--> deleted
 *     active --end, no renewal--> expired --30 days--> disabled --90 days--> deleted
 *     active --end, renewal--> active, one term later
 *
 * Under the world's lock.
 */
#ifndef SB_LIFECYCLE_H
#define SB_LIFECYCLE_H

#include "sb_subscription.h"

/* Lets everything happen that is due by now. */
void sb_lifecycle_advance(struct sb_world *world, int64_t now_ms);
/* Looks for the next time something is due. */
void sb_lifecycle_plan(struct sb_world *world);
/* Sets when the subscription's life goes on by itself, from its status and dates. */
void sb_lifecycle_set_due(struct sb_subscription *sub);
/* Changes the status and books it; `kind` is the ledger's. Add-ons are the caller's. */
void sb_lifecycle_change(struct sb_world *world, const struct sb_request *req, struct sb_subscription *sub,
    const char *status, const char *kind, int64_t now_ms);

#endif
