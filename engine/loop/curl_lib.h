/* curl_lib.h: libcurl's functions, looked up at the first transfer. Private to loop/; loop thread only.
 *
 * libcurl brings some twenty libraries (Kerberos, LDAP, SSH, a second TLS ...). Loading them is half the start-up time
 * and a third of the memory of a run that makes no HTTP request, so wfrun is not linked with it. */
#ifndef WF_LOOP_CURL_LIB_H
#define WF_LOOP_CURL_LIB_H

#include <curl/curl.h>

/* Every function of libcurl that the client calls: wf__curl.easy_init is curl_easy_init. */
#define WF__CURL_FUNCTIONS(X)                                                                                          \
    X(easy_cleanup)                                                                                                    \
    X(easy_getinfo)                                                                                                    \
    X(easy_init)                                                                                                       \
    X(easy_setopt)                                                                                                     \
    X(easy_strerror)                                                                                                   \
    X(free)                                                                                                            \
    X(global_init)                                                                                                     \
    X(multi_add_handle)                                                                                                \
    X(multi_cleanup)                                                                                                   \
    X(multi_info_read)                                                                                                 \
    X(multi_init)                                                                                                      \
    X(multi_remove_handle)                                                                                             \
    X(multi_setopt)                                                                                                    \
    X(multi_socket_action)                                                                                             \
    X(share_cleanup)                                                                                                   \
    X(share_init)                                                                                                      \
    X(share_setopt)                                                                                                    \
    X(slist_append)                                                                                                    \
    X(slist_free_all)                                                                                                  \
    X(url)                                                                                                             \
    X(url_cleanup)                                                                                                     \
    X(url_get)                                                                                                         \
    X(url_set)

#define WF__CURL_MEMBER(name) __typeof__(curl_##name) *name;
struct wf__curl {
    WF__CURL_FUNCTIONS(WF__CURL_MEMBER)
};
#undef WF__CURL_MEMBER

extern struct wf__curl wf__curl; /* usable after wf__curl_load */

/* Once is enough, and libcurl stays until the process ends. Aborts when it is not there: wfrun is not whole then. */
void wf__curl_load(void);

#endif
