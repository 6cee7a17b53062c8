/* wire_kinds.h: what wfrun and a wfrun-host say to each other. One call at a time in one process.
 *
 *     wfrun                                        wfrun-host
 *                                                  loads the plugin
 *                          <- HELLO or REFUSED --
 *       -- SETTINGS ->                             before its first call
 *       -- CALL ->                                 run, plan, verify, ...
 *                          <- HTTP, SLEEP, REMEMBER --
 *       -- HTTP_DONE, SLEPT, STORED ->
 *                          <- LOG, PROGRESS --
 *                          <- SUCCEED, FAIL, ... --   the one answer
 *       -- CANCEL ->                               when nobody waits for it any more
 *                          <- RETURNED --          free for the next call
 *
 * Frames of a call carry its number; those of another one are dropped. The socket's end is the end of the process. */
#ifndef WF_HOST_WIRE_KINDS_H
#define WF_HOST_WIRE_KINDS_H

#define WF_CHILD_MEMORY 77 /* exit status of a wfrun-host that crashed when its memory was used up */

enum {
    /* to the child */
    WF_WIRE_SETTINGS = 1, /* text: settings, secrets (pairs) */
    WF_WIRE_CALL,         /* n: mode, attempt, deadline, intent; text: step, input, run, task, key, memos (pairs) */
    WF_WIRE_CANCEL,
    WF_WIRE_HTTP_DONE, /* n: exchange, result, status; text: headers (pairs), body, url, error */
    WF_WIRE_SLEPT,
    WF_WIRE_STORED,    /* n: rc */
    WF_WIRE_EFFECT_OF, /* text: step, input */
    /* from the child */
    WF_WIRE_HELLO = 100, /* text: the plugin as JSON */
    WF_WIRE_REFUSED,     /* text: message, hint */
    WF_WIRE_SUCCEED,     /* text: output */
    WF_WIRE_FAIL,        /* n: status; text: type, title, detail, data */
    WF_WIRE_RETRY,       /* n: status, after; text: as FAIL */
    WF_WIRE_VERDICT,     /* n: verdict; text: output, why */
    WF_WIRE_PLANNED,     /* n: action, cost, until; text: words, currency, output, facts */
    WF_WIRE_UNANSWERED,  /* its function returned without an answer */
    WF_WIRE_RETURNED,
    WF_WIRE_LOG,      /* n: level; text: words */
    WF_WIRE_PROGRESS, /* n: done, total; text: words */
    WF_WIRE_HTTP,     /* n: exchange, flags, time-out; text: method, url, headers (pairs), body, user, password */
    WF_WIRE_SLEEP,    /* n: ms */
    WF_WIRE_REMEMBER, /* text: name, json */
    WF_WIRE_EFFECT,   /* n: effect, flags */
};

#endif
