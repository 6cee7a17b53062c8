/* my-step.c: the step `my-step`: looks a thing up. Make it yours: 1 the schemas, 2 run, 3 the cases. */
#include <wfrun/cjson.h>

static const struct wf_host *host;

/* GET of a path below the setting `url`. */
static const struct wf_http_response *get(struct wf_step *step, const char *path)
{
    const struct wf_http_header headers[] = {{"Accept", "application/json"}};
    char url[1000];

    snprintf(url, sizeof url, "%s%s", host->config(step, "url"), path);
    struct wf_http_request request = {
        .size = sizeof request, .method = "GET", .url = url, .headers = headers, .nheaders = 1};
    return host->http(step, &request);
}

static void fail(struct wf_step *step, const struct wf_http_response *response)
{
    wf_cjson_fail(host, step, "communication", response->status, "The service did not answer as it should", NULL,
        "GET %s: %s (status %d)", response->url, response->error ? response->error : "unexpected answer",
        (int)response->status);
}

static void my_step_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    char path[300];

    (void)state;
    snprintf(path, sizeof path, "/things/%s", wf_cjson_str(with, "id", ""));
    cJSON_Delete(with);
    const struct wf_http_response *response = get(step, path);
    cJSON *thing = response->status == 200 ? wf_cjson_parse(response->body) : NULL;
    if (!thing && response->status != 404) {
        fail(step, response);
        return;
    }
    cJSON *output = cJSON_CreateObject();
    cJSON_AddBoolToObject(output, "found", thing != NULL);
    cJSON_AddItemToObject(output, "thing", thing ? thing : cJSON_CreateNull());
    wf_cjson_succeed(host, step, output);
}

static int32_t my_step_open(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["id"], "additionalProperties": false,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$", "description": "the thing's id"}
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["found", "thing"],
    "properties": {
        "found": {"type": "boolean", "description": "is there such a thing?"},
        "thing": {"description": "as the service has it, or null"}
    }
});

/* The host refuses every write of a step that only reads, so after a crash it is simply called again. */
static const struct wf_step_type my_step = {
    .size = sizeof my_step,
    .effect = WF_EFFECT_READ,
    .flags = WF_STEP_BLOCKING,
    .timeout_ms = 60 * 1000,
    .name = "my-step",
    .summary = "Looks a thing up",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = my_step_run,
};

static const struct wf_step_type *const steps[] = {&my_step, NULL};

static const struct wf_config_row url = {
    .size = sizeof url, .name = "url", .default_value = "http://localhost:8080", .help = "Where the service is."};
static const struct wf_config_row *const config[] = {&url, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "my-step",
    .version = "0.1.0",
    .summary = "Looks things up",
    .config = config,
    .steps = steps,
    .open = my_step_open,
};

WF_PLUGIN_NOTE("my-step", "0.1.0", "my-step:read");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
