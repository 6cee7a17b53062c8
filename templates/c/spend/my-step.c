/* my-step.c: the step `my-step`: orders an article. Make it yours: 1 the schemas, 2 run, plan, verify and undo, 3 the cases.
 *
 * Ordering twice costs twice. So the order carries the idempotency key, by which the service knows a second one and by
 * which verify finds out, after a crash, whether there is an order; while that is not known, nothing is ordered again. */
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

/* What the workflow gets to know of an order; NULL: the service's words are no order. */
static cJSON *output_of(const cJSON *order)
{
    const char *id = wf_cjson_str(order, "id", NULL);
    cJSON *output = id ? cJSON_CreateObject() : NULL;

    if (output) {
        cJSON_AddStringToObject(output, "orderId", id);
        cJSON_AddNumberToObject(output, "cost", wf_cjson_num(order, "cost", 0));
    }
    return output;
}

static void my_step_run(struct wf_step *step, void *state)
{
    const struct wf_http_response *response = send(step, "POST", "/orders", wf_cjson_input(host, step));
    cJSON *order = response->status == 200 || response->status == 201 ? wf_cjson_parse(response->body) : NULL;
    cJSON *output = output_of(order);

    (void)state;
    if (output) {
        wf_cjson_succeed(host, step, output);
    } else if (response->result == WF_HTTP_NOT_SENT) {
        struct wf_failure failure = {.size = sizeof failure,
            .type = "communication",
            .title = "The service cannot be reached",
            .detail = response->error};
        host->retry(step, 1000, &failure); /* nothing was ordered, that much is certain */
    } else {
        fail(step, "POST", response);
    }
    cJSON_Delete(order);
}

/* ---- verify: is there an order with our key? ---- */

static void my_step_verify(struct wf_step *step, void *state)
{
    char path[200];

    (void)state;
    snprintf(path, sizeof path, "/orders?key=%s", host->idempotency_key(step));
    const struct wf_http_response *response = send(step, "GET", path, NULL);
    cJSON *list = response->status == 200 ? wf_cjson_parse(response->body) : NULL;
    cJSON *output = output_of(cJSON_GetArrayItem(list, 0));
    if (output)
        wf_cjson_verdict(host, step, WF_VERDICT_YES, output, "there is an order with this key");
    else if (cJSON_IsArray(list) && cJSON_GetArraySize(list) == 0) /* this service's list never lags behind */
        wf_cjson_verdict(host, step, WF_VERDICT_NO, NULL, "there is no order with this key");
    else
        wf_cjson_verdict(host, step, WF_VERDICT_UNKNOWN, NULL, "the service did not list the orders");
    cJSON_Delete(list);
}

/* ---- plan ---- */

static void my_step_plan(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *article = wf_cjson_str(with, "article", "");
    double quantity = wf_cjson_num(with, "quantity", 0);
    char path[300], words[400];

    (void)state;
    snprintf(path, sizeof path, "/articles/%s", article);
    const struct wf_http_response *response = send(step, "GET", path, NULL);
    cJSON *known = response->status == 200 ? wf_cjson_parse(response->body) : NULL;
    double price = wf_cjson_num(known, "price", -1);
    if (response->status == 404) {
        struct wf_planned planned = {.action = WF_ACTION_CANNOT, .words = words, .cost_micros = 0};
        snprintf(words, sizeof words, "there is no article %s", article);
        wf_cjson_planned(host, step, &planned, NULL, NULL);
    } else if (price < 0) {
        fail(step, "GET", response);
    } else {
        struct wf_planned planned = {.action = WF_ACTION_CREATE,
            .words = words,
            .cost_micros = (int64_t)(price * quantity * 1e6 + 0.5),
            .currency = "EUR"};
        cJSON *facts = cJSON_CreateObject(), *output = cJSON_CreateObject();
        snprintf(words, sizeof words, "order %.0f of %s", quantity, article);
        cJSON_AddStringToObject(facts, "article", article);
        cJSON_AddNumberToObject(facts, "price", price);
        cJSON_AddStringToObject(output, "orderId", "planned");
        cJSON_AddNumberToObject(output, "cost", price * quantity);
        wf_cjson_planned(host, step, &planned, output, facts);
    }
    cJSON_Delete(known);
    cJSON_Delete(with);
}

/* ---- undo: cancel the order, as long as it can be ---- */

/* Its input is {"input": ..., "output": ...} of the run. */
static void my_step_undo(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(host, step);
    const char *id = wf_cjson_str(wf_cjson_get(with, "output"), "orderId", "");
    char path[300];

    (void)state;
    snprintf(path, sizeof path, "/orders/%s", id);
    const struct wf_http_response *response = send(step, "DELETE", path, NULL);
    if (response->status == 204 || response->status == 404) /* cancelled now, or before a crash */
        wf_cjson_succeed(host, step, cJSON_CreateObject());
    else if (response->status == 409)
        wf_cjson_fail(host, step, "validation", 409, "Too late to cancel", NULL,
            "order %s is on its way; send it back when it comes", id);
    else
        fail(step, "DELETE", response);
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
    "type": "object", "required": ["article", "quantity"], "additionalProperties": false,
    "properties": {
        "article": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$", "description": "what to order"},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "how many"}
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["orderId", "cost"],
    "properties": {
        "orderId": {"type": "string", "description": "the order's id"},
        "cost": {"type": "number", "description": "what it costs, in EUR"}
    }
});

static const struct wf_step_type my_step = {
    .size = sizeof my_step,
    .effect = WF_EFFECT_SPEND,
    .flags = WF_STEP_BLOCKING,
    .timeout_ms = 60 * 1000,
    .name = "my-step",
    .summary = "Orders an article",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = my_step_run,
    .plan = my_step_plan,
    .verify = my_step_verify,
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
    .summary = "Orders articles",
    .config = config,
    .steps = steps,
    .open = my_step_open,
};

WF_PLUGIN_NOTE("my-step", "0.1.0", "my-step:spend");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
