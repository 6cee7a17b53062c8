/* sb_server.h: the HTTP and HTTPS listeners. Loopback only.
 *
 * Threads     A few threads with epoll answer requests; each request is served by one thread, inside sb_dispatch.
 */
#ifndef SB_SERVER_H
#define SB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "sb_tls.h"
#include "sb_world.h"

struct MHD_Daemon;

struct sb_server {
    struct MHD_Daemon *plain;
    struct MHD_Daemon *tls;
};

/* Port 0 is any free one. Fills the world's urls. False when a port cannot be had. */
bool sb_server_start(
    struct sb_server *server, struct sb_world *world, uint16_t port, uint16_t tls_port, const struct sb_tls *tls);
void sb_server_stop(struct sb_server *server);

#endif
