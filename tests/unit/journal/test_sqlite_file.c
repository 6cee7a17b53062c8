/* test_sqlite_file.c: the journal's file: what is made, what is refused, who may read meanwhile. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "desk.h"

static mode_t mode_of(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? info.st_mode & 0777 : 0;
}

static void file_and_folder_are_private(void)
{
    struct desk desk;
    char path[160];
    mode_t mask = umask(0);

    desk_open(&desk, &wf_journal_sqlite);
    umask(mask);
    snprintf(path, sizeof path, "%s/state", desk.folder);
    CU_ASSERT_EQUAL(mode_of(path), 0700);
    CU_ASSERT_EQUAL(mode_of(desk.file), 0600);
    snprintf(path, sizeof path, "%s.lock", desk.file);
    CU_ASSERT_EQUAL(mode_of(path), 0600);
    snprintf(path, sizeof path, "%s-wal", desk.file);
    CU_ASSERT_EQUAL(mode_of(path), 0600);
    desk_close(&desk);
}

/* Opens the file of a desk whose journal was replaced; the words must contain what is expected. */
static void check_refused(const struct desk *desk, bool read_only, int code, const char *words)
{
    struct wf_settings settings = {.location = desk->file, .loop = desk->loop, .read_only = read_only};
    struct wf_backend *backend = NULL;
    struct wf_err err = {0};
    int rc = wf_journal_sqlite.open(&settings, &backend, &err);

    if (rc == 0)
        wf_journal_sqlite.close(backend);
    CU_ASSERT_EQUAL(rc, code);
    if (!strstr(err.msg, words))
        fprintf(stderr, "%s\n", err.msg);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, words));
    if (code != WF_EIO || !read_only)
        CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, desk->file));
}

static void write_file(const struct desk *desk, const void *bytes, size_t len)
{
    FILE *file = fopen(desk->file, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = wf_calloc(1, 1 << 20);

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    *ret_len = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void close_only(struct desk *desk)
{
    desk->ops->close(desk->backend);
    desk->backend = NULL;
}

static void a_file_of_somebody_else_is_refused_and_left_alone(void)
{
    struct desk desk;
    char text[5000], *after;
    size_t len;

    memset(text, 'x', sizeof text);
    desk_open(&desk, &wf_journal_sqlite);
    close_only(&desk);
    write_file(&desk, text, sizeof text);
    check_refused(&desk, false, WF_EINVAL, "is not a wfrun journal");
    check_refused(&desk, true, WF_EINVAL, "is not a wfrun journal");
    after = read_file(desk.file, &len);
    CU_ASSERT_EQUAL(len, sizeof text);
    CU_ASSERT_EQUAL(memcmp(after, text, sizeof text), 0);
    free(after);

    unlink(desk.file);
    desk_sql(&desk, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
    check_refused(&desk, false, WF_EINVAL, "another program");
    unlink(desk.file);
    desk_sql(&desk, "PRAGMA application_id=7");
    check_refused(&desk, false, WF_EINVAL, "another program");
    unlink(desk.file);
    CU_ASSERT_EQUAL(mkdir(desk.file, 0700), 0);
    check_refused(&desk, false, WF_EINVAL, "no regular file");
    check_refused(&desk, true, WF_EINVAL, "no regular file");
    desk_close(&desk);
}

static void a_missing_or_empty_file_is_made_but_not_by_a_reader(void)
{
    struct desk desk;

    desk_open(&desk, &wf_journal_sqlite);
    close_only(&desk);
    unlink(desk.file);
    check_refused(&desk, true, WF_ENOTFOUND, "there is no journal");
    CU_ASSERT_NOT_EQUAL(access(desk.file, F_OK), 0);
    write_file(&desk, "", 0);
    check_refused(&desk, true, WF_ENOTFOUND, "there is no journal");
    desk_reopen(&desk);
    desk_begin(&desk, "run-1");
    desk_close(&desk);
}

static void a_newer_file_is_refused(void)
{
    struct desk desk;

    desk_open(&desk, &wf_journal_sqlite);
    close_only(&desk);
    desk_sql(&desk, "PRAGMA user_version=3");
    check_refused(&desk, false, WF_EMISMATCH, "newer wfrun");
    check_refused(&desk, true, WF_EMISMATCH, "newer wfrun");
    desk_sql(&desk, "PRAGMA user_version=0");
    check_refused(&desk, false, WF_ECORRUPT, "version");
    desk_close(&desk);
}

/* ---- runs that are not as we left them ---- */

static void make_run(struct desk *desk)
{
    desk_open(desk, &wf_journal_sqlite);
    desk_begin(desk, "run-1");
    for (int i = 0; i < 40; i++) {
        char path[20], json[400];

        snprintf(path, sizeof path, "/do/%d", i);
        snprintf(json, sizeof json, "\"%0*d\"", 350, i);
        desk_intent(desk, path, 0);
        desk_done(desk, path, json, 0);
    }
    desk->ops->park(desk->ref, WF_RUN_WAITING, 1);
    desk_run(desk, 1);
    desk_forget(desk);
}

static void check_resume_refused(struct desk *desk, int code, const char *words)
{
    struct wf_err err = {0};

    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, "run-1", &err), code);
    if (!strstr(err.msg, words))
        fprintf(stderr, "%s\n", err.msg);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, words));
    CU_ASSERT_EQUAL(desk_status(desk, "run-1"), WF_RUN_WAITING);
}

static void a_run_with_a_gap_or_an_unknown_word_is_refused(void)
{
    struct desk desk;

    make_run(&desk);
    desk_sql(&desk, "UPDATE op SET kind='teleport' WHERE path='/do/7'");
    check_resume_refused(&desk, WF_EMISMATCH, "teleport");
    CU_ASSERT_EQUAL(desk.ops->history(desk.backend, "run-1", NULL, NULL, NULL), WF_EMISMATCH);
    desk_sql(&desk, "UPDATE op SET kind='step' WHERE path='/do/7'");
    desk_sql(&desk, "DELETE FROM op WHERE path='/do/7' AND state='done'");
    check_resume_refused(&desk, WF_ECORRUPT, "record 16 of the run run-1");
    desk_close(&desk);
}

static void a_run_of_another_format_is_refused(void)
{
    struct desk desk;

    make_run(&desk);
    desk_sql(&desk, "UPDATE run SET format=2");
    check_resume_refused(&desk, WF_EMISMATCH, "format 2");
    desk_close(&desk);
}

/* Wherever a page is lost or spoilt: refused with words, or every record is there. Never a part. */
static void a_torn_file_is_refused_or_read_whole(void)
{
    struct desk desk;
    size_t len;
    char *whole, *expected, *bytes;
    int refused = 0;

    make_run(&desk);
    expected = desk_history(&desk, "run-1");
    close_only(&desk);
    whole = read_file(desk.file, &len);
    bytes = wf_calloc(1, len);
    CU_ASSERT_TRUE_FATAL(len >= 8 * 4096);
    for (size_t page = 0; page < len / 4096; page++) {
        for (int how = 0; how < 3; how++) {
            struct wf_err err = {0};

            memcpy(bytes, whole, len);
            if (how == 0)
                write_file(&desk, bytes, page * 4096 + 100);
            else
                memset(bytes + page * 4096 + (how == 1 ? 0 : 2048), 0xa5, 2048);
            if (how > 0)
                write_file(&desk, bytes, len);
            if (desk.ops->open(&desk.settings, &desk.backend, &err) != 0) {
                CU_ASSERT_NOT_EQUAL(err.msg[0], '\0');
                desk.backend = NULL;
                refused++;
                continue;
            }
            if (desk.ops->resume(desk.backend, "run-1", &err) != 0) {
                CU_ASSERT_NOT_EQUAL(err.msg[0], '\0');
                refused++;
            } else {
                struct wf_record record;
                desk_run(&desk, 1);
                for (int i = 0; i < 40; i++) {
                    char path[20];
                    snprintf(path, sizeof path, "/do/%d", i);
                    desk.ops->lookup(desk.ref, path, &record);
                    CU_ASSERT_EQUAL(record.state, WF_REC_DONE);
                }
            }
            close_only(&desk);
        }
    }
    CU_ASSERT_TRUE(refused > (int)(len / 4096));
    free(bytes);
    free(whole);
    free(expected);
    desk_close(&desk);
}

/* ---- readers ---- */

static void a_reader_sees_what_is_stored_and_changes_nothing(void)
{
    struct desk desk;
    struct wf_settings settings;
    struct wf_backend *reader = NULL, *writer;
    struct wf_start start = desk_start_of("run-2");
    struct wf_control cancel = {.kind = WF_CONTROL_CANCEL};
    char *history;

    desk_open(&desk, &wf_journal_sqlite);
    desk_begin(&desk, "run-1");
    settings = desk.settings;
    settings.read_only = true;
    CU_ASSERT_EQUAL_FATAL(desk.ops->open(&settings, &reader, NULL), 0);
    writer = desk.backend;
    for (int i = 0; i < 20; i++) {
        char path[20];
        snprintf(path, sizeof path, "/do/%d", i);
        desk_intent(&desk, path, 0);
        desk_done(&desk, path, "1", 1);
        desk_run(&desk, 1);
        desk.backend = reader;
        history = desk_history(&desk, "run-1");
        desk.backend = writer;
        CU_ASSERT_PTR_NOT_NULL(strstr(history, path));
        free(history);
    }
    CU_ASSERT_EQUAL(desk.ops->start(reader, &start, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(desk.ops->resume(reader, "run-1", NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(desk.ops->control(reader, "run-1", &cancel, NULL), WF_EINVAL);
    CU_ASSERT_EQUAL(desk.ops->put_definition(reader, start.definition, "x", 1, NULL), WF_EINVAL);
    desk.ops->close(reader);
    desk_close(&desk);
}

/* ---- the queue ---- */

static void a_loop_ahead_of_its_disk_waits_and_loses_nothing(void)
{
    enum { RECORDS = 4, BYTES = 12 << 20 }; /* more than the queue holds */
    struct desk desk;
    char *json = wf_calloc(1, BYTES), path[20];
    struct wf_record record;

    memset(json, ' ', BYTES);
    json[0] = '1';
    desk_open(&desk, &wf_journal_sqlite);
    desk_begin(&desk, "run-1");
    for (int i = 0; i < RECORDS; i++) {
        snprintf(path, sizeof path, "/do/%d", i);
        desk.ops->outcome(desk.ref, path, WF_OP_STEP, WF_REC_DONE, (struct wf_slice){json, BYTES}, 0);
    }
    desk.ops->park(desk.ref, WF_RUN_WAITING, 1);
    desk_run(&desk, 1);
    CU_ASSERT_EQUAL(desk.ops->resume(desk.backend, "run-1", NULL), 0);
    desk_run(&desk, 1);
    for (int i = 0; i < RECORDS; i++) {
        snprintf(path, sizeof path, "/do/%d", i);
        desk.ops->lookup(desk.ref, path, &record);
        CU_ASSERT_EQUAL(record.outcome.len, BYTES);
    }
    free(json);
    desk_close(&desk);
}

static void jump(void *arg, int64_t now_ms)
{
    (void)now_ms;
    wf_loop_jumped(arg);
}

static void the_clock_does_not_jump_while_a_record_is_being_stored(void)
{
    struct desk desk;

    desk_open(&desk, &wf_journal_sqlite);
    desk_begin(&desk, "run-1");
    wf_loop_set_jumper(desk.loop, jump, desk.loop);
    desk.ops->timer(desk.ref, "/hour", wf_loop_now_ms(desk.loop) + 3600000);
    desk_intent(&desk, "/a", 1);
    desk_run(&desk, 2);
    DESK_TOLD(&desk, "stored 1 0\nfired /hour\n");
    desk_close(&desk);
}

static const struct wf_case cases[] = {
    {"file_and_folder_are_private", file_and_folder_are_private},
    {"a_file_of_somebody_else_is_refused_and_left_alone", a_file_of_somebody_else_is_refused_and_left_alone},
    {"a_missing_or_empty_file_is_made_but_not_by_a_reader", a_missing_or_empty_file_is_made_but_not_by_a_reader},
    {"a_newer_file_is_refused", a_newer_file_is_refused},
    {"a_run_with_a_gap_or_an_unknown_word_is_refused", a_run_with_a_gap_or_an_unknown_word_is_refused},
    {"a_run_of_another_format_is_refused", a_run_of_another_format_is_refused},
    {"a_torn_file_is_refused_or_read_whole", a_torn_file_is_refused_or_read_whole},
    {"a_reader_sees_what_is_stored_and_changes_nothing", a_reader_sees_what_is_stored_and_changes_nothing},
    {"a_loop_ahead_of_its_disk_waits_and_loses_nothing", a_loop_ahead_of_its_disk_waits_and_loses_nothing},
    {"the_clock_does_not_jump_while_a_record_is_being_stored", the_clock_does_not_jump_while_a_record_is_being_stored},
    {NULL, NULL},
};
const struct wf_suite sqlite_file_suite = {"sqlite_file", cases};
