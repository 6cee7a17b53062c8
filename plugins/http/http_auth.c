/* http_auth.c: credentials of a request: basic, digest, bearer, OAuth 2 and OpenID Connect.
 *
 * OAuth 2 tokens are kept until shortly before they expire (RFC 6749: grants client_credentials, password,
 * refresh_token). The cache is of the process and lives as long as the plugin does: loop thread only, so no lock. */
#include <stdlib.h>

#include "http.h"

#define MAX_TOKENS    64
#define EARLY_MS      30000 /* a token is used no more this long before it expires */
#define UNKNOWN_TTL_S 300   /* when the reply does not say */

struct token {
    char *key, *value;
    int64_t expires_ms;
};
static struct token tokens[MAX_TOKENS];
static size_t ntokens;

/* A token request under way, for one call. */
struct grant {
    struct http_call *call;
    struct wf_http_request request;
    const char *key, *authority;
};

/* ---- cache ---- */

static struct token *token_find(const char *key)
{
    for (size_t i = 0; i < ntokens; i++)
        if (strcmp(tokens[i].key, key) == 0)
            return &tokens[i];
    return NULL;
}

static void token_drop(struct token *token)
{
    free(token->key);
    memset(token->value, 0, strlen(token->value));
    free(token->value);
    *token = tokens[--ntokens];
}

void http_auth_forget(const char *key)
{
    struct token *token = token_find(key);

    if (token)
        token_drop(token);
}

static void token_keep(const char *key, const char *value, int64_t expires_ms)
{
    http_auth_forget(key);
    if (ntokens == MAX_TOKENS)
        token_drop(&tokens[0]);
    tokens[ntokens++] = (struct token){strdup(key), strdup(value), expires_ms};
}

static void send_with(struct http_call *call, const char *value)
{
    http_header_add(call, "Authorization", http_text(call->step, "Bearer %s", value));
    if (!http_memory_is_out(call->step))
        http_request_send(call);
}

/* ---- the token request ---- */

static void refused(struct grant *grant, const struct wf_http_response *reply, const cJSON *answer)
{
    const char *words = wf_cjson_str(answer, "error_description", wf_cjson_str(answer, "error", reply->error));

    wf_cjson_fail(http_host, grant->call->step, "authentication", 401, NULL, NULL,
        "The token endpoint %s gave no token: %.600s. Check the client's id, secret, grant and scopes.",
        grant->request.url, words ? words : "its reply has no access_token");
}

static void token_came(struct wf_step *step, const struct wf_http_response *reply, void *arg)
{
    struct grant *grant = arg;
    cJSON *answer = wf_cjson_parse(reply->body);
    const char *value = wf_cjson_str(answer, "access_token", NULL);
    const cJSON *expires = wf_cjson_get(answer, "expires_in"); /* a number, or text of one */
    double seconds = cJSON_IsString(expires) ? strtod(expires->valuestring, NULL)
                                             : wf_cjson_num(answer, "expires_in", UNKNOWN_TTL_S);

    if (reply->result != WF_HTTP_ANSWERED || reply->status != 200 || !value) {
        refused(grant, reply, answer);
    } else {
        if (seconds > 0 && seconds < 1e9)
            token_keep(grant->key, value, http_host->now_ms(step) + (int64_t)(seconds * 1000) - EARLY_MS);
        grant->call->token_key = grant->key;
        http_memory_begin();
        send_with(grant->call, value);
    }
    cJSON_Delete(answer);
}

static void ask_token(struct grant *grant)
{
    http_host->http_start(grant->call->step, &grant->request, token_came, grant);
}

/* OpenID Connect: the issuer's document names the token endpoint; without one the authority is taken as it. */
static void document_came(struct wf_step *step, const struct wf_http_response *reply, void *arg)
{
    struct grant *grant = arg;
    cJSON *document = reply->result == WF_HTTP_ANSWERED && reply->status == 200 ? wf_cjson_parse(reply->body) : NULL;

    http_memory_begin();
    grant->request.url = http_copy(step, wf_cjson_str(document, "token_endpoint", grant->authority));
    cJSON_Delete(document);
    if (!http_memory_is_out(step))
        ask_token(grant);
}

static void ask_document(struct grant *grant)
{
    struct wf_http_request request = {.size = sizeof request, .flags = WF_HTTP_FOLLOW, .method = "GET"};

    request.url = http_text(grant->call->step, "%s/.well-known/openid-configuration", grant->authority);
    http_host->http_start(grant->call->step, &request, document_came, grant);
}

static char *joined(struct wf_step *step, const cJSON *list)
{
    char *text = http_copy(step, "");
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
        text = http_text(step, "%s%s%s", text, *text ? " " : "", cJSON_IsString(item) ? item->valuestring : "");
    return text;
}

/* The parameters of RFC 6749 as one JSON object; NULL when the call has been answered. */
static cJSON *parameters(struct http_call *call, const cJSON *auth, bool *ret_basic)
{
    const cJSON *client = wf_cjson_get(auth, "client");
    const char *grant = wf_cjson_str(auth, "grant", "client_credentials");
    const char *how = wf_cjson_str(client, "authentication", "client_secret_post");
    const char *scopes = joined(call->step, wf_cjson_get(auth, "scopes"));
    const char *audiences = joined(call->step, wf_cjson_get(auth, "audiences"));
    cJSON *form;

    *ret_basic = strcmp(how, "client_secret_basic") == 0;
    if ((!*ret_basic && strcmp(how, "client_secret_post") != 0 && strcmp(how, "none") != 0) ||
        (strcmp(grant, "client_credentials") != 0 && strcmp(grant, "password") != 0 &&
            strcmp(grant, "refresh_token") != 0)) {
        wf_cjson_fail(http_host, call->step, "configuration", 400, NULL, NULL,
            "The step http does not speak the grant `%s` with the client authentication `%s`; it knows "
            "client_credentials, "
            "password and refresh_token with client_secret_post, client_secret_basic or none.",
            grant, how);
        return NULL;
    }
    form = cJSON_CreateObject();
    cJSON_AddStringToObject(form, "grant_type", grant);
    if (!*ret_basic)
        cJSON_AddStringToObject(form, "client_id", wf_cjson_str(client, "id", ""));
    if (strcmp(how, "client_secret_post") == 0)
        cJSON_AddStringToObject(form, "client_secret", wf_cjson_str(client, "secret", ""));
    if (*scopes)
        cJSON_AddStringToObject(form, "scope", scopes);
    if (*audiences)
        cJSON_AddStringToObject(form, "audience", audiences);
    if (strcmp(grant, "password") == 0) {
        cJSON_AddStringToObject(form, "username", wf_cjson_str(auth, "username", ""));
        cJSON_AddStringToObject(form, "password", wf_cjson_str(auth, "password", ""));
    }
    if (strcmp(grant, "refresh_token") == 0) /* the schema has no place of its own for it: the subject's token */
        cJSON_AddStringToObject(form, "refresh_token",
            wf_cjson_str(auth, "refreshToken", wf_cjson_str(wf_cjson_get(auth, "subject"), "token", "")));
    return form;
}

static char *encoded(struct wf_step *step, const cJSON *form, bool as_json)
{
    char *text = http_copy(step, ""), *printed;
    const cJSON *member;

    if (as_json) {
        printed = cJSON_PrintUnformatted(form);
        text = http_copy(step, printed);
        cJSON_free(printed);
        return text;
    }
    cJSON_ArrayForEach(member, form)
        text =
            http_text(step, "%s%s%s=%s", text, *text ? "&" : "", member->string, http_quote(step, member->valuestring));
    return text;
}

static void send_oauth2(struct http_call *call, const cJSON *auth, bool openid)
{
    static const struct wf_http_header form_type = {"Content-Type", "application/x-www-form-urlencoded"},
                                       json_type = {"Content-Type", "application/json"};
    const char *authority = http_copy(call->step, wf_cjson_str(auth, "authority", ""));
    const char *encoding = wf_cjson_str(wf_cjson_get(auth, "request"), "encoding", form_type.value);
    bool as_json = strcmp(encoding, json_type.value) == 0, basic;
    struct grant *grant = http_host->alloc(call->step, sizeof *grant);
    const struct token *token;
    cJSON *form = parameters(call, auth, &basic);
    const char *slash = *authority && authority[strlen(authority) - 1] == '/' ? "" : "/";
    const char *path = wf_cjson_str(wf_cjson_get(auth, "endpoints"), "token", "/oauth2/token");

    if (!form)
        return;
    if (!grant) {
        cJSON_Delete(form);
        wf_cjson_fail(http_host, call->step, "runtime", 500, "Out of memory", NULL, "There is no memory for a token.");
        return;
    }
    grant->call = call;
    grant->authority = authority;
    grant->request = (struct wf_http_request){.size = sizeof grant->request, .flags = WF_HTTP_SAFE, .method = "POST"};
    grant->request.url = http_text(call->step, "%s%s%s", authority, slash, *path == '/' ? path + 1 : path);
    grant->request.headers = as_json ? &json_type : &form_type;
    grant->request.nheaders = 1;
    grant->request.body.ptr = encoded(call->step, form, as_json);
    grant->request.body.len = strlen(grant->request.body.ptr);
    if (basic) {
        grant->request.flags |= WF_HTTP_BASIC;
        grant->request.user = http_copy(call->step, wf_cjson_str(wf_cjson_get(auth, "client"), "id", ""));
        grant->request.password = http_copy(call->step, wf_cjson_str(wf_cjson_get(auth, "client"), "secret", ""));
    }
    grant->key = http_text(call->step, "%s %s %s", grant->request.url, grant->request.user ? grant->request.user : "",
        grant->request.body.ptr);
    cJSON_Delete(form);
    if (http_memory_is_out(call->step))
        return;
    token = token_find(grant->key);
    if (token && token->expires_ms > http_host->now_ms(call->step)) {
        call->token_key = grant->key;
        send_with(call, token->value);
    } else if (openid) {
        ask_document(grant);
    } else {
        ask_token(grant);
    }
}

/* ---- all schemes ---- */

void http_auth_send(struct http_call *call, const cJSON *authentication)
{
    const cJSON *scheme = authentication ? authentication->child : NULL;
    const char *name = scheme ? scheme->string : "";

    if (strcmp(name, "basic") == 0 || strcmp(name, "digest") == 0) {
        call->request.flags |= strcmp(name, "basic") == 0 ? WF_HTTP_BASIC : WF_HTTP_DIGEST;
        call->request.user = http_copy(call->step, wf_cjson_str(scheme, "username", ""));
        call->request.password = http_copy(call->step, wf_cjson_str(scheme, "password", ""));
    } else if (strcmp(name, "bearer") == 0) {
        http_header_add(call, "Authorization", http_text(call->step, "Bearer %s", wf_cjson_str(scheme, "token", "")));
    } else if (strcmp(name, "oauth2") == 0 || strcmp(name, "oidc") == 0) {
        send_oauth2(call, scheme, strcmp(name, "oidc") == 0);
        return;
    } else if (scheme) {
        wf_cjson_fail(http_host, call->step, "configuration", 400, NULL, NULL,
            "The step http does not know the authentication `%.60s`; it knows basic, bearer, digest, oauth2 and oidc.",
            name);
        return;
    }
    if (!http_memory_is_out(call->step))
        http_request_send(call);
}
