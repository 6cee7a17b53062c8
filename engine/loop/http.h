/* http.h: HTTP transfers through libcurl's multi interface on the loop. Knows no workflow.
 *
 * Several multi handles share the work, because libcurl 7.88 walks a list of all connections of a host for each
 * transfer. Connections are kept and reused; HTTP/2 over TLS; proxies and CA from the environment or the settings.
 * All on the loop thread. A transfer holds a busy count of the loop. */
#ifndef WF_LOOP_HTTP_H
#define WF_LOOP_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"

struct wf_http;
struct wf_transfer;

struct wf_http_settings {
    const char *ca_file;           /* NULL: the system's */
    const char *const *connect_to; /* "H:P:H2:P2", NULL-terminated; may be NULL; not copied */
    const char *user_agent;
    size_t max_body; /* bytes of one reply's body; 0: 16 MiB */
};

enum wf_transfer_result {
    WF_TRANSFER_ANSWERED,
    WF_TRANSFER_NOT_SENT,
    WF_TRANSFER_UNKNOWN,
    WF_TRANSFER_CANCELLED,
    WF_TRANSFER_BAD_REQUEST
};

struct wf_pair {
    const char *name, *value;
};

struct wf_transfer_request {
    const char *method, *url;
    const struct wf_pair *headers;
    size_t nheaders;
    const void *body; /* copied */
    size_t body_len;
    int64_t timeout_ms; /* real time, whole exchange; 0: 60 s */
    unsigned follow : 1, basic : 1, digest : 1;
    const char *user, *password;
    const char *hosts; /* those it may go to (hosts.h), redirected or not; NULL: any. Not copied: lives until done */
};

struct wf_transfer_reply { /* lives during the callback */
    enum wf_transfer_result result;
    int status;
    const struct wf_pair *headers; /* of the last response */
    size_t nheaders;
    const char *body;
    size_t body_len;
    const char *url;
    const char *error; /* NULL when ANSWERED */
};

/* Raises the soft limit of open files of this process to the hard one. */
struct wf_http *wf_http_new(struct wf_loop *, const struct wf_http_settings *);
void wf_http_free(struct wf_http *); /* cancels what is under way, without callbacks */
/* done is called once, never from inside this call. The request is copied. */
struct wf_transfer *wf_http_start(struct wf_http *, const struct wf_transfer_request *,
    void (*done)(void *arg, const struct wf_transfer_reply *), void *arg);
void wf_http_cancel(struct wf_transfer *); /* done is called with CANCELLED, later */
void wf_http_drop(struct wf_transfer *);   /* as cancel, but done is not called */

#endif
