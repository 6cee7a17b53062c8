/* report_page.c: writes the parts of a page; every text of the run's goes through escape.h. */
#include "report/report_page.h"

#include <stdio.h>

#include "report/escape.h"

void wf_page_begin(struct wf_buf *buf, const char *title)
{
    wf_buf_str(buf,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    wf_html_text(buf, title);
    wf_buf_str(buf, "</title>\n<style>\n");
    wf_buf_str(buf, wf__page_style);
    wf_buf_str(buf, "</style>\n</head>\n<body>\n<main>\n");
}

void wf_page_end(struct wf_buf *buf, const char *footer)
{
    wf_buf_str(buf, "<footer>");
    wf_html_text(buf, footer);
    wf_buf_str(buf, "</footer>\n</main>\n</body>\n</html>\n");
}

void wf_page_heading(struct wf_buf *buf, const char *words, const char *small)
{
    wf_buf_str(buf, "<h2>");
    wf_html_text(buf, words);
    if (small) {
        wf_buf_str(buf, " <small>");
        wf_html_text(buf, small);
        wf_buf_str(buf, "</small>");
    }
    wf_buf_str(buf, "</h2>\n");
}

void wf_page_pill(struct wf_buf *buf, const char *kind, const char *words)
{
    wf_buf_printf(buf, "<span class=\"pill %s\">", kind);
    wf_html_text(buf, words);
    wf_buf_str(buf, "</span>");
}

void wf_page_tile(struct wf_buf *buf, const char *kind, const char *value, const char *words)
{
    wf_buf_printf(buf, "<div class=\"tile %s\"><b>", kind);
    wf_html_text(buf, value);
    wf_buf_str(buf, "</b><span>");
    wf_html_text(buf, words);
    wf_buf_str(buf, "</span></div>\n");
}

/* A word, a number or a date: not to be broken. */
static bool is_short(const char *cell)
{
    size_t width = 0;
    for (; cell[width]; width++)
        if (width > 20 || cell[width] == ' ')
            return false;
    return true;
}

static void put_row(struct wf_buf *buf, const struct wf_table *table, size_t row, const bool *right)
{
    wf_buf_str(buf, "<tr>");
    for (size_t c = 0; c < table->ncolumns; c++) {
        const char *cell = table->cells[row * table->ncolumns + c];
        wf_buf_str(buf, right[c] ? "<td class=\"num\">" : is_short(cell) ? "<td class=\"tight\">" : "<td>");
        wf_html_text(buf, cell);
        wf_buf_str(buf, "</td>");
    }
    wf_buf_str(buf, "</tr>\n");
}

#define COLUMNS_MAX 64

void wf_page_table(struct wf_buf *buf, const struct wf_table *table, size_t max_rows, const char *rest)
{
    bool right[COLUMNS_MAX] = {false};
    struct wf_table narrow = *table;
    size_t rows = table->nrows < max_rows ? table->nrows : max_rows;
    if (table->ncolumns > COLUMNS_MAX || !table->ncolumns)
        return;
    wf_buf_printf(buf, "<div class=\"scroll%s\" tabindex=\"0\"><table>\n<thead><tr>", rows > 25 ? " tall" : "");
    for (size_t c = 0; c < narrow.ncolumns; c++) {
        right[c] = wf_table_is_numeric(table, c);
        wf_buf_str(buf, right[c] ? "<th class=\"num\">" : "<th>");
        wf_html_text(buf, table->titles[c]);
        wf_buf_str(buf, "</th>");
    }
    wf_buf_str(buf, "</tr></thead>\n<tbody>\n");
    for (size_t r = 0; r < rows; r++)
        put_row(buf, table, r, right);
    wf_buf_str(buf, "</tbody></table></div>\n");
    if (rows < table->nrows) {
        wf_buf_printf(buf, "<p class=\"soft\">and %zu more", table->nrows - rows);
        if (rest) {
            wf_buf_str(buf, ": <code>");
            wf_html_text(buf, rest);
            wf_buf_str(buf, "</code>");
        }
        wf_buf_str(buf, "</p>\n");
    }
}

void wf_page_list(struct wf_buf *buf, const jv *texts, size_t max_items)
{
    size_t count = (size_t)jv_array_length(jv_copy(*texts));
    wf_buf_str(buf, "<ul>\n");
    for (size_t i = 0; i < count && i < max_items; i++) {
        jv text = jv_array_get(jv_copy(*texts), (int)i);
        wf_buf_str(buf, "<li>");
        wf_html_text(buf, jv_get_kind(text) == JV_KIND_STRING ? jv_string_value(text) : "");
        wf_buf_str(buf, "</li>\n");
        jv_free(text);
    }
    wf_buf_str(buf, "</ul>\n");
    if (count > max_items)
        wf_buf_printf(buf, "<p class=\"soft\">and %zu more</p>\n", count - max_items);
}

void wf_page_attention(struct wf_buf *buf, const jv *attention, size_t max_items)
{
    jv_array_foreach(*attention, i, entry) {
        jv items = wf_val_get(&entry, "items");
        wf_buf_str(buf, "<div class=\"card warn\"><h3>");
        wf_html_text(buf, wf_val_string(&entry, "title", ""));
        wf_buf_printf(buf, " <span class=\"soft\">(%d)</span></h3>\n", jv_array_length(jv_copy(items)));
        wf_page_list(buf, &items, max_items);
        wf_buf_str(buf, "</div>\n");
        jv_free(items);
        jv_free(entry);
    }
}
