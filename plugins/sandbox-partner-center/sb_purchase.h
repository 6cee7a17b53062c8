/* sb_purchase.h: buying: what orders, order changes and carts have in common. Under the world's lock, in a transaction. */
#ifndef SB_PURCHASE_H
#define SB_PURCHASE_H

#include "sb_request.h"
#include "sb_subscription.h"

enum { SB_PURCHASE_LINES = 50 };

struct sb_purchase_line {
    const struct sb_offer *offer;
    char item[64];        /* the offer GUID or product:sku:availability asked for */
    char friendly[256];   /* "" for the offer's name */
    char parent[SB_GUID]; /* an add-on's base subscription */
    char cycle[16];
    char term[8];
    int64_t quantity;
};

struct sb_refusal {
    int status;
    int64_t code;
    char sentence[256];
};

/* Whether the customer may buy anything at all: agreement and limits. */
bool sb_purchase_allowed(struct sb_request *req, struct sb_refusal *ret_refusal);
/* Whether this line can be bought; finds nothing out about the stock of sellers, which is endless here. */
bool sb_purchase_check(struct sb_request *req, const struct sb_purchase_line *line, struct sb_refusal *ret_refusal);

/* Makes an order and returns its id. */
const char *sb_purchase_order(struct sb_request *req, bool nce, const char *cycle, char ret_id[SB_GUID]);
/* Adds a line to an order: the subscription comes into being and the ledger books it. */
void sb_purchase_line(struct sb_request *req, const char *order_id, bool nce, const struct sb_purchase_line *line);

/* The order as JSON. `fresh` leaves subscription ids of new commerce out: they come later. NULL when it is unknown. */
cJSON *sb_purchase_write(struct sb_request *req, const char *order_id, bool fresh);

#endif
