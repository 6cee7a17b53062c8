/* killers.c: steps that end their process, or never end, one sin each; and one that is well. In a folder of its own,
 * because in wfrun's process most of them would end wfrun. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wfrun/plugin.h>

static const struct wf_host *host;

static struct wf_bytes bytes(const char *text)
{
    return (struct wf_bytes){text, strlen(text)};
}

#define SIN(name)                                                                                                      \
    static void name(struct wf_step *step, void *state);                                                               \
    static void name(struct wf_step *step __attribute__((unused)), void *state __attribute__((unused)))

SIN(well)
{
    host->succeed(step, bytes("\"well\""));
}

static void *volatile nowhere = (void *)(uintptr_t)16;

SIN(crash)
{
    *(volatile int *)nowhere = 1;
}

SIN(illegal)
{
    raise(SIGILL);
}

SIN(divide)
{
    raise(SIGFPE);
}

SIN(give_up)
{
    abort();
}

SIN(leave)
{
    exit(0);
}

SIN(leave_at_once)
{
    _exit(3);
}

SIN(kill_itself)
{
    raise(SIGKILL);
}

static void *crash_there(void *arg)
{
    crash(arg, NULL);
    return NULL;
}

SIN(crash_in_thread)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, crash_there, step) == 0)
        pthread_join(thread, NULL);
}

static int deeper(volatile char *above)
{
    volatile char here[4096];
    here[0] = above ? above[0] : 1;
    return here[0] ? deeper(here) + here[1] : 0;
}

SIN(overflow)
{
    (void)deeper(NULL);
}

SIN(free_twice)
{
    char *volatile memory = malloc(100);
    free(memory);
    free(memory);
}

SIN(eat_memory)
{
    for (;;)
        memset(malloc((size_t)16 << 20), 1, (size_t)16 << 20);
}

SIN(spin)
{
    volatile int on = 1;
    while (on)
        ;
}

SIN(lock_up)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
}

SIN(close_all)
{
    for (int fd = 0; fd < 100; fd++)
        close(fd);
    host->succeed(step, bytes("\"closed\""));
}

SIN(write_nonsense)
{
    static const char nonsense[1000] = "nonsense";

    for (int fd = 3; fd < 10; fd++)
        (void)!write(fd, nonsense, sizeof nonsense);
    for (;;)
        pause();
}

SIN(take_descriptors)
{
    char text[20];
    int count = 0;

    while (open("/dev/null", O_RDONLY) >= 0)
        count++;
    snprintf(text, sizeof text, "%d", count);
    host->succeed(step, bytes(text));
}

SIN(ignore_signals)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    spin(step, state);
}

SIN(answer_and_crash)
{
    host->succeed(step, bytes("\"done\""));
    crash(step, state);
}

SIN(answer_and_spin)
{
    host->succeed(step, bytes("\"done\""));
    spin(step, state);
}

SIN(chatter)
{
    for (int i = 0; i < 100000; i++)
        puts("chatter");
    host->succeed(step, bytes("\"said\""));
}

static uint32_t crash_effect(struct wf_bytes input, uint32_t *ret_flags)
{
    *ret_flags = WF_STEP_IDEMPOTENT;
    if (input.len == 2)
        abort();
    return WF_EFFECT_READ;
}

#define STEP(symbol, label, ...)                                                                                       \
    static const struct wf_step_type symbol = {                                                                        \
        .size = sizeof symbol, .name = label, .summary = "For tests", .no_undo = "a test", __VA_ARGS__}

STEP(step_well, "good-well", .flags = WF_STEP_BLOCKING, .run = well);
STEP(step_well_here, "good-well-here", .run = well);
STEP(step_crash, "bad-crash", .flags = WF_STEP_BLOCKING, .run = crash);
STEP(step_crash_here, "bad-crash-here", .run = crash);
STEP(step_spend, "bad-spend", .effect = WF_EFFECT_SPEND, .flags = WF_STEP_BLOCKING, .run = crash, .verify = crash);
STEP(step_illegal, "bad-illegal", .flags = WF_STEP_BLOCKING, .run = illegal);
STEP(step_divide, "bad-divide", .flags = WF_STEP_BLOCKING, .run = divide);
STEP(step_abort, "bad-abort", .flags = WF_STEP_BLOCKING, .run = give_up);
STEP(step_exit, "bad-exit", .flags = WF_STEP_BLOCKING, .run = leave);
STEP(step_exit_now, "bad-exit-now", .flags = WF_STEP_BLOCKING, .run = leave_at_once);
STEP(step_kill, "bad-kill", .flags = WF_STEP_BLOCKING, .run = kill_itself);
STEP(step_thread, "bad-thread", .flags = WF_STEP_BLOCKING, .run = crash_in_thread);
STEP(step_overflow, "bad-overflow", .flags = WF_STEP_BLOCKING, .run = overflow);
STEP(step_free, "bad-free", .flags = WF_STEP_BLOCKING, .run = free_twice);
STEP(step_memory, "bad-memory", .flags = WF_STEP_BLOCKING, .run = eat_memory);
STEP(step_spin, "bad-spin", .flags = WF_STEP_BLOCKING, .run = spin);
STEP(step_spin_here, "bad-spin-here", .run = spin);
STEP(step_lock, "bad-lock", .flags = WF_STEP_BLOCKING, .run = lock_up);
STEP(step_close, "bad-close", .flags = WF_STEP_BLOCKING, .run = close_all);
STEP(step_nonsense, "bad-nonsense", .flags = WF_STEP_BLOCKING, .run = write_nonsense);
STEP(step_files, "bad-files", .flags = WF_STEP_BLOCKING, .run = take_descriptors);
STEP(step_signals, "bad-signals", .flags = WF_STEP_BLOCKING, .run = ignore_signals);
STEP(step_after, "bad-after", .flags = WF_STEP_BLOCKING, .run = answer_and_crash);
STEP(step_after_spin, "bad-after-spin", .flags = WF_STEP_BLOCKING, .run = answer_and_spin);
STEP(step_chatter, "bad-chatter", .flags = WF_STEP_BLOCKING, .run = chatter);
STEP(step_effect, "bad-effect", .run = well, .effect = WF_EFFECT_READ, .effect_of = crash_effect);

static const struct wf_step_type *const steps[] = {&step_well, &step_well_here, &step_crash, &step_crash_here,
    &step_spend, &step_illegal, &step_divide, &step_abort, &step_exit, &step_exit_now, &step_kill, &step_thread,
    &step_overflow, &step_free, &step_memory, &step_spin, &step_spin_here, &step_lock, &step_close, &step_nonsense,
    &step_files, &step_signals, &step_after, &step_after_spin, &step_chatter, &step_effect, NULL};

static int32_t open_plugin(const struct wf_host *given, void **ret_state)
{
    host = given;
    *ret_state = NULL;
    return 0;
}

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "killers",
    .version = "1.0.0",
    .summary = "Steps that end their process",
    .steps = steps,
    .open = open_plugin,
};

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
