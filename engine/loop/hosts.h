/* hosts.h: a list of the hosts that requests may go to. */
#ifndef WF_LOOP_HOSTS_H
#define WF_LOOP_HOSTS_H

#include <stdbool.h>

#include "base/err.h"

/* The list is words parted by blanks: HOST, or *.DOMAIN for each host below it, or either with :PORT, else of any port. 0, or WF_EINVAL with the word that is none of these. */
int wf_hosts_check(const char *list, struct wf_err *);

/* Whether the host and port of an absolute URL are in the list, as libcurl reads the URL. Loop thread. */
bool wf__hosts_have(const char *list, const char *url);

#endif
