/* apart.c: a plugin that runs in processes of its own: loading, its processes, and what stands in its descriptor's slots. */
#include "config.h"

#include "host/apart.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "host/check.h"
#include "host/describe.h"
#include "host/wire_kinds.h"

#define HELLO_MS   10000 /* for loading and open */
#define EFFECT_MS  1000  /* for effect_of, which must not block */
#define LEAVE_MS   500   /* for close, when wfrun ends */
#define MOST_LINES 100   /* of one call */
#define TEXTS_MAX  ((size_t)256 << 20)

/* ---- which plugins ---- */

const char *wf__plugin_setting(struct wf_hosting *hosting, const char *file, const char *name)
{
    size_t len;
    const char *name_begin = wf__plugin_name(file, &len);
    char *plugin = wf_memdup(name_begin, len);
    const char *value = hosting->settings.config ? hosting->settings.config(hosting->settings.arg, plugin, name) : NULL;

    free(plugin);
    return value;
}

static bool is_below(const char *file, const char *dir)
{
    char real[PATH_MAX];

    if (!dir || !realpath(dir, real))
        return false;
    size_t len = strlen(real);
    return strncmp(file, real, len) == 0 && file[len] == '/';
}

bool wf_plugin_is_own(const struct wf_hosting *hosting, const char *file)
{
    return is_below(file, hosting->settings.own_dir);
}

const char *wf_isolation_name(bool is_apart)
{
    return is_apart ? "process" : "in-process";
}

int wf_isolation_parse(const char *word, enum wf_isolation *ret)
{
    static const char *const words[] = {"in-process", "process", "auto"};

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum wf_isolation)i;
            return 0;
        }
    }
    return WF_EINVAL;
}

int wf__apart_wanted(struct wf_hosting *hosting, const char *file, bool *ret, struct wf_err *ret_err)
{
    bool is_host = hosting->settings.table == &wf__host_table; /* else its steps are called by somebody else */
    enum wf_isolation isolation = is_host ? hosting->settings.isolation : WF_ISOLATION_IN_PROCESS;
    const char *given = wf__plugin_setting(hosting, file, "isolation");

    if (given && is_host && wf_isolation_parse(given, &isolation) != 0) {
        wf_err_hint(ret_err, "isolation is in-process, process or auto");
        return wf_err_set(ret_err, WF_EINVAL, "its setting isolation is `%s`", given);
    }
    *ret = isolation == WF_ISOLATION_PROCESS || (isolation == WF_ISOLATION_AUTO && !wf_plugin_is_own(hosting, file));
    const char *confine = wf__plugin_setting(hosting, file, "confine");
    if (!*ret && is_host && confine && strcmp(confine, "off") != 0) {
        wf_err_hint(ret_err, "set `isolation: process` for it");
        return wf_err_set(
            ret_err, WF_EINVAL, "its setting confine is `%s`, and it is to run in wfrun's process", confine);
    }
    return 0;
}

/* ---- processes ---- */

static void take_line(void *arg, const char *line)
{
    struct wf__child *child = arg;
    const struct wf__plugin *plugin = child->apart->plugin;

    if (child->lines++ < MOST_LINES)
        wf_log(WF_LOGL_WARN, "%s: %s", plugin->descriptor ? plugin->descriptor->name : plugin->file, line);
    else if (child->lines == MOST_LINES + 1)
        wf_log(WF_LOGL_WARN, "%s: writes more lines, which are dropped%s%s",
            plugin->descriptor ? plugin->descriptor->name : plugin->file, child->type ? " until the step ends: " : "",
            child->type ? child->type->name : "");
}

static struct wf__child *start(struct wf__apart *apart, struct wf_err *ret_err)
{
    const char *const argv[] = {apart->hosting->settings.host_program, apart->plugin->file, apart->limits[0],
        apart->limits[1], apart->limits[2], apart->confine, NULL};
    struct wf__child *child = wf_calloc(1, sizeof *child);
    const struct wf_peer_settings settings = {
        .argv = argv, .frame = wf__child_frame, .line = take_line, .ended = wf__child_ended, .arg = child};

    child->apart = apart;
    if (wf_peer_start(apart->hosting->settings.loop, &settings, &child->peer, ret_err) != 0) {
        free(child);
        return NULL;
    }
    child->next = apart->children;
    apart->children = child;
    return child;
}

struct wf__child *wf__child_take(struct wf__apart *apart, struct wf_err *ret_err)
{
    for (struct wf__child *child = apart->children; child; child = child->next)
        if (child->number == 0 && !child->is_dead && !child->refusal)
            return child;
    return start(apart, ret_err);
}

void wf__child_free(struct wf__child *child, int64_t most_ms)
{
    struct wf__child **link = &child->apart->children;

    while (*link != child)
        link = &(*link)->next;
    *link = child->next;
    wf_timer_stop(child->apart->hosting->settings.loop, &child->grace);
    wf_peer_free(child->peer, most_ms);
    free(child->refusal);
    free(child);
}

/* A call that has answered may still say something before it returns: its log is read, and nothing else of it counts. */
static void hear_out(struct wf__child *child)
{
    struct wf_wire returned;

    if (child->number == 0 || !child->is_answered || child->is_dead)
        return;
    child->number = 0;
    (void)wf_peer_ask(child->peer, NULL, WF_WIRE_RETURNED, WF_WIRE_RETURNED, LEAVE_MS, &returned);
}

void wf__apart_free(struct wf__apart *apart)
{
    if (!apart)
        return;
    while (apart->children) {
        hear_out(apart->children);
        wf__child_free(apart->children, LEAVE_MS);
    }
    wf_buf_done(&apart->effect_input);
    wf_arena_free(apart->texts);
    free(apart);
}

/* ---- what stands in the slots ---- */

static void send_call(struct wf_step *step, void *state)
{
    struct wf_call *call = wf__call_enter(step);
    struct wf_err err = {0};

    if (!call)
        return;
    struct wf__child *child = wf__child_take(state, &err);
    if (child)
        wf__child_call(child, call);
    else /* nothing has happened yet */
        wf__answer_fail(step, &(struct wf_failure){.size = sizeof(struct wf_failure),
                                  .status = 500,
                                  .title = "No process for a plugin",
                                  .detail = err.msg});
    wf__call_unref(call);
}

static void send_cancel(struct wf_step *step, void *state)
{
    const struct wf__apart *apart = state;

    for (struct wf__child *child = apart->children; child; child = child->next)
        if (child->number != 0 && child->step == step)
            wf__child_cancel(child);
}

static uint32_t never_called(struct wf_bytes input, uint32_t *ret_flags)
{
    (void)input;
    (void)ret_flags;
    return WF_EFFECT_IRREVERSIBLE; /* wf__apart_effect stands before it */
}

static int32_t open_apart(const struct wf_host *host, void **ret_state)
{
    (void)host;
    (void)ret_state;
    return 0;
}

static bool is_last_effect(const struct wf__apart *apart, const struct wf_step_type *type, struct wf_bytes input)
{
    return apart->effect_type == type && apart->effect_input.len == input.len &&
           memcmp(apart->effect_input.ptr, input.ptr, input.len) == 0;
}

/* Asked at each call and each of its requests, so the last answer is kept. */
uint32_t wf__apart_effect(
    struct wf__apart *apart, const struct wf_step_type *type, struct wf_bytes input, uint32_t *ret_flags)
{
    struct wf_wire question = {.kind = WF_WIRE_EFFECT_OF, .count = 2}, answer;

    if (!is_last_effect(apart, type, input) && !apart->is_effect_lost) {
        struct wf__child *child = wf__child_take(apart, NULL);
        question.text[0] = wf_wire_text(type->name);
        question.text[1] = (struct wf_wire_text){input.ptr, input.len};
        question.now_ms = wf_loop_now_ms(apart->hosting->settings.loop);
        if (!child || wf_peer_ask(child->peer, &question, WF_WIRE_EFFECT, WF_WIRE_REFUSED, EFFECT_MS, &answer) != 0 ||
            answer.kind != WF_WIRE_EFFECT) {
            wf_log(WF_LOGL_ERROR,
                "%s: effect_of of the step %s crashed or did not return in %d ms: all its calls count as irreversible",
                apart->plugin->descriptor->name, type->name, EFFECT_MS);
            apart->is_effect_lost = true;
            if (child) {
                child->is_dead = true;
                wf_peer_kill(child->peer, "its effect_of did not return");
            }
        } else {
            apart->effect_type = type;
            wf_buf_clear(&apart->effect_input);
            wf_buf_add(&apart->effect_input, input.ptr, input.len);
            apart->effect = (uint32_t)answer.n[0];
            apart->effect_flags = (uint32_t)answer.n[1];
        }
    }
    if (apart->is_effect_lost) {
        *ret_flags &= ~WF_STEP_IDEMPOTENT;
        return WF_EFFECT_IRREVERSIBLE;
    }
    *ret_flags = apart->effect_flags;
    return apart->effect;
}

/* ---- loading ---- */

static int no_hello(struct wf__child *child, int rc, struct wf_err *ret_err)
{
    char fate[300];
    int status, number;

    child->is_dead = true;
    if (rc == WF_ELIMIT || !wf_peer_fate(child->peer, HELLO_MS, &status, &number))
        return wf_err_set(ret_err, WF_EINVAL, "its open did not return in %d s", HELLO_MS / 1000);
    if (number == 0 && status == 127)
        return wf_err_set(ret_err, WF_EIO, "its process could not be started");
    wf__child_fate(child->apart, status, number, NULL, fate, sizeof fate);
    return wf_err_set(ret_err, WF_EINVAL, "%s while it was loaded", fate);
}

static int greet(struct wf__apart *apart, struct wf_err *ret_err)
{
    static const struct wf_plugin base = {.size = sizeof base, .abi_major = WF_ABI_MAJOR, .open = open_apart};
    static const struct wf_step_type slots = {.size = sizeof slots,
        .run = send_call,
        .plan = send_call,
        .verify = send_call,
        .undo = send_call,
        .cancel = send_cancel,
        .effect_of = never_called,
        .plan_undo = send_call};
    struct wf__child *child = start(apart, ret_err);
    struct wf_wire hello;

    if (!child)
        return WF_EIO;
    int rc = wf_peer_ask(child->peer, NULL, WF_WIRE_HELLO, WF_WIRE_REFUSED, HELLO_MS, &hello);
    if (rc != 0)
        return no_hello(child, rc, ret_err);
    if (hello.kind == WF_WIRE_REFUSED || !hello.text[0].ptr) {
        wf_err_set(ret_err, WF_EINVAL, "%s", hello.text[0].ptr ? hello.text[0].ptr : "it says nothing of itself");
        if (hello.text[1].ptr && hello.text[1].len > 0)
            wf_err_hint(ret_err, "%s", hello.text[1].ptr);
        return WF_EINVAL;
    }
    apart->description = wf_arena_memdup(apart->texts, hello.text[0].ptr, hello.text[0].len);
    const struct wf_plugin *descriptor;
    rc = wf__describe(apart->texts, hello.text[0].ptr, hello.text[0].len, &base, &slots, &descriptor, ret_err);
    if (rc == 0)
        rc = wf__check_descriptor(descriptor, ret_err);
    if (rc == 0)
        apart->plugin->descriptor = descriptor;
    return rc;
}

static void set_limits(struct wf__apart *apart, const char *file)
{
    const char *confine = wf__plugin_setting(apart->hosting, file, "confine");
    static const char *const names[] = {"memory-mb", "cpu-s", "files"}, *const defaults[] = {"1024", "0", "256"};

    for (size_t i = 0; i < 3; i++) {
        const char *given = wf__plugin_setting(apart->hosting, file, names[i]);
        snprintf(apart->limits[i], sizeof apart->limits[i], "%s", given ? given : defaults[i]);
    }
    apart->confine = confine ? confine : "";
}

int wf__apart_load(struct wf_hosting *hosting, const char *file, struct wf__plugin **ret, struct wf_err *ret_err)
{
    int rc = wf__check_file(file, ret_err);

    if (rc != 0)
        return rc;
    struct wf__plugin *plugin = wf_calloc(1, sizeof *plugin);
    struct wf__apart *apart = wf_calloc(1, sizeof *apart);
    plugin->file = wf_strdup(file);
    plugin->apart = apart;
    plugin->state = apart;
    *apart = (struct wf__apart){.hosting = hosting, .plugin = plugin, .texts = wf_arena_new(TEXTS_MAX)};
    wf_buf_init(&apart->effect_input, WF_MAX_VALUE);
    set_limits(apart, file);
    rc = greet(apart, ret_err);
    if (rc != 0) {
        wf__apart_free(apart);
        free(plugin->file);
        free(plugin);
        return rc;
    }
    plugin->gate.most = WF__MOST_CHILDREN;
    for (size_t i = 0; plugin->descriptor->steps[i]; i++)
        if (plugin->descriptor->steps[i]->flags & WF_STEP_SERIAL)
            plugin->gate.most = 1;
    plugin->has_serial = plugin->gate.most == 1;
    *ret = plugin;
    return 0;
}
