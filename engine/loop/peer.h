/* peer.h: a child process that we talk to in frames (base/wire.h), and that may die at any time in any way.
 *
 * It is spawned in a session of its own with the socket as descriptor 3, and /dev/null, and a pipe whose lines come back,
 * as its standard streams. The end of the socket tells it to end. Knows no workflow. Loop thread. */
#ifndef WF_LOOP_PEER_H
#define WF_LOOP_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/wire.h"
#include "loop/loop.h"

struct wf_peer;

struct wf_peer_settings {
    const char *const *argv; /* NULL-terminated; argv[0] is looked for in PATH unless it has a slash */
    void (*frame)(void *arg, const struct wf_wire *); /* lives during the callback, which may kill the peer */
    void (*line)(void *arg, const char *line);        /* of its standard output and error */
    /* Once, after its last frame and line, unless wf_peer_free came first. signal 0: it exited with status. why: of
     * wf_peer_kill or of ours (it closed its socket, it wrote nonsense); NULL: it ended by itself. */
    void (*ended)(void *arg, int64_t status, int signal, const char *why);
    void *arg;
};

int wf_peer_start(struct wf_loop *, const struct wf_peer_settings *, struct wf_peer **ret, struct wf_err *);
int64_t wf_peer_pid(const struct wf_peer *);
void wf_peer_send(struct wf_peer *, const struct wf_wire *); /* what cannot be sent at once is kept and sent later */
/* Sends the question (may be NULL) and waits for a frame of one of the two kinds. Any other frame goes to `frame`, which
 * must not free the peer. 0: *ret lives until the next frame; WF_EIO: it ended or killed itself; WF_ELIMIT: too slow.
 * Afterwards wf_peer_fate says how it ended. */
int wf_peer_ask(struct wf_peer *, const struct wf_wire *question, uint32_t kind, uint32_t other_kind, int64_t most_ms,
    struct wf_wire *ret);
/* Waits at most most_ms for its end. False: it lives. */
bool wf_peer_fate(struct wf_peer *, int64_t most_ms, int *ret_status, int *ret_signal);
void wf_peer_kill(struct wf_peer *, const char *why); /* why: a literal */
/* Closes the socket, gives the child most_ms to end, then kills it. No callback comes any more, but lines. */
void wf_peer_free(struct wf_peer *, int64_t most_ms);

#endif
