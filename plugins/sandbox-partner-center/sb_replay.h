/* sb_replay.h: the memory behind MS-RequestId: a request seen within 24 h of virtual time gets the same answer again. */
#ifndef SB_REPLAY_H
#define SB_REPLAY_H

#include <stdbool.h>

#include "sb_request.h"

/* Answers from memory. False when the request is new or the memory is off. Inside no transaction. */
bool sb_replay_answer(struct sb_request *req);
/* Remembers the answer just given; in the transaction of the effect, so that one is never without the other. */
void sb_replay_remember(struct sb_request *req);

#endif
