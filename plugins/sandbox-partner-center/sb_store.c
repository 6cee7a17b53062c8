/* sb_store.c: the sandbox's state in SQLite, with every statement prepared once. */
#include "sb_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ids compare without case, as in the service. Times are ms since 1970 on the virtual clock. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS customer(seq INTEGER PRIMARY KEY, id TEXT UNIQUE COLLATE NOCASE, name TEXT,"
    " domain TEXT UNIQUE COLLATE NOCASE, relationship TEXT, country TEXT, segment TEXT, vetting TEXT,"
    " agreement INTEGER, direct_signed INTEGER, role INTEGER, delegated INTEGER);"
    "CREATE TABLE IF NOT EXISTS subscription(seq INTEGER PRIMARY KEY, id TEXT UNIQUE COLLATE NOCASE,"
    " customer TEXT COLLATE NOCASE, offer TEXT COLLATE NOCASE, sku TEXT COLLATE NOCASE, friendly TEXT, status TEXT,"
    " parent TEXT COLLATE NOCASE, order_id TEXT COLLATE NOCASE, cycle TEXT, term TEXT, reason TEXT, quantity INTEGER,"
    " live_quantity INTEGER, version INTEGER, auto_renew INTEGER, nce INTEGER, created_ms INTEGER, end_ms INTEGER,"
    " visible_ms INTEGER, ready_ms INTEGER, stock_ms INTEGER, stopped_ms INTEGER, due_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS subscription_customer ON subscription(customer, seq);"
    "CREATE INDEX IF NOT EXISTS subscription_due ON subscription(due_ms) WHERE due_ms IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS orders(seq INTEGER PRIMARY KEY, id TEXT UNIQUE COLLATE NOCASE,"
    " customer TEXT COLLATE NOCASE, cycle TEXT, version INTEGER, nce INTEGER, created_ms INTEGER, visible_ms INTEGER,"
    " ready_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS orders_customer ON orders(customer, seq);"
    "CREATE TABLE IF NOT EXISTS order_line(order_id TEXT COLLATE NOCASE, n INTEGER, subscription TEXT, offer TEXT,"
    " friendly TEXT, quantity INTEGER, term TEXT, cycle TEXT, PRIMARY KEY(order_id, n)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cart(id TEXT PRIMARY KEY COLLATE NOCASE, customer TEXT COLLATE NOCASE, lines TEXT,"
    " status TEXT, created_ms INTEGER, modified_ms INTEGER, expires_ms INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS person(seq INTEGER PRIMARY KEY, id TEXT UNIQUE COLLATE NOCASE,"
    " customer TEXT COLLATE NOCASE, upn TEXT COLLATE NOCASE, first TEXT, last TEXT, display TEXT, location TEXT,"
    " enabled INTEGER, deleted_ms INTEGER);"
    "CREATE INDEX IF NOT EXISTS person_customer ON person(customer, seq);"
    "CREATE TABLE IF NOT EXISTS licence(person TEXT COLLATE NOCASE, sku TEXT COLLATE NOCASE, grp TEXT COLLATE NOCASE,"
    " customer TEXT COLLATE NOCASE, off INTEGER, changed_ms INTEGER, PRIMARY KEY(person, sku, grp)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS licence_sku ON licence(customer, sku);"
    "CREATE TABLE IF NOT EXISTS team(id TEXT PRIMARY KEY COLLATE NOCASE, customer TEXT COLLATE NOCASE, name TEXT)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS team_member(team TEXT COLLATE NOCASE, person TEXT COLLATE NOCASE,"
    " PRIMARY KEY(team, person)) WITHOUT ROWID;"
    /* How many people hold a SKU, kept exact by the two triggers: counting a big tenant at each change is slow. */
    "CREATE TABLE IF NOT EXISTS consumed(customer TEXT COLLATE NOCASE, sku TEXT COLLATE NOCASE, n INTEGER,"
    " PRIMARY KEY(customer, sku)) WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS licence_in AFTER INSERT ON licence"
    " WHEN (SELECT count(*) FROM licence WHERE person=NEW.person AND sku=NEW.sku)=1 BEGIN"
    " INSERT INTO consumed VALUES(NEW.customer, NEW.sku, 1) ON CONFLICT DO UPDATE SET n=n+1; END;"
    "CREATE TRIGGER IF NOT EXISTS licence_out AFTER DELETE ON licence"
    " WHEN (SELECT count(*) FROM licence WHERE person=OLD.person AND sku=OLD.sku)=0 BEGIN"
    " UPDATE consumed SET n=n-1 WHERE customer=OLD.customer AND sku=OLD.sku; END;"
    "CREATE TABLE IF NOT EXISTS replay(key TEXT PRIMARY KEY COLLATE NOCASE, digest INTEGER, status INTEGER, body TEXT,"
    " location TEXT, at_ms INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS ledger(seq INTEGER PRIMARY KEY, at_ms INTEGER, kind TEXT, customer TEXT,"
    " request_id TEXT, correlation_id TEXT, detail TEXT);"
    "CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;";

static void give_up(struct sb_store *store, const char *what)
{
    fprintf(stderr, "partner-center-sandbox: the state cannot be used any more (%s): %s\n", what,
        sqlite3_errmsg(store->db));
    exit(1);
}

static void execute(struct sb_store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up(store, sql);
}

void sb_store_open(struct sb_store *store, const char *file)
{
    memset(store, 0, sizeof *store);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file ? file : ":memory:", &store->db, flags, NULL) != SQLITE_OK)
        give_up(store, file ? file : "memory");
    if (file)
        execute(store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA locking_mode=EXCLUSIVE;");
    else
        execute(store, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;");
    execute(store, "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;");
    execute(store, schema);
}

void sb_store_close(struct sb_store *store)
{
    for (size_t i = 0; i < sizeof store->cache / sizeof store->cache[0]; i++)
        sqlite3_finalize(store->cache[i].stmt);
    sqlite3_close(store->db);
}

void sb_store_clear(struct sb_store *store)
{
    execute(store,
        "BEGIN; DELETE FROM customer; DELETE FROM subscription; DELETE FROM orders; DELETE FROM order_line;"
        "DELETE FROM cart; DELETE FROM person; DELETE FROM licence; DELETE FROM team; DELETE FROM team_member;"
        "DELETE FROM consumed; DELETE FROM replay; DELETE FROM ledger; DELETE FROM counter; COMMIT;");
}

/* Literals have one address each, so the address is the key; a full table would be a bug. */
static sqlite3_stmt *prepared(struct sb_store *store, const char *sql)
{
    const size_t slots = sizeof store->cache / sizeof store->cache[0];
    size_t at = ((uintptr_t)sql >> 3) % slots;
    for (size_t tries = 0; tries < slots; tries++, at = (at + 1) % slots) {
        if (store->cache[at].sql == sql) {
            sqlite3_reset(store->cache[at].stmt);
            return store->cache[at].stmt;
        }
        if (store->cache[at].sql)
            continue;
        if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->cache[at].stmt, NULL) !=
            SQLITE_OK)
            give_up(store, sql);
        store->cache[at].sql = sql;
        return store->cache[at].stmt;
    }
    give_up(store, "more statements than expected");
    return NULL;
}

static sqlite3_stmt *query_list(struct sb_store *store, const char *sql, const char *types, va_list values)
{
    sqlite3_stmt *stmt = prepared(store, sql);
    for (int i = 1; *types; types++, i++) {
        if (*types == 'i')
            sqlite3_bind_int64(stmt, i, va_arg(values, int64_t));
        else
            sqlite3_bind_text(stmt, i, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
    }
    return stmt;
}

sqlite3_stmt *sb_store_query(struct sb_store *store, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *stmt = query_list(store, sql, types, values);
    va_end(values);
    return stmt;
}

bool sb_store_step(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE) {
        fprintf(stderr, "partner-center-sandbox: the state cannot be used any more (%s): %s\n", sqlite3_sql(stmt),
            sqlite3_errstr(rc));
        exit(1);
    }
    sqlite3_reset(stmt);
    return false;
}

void sb_store_run(struct sb_store *store, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *stmt = query_list(store, sql, types, values);
    va_end(values);
    while (sb_store_step(stmt))
        continue;
}

int64_t sb_store_int(struct sb_store *store, int64_t fallback, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *stmt = query_list(store, sql, types, values);
    va_end(values);
    int64_t result = fallback;
    if (sb_store_step(stmt)) {
        if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
            result = sqlite3_column_int64(stmt, 0);
        sqlite3_reset(stmt);
    }
    return result;
}

const char *sb_store_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}

void sb_store_copy(sqlite3_stmt *stmt, int column, char *buf, size_t size)
{
    snprintf(buf, size, "%s", sb_store_text(stmt, column));
}

void sb_store_begin(struct sb_store *store)
{
    sb_store_run(store, "BEGIN", "");
}

void sb_store_commit(struct sb_store *store)
{
    sb_store_run(store, "COMMIT", "");
}

void sb_store_rollback(struct sb_store *store)
{
    sb_store_run(store, "ROLLBACK", "");
}
