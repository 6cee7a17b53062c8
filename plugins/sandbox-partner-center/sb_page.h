/* sb_page.h: paging in the service's styles: seek with a continuation token, and offset. */
#ifndef SB_PAGE_H
#define SB_PAGE_H

#include "sb_request.h"

struct sb_page {
    int64_t size; /* -1: everything */
    int64_t offset;
};

/* Reads size, offset, seekOperation and MS-ContinuationToken; answers 400/2000 and returns false when the token is bad. */
bool sb_page_read(struct sb_request *req, int64_t total, struct sb_page *ret_page);
/* The collection around items, which it takes, with links and the token of the next page. */
cJSON *sb_page_write(struct sb_request *req, const struct sb_page *page, int64_t total, cJSON *items);

/* A token for an offset, bound to the path. buf takes 64 bytes. */
const char *sb_page_token(const struct sb_request *req, int64_t offset, char *buf);
bool sb_page_untoken(const struct sb_request *req, const char *token, int64_t *ret_offset);

/* The JSON of `filter`: {"Field","Value","Operator"}. False when absent; answers 400/2000 and sets *ret_bad when wrong. */
bool sb_page_filter(struct sb_request *req, char field[64], char value[256], bool *ret_bad);

#endif
