/* sb_tls.h: a certificate authority and a server certificate made at start, for 127.0.0.1, localhost and the names of the
 * services that are stood in for. Nothing is kept but the authority's certificate, when asked for. */
#ifndef SB_TLS_H
#define SB_TLS_H

#include <stdbool.h>

struct sb_tls {
    char *ca;          /* PEM; each freed by sb_tls_done */
    char *certificate; /* PEM of the server's, then the authority's */
    char *key;
};

bool sb_tls_init(struct sb_tls *tls);
void sb_tls_done(struct sb_tls *tls);

#endif
