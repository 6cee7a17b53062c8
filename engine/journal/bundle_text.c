/* bundle_text.c: a bundle as a file: lines of JSON, each record one, the last one a digest of all before it. What was
 * stored as text stands as a string, so that its digest can be taken again. docs/journal.md has the form. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/bundle.h"
#include "journal/record.h"
#include "value/val.h"

#define VERSION 1

/* ---- writing ---- */

static void put_string(struct wf_buf *buf, const char *key, const char *text)
{
    wf_buf_printf(buf, ",\"%s\":", key);
    wf_buf_json_string(buf, text, strlen(text));
}

static void put_text(struct wf_buf *buf, const char *key, struct wf_slice text, const struct wf_digest *digest)
{
    wf_buf_printf(buf, ",\"%s\":", key);
    if (text.ptr)
        wf_buf_json_string(buf, text.ptr, text.len);
    else
        wf_buf_str(buf, "null");
    if (digest)
        wf_buf_printf(buf, ",\"%s%s\":\"%s\"", strcmp(key, "json") == 0 ? "" : key,
            strcmp(key, "json") == 0 ? "sha256" : "Sha256", digest->hex);
}

static void put_number(struct wf_buf *buf, const char *key, int64_t number)
{
    wf_buf_printf(buf, ",\"%s\":%" PRId64, key, number);
}

static void put_link(struct wf_buf *buf, const char *key, const struct wf_link *link)
{
    char hex[WF_SHA256_TEXT];

    wf_sha256_text(link->hash, hex);
    wf_buf_printf(buf, ",\"%s\":\"%s\"", key, hex);
}

static void write_run(const struct wf_bundle *bundle, struct wf_buf *buf)
{
    const struct wf_start *start = &bundle->start;
    char definition[WF_SHA256_TEXT];

    wf_sha256_text(start->definition, definition);
    wf_buf_printf(buf, "{\"bundle\":\"run\",\"version\":%d", VERSION);
    put_number(buf, "format", bundle->chain.format);
    put_string(buf, "id", start->run_id);
    put_string(buf, "namespace", start->namespace_);
    put_string(buf, "name", start->name);
    put_string(buf, "workflowVersion", start->version);
    put_string(buf, "definition", definition);
    put_number(buf, "startedMs", start->started_ms);
    put_text(buf, "input", start->input, &bundle->chain.input);
    put_text(buf, "meta", start->meta, &bundle->chain.meta);
    put_link(buf, "link", &bundle->chain.start);
    wf_buf_str(buf, "}\n");
}

static void write_text(const struct wf_bundle_text *text, struct wf_buf *buf)
{
    char sha256[WF_SHA256_TEXT];

    wf_sha256_text(text->sha256, sha256);
    wf_buf_str(buf, "{\"bundle\":\"definition\"");
    put_string(buf, "sha256", sha256);
    put_text(buf, "text", text->text, NULL);
    wf_buf_str(buf, text->redacted ? ",\"redacted\":true}\n" : "}\n");
}

static void write_row(const struct wf_log_row *row, struct wf_buf *buf)
{
    wf_buf_str(buf, "{\"bundle\":\"record\"");
    put_number(buf, "n", (int64_t)row->number);
    put_string(buf, "path", row->path);
    put_string(buf, "kind", row->kind);
    put_string(buf, "state", row->state);
    put_number(buf, "seq", (int64_t)row->seq);
    put_number(buf, "atMs", row->at_ms);
    put_text(buf, "json", row->json, &row->digest);
    if (row->redacted)
        wf_buf_str(buf, ",\"redacted\":true");
    put_link(buf, "link", &row->link);
    wf_buf_str(buf, "}\n");
}

static void write_note(const struct wf_bundle_note *note, struct wf_buf *buf)
{
    wf_buf_str(buf, "{\"bundle\":\"note\"");
    put_string(buf, "key", note->key);
    put_text(buf, "text", note->json, NULL);
    wf_buf_str(buf, "}\n");
}

static void write_end(const struct wf_bundle *bundle, struct wf_buf *buf)
{
    bool final = wf__status_is_final(bundle->chain.status);

    wf_buf_str(buf, "{\"bundle\":\"end\"");
    put_string(buf, "status", wf_run_status_name(bundle->chain.status));
    put_number(buf, "records", (int64_t)bundle->chain.records);
    put_number(buf, "atMs", bundle->chain.updated_ms);
    put_text(buf, "output", bundle->output, &bundle->chain.output);
    if (final)
        put_link(buf, "link", &bundle->chain.end);
    wf_buf_str(buf, "}\n");
}

static void write_digest(struct wf_buf *buf)
{
    uint8_t sha256[WF_SHA256_SIZE];
    char hex[WF_SHA256_TEXT];

    wf_sha256(buf->ptr, buf->len, sha256);
    wf_sha256_text(sha256, hex);
    wf_buf_printf(buf, "{\"bundle\":\"digest\",\"sha256\":\"%s\"}\n", hex);
}

/* Whoever reads a line reads it as one value. */
static int check_lines(const struct wf_buf *buf, struct wf_err *err)
{
    const char *at = buf->ptr, *end;

    if (buf->failed)
        return wf_err_set(err, WF_ELIMIT, "the run is too large for a bundle");
    for (; (end = memchr(at, '\n', (size_t)(buf->ptr + buf->len - at))); at = end + 1)
        if ((size_t)(end - at) > WF_BUNDLE_LINE_MAX)
            return wf_err_set(err, WF_ELIMIT, "a text of %zu bytes is too long for a bundle: a line has at most %zu",
                (size_t)(end - at), WF_BUNDLE_LINE_MAX);
    return 0;
}

int wf_bundle_write(const struct wf_bundle *bundle, struct wf_buf *buf, struct wf_err *err)
{
    write_run(bundle, buf);
    for (size_t i = 0; i < bundle->ntexts; i++)
        write_text(&bundle->texts[i], buf);
    for (size_t i = 0; i < bundle->nrows; i++)
        write_row(&bundle->rows[i], buf);
    for (size_t i = 0; i < bundle->nnotes; i++)
        write_note(&bundle->notes[i], buf);
    write_end(bundle, buf);
    write_digest(buf);
    return check_lines(buf, err);
}

/* ---- reading ---- */

struct reading {
    struct wf_bundle *bundle;
    size_t line, rows_cap;
    bool begun, ended;
    struct wf_err *err;
};

static int refuse(struct reading *in, const char *why)
{
    wf_err_set(in->err, WF_ECORRUPT, "line %zu of the bundle is not as it was written: %s", in->line, why);
    return WF_ECORRUPT;
}

static const char *get_string(struct reading *in, const jv *line, const char *key)
{
    return wf_arena_strdup(in->bundle->arena, wf_val_string(line, key, ""));
}

static struct wf_slice get_text(struct reading *in, const jv *line, const char *key)
{
    jv value = wf_val_get(line, key);
    struct wf_slice text = {NULL, 0};

    if (jv_get_kind(value) == JV_KIND_STRING) {
        text.len = (size_t)jv_string_length_bytes(jv_copy(value));
        text.ptr = wf_arena_memdup(in->bundle->arena, jv_string_value(value), text.len);
    }
    jv_free(value);
    return text;
}

static int64_t get_number(const jv *line, const char *key)
{
    return (int64_t)wf_val_number(line, key, -1);
}

static bool get_bool(const jv *line, const char *key)
{
    jv value = wf_val_get(line, key);
    bool is_true = jv_get_kind(value) == JV_KIND_TRUE;

    jv_free(value);
    return is_true;
}

/* "" is the digest of no text. */
static int get_digest(struct reading *in, const jv *line, const char *key, struct wf_digest *ret)
{
    const char *hex = wf_val_string(line, key, "?");
    uint8_t sha256[WF_SHA256_SIZE];

    if (*hex && !wf_sha256_read(hex, sha256))
        return refuse(in, key);
    snprintf(ret->hex, sizeof ret->hex, "%s", hex);
    return 0;
}

static int get_link(struct reading *in, const jv *line, const char *key, uint8_t ret[WF_SHA256_SIZE])
{
    return wf_sha256_read(wf_val_string(line, key, ""), ret) ? 0 : refuse(in, key);
}

static int read_run(struct reading *in, const jv *line)
{
    struct wf_bundle *bundle = in->bundle;
    struct wf_start *start = &bundle->start;

    if (in->begun)
        return refuse(in, "a second run");
    if (get_number(line, "version") != VERSION)
        return wf_err_set(in->err, WF_EMISMATCH, "the bundle has version %g, and this wfrun knows %d",
            wf_val_number(line, "version", 0), VERSION);
    in->begun = true;
    bundle->chain.format = (int)get_number(line, "format");
    start->run_id = get_string(in, line, "id");
    start->namespace_ = get_string(in, line, "namespace");
    start->name = get_string(in, line, "name");
    start->version = get_string(in, line, "workflowVersion");
    start->started_ms = get_number(line, "startedMs");
    start->input = get_text(in, line, "input");
    start->meta = get_text(in, line, "meta");
    if (get_digest(in, line, "inputSha256", &bundle->chain.input) != 0 ||
        get_digest(in, line, "metaSha256", &bundle->chain.meta) != 0 ||
        get_link(in, line, "definition", start->definition) != 0 ||
        get_link(in, line, "link", bundle->chain.start.hash) != 0)
        return WF_ECORRUPT;
    return 0;
}

static bool is_json(struct wf_slice text)
{
    jv value;

    if (wf_val_parse_long(text.ptr, text.len, WF_BUNDLE_LINE_MAX, &value, NULL) != 0)
        return false;
    jv_free(value);
    return true;
}

static int read_text(struct reading *in, const jv *line)
{
    struct wf_bundle *bundle = in->bundle;
    struct wf_bundle_text *text;
    uint8_t is[WF_SHA256_SIZE];

    bundle->texts = wf_realloc(bundle->texts, (bundle->ntexts + 1) * sizeof *bundle->texts);
    text = &bundle->texts[bundle->ntexts++];
    text->text = get_text(in, line, "text");
    if (get_link(in, line, "sha256", text->sha256) != 0)
        return WF_ECORRUPT;
    if (!text->text.ptr)
        return refuse(in, "text");
    text->redacted = get_bool(line, "redacted");
    if (text->redacted && !is_json(text->text)) /* what the run did follows from the workflows: they must be whole */
        return refuse(in, "only a plan may be redacted");
    wf_sha256(text->text.ptr, text->text.len, is);
    return text->redacted || memcmp(is, text->sha256, sizeof is) == 0 ? 0
                                                                      : refuse(in, "the definition has another digest");
}

static int read_row(struct reading *in, const jv *line)
{
    struct wf_bundle *bundle = in->bundle;
    struct wf_log_row *row;

    if (bundle->nrows == in->rows_cap) {
        in->rows_cap = in->rows_cap ? in->rows_cap * 2 : 64;
        bundle->rows = wf_realloc(bundle->rows, in->rows_cap * sizeof *bundle->rows);
    }
    row = &bundle->rows[bundle->nrows++];
    *row = (struct wf_log_row){.number = bundle->nrows,
        .path = get_string(in, line, "path"),
        .kind = get_string(in, line, "kind"),
        .state = get_string(in, line, "state"),
        .seq = (uint64_t)get_number(line, "seq"),
        .at_ms = get_number(line, "atMs"),
        .json = get_text(in, line, "json"),
        .redacted = get_bool(line, "redacted")};
    if (get_number(line, "n") != (int64_t)row->number)
        return refuse(in, "records are missing or out of order");
    return get_digest(in, line, "sha256", &row->digest) != 0 || get_link(in, line, "link", row->link.hash) != 0
               ? WF_ECORRUPT
               : 0;
}

static int read_note(struct reading *in, const jv *line)
{
    struct wf_bundle *bundle = in->bundle;

    bundle->notes = wf_realloc(bundle->notes, (bundle->nnotes + 1) * sizeof *bundle->notes);
    bundle->notes[bundle->nnotes++] = (struct wf_bundle_note){get_string(in, line, "key"), get_text(in, line, "text")};
    return 0;
}

static int read_end(struct reading *in, const jv *line)
{
    struct wf_bundle *bundle = in->bundle;
    int rc = wf__status_read(wf_val_string(line, "status", ""), &bundle->chain.status, in->err);

    if (rc != 0)
        return rc;
    in->ended = true;
    bundle->chain.records = (uint64_t)get_number(line, "records");
    bundle->chain.updated_ms = get_number(line, "atMs");
    bundle->output = get_text(in, line, "output");
    bundle->chain.head = bundle->nrows ? bundle->rows[bundle->nrows - 1].link : bundle->chain.start;
    if (get_digest(in, line, "outputSha256", &bundle->chain.output) != 0)
        return WF_ECORRUPT;
    return wf__status_is_final(bundle->chain.status) ? get_link(in, line, "link", bundle->chain.end.hash) : 0;
}

static int read_line(struct reading *in, const char *text, size_t len)
{
    static const struct {
        const char *word;
        int (*read)(struct reading *, const jv *);
    } kinds[] = {
        {"run", read_run}, {"definition", read_text}, {"record", read_row}, {"note", read_note}, {"end", read_end}};
    const char *word;
    int rc = WF_ECORRUPT;
    jv line;

    in->line++;
    if (wf_val_parse_long(text, len, WF_BUNDLE_LINE_MAX, &line, NULL) != 0)
        return refuse(in, "it is no JSON");
    word = wf_val_string(&line, "bundle", "");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].word) == 0) {
            rc = in->ended || in->begun == (i == 0) ? refuse(in, "it stands in the wrong place")
                                                    : kinds[i].read(in, &line);
            jv_free(line);
            return rc;
        }
    rc = refuse(in, "it is of no kind that this wfrun knows");
    jv_free(line);
    return rc;
}

/* The last line, and that it fits. Sets *len to what stands before it. */
static int check_digest(const char *text, size_t *len, struct wf_err *err)
{
    static const char first[] = "{\"bundle\":\"run\",";
    struct wf_buf expected;
    size_t start;
    bool fits;

    if (*len < strlen(first) || memcmp(text, first, strlen(first)) != 0)
        return wf_err_set(err, WF_EINVAL, "it is no bundle; `wfrun export RUN` makes one");
    for (start = *len - 1; start > 0 && text[start - 1] != '\n'; start--)
        ;
    wf_buf_init(&expected, SIZE_MAX / 4);
    wf_buf_add(&expected, text, start);
    write_digest(&expected);
    fits = expected.len == *len && memcmp(expected.ptr, text, *len) == 0;
    wf_buf_done(&expected);
    if (!fits)
        return wf_err_set(err, WF_ECORRUPT,
            "the bundle was changed after it was written, or is cut off: its last line "
            "is not the digest of the others");
    *len = start;
    return 0;
}

int wf_bundle_read(const char *text, size_t len, struct wf_bundle **ret, struct wf_err *err)
{
    struct reading in = {.bundle = wf_calloc(1, sizeof *in.bundle), .err = err};
    const char *at = text, *end;
    int rc;

    in.bundle->arena = wf_arena_new(SIZE_MAX);
    in.bundle->imported = true;
    rc = check_digest(text, &len, err);
    for (; rc == 0 && (end = memchr(at, '\n', (size_t)(text + len - at))); at = end + 1)
        rc = read_line(&in, at, (size_t)(end - at));
    if (rc == 0 && !in.ended)
        rc = refuse(&in, "it has no end");
    if (rc == 0)
        *ret = in.bundle;
    else
        wf_bundle_free(in.bundle);
    return rc;
}
