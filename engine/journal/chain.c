/* chain.c: the bytes that a link is made of. See chain.h. */
#include "journal/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* Every field is a netstring (its length, a colon, its bytes, a comma): no two different records have the same bytes.
 * The words and this order are in every file that was ever written. */

#define RECORD_MAX (WF_PATH_MAX + 400) /* bytes of all fields of a record */

struct wf_digest wf__digest_of(struct wf_slice json)
{
    struct wf_digest digest = {""};
    uint8_t sha256[WF_SHA256_SIZE];

    if (!json.ptr)
        return digest;
    wf_sha256(json.ptr, json.len, sha256);
    wf_sha256_text(sha256, digest.hex);
    return digest;
}

struct wf_digest wf__digest_kept(const char *kept, struct wf_slice json)
{
    struct wf_digest digest;

    if (!kept)
        return wf__digest_of(json);
    snprintf(digest.hex, sizeof digest.hex, "%s", kept);
    return digest;
}

bool wf__link_is(const struct wf_link *link, const void *hash)
{
    return hash && memcmp(link->hash, hash, WF_SHA256_SIZE) == 0;
}

static void field(struct wf_buf *buf, const char *text)
{
    size_t len = text ? strlen(text) : 0;

    wf_buf_printf(buf, "%zu:", len);
    wf_buf_add(buf, text, len);
    wf_buf_char(buf, ',');
}

static void number(struct wf_buf *buf, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    field(buf, text);
}

static void link_before(struct wf_buf *buf, const struct wf_link *before)
{
    char hex[WF_SHA256_TEXT];

    wf_sha256_text(before->hash, hex);
    field(buf, hex);
}

static struct wf_link made(struct wf_buf *buf)
{
    struct wf_link link;

    wf_sha256(buf->ptr, buf->len, link.hash);
    wf_buf_done(buf);
    return link;
}

struct wf_link wf__link_start(
    const struct wf_start *start, int format, const struct wf_digest *input, const struct wf_digest *meta)
{
    char definition[WF_SHA256_TEXT];
    struct wf_buf buf;

    wf_sha256_text(start->definition, definition);
    wf_buf_init(&buf, SIZE_MAX);
    field(&buf, "wfrun run");
    number(&buf, format);
    field(&buf, start->run_id);
    field(&buf, start->namespace_);
    field(&buf, start->name);
    field(&buf, start->version);
    field(&buf, definition);
    number(&buf, start->started_ms);
    field(&buf, input->hex);
    field(&buf, meta->hex);
    return made(&buf);
}

/* ---- a record: there is one for each step of every run, so without printf and without the heap ---- */

static char *put_number(char *at, int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[20];
    size_t count = 0;

    do
        digits[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *at++ = '-';
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_field(char *at, const char *text, size_t len)
{
    at = put_number(at, (int64_t)len);
    *at++ = ':';
    memcpy(at, text, len);
    at[len] = ',';
    return at + len + 1;
}

static char *put_number_field(char *at, int64_t value)
{
    char text[24];

    return put_field(at, text, (size_t)(put_number(text, value) - text));
}

struct wf_link wf__link_record(const struct wf_link *before, const struct wf__row *row, struct wf_digest *ret_digest)
{
    const char *kind = wf__kind_word(row->kind), *state = wf__state_word(row->state);
    const struct wf_digest json = wf__digest_kept(row->digest, row->json);
    char bytes[RECORD_MAX], hex[WF_SHA256_TEXT], *at = bytes;
    struct wf_link link;

    wf_sha256_text(before->hash, hex);
    at = put_field(at, hex, sizeof hex - 1);
    at = put_field(at, row->path, strlen(row->path));
    at = put_field(at, kind, strlen(kind));
    at = put_field(at, state, strlen(state));
    at = put_number_field(at, (int64_t)row->seq);
    at = put_number_field(at, row->at_ms);
    at = put_field(at, json.hex, strlen(json.hex));
    wf_sha256(bytes, (size_t)(at - bytes), link.hash);
    if (ret_digest)
        *ret_digest = json;
    return link;
}

struct wf_link wf__link_end(
    const struct wf_link *before, enum wf_run_status status, int64_t at_ms, const struct wf_digest *output)
{
    struct wf_buf buf;

    wf_buf_init(&buf, SIZE_MAX);
    link_before(&buf, before);
    field(&buf, "end");
    field(&buf, wf__status_word(status));
    number(&buf, at_ms);
    field(&buf, output->hex);
    return made(&buf);
}

/* ---- a run of another journal ---- */

static int check_records(
    const struct wf_start *start, const struct wf_seed *rows, size_t count, struct wf_link *link, struct wf_err *err)
{
    struct wf__row row;
    uint64_t seq = 0;

    for (size_t i = 0; i < count; i++) {
        if (wf__seed_row(&rows[i], &seq, &row, NULL) != 0)
            return wf__chain_refuse_record(start->run_id, i + 1, rows[i].path, err);
        *link = wf__link_record(link, &row, NULL);
        if (rows[i].link && !wf__link_is(link, rows[i].link->hash))
            return wf__chain_refuse_record(start->run_id, i + 1, row.path, err);
    }
    return 0;
}

int wf__chain_check(const struct wf_start *start, const struct wf_seed *rows, size_t count, const struct wf__past *past,
    struct wf_err *err)
{
    const struct wf_chain *origin = past->origin;
    struct wf_link link = wf__link_start(start, origin->format, &origin->input, &origin->meta), end;
    int rc;

    if (!wf__link_is(&link, origin->start.hash))
        return wf__chain_refuse_start(start->run_id, err);
    rc = check_records(start, rows, count, &link, err);
    if (rc != 0)
        return rc;
    end = wf__link_end(&link, past->status, past->updated_ms, &origin->output);
    if (count != origin->records || !wf__link_is(&link, origin->head.hash) ||
        (wf__status_is_final(past->status) && !wf__link_is(&end, origin->end.hash)))
        return wf__chain_refuse_end(start->run_id, count, origin->records, err);
    return 0;
}

/* ---- what is wrong ---- */

int wf__chain_refuse_start(const char *run_id, struct wf_err *err)
{
    return wf_err_set(
        err, WF_ECORRUPT, "the start of the run %s (workflow, input, settings) is not what was written", run_id);
}

int wf__chain_refuse_record(const char *run_id, uint64_t number, const char *path, struct wf_err *err)
{
    return wf_err_set(err, WF_ECORRUPT,
        "record %llu of the run %s (%.200s) is not what was written, or not in its place", (unsigned long long)number,
        run_id, path ? path : "no path");
}

int wf__chain_refuse_end(const char *run_id, uint64_t is, uint64_t should_be, struct wf_err *err)
{
    if (is < should_be)
        return wf_err_set(err, WF_ECORRUPT, "the run %s ends after record %llu, and %llu were written", run_id,
            (unsigned long long)is, (unsigned long long)should_be);
    if (is > should_be)
        return wf_err_set(err, WF_ECORRUPT,
            "the run %s has %llu records, and %llu were written: record %llu is foreign", run_id,
            (unsigned long long)is, (unsigned long long)should_be, (unsigned long long)should_be + 1);
    return wf_err_set(err, WF_ECORRUPT, "the end of the run %s (status, time, output) is not what was written", run_id);
}
