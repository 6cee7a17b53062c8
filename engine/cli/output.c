/* output.c: writes one value as JSON, YAML or a table. */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "def/yaml.h"
#include "report/table.h"
#include "report/term.h"

int wf_form_parse(const char *text, enum wf_form *ret, struct wf_err *err)
{
    static const char *const forms[] = {"json", "yaml", "table", "none", NULL};
    for (size_t i = 0; forms[i]; i++) {
        if (strcmp(text ? text : "json", forms[i]) == 0) {
            *ret = (enum wf_form)i;
            return 0;
        }
    }
    int rc = wf_err_set(err, WF_EINVAL, "--output %s: there are json, yaml, table and none", text);
    const char *close = wf_suggest(text, forms);
    if (close)
        wf_err_hint(err, "did you mean %s?", close);
    return rc;
}

/* ---- YAML ---- */

static int write_bytes(void *data, unsigned char *bytes, size_t len)
{
    return fwrite(bytes, 1, len, data) == len;
}

/* Would a YAML 1.2 reader, or a 1.1 one, take the bare text for something else? Rather quote one too many. */
static bool needs_quotes(const char *text, size_t len)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"};
    if (!len || strchr("0123456789+-.~<=", text[0]) || memchr(text, '\n', len))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static int emit_scalar(yaml_emitter_t *emitter, const char *text, size_t len, yaml_scalar_style_t style)
{
    yaml_event_t event;
    bool plain = style == YAML_PLAIN_SCALAR_STYLE || style == YAML_ANY_SCALAR_STYLE;
    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)len, plain, 1, style) &&
           yaml_emitter_emit(emitter, &event);
}

static int emit_string(yaml_emitter_t *emitter, const jv *value)
{
    const char *text = jv_string_value(*value);
    size_t len = (size_t)jv_string_length_bytes(jv_copy(*value));
    return emit_scalar(
        emitter, text, len, needs_quotes(text, len) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE);
}

/* As deep as a value may be: WF_VAL_MAX_DEPTH. */
static int emit_value(yaml_emitter_t *emitter, const jv *value)
{
    yaml_event_t event;
    jv_kind kind = jv_get_kind(*value);
    int ok = 1;
    if (kind == JV_KIND_STRING)
        return emit_string(emitter, value);
    if (kind == JV_KIND_ARRAY) {
        ok = yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) &&
             yaml_emitter_emit(emitter, &event);
        jv_array_foreach(*value, i, item) {
            ok = ok && emit_value(emitter, &item);
            jv_free(item);
        }
        return ok && yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
    }
    if (kind == JV_KIND_OBJECT) {
        ok = yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) &&
             yaml_emitter_emit(emitter, &event);
        jv_object_foreach(*value, key, item) {
            ok = ok && emit_string(emitter, &key) && emit_value(emitter, &item);
            jv_free(key);
            jv_free(item);
        }
        return ok && yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
    }
    char *text = wf_val_text(value);
    ok = emit_scalar(emitter, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
    free(text);
    return ok;
}

int wf_yaml_write(FILE *file, const jv *value, struct wf_err *err)
{
    yaml_emitter_t emitter;
    yaml_event_t event;
    if (!yaml_emitter_initialize(&emitter))
        return wf_err_set(err, WF_EIO, "the YAML writer cannot be made");
    yaml_emitter_set_output(&emitter, write_bytes, file);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    int ok = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(&emitter, &event) &&
             yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && yaml_emitter_emit(&emitter, &event) &&
             emit_value(&emitter, value) && yaml_document_end_event_initialize(&event, 1) &&
             yaml_emitter_emit(&emitter, &event) && yaml_stream_end_event_initialize(&event) &&
             yaml_emitter_emit(&emitter, &event) && yaml_emitter_flush(&emitter);
    yaml_emitter_delete(&emitter);
    return ok ? 0 : wf_err_set(err, WF_EIO, "the output cannot be written as YAML: %m");
}

/* ---- all forms ---- */

static int too_deep(struct wf_err *err)
{
    return wf_err_set(err, WF_ELIMIT, "the output " WF_VAL_TOO_DEEP);
}

static int write_json(FILE *file, const jv *value, struct wf_err *err)
{
    struct wf_buf buf;
    wf_buf_init(&buf, SIZE_MAX);
    if (isatty(fileno(file)))
        wf_val_write_pretty(value, &buf);
    else
        wf_val_write(value, &buf);
    int rc = buf.failed ? too_deep(err) : 0;
    if (rc == 0) {
        fwrite(buf.ptr, 1, buf.len, file);
        fputc('\n', file);
    }
    wf_buf_done(&buf);
    return rc;
}

static int write_table(FILE *file, const jv *value, const struct wf_def *def, struct wf_err *err)
{
    struct wf_table table;
    size_t columns, rows;
    int rc = 0;
    if (def && def->report.ncolumns)
        rc = wf_table_report(&def->report, value, &table, err);
    else
        wf_table_generic(value, &table);
    if (rc < 0)
        return rc;
    bool terminal = isatty(fileno(file));
    wf_term_size(fileno(file), &columns, &rows);
    wf_table_print(&table, file, terminal ? columns : SIZE_MAX / 2, 0, terminal && wf_term_colour(file));
    wf_table_done(&table);
    return 0;
}

int wf_output_write(FILE *file, enum wf_form form, const jv *value, const struct wf_def *def, struct wf_err *err)
{
    int rc = 0;
    if (form == WF_FORM_JSON)
        rc = write_json(file, value, err);
    else if (form == WF_FORM_YAML)
        rc = wf_yaml_write(file, value, err);
    else if (form == WF_FORM_TABLE)
        rc = write_table(file, value, def, err);
    if (rc == 0 && (fflush(file) != 0 || ferror(file)))
        rc = wf_err_set(err, WF_EIO, "the output cannot be written: %m");
    return rc;
}
