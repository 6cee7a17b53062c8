/* bundle_redact.c: takes what nobody else shall see out of a bundle: what the members of some names hold, and the same
 * texts wherever else they stand. The words in their place are made with a key that is thrown away, so that a replay finds
 * what was equal equal, and nobody can try names until one fits. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "journal/bundle.h"
#include "value/val.h"

#define PART_MIN 4 /* bytes: shorter ones count only as whole strings, else half of all words would be gone */

struct redaction {
    const char *const *names;
    struct wf_arena *arena;
    const char **found; /* sorted, each once */
    size_t count, cap;
    uint64_t key[4];
    uint8_t begins[8192]; /* a bit for the first two bytes of each */
};

/* ---- what is to go ---- */

static bool is_named(const struct redaction *red, const char *key)
{
    for (const char *const *name = red->names; *name; name++)
        if (strcmp(*name, key) == 0)
            return true;
    return false;
}

static void note(struct redaction *red, const char *text)
{
    if (!*text)
        return;
    if (red->count == red->cap) {
        red->cap = red->cap ? red->cap * 2 : 64;
        red->found = wf_realloc(red->found, red->cap * sizeof *red->found);
    }
    red->found[red->count++] = wf_arena_strdup(red->arena, text);
}

/* value is consumed. inside: of a member with such a name. */
static void look(struct redaction *red, jv value, bool inside)
{
    if (jv_get_kind(value) == JV_KIND_STRING && inside) {
        note(red, jv_string_value(value));
    } else if (jv_get_kind(value) == JV_KIND_ARRAY) {
        jv_array_foreach(value, i, item) {
            look(red, item, inside);
        }
    } else if (jv_get_kind(value) == JV_KIND_OBJECT) {
        jv_object_foreach(value, key, member) {
            look(red, member, inside || is_named(red, jv_string_value(key)));
            jv_free(key);
        }
    }
    jv_free(value);
}

static void look_at(struct redaction *red, struct wf_slice text)
{
    jv value;

    if (text.ptr && wf_val_parse_long(text.ptr, text.len, WF_BUNDLE_LINE_MAX, &value, NULL) == 0)
        look(red, value, false);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct redaction *red)
{
    size_t kept = 0;

    if (red->count)
        qsort(red->found, red->count, sizeof *red->found, by_text);
    for (size_t i = 0; i < red->count; i++) {
        const unsigned char *text = (const unsigned char *)red->found[i];
        unsigned begin = text[0] | (unsigned)text[1] << 8;

        if (kept && strcmp(red->found[kept - 1], red->found[i]) == 0)
            continue;
        red->begins[begin / 8] |= (uint8_t)(1u << begin % 8);
        red->found[kept++] = red->found[i];
    }
    red->count = kept;
}

/* ---- taking it out ---- */

/* How many of the sorted ones are not after the first len bytes of text. */
static size_t up_to(const struct redaction *red, const char *text, size_t len)
{
    size_t low = 0, high = red->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(red->found[middle], text, len);

        if (order < 0 || (order == 0 && strlen(red->found[middle]) <= len))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The longest one that text begins with; NULL: none. What is at the greatest place not after text shares the most with
 * it; when it is not a beginning of text, one that is can only be as long as what they share. */
static const char *longest(const struct redaction *red, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned begin = bytes[0] | (unsigned)bytes[1] << 8;
    size_t len = strlen(text);

    if (!(red->begins[begin / 8] & 1u << begin % 8))
        return NULL;
    while (len > 0) {
        size_t place = up_to(red, text, len), shared = 0;
        const char *candidate = place ? red->found[place - 1] : "";

        while (candidate[shared] && candidate[shared] == text[shared])
            shared++;
        if (!candidate[shared])
            return *candidate ? candidate : NULL;
        len = shared < len ? shared : len - 1;
    }
    return NULL;
}

static void put_word(const struct redaction *red, const char *text, struct wf_buf *buf)
{
    size_t len = strlen(text);
    char *keyed = wf_memdup(red->key, sizeof red->key), hex[WF_SHA256_TEXT];
    uint8_t sha256[WF_SHA256_SIZE];

    keyed = wf_realloc(keyed, sizeof red->key + len);
    memcpy(keyed + sizeof red->key, text, len);
    wf_sha256(keyed, sizeof red->key + len, sha256);
    wf_sha256_text(sha256, hex);
    wf_buf_printf(buf, "redacted-%.16s", hex);
    free(keyed);
}

/* True: something was taken out, and *ret (the caller frees) is what is left. */
static bool take_out(const struct redaction *red, const char *text, char **ret)
{
    bool changed = false;
    struct wf_buf buf;

    wf_buf_init(&buf, SIZE_MAX / 4);
    for (const char *at = text; *at;) {
        const char *found = longest(red, at);
        size_t len = found ? strlen(found) : 0;

        if (!found || (len < PART_MIN && (at != text || at[len]))) {
            wf_buf_char(&buf, *at++);
            continue;
        }
        put_word(red, found, &buf);
        changed = true;
        at += len;
    }
    if (changed)
        *ret = wf_buf_take(&buf);
    wf_buf_done(&buf);
    return changed;
}

/* value is consumed; *changed is set when something was taken out. */
static jv redacted(const struct redaction *red, jv value, bool *changed)
{
    char *left;

    if (jv_get_kind(value) == JV_KIND_STRING) {
        if (take_out(red, jv_string_value(value), &left)) {
            *changed = true;
            jv_free(value);
            value = jv_string(left);
            free(left);
        }
    } else if (jv_get_kind(value) == JV_KIND_ARRAY) {
        for (int i = 0, count = jv_array_length(jv_copy(value)); i < count; i++)
            value = jv_array_set(value, i, redacted(red, jv_array_get(jv_copy(value), i), changed));
    } else if (jv_get_kind(value) == JV_KIND_OBJECT) {
        jv all = jv_object();

        jv_object_foreach(value, key, member) {
            key = redacted(red, key, changed);
            all = jv_object_set(all, key, redacted(red, member, changed));
        }
        jv_free(value);
        value = all;
    }
    return value;
}

/* Texts of which nothing is taken out stay as they are, byte for byte. */
static bool redact_text(const struct redaction *red, struct wf_slice *text)
{
    bool changed = false;
    char *left;
    jv value;

    if (!text->ptr || wf_val_parse_long(text->ptr, text->len, WF_BUNDLE_LINE_MAX, &value, NULL) != 0)
        return false;
    value = redacted(red, value, &changed);
    left = changed ? wf_val_text(&value) : NULL;
    jv_free(value);
    if (!left)
        return false;
    *text = (struct wf_slice){wf_arena_strdup(red->arena, left), strlen(left)};
    free(left);
    return true;
}

/* ---- the bundle ---- */

static void look_at_all(struct redaction *red, const struct wf_bundle *bundle)
{
    look_at(red, bundle->start.input);
    look_at(red, bundle->start.meta);
    look_at(red, bundle->output);
    for (size_t i = 0; i < bundle->nrows; i++)
        look_at(red, bundle->rows[i].json);
    for (size_t i = 0; i < bundle->nnotes; i++)
        look_at(red, bundle->notes[i].json);
    for (size_t i = 0; i < bundle->ntexts; i++)
        if (bundle->texts[i].plan)
            look_at(red, bundle->texts[i].text);
}

void wf_bundle_redact(struct wf_bundle *bundle, const char *const *names)
{
    struct redaction red = {.names = names, .arena = bundle->arena};

    if (!*names)
        return;
    for (size_t i = 0; i < sizeof red.key / sizeof *red.key; i++)
        red.key[i] = wf_random_u64();
    look_at_all(&red, bundle);
    sort(&red);
    (void)redact_text(&red, &bundle->start.input);
    (void)redact_text(&red, &bundle->start.meta);
    (void)redact_text(&red, &bundle->output);
    for (size_t i = 0; i < bundle->nrows; i++)
        if (redact_text(&red, &bundle->rows[i].json))
            bundle->rows[i].redacted = true;
    for (size_t i = 0; i < bundle->nnotes; i++)
        (void)redact_text(&red, &bundle->notes[i].json);
    for (size_t i = 0; i < bundle->ntexts; i++) /* a workflow stays, for what the run did follows from it */
        if (bundle->texts[i].plan && redact_text(&red, &bundle->texts[i].text))
            bundle->texts[i].redacted = true;
    free(red.found);
}
