/* term.c: size and colour of the terminal, width of text. */
#include "config.h" /* _GNU_SOURCE, for wcwidth and newlocale */

#include "report/term.h"

#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"

#define COLUMNS_ELSE 100
#define ROWS_ELSE    24

void wf_term_size(int fd, size_t *ret_columns, size_t *ret_rows)
{
    struct winsize size = {0};
    *ret_columns = COLUMNS_ELSE;
    *ret_rows = ROWS_ELSE;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        *ret_columns = size.ws_col;
        *ret_rows = size.ws_row;
        return;
    }
    const char *columns = getenv("COLUMNS");
    long n = columns ? strtol(columns, NULL, 10) : 0;
    if (n >= 20 && n <= 1000)
        *ret_columns = (size_t)n;
}

bool wf_term_colour(FILE *file)
{
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return isatty(fileno(file)) && term && strcmp(term, "dumb") != 0;
}

/* All our text is UTF-8, whatever the environment says. Loaded only when a character beyond Latin needs it, and never made
 * the process's locale: plugins may be running. */
static locale_t utf8;

static void load_utf8(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static size_t code_width(uint32_t code)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (code < 0x300)
        return 1;
    pthread_once(&once, load_utf8);
    if (!utf8)
        return 1;
    locale_t before = uselocale(utf8);
    int width = wcwidth((wchar_t)code);
    uselocale(before);
    return width < 0 ? 1 : (size_t)width;
}

/* One character's bytes in *ret_len and what stands for it: itself, or '?' for what a terminal must not get. */
static size_t char_width(const char *text, size_t len, size_t *ret_len, bool *ret_shown)
{
    uint32_t code = 0;
    size_t n = wf_utf8_next(text, len, &code);
    *ret_len = n ? n : 1;
    *ret_shown = n > 0 && code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0) &&
                 !(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
    if (!*ret_shown)
        return 1;
    return code_width(code);
}

size_t wf_text_width(const char *text)
{
    size_t width = 0, len = strlen(text);
    while (len) {
        size_t n;
        bool shown;
        width += char_width(text, len, &n, &shown);
        text += n;
        len -= n;
    }
    return width;
}

size_t wf_text_line(const char *text, size_t width)
{
    size_t len = strlen(text), used = 0, blank = 0, n;
    bool shown;
    for (size_t at = 0; at < len; at += n) {
        used += char_width(text + at, len - at, &n, &shown);
        if (text[at] == ' ')
            blank = at;
        if (used > width && at > 0)
            return blank ? blank : at;
    }
    return len;
}

void wf_text_fit(struct wf_buf *buf, const char *text, size_t width, bool pad)
{
    size_t len = strlen(text), used = 0;
    bool cut = wf_text_width(text) > width;
    size_t room = cut && width ? width - 1 : width;
    while (len) {
        size_t n;
        bool shown;
        size_t w = char_width(text, len, &n, &shown);
        if (used + w > room)
            break;
        if (shown)
            wf_buf_add(buf, text, n);
        else
            wf_buf_char(buf, '?');
        used += w;
        text += n;
        len -= n;
    }
    if (cut && width) {
        wf_buf_str(buf, "…");
        used++;
    }
    for (; pad && used < width; used++)
        wf_buf_char(buf, ' ');
}
