/* test_sqlite_owner.c: several processes at one journal, and processes that die. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/id.h"
#include "desk.h"

/* A child never returns: it must not run the rest of the tests. The journal is closed while it is made, because a SQLite
 * connection must not be carried across a fork; the child begins with let_go. */
static pid_t fork_child(struct desk *desk, void (*child)(const char *file, int fd), int *ret_fd)
{
    int ends[2];
    char byte;

    desk->ops->close(desk->backend);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (read(ends[1], &byte, 1) == 1)
            child(desk->file, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL_FATAL(desk->ops->open(&desk->settings, &desk->backend, NULL), 0);
    *ret_fd = ends[0];
    return pid;
}

static void let_go(int fd)
{
    CU_ASSERT_EQUAL(write(fd, "g", 1), 1);
}

static int wait_for(pid_t pid)
{
    int status = 0;

    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return status;
}

static void await_byte(int fd)
{
    char byte;

    CU_ASSERT_EQUAL(read(fd, &byte, 1), 1);
}

/* ---- one owner ---- */

static void a_second_journal_of_this_process_is_kept_out(void)
{
    struct desk desk, second;
    struct wf_start start = desk_start_of("run-1");
    struct wf_err err = {0};
    char pid[40];

    desk_open(&desk, &wf_journal_sqlite);
    desk_begin(&desk, "run-1");
    CU_ASSERT_EQUAL_FATAL(desk_open_file(&second, desk.file), 0);
    CU_ASSERT_EQUAL(second.ops->resume(second.backend, "run-1", &err), WF_EHELD);
    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, pid));
    CU_ASSERT_EQUAL(second.ops->start(second.backend, &start, NULL), WF_EHELD);
    desk_begin(&second, "run-2");
    desk.ops->park(desk.ref, WF_RUN_WAITING, 1);
    desk_run(&desk, 1);
    CU_ASSERT_EQUAL(second.ops->resume(second.backend, "run-1", NULL), 0);
    desk_run(&second, 1);
    desk_close(&second);
    desk_close(&desk);
}

static void a_claim_keeps_another_journal_out_until_it_is_let_go(void)
{
    struct desk desk, second;
    struct wf_err err = {0};

    desk_open(&desk, &wf_journal_sqlite);
    CU_ASSERT_EQUAL_FATAL(desk_open_file(&second, desk.file), 0);
    CU_ASSERT_EQUAL(desk.ops->claim(desk.backend, "run-1", &err), 0);
    CU_ASSERT_EQUAL(second.ops->claim(second.backend, "run-1", &err), WF_EHELD);
    CU_ASSERT_EQUAL(second.ops->claim(second.backend, "run-2", &err), 0);
    desk_begin(&second, "run-1"); /* to drive the run is another thing */
    desk.ops->release(desk.backend, "run-1");
    CU_ASSERT_EQUAL(second.ops->claim(second.backend, "run-1", &err), 0);
    desk_close(&second);
    CU_ASSERT_EQUAL(desk.ops->claim(desk.backend, "run-2", &err), 0);
    desk_close(&desk);
}

static void hold_run(const char *file, int fd)
{
    struct desk desk;
    struct wf_start start = desk_start_of("run-1");

    if (desk_open_file(&desk, file) != 0 || desk.ops->start(desk.backend, &start, NULL) != 0)
        _exit(1);
    desk_run(&desk, 1);
    desk_intent(&desk, "/a", 1);
    desk_run(&desk, 1);
    (void)!write(fd, "x", 1);
    for (;;)
        pause();
}

static void a_run_is_free_again_when_its_process_is_killed(void)
{
    struct desk desk;
    struct wf_record record;
    int fd;

    desk_open(&desk, &wf_journal_sqlite);
    pid_t pid = fork_child(&desk, hold_run, &fd);
    let_go(fd);
    await_byte(fd);
    CU_ASSERT_EQUAL(desk.ops->resume(desk.backend, "run-1", NULL), WF_EHELD);
    kill(pid, SIGKILL);
    wait_for(pid);
    CU_ASSERT_EQUAL(desk_status(&desk, "run-1"), WF_RUN_RUNNING);
    CU_ASSERT_EQUAL(desk.ops->resume(desk.backend, "run-1", NULL), 0);
    desk_run(&desk, 1);
    desk.ops->lookup(desk.ref, "/a", &record);
    CU_ASSERT_EQUAL(record.state, WF_REC_INTENT);
    close(fd);
    desk_close(&desk);
}

static void an_old_owner_is_fenced_off_and_other_runs_go_on(void)
{
    struct desk desk;
    struct wf_run_ref *other;
    struct wf_err err = {0};
    char *history;

    desk_open(&desk, &wf_journal_sqlite);
    other = desk_begin(&desk, "run-2");
    desk_begin(&desk, "run-1");
    desk_intent(&desk, "/a", 1);
    desk_run(&desk, 1);
    desk_forget(&desk);
    desk_sql(&desk, "UPDATE run SET epoch = epoch + 1 WHERE id = 'run-1'");
    desk_done(&desk, "/a", "1", 0);
    desk.ops->intent(other, "/b", WF_OP_STEP, desk_json("2"), 3);
    desk_intent(&desk, "/c", 4);
    desk_run(&desk, 3);
    DESK_TOLD(&desk, "stored 3 0\nstored 4 -6\nlost\n");
    desk.ops->failure(desk.backend, &err);
    CU_ASSERT_EQUAL(err.code, WF_ELOST);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, "run-1"));
    history = desk_history(&desk, "run-1");
    WF_ASSERT_TEXT(history, "1 0 0 /a {\"step\":\"buy\"} \n");
    free(history);
    desk_close(&desk);
}

/* ---- control from another process ---- */

static void send_controls(const char *file, int fd)
{
    struct desk desk;
    struct wf_control cancel = {WF_CONTROL_CANCEL, NULL, {"{\"by\":\"other\"}", 14}};
    struct wf_control resolve = {WF_CONTROL_RESOLVE, "/a", {"{\"as\":\"skip\"}", 13}};

    (void)fd;
    if (desk_open_file(&desk, file) != 0)
        _exit(1);
    _exit(desk.ops->control(desk.backend, "run-1", &resolve, NULL) != 0 ||
          desk.ops->control(desk.backend, "run-1", &cancel, NULL) != 0);
}

static void a_control_of_another_process_arrives_within_a_second(void)
{
    struct desk desk;
    int fd;
    int64_t before;

    desk_open(&desk, &wf_journal_sqlite);
    pid_t pid = fork_child(&desk, send_controls, &fd);
    desk_begin(&desk, "run-1");
    let_go(fd);
    CU_ASSERT_EQUAL(wait_for(pid), 0);
    before = wf_loop_now_ms(desk.loop);
    desk_run(&desk, 2);
    CU_ASSERT_TRUE(wf_loop_now_ms(desk.loop) - before < 1000);
    DESK_TOLD(&desk, "resolve /a {\"as\":\"skip\"}\ncancel - {\"by\":\"other\"}\n");
    close(fd);
    desk_close(&desk);
}

/* ---- what processes share ---- */

static const struct wf_rate hourly = {.key = "partner", .interval_us = (int64_t)3600 * 1000000, .burst = 2};

static void hold_lock_and_take_token(const char *file, int fd)
{
    struct desk desk;
    struct wf_start start = desk_start_of("run-2");

    if (desk_open_file(&desk, file) != 0 || desk.ops->start(desk.backend, &start, NULL) != 0)
        _exit(1);
    desk_run(&desk, 1);
    desk.ops->lock(desk.ref, "/a", "contoso");
    desk.ops->rate(desk.ref, "/b", &hourly);
    desk_run(&desk, 2);
    (void)!write(fd, "x", 1);
    for (;;)
        pause();
}

static void a_lock_of_another_process_is_waited_for_until_that_is_killed(void)
{
    struct desk desk;
    int fd;

    desk_open(&desk, &wf_journal_sqlite);
    pid_t pid = fork_child(&desk, hold_lock_and_take_token, &fd);
    desk_begin(&desk, "run-1");
    let_go(fd);
    await_byte(fd);
    desk.ops->lock(desk.ref, "/a", "contoso");
    desk_rest(&desk, 450);
    DESK_TOLD(&desk, "");
    kill(pid, SIGKILL);
    wait_for(pid);
    desk_run(&desk, 1);
    DESK_TOLD(&desk, "fired /a\n");
    close(fd);
    desk_close(&desk);
}

static void a_bucket_is_shared_by_processes_and_outlives_them(void)
{
    struct desk desk;
    int fd;

    desk_open(&desk, &wf_journal_sqlite);
    pid_t pid = fork_child(&desk, hold_lock_and_take_token, &fd);
    desk_begin(&desk, "run-1");
    let_go(fd);
    await_byte(fd);
    kill(pid, SIGKILL);
    wait_for(pid);
    desk.ops->rate(desk.ref, "/a", &hourly);
    desk_run(&desk, 1);
    DESK_TOLD(&desk, "fired /a\n");
    desk.ops->rate(desk.ref, "/b", &hourly);
    desk_rest(&desk, 200);
    DESK_TOLD(&desk, "");
    close(fd);
    desk_close(&desk);
}

/* ---- stop_after ---- */

static uint64_t stop_after;

static void write_ten(const char *file, int fd)
{
    struct desk desk;
    struct wf_start start = desk_start_of("run-1");

    (void)fd;
    if (desk_open_file(&desk, file) != 0)
        _exit(1);
    desk.ops->close(desk.backend);
    desk.settings.stop_after = stop_after;
    if (desk.ops->open(&desk.settings, &desk.backend, NULL) != 0 || desk.ops->start(desk.backend, &start, NULL) != 0)
        _exit(1);
    desk_run(&desk, 1);
    for (int i = 0; i < 5; i++) {
        char path[20];
        snprintf(path, sizeof path, "/do/%d", i);
        desk_intent(&desk, path, 0);
        desk_done(&desk, path, "1", 0);
    }
    desk.ops->finish(desk.ref, WF_RUN_COMPLETED, desk_json("1"), 1);
    desk_run(&desk, 1);
    desk.ops->close(desk.backend);
    _exit(0);
}

static void count_rows(void *arg, const struct wf_run_row *row)
{
    *(uint64_t *)arg = row->records;
}

static void stop_after_leaves_exactly_so_many_records(void)
{
    for (stop_after = 1; stop_after <= 11; stop_after++) {
        struct wf_query all = {.status = -1};
        struct desk desk;
        uint64_t records = 0;
        int fd;

        desk_open(&desk, &wf_journal_sqlite);
        pid_t pid = fork_child(&desk, write_ten, &fd);
        let_go(fd);
        int status = wait_for(pid);
        CU_ASSERT_TRUE(WIFEXITED(status));
        CU_ASSERT_EQUAL(WEXITSTATUS(status), stop_after <= 10 ? 42 : 0);
        CU_ASSERT_EQUAL(desk.ops->query(desk.backend, &all, count_rows, &records, NULL), 0);
        CU_ASSERT_EQUAL(records, stop_after <= 10 ? stop_after : 10);
        CU_ASSERT_EQUAL(desk_status(&desk, "run-1"), stop_after <= 10 ? WF_RUN_RUNNING : WF_RUN_COMPLETED);
        close(fd);
        desk_close(&desk);
    }
}

/* ---- kill -9 at any instant ---- */

enum { LANES = 8 };
static int report_fd;
static uint64_t steps[LANES];

static void lane_path(char path[40], unsigned lane, uint64_t step)
{
    snprintf(path, 40, "/lane/%u/do/%llu", lane, (unsigned long long)step);
}

static void ask_next(struct desk *desk, unsigned lane)
{
    char path[40];

    lane_path(path, lane, steps[lane]);
    desk->ops->intent(desk->ref, path, WF_OP_STEP, desk_json("{\"with\":{}}"), steps[lane] * LANES + lane + 1);
}

/* The intent is stored: say so to the parent, as an effect would to the world; then the outcome and the next intent. */
static void next_step(struct desk *desk, uint64_t token)
{
    unsigned lane = (unsigned)((token - 1) % LANES);
    char path[40];

    if (write(report_fd, &token, sizeof token) != (ssize_t)sizeof token)
        _exit(1);
    lane_path(path, lane, steps[lane]);
    desk->ops->outcome(desk->ref, path, WF_OP_STEP, WF_REC_DONE, desk_json("{\"ok\":true}"), 0);
    steps[lane]++;
    ask_next(desk, lane);
}

static void write_until_killed(const char *file, int fd)
{
    struct desk desk;
    struct wf_start start = desk_start_of("run-1");

    report_fd = fd;
    if (desk_open_file(&desk, file) != 0 || desk.ops->start(desk.backend, &start, NULL) != 0)
        _exit(1);
    desk_run(&desk, 1);
    desk.on_stored = next_step;
    for (unsigned lane = 0; lane < LANES; lane++)
        ask_next(&desk, lane);
    desk_rest(&desk, 60000);
}

/* Everything reported is there; each lane has outcome k whenever it has intent k+1. */
static void check_prefix(struct desk *desk, int fd)
{
    uint64_t token, reported = 0;
    struct wf_record record;
    char path[40];

    while (read(fd, &token, sizeof token) == (ssize_t)sizeof token) {
        lane_path(path, (unsigned)((token - 1) % LANES), (token - 1) / LANES);
        desk->ops->lookup(desk->ref, path, &record);
        CU_ASSERT_NOT_EQUAL(record.state, WF_REC_NONE);
        reported++;
    }
    CU_ASSERT_TRUE(reported > 0);
    for (unsigned lane = 0; lane < LANES; lane++) {
        bool more = true;

        for (uint64_t step = 0; more; step++) {
            lane_path(path, lane, step + 1);
            desk->ops->lookup(desk->ref, path, &record);
            more = record.state != WF_REC_NONE;
            lane_path(path, lane, step);
            desk->ops->lookup(desk->ref, path, &record);
            CU_ASSERT_TRUE(!more || record.state == WF_REC_DONE);
        }
    }
}

static void a_killed_process_leaves_a_prefix_with_all_that_was_reported(void)
{
    for (int round = 0; round < 12; round++) {
        struct desk desk;
        int fd;

        desk_open(&desk, &wf_journal_sqlite);
        pid_t pid = fork_child(&desk, write_until_killed, &fd);
        let_go(fd);
        /* Wait for the first report without taking it away from the check below. */
        fd_set set;
        FD_ZERO(&set);
        FD_SET(fd, &set);
        CU_ASSERT_EQUAL(select(fd + 1, &set, NULL, NULL, &(struct timeval){.tv_sec = 10}), 1);
        usleep((useconds_t)(wf_random_u64() % 8000));
        kill(pid, SIGKILL);
        wait_for(pid);
        CU_ASSERT_EQUAL_FATAL(desk.ops->resume(desk.backend, "run-1", NULL), 0);
        desk_run(&desk, 1);
        check_prefix(&desk, fd);
        close(fd);
        desk_close(&desk);
    }
}

/* ---- a disk that fails ---- */

/* Exit status 0 when the failure came as promised; otherwise which promise was broken. */
static void fill_the_disk(const char *file, int fd)
{
    struct rlimit limit = {256 << 10, 256 << 10};
    struct desk desk;
    struct wf_start start = desk_start_of("run-1");
    struct wf_err err = {0};
    char *json = wf_calloc(1, 64 << 10), path[20];
    unsigned long long asked = 0, failed = 0;

    (void)fd;
    memset(json, '1', (64 << 10) - 1);
    signal(SIGXFSZ, SIG_IGN);
    if (desk_open_file(&desk, file) != 0 || desk.ops->start(desk.backend, &start, NULL) != 0 ||
        setrlimit(RLIMIT_FSIZE, &limit) != 0)
        _exit(1);
    desk_run(&desk, 1);
    while (asked < 20) {
        snprintf(path, sizeof path, "/do/%llu", ++asked);
        desk.ops->outcome(desk.ref, path, WF_OP_STEP, WF_REC_DONE, (struct wf_slice){json, (64 << 10) - 1}, asked);
        desk_run(&desk, 1);
        if (strstr(desk.told.ptr, " -2\n")) {
            failed = asked;
            break;
        }
    }
    if (failed < 2)
        _exit(2);
    if (!strstr(desk.told.ptr, "stored 1 0\n"))
        _exit(3);
    if (!strstr(desk.told.ptr, "lost\n"))
        desk_run(&desk, 1);
    if (!strstr(desk.told.ptr, "lost\n"))
        _exit(4);
    desk.ops->failure(desk.backend, &err);
    if (err.code != WF_EIO || !strstr(err.msg, file) || err.hint[0] == '\0')
        _exit(5);
    desk.ops->intent(desk.ref, "/later", WF_OP_STEP, (struct wf_slice){NULL, 0}, 99);
    desk_run(&desk, 1);
    if (!strstr(desk.told.ptr, "stored 99 -2\n"))
        _exit(6);
    desk.ops->close(desk.backend);
    _exit(0);
}

static void after_a_failed_write_nothing_more_is_stored_and_the_run_is_resumable(void)
{
    struct desk desk;
    struct wf_record record;
    int fd;

    desk_open(&desk, &wf_journal_sqlite);
    pid_t pid = fork_child(&desk, fill_the_disk, &fd);
    let_go(fd);
    int status = wait_for(pid);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    CU_ASSERT_EQUAL_FATAL(desk.ops->resume(desk.backend, "run-1", NULL), 0);
    desk_run(&desk, 1);
    desk.ops->lookup(desk.ref, "/do/1", &record);
    CU_ASSERT_EQUAL(record.outcome.len, (64 << 10) - 1);
    desk.ops->lookup(desk.ref, "/later", &record);
    CU_ASSERT_EQUAL(record.state, WF_REC_NONE);
    desk_intent(&desk, "/again", 1);
    desk_forget(&desk);
    desk_run(&desk, 1);
    DESK_TOLD(&desk, "stored 1 0\n");
    close(fd);
    desk_close(&desk);
}

static const struct wf_case cases[] = {
    {"a_second_journal_of_this_process_is_kept_out", a_second_journal_of_this_process_is_kept_out},
    {"a_claim_keeps_another_journal_out_until_it_is_let_go", a_claim_keeps_another_journal_out_until_it_is_let_go},
    {"a_run_is_free_again_when_its_process_is_killed", a_run_is_free_again_when_its_process_is_killed},
    {"an_old_owner_is_fenced_off_and_other_runs_go_on", an_old_owner_is_fenced_off_and_other_runs_go_on},
    {"a_control_of_another_process_arrives_within_a_second", a_control_of_another_process_arrives_within_a_second},
    {"a_lock_of_another_process_is_waited_for_until_that_is_killed",
        a_lock_of_another_process_is_waited_for_until_that_is_killed},
    {"a_bucket_is_shared_by_processes_and_outlives_them", a_bucket_is_shared_by_processes_and_outlives_them},
    {"stop_after_leaves_exactly_so_many_records", stop_after_leaves_exactly_so_many_records},
    {"a_killed_process_leaves_a_prefix_with_all_that_was_reported",
        a_killed_process_leaves_a_prefix_with_all_that_was_reported},
    {"after_a_failed_write_nothing_more_is_stored_and_the_run_is_resumable",
        after_a_failed_write_nothing_more_is_stored_and_the_run_is_resumable},
    {NULL, NULL},
};
const struct wf_suite sqlite_owner_suite = {"sqlite_owner", cases};
