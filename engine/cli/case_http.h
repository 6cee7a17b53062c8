/* case_http.h: the remote side of a case: the exchanges that are written in it. */
#ifndef WF_CLI_CASE_HTTP_H
#define WF_CLI_CASE_HTTP_H

#include <wfrun/harness.h>

#include "base/buf.h"
#include "value/val.h"

struct wf_case_exchange {
    char *method, *url, *reply; /* reply: the body as sent */
    size_t reply_len;
    int32_t result, status;
    struct wf_http_header *wanted, *headers; /* of the request that must be there; of the reply */
    size_t nwanted, nheaders;
    char *seen; /* the request's body; NULL: none, or not yet */
};

struct wf_case_script {
    struct wf_case_exchange *items;
    size_t count, next;
    bool lenient;  /* any order and number, and what is not written was not sent: for faults */
    char sin[500]; /* the first request that was not as written; empty: none */
};

/* Made of the case's list (an invalid value: none), which is borrowed. */
void wf_case_script_init(struct wf_case_script *, const jv *list);
void wf_case_script_done(struct wf_case_script *);
/* As wf_harness.http, whose arg is the script. It uses texts alone, for it may be called on any thread. */
bool wf_case_script_answer(struct wf_harness *, const struct wf_http_request *, struct wf_http_response *ret);
/* After the call: did all come, with the bodies that the list wants? Appends words when not. */
void wf_case_script_judge(const struct wf_case_script *, const jv *list, struct wf_buf *words);

#endif
