/* http.h: the parts of the step `http`, private to this plugin. All on the loop thread. */
#ifndef HTTP_H
#define HTTP_H

#include <wfrun/cjson.h>

extern const struct wf_host *http_host;

enum http_output { HTTP_CONTENT, HTTP_RESPONSE, HTTP_RAW };

/* One call of the step; in its arena, as all texts are. */
struct http_call {
    struct wf_step *step;
    struct wf_http_request request;
    struct wf_http_header *headers; /* request.headers, with room for one more */
    enum http_output output;
    const char *token_key; /* of the token that the request carries, for the cache; NULL: none */
};

/* Texts are "" when the host has no more memory for the call. What was made of them must not be sent: begin with
 * http_memory_begin, and ask http_memory_is_out before sending; true: the call has been answered with a failure. */
void http_memory_begin(void);
bool http_memory_is_out(struct wf_step *);

/* http_request.c: -1 when the call has been answered with a failure. */
int http_request_make(struct http_call *, const cJSON *with);
void http_request_send(struct http_call *);
void http_header_add(struct http_call *, const char *name, const char *value);
char *http_quote(struct wf_step *, const char *text); /* percent-encoded but for RFC 3986's unreserved characters */
char *http_copy(struct wf_step *, const char *text);
char *http_text(struct wf_step *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* http_auth.c: adds credentials, and sends; with OAuth 2 after the token has been fetched. */
void http_auth_send(struct http_call *, const cJSON *authentication);
void http_auth_forget(const char *token_key); /* the remote side refused it */

/* http_reply.c */
void http_reply(struct wf_step *, const struct wf_http_response *, void *call);

#endif
