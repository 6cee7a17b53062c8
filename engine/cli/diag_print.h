/* diag_print.h: findings and errors as people, editors and machines read them. */
#ifndef WF_CLI_DIAG_PRINT_H
#define WF_CLI_DIAG_PRINT_H

#include <stdio.h>

#include "def/diag.h"
#include "value/val.h"

/* FILE:LINE:COL: error[WF0203]: text, then excerpt, caret and hint. text is the file the findings are about, for the
 * excerpt; NULL: read the files again. Secrets are masked. */
void wf_diags_print(FILE *, const struct wf_diags *, const char *text, size_t len);
/* One place in a file with words of any kind: "FILE:LINE:COL: error: text". code 0: without a number. */
void wf_diag_print_one(FILE *, const struct wf_diag *, const char *text, size_t len);

enum wf_diag_format { WF_DIAG_HUMAN, WF_DIAG_JSON, WF_DIAG_SARIF, WF_DIAG_GITHUB };
int wf_diag_format_parse(const char *, enum wf_diag_format *ret); /* 0 or -1 */

/* All findings of one check run; each is appended with wf_diag_collect, the document is written at the end. */
jv wf_diag_collect(jv list, const struct wf_diags *); /* consumes list, a JSON array */
void wf_diag_write(FILE *, enum wf_diag_format, const jv *list);

#endif
