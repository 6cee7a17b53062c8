/* mem_past.c: runs that come into memory with all their records, and the log of a run. Nobody but this process can change
 * what is here: the chain is made when it is asked for. Loop thread. */
#include <stdlib.h>

#include "base/alloc.h"
#include "journal/chain.h"
#include "journal/mem_backend.h"

static int put_rows(struct wf__mem_run *run, const struct wf_seed *rows, size_t count, struct wf_err *err)
{
    struct wf__row row;
    uint64_t seq = 0;
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = wf__seed_row(&rows[i], &seq, &row, err);
        if (rc == 0 && !wf__opmap_add(&run->map, &row, true))
            rc = wf__refuse_row(rows[i].path, err);
    }
    return rc;
}

static int put_past(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    const struct wf__past *past, struct wf_err *err)
{
    int rc = wf__run_id_check(start->run_id, err);
    struct wf__mem_run *run;

    if (rc == 0 && wf__mem_find(backend, start->run_id))
        rc = wf__refuse_taken(start->run_id, err);
    if (rc == 0 && past->origin)
        rc = wf__chain_check(start, rows, count, past, err);
    if (rc != 0)
        return rc;
    run = wf__mem_run_new(start);
    rc = put_rows(run, rows, count, err);
    if (rc != 0) {
        wf__mem_run_free(run);
        return rc;
    }
    run->status = past->status;
    run->updated_ms = past->updated_ms;
    if (past->output.ptr)
        run->output = wf_memdup(past->output.ptr, past->output.len);
    run->output_len = past->output.len;
    run->imported = past->origin != NULL;
    if (past->origin)
        run->origin = *past->origin;
    run->next = backend->runs;
    backend->runs = run;
    return 0;
}

int wf__mem_seed(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    enum wf_run_status status, struct wf_slice output, struct wf_err *err)
{
    const struct wf__past past = {status, output, start->started_ms, NULL};

    return put_past(backend, start, rows, count, &past, err);
}

int wf__mem_adopt(struct wf_backend *backend, const struct wf_start *start, const struct wf_seed *rows, size_t count,
    struct wf_slice output, const struct wf_chain *origin, struct wf_err *err)
{
    const struct wf__past past = {origin->status, output, origin->updated_ms, origin};

    return put_past(backend, start, rows, count, &past, err);
}

int wf__mem_log(struct wf_backend *backend, const char *run_id, void (*row)(void *arg, const struct wf_log_row *),
    void *arg, struct wf_chain *ret, struct wf_err *err)
{
    const struct wf__mem_run *run = wf__mem_find(backend, run_id);
    const struct wf_slice output = {run ? run->output : NULL, run ? run->output_len : 0};
    struct wf_chain chain;

    if (!run)
        return wf__mem_not_found(run_id, err);
    chain = run->origin;
    if (!run->imported)
        chain = (struct wf_chain){.format = WF_JOURNAL_FORMAT,
            .input = wf__digest_of(run->start.input),
            .meta = wf__digest_of(run->start.meta),
            .output = wf__digest_of(output)};
    chain.start = chain.head = wf__link_start(&run->start, chain.format, &chain.input, &chain.meta);
    wf__opmap_log(&run->map, &chain.head, row, arg);
    chain.records = run->map.rows;
    chain.status = run->status;
    chain.updated_ms = run->updated_ms;
    if (wf__status_is_final(run->status))
        chain.end = wf__link_end(&chain.head, run->status, run->updated_ms, &chain.output);
    *ret = chain;
    return 0;
}
