/* catalog.c: a step catalog for tests. */
#include "suites.h"

static const char http_schema[] =
    "{\"type\":\"object\",\"required\":[\"method\",\"endpoint\"],\"additionalProperties\":false,\"properties\":{"
    "\"method\":{\"type\":\"string\"},\"endpoint\":{},\"body\":{},"
    "\"headers\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"query\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"output\":{\"enum\":[\"raw\",\"content\",\"response\"]},\"redirect\":{\"type\":\"boolean\"}}}";
static const char purchase_schema[] =
    "{\"type\":\"object\",\"required\":[\"sku\"],\"additionalProperties\":false,\"properties\":{"
    "\"sku\":{\"type\":\"string\"},\"quantity\":{\"type\":\"integer\",\"minimum\":1}}}";

static struct wf_step_info steps[] = {
    {.name = "http", .version = "1.0.0"},
    {.name = "purchase", .version = "1.2.0"},
    {.name = "greet", .version = "1.0.0"},
    {.name = "openapi", .version = "1.0.0"},
};
static const char *const names[] = {"http", "purchase", "greet", "openapi", NULL};

static const struct wf_step_info *find(void *ctx, const char *name, const char *version)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, name) == 0 && (!version || strcmp(steps[i].version, version) == 0))
            return &steps[i];
    return NULL;
}

static const char *const *all_names(void *ctx)
{
    (void)ctx;
    return names;
}

static const struct wf_schema *compile(const char *text)
{
    struct wf_schema *schema = NULL;
    struct wf_err err = {0};
    if (wf_schema_new(jv_parse(text), &schema, &err) != 0)
        fprintf(stderr, "%s\n", err.msg);
    return schema;
}

const struct wf_step_catalog *wf_test_catalog(void)
{
    static const struct wf_step_catalog catalog = {.find = find, .names = all_names};
    if (!steps[0].input_schema) {
        steps[0].input_schema = compile(http_schema);
        steps[1].input_schema = compile(purchase_schema);
    }
    return &catalog;
}

void wf_test_catalog_done(void)
{
    for (size_t i = 0; i < 2; i++) {
        wf_schema_free((struct wf_schema *)steps[i].input_schema);
        steps[i].input_schema = NULL;
    }
}
