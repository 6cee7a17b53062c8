/* fault.c: the DSL's error objects. */
#include "run/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *title_of(const char *name)
{
    static const struct {
        const char *name, *title;
    } titles[] = {
        {"configuration", "Configuration Error"},
        {"validation", "Validation Error"},
        {"expression", "Expression Error"},
        {"authentication", "Authentication Error"},
        {"authorization", "Authorization Error"},
        {"timeout", "Timeout Error"},
        {"communication", "Communication Error"},
        {"runtime", "Runtime Error"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i].name, name) == 0)
            return titles[i].title;
    return "Error";
}

/* type: a standard name or any URI. status 0 and title NULL: the type's own. detail may be NULL. */
jv wf__error_new(const char *type, int status, const char *title, const char *detail, const char *instance)
{
    const char *uri = wf_error_type_uri(type);
    const char *name = uri ? type : wf_error_type_name(type);
    jv error = jv_object();

    if (status == 0)
        status = name ? wf_error_type_status(name) : 500;
    error = jv_object_set(error, jv_string("type"), jv_string(uri ? uri : type));
    error = jv_object_set(error, jv_string("status"), jv_number(status));
    error = jv_object_set(error, jv_string("title"), jv_string(title ? title : title_of(name ? name : "")));
    if (detail)
        error = jv_object_set(error, jv_string("detail"), jv_string(detail));
    if (instance)
        error = jv_object_set(error, jv_string("instance"), jv_string(instance));
    return error;
}

static const char *instance_of(const struct wf_frame *frame)
{
    return frame->kind == WF_FRAME_TASK ? frame->task->ref : "/";
}

jv wf__error_from(struct wf_frame *frame, const char *type, const struct wf_err *err)
{
    char detail[sizeof err->msg + sizeof err->hint + 300];
    int len = snprintf(detail, sizeof detail, "%s", err->msg);

    if (err->loc.line > 0)
        len += snprintf(
            detail + len, sizeof detail - (size_t)len, " (%s:%d:%d)", err->loc.file, err->loc.line, err->loc.col);
    if (*err->hint && len < (int)sizeof detail)
        snprintf(detail + len, sizeof detail - (size_t)len, "; %s", err->hint);
    return wf__error_new(type, 0, NULL, detail, instance_of(frame));
}

jv wf_frame_error(struct wf_frame *frame, const char *type, const char *format, ...)
{
    char detail[600];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return wf__error_new(type, 0, NULL, detail, instance_of(frame));
}
