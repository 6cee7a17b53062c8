/* escape.c: makes text harmless for the two readers that would take it for more. */
#include "report/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_unfit(uint32_t code)
{
    bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
    bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return control || turns || code == 0xfffe || code == 0xffff;
}

void wf_html_bytes(struct wf_buf *buf, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = wf_utf8_next(text + i, len - i, &code);
        const char *entity = entity_of(code);
        if (n == 0 || is_unfit(code))
            wf_buf_str(buf, REPLACEMENT);
        else if (entity)
            wf_buf_str(buf, entity);
        else
            wf_buf_add(buf, text + i, n);
        i += n ? n : 1;
    }
}

void wf_html_text(struct wf_buf *buf, const char *text)
{
    wf_html_bytes(buf, text, strlen(text));
}

static bool is_plain_number(const char *text)
{
    char *end;
    (void)strtod(text, &end);
    return end > text && !*end && strspn(text, "+-0123456789.eE") == strlen(text);
}

void wf_csv_cell(struct wf_buf *buf, const char *text, bool first)
{
    bool formula = *text && strchr("=+-@\t\r\n", *text) && !is_plain_number(text);
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (!first)
        wf_buf_char(buf, ',');
    if (quoted)
        wf_buf_char(buf, '"');
    if (formula)
        wf_buf_char(buf, '\'');
    for (; *text; text++) {
        if (*text == '"')
            wf_buf_char(buf, '"');
        wf_buf_char(buf, *text);
    }
    if (quoted)
        wf_buf_char(buf, '"');
}
