/* sb_customer.h: a customer of the partner. */
#ifndef SB_CUSTOMER_H
#define SB_CUSTOMER_H

#include <stdbool.h>
#include <stdint.h>

#include "sb_ident.h"
#include "sb_store.h"

struct sb_customer {
    char id[SB_GUID];
    char name[128];
    char domain[128];
    char relationship[24];
    char country[8];
    char segment[40]; /* none, education, government_community_cloud ... */
    char vetting[16]; /* Approved, InReview, Denied */
    bool agreement;
    bool direct_signed;
    bool role;      /* the partner's user may work for this customer */
    bool delegated; /* the partner may administer its users */
};

/* By tenant id or by domain. False when there is none. */
bool sb_customer_load(struct sb_store *store, const char *id, struct sb_customer *ret_customer);
bool sb_customer_is_government(const struct sb_customer *customer);

#endif
