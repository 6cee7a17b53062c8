/* apart.h: plugins that run in processes of their own (wfrun-host), one call at a time in each.
 *
 * To the rest of host such a plugin is one whose steps answer later: its slots send the call to a process and return, and
 * its frames come back through the very functions that a plugin in this process calls. So queues, deadlines, the rule who
 * may write, and the check of answers are the same. docs/decisions says why. Loop thread. */
#ifndef WF_HOST_APART_H
#define WF_HOST_APART_H

#include "host/host_priv.h"
#include "loop/peer.h"

#define WF__MOST_CHILDREN 32 /* processes, and calls at the same time, of one plugin */

struct wf__child {
    struct wf__child *next; /* in its plugin's list */
    struct wf__apart *apart;
    struct wf_peer *peer;
    bool has_settings, is_dead;
    unsigned lines;        /* that it has written during this call */
    char *refusal;         /* why it did not load the plugin; NULL: it did, or has not yet */
    struct wf_timer grace; /* then it is killed */

    uint32_t number; /* of its call; 0: none */
    struct wf_step *step;
    const struct wf_step_type *type;
    uint32_t mode;
    bool is_answered;
};

struct wf__apart { /* the state of the plugin that stands for it here */
    struct wf_hosting *hosting;
    struct wf__plugin *plugin;
    struct wf_arena *texts;  /* the descriptor and all in it */
    const char *description; /* as JSON: every process of it has to say the same */
    struct wf__child *children;
    uint32_t last_number;
    char limits[3][24];  /* arguments: memory in MiB, processor seconds, open files */
    const char *confine; /* argument: the setting */
    /* the last answer of effect_of */
    bool is_effect_lost; /* it crashed or hung: never asked again */
    const struct wf_step_type *effect_type;
    struct wf_buf effect_input;
    uint32_t effect, effect_flags;
};

/* apart.c */
struct wf__child *wf__child_take(
    struct wf__apart *, struct wf_err *); /* a free one, or a new one; NULL: none can be had */
void wf__child_free(struct wf__child *, int64_t most_ms);

/* apart_call.c: frames to and from */
void wf__child_call(struct wf__child *, struct wf_call *);
void wf__child_frame(void *child, const struct wf_wire *);
void wf__child_cancel(struct wf__child *);
void wf__child_ended(void *child, int64_t status, int signal, const char *why);
/* How it ended, in words that follow its name. */
void wf__child_fate(const struct wf__apart *, int64_t status, int signal, const char *why, char *ret, size_t size);

#endif
