/* val_write.c: values to JSON text. libjq's own writer has no depth limit and one allocation per piece. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "value/val_priv.h"

#define INTEGER_MAX 9007199254740992.0 /* 2^53 */

struct writer {
    struct wf_buf *buf;
    size_t places; /* taken: WF__VAL_PLACES */
    bool pretty, sorted;
};

void wf__val_write_number(double number, struct wf_buf *buf)
{
    char text[40];

    if (floor(number) == number && fabs(number) <= INTEGER_MAX) {
        wf_buf_printf(buf, "%.0f", number);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    wf_buf_str(buf, text);
}

static void write_number(double number, struct wf_buf *buf)
{
    if (isnan(number))
        wf_buf_str(buf, "null"); /* as jq does: JSON has no NaN */
    else if (isinf(number))
        wf__val_write_number(number > 0 ? DBL_MAX : -DBL_MAX, buf); /* as jq does */
    else
        wf__val_write_number(number, buf);
}

static void write_break(struct writer *w, size_t depth)
{
    if (!w->pretty)
        return;
    wf_buf_char(w->buf, '\n');
    for (size_t i = 0; i < depth; i++)
        wf_buf_str(w->buf, "  ");
}

static void write_string(jv string, struct wf_buf *buf)
{
    wf_buf_json_string(buf, jv_string_value(string), (size_t)jv_string_length_bytes(jv_copy(string)));
    jv_free(string);
}

static void write_value(struct writer *w, jv value, size_t depth);

static void write_array(struct writer *w, jv array, size_t depth)
{
    int len = jv_array_length(jv_copy(array));

    wf_buf_char(w->buf, '[');
    for (int i = 0; i < len && !w->buf->failed; i++) {
        if (i > 0)
            wf_buf_char(w->buf, ',');
        write_break(w, depth + 1);
        write_value(w, jv_array_get(jv_copy(array), i), depth + 1);
    }
    if (len > 0)
        write_break(w, depth);
    wf_buf_char(w->buf, ']');
    jv_free(array);
}

static void write_sorted_object(struct writer *w, jv object, size_t depth)
{
    jv keys = jv_keys(jv_copy(object));

    wf_buf_char(w->buf, '{');
    jv_array_foreach(keys, i, key) {
        if (i > 0)
            wf_buf_char(w->buf, ',');
        write_string(jv_copy(key), w->buf);
        wf_buf_char(w->buf, ':');
        write_value(w, jv_object_get(jv_copy(object), key), depth + 1);
    }
    wf_buf_char(w->buf, '}');
    jv_free(keys);
    jv_free(object);
}

static void write_object(struct writer *w, jv object, size_t depth)
{
    bool first = true;

    if (w->sorted) {
        write_sorted_object(w, object, depth);
        return;
    }

    wf_buf_char(w->buf, '{');
    for (int it = jv_object_iter(object); jv_object_iter_valid(object, it) && !w->buf->failed;
         it = jv_object_iter_next(object, it)) {
        if (!first)
            wf_buf_char(w->buf, ',');
        first = false;
        write_break(w, depth + 1);
        write_string(jv_object_iter_key(object, it), w->buf);
        wf_buf_str(w->buf, w->pretty ? ": " : ":");
        write_value(w, jv_object_iter_value(object, it), depth + 1);
    }
    if (!first)
        write_break(w, depth);
    wf_buf_char(w->buf, '}');
    jv_free(object);
}

static void write_nested(struct writer *w, jv value, size_t depth)
{
    bool object = jv_get_kind(value) == JV_KIND_OBJECT;
    size_t places = object ? 2 : 1;

    if (depth == WF_VAL_MAX_DEPTH || w->places + places > WF__VAL_PLACES) {
        w->buf->failed = true; /* what cannot be read back is not written */
        jv_free(value);
        return;
    }
    w->places += places;
    if (object)
        write_object(w, value, depth);
    else
        write_array(w, value, depth);
    w->places -= places;
}

static void write_value(struct writer *w, jv value, size_t depth)
{
    jv_kind kind = jv_get_kind(value);

    if (kind == JV_KIND_STRING) {
        write_string(value, w->buf);
    } else if (kind == JV_KIND_NUMBER) {
        write_number(jv_number_value(value), w->buf);
        jv_free(value);
    } else if (kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT) {
        write_nested(w, value, depth);
    } else {
        wf_buf_str(w->buf, kind == JV_KIND_TRUE ? "true" : kind == JV_KIND_FALSE ? "false" : "null");
        jv_free(value);
    }
}

void wf_val_write(const jv *value, struct wf_buf *buf)
{
    write_value(&(struct writer){.buf = buf}, jv_copy(*value), 0);
}

void wf_val_write_pretty(const jv *value, struct wf_buf *buf)
{
    write_value(&(struct writer){.buf = buf, .pretty = true}, jv_copy(*value), 0);
}

static char *text_of(const jv *value, bool sorted)
{
    struct wf_buf buf;

    wf_buf_init(&buf, SIZE_MAX / 4);
    write_value(&(struct writer){.buf = &buf, .sorted = sorted}, jv_copy(*value), 0);
    if (buf.failed) {
        wf_buf_done(&buf);
        return NULL;
    }
    return wf_buf_take(&buf);
}

char *wf_val_text(const jv *value)
{
    return text_of(value, false);
}

char *wf_val_canonical(const jv *value)
{
    return text_of(value, true);
}
