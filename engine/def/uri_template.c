/* uri_template.c: names in braces in an endpoint (`{name}`), replaced by the percent-encoded member of the data.
 * Source: RFC 6570. */
#include "def/uri_template.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_URI  ((size_t)64 << 10)
#define MAX_NAME 128

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

/* The length of the name at text, which follows a brace and ends with one; 0: it is none. */
static size_t name_length(const char *text, const char *end)
{
    const char *p = text;
    while (p < end && is_name_char(*p))
        p++;
    return p < end && *p == '}' && p - text < MAX_NAME ? (size_t)(p - text) : 0;
}

bool wf__uri_template_check(const struct wf_node *text, struct wf_diags *diags)
{
    const char *end = text->text + text->len;
    bool has_names = false;
    for (const char *p = text->text; p < end; p++) {
        if (*p == '}') {
            wf_diags_add(diags, WF_SEV_ERROR, 205, text->loc, "a literal brace is written %7B or %7D",
                "a URI template has a `}` without `{`");
            return false;
        }
        if (*p != '{')
            continue;
        size_t len = name_length(p + 1, end);
        if (len == 0) {
            wf_diags_add(diags, WF_SEV_ERROR, 205, text->loc,
                "between braces stands one name, such as {id}; for more write an expression: ${ "
                "\"https://host/\\(.id)\" }",
                "`%.40s` is no URI template", p);
            return false;
        }
        has_names = true;
        p += len + 1;
    }
    return has_names;
}

/* `.` itself, or the member under a dotted name; null when there is none. */
static jv look_up(const jv *dot, const char *name, size_t len)
{
    char key[MAX_NAME];
    snprintf(key, sizeof key, "%.*s", (int)len, name);
    jv whole = wf_val_get(dot, key);
    if (jv_is_valid(whole))
        return whole;
    jv_free(whole);
    jv value = jv_copy(*dot);
    for (char *rest = key, *part = strsep(&rest, "."); part; part = strsep(&rest, ".")) {
        jv member = wf_val_get(&value, part);
        jv_free(value);
        value = member;
    }
    if (jv_is_valid(value))
        return value;
    jv_free(value);
    return jv_null();
}

static void add_encoded(struct wf_buf *buf, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 && (isalnum(c) || strchr("-._~", c)) && c)
            wf_buf_char(buf, (char)c);
        else
            wf_buf_printf(buf, "%%%02X", c);
    }
}

static int add_value(struct wf_buf *buf, jv value, const char *name, size_t len, struct wf_err *err)
{
    int rc = 0;
    jv_kind kind = jv_get_kind(value);
    if (kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT) {
        rc = wf_err_set(
            err, WF_EINVAL, "`%.*s` in the URI is an %s, not text or a number", (int)len, name, jv_kind_name(kind));
    } else if (kind == JV_KIND_STRING) {
        add_encoded(buf, jv_string_value(value), (size_t)jv_string_length_bytes(jv_copy(value)));
    } else if (kind != JV_KIND_NULL) {
        char *text = wf_val_text(&value);
        add_encoded(buf, text, strlen(text));
        free(text);
    }
    jv_free(value);
    return rc;
}

int wf__uri_template_expand(const struct wf_node *text, const jv *dot, jv *ret, struct wf_err *err)
{
    struct wf_buf buf;
    wf_buf_init(&buf, MAX_URI);
    int rc = 0;
    const char *end = text->text + text->len;
    for (const char *p = text->text; p < end && rc == 0; p++) {
        if (*p != '{') {
            wf_buf_char(&buf, *p);
            continue;
        }
        size_t len = name_length(p + 1, end);
        rc = add_value(&buf, look_up(dot, p + 1, len), p + 1, len, err);
        p += len + 1;
    }
    if (rc == 0 && buf.failed)
        rc = wf_err_set(err, WF_ELIMIT, "the URI is longer than %zu KiB", MAX_URI >> 10);
    if (rc == 0)
        *ret = jv_string_sized(buf.ptr ? buf.ptr : "", (int)buf.len);
    wf_buf_done(&buf);
    return rc;
}
