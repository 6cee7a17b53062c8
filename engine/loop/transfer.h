/* transfer.h: one HTTP exchange on a curl easy handle. Private to loop/: http.c drives it, transfer.c knows its options
 * and what its end means. Loop thread only. */
#ifndef WF_LOOP_TRANSFER_H
#define WF_LOOP_TRANSFER_H

#include "loop/curl_lib.h"

#include "base/buf.h"
#include "loop/http.h"

struct wf__shard; /* a curl multi handle; http.c */

struct wf_transfer {
    struct wf_transfer *next, *prev; /* in the list of active or of spare ones */
    struct wf_transfer *next_ending; /* in the list of those whose callback is due */
    struct wf_http *http;
    struct wf__shard *shard; /* NULL: not given to curl */
    CURL *easy;
    void (*done)(void *arg, const struct wf_transfer_reply *);
    void *arg;

    struct curl_slist *headers_out;
    char *body_out;
    const char *hosts; /* of the request */
    bool repeatable;   /* a method that changes nothing: curl may send it again when a kept connection turns out dead */
    bool is_plain_post; /* curl itself knows what a redirect does to it */
    bool has_method;    /* CURLOPT_CUSTOMREQUEST is set */
    bool used_up;       /* carried credentials or followed redirects: the easy handle is not used again */

    bool is_ending, cancelled;
    bool connected;      /* a connection was ready for the request */
    bool heard;          /* a response began since the request was last sent */
    bool repeat_refused; /* curl wanted to send again what may not be sent twice */
    bool host_refused;   /* it was redirected to one that is not in hosts */
    bool too_big;
    long sent_before, sent_at_leg; /* CURLINFO_REQUEST_SIZE when first connected, and when last sending began */

    struct wf_buf head, body; /* head: name NUL value NUL ..., of the last response */
    size_t nheaders;
    struct wf_pair *pairs;
    size_t pairs_cap;
    char error[CURL_ERROR_SIZE > 300 ? CURL_ERROR_SIZE : 300];
};

/* What all transfers share. */
struct wf__transfer_base {
    CURLSH *share;
    struct curl_slist *connect_to;
    char *ca_file, *user_agent;
    size_t max_body;
    bool may_need_proxy; /* false spares curl a look at five variables for each transfer */
    curl_opensocket_callback open_socket;
    curl_closesocket_callback close_socket;
    void *socket_arg;
};

struct wf_transfer *wf__transfer_new(const struct wf__transfer_base *);
void wf__transfer_free(struct wf_transfer *);
/* Copies the request into the easy handle. 0, or WF_EINVAL with words in transfer->error. */
int wf__transfer_prepare(struct wf_transfer *, const struct wf_transfer_request *);
/* Fills the reply from what came and calls done. */
void wf__transfer_finish(struct wf_transfer *, CURLcode);
void wf__transfer_refuse(struct wf_transfer *, enum wf_transfer_result);
/* Makes it ready for the next request. False: free it instead. */
bool wf__transfer_clear(struct wf_transfer *);

#endif
