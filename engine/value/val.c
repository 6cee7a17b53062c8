/* val.c: bytes to values, and look-ups that borrow. */
#include "value/val.h"

#include "value/val_priv.h"

int wf_val_parse(const char *text, size_t len, jv *ret, struct wf_err *err)
{
    return wf_val_parse_long(text, len, WF_VAL_MAX_BYTES, ret, err);
}

int wf_val_parse_long(const char *text, size_t len, size_t max, jv *ret, struct wf_err *err)
{
    if (len > max)
        return wf_err_set(err, WF_ELIMIT, "JSON of %zu bytes; the limit is %zu", len, max);
    int rc = wf__val_scan(text, len, err);
    if (rc)
        return rc;
    jv value = jv_parse_sized(text, (int)len);
    if (!jv_is_valid(value)) {
        jv msg = jv_invalid_get_msg(value);

        rc = wf_err_set(err, WF_EINVAL, "not JSON: %s",
            jv_get_kind(msg) == JV_KIND_STRING ? jv_string_value(msg) : "the parser gives no reason");
        jv_free(msg);
        return rc;
    }
    *ret = value;
    return 0;
}

bool wf_val_truthy(const jv *value)
{
    jv_kind kind = jv_get_kind(*value);

    return kind != JV_KIND_FALSE && kind != JV_KIND_NULL;
}

jv wf_val_get(const jv *object, const char *key)
{
    if (jv_get_kind(*object) != JV_KIND_OBJECT)
        return jv_invalid();
    return jv_object_get(jv_copy(*object), jv_string(key));
}

const char *wf_val_string(const jv *object, const char *key, const char *otherwise)
{
    jv value = wf_val_get(object, key);
    const char *text = jv_get_kind(value) == JV_KIND_STRING ? jv_string_value(value) : otherwise;

    jv_free(value); /* object keeps its own reference */
    return text;
}

double wf_val_number(const jv *object, const char *key, double otherwise)
{
    jv value = wf_val_get(object, key);
    double number = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : otherwise;

    jv_free(value);
    return number;
}

jv wf_val_set(jv object, const char *key, jv value)
{
    return jv_object_set(object, jv_string(key), value);
}
