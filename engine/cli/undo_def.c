/* undo_def.c: writes the workflow of a rollback. See undo_def.h. */
#include "cli/undo_def.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

/* ---- the definition ---- */

static const char head[] =
    "# Written by `wfrun rollback`: takes back what the run in the input did, the last first, its items side by side.\n"
    "document:\n"
    "  dsl: '1.0.3'\n"
    "  namespace: wfrun\n"
    "  name: rollback\n"
    "  version: '1.0.0'\n"
    "  title: Rollback\n"
    "  metadata:\n"
    "    wfrun:\n"
    "      report:\n"
    "        rows: .operations\n"
    "        columns:\n"
    "          Item: .item\n"
    "          Operation: .operation\n"
    "          Result: .result\n"
    "          Why: .why\n"
    "do:\n"
    "  - begin:\n"
    "      set: ${ [] }\n"
    "  - phases:\n"
    "      for:\n"
    "        each: phase\n"
    "        in: $workflow.input.phases\n"
    "      do:\n"
    "        - items:\n"
    "            metadata:\n"
    "              wfrun:\n"
    "                concurrency: 8\n"
    "                label: 'if $group.label == \"\" then \"(outside of the items)\" else $group.label end'\n"
    "            for:\n"
    "              each: group\n"
    "              in: $phase.groups\n"
    "            do:\n"
    "              - first:\n"
    "                  set: ${ [] }\n"
    "              - operations:\n"
    "                  for:\n"
    "                    each: op\n"
    "                    in: $group.operations\n"
    "                  do:\n"
    "                    - one:\n"
    "                        try:\n";

/* One for each step. */
static const char call[] = "                          - undo-%s:\n"
                           "                              if: ${ $op.step == \"%s\" }\n"
                           "                              metadata: {wfrun: {mode: undo}}\n"
                           "                              call: %s\n"
                           "                              with:\n"
                           "                                run: ${ $workflow.input.run }\n"
                           "                                path: ${ $op.path }\n";

/* The last loop counts what is left: that makes the exit status. */
static const char tail[] = "                          - undone:\n"
                           "                              set:\n"
                           "                                item: ${ $group.label }\n"
                           "                                operation: ${ $op.operation }\n"
                           "                                path: ${ $op.path }\n"
                           "                                result: undone\n"
                           "                                why: ''\n"
                           "                        catch:\n"
                           "                          do:\n"
                           "                            - left:\n"
                           "                                set:\n"
                           "                                  item: ${ $group.label }\n"
                           "                                  operation: ${ $op.operation }\n"
                           "                                  path: ${ $op.path }\n"
                           "                                  result: not undone\n"
                           "                                  why: ${ $error.detail // $error.title // $error.type }\n"
                           "                        output:\n"
                           "                          as: $input + [.]\n"
                           "            output:\n"
                           "              as: '$input + [.[][]]'\n"
                           "      export:\n"
                           "        as: '{operations: (. + $workflow.input.rest)}'\n"
                           "  - count:\n"
                           "      metadata:\n"
                           "        wfrun:\n"
                           "          continueOnFault: true\n"
                           "          failed: .result == \"not undone\"\n"
                           "      for:\n"
                           "        each: row\n"
                           "        in: $context.operations\n"
                           "      do:\n"
                           "        - row:\n"
                           "            set: ${ $row }\n"
                           "  - result:\n"
                           "      set:\n"
                           "        run: ${ $workflow.input.run }\n"
                           "        undone: '${ [$context.operations[] | select(.result == \"undone\")] | length }'\n"
                           "        left: '${ [$context.operations[] | select(.result == \"not undone\")] | length }'\n"
                           "        operations: ${ $context.operations }\n";

static bool is_to_be_undone(const struct wf_undo_op *op)
{
    return op->chosen && op->fate == WF_UNDO_WILL;
}

static bool was_before(const struct wf_undo_list *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_to_be_undone(&list->ops[i]) && strcmp(list->ops[i].step, list->ops[at].step) == 0)
            return true;
    return false;
}

char *wf_undo_def_text(const struct wf_undo_list *list)
{
    struct wf_buf text;
    wf_buf_init(&text, SIZE_MAX);
    wf_buf_str(&text, head);
    for (size_t i = 0; i < list->nops; i++) {
        const char *step = list->ops[i].step;
        if (is_to_be_undone(&list->ops[i]) && !was_before(list, i))
            wf_buf_printf(&text, call, step, step, step);
    }
    wf_buf_str(&text, tail);
    return wf_buf_take(&text);
}

/* ---- the input ---- */

static jv operation_of(const struct wf_undo_op *op)
{
    jv value = wf_val_set(jv_object(), "step", jv_string(op->step));
    value = wf_val_set(value, "path", jv_string(op->record->path));
    return wf_val_set(value, "operation", jv_string(op->place));
}

/* What is outside of all named iterations came before or after them: it divides the phases. */
static size_t end_of_phase(const struct wf_undo_list *list, size_t begin)
{
    bool grouped = list->ops[begin].group > 0;
    size_t end = begin;
    while (end < list->nops && (!is_to_be_undone(&list->ops[end]) || (list->ops[end].group > 0) == grouped))
        end++;
    return end;
}

static jv phase_of(const struct wf_undo_list *list, size_t begin, size_t end)
{
    jv groups = jv_array();
    jv *operations = wf_calloc(list->ngroups, sizeof *operations);
    for (size_t i = 0; i < list->ngroups; i++)
        operations[i] = jv_array();
    for (size_t i = begin; i < end; i++)
        if (is_to_be_undone(&list->ops[i]))
            operations[list->ops[i].group] =
                jv_array_append(operations[list->ops[i].group], operation_of(&list->ops[i]));
    for (size_t i = 0; i < list->ngroups; i++) {
        if (jv_array_length(jv_copy(operations[i])) > 0) {
            jv group = wf_val_set(jv_object(), "label", jv_string(list->groups[i].label));
            groups = jv_array_append(groups, wf_val_set(group, "operations", operations[i]));
        } else {
            jv_free(operations[i]);
        }
    }
    free(operations);
    return wf_val_set(jv_object(), "groups", groups);
}

static jv rest_of(const struct wf_undo_list *list)
{
    static const char *const results[] = {
        [WF_UNDO_NOTHING] = "nothing to undo", [WF_UNDO_BEFORE] = "undone before", [WF_UNDO_CANNOT] = "not undone"};
    jv rest = jv_array();
    for (size_t i = 0; i < list->nops; i++) {
        const struct wf_undo_op *op = &list->ops[i];
        if (!op->chosen || op->fate == WF_UNDO_WILL)
            continue;
        jv row = wf_val_set(jv_object(), "item", jv_string(list->groups[op->group].label));
        row = wf_val_set(row, "operation", jv_string(op->place));
        row = wf_val_set(row, "path", jv_string(op->record->path));
        row = wf_val_set(row, "result", jv_string(results[op->fate]));
        rest = jv_array_append(rest, wf_val_set(row, "why", jv_string(op->words ? op->words : "")));
    }
    return rest;
}

jv wf_undo_def_input(const struct wf_undo_list *list)
{
    jv phases = jv_array();
    for (size_t i = 0; i < list->nops;) {
        size_t end;
        if (!is_to_be_undone(&list->ops[i])) {
            i++;
            continue;
        }
        end = end_of_phase(list, i);
        phases = jv_array_append(phases, phase_of(list, i, end));
        i = end;
    }
    jv input = wf_val_set(jv_object(), "run", jv_string(list->past->run_id));
    input = wf_val_set(input, "phases", phases);
    return wf_val_set(input, "rest", rest_of(list));
}
