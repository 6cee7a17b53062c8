/* attention.c: evaluates the attention lists of a report and writes them for people. */
#include "report/attention.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/table.h"
#include "report/term.h"

#define ITEM_LINES 6

static jv texts_of(const jv *list)
{
    jv texts = jv_array();
    jv_array_foreach(*list, i, item) {
        char *cell = wf_table_cell(&item);
        texts = jv_array_append(texts, jv_string(cell));
        free(cell);
        jv_free(item);
    }
    return texts;
}

static int add_list(const struct wf_report_column *asked, const jv *output, jv *lists, struct wf_err *err)
{
    const struct wf_env env = {0};
    jv list;
    int rc = wf_tmpl_eval(asked->value, output, &env, &list, err);
    if (rc < 0)
        return rc;
    if (jv_get_kind(list) != JV_KIND_ARRAY) {
        jv_free(list);
        return wf_err_set(err, WF_EINVAL, "metadata.wfrun.report.attention: `%.60s` must give a list", asked->title);
    }
    if (jv_array_length(jv_copy(list)) > 0) {
        jv entry = wf_val_set(jv_object(), "title", jv_string(asked->title));
        *lists = jv_array_append(*lists, wf_val_set(entry, "items", texts_of(&list)));
    }
    jv_free(list);
    return 0;
}

int wf_attention_of(const struct wf_report_def *report, const jv *output, jv *ret, struct wf_err *err)
{
    jv lists = jv_array();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < report->nattention; i++)
        rc = add_list(&report->attention[i], output, &lists, err);
    if (rc < 0)
        jv_free(lists);
    else
        *ret = lists;
    return rc;
}

/* In as many lines as it needs, within reason: what a person has to do often stands at the end. */
static void print_item(FILE *file, const char *text, size_t width)
{
    struct wf_buf line;
    wf_buf_init(&line, WF_VAL_MAX_BYTES);
    for (int n = 1; n <= ITEM_LINES && *text; n++) {
        size_t len = n < ITEM_LINES ? wf_text_line(text, width) : strlen(text);
        char *part = wf_asprintf("%.*s", (int)len, text);
        size_t wanted = wf_text_width(part);
        wf_buf_clear(&line);
        wf_text_fit(&line, part, wanted < width ? wanted : width, false);
        fprintf(file, "  %c %s\n", n == 1 ? '-' : ' ', line.ptr);
        free(part);
        text += len;
        text += strspn(text, " ");
    }
    wf_buf_done(&line);
}

static void print_list(FILE *file, const jv *entry, size_t width, size_t max_items)
{
    jv items = wf_val_get(entry, "items");
    size_t count = (size_t)jv_array_length(jv_copy(items));
    fprintf(file, "\n%s (%zu)\n", wf_val_string(entry, "title", ""), count);
    for (size_t i = 0; i < count && i < max_items; i++) {
        jv item = jv_array_get(jv_copy(items), (int)i);
        print_item(file, jv_string_value(item), width - 4);
        jv_free(item);
    }
    if (count > max_items)
        fprintf(file, "  ... and %zu more\n", count - max_items);
    jv_free(items);
}

void wf_attention_print(FILE *file, const jv *attention, size_t width, size_t max_items)
{
    jv_array_foreach(*attention, i, entry) {
        print_list(file, &entry, width > 24 ? width : 24, max_items);
        jv_free(entry);
    }
}
