/* schema_ref.c: references within one schema document: JSON Pointers, anchors, and the ids of embedded schemas. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "value/schema_compile.h"

/* ---- URIs (RFC 3986, as far as schemas use them) ---- */

static size_t scheme_len(const char *uri)
{
    size_t len = 0;

    while (isalnum((unsigned char)uri[len]) || (len > 0 && strchr("+-.", uri[len]) && uri[len]))
        len++;
    return len > 0 && uri[len] == ':' ? len + 1 : 0;
}

/* Bytes of base up to the path: scheme and authority. */
static size_t authority_end(const char *base)
{
    size_t scheme = scheme_len(base);

    if (strncmp(base + scheme, "//", 2) != 0)
        return scheme;
    return scheme + 2 + strcspn(base + scheme + 2, "/?#");
}

/* Where the last segment of base[root..end) begins. */
static size_t segment_start(const char *base, size_t root, size_t end)
{
    while (end > root && base[end - 1] != '/')
        end--;
    return end;
}

char *wf__suri_join(const char *base, const char *reference)
{
    size_t keep = authority_end(base), whole = strcspn(base, "#");

    if (scheme_len(reference) > 0)
        return wf_strdup(reference);
    if (reference[0] == '#' || reference[0] == '\0')
        return wf_asprintf("%.*s%s", (int)whole, base, reference);
    if (reference[0] != '/') { /* beside the last segment */
        size_t root = keep;

        keep = segment_start(base, root, whole);
        while (strncmp(reference, "./", 2) == 0 || strncmp(reference, "../", 3) == 0) {
            bool up = reference[1] == '.';

            reference += up ? 3 : 2;
            if (up && keep > root + 1)
                keep = segment_start(base, root, keep - 1);
        }
    }
    return wf_asprintf("%.*s%s", (int)keep, base, reference);
}

/* Turns %7E and the like into bytes. */
static char *percent_decode(const char *text)
{
    char *out = wf_strdup(text), *to = out;

    for (const char *p = text; *p; p++) {
        if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
            char hex[3] = {p[1], p[2], '\0'};

            *to++ = (char)strtol(hex, NULL, 16);
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    return out;
}

/* ---- look-up ---- */

/* The value at a JSON Pointer; invalid when there is none. */
static jv value_at(const jv *root, const char *pointer)
{
    jv value = jv_copy(*root);

    while (*pointer == '/' && jv_is_valid(value)) {
        struct wf_buf key;
        jv next;

        wf_buf_init(&key, SIZE_MAX / 4);
        wf_buf_str(&key, "");
        for (pointer++; *pointer && *pointer != '/'; pointer++) {
            bool escaped = *pointer == '~' && (pointer[1] == '0' || pointer[1] == '1');

            wf_buf_char(&key, !escaped ? *pointer : pointer[1] == '0' ? '~' : '/');
            pointer += escaped;
        }
        char *end = key.ptr;
        unsigned long index = strtoul(key.ptr, &end, 10);
        if (jv_get_kind(value) == JV_KIND_ARRAY)
            next = key.len > 0 && *end == '\0' && index < INT_MAX ? jv_array_get(jv_copy(value), (int)index)
                                                                  : jv_invalid();
        else
            next = wf_val_get(&value, key.ptr);
        wf_buf_done(&key);
        jv_free(value);
        value = next;
    }
    return value;
}

/* The node at a place. A place that no keyword led to (`#/parts/x`) is compiled now. */
static int node_at(
    struct wf__scompiler *c, const char *pointer, const struct wf__sref *ref, const char *base, struct wf__snode **ret)
{
    jv known = jv_object_get(jv_copy(c->places), jv_string(pointer));

    if (jv_get_kind(known) == JV_KIND_NUMBER) {
        *ret = c->schema->nodes[(size_t)jv_number_value(known)];
        return 0;
    }
    jv_free(known);
    jv value = value_at(&c->root, pointer);
    if (jv_is_valid(value))
        return wf__scompile(c, value, pointer, base, ret);
    jv_free(value);
    char *what = wf_asprintf("\"%s\" leads nowhere in this schema", ref->text);
    int rc = wf__sbad(c, ref->pointer, NULL, what);
    free(what);
    return rc;
}

/* Consumes table; the text it has under key, or NULL. The caller frees. */
static char *look_up(jv table, const char *key)
{
    const char *text = wf_val_string(&table, key, NULL);
    char *out = text ? wf_strdup(text) : NULL;

    jv_free(table);
    return out;
}

static int resolve(struct wf__scompiler *c, const struct wf__sref *ref)
{
    char *uri = wf__suri_join(ref->base, ref->text), *pointer = NULL;
    struct wf__snode *node = NULL;
    char *fragment = uri + strcspn(uri, "#");

    if (fragment[0] == '#' && fragment[1] != '\0' && fragment[1] != '/') {
        pointer = look_up(jv_copy(c->anchors), uri);
        *fragment = '\0';
    } else {
        char *path = percent_decode(fragment[0] ? fragment + 1 : "");

        *fragment = '\0';
        char *from = look_up(jv_copy(c->ids), uri);
        if (from)
            pointer = wf_asprintf("%s%s", from, path);
        free(from);
        free(path);
    }
    int rc;
    if (pointer) {
        rc = node_at(c, pointer, ref, uri, &node);
    } else {
        char *what = wf_asprintf("\"%s\" is not in this document, and no other is read", ref->text);

        rc = wf__sbad(c, ref->pointer, NULL, what);
        free(what);
    }
    if (!rc)
        *ref->target = node;
    free(pointer);
    free(uri);
    return rc;
}

int wf__sresolve_all(struct wf__scompiler *c)
{
    int rc = 0;

    for (size_t i = 0; i < c->nrefs && !rc; i++) { /* resolving may add references */
        struct wf__sref ref = c->refs[i];

        rc = resolve(c, &ref);
    }
    return rc;
}
