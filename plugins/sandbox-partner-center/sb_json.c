/* sb_json.c: JSON as the service reads and writes it. */
#include "sb_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_clock.h"

cJSON *sb_json_get(const cJSON *object, const char *name)
{
    cJSON *found = NULL;
    if (!cJSON_IsObject(object))
        return NULL;
    for (cJSON *item = object->child; item; item = item->next) {
        if (strcasecmp(item->string, name) == 0)
            found = item;
    }
    return found && !cJSON_IsNull(found) ? found : NULL;
}

const char *sb_json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(sb_json_get(object, name));
}

double sb_json_number(const cJSON *object, const char *name, double fallback)
{
    const cJSON *item = sb_json_get(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

int64_t sb_json_int(const cJSON *object, const char *name, int64_t fallback)
{
    double value = sb_json_number(object, name, (double)fallback);
    return value > -9e15 && value < 9e15 ? (int64_t)value : fallback;
}

bool sb_json_bool(const cJSON *object, const char *name, bool fallback)
{
    const cJSON *item = sb_json_get(object, name);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

void sb_json_put(cJSON *object, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(object, name, text);
}

void sb_json_put_time(cJSON *object, const char *name, int64_t at_ms)
{
    char text[SB_TIME_TEXT];
    cJSON_AddStringToObject(object, name, sb_clock_format(at_ms, text));
}

cJSON *sb_json_link(cJSON *links, const char *name, const char *uri_format, ...)
{
    char uri[512];
    va_list values;
    va_start(values, uri_format);
    vsnprintf(uri, sizeof uri, uri_format, values);
    va_end(values);
    cJSON *link = cJSON_AddObjectToObject(links, name);
    cJSON_AddStringToObject(link, "uri", uri);
    cJSON_AddStringToObject(link, "method", "GET");
    cJSON_AddArrayToObject(link, "headers");
    return link;
}

void sb_json_attributes(cJSON *object, const char *type, const char *etag)
{
    cJSON *attributes = cJSON_AddObjectToObject(object, "attributes");
    sb_json_put(attributes, "etag", etag);
    cJSON_AddStringToObject(attributes, "objectType", type);
}

cJSON *sb_json_collection(cJSON *items)
{
    cJSON *collection = cJSON_CreateObject();
    cJSON_AddNumberToObject(collection, "totalCount", cJSON_GetArraySize(items));
    cJSON_AddItemToObject(collection, "items", items);
    sb_json_attributes(collection, "Collection", NULL);
    return collection;
}

cJSON *sb_json_parse(const char *text, size_t len)
{
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    return cJSON_ParseWithLength(text, len);
}
