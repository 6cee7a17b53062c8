/* sb_user.h: a person in a customer's tenant. Under the world's lock. */
#ifndef SB_USER_H
#define SB_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "sb_ident.h"
#include "sb_store.h"

struct sb_user {
    char id[SB_GUID];
    char upn[160];
    char first[64], last[64], display[128];
    char location[8];
    bool enabled;       /* may sign in; only Graph shows it */
    int64_t deleted_ms; /* 0: not */
};

#define SB_USER_SELECT "SELECT id, upn, first, last, display, location, enabled, deleted_ms FROM person "

void sb_user_read(sqlite3_stmt *stmt, struct sb_user *ret_user);
/* By id or by user principal name. */
bool sb_user_load(struct sb_store *store, const char *customer, const char *id, struct sb_user *ret_user);

#endif
