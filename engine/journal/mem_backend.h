/* mem_backend.h: what the files of the in-memory backend share. Loop thread. */
#ifndef WF_JOURNAL_MEM_BACKEND_H
#define WF_JOURNAL_MEM_BACKEND_H

#include "journal/bell.h"
#include "journal/bucket.h"
#include "journal/keylock.h"
#include "journal/run_ref.h"

struct wf__mem_note {
    struct wf__mem_note *next;
    char *key, *json;
    size_t len;
};

struct wf__mem_control {
    struct wf__mem_control *next;
    enum wf_control_kind kind;
    char *path, *json;
    size_t len;
    bool delivered; /* in this activation */
};

struct wf__mem_run {
    struct wf__mem_run *next; /* newest first */
    struct wf_start start;
    enum wf_run_status status;
    int64_t updated_ms;
    struct wf__opmap map;
    struct wf__mem_note *notes;
    struct wf__mem_control *controls; /* oldest first */
    char *output;
    size_t output_len;
    struct wf_run_ref *ref; /* NULL: not active */
    bool imported;
    struct wf_chain origin; /* of an imported one */
};

struct wf__mem_definition {
    struct wf__mem_definition *next;
    uint8_t sha256[WF_SHA256_SIZE];
    char *text;
    size_t len;
};

/* What the engine will be told, in the order in which it came to be. */
struct wf__mem_news {
    struct wf__mem_news *next;
    enum news_kind { NEWS_ACTIVATE, NEWS_STORED, NEWS_ENDED, NEWS_LOST } kind;
    struct wf_run_ref *ref;
    uint64_t token;
    int rc;
};

struct wf_backend {
    struct wf_settings settings;
    struct wf__mem_run *runs;
    struct wf__mem_definition *definitions;
    struct wf__mem_news *first, **last;
    struct wf_run_ref *lost; /* kept until close: the engine may still hold them */
    struct wf__bell *bell;
    struct wf__buckets buckets;
    struct wf__keylocks locks;
    struct wf_err failure;
};

struct wf__mem_run *wf__mem_find(const struct wf_backend *, const char *run_id); /* NULL: there is none */
int wf__mem_not_found(const char *run_id, struct wf_err *);
struct wf__mem_run *wf__mem_run_new(const struct wf_start *);
void wf__mem_run_free(struct wf__mem_run *);

/* mem_past.c */
int wf__mem_seed(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
    enum wf_run_status, struct wf_slice output, struct wf_err *);
int wf__mem_adopt(struct wf_backend *, const struct wf_start *, const struct wf_seed *rows, size_t count,
    struct wf_slice output, const struct wf_chain *, struct wf_err *);
int wf__mem_log(struct wf_backend *, const char *run_id, void (*row)(void *arg, const struct wf_log_row *), void *arg,
    struct wf_chain *ret, struct wf_err *);

/* mem_query.c */
int wf__mem_annotate(struct wf_backend *, const char *run_id, const char *key, struct wf_slice json, struct wf_err *);
void wf__mem_note(struct wf_run_ref *, const char *key, struct wf_slice json);
int wf__mem_query(struct wf_backend *, const struct wf_query *, void (*row)(void *arg, const struct wf_run_row *),
    void *arg, struct wf_err *);
int wf__mem_history(struct wf_backend *, const char *run_id, void (*record)(void *arg, const struct wf_record *),
    void *arg, struct wf_err *);
int wf__mem_notes(struct wf_backend *, const char *run_id, void (*note)(void *arg, const char *key, struct wf_slice),
    void *arg, struct wf_err *);
int wf__mem_put_definition(
    struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], const char *text, size_t len, struct wf_err *);
int wf__mem_get_definition(
    struct wf_backend *, const uint8_t sha256[WF_SHA256_SIZE], char **ret_text, size_t *ret_len, struct wf_err *);

#endif
