/* my-step.c: the step `my-step`: sends a message. Make it yours: 1 the schemas, 2 run, plan and verify, 3 the cases.
 *
 * What is sent cannot be taken back. So the message carries the idempotency key, by which the service knows a second one
 * and by which verify finds out, after a crash, whether it was sent; while that is not known, nothing is sent again. */
#include <wfrun/cjson.h>

static const struct wf_host *host;

/* ---- the service ---- */

/* path is below the setting `url`; body is consumed and may be NULL. Every request carries the key. */
static const struct wf_http_response *send(struct wf_step *step, const char *method, const char *path, cJSON *body)
{
    const struct wf_http_header headers[] = {
        {"Content-Type", "application/json"}, {"Idempotency-Key", host->idempotency_key(step)}};
    struct wf_bytes bytes = wf_cjson_print(body);
    char url[1000];

    snprintf(url, sizeof url, "%s%s", host->config(step, "url"), path);
    struct wf_http_request request = {
        .size = sizeof request, .method = method, .url = url, .headers = headers, .nheaders = 2, .body = bytes};
    const struct wf_http_response *response = host->http(step, &request);
    cJSON_free((void *)bytes.ptr);
    return response;
}

static void fail(struct wf_step *step, const char *what, const struct wf_http_response *response)
{
    wf_cjson_fail(host, step, "communication", response->status, "The service did not answer as it should", NULL,
        "%s %s: %s (status %d)", what, response->url, response->error ? response->error : "unexpected answer",
        (int)response->status);
}

/* ---- run ---- */

/* What the workflow gets to know of a message; NULL: the service's words are none. */
static cJSON *output_of(const cJSON *message)
{
    const char *id = wf_cjson_str(message, "id", NULL);
    cJSON *output = id ? cJSON_CreateObject() : NULL;

    if (output)
        cJSON_AddStringToObject(output, "messageId", id);
    return output;
}

static void my_step_run(struct wf_step *step, void *state)
{
    const struct wf_http_response *response = send(step, "POST", "/messages", wf_cjson_input(host, step));
    cJSON *message = response->status == 200 || response->status == 201 ? wf_cjson_parse(response->body) : NULL;
    cJSON *output = output_of(message);

    (void)state;
    if (output) {
        wf_cjson_succeed(host, step, output);
    } else if (response->result == WF_HTTP_NOT_SENT) {
        struct wf_failure failure = {.size = sizeof failure,
            .type = "communication",
            .title = "The service cannot be reached",
            .detail = response->error};
        host->retry(step, 1000, &failure); /* nothing was sent, that much is certain */
    } else {
        fail(step, "POST", response);
    }
    cJSON_Delete(message);
}

/* ---- verify: is there a message with our key? ---- */

static void my_step_verify(struct wf_step *step, void *state)
{
    char path[200];

    (void)state;
    snprintf(path, sizeof path, "/messages?key=%s", host->idempotency_key(step));
    const struct wf_http_response *response = send(step, "GET", path, NULL);
    cJSON *list = response->status == 200 ? wf_cjson_parse(response->body) : NULL;
    cJSON *output = output_of(cJSON_GetArrayItem(list, 0));
    if (output)
        wf_cjson_verdict(host, step, WF_VERDICT_YES, output, "there is a message with this key");
    else if (cJSON_IsArray(list) && cJSON_GetArraySize(list) == 0) /* this service's list never lags behind */
        wf_cjson_verdict(host, step, WF_VERDICT_NO, NULL, "there is no message with this key");
    else
        wf_cjson_verdict(host, step, WF_VERDICT_UNKNOWN, NULL, "the service did not list the messages");
    cJSON_Delete(list);
}

/* ---- plan ---- */

static void my_step_plan(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step), *facts = cJSON_CreateObject(), *output = cJSON_CreateObject();
    const char *to = wf_cjson_str(with, "to", "");
    char words[400];
    struct wf_planned planned = {.action = WF_ACTION_CREATE, .words = words, .cost_micros = 0};

    (void)state;
    snprintf(words, sizeof words, "send a message to %s", to);
    cJSON_AddStringToObject(facts, "to", to);
    cJSON_AddStringToObject(output, "messageId", "planned");
    wf_cjson_planned(host, step, &planned, output, facts);
    cJSON_Delete(with);
}

/* ---- descriptor ---- */

static int32_t my_step_open(const struct wf_host *h, void **ret_state)
{
    host = h;
    *ret_state = NULL;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["to", "text"], "additionalProperties": false,
    "properties": {
        "to": {"type": "string", "minLength": 1, "maxLength": 200, "description": "who gets it"},
        "text": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "what it says"}
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["messageId"],
    "properties": {"messageId": {"type": "string", "description": "the message's id"}}
});

static const struct wf_step_type my_step = {
    .size = sizeof my_step,
    .effect = WF_EFFECT_IRREVERSIBLE,
    .flags = WF_STEP_BLOCKING,
    .timeout_ms = 60 * 1000,
    .name = "my-step",
    .summary = "Sends a message",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = my_step_run,
    .plan = my_step_plan,
    .verify = my_step_verify,
    .no_undo = "a message that was sent has been read",
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
    .summary = "Sends messages",
    .config = config,
    .steps = steps,
    .open = my_step_open,
};

WF_PLUGIN_NOTE("my-step", "0.1.0", "my-step:irreversible");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
