/* sb_routes.h: the list of everything the sandbox answers. */
#ifndef SB_ROUTES_H
#define SB_ROUTES_H

#include "sb_request.h"

int sb_routes_count(void);
const struct sb_route *sb_routes_at(int n);
int sb_routes_index(const struct sb_route *route);

#endif
