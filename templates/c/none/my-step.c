/* my-step.c: the step `my-step`: says hello. Make it yours: 1 the schemas, 2 run, 3 the cases. */
#include <wfrun/cjson.h>

static const struct wf_host *host;

/* A blocking step runs on a worker thread: it may wait there, and several calls may run at once. */
static void my_step_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    cJSON *output = cJSON_CreateObject();
    char text[256];

    (void)state;
    snprintf(text, sizeof text, "Hello, %s!", wf_cjson_str(with, "name", ""));
    cJSON_AddStringToObject(output, "greeting", text);
    cJSON_Delete(with);
    wf_cjson_succeed(host, step, output);
}

static int32_t my_step_open(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["name"], "additionalProperties": false,
    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "whom to greet"}}
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["greeting"],
    "properties": {"greeting": {"type": "string", "description": "the words"}}
});

static const struct wf_step_type my_step = {
    .size = sizeof my_step,
    .effect = WF_EFFECT_NONE,
    .flags = WF_STEP_BLOCKING,
    .name = "my-step",
    .summary = "Says hello",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = my_step_run,
};

static const struct wf_step_type *const steps[] = {&my_step, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "my-step",
    .version = "0.1.0",
    .summary = "Says hello",
    .steps = steps,
    .open = my_step_open,
};

WF_PLUGIN_NOTE("my-step", "0.1.0", "my-step:none");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
