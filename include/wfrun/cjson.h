/* cjson.h: a helper for plugins that would rather work with cJSON trees than with bytes. Header only, C or C++; link
 * with -lcjson.
 *
 * Ownership   Trees that these functions return belong to the caller (cJSON_Delete). Functions that take a tree to send
 *             it (wf_cjson_succeed, wf_cjson_fail, wf_cjson_remember, wf_cjson_planned) consume it, also on failure.
 *             Strings that the readers return belong to the tree.
 * Threads     As the host function that each one calls.
 * Limits      As WF_MAX_VALUE and WF_MAX_DEPTH; cJSON cuts a string at \u0000 and holds numbers as double (2^53).
 */
#ifndef WFRUN_CJSON_H
#define WFRUN_CJSON_H

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wfrun/plugin.h>

/* The tree of some bytes, or NULL when they are no JSON. */
static inline cJSON *wf_cjson_parse(struct wf_bytes bytes)
{
    return bytes.ptr ? cJSON_ParseWithLength(bytes.ptr, bytes.len) : NULL;
}

/* The step's input; the host has checked it against the input schema. NULL: out of memory. */
static inline cJSON *wf_cjson_input(const struct wf_host *host, struct wf_step *step)
{
    return wf_cjson_parse(host->input(step));
}

/* A member, exact in case; NULL when it is absent or null. */
static inline cJSON *wf_cjson_get(const cJSON *object, const char *name)
{
    cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNull(member) ? NULL : member;
}

/* A string member, or the other value when it is absent or no string. */
static inline const char *wf_cjson_str(const cJSON *object, const char *name, const char *otherwise)
{
    const char *text = cJSON_GetStringValue(wf_cjson_get(object, name));
    return text ? text : otherwise;
}

static inline double wf_cjson_num(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *member = wf_cjson_get(object, name);
    return cJSON_IsNumber(member) ? member->valuedouble : otherwise;
}

static inline bool wf_cjson_bool(const cJSON *object, const char *name, bool otherwise)
{
    const cJSON *member = wf_cjson_get(object, name);
    return cJSON_IsBool(member) ? (bool)cJSON_IsTrue(member) : otherwise;
}

/* Text of a tree, to be freed with cJSON_free; bytes with ptr NULL when out of memory. Consumes the tree. */
static inline struct wf_bytes wf_cjson_print(cJSON *tree)
{
    struct wf_bytes bytes = {NULL, 0};
    char *text = tree ? cJSON_PrintUnformatted(tree) : NULL;
    cJSON_Delete(tree);
    if (text) {
        bytes.ptr = text;
        bytes.len = strlen(text);
    }
    return bytes;
}

/* Answers with a tree. */
static inline void wf_cjson_succeed(const struct wf_host *host, struct wf_step *step, cJSON *output)
{
    struct wf_bytes bytes = wf_cjson_print(output);
    if (bytes.ptr) {
        host->succeed(step, bytes);
    } else {
        struct wf_failure failure = {sizeof failure, 0, NULL, "Out of memory", NULL, NULL};
        host->fail(step, &failure);
    }
    cJSON_free((void *)bytes.ptr);
}

/* Answers with the DSL error `type` (a standard name or a URI). data may be NULL; the rest is printf's. */
__attribute__((format(printf, 7, 8))) static inline void wf_cjson_fail(const struct wf_host *host, struct wf_step *step,
    const char *type, int32_t status, const char *title, cJSON *data, const char *format, ...)
{
    char detail[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    struct wf_bytes bytes = wf_cjson_print(data);
    struct wf_failure failure = {sizeof failure, status, type, title, detail, bytes.ptr};
    host->fail(step, &failure);
    cJSON_free((void *)bytes.ptr);
}

/* Stores a tree with the operation; as host->remember. */
static inline int32_t wf_cjson_remember(const struct wf_host *host, struct wf_step *step, const char *name, cJSON *tree)
{
    struct wf_bytes bytes = wf_cjson_print(tree);
    int32_t rc = bytes.ptr ? host->remember(step, name, bytes) : -1;
    cJSON_free((void *)bytes.ptr);
    return rc;
}

/* What was stored under the name, or NULL. */
static inline cJSON *wf_cjson_recall(const struct wf_host *host, struct wf_step *step, const char *name)
{
    struct wf_bytes bytes;
    return host->recall(step, name, &bytes) == 0 ? wf_cjson_parse(bytes) : NULL;
}

/* Answers a verify. output may be NULL. */
static inline void wf_cjson_verdict(
    const struct wf_host *host, struct wf_step *step, uint32_t verdict, cJSON *output, const char *why)
{
    struct wf_bytes bytes = wf_cjson_print(output);
    host->verdict(step, verdict, bytes, why);
    cJSON_free((void *)bytes.ptr);
}

/* Answers a plan: what has action, words, cost and until; its other members do not count. output and facts may be NULL.
 */
static inline void wf_cjson_planned(
    const struct wf_host *host, struct wf_step *step, const struct wf_planned *what, cJSON *output, cJSON *facts)
{
    /* The words may be texts of the trees: these live until the host has copied all. */
    char *out = output ? cJSON_PrintUnformatted(output) : NULL, *why = facts ? cJSON_PrintUnformatted(facts) : NULL;
    struct wf_planned planned = *what;
    planned.size = sizeof planned;
    planned.output = (struct wf_bytes){out, out ? strlen(out) : 0};
    planned.facts = (struct wf_bytes){why, why ? strlen(why) : 0};
    host->planned(step, &planned);
    cJSON_free(out);
    cJSON_free(why);
    cJSON_Delete(output);
    cJSON_Delete(facts);
}

#endif
