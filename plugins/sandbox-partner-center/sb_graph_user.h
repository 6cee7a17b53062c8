/* sb_graph_user.h: a person as Microsoft Graph shows one. */
#ifndef SB_GRAPH_USER_H
#define SB_GRAPH_USER_H

#include <cjson/cJSON.h>

#include "sb_request.h"
#include "sb_user.h"

/* The user of the path; answers 404 when there is none. */
bool sb_graph_user_load(struct sb_request *req, struct sb_user *ret_user);
/* With the members that $select asks for; licences are not in the default selection. */
cJSON *sb_graph_user_write(struct sb_request *req, const struct sb_user *user);

#endif
