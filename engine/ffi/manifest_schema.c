/* manifest_schema.c: the JSON Schemas that follow from a C signature, for what a manifest does not say itself. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ffi/manifest_priv.h"

#define LONGEST_SCHEMA ((size_t)1 << 20)
#define EXACT_BITS     53 /* integers of more are also taken and given as decimal text */

static void write_type(struct wf_buf *buf, const struct wf__ctype *type, bool comes_out);

static void write_integer(struct wf_buf *buf, const struct wf__ctype *type)
{
    unsigned bits = (unsigned)type->size * 8 - type->is_signed;

    if (bits > EXACT_BITS) {
        wf_buf_printf(buf, "\"type\":[\"integer\",\"string\"],\"pattern\":\"^%s[0-9]+$\"", type->is_signed ? "-?" : "");
        if (!type->is_signed)
            wf_buf_str(buf, ",\"minimum\":0");
        return;
    }
    int64_t most = ((int64_t)1 << bits) - 1;
    wf_buf_printf(buf, "\"type\":\"integer\",\"minimum\":%lld,\"maximum\":%lld",
        type->is_signed ? -(long long)most - 1 : 0LL, (long long)most);
}

static void write_members(struct wf_buf *buf, const struct wf__ctype *type, bool comes_out)
{
    wf_buf_str(buf, "\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < type->nmembers; i++) {
        wf_buf_printf(buf, "%s\"%s\":{", i ? "," : "", type->members[i].name);
        write_type(buf, type->members[i].type, comes_out);
        wf_buf_char(buf, '}');
    }
    wf_buf_str(buf, "},\"additionalProperties\":false");
}

/* Of a value in memory: a scalar, a struct, a member of one. */
static void write_type(struct wf_buf *buf, const struct wf__ctype *type, bool comes_out)
{
    switch (type->kind) {
    case WF__C_BOOL:
        wf_buf_str(buf, "\"type\":\"boolean\"");
        break;
    case WF__C_INT:
        write_integer(buf, type);
        break;
    case WF__C_FLOAT:
        wf_buf_str(buf, comes_out ? "\"type\":[\"number\",\"null\"]" : "\"type\":\"number\""); /* null: NaN, infinite */
        break;
    case WF__C_STRUCT:
        write_members(buf, type, comes_out);
        break;
    case WF__C_ARRAY:
        if (type->to->is_char) {
            wf_buf_str(buf, "\"type\":\"string\"");
            break;
        }
        wf_buf_str(buf, "\"type\":\"array\",\"items\":{");
        write_type(buf, type->to, comes_out);
        wf_buf_printf(buf, "},\"maxItems\":%zu", type->count);
        break;
    case WF__C_POINTER:
        wf_buf_str(buf, type->to->is_char ? "\"type\":[\"string\",\"null\"]" : "\"type\":\"null\"");
        break;
    case WF__C_VOID:
        wf_buf_str(buf, "\"type\":\"null\"");
        break;
    }
}

/* A string, object or list that may be null where the pointer may be. */
static void write_kind(struct wf_buf *buf, const char *kind, bool may_be_null)
{
    if (may_be_null)
        wf_buf_printf(buf, "\"type\":[\"%s\",\"null\"]", kind);
    else
        wf_buf_printf(buf, "\"type\":\"%s\"", kind);
}

static void write_param(struct wf_buf *buf, const struct wf__param *p, bool may_be_null, bool comes_out)
{
    switch (p->form) {
    case WF__AS_TEXT:
    case WF__AS_TEXT_REF:
        write_kind(buf, "string", may_be_null);
        break;
    case WF__AS_BASE64:
        write_kind(buf, "string", may_be_null);
        wf_buf_str(buf, ",\"contentEncoding\":\"base64\"");
        break;
    case WF__AS_HEX:
        write_kind(buf, "string", may_be_null);
        wf_buf_str(buf, ",\"contentEncoding\":\"base16\",\"pattern\":\"^([0-9A-Fa-f]{2})*$\"");
        break;
    case WF__AS_TEXTS:
        write_kind(buf, "array", may_be_null);
        wf_buf_str(buf, ",\"items\":{\"type\":\"string\"}");
        break;
    case WF__AS_LIST:
        write_kind(buf, "array", may_be_null);
        wf_buf_str(buf, ",\"items\":{");
        write_type(buf, p->type->to, comes_out);
        wf_buf_char(buf, '}');
        break;
    case WF__AS_NUMBER:
    case WF__AS_OBJECT:
        if (may_be_null) {
            wf_buf_str(buf, "\"anyOf\":[{\"type\":\"null\"},{");
            write_type(buf, p->type->to, comes_out);
            wf_buf_str(buf, "}]");
        } else {
            write_type(buf, p->type->to, comes_out);
        }
        break;
    case WF__AS_SCALAR:
    case WF__AS_STRUCT:
        write_type(buf, p->type, comes_out);
        break;
    case WF__AS_NULL:
        wf_buf_str(buf, "\"type\":\"null\"");
        break;
    }
    if (p->summary) {
        wf_buf_str(buf, ",\"description\":");
        wf_buf_json_string(buf, p->summary, strlen(p->summary));
    }
}

static const char *finish(struct wf_manifest *m, struct wf_buf *buf)
{
    const char *kept = wf_arena_strdup(m->arena, buf->failed ? "true" : buf->ptr);
    wf_buf_done(buf);
    return kept;
}

/* A member that two parameters share is described by the first. */
static bool is_first_of_member(const struct wf__function *f, size_t index)
{
    const char *member = f->params[index].source == WF__FROM_WITH ? f->params[index].member : NULL;
    for (size_t i = 0; member && i < index; i++)
        if (f->params[i].source == WF__FROM_WITH && strcmp(f->params[i].member, member) == 0)
            return false;
    return member;
}

static bool is_parameter(const struct wf__function *f, const char *member)
{
    for (size_t i = 0; i < f->nparams; i++)
        if (f->params[i].source == WF__FROM_WITH && strcmp(f->params[i].member, member) == 0)
            return true;
    return false;
}

const char *wf__schema_with(struct wf_manifest *m, const struct wf__function *f)
{
    struct wf_buf buf, required;

    wf_buf_init(&buf, LONGEST_SCHEMA);
    wf_buf_init(&required, LONGEST_SCHEMA);
    wf_buf_str(&buf, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0, n = 0; i < f->nparams; i++) {
        const struct wf__param *p = &f->params[i];
        if (!is_first_of_member(f, i))
            continue;
        wf_buf_str(&buf, n++ ? "," : "");
        wf_buf_json_string(&buf, p->member, strlen(p->member));
        wf_buf_str(&buf, ":{");
        write_param(&buf, p, p->value && cJSON_IsNull(p->value), false);
        wf_buf_char(&buf, '}');
        if (p->value)
            continue;
        wf_buf_str(&required, required.len ? "," : "");
        wf_buf_json_string(&required, p->member, strlen(p->member));
    }
    for (size_t i = 0; i < f->nparams; i++) {
        const char *with = f->params[i].room.with;
        if (!with || is_parameter(f, with))
            continue;
        bool is_empty = buf.ptr[buf.len - 1] == '{';
        wf_buf_str(&buf, is_empty ? "" : ",");
        wf_buf_json_string(&buf, with, strlen(with));
        wf_buf_printf(&buf, ":{\"type\":\"integer\",\"minimum\":0,\"maximum\":%zu}", WF_MAX_VALUE);
        wf_buf_str(&required, required.len ? "," : "");
        wf_buf_json_string(&required, with, strlen(with));
    }
    wf_buf_printf(&buf, "},\"required\":[%s],\"additionalProperties\":false}", required.len ? required.ptr : "");
    wf_buf_done(&required);
    return finish(m, &buf);
}

static void write_output(struct wf_buf *buf, const struct wf__function *f, const struct wf__output *output)
{
    static const char integer[] = "\"type\":\"integer\"";

    if (output->from < 0) {
        wf_buf_str(buf, integer);
        return;
    }
    const struct wf__param *p = &f->params[output->from];
    write_param(
        buf, p, (size_t)output->from == f->nparams ? p->type->kind == WF__C_POINTER : p->form == WF__AS_TEXT_REF, true);
}

const char *wf__schema_output(struct wf_manifest *m, const struct wf__function *f)
{
    struct wf_buf buf;

    wf_buf_init(&buf, LONGEST_SCHEMA);
    wf_buf_char(&buf, '{');
    if (f->noutputs == 0) {
        wf_buf_str(&buf, "\"type\":\"null\"");
    } else if (!f->outputs[0].member) {
        write_output(&buf, f, &f->outputs[0]);
    } else {
        wf_buf_str(&buf, "\"type\":\"object\",\"properties\":{");
        for (size_t i = 0; i < f->noutputs; i++) {
            wf_buf_str(&buf, i ? "," : "");
            wf_buf_json_string(&buf, f->outputs[i].member, strlen(f->outputs[i].member));
            wf_buf_str(&buf, ":{");
            write_output(&buf, f, &f->outputs[i]);
            wf_buf_char(&buf, '}');
        }
        wf_buf_str(&buf, "},\"required\":[");
        for (size_t i = 0; i < f->noutputs; i++) {
            wf_buf_str(&buf, i ? "," : "");
            wf_buf_json_string(&buf, f->outputs[i].member, strlen(f->outputs[i].member));
        }
        wf_buf_char(&buf, ']');
    }
    wf_buf_char(&buf, '}');
    return finish(m, &buf);
}
