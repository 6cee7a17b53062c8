/* suite.h: short words for promises, and the macro that demands a list of them of both backends. */
#ifndef WF_TEST_JOURNAL_SUITE_H
#define WF_TEST_JOURNAL_SUITE_H

#include "base/alloc.h"
#include "desk.h"

static inline void with(const struct wf_backend_ops *ops, void (*promise)(struct desk *))
{
    struct desk desk;

    desk_open(&desk, ops);
    promise(&desk);
    desk_close(&desk);
}

static inline struct wf_record look(struct desk *desk, const char *path)
{
    struct wf_record record;

    desk->ops->lookup(desk->ref, path, &record);
    return record;
}

static inline void check_text(struct wf_slice is, const char *expected)
{
    char *text = wf_memdup(is.ptr ? is.ptr : "", is.len);

    WF_ASSERT_TEXT(text, expected);
    free(text);
}

static inline void resume(struct desk *desk, const char *run_id)
{
    CU_ASSERT_EQUAL(desk->ops->resume(desk->backend, run_id, NULL), 0);
    desk_run(desk, 1);
    desk_forget(desk);
}

static inline void park(struct desk *desk, enum wf_run_status status)
{
    desk->ops->park(desk->ref, status, 99);
    desk_run(desk, 1);
    DESK_TOLD(desk, "stored 99 0\n");
}

static inline int send(
    struct desk *desk, const char *run_id, enum wf_control_kind kind, const char *path, const char *json)
{
    struct wf_control control = {kind, path, desk_json(json)};

    return desk->ops->control(desk->backend, run_id, &control, NULL);
}

/* A promise is `static void name(struct desk *)`; the list is a macro that applies X to each name. */
#define ON_MEM(name)                                                                                                   \
    static void mem_##name(void)                                                                                       \
    {                                                                                                                  \
        with(&wf_journal_mem, name);                                                                                   \
    }
#define ON_SQLITE(name)                                                                                                \
    static void sqlite_##name(void)                                                                                    \
    {                                                                                                                  \
        with(&wf_journal_sqlite, name);                                                                                \
    }
#define MEM_CASE(name)    {#name, mem_##name},
#define SQLITE_CASE(name) {#name, sqlite_##name},
#define SUITES_OF(LIST, name)                                                                                          \
    LIST(ON_MEM)                                                                                                       \
    LIST(ON_SQLITE)                                                                                                    \
    static const struct wf_case mem_cases[] = {LIST(MEM_CASE){NULL, NULL}};                                            \
    static const struct wf_case sqlite_cases[] = {LIST(SQLITE_CASE){NULL, NULL}};                                      \
    const struct wf_suite name##_mem_suite = {#name "_mem", mem_cases};                                                \
    const struct wf_suite name##_sqlite_suite = {#name "_sqlite", sqlite_cases};

#endif
