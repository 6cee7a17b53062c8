/* my-step.c: the step `my-step`: gives a thing its name. Make it yours: 1 the schemas, 2 run, plan and undo, 3 the cases.
 *
 * Putting a name twice is the same as putting it once, so the step is IDEMPOTENT and needs no verify: after a crash it is
 * called again. It remembers what was there before, for undo has to put that back. */
#include <wfrun/cjson.h>

static const struct wf_host *host;

/* ---- the service ---- */

/* A request for the thing; name NULL: without a body. */
static const struct wf_http_response *send(struct wf_step *step, const char *method, const char *id, const char *name)
{
    const struct wf_http_header headers[] = {{"Content-Type", "application/json"}};
    cJSON *body = name ? cJSON_CreateObject() : NULL;
    char url[1000];

    if (body)
        cJSON_AddStringToObject(body, "name", name);
    struct wf_bytes bytes = wf_cjson_print(body);
    snprintf(url, sizeof url, "%s/things/%s", host->config(step, "url"), id);
    struct wf_http_request request = {
        .size = sizeof request, .method = method, .url = url, .headers = headers, .nheaders = 1, .body = bytes};
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

/* The thing as it is: its name, or null when there is none. NULL: the step has failed. */
static cJSON *look(struct wf_step *step, const char *id)
{
    const struct wf_http_response *response = send(step, "GET", id, NULL);
    cJSON *thing = response->status == 200 ? wf_cjson_parse(response->body) : NULL;
    cJSON *name = cJSON_DetachItemFromObjectCaseSensitive(thing, "name");

    cJSON_Delete(thing);
    if (!name && response->status == 404)
        return cJSON_CreateNull();
    if (!name)
        fail(step, "GET", response);
    return name;
}

/* ---- run ---- */

static cJSON *output_of(const char *id, const char *name, const cJSON *before)
{
    cJSON *output = cJSON_CreateObject();

    cJSON_AddStringToObject(output, "id", id);
    cJSON_AddStringToObject(output, "name", name);
    cJSON_AddItemToObject(output, "before", cJSON_Duplicate(before, 1));
    return output;
}

static void put(struct wf_step *step, const char *id, const char *name, const cJSON *before)
{
    const struct wf_http_response *response = send(step, "PUT", id, name);

    if (response->status >= 200 && response->status < 300) {
        wf_cjson_succeed(host, step, output_of(id, name, before));
    } else if (response->result == WF_HTTP_NOT_SENT) {
        struct wf_failure failure = {.size = sizeof failure,
            .type = "communication",
            .title = "The service cannot be reached",
            .detail = response->error};
        host->retry(step, 1000, &failure); /* nothing happened, that much is certain */
    } else {
        fail(step, "PUT", response);
    }
}

static void my_step_run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *id = wf_cjson_str(with, "id", ""), *name = wf_cjson_str(with, "name", "");
    /* What an earlier attempt saw counts: its own change may be there already. */
    cJSON *before = wf_cjson_recall(host, step, "before");
    bool is_new = !before;

    (void)state;
    if (is_new)
        before = look(step, id);
    if (before && is_new && wf_cjson_remember(host, step, "before", cJSON_Duplicate(before, 1)) != 0)
        wf_cjson_fail(host, step, "runtime", 500, "The journal is lost", NULL, "nothing was written");
    else if (before && cJSON_IsString(before) && strcmp(before->valuestring, name) == 0)
        wf_cjson_succeed(host, step, output_of(id, name, before));
    else if (before)
        put(step, id, name, before);
    cJSON_Delete(before);
    cJSON_Delete(with);
}

/* ---- plan ---- */

static void my_step_plan(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *id = wf_cjson_str(with, "id", ""), *name = wf_cjson_str(with, "name", "");
    cJSON *before = look(step, id);
    char words[600];

    (void)state;
    if (before) {
        struct wf_planned planned = {.action = WF_ACTION_CREATE, .words = words};
        snprintf(words, sizeof words, "make %s with the name %s", id, name);
        if (cJSON_IsString(before)) {
            bool is_same = strcmp(before->valuestring, name) == 0;
            planned.action = is_same ? WF_ACTION_NOTHING : WF_ACTION_CHANGE;
            snprintf(words, sizeof words, is_same ? "%s is called %s already" : "call %s %s", id, name);
        }
        cJSON *facts = cJSON_CreateObject();
        cJSON_AddStringToObject(facts, "id", id);
        cJSON_AddItemToObject(facts, "before", cJSON_Duplicate(before, 1));
        wf_cjson_planned(host, step, &planned, output_of(id, name, before), facts);
    }
    cJSON_Delete(before);
    cJSON_Delete(with);
}

/* ---- undo ---- */

/* Puts back what was there. It looks first: done already is done, and what somebody changed since is left alone. */
static void take_back(struct wf_step *step, const char *id, const cJSON *now, const cJSON *name, const cJSON *before)
{
    const struct wf_http_response *response = NULL;

    if (!cJSON_Compare(now, before, 1)) {
        if (!cJSON_Compare(now, name, 1)) {
            wf_cjson_fail(host, step, "validation", 409, "Changed since", NULL,
                "%s was changed by somebody else; undo it by hand", id);
            return;
        }
        response = cJSON_IsString(before) ? send(step, "PUT", id, before->valuestring) : send(step, "DELETE", id, NULL);
    }
    if (response && (response->status < 200 || response->status > 299))
        fail(step, "undo", response);
    else
        wf_cjson_succeed(host, step, cJSON_CreateObject());
}

/* Its input is {"input": ..., "output": ...} of the run. */
static void my_step_undo(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const cJSON *output = wf_cjson_get(with, "output");
    const char *id = wf_cjson_str(output, "id", "");
    cJSON *now = look(step, id);

    (void)state;
    if (now)
        take_back(step, id, now, cJSON_GetObjectItemCaseSensitive(output, "name"),
            cJSON_GetObjectItemCaseSensitive(output, "before"));
    cJSON_Delete(now);
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
    "type": "object", "required": ["id", "name"], "additionalProperties": false,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$", "description": "the thing's id"},
        "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "what it shall be called"}
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["id", "name", "before"],
    "properties": {
        "id": {"type": "string", "description": "as in with"},
        "name": {"type": "string", "description": "as in with"},
        "before": {"type": ["string", "null"], "description": "what it was called, or null when it was not there"}
    }
});

static const struct wf_step_type my_step = {
    .size = sizeof my_step,
    .effect = WF_EFFECT_WRITE,
    .flags = WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT,
    .timeout_ms = 60 * 1000,
    .name = "my-step",
    .summary = "Gives a thing its name",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = my_step_run,
    .plan = my_step_plan,
    .undo = my_step_undo,
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
    .summary = "Names things",
    .config = config,
    .steps = steps,
    .open = my_step_open,
};

WF_PLUGIN_NOTE("my-step", "0.1.0", "my-step:write");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
