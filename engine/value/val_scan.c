/* val_scan.c: is this text one JSON value (RFC 8259), and within our limits? libjq's parser takes more than JSON (nan,
 * 01, control characters, bad UTF-8) and says less about where it stopped, so it only ever sees what passed here. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "value/val_priv.h"

struct scan {
    const char *text, *end, *at;
    size_t depth, places;             /* places: WF__VAL_PLACES */
    bool in_object[WF_VAL_MAX_DEPTH]; /* what each open bracket is */
    struct wf_err *err;
};

static int fail(struct scan *s, int code, const char *what)
{
    size_t offset = (size_t)(s->at - s->text);
    int line = 1;
    const char *start = s->text;

    for (const char *p = s->text; p < s->at; p++) {
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    }
    size_t col = wf_utf8_count(start, (size_t)(s->text + offset - start)) + 1;
    return wf_err_set(s->err, code, "not JSON: line %d, column %zu: %s", line, col, what);
}

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool is_hex4(const char *p, const char *end)
{
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        if (!memchr("0123456789abcdefABCDEF", p[i], 22))
            return false;
    }
    return true;
}

/* UTF-8 is checked for the whole text beforehand. */
static int scan_string(struct scan *s)
{
    for (s->at++; s->at < s->end; s->at++) {
        unsigned char c = (unsigned char)*s->at;

        if (c == '"') {
            s->at++;
            return 0;
        }
        if (c < 0x20)
            return fail(s, WF_EINVAL, "a control character within a string must be escaped");
        if (c != '\\')
            continue;
        s->at++;
        if (s->at == s->end)
            break;
        if (*s->at == 'u' && is_hex4(s->at + 1, s->end))
            s->at += 4;
        else if (!memchr("\"\\/bfnrt", *s->at, 8))
            return fail(s, WF_EINVAL, "no such escape within a string");
    }
    return fail(s, WF_EINVAL, "the text ends within a string");
}

static int scan_number(struct scan *s)
{
    take(s, '-');
    if (!is_digit(s))
        return fail(s, WF_EINVAL, "expected a digit");
    if (!take(s, '0')) {
        while (is_digit(s))
            s->at++;
    } else if (is_digit(s)) {
        return fail(s, WF_EINVAL, "a number must not begin with 0");
    }
    if (take(s, '.')) {
        if (!is_digit(s))
            return fail(s, WF_EINVAL, "expected a digit after the decimal point");
        while (is_digit(s))
            s->at++;
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+'))
            take(s, '-');
        if (!is_digit(s))
            return fail(s, WF_EINVAL, "expected a digit in the exponent");
        while (is_digit(s))
            s->at++;
    }
    return 0;
}

static int scan_word(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);

        if ((size_t)(s->end - s->at) >= len && memcmp(s->at, words[i], len) == 0) {
            s->at += len;
            return 0;
        }
    }
    if (s->at == s->end)
        return fail(s, WF_EINVAL, "the text ends where a value is expected");
    return fail(s, WF_EINVAL, "expected a value (object, array, string, number, true, false or null)");
}

/* A member's key and colon. */
static int scan_key(struct scan *s)
{
    skip_space(s);
    if (s->at == s->end || *s->at != '"')
        return fail(
            s, WF_EINVAL, s->at == s->end ? "the text ends within an object" : "expected a key in double quotes");
    int rc = scan_string(s);
    if (rc)
        return rc;
    skip_space(s);
    return take(s, ':') ? 0 : fail(s, WF_EINVAL, "expected a colon after the key");
}

/* The beginning of a value: all of it when it is a scalar, else the opening bracket (and the first key).
 * *ret_open tells whether a value must follow. */
static int scan_begin(struct scan *s, bool *ret_open)
{
    skip_space(s);
    *ret_open = false;
    char c = s->at < s->end ? *s->at : '\0';
    if (c == '"')
        return scan_string(s);
    if (c == '-' || is_digit(s))
        return scan_number(s);
    if (c != '{' && c != '[')
        return scan_word(s);
    s->places += c == '{' ? 2 : 1;
    if (s->depth == WF_VAL_MAX_DEPTH || s->places > WF__VAL_PLACES)
        return fail(s, WF_ELIMIT, "nested too deep (more than 200 levels, or 125 objects)");
    s->in_object[s->depth++] = c == '{';
    s->at++;
    skip_space(s);
    if (s->at < s->end && *s->at == (c == '{' ? '}' : ']'))
        return 0; /* empty: scan_end closes it */
    *ret_open = true;
    return c == '{' ? scan_key(s) : 0;
}

/* What follows a whole value: closing brackets, then a comma (*ret_open: a value must follow) or the end. */
static int scan_end(struct scan *s, bool *ret_open)
{
    while (s->depth > 0) {
        bool object = s->in_object[s->depth - 1];

        skip_space(s);
        if (take(s, ',')) {
            *ret_open = true;
            return object ? scan_key(s) : 0;
        }
        if (!take(s, object ? '}' : ']'))
            return fail(s, WF_EINVAL,
                s->at == s->end ? "the text ends within an object or array"
                : object        ? "expected a comma or }"
                                : "expected a comma or ]");
        s->depth--;
        s->places -= object ? 2 : 1;
    }
    return 0;
}

int wf__val_scan(const char *text, size_t len, struct wf_err *err)
{
    struct scan s = {.text = text, .end = text + len, .at = text, .err = err};
    size_t valid = wf_utf8_valid(text, len);
    bool open = true;

    if (valid < len) {
        s.at = text + valid;
        return fail(&s, WF_EINVAL, "the bytes are not UTF-8");
    }
    while (open) {
        int rc = scan_begin(&s, &open);

        if (!rc && !open)
            rc = scan_end(&s, &open);
        if (rc)
            return rc;
    }
    skip_space(&s);
    return s.at == s.end ? 0 : fail(&s, WF_EINVAL, "expected nothing after the value");
}
