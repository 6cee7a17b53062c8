/* bench_journal.c: what a durable step costs, beside bare SQLite on the same disk in the same run.
 *
 * A step is two records of 300 bytes. Each case is timed turn by turn with its floor; one JSON line each, with the median
 * and quartiles of the ratios, and the ratio of the two fastest rounds. Other users of the disk only ever add time, to
 * both alike, and hide what is ours: "disturbed" lines count for nothing, and a floor that is steadily slow is not
 * noticed, so compare commit_ms with that of an idle machine. Fewer than 1 commit a step is such noise.
 *   parallel     64 steps in flight in one run, then in 64 runs, against bare inserts with 64 a commit
 *   sequential   one step after the other, against one commit of two bare records
 *
 * bench_journal [FOLDER]: FOLDER is on the disk to measure; the default is the current one. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal/journal.h"
#include "loop/loop.h"

enum { LANES = 64, ROUNDS = 15, PARALLEL_STEPS = 10000, SEQUENTIAL_STEPS = 600, RECORD = 300 };

static char record_text[RECORD + 1];

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void give_up(const char *words)
{
    fprintf(stderr, "bench_journal: %s\n", words);
    exit(1);
}

static void remove_files(const char *file)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    char path[4200];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", file, endings[i]);
        unlink(path);
    }
}

static void path_of(char path[64], unsigned lane, unsigned step)
{
    snprintf(path, 64, "/do/2/each/for/%u/do/%u/order", lane, step);
}

/* ---- the floor ---- */

static void must(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));
}

/* Seconds for so many records with so many a commit: one prepared insert, WAL, synchronous=FULL. */
static double bare(const char *file, unsigned records, unsigned a_commit)
{
    sqlite3 *db;
    sqlite3_stmt *insert;
    char path[64];

    remove_files(file);
    if (sqlite3_open(file, &db) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));
    must(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
             "CREATE TABLE op(id INTEGER PRIMARY KEY, path TEXT, state TEXT, seq INTEGER, at_ms INTEGER, json TEXT)");
    if (sqlite3_prepare_v2(db, "INSERT INTO op(path, state, seq, at_ms, json) VALUES(?1, 'done', ?2, ?3, ?4)", -1,
            &insert, NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));
    double begin = now();
    for (unsigned i = 0; i < records; i++) {
        if (i % a_commit == 0)
            must(db, "BEGIN IMMEDIATE");
        path_of(path, i % LANES, i / LANES);
        sqlite3_bind_text(insert, 1, path, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, (int64_t)i);
        sqlite3_bind_int64(insert, 3, 1750000000000);
        sqlite3_bind_text(insert, 4, record_text, RECORD, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE)
            give_up(sqlite3_errmsg(db));
        sqlite3_reset(insert);
        if (i % a_commit == a_commit - 1)
            must(db, "COMMIT");
    }
    double seconds = now() - begin;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    remove_files(file);
    return seconds;
}

/* ---- the journal ---- */

struct bench {
    struct wf_loop *loop;
    struct wf_backend *backend;
    struct wf_run_ref *refs[LANES];
    unsigned nrefs, runs, lanes;
    unsigned steps[LANES];
    unsigned begun, stored, wanted;
    double began;
};

static struct wf_run_ref *ref_of(const struct bench *bench, unsigned lane)
{
    return bench->refs[lane % bench->runs];
}

static void begin_step(struct bench *bench, unsigned lane)
{
    char path[64];

    if (bench->begun++ >= bench->wanted)
        return;
    path_of(path, lane, bench->steps[lane]);
    wf_journal_sqlite.intent(ref_of(bench, lane), path, WF_OP_STEP, (struct wf_slice){record_text, RECORD}, lane + 1);
}

/* The effect takes no time: the outcome follows at once, and the next intent. */
static void stored(void *arg, struct wf_run_ref *ref, uint64_t token, int rc)
{
    struct bench *bench = arg;
    unsigned lane = (unsigned)token - 1;
    char path[64];

    if (rc != 0)
        give_up("a record was not stored");
    if (lane == LANES) { /* the last outcome of all */
        wf_loop_stop(bench->loop);
        return;
    }
    path_of(path, lane, bench->steps[lane]++);
    wf_journal_sqlite.outcome(ref, path, WF_OP_STEP, WF_REC_DONE, (struct wf_slice){record_text, RECORD},
        ++bench->stored == bench->wanted ? LANES + 1 : 0);
    begin_step(bench, lane);
}

static void activate(void *arg, struct wf_run_ref *ref, const struct wf_start *start)
{
    struct bench *bench = arg;

    (void)start;
    bench->refs[bench->nrefs++] = ref;
    if (bench->nrefs < bench->runs)
        return;
    bench->began = now();
    for (unsigned lane = 0; lane < bench->lanes; lane++)
        begin_step(bench, lane);
}

static void fired(void *arg, struct wf_run_ref *ref, const char *path)
{
    (void)arg;
    (void)ref;
    (void)path;
}

static void control(void *arg, struct wf_run_ref *ref, const struct wf_control *control_)
{
    (void)arg;
    (void)ref;
    (void)control_;
}

static void lost(void *arg, struct wf_run_ref *ref)
{
    (void)arg;
    (void)ref;
    give_up("a run was lost");
}

static const struct wf_engine_ops engine = {activate, stored, fired, control, lost};

static double journal(const char *file, unsigned runs, unsigned lanes, unsigned steps)
{
    struct bench bench = {.runs = runs, .lanes = lanes, .wanted = steps};
    struct wf_start start = {.namespace_ = "bench", .name = "bench", .version = "1.0.0"};
    struct wf_settings settings = {.location = file, .engine = &engine, .engine_arg = &bench};
    struct wf_err err = {0};
    char id[20];

    remove_files(file);
    settings.loop = bench.loop = wf_loop_new();
    if (wf_journal_sqlite.open(&settings, &bench.backend, &err) != 0)
        give_up(err.msg);
    for (unsigned run = 0; run < runs; run++) {
        snprintf(id, sizeof id, "run-%u", run);
        start.run_id = id;
        if (wf_journal_sqlite.start(bench.backend, &start, &err) != 0)
            give_up(err.msg);
    }
    wf_loop_run(bench.loop);
    double seconds = now() - bench.began;
    wf_journal_sqlite.close(bench.backend);
    wf_loop_free(bench.loop);
    remove_files(file);
    return seconds;
}

/* ---- cases ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Rounds beside their floors, each ratio from two neighbours in time. */
struct pairs {
    double ours[ROUNDS], floor[ROUNDS], ratio[ROUNDS]; /* seconds; ours / floor */
};

/* The order changes from round to round: a disk remembers what was done to it before. */
static void time_both(struct pairs *pairs, const char *file, unsigned runs, unsigned lanes, unsigned steps)
{
    unsigned a_commit = lanes > 1 ? LANES : 2;

    for (int i = 0; i < ROUNDS; i++) {
        if (i % 2 == 0)
            pairs->floor[i] = bare(file, 2 * steps, a_commit);
        pairs->ours[i] = journal(file, runs, lanes, steps);
        if (i % 2 == 1)
            pairs->floor[i] = bare(file, 2 * steps, a_commit);
        pairs->ratio[i] = pairs->ours[i] / pairs->floor[i];
    }
    qsort(pairs->ours, ROUNDS, sizeof(double), by_size);
    qsort(pairs->floor, ROUNDS, sizeof(double), by_size);
    qsort(pairs->ratio, ROUNDS, sizeof(double), by_size);
}

/* A floor whose own quartiles lie far apart was measured on a disk that others used: the ratio then says nothing. */
static const char *is_disturbed(const struct pairs *pairs)
{
    return pairs->floor[3 * ROUNDS / 4] > 1.5 * pairs->floor[ROUNDS / 4] ? "true" : "false";
}

static void parallel(const char *file, unsigned runs)
{
    struct pairs pairs;

    time_both(&pairs, file, runs, LANES, PARALLEL_STEPS);
    printf("{\"case\":\"journal-parallel\",\"in_flight\":%d,\"runs\":%u,\"steps_per_s\":%.0f,\"bare_steps_per_s\":%.0f,"
           "\"share\":%.3f,\"quartiles\":[%.3f,%.3f],\"of_fastest\":%.3f,\"disturbed\":%s,\"aim\":\">= 0.5\"}\n",
        LANES, runs, PARALLEL_STEPS / pairs.ours[ROUNDS / 2], PARALLEL_STEPS / pairs.floor[ROUNDS / 2],
        1 / pairs.ratio[ROUNDS / 2], 1 / pairs.ratio[3 * ROUNDS / 4], 1 / pairs.ratio[ROUNDS / 4],
        pairs.floor[0] / pairs.ours[0], is_disturbed(&pairs));
}

static void sequential(const char *file)
{
    struct pairs pairs;

    time_both(&pairs, file, 1, 1, SEQUENTIAL_STEPS);
    printf("{\"case\":\"journal-sequential\",\"step_ms\":%.4f,\"commit_ms\":%.4f,\"commits_a_step\":%.3f,"
           "\"quartiles\":[%.3f,%.3f],\"of_fastest\":%.3f,\"disturbed\":%s,\"aim\":\"<= 1.3\"}\n",
        pairs.ours[ROUNDS / 2] / SEQUENTIAL_STEPS * 1e3, pairs.floor[ROUNDS / 2] / SEQUENTIAL_STEPS * 1e3,
        pairs.ratio[ROUNDS / 2], pairs.ratio[ROUNDS / 4], pairs.ratio[3 * ROUNDS / 4], pairs.ours[0] / pairs.floor[0],
        is_disturbed(&pairs));
}

int main(int argc, char **argv)
{
    char file[4096];

    snprintf(file, sizeof file, "%s/bench-journal-%d.db", argc > 1 ? argv[1] : ".", (int)getpid());
    memset(record_text, 'x', RECORD);
    record_text[0] = record_text[RECORD - 1] = '"';
    setvbuf(stdout, NULL, _IOLBF, 0);
    parallel(file, 1);
    parallel(file, LANES);
    sequential(file);
    return 0;
}
