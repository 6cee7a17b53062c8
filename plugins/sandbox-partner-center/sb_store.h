/* sb_store.h: the sandbox's state in SQLite, with every statement prepared once.
 *
 * Threads     The caller holds the world's lock for every function here.
 * Errors      A state that cannot be read or written (full disk, damaged file) ends the program with a sentence on
 *             stderr: a stand-in that lost its memory must not go on answering.
 * Parameters  `types` has one letter for each value that follows: s text (NULL binds NULL), i int64_t.
 */
#ifndef SB_STORE_H
#define SB_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_store {
    sqlite3 *db;
    struct {
        const char *sql; /* a literal: found again by its address */
        sqlite3_stmt *stmt;
    } cache[512];
};

/* Opens FILE.db, or a state in memory when file is NULL, and makes the tables it lacks. */
void sb_store_open(struct sb_store *store, const char *file);
void sb_store_close(struct sb_store *store);
/* Removes every row of the world (not the settings in `meta`). */
void sb_store_clear(struct sb_store *store);

/* A statement ready to step. Valid until the same literal is queried again: finish reading, then reset it. */
sqlite3_stmt *sb_store_query(struct sb_store *store, const char *sql, const char *types, ...);
/* True while there is a row; resets the statement after the last one. */
bool sb_store_step(sqlite3_stmt *stmt);
/* Runs a statement whose rows do not matter. */
void sb_store_run(struct sb_store *store, const char *sql, const char *types, ...);
/* The first column of the first row, or fallback. */
int64_t sb_store_int(struct sb_store *store, int64_t fallback, const char *sql, const char *types, ...);
/* A column's text; "" for NULL. Lives until the next step. */
const char *sb_store_text(sqlite3_stmt *stmt, int column);
/* Copies a column's text into a buffer, cut when it does not fit. */
void sb_store_copy(sqlite3_stmt *stmt, int column, char *buf, size_t size);

void sb_store_begin(struct sb_store *store);
void sb_store_commit(struct sb_store *store);
void sb_store_rollback(struct sb_store *store);

#endif
