/* sb_settings.c: the world's switches by name. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "sb_json.h"
#include "sb_world.h"

struct row {
    const char *name;
    bool flag; /* a bool, else an int64_t */
    size_t offset;
};

#define FLAG(name, field)                                                                                              \
    {                                                                                                                  \
        name, true, offsetof(struct sb_settings, field)                                                                \
    }
#define NUMBER(name, field)                                                                                            \
    {                                                                                                                  \
        name, false, offsetof(struct sb_settings, field)                                                               \
    }

static const struct row rows[] = {
    FLAG("idempotency", idempotency),
    FLAG("test_tenant", test_tenant),
    FLAG("new_commerce", new_commerce),
    FLAG("force_invalid_grant", force_invalid_grant),
    NUMBER("order_lag_s", order_lag_s),
    NUMBER("provision_s", provision_s),
    NUMBER("stock_min_s", stock_min_s),
    NUMBER("stock_max_s", stock_max_s),
    NUMBER("token_life_s", token_life_s),
    NUMBER("device_polls", device_polls),
    NUMBER("partner_per_minute", partner_per_minute),
    NUMBER("customer_per_minute", customer_per_minute),
    NUMBER("customer_per_second", customer_per_second),
    NUMBER("graph_per_minute", graph_per_minute),
};

void sb_settings_default(struct sb_settings *settings)
{
    *settings = (struct sb_settings){.idempotency = true, .token_life_s = 3599, .device_polls = 2};
}

void sb_settings_profile(struct sb_settings *settings, const char *profile)
{
    bool slow = strcmp(profile, "none") != 0;
    settings->order_lag_s = slow ? 15 * 60 : 0;
    settings->provision_s = slow ? 15 * 60 : 0;
    settings->stock_min_s = slow ? 2 * 60 : 0;
    settings->stock_max_s = slow ? 20 * 60 : 0;
    settings->partner_per_minute = slow ? 500 : 0;
    settings->customer_per_minute = slow ? 100 : 0;
    settings->graph_per_minute = slow ? 3500 : 0;
}

static bool read_flag(const cJSON *item, bool *ret_flag)
{
    const char *text = cJSON_GetStringValue(item);
    bool on = cJSON_IsTrue(item) || (text && strcasecmp(text, "on") == 0);
    bool off = cJSON_IsFalse(item) || (text && strcasecmp(text, "off") == 0);
    if (on || off)
        *ret_flag = on;
    return on || off;
}

static bool read_row(struct sb_settings *settings, const cJSON *item)
{
    if (strcasecmp(item->string, "disabled_plan_style") == 0) {
        const char *style = cJSON_GetStringValue(item);
        if (!style || (strcmp(style, "absent") != 0 && strcmp(style, "status") != 0))
            return false;
        settings->disabled_plan_status = strcmp(style, "status") == 0;
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcasecmp(item->string, rows[i].name) != 0)
            continue;
        void *field = (char *)settings + rows[i].offset;
        if (rows[i].flag)
            return read_flag(item, field);
        if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 1e9)
            return false;
        *(int64_t *)field = (int64_t)item->valuedouble;
        return true;
    }
    return false;
}

const char *sb_settings_read(struct sb_settings *settings, const cJSON *object)
{
    struct sb_settings changed = *settings;
    for (const cJSON *item = object ? object->child : NULL; item; item = item->next) {
        if (!item->string || !read_row(&changed, item))
            return item->string ? item->string : "(not an object)";
    }
    if (changed.stock_max_s < changed.stock_min_s)
        changed.stock_max_s = changed.stock_min_s;
    *settings = changed;
    return NULL;
}

cJSON *sb_settings_write(const struct sb_settings *settings)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "disabled_plan_style", settings->disabled_plan_status ? "status" : "absent");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const void *field = (const char *)settings + rows[i].offset;
        if (rows[i].flag)
            cJSON_AddBoolToObject(object, rows[i].name, *(const bool *)field);
        else
            cJSON_AddNumberToObject(object, rows[i].name, (double)*(const int64_t *)field);
    }
    return object;
}
