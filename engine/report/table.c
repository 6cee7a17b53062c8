/* table.c: layout of tables, and the way from values to rows. */
#include "report/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/term.h"

#define GAP             2 /* blanks between columns */
#define COLUMN_MIN      6 /* a column does not shrink below this */
#define LIST_SHOWN      5 /* items of a list in a cell */
#define GENERIC_COLUMNS 12

void wf_table_init(struct wf_table *table, const char *const *titles, size_t ncolumns)
{
    *table = (struct wf_table){.ncolumns = ncolumns, .titles = wf_calloc(ncolumns + 1, sizeof(char *))};
    for (size_t i = 0; i < ncolumns; i++)
        table->titles[i] = wf_strdup(titles[i]);
}

void wf_table_done(struct wf_table *table)
{
    for (size_t i = 0; i < table->ncolumns; i++)
        free(table->titles[i]);
    for (size_t i = 0; i < table->ncolumns * table->nrows; i++)
        free(table->cells[i]);
    free(table->titles);
    free(table->cells);
    *table = (struct wf_table){0};
}

static void add_row(struct wf_table *table, char **cells) /* takes the cells */
{
    size_t used = table->nrows * table->ncolumns;
    if ((table->nrows & (table->nrows + 1)) == 0) /* room for 1, 3, 7, 15 ... rows */
        table->cells = wf_realloc(table->cells, (2 * table->nrows + 1) * table->ncolumns * sizeof *table->cells);
    memcpy(table->cells + used, cells, table->ncolumns * sizeof *cells);
    table->nrows++;
}

void wf_table_add(struct wf_table *table, const char *const *cells)
{
    char **copies = wf_calloc(table->ncolumns, sizeof *copies);
    for (size_t i = 0; i < table->ncolumns; i++)
        copies[i] = wf_strdup(cells[i] ? cells[i] : "");
    add_row(table, copies);
    free(copies);
}

/* ---- layout ---- */

static size_t *measure(const struct wf_table *table, size_t rows)
{
    size_t *widths = wf_calloc(table->ncolumns, sizeof *widths);
    for (size_t c = 0; c < table->ncolumns; c++) {
        widths[c] = wf_text_width(table->titles[c]);
        for (size_t r = 0; r < rows; r++) {
            size_t w = wf_text_width(table->cells[r * table->ncolumns + c]);
            widths[c] = w > widths[c] ? w : widths[c];
        }
    }
    return widths;
}

static void shrink(size_t *widths, size_t count, size_t width)
{
    for (;;) {
        size_t total = (count - 1) * GAP, widest = 0;
        for (size_t c = 0; c < count; c++) {
            total += widths[c];
            widest = widths[c] > widths[widest] ? c : widest;
        }
        if (total <= width || widths[widest] <= COLUMN_MIN)
            return;
        /* Down to the second widest at once, or as far as is needed. */
        size_t next = COLUMN_MIN;
        for (size_t c = 0; c < count; c++)
            if (widths[c] < widths[widest] && widths[c] > next)
                next = widths[c];
        size_t give = widths[widest] - next, need = total - width;
        widths[widest] -= give == 0 ? 1 : give < need ? give : need;
    }
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789.,-") == strlen(text) && strpbrk(text, "0123456789");
}

bool wf_table_is_numeric(const struct wf_table *table, size_t column)
{
    bool some = false;
    for (size_t r = 0; r < table->nrows; r++) {
        const char *cell = table->cells[r * table->ncolumns + column];
        if (*cell && !is_number(cell))
            return false;
        some = some || *cell;
    }
    return some;
}

static void put_row(struct wf_buf *buf, char *const *cells, const size_t *widths, const bool *right, size_t count)
{
    size_t start = buf->len;
    for (size_t c = 0; c < count; c++) {
        size_t w = wf_text_width(cells[c]);
        for (; right[c] && w < widths[c]; w++)
            wf_buf_char(buf, ' ');
        wf_text_fit(buf, cells[c], right[c] && w <= widths[c] ? wf_text_width(cells[c]) : widths[c], !right[c]);
        for (size_t g = 0; c + 1 < count && g < GAP; g++)
            wf_buf_char(buf, ' ');
    }
    while (buf->len > start && buf->ptr[buf->len - 1] == ' ')
        buf->ptr[--buf->len] = '\0';
}

void wf_table_print(const struct wf_table *table, FILE *file, size_t width, size_t max_rows, bool bold)
{
    if (!table->ncolumns)
        return;
    size_t rows = max_rows && table->nrows > max_rows ? max_rows : table->nrows;
    size_t *widths = measure(table, rows);
    bool *right = wf_calloc(table->ncolumns, sizeof *right);
    struct wf_buf buf;
    wf_buf_init(&buf, WF_VAL_MAX_BYTES);
    shrink(widths, table->ncolumns, width);
    for (size_t c = 0; c < table->ncolumns; c++)
        right[c] = wf_table_is_numeric(table, c);
    wf_buf_str(&buf, bold ? "\033[1m" : "");
    put_row(&buf, table->titles, widths, right, table->ncolumns);
    wf_buf_str(&buf, bold ? "\033[0m\n" : "\n");
    for (size_t r = 0; r < rows; r++) {
        put_row(&buf, table->cells + r * table->ncolumns, widths, right, table->ncolumns);
        wf_buf_char(&buf, '\n');
        fwrite(buf.ptr, 1, buf.len, file);
        wf_buf_clear(&buf);
    }
    if (!rows)
        fwrite(buf.ptr, 1, buf.len, file);
    if (rows < table->nrows)
        fprintf(file, "... and %zu more\n", table->nrows - rows);
    wf_buf_done(&buf);
    free(widths);
    free(right);
}

/* ---- values ---- */

/* What an expression of a report made may be deeper than can be written. */
static char *json_cell(const jv *value)
{
    char *text = wf_val_text(value);
    return text ? text : wf_strdup("...");
}

static char *list_cell(const jv *list)
{
    struct wf_buf buf;
    int count = jv_array_length(jv_copy(*list));
    wf_buf_init(&buf, WF_VAL_MAX_BYTES);
    for (int i = 0; i < count && i < LIST_SHOWN; i++) {
        jv item = jv_array_get(jv_copy(*list), i);
        bool nested = jv_get_kind(item) == JV_KIND_ARRAY;
        char *text = nested ? json_cell(&item) : wf_table_cell(&item);
        wf_buf_printf(&buf, "%s%s", i ? ", " : "", text);
        free(text);
        jv_free(item);
    }
    if (count > LIST_SHOWN)
        wf_buf_printf(&buf, ", +%d more", count - LIST_SHOWN);
    return wf_buf_take(&buf);
}

char *wf_table_cell(const jv *value)
{
    switch (jv_get_kind(*value)) {
    case JV_KIND_INVALID:
    case JV_KIND_NULL:
        return wf_strdup("");
    case JV_KIND_STRING:
        return wf_strdup(jv_string_value(*value));
    case JV_KIND_ARRAY:
        return list_cell(value);
    default:
        return json_cell(value);
    }
}

static void add_report_row(
    const struct wf_report_def *report, const jv *row, struct wf_table *table, struct wf_err *err, int *rc)
{
    const struct wf_env env = {0};
    char **cells = wf_calloc(report->ncolumns, sizeof *cells);
    for (size_t c = 0; c < report->ncolumns; c++) {
        jv value = jv_null();
        if (*rc == 0)
            *rc = wf_tmpl_eval(report->columns[c].value, row, &env, &value, err);
        cells[c] = wf_table_cell(&value);
        jv_free(value);
    }
    add_row(table, cells);
    free(cells);
}

int wf_table_report(const struct wf_report_def *report, const jv *output, struct wf_table *ret, struct wf_err *err)
{
    const struct wf_env env = {0};
    jv rows = jv_copy(*output);
    if (report->rows) {
        jv_free(rows);
        rows = jv_null();
        int rc = wf_tmpl_eval(report->rows, output, &env, &rows, err);
        if (rc < 0)
            return rc;
    }
    if (jv_get_kind(rows) != JV_KIND_ARRAY) {
        jv_free(rows);
        return wf_err_set(err, WF_EINVAL, "metadata.wfrun.report.rows must give a list");
    }
    const char **titles = wf_calloc(report->ncolumns + 1, sizeof *titles);
    for (size_t c = 0; c < report->ncolumns; c++)
        titles[c] = report->columns[c].title;
    wf_table_init(ret, titles, report->ncolumns);
    free(titles);
    int rc = 0;
    jv_array_foreach(rows, i, row) {
        if (rc == 0)
            add_report_row(report, &row, ret, err, &rc);
        jv_free(row);
    }
    jv_free(rows);
    if (rc < 0)
        wf_table_done(ret);
    return rc;
}

static size_t collect_keys(const jv *list, jv *ret_keys)
{
    jv keys = jv_array();
    jv_array_foreach(*list, i, item) {
        jv_object_foreach(item, key, value) {
            bool known = false;
            jv_array_foreach(keys, k, old) {
                known = jv_equal(old, jv_copy(key)) || known; /* jv_equal consumes: ask it always */
            }
            if (!known && jv_array_length(jv_copy(keys)) < GENERIC_COLUMNS)
                keys = jv_array_append(keys, jv_copy(key));
            jv_free(key);
            jv_free(value);
        }
        jv_free(item);
    }
    *ret_keys = keys;
    return (size_t)jv_array_length(jv_copy(keys));
}

static bool all_objects(const jv *value)
{
    bool yes = jv_get_kind(*value) == JV_KIND_ARRAY && jv_array_length(jv_copy(*value)) > 0;
    for (int i = 0; yes && i < jv_array_length(jv_copy(*value)); i++) {
        jv item = jv_array_get(jv_copy(*value), i);
        yes = jv_get_kind(item) == JV_KIND_OBJECT;
        jv_free(item);
    }
    return yes;
}

static void objects_table(const jv *list, struct wf_table *ret)
{
    jv keys;
    size_t count = collect_keys(list, &keys);
    const char *titles[GENERIC_COLUMNS] = {NULL};
    jv held[GENERIC_COLUMNS];
    for (size_t c = 0; c < count; c++) {
        held[c] = jv_array_get(jv_copy(keys), (int)c);
        titles[c] = jv_string_value(held[c]);
    }
    wf_table_init(ret, titles, count);
    jv_array_foreach(*list, i, item) {
        char *cells[GENERIC_COLUMNS];
        for (size_t c = 0; c < count; c++) {
            jv value = wf_val_get(&item, titles[c]);
            cells[c] = wf_table_cell(&value);
            jv_free(value);
        }
        add_row(ret, cells);
        jv_free(item);
    }
    for (size_t c = 0; c < count; c++)
        jv_free(held[c]);
    jv_free(keys);
}

void wf_table_generic(const jv *value, struct wf_table *ret)
{
    if (all_objects(value)) {
        objects_table(value, ret);
        return;
    }
    if (jv_get_kind(*value) == JV_KIND_OBJECT) {
        wf_table_init(ret, (const char *const[]){"name", "value"}, 2);
        jv_object_foreach(*value, key, item) {
            char *cells[2] = {wf_strdup(jv_string_value(key)), wf_table_cell(&item)};
            add_row(ret, cells);
            jv_free(key);
            jv_free(item);
        }
        return;
    }
    wf_table_init(ret, (const char *const[]){"value"}, 1);
    jv items = jv_get_kind(*value) == JV_KIND_ARRAY ? jv_copy(*value) : jv_array_append(jv_array(), jv_copy(*value));
    jv_array_foreach(items, i, item) {
        char *cell = wf_table_cell(&item);
        add_row(ret, &cell);
        jv_free(item);
    }
    jv_free(items);
}
