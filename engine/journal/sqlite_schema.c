/* sqlite_schema.c: the journal's file: made when it is missing, refused when it is not ours. docs/journal.md has the
 * meaning of every column. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/sqlite_db.h"

#define APPLICATION_ID 0x5746524e /* "WFRN" */
#define SCHEMA_VERSION 2          /* 1 had no chain */
#define BUSY_MS        30000
#define AGAIN_MS       5

/* op is a log: a record is written once, at the end of one B-tree and of one index. Measured against a table clustered
 * by run, 128 records a commit: 0.7 to 0.9 of its speed with one run, 1.7 to 2 times with 64. The worst case counts. */
static const char schema[] =
    "CREATE TABLE run(num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL, name TEXT NOT NULL,"
    " version TEXT NOT NULL, definition BLOB NOT NULL, input TEXT, meta TEXT, format INTEGER NOT NULL,"
    " status TEXT NOT NULL, started_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " owner INTEGER NOT NULL, output TEXT, imported_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE op(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,"
    " state TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, json TEXT, hash BLOB NOT NULL DEFAULT x'',"
    " digest TEXT);"
    "CREATE INDEX op_run ON op(run);"
    "CREATE TABLE note(run INTEGER NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL, json TEXT NOT NULL,"
    " PRIMARY KEY(run, key)) WITHOUT ROWID;"
    /* AUTOINCREMENT: an id that was delivered is never used again. */
    "CREATE TABLE control(id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT,"
    " json TEXT, at_ms INTEGER NOT NULL);"
    "CREATE TABLE definition(sha256 BLOB PRIMARY KEY, text BLOB NOT NULL);" WF__CHAIN_TABLE;

/* ---- the file ---- */

static int make_folders(const char *file, struct wf_err *err)
{
    char *path = wf_strdup(file);
    int rc = 0;

    for (char *slash = strchr(path + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST && access(path, X_OK) != 0)
            rc = wf_err_set(err, WF_EIO, "the folder %s for the journal cannot be made: %m", path);
        *slash = '/';
    }
    free(path);
    return rc;
}

/* SQLite gives its -wal and -shm files the mode of the file itself. A file that is there is not opened here: closing it
 * would let go of every lock that SQLite's other connections of this process have on it. */
static int make_file(const char *file, struct wf_err *err)
{
    int rc = make_folders(file, err);

    if (rc != 0)
        return rc;
    int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
        wf_err_set(err, WF_EIO, "the journal %s cannot be made: %m", file);
        wf_err_hint(err, "mend its permissions, or name another file with --state");
        return WF_EIO;
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

static int check_regular(const char *file, struct wf_err *err)
{
    struct stat info;

    if (stat(file, &info) != 0) {
        wf_err_set(err, errno == ENOENT ? WF_ENOTFOUND : WF_EIO, "there is no journal %s: %m", file);
        return errno == ENOENT ? WF_ENOTFOUND : WF_EIO;
    }
    if (!S_ISREG(info.st_mode))
        return wf_err_set(err, WF_EINVAL, "%s is not a wfrun journal: it is no regular file", file);
    if (access(file, R_OK) != 0) { /* SQLite has no words for it */
        wf_err_set(err, WF_EIO, "the journal %s cannot be read: %m", file);
        wf_err_hint(err, "mend its permissions, or name another file with --state");
        return WF_EIO;
    }
    return 0;
}

/* ---- what is in it ---- */

static int read_number(sqlite3 *db, const char *sql, int64_t *ret, struct wf_err *err)
{
    sqlite3_stmt *statement;
    int rc = wf__db_prepare(db, sql, &statement, err);

    if (rc != 0)
        return rc;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    else
        rc = wf__db_fail(db, err);
    sqlite3_finalize(statement);
    return rc;
}

/* Sets *ret_version to 0 when the file is empty, or finds that it is ours and that we can read it. */
static int check_identity(sqlite3 *db, const char *file, int *ret_version, struct wf_err *err)
{
    int64_t application = 0, version = 0, tables = 0;
    int rc = read_number(db, "PRAGMA application_id", &application, err);

    if (rc == 0)
        rc = read_number(db, "PRAGMA user_version", &version, err);
    if (rc == 0)
        rc = read_number(db, "SELECT count(*) FROM sqlite_master", &tables, err);
    if (rc != 0)
        return rc;
    *ret_version = 0;
    if (application == 0 && version == 0 && tables == 0)
        return 0;
    if (application != APPLICATION_ID) {
        wf_err_set(err, WF_EINVAL, "%s is not a wfrun journal: it is a SQLite file of another program", file);
        wf_err_hint(err, "name another file with --state; this one is left as it is");
        return WF_EINVAL;
    }
    if (version > SCHEMA_VERSION) {
        wf_err_set(err, WF_EMISMATCH, "the journal %s was written by a newer wfrun (its version is %d, we know %d)",
            file, (int)version, SCHEMA_VERSION);
        wf_err_hint(err, "install the newer wfrun, or name another file with --state");
        return WF_EMISMATCH;
    }
    *ret_version = (int)version;
    if (version < 1 || tables == 0)
        return wf_err_set(err, WF_ECORRUPT, "the journal %s is damaged: its tables or its version are missing", file);
    return 0;
}

/* Makes the tables, or brings those of an older wfrun up to date. */
static int make_schema(sqlite3 *db, const char *file, struct wf_err *err)
{
    char *pragmas = wf_asprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID, SCHEMA_VERSION);
    int version = 0;
    int rc = wf__db_begin(db, err);

    /* Another process may have been faster. */
    if (rc == 0)
        rc = check_identity(db, file, &version, err);
    if (rc == 0 && version == 0)
        rc = wf__db_exec(db, schema, err);
    else if (rc == 0 && version == 1)
        rc = wf__db_upgrade(db, err);
    if (rc == 0)
        rc = wf__db_exec(db, pragmas, err);
    free(pragmas);
    return wf__db_end(db, rc, err);
}

/* A reader cannot change an older file: a writer does it first. */
static int upgrade_for_reader(const char *file, struct wf_err *err)
{
    struct wf_err why = {0};
    sqlite3 *db;

    if (wf__db_open(file, WF__DB_WRITE, &db, &why) == 0) {
        wf__db_close(db);
        return 0;
    }
    wf_err_set(err, WF_EMISMATCH, "the journal %s is of an older wfrun and cannot be brought up to date: %.300s", file,
        why.msg);
    wf_err_hint(err, "use it once with a wfrun that may write it, such as `wfrun list` by its owner");
    return WF_EMISMATCH;
}

/* When two processes do it at once one of them is told that it is busy, and the time that was set for that does not count
 * here. */
static int write_ahead(sqlite3 *db, struct wf_err *err)
{
    int rc;

    for (int waited = 0;; waited += AGAIN_MS) {
        rc = sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
        if (rc != SQLITE_BUSY || waited >= BUSY_MS)
            break;
        sqlite3_sleep(AGAIN_MS);
    }
    return rc == SQLITE_OK ? 0 : wf__db_fail(db, err);
}

static int prepare_file(sqlite3 *db, const char *file, enum wf__db_mode mode, struct wf_err *err)
{
    int version = 0;
    /* One moment of the file: another process may be about to make it. */
    int rc = wf__db_exec(db, "BEGIN", err);

    if (rc == 0)
        rc = check_identity(db, file, &version, err);
    if (rc == 0)
        rc = wf__db_exec(db, "END", err);
    if (rc != 0 || (version == SCHEMA_VERSION && mode == WF__DB_READ))
        return rc;
    if (mode == WF__DB_READ && version > 0)
        return upgrade_for_reader(file, err);
    if (mode == WF__DB_READ) { /* it is about to be made, or who was about to make it died */
        wf_err_set(err, WF_ENOTFOUND, "there is no journal %s yet", file);
        wf_err_hint(err, "--state FILE.db names another");
        return WF_ENOTFOUND;
    }
    /* Not before it is certain that the file is ours: this changes it. */
    rc = write_ahead(db, err);
    return rc == 0 && version < SCHEMA_VERSION ? make_schema(db, file, err) : rc;
}

/* A process that died while it made the journal left a transaction to be rolled back, which a reader may not do: true once
 * a connection that may has done it. */
static bool rolled_back(sqlite3 *reader, const char *file)
{
    sqlite3 *db = NULL;

    if (sqlite3_extended_errcode(reader) != SQLITE_READONLY_ROLLBACK)
        return false;
    int rc = sqlite3_open_v2(file, &db, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(db, BUSY_MS);
        rc = sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    }
    sqlite3_close(db);
    return rc == SQLITE_OK;
}

static int prepare_reader(sqlite3 *db, const char *file, struct wf_err *err)
{
    struct wf_err first = {0};
    int rc = prepare_file(db, file, WF__DB_READ, &first);

    if (rc != 0 && rolled_back(db, file)) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return prepare_file(db, file, WF__DB_READ, err);
    }
    if (rc != 0 && err)
        *err = first;
    return rc;
}

static int prepare_writer(sqlite3 *db, const char *file, struct wf_err *err)
{
    return sqlite3_db_readonly(db, "main") ? wf__db_fail_read_only(db, err) : prepare_file(db, file, WF__DB_WRITE, err);
}

int wf__db_open(const char *file, enum wf__db_mode mode, sqlite3 **ret, struct wf_err *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | (mode == WF__DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    sqlite3 *db = NULL;
    int rc = mode == WF__DB_WRITE ? make_file(file, err) : 0;

    if (rc == 0)
        rc = check_regular(file, err);
    if (rc != 0)
        return rc;
    if (sqlite3_open_v2(file, &db, flags, NULL) != SQLITE_OK) {
        rc =
            wf_err_set(err, WF_EIO, "the journal %s cannot be opened: %s", file, db ? sqlite3_errmsg(db) : "no memory");
    } else {
        sqlite3_busy_timeout(db, BUSY_MS);
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        rc = mode == WF__DB_WRITE ? prepare_writer(db, file, err) : prepare_reader(db, file, err);
    }
    if (rc == 0)
        rc = wf__db_exec(db, "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY", err);
    if (rc == 0)
        *ret = db;
    else
        sqlite3_close(db);
    return rc;
}

void wf__db_close(sqlite3 *db)
{
    sqlite3_close(db);
}
