/* undo_print.c: the plan of a rollback as a table and a line of counts. See undo_print.h. */
#include "cli/undo_print.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "report/table.h"
#include "report/term.h"

#define ROWS_MAX 200

static char *words_of(const struct wf_undo_op *op)
{
    switch (op->fate) {
    case WF_UNDO_NOTHING:
        return wf_asprintf("nothing to undo%s%s", op->words ? ": " : "", op->words ? op->words : "");
    case WF_UNDO_BEFORE:
        return wf_asprintf("was undone by %s", op->words);
    case WF_UNDO_CANNOT:
        return wf_asprintf("CANNOT: %s", op->words);
    default:
        return wf_strdup(op->words ? op->words : "undo");
    }
}

static void add(struct wf_table *table, const struct wf_undo_list *list, const struct wf_undo_op *op)
{
    char time[WF_TIME_TEXT], until[WF_TIME_TEXT] = "", *words = words_of(op);
    wf_time_format(op->until_ms, time);
    if (op->until_ms > 0)
        snprintf(until, sizeof until, "%.16sZ", time); /* minutes are enough */
    const char *const cells[] = {list->groups[op->group].label, op->place, words, until};
    wf_table_add(table, cells);
    free(words);
}

void wf_undo_print(FILE *file, const struct wf_undo_list *list)
{
    static const char *const titles[] = {"Item", "Operation, the last first", "Undo", "Until"};
    struct wf_table table;
    size_t columns, rows;
    wf_table_init(&table, titles, 4);
    for (size_t group = 0; group < list->ngroups; group++)
        for (size_t i = 0; i < list->nops; i++)
            if (list->ops[i].group == group && list->ops[i].chosen)
                add(&table, list, &list->ops[i]);
    wf_term_size(fileno(file), &columns, &rows);
    fprintf(file, "\nRollback of run %s\n", list->past->run_id);
    if (table.nrows)
        wf_table_print(&table, file, columns, ROWS_MAX, wf_term_colour(file));
    wf_table_done(&table);
    fprintf(file, "%zu to undo, %zu cannot be undone, %zu with nothing to undo, %zu undone before\n\n",
        wf_undo_list_count(list, WF_UNDO_WILL), wf_undo_list_count(list, WF_UNDO_CANNOT),
        wf_undo_list_count(list, WF_UNDO_NOTHING), wf_undo_list_count(list, WF_UNDO_BEFORE));
}
