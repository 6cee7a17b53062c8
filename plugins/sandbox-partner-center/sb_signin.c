/* sb_signin.c: the sign-in service: tokens by client secret, refresh token or device code, and its discovery document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_json.h"
#include "sb_request.h"

#define REFRESH_LIFE_MS (90 * SB_DAY_MS)
#define DEVICE_LIFE_S   900

static const char *const audience_uri[SB_AUDIENCES] = {
    [SB_AUDIENCE_PARTNER_CENTER] = "https://api.partnercenter.microsoft.com",
    [SB_AUDIENCE_AAD_GRAPH] = "https://graph.windows.net",
    [SB_AUDIENCE_GRAPH] = "https://graph.microsoft.com",
    [SB_AUDIENCE_PARTNER] = "https://api.partner.microsoft.com",
};

/* The audience that a v1 resource or a v2 scope begins with; the sandbox's own address counts as Partner Center. */
static bool find_audience(const struct sb_world *world, const char *text, enum sb_audience *ret_audience)
{
    for (int i = 0; i < SB_AUDIENCES; i++) {
        size_t len = strlen(audience_uri[i]);
        if (strncasecmp(text, audience_uri[i], len) == 0 &&
            (text[len] == '\0' || text[len] == '/' || text[len] == ' ')) {
            *ret_audience = (enum sb_audience)i;
            return true;
        }
    }
    const char *own[] = {world->url, world->tls_url};
    for (int i = 0; i < 2; i++) {
        if (*own[i] && strncmp(text, own[i], strlen(own[i])) == 0) {
            *ret_audience = SB_AUDIENCE_PARTNER_CENTER;
            return true;
        }
    }
    return false;
}

/* A scope list names the audience in one of its words. */
static bool find_scope(const struct sb_world *world, const char *scope, enum sb_audience *ret_audience)
{
    for (const char *at = scope; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (find_audience(world, at, ret_audience))
            return true;
    }
    return false;
}

static bool find_tenant(struct sb_request *req, char ret_tenant[SB_GUID])
{
    const struct sb_partner *partner = &req->world->partner;
    const char *tenant = req->args[0];
    struct sb_customer customer;
    if (strcasecmp(tenant, partner->tenant) == 0 || strcasecmp(tenant, "common") == 0 ||
        strcasecmp(tenant, "organizations") == 0) {
        snprintf(ret_tenant, SB_GUID, "%s", partner->tenant);
    } else if (sb_customer_load(&req->world->store, tenant, &customer)) {
        snprintf(ret_tenant, SB_GUID, "%s", customer.id);
    } else {
        sb_reply_sign_in_fail(req, 400, "invalid_request", 90002,
            "Tenant '%s' not found. Check to make sure you have the correct tenant ID.", tenant);
        return false;
    }
    return true;
}

/* The client's id and secret, from the form or from basic authentication's place in it. */
static bool check_client(struct sb_request *req, bool secret_needed)
{
    const struct sb_partner *partner = &req->world->partner;
    const char *id = sb_request_query(req, "client_id");
    const char *secret = sb_request_query(req, "client_secret");
    if (!id || !*id) {
        sb_reply_sign_in_fail(
            req, 400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.");
    } else if (strcasecmp(id, partner->client_id) != 0) {
        sb_reply_sign_in_fail(req, 400, "unauthorized_client", 700016,
            "Application with identifier '%s' was not found in the directory '%s'.", id, req->args[0]);
    } else if (secret_needed && (!secret || !*secret)) {
        sb_reply_sign_in_fail(req, 401, "invalid_client", 7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
    } else if (secret && *secret && strcmp(secret, partner->client_secret) != 0) {
        sb_reply_sign_in_fail(req, 401, "invalid_client", 7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            "not "
            "the client secret ID, for a secret added to app '%s'.",
            id);
    } else {
        return true;
    }
    return false;
}

static void put_seconds(cJSON *json, const char *name, int64_t seconds, bool as_text)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)seconds);
    if (as_text)
        cJSON_AddStringToObject(json, name, text);
    else
        cJSON_AddNumberToObject(json, name, (double)seconds);
}

static void grant(struct sb_request *req, struct sb_token token, bool v1)
{
    struct sb_world *world = req->world;
    char text[512];
    int64_t life = world->settings.token_life_s;
    token.refresh = false;
    token.expires_ms = req->now_ms + life * SB_SECOND_MS;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "token_type", "Bearer");
    put_seconds(json, "expires_in", life, v1);
    put_seconds(json, "ext_expires_in", life, v1);
    if (v1) {
        put_seconds(json, "expires_on", token.expires_ms / 1000, true);
        put_seconds(json, "not_before", req->now_ms / 1000 - 300, true);
        cJSON_AddStringToObject(json, "resource", audience_uri[token.audience]);
    }
    sb_token_write(world, &token, text, sizeof text);
    cJSON_AddStringToObject(json, "access_token", text);
    if (token.user) {
        cJSON_AddStringToObject(json, "scope", v1 ? "user_impersonation" : audience_uri[token.audience]);
        token.refresh = true;
        token.expires_ms = req->now_ms + REFRESH_LIFE_MS;
        sb_token_write(world, &token, text, sizeof text);
        cJSON_AddStringToObject(json, "refresh_token", text);
    }
    sb_reply_json(req, 200, json);
}

static void refuse_grant(struct sb_request *req, int code, const char *sentence)
{
    sb_reply_sign_in_fail(req, 400, "invalid_grant", code, "%s", sentence);
}

static bool check_refresh(struct sb_request *req, const char *text, struct sb_token *ret_token)
{
    if (req->world->settings.force_invalid_grant)
        refuse_grant(req, 50076,
            "Due to a configuration change made by your administrator, or because you moved to a new "
            "location, you must use multi-factor authentication.");
    else if (!text || !sb_token_read(req->world, text, ret_token) || !ret_token->refresh)
        refuse_grant(req, 9002313, "Invalid request. The refresh token is malformed or not valid.");
    else if (ret_token->expires_ms < req->now_ms)
        refuse_grant(req, 700082, "The refresh token has expired due to inactivity.");
    else
        return true;
    return false;
}

/* A device code is a signed token whose polls are counted by its text. */
static bool check_device(struct sb_request *req, struct sb_token *ret_token)
{
    const char *code = sb_request_query(req, "device_code");
    if (!code || !sb_token_read(req->world, code, ret_token)) {
        sb_reply_sign_in_fail(req, 400, "bad_verification_code", 70020, "The device code is not valid.");
        return false;
    }
    if (ret_token->expires_ms < req->now_ms) {
        sb_reply_sign_in_fail(req, 400, "expired_token", 70020, "The device code has expired.");
        return false;
    }
    int64_t polls = sb_store_int(&req->world->store, 0,
        "INSERT INTO counter VALUES('device ' || ?, 1) ON CONFLICT DO UPDATE SET n=n+1 RETURNING n", "s", code);
    if (polls <= req->world->settings.device_polls) {
        sb_reply_sign_in_fail(req, 400, "authorization_pending", 70016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
        return false;
    }
    return true;
}

static void token_request(struct sb_request *req, bool v1)
{
    sb_request_parse_form(req, req->body ? req->body : "", req->body_len);
    struct sb_token token = {0};
    const char *kind = sb_request_query(req, "grant_type");
    const char *wanted = sb_request_query(req, v1 ? "resource" : "scope");
    char tenant[SB_GUID];
    bool device = kind && (strstr(kind, "device_code") != NULL);
    if (!kind) {
        sb_reply_sign_in_fail(req, 400, "invalid_request", 900144,
            "The request body must contain the following parameter: 'grant_type'.");
        return;
    }
    if (!find_tenant(req, tenant) || !check_client(req, !device))
        return;
    if (strcmp(kind, "client_credentials") == 0) {
        token.user = false;
    } else if (strcmp(kind, "refresh_token") == 0) {
        if (!check_refresh(req, sb_request_query(req, "refresh_token"), &token))
            return;
        token.user = true;
    } else if (strcmp(kind, "authorization_code") == 0) {
        if (!check_refresh(req, sb_request_query(req, "code"), &token))
            return;
        token.user = true;
    } else if (device) {
        if (!check_device(req, &token))
            return;
        token.user = true;
    } else {
        sb_reply_sign_in_fail(req, 400, "unsupported_grant_type", 70003, "The grant type '%s' is not supported.", kind);
        return;
    }
    bool known = wanted && (v1 ? find_audience(req->world, wanted, &token.audience)
                               : find_scope(req->world, wanted, &token.audience));
    if (!known && (wanted || !token.user)) {
        sb_reply_sign_in_fail(req, 400, v1 ? "invalid_resource" : "invalid_scope", v1 ? 500011 : 70011,
            "The resource principal named %s was not found in the tenant.", wanted ? wanted : "(none)");
        return;
    }
    snprintf(token.tenant, sizeof token.tenant, "%s", tenant);
    grant(req, token, v1);
}

void sb_signin_token_v1(struct sb_request *req)
{
    token_request(req, true);
}

void sb_signin_token_v2(struct sb_request *req)
{
    token_request(req, false);
}

void sb_signin_device(struct sb_request *req)
{
    sb_request_parse_form(req, req->body ? req->body : "", req->body_len);
    struct sb_token code = {.user = true, .refresh = true, .audience = SB_AUDIENCE_PARTNER_CENTER};
    if (!find_tenant(req, code.tenant) || !check_client(req, false))
        return;
    const char *wanted = sb_request_query(req, "scope");
    if (!wanted)
        wanted = sb_request_query(req, "resource");
    if (wanted)
        find_scope(req->world, wanted, &code.audience);
    char text[512];
    char user_code[16];
    code.expires_ms = req->now_ms + DEVICE_LIFE_S * SB_SECOND_MS;
    sb_token_write(req->world, &code, text, sizeof text);
    sb_ident_short(req->world->random_seed, "device", text, 0, user_code);
    user_code[9] = '\0';
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "user_code", user_code);
    cJSON_AddStringToObject(json, "device_code", text);
    cJSON_AddStringToObject(json, "verification_uri", "https://microsoft.com/devicelogin");
    cJSON_AddNumberToObject(json, "expires_in", DEVICE_LIFE_S);
    cJSON_AddNumberToObject(json, "interval", 5);
    char message[160];
    snprintf(message, sizeof message,
        "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code %s.",
        user_code);
    cJSON_AddStringToObject(json, "message", message);
    sb_reply_json(req, 200, json);
}

void sb_signin_openid(struct sb_request *req)
{
    const char *base = *req->world->tls_url ? req->world->tls_url : req->world->url;
    static const struct {
        const char *name, *path;
    } rows[] = {
        {"token_endpoint", "oauth2/v2.0/token"},
        {"authorization_endpoint", "oauth2/v2.0/authorize"},
        {"device_authorization_endpoint", "oauth2/v2.0/devicecode"},
        {"end_session_endpoint", "oauth2/v2.0/logout"},
        {"jwks_uri", "discovery/v2.0/keys"},
        {"issuer", "v2.0"},
    };
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char url[512];
        snprintf(url, sizeof url, "%s/%s/%s", base, req->args[0], rows[i].path);
        cJSON_AddStringToObject(json, rows[i].name, url);
    }
    static const char *const methods[] = {"client_secret_post", "client_secret_basic"};
    cJSON_AddItemToObject(json, "token_endpoint_auth_methods_supported", cJSON_CreateStringArray(methods, 2));
    static const char *const algorithms[] = {"RS256"};
    cJSON_AddItemToObject(json, "id_token_signing_alg_values_supported", cJSON_CreateStringArray(algorithms, 1));
    static const char *const types[] = {"code", "id_token", "token"};
    cJSON_AddItemToObject(json, "response_types_supported", cJSON_CreateStringArray(types, 3));
    cJSON_AddStringToObject(json, "msgraph_host", "graph.microsoft.com");
    sb_reply_json(req, 200, json);
}

/* What MSAL asks when nobody told it that the authority is known. */
void sb_signin_instance(struct sb_request *req)
{
    const char *base = *req->world->tls_url ? req->world->tls_url : req->world->url;
    const char *host = strstr(base, "//");
    char url[512];
    snprintf(url, sizeof url, "%s/%s/v2.0/.well-known/openid-configuration", base, req->world->partner.tenant);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "tenant_discovery_endpoint", url);
    cJSON_AddStringToObject(json, "api-version", "1.1");
    cJSON *entry = cJSON_CreateObject();
    host = host ? host + 2 : base;
    cJSON_AddStringToObject(entry, "preferred_network", host);
    cJSON_AddStringToObject(entry, "preferred_cache", host);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(entry, "aliases"), cJSON_CreateString(host));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "metadata"), entry);
    sb_reply_json(req, 200, json);
}

/* Tokens are opaque here: there is no key to check them with. */
void sb_signin_keys(struct sb_request *req)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddArrayToObject(json, "keys");
    sb_reply_json(req, 200, json);
}
