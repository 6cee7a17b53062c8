/* http_step.c: step `http`: the DSL's `call: http`. Not blocking: it starts an exchange and answers when that has ended, so
 * thousands can be under way without a thread each. Shared state: the token cache of http_auth.c, loop thread only. */
#include "http.h"

#include <strings.h>

const struct wf_host *http_host;

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["method", "endpoint"], "additionalProperties": false,
    "properties": {
        "method": {"description": "any; upper or lower case", "type": "string", "pattern": "^[A-Za-z]+$"},
        "endpoint": {
            "description": "an address, a URI template over the task's input, or an object with uri and authentication",
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object", "required": ["uri"], "additionalProperties": false,
                    "properties": {"uri": {"type": "string"}, "authentication": {"type": "object"}}
                }
            ]
        },
        "headers": {"description": "names to values", "type": "object", "additionalProperties": {"type": "string"}},
        "query": {
            "description": "names to values, added to what the address has", "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean"]}
        },
        "body": {"description": "text goes as it is, anything else as JSON"},
        "output": {
            "description": "content (unless given), JSON parsed; response: status and headers too; raw: base64",
            "enum": ["content", "response", "raw"]
        },
        "redirect": {
            "description": "true: follow redirects; else a status of 300 to 399 is an error", "type": "boolean"
        }
    }
});

/* The call and its request; NULL when it has been answered with a failure. */
static struct http_call *make(struct wf_step *step, const cJSON *with)
{
    struct http_call *call = http_host->alloc(step, sizeof *call);

    http_memory_begin();
    if (!call) {
        wf_cjson_fail(http_host, step, "runtime", 500, "Out of memory", NULL, "There is no memory for the call.");
        return NULL;
    }
    call->step = step;
    return http_request_make(call, with) == 0 ? call : NULL;
}

static void run(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(http_host, step);
    struct http_call *call = make(step, with);

    (void)state;
    if (call)
        http_auth_send(call, wf_cjson_get(wf_cjson_get(with, "endpoint"), "authentication"));
    cJSON_Delete(with);
}

/* FNV-1a: tells bodies apart without showing what they hold, which may be secret. */
static char *fingerprint(struct wf_step *step, struct wf_bytes bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * UINT64_C(0x100000001b3);
    return http_text(step, "%016llx", (unsigned long long)hash);
}

static uint32_t action_of(const char *method)
{
    return strcmp(method, "POST") == 0     ? WF_ACTION_CREATE
           : strcmp(method, "DELETE") == 0 ? WF_ACTION_REMOVE
                                           : WF_ACTION_CHANGE;
}

/* What the remote side would make of it nobody can know: there is no output. Requests that only look are not planned but
 * sent. */
static void plan(struct wf_step *step, void *state)
{
    cJSON *with = wf_cjson_input(http_host, step), *facts;
    struct http_call *call = make(step, with);

    (void)state;
    if (call) {
        struct wf_planned planned = {.action = action_of(call->request.method), .cost_micros = 0};
        planned.words = http_text(step, "%s %s", call->request.method, call->request.url);
        facts = cJSON_CreateObject();
        cJSON_AddStringToObject(facts, "method", call->request.method);
        cJSON_AddStringToObject(facts, "url", call->request.url);
        cJSON_AddStringToObject(facts, "body", fingerprint(step, call->request.body));
        if (http_memory_is_out(step))
            cJSON_Delete(facts);
        else
            wf_cjson_planned(http_host, step, &planned, NULL, facts);
    }
    cJSON_Delete(with);
}

static bool is_one_of(const char *method, const char *a, const char *b, const char *c)
{
    return strcasecmp(method, a) == 0 || strcasecmp(method, b) == 0 || strcasecmp(method, c) == 0;
}

/* RFC 9110, section 9.2: safe methods only look, idempotent ones may be repeated. */
static uint32_t effect_of(struct wf_bytes input, uint32_t *ret_flags)
{
    cJSON *with = wf_cjson_parse(input);
    const char *method = wf_cjson_str(with, "method", "");
    uint32_t effect = is_one_of(method, "GET", "HEAD", "OPTIONS") ? WF_EFFECT_READ : WF_EFFECT_WRITE;

    if (is_one_of(method, "PUT", "DELETE", "TRACE"))
        *ret_flags |= WF_STEP_IDEMPOTENT;
    cJSON_Delete(with);
    return effect;
}

static const char output_schema[] = WF_JSON({
    "description": "the reply's content; or request, statusCode, headers and content; or the content in base64"
});

static const struct wf_step_type http = {
    .size = sizeof http,
    .effect = WF_EFFECT_WRITE,
    .name = "http",
    .summary = "Sends an HTTP request and gives its reply",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = run,
    .plan = plan,
    .no_undo = "what a request changed is known to the remote side only",
    .effect_of = effect_of,
};

static int32_t open_plugin(const struct wf_host *host, void **ret_state)
{
    http_host = host;
    *ret_state = NULL;
    return 0;
}

static const struct wf_step_type *const steps[] = {&http, NULL};

static const struct wf_plugin plugin = {
    .size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "http",
    .version = "1.0.0",
    .summary = "HTTP requests, as the DSL's call: http",
    .steps = steps,
    .open = open_plugin,
};

WF_PLUGIN_NOTE("http", "1.0.0", "http:write");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    return host_abi >> 16 == WF_ABI_MAJOR ? &plugin : NULL;
}
