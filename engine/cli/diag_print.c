/* diag_print.c: findings for people: the line that editors know, an excerpt with a caret, a hint. */
#include "cli/diag_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "def/yaml.h"
#include "report/term.h"

#define EXCERPT_MAX 160 /* columns of the excerpt */

/* The line's bytes, without its end. NULL: the text has no such line. */
static const char *find_line(const char *text, size_t len, int line, size_t *ret_len)
{
    const char *end = text + len;
    for (int n = 1; n < line; n++) {
        text = memchr(text, '\n', (size_t)(end - text));
        if (!text)
            return NULL;
        text++;
    }
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    *ret_len = (size_t)((stop ? stop : end) - text);
    if (*ret_len && text[*ret_len - 1] == '\r')
        (*ret_len)--;
    return text;
}

static size_t char_bytes(const char *text, size_t len)
{
    size_t n = wf_utf8_next(text, len, NULL);
    return n ? n : 1;
}

/* How many characters from the caret on belong to the word at fault. */
static size_t word_width(const char *text, size_t len)
{
    size_t width = 0;
    if (len && (*text == '"' || *text == '\'')) {
        const char *close = memchr(text + 1, *text, len - 1);
        len = close ? (size_t)(close - text) + 1 : 1;
    } else if (len > 1 && text[0] == '$' && text[1] == '{' && memchr(text, '}', len)) {
        while (text[len - 1] != '}')
            len--;
    } else {
        size_t n = 0;
        while (n < len && !strchr(" \t:,]}", text[n]))
            n++;
        len = n ? n : 1;
    }
    while (len) {
        size_t n = char_bytes(text, len);
        width++;
        text += n;
        len -= n < len ? n : len;
    }
    return width;
}

static void print_excerpt(FILE *file, const struct wf_loc *loc, const char *text, size_t len)
{
    size_t line_len;
    const char *line = loc->line > 0 ? find_line(text, len, loc->line, &line_len) : NULL;
    if (!line || !line_len)
        return;
    size_t at = 0;
    for (int col = 1; col < loc->col && at < line_len; col++)
        at += char_bytes(line + at, line_len - at);
    at = at > line_len ? line_len : at;
    struct wf_buf shown, caret;
    wf_buf_init(&shown, 4 * EXCERPT_MAX + 16);
    wf_buf_init(&caret, 4 * EXCERPT_MAX + 16);
    char *before = wf_memdup(line, at), *whole = wf_memdup(line, line_len);
    for (char *p = before; *p; p++)
        *p = *p == '\t' ? ' ' : *p;
    for (char *p = whole; *p; p++)
        *p = *p == '\t' ? ' ' : *p;
    size_t indent = wf_text_width(before), width = word_width(line + at, line_len - at);
    wf_text_fit(&shown, whole, EXCERPT_MAX, false);
    fprintf(file, "%5d | %s\n", loc->line, shown.ptr ? shown.ptr : "");
    if (indent < EXCERPT_MAX) {
        for (size_t i = 0; i < indent; i++)
            wf_buf_char(&caret, ' ');
        for (size_t i = 0; i < width && indent + i < EXCERPT_MAX; i++)
            wf_buf_char(&caret, i ? '~' : '^');
        fprintf(file, "      | %s\n", caret.ptr);
    }
    free(before);
    free(whole);
    wf_buf_done(&shown);
    wf_buf_done(&caret);
}

static char *masked(const char *text)
{
    return wf_mask_apply(wf_strdup(text));
}

void wf_diag_print_one(FILE *file, const struct wf_diag *diag, const char *text, size_t len)
{
    bool colour = wf_term_colour(file), error = diag->severity == WF_SEV_ERROR;
    const char *on = !colour ? "" : error ? "\033[1;31m" : "\033[1;33m", *off = colour ? "\033[0m" : "";
    char code[16] = "";
    if (diag->code)
        snprintf(code, sizeof code, "[WF%04d]", diag->code);
    char *msg = masked(diag->msg), *read = NULL;
    const struct wf_loc *loc = &diag->loc;
    fprintf(file, "%s:%d:%d: %s%s%s%s: %s\n", loc->file ? loc->file : "wfrun", loc->line > 0 ? loc->line : 1,
        loc->col > 0 ? loc->col : 1, on, error ? "error" : "warning", code, off, msg);
    if (!text && loc->file && loc->line > 0 && strcmp(loc->file, "-") != 0) {
        struct wf_err err = {0};
        if (wf_yaml_read_file(loc->file, &read, &len, &err) == 0)
            text = read;
    }
    if (text)
        print_excerpt(file, loc, text, len);
    if (diag->hint) {
        char *hint = masked(diag->hint);
        fprintf(file, "  hint: %s\n", hint);
        free(hint);
    }
    free(read);
    free(msg);
}

void wf_diags_print(FILE *file, const struct wf_diags *diags, const char *text, size_t len)
{
    for (size_t i = 0; i < diags->count; i++)
        wf_diag_print_one(file, &diags->items[i], text, len);
    size_t kept_errors = 0;
    for (size_t i = 0; i < diags->count; i++)
        kept_errors += diags->items[i].severity == WF_SEV_ERROR;
    if (diags->errors > kept_errors)
        fprintf(file, "wfrun: %zu more errors are not shown\n", diags->errors - kept_errors);
}
