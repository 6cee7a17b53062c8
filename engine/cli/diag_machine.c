/* diag_machine.c: findings for machines: JSON, SARIF 2.1.0 and GitHub's workflow commands. */
#include <stdlib.h>
#include <string.h>

#include "cli/diag_print.h"
#include "config.h"

static const char *const formats[] = {"human", "json", "sarif", "github"};

int wf_diag_format_parse(const char *name, enum wf_diag_format *ret)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(name, formats[i]) == 0) {
            *ret = (enum wf_diag_format)i;
            return 0;
        }
    }
    return -1;
}

static jv code_text(int code)
{
    return jv_string_fmt("WF%04d", code);
}

jv wf_diag_collect(jv list, const struct wf_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct wf_diag *diag = &diags->items[i];
        jv item = jv_object();
        item = wf_val_set(item, "file", jv_string(diag->loc.file ? diag->loc.file : ""));
        item = wf_val_set(item, "line", jv_number(diag->loc.line > 0 ? diag->loc.line : 1));
        item = wf_val_set(item, "column", jv_number(diag->loc.col > 0 ? diag->loc.col : 1));
        item = wf_val_set(item, "severity", jv_string(diag->severity == WF_SEV_ERROR ? "error" : "warning"));
        item = wf_val_set(item, "code", code_text(diag->code));
        item = wf_val_set(item, "message", jv_string(diag->msg));
        if (diag->hint)
            item = wf_val_set(item, "hint", jv_string(diag->hint));
        list = jv_array_append(list, item);
    }
    return list;
}

static void write_value(FILE *file, const jv *value)
{
    struct wf_buf buf;
    wf_buf_init(&buf, WF_VAL_MAX_BYTES);
    wf_val_write_pretty(value, &buf);
    fprintf(file, "%s\n", buf.ptr);
    wf_buf_done(&buf);
}

/* ---- SARIF ---- */

static jv text_object(jv text)
{
    return wf_val_set(jv_object(), "text", text);
}

static jv sarif_rules(void)
{
    static const int codes[] = {
#define CODE(number, title) 1##number - 10000,
        WF_DIAG_CODES(CODE)
#undef CODE
    };
    jv rules = jv_array();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        jv rule = wf_val_set(jv_object(), "id", code_text(codes[i]));
        rule = wf_val_set(rule, "shortDescription", text_object(jv_string(wf_diag_title(codes[i]))));
        rules = jv_array_append(rules, rule);
    }
    return rules;
}

static jv sarif_result(const jv *item)
{
    jv region = wf_val_set(jv_object(), "startLine", wf_val_get(item, "line"));
    region = wf_val_set(region, "startColumn", wf_val_get(item, "column"));
    jv place = wf_val_set(jv_object(), "artifactLocation", wf_val_set(jv_object(), "uri", wf_val_get(item, "file")));
    place = wf_val_set(place, "region", region);
    jv location = wf_val_set(jv_object(), "physicalLocation", place);
    const char *hint = wf_val_string(item, "hint", "");
    jv message = jv_string_fmt("%s%s%s", wf_val_string(item, "message", ""), *hint ? "; " : "", hint);
    jv result = wf_val_set(jv_object(), "ruleId", wf_val_get(item, "code"));
    result = wf_val_set(result, "level", wf_val_get(item, "severity"));
    result = wf_val_set(result, "message", text_object(message));
    return wf_val_set(result, "locations", jv_array_append(jv_array(), location));
}

static void write_sarif(FILE *file, const jv *list)
{
    jv results = jv_array();
    jv_array_foreach(*list, i, item) {
        results = jv_array_append(results, sarif_result(&item));
        jv_free(item);
    }
    jv driver = wf_val_set(jv_object(), "name", jv_string("wfrun"));
    driver = wf_val_set(driver, "version", jv_string(PACKAGE_VERSION));
    driver = wf_val_set(driver, "rules", sarif_rules());
    jv run = wf_val_set(jv_object(), "tool", wf_val_set(jv_object(), "driver", driver));
    run = wf_val_set(run, "columnKind", jv_string("unicodeCodePoints"));
    run = wf_val_set(run, "results", results);
    jv log = wf_val_set(jv_object(), "$schema", jv_string("https://json.schemastore.org/sarif-2.1.0.json"));
    log = wf_val_set(log, "version", jv_string("2.1.0"));
    log = wf_val_set(log, "runs", jv_array_append(jv_array(), run));
    write_value(file, &log);
    jv_free(log);
}

/* ---- GitHub ---- */

/* A workflow command ends at the line's end; its properties end at a comma and begin with a colon. */
static void github_text(FILE *file, const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\n' || *text == '\r' || (property && (*text == ':' || *text == ',')))
            fprintf(file, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, file);
    }
}

static void write_github(FILE *file, const jv *list)
{
    jv_array_foreach(*list, i, item) {
        const char *hint = wf_val_string(&item, "hint", "");
        fprintf(file, "::%s file=", wf_val_string(&item, "severity", "error"));
        github_text(file, wf_val_string(&item, "file", ""), true);
        fprintf(file, ",line=%.0f,col=%.0f,title=%s::", wf_val_number(&item, "line", 1),
            wf_val_number(&item, "column", 1), wf_val_string(&item, "code", ""));
        github_text(file, wf_val_string(&item, "message", ""), false);
        if (*hint)
            fputs(" -- ", file);
        github_text(file, hint, false);
        fputc('\n', file);
        jv_free(item);
    }
}

void wf_diag_write(FILE *file, enum wf_diag_format format, const jv *list)
{
    if (format == WF_DIAG_SARIF)
        write_sarif(file, list);
    else if (format == WF_DIAG_GITHUB)
        write_github(file, list);
    else
        write_value(file, list);
}
