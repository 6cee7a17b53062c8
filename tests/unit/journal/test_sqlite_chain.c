/* test_sqlite_chain.c: a file that somebody had his hands in, and one of the time before there were chains. */
#include <stdio.h>
#include <string.h>

#include "desk.h"

static void make_run(struct desk *desk, bool ended)
{
    desk_open(desk, &wf_journal_sqlite);
    desk_begin(desk, "run-1");
    for (int i = 0; i < 5; i++) {
        char path[20];

        snprintf(path, sizeof path, "/do/%d", i);
        desk_intent(desk, path, 0);
        desk_done(desk, path, "{\"ok\":true}", 0);
    }
    if (ended)
        desk->ops->finish(desk->ref, WF_RUN_COMPLETED, desk_json("\"out\""), 1);
    else
        desk->ops->park(desk->ref, WF_RUN_WAITING, 1);
    desk_run(desk, 1);
    desk_forget(desk);
}

static int check(struct desk *desk, struct wf_err *err)
{
    struct wf_chain chain;

    return desk->ops->log(desk->backend, "run-1", NULL, NULL, &chain, err);
}

/* words NULL: it is as it was written. */
static void check_after(bool ended, const char *sql, const char *words)
{
    struct wf_err err = {0};
    struct desk desk;

    make_run(&desk, ended);
    CU_ASSERT_EQUAL(check(&desk, NULL), 0);
    desk_sql(&desk, sql);
    CU_ASSERT_EQUAL(check(&desk, &err), words ? WF_ECORRUPT : 0);
    if (words && !strstr(err.msg, words))
        fprintf(stderr, "%s: %s\n", sql, err.msg);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.msg, words ? words : ""));
    if (words && !ended) /* and such a run is not driven any further */
        CU_ASSERT_EQUAL(desk.ops->resume(desk.backend, "run-1", NULL), WF_ECORRUPT);
    desk_close(&desk);
}

static void a_changed_record_is_named(void)
{
    check_after(false, "UPDATE op SET json='{\"ok\":false}' WHERE path='/do/2' AND state='done'",
        "record 6 of the run run-1 (/do/2)");
    check_after(false, "UPDATE op SET at_ms=at_ms+1 WHERE path='/do/1' AND state='intent'",
        "record 3 of the run run-1 (/do/1)");
    check_after(
        false, "UPDATE op SET path='/do/9' WHERE path='/do/4' AND state='intent'", "record 9 of the run run-1 (/do/9)");
    check_after(true, "UPDATE op SET state='fault' WHERE id=4", "record 4 of the run run-1 (/do/1)");
}

static void a_digest_beside_a_changed_text_is_no_way_out(void)
{
    check_after(false,
        "UPDATE op SET digest='4062edaf750fb8074e7e83e0c9028c94e32468a8b6f1614774328ef045150f93', json='{}' WHERE id=2",
        "record 2 of the run run-1 (/do/0)");
}

static void a_removed_record_is_named(void)
{
    check_after(false, "DELETE FROM op WHERE path='/do/2' AND state='intent'", "record 5 of the run run-1 (/do/2)");
    check_after(true, "DELETE FROM op WHERE path='/do/0'", "record 1 of the run run-1 (/do/1)");
}

static void records_out_of_order_are_named(void)
{
    check_after(false,
        "UPDATE op SET id=100 WHERE id=5; UPDATE op SET id=5 WHERE id=7; UPDATE op SET id=7 WHERE id=100",
        "record 5 of the run run-1 (/do/3)");
}

static void a_cut_tail_is_noticed(void)
{
    check_after(false, "DELETE FROM op WHERE id=10", "ends after record 9, and 10 were written");
    check_after(true, "DELETE FROM op WHERE id>4", "ends after record 4, and 10 were written");
}

static void a_foreign_record_is_named(void)
{
    check_after(false,
        "INSERT INTO op(run, path, kind, state, seq, at_ms, json, hash) SELECT run, '/do/7', kind, 'intent', 0, at_ms,"
        " json, hash FROM op WHERE id=10",
        "record 11 of the run run-1 (/do/7)");
}

static void another_start_or_end_is_noticed(void)
{
    check_after(true, "UPDATE run SET input='{\"n\":2}'", "the start of the run run-1");
    check_after(true, "UPDATE run SET meta='{}'", "the start of the run run-1");
    check_after(true, "UPDATE run SET output='\"more\"'", "the end of the run run-1");
    check_after(true, "UPDATE run SET status='faulted'", "the end of the run run-1");
    check_after(true, "UPDATE run SET status='waiting'", "the end of the run run-1");
    check_after(false, "DELETE FROM chain", "the start of the run run-1");
    check_after(false, "UPDATE run SET owner=7", NULL); /* no record of what happened */
}

static void a_cancelled_run_that_nobody_drove_has_an_end(void)
{
    const struct wf_control cancel = {WF_CONTROL_CANCEL, NULL, {"{}", 2}};
    struct desk desk;

    make_run(&desk, false);
    CU_ASSERT_EQUAL(desk.ops->control(desk.backend, "run-1", &cancel, NULL), 0);
    CU_ASSERT_EQUAL(desk_status(&desk, "run-1"), WF_RUN_CANCELLED);
    CU_ASSERT_EQUAL(check(&desk, NULL), 0);
    desk_sql(&desk, "UPDATE run SET updated_ms=updated_ms+1");
    CU_ASSERT_EQUAL(check(&desk, NULL), WF_ECORRUPT);
    desk_close(&desk);
}

/* What the journal's first version made of the same run. */
static const char make_old[] = "ALTER TABLE op DROP COLUMN hash; ALTER TABLE op DROP COLUMN digest; DROP TABLE chain;"
                               "ALTER TABLE run DROP COLUMN imported_ms; PRAGMA user_version=1";

static void an_old_file_gets_its_chains(void)
{
    struct desk desk;

    make_run(&desk, false);
    desk.ops->close(desk.backend);
    desk_sql(&desk, make_old);
    CU_ASSERT_EQUAL_FATAL(desk.ops->open(&desk.settings, &desk.backend, NULL), 0);
    CU_ASSERT_EQUAL(check(&desk, NULL), 0);
    CU_ASSERT_EQUAL(desk.ops->resume(desk.backend, "run-1", NULL), 0);
    desk_run(&desk, 1);
    desk_done(&desk, "/do/9", "9", 3);
    desk_run(&desk, 1);
    CU_ASSERT_EQUAL(check(&desk, NULL), 0);
    desk_sql(&desk, "UPDATE op SET json='8' WHERE path='/do/9'");
    CU_ASSERT_EQUAL(check(&desk, NULL), WF_ECORRUPT);
    desk_close(&desk);
}

static void an_old_file_can_be_looked_at(void)
{
    struct wf_settings read_only;
    struct desk desk;

    make_run(&desk, true);
    desk.ops->close(desk.backend);
    desk_sql(&desk, make_old);
    read_only = desk.settings;
    read_only.read_only = true;
    CU_ASSERT_EQUAL_FATAL(desk.ops->open(&read_only, &desk.backend, NULL), 0);
    CU_ASSERT_EQUAL(check(&desk, NULL), 0);
    desk_close(&desk);
}

static const struct wf_case cases[] = {
    {"a_changed_record_is_named", a_changed_record_is_named},
    {"a_digest_beside_a_changed_text_is_no_way_out", a_digest_beside_a_changed_text_is_no_way_out},
    {"a_removed_record_is_named", a_removed_record_is_named},
    {"records_out_of_order_are_named", records_out_of_order_are_named},
    {"a_cut_tail_is_noticed", a_cut_tail_is_noticed},
    {"a_foreign_record_is_named", a_foreign_record_is_named},
    {"another_start_or_end_is_noticed", another_start_or_end_is_noticed},
    {"a_cancelled_run_that_nobody_drove_has_an_end", a_cancelled_run_that_nobody_drove_has_an_end},
    {"an_old_file_gets_its_chains", an_old_file_gets_its_chains},
    {"an_old_file_can_be_looked_at", an_old_file_can_be_looked_at},
    {NULL, NULL},
};
const struct wf_suite sqlite_chain_suite = {"sqlite_chain", cases};
