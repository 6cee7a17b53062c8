/* sizes.c: prints size and offsets of every struct that crosses the plugin border, and its constants; abi.bats compares
 * them with the committed lists. A line may be added at the end of a struct, never changed; a new minor has a new list. */
#include <stdio.h>
#include <wfrun/plugin.h>

#define SIZE(type)          printf("%s %zu\n", #type, sizeof(struct type))
#define FIELD(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(struct type, member))
#define VALUE(name)         printf("%s %lu\n", #name, (unsigned long)(name))

static void bytes(void)
{
    SIZE(wf_bytes);
    FIELD(wf_bytes, ptr);
    FIELD(wf_bytes, len);
}

static void step_type(void)
{
    SIZE(wf_step_type);
    FIELD(wf_step_type, size);
    FIELD(wf_step_type, effect);
    FIELD(wf_step_type, flags);
    FIELD(wf_step_type, max_parallel);
    FIELD(wf_step_type, timeout_ms);
    FIELD(wf_step_type, name);
    FIELD(wf_step_type, summary);
    FIELD(wf_step_type, input_schema);
    FIELD(wf_step_type, output_schema);
    FIELD(wf_step_type, run);
    FIELD(wf_step_type, plan);
    FIELD(wf_step_type, verify);
    FIELD(wf_step_type, undo);
    FIELD(wf_step_type, no_undo);
    FIELD(wf_step_type, cancel);
    FIELD(wf_step_type, effect_of);
    FIELD(wf_step_type, plan_undo);
}

static void config_row(void)
{
    SIZE(wf_config_row);
    FIELD(wf_config_row, size);
    FIELD(wf_config_row, name);
    FIELD(wf_config_row, default_value);
    FIELD(wf_config_row, help);
}

static void plugin(void)
{
    SIZE(wf_plugin);
    FIELD(wf_plugin, size);
    FIELD(wf_plugin, abi_major);
    FIELD(wf_plugin, abi_minor);
    FIELD(wf_plugin, name);
    FIELD(wf_plugin, version);
    FIELD(wf_plugin, summary);
    FIELD(wf_plugin, config_group);
    FIELD(wf_plugin, config);
    FIELD(wf_plugin, secrets);
    FIELD(wf_plugin, steps);
    FIELD(wf_plugin, standin);
    FIELD(wf_plugin, open);
    FIELD(wf_plugin, close);
}

static void failure(void)
{
    SIZE(wf_failure);
    FIELD(wf_failure, size);
    FIELD(wf_failure, status);
    FIELD(wf_failure, type);
    FIELD(wf_failure, title);
    FIELD(wf_failure, detail);
    FIELD(wf_failure, data);
}

static void http_header(void)
{
    SIZE(wf_http_header);
    FIELD(wf_http_header, name);
    FIELD(wf_http_header, value);
}

static void http_request(void)
{
    SIZE(wf_http_request);
    FIELD(wf_http_request, size);
    FIELD(wf_http_request, flags);
    FIELD(wf_http_request, method);
    FIELD(wf_http_request, url);
    FIELD(wf_http_request, headers);
    FIELD(wf_http_request, nheaders);
    FIELD(wf_http_request, body);
    FIELD(wf_http_request, timeout_ms);
    FIELD(wf_http_request, user);
    FIELD(wf_http_request, password);
}

static void http_response(void)
{
    SIZE(wf_http_response);
    FIELD(wf_http_response, size);
    FIELD(wf_http_response, result);
    FIELD(wf_http_response, status);
    FIELD(wf_http_response, headers);
    FIELD(wf_http_response, nheaders);
    FIELD(wf_http_response, body);
    FIELD(wf_http_response, url);
    FIELD(wf_http_response, error);
}

static void planned(void)
{
    SIZE(wf_planned);
    FIELD(wf_planned, size);
    FIELD(wf_planned, action);
    FIELD(wf_planned, words);
    FIELD(wf_planned, cost_micros);
    FIELD(wf_planned, currency);
    FIELD(wf_planned, output);
    FIELD(wf_planned, facts);
    FIELD(wf_planned, until_ms);
}

static void host(void)
{
    SIZE(wf_host);
    FIELD(wf_host, size);
    FIELD(wf_host, abi);
    FIELD(wf_host, input);
    FIELD(wf_host, config);
    FIELD(wf_host, secret);
    FIELD(wf_host, run_id);
    FIELD(wf_host, task);
    FIELD(wf_host, idempotency_key);
    FIELD(wf_host, attempt);
    FIELD(wf_host, mode);
    FIELD(wf_host, now_ms);
    FIELD(wf_host, deadline_ms);
    FIELD(wf_host, intent_ms);
    FIELD(wf_host, is_cancelled);
    FIELD(wf_host, alloc);
    FIELD(wf_host, log);
    FIELD(wf_host, progress);
    FIELD(wf_host, succeed);
    FIELD(wf_host, fail);
    FIELD(wf_host, retry);
    FIELD(wf_host, verdict);
    FIELD(wf_host, planned);
    FIELD(wf_host, http);
    FIELD(wf_host, http_start);
    FIELD(wf_host, http_release);
    FIELD(wf_host, sleep);
    FIELD(wf_host, remember);
    FIELD(wf_host, recall);
}

static void constants(void)
{
    VALUE(WF_ABI_MAJOR);
    VALUE(WF_ABI_MINOR);
    VALUE(WF_EFFECT_NONE);
    VALUE(WF_EFFECT_READ);
    VALUE(WF_EFFECT_WRITE);
    VALUE(WF_EFFECT_SPEND);
    VALUE(WF_EFFECT_IRREVERSIBLE);
    VALUE(WF_STEP_BLOCKING);
    VALUE(WF_STEP_SERIAL);
    VALUE(WF_STEP_IDEMPOTENT);
    VALUE(WF_STEP_CANCELLABLE);
    VALUE(WF_HTTP_FOLLOW);
    VALUE(WF_HTTP_SAFE);
    VALUE(WF_HTTP_BASIC);
    VALUE(WF_HTTP_DIGEST);
    VALUE(WF_HTTP_ANSWERED);
    VALUE(WF_HTTP_NOT_SENT);
    VALUE(WF_HTTP_UNKNOWN);
    VALUE(WF_HTTP_CANCELLED);
    VALUE(WF_HTTP_REFUSED);
    VALUE(WF_ACTION_NOTHING);
    VALUE(WF_ACTION_CREATE);
    VALUE(WF_ACTION_CHANGE);
    VALUE(WF_ACTION_REMOVE);
    VALUE(WF_ACTION_CANNOT);
    VALUE(WF_VERDICT_UNKNOWN);
    VALUE(WF_VERDICT_YES);
    VALUE(WF_VERDICT_NO);
    VALUE(WF_LOG_ERROR);
    VALUE(WF_LOG_WARN);
    VALUE(WF_LOG_INFO);
    VALUE(WF_LOG_DEBUG);
    VALUE(WF_MODE_RUN);
    VALUE(WF_MODE_PLAN);
    VALUE(WF_MODE_VERIFY);
    VALUE(WF_MODE_UNDO);
    VALUE(WF_MODE_PLAN_UNDO);
    VALUE(WF_MAX_VALUE);
    VALUE(WF_MAX_DEPTH);
}

int main(void)
{
    bytes();
    step_type();
    config_row();
    plugin();
    failure();
    http_header();
    http_request();
    http_response();
    planned();
    host();
    constants();
    return 0;
}
