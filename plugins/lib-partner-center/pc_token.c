/* pc_token.c: access tokens, one cache for all steps of the process: asked for once, ahead of expiry, one at a time.
 *
 * An application (authority, tenant, client) has one lock. It is held for one exchange with the sign-in service, never
 * while waiting on the host's clock: a retry lets go first. So whoever waits for it waits for the network only. */
#include "pc_int.h"

#include <stdlib.h>

#define EARLY_MS    ((int64_t)120000) /* a token this near its end is not used any more */
#define TOKEN_TRIES 5

struct tries {
    unsigned throttled, failed;
};

struct token {
    struct token *next;
    char *audience;
    char *text;
    int64_t expires_ms;
};

struct pc_app {
    struct pc_app *next;
    char *key;            /* authority, tenant, client and secret's refresh token */
    pthread_mutex_t lock; /* guards what follows */
    char *refresh_token;  /* the newest: each answer may bring another in place of it */
    struct token *tokens;
};

pthread_mutex_t pc__lock = PTHREAD_MUTEX_INITIALIZER;
static struct pc_app *apps; /* guarded by pc__lock; never freed: as long as the process */

static struct pc_app *app_new(const char *key, const char *refresh_token)
{
    struct pc_app *app = calloc(1, sizeof *app);
    if (!app)
        return NULL;
    app->key = strdup(key);
    app->refresh_token = refresh_token ? strdup(refresh_token) : NULL;
    pthread_mutex_init(&app->lock, NULL);
    return app;
}

int pc__app_bind(struct pc *pc)
{
    const char *key = pc_text(pc, "%s\n%s\n%s\n%s\n%s", pc->set.authority, pc->tenant, pc->client_id, pc->client_secret,
        pc->refresh_token ? pc->refresh_token : "");
    pthread_mutex_lock(&pc__lock);
    for (pc->app = apps; pc->app && strcmp(pc->app->key, key) != 0; pc->app = pc->app->next)
        continue;
    if (!pc->app && (pc->app = app_new(key, pc->refresh_token))) {
        pc->app->next = apps;
        apps = pc->app;
    }
    pthread_mutex_unlock(&pc__lock);
    return pc->app ? 0 : pc__fault_memory(pc);
}

/* What a token is for: Partner Center as application or as user, the Partner API, or Graph in one customer's tenant. */
static const char *audience_of(struct pc *pc, const struct pc_request *req)
{
    return req->flags & PC_GRAPH   ? pc_text(pc, "graph %s", req->customer)
           : req->flags & PC_SHEET ? "partner"
                                   : "partner-center";
}

static struct token *token_of(struct pc_app *app, const char *audience)
{
    for (struct token *token = app->tokens; token; token = token->next)
        if (strcmp(token->audience, audience) == 0)
            return token;
    return NULL;
}

/* The form of the token request; v1 names a resource where v2 names a scope. app->lock */
static const char *form_of(struct pc *pc, const struct pc_request *req)
{
    const char *refresh = pc->app->refresh_token, *resource = "https://graph.windows.net";
    if (req->flags & PC_GRAPH)
        resource = "https://graph.microsoft.com";
    else if (req->flags & PC_SHEET)
        resource = "https://api.partner.microsoft.com";
    else if (refresh)
        resource = "https://api.partnercenter.microsoft.com";
    const char *grant = refresh ? pc_text(pc, "grant_type=refresh_token&refresh_token=%s", pc_quote(pc, refresh))
                                : "grant_type=client_credentials";
    const char *target = pc->set.token_v1
                             ? pc_text(pc, "resource=%s%s", pc_quote(pc, resource), refresh ? "&scope=openid" : "")
                             : pc_text(pc, "scope=%s%s", pc_quote(pc, pc_text(pc, "%s/.default", resource)),
                                   refresh ? "%20offline_access" : "");
    return pc_text(pc, "%s&client_id=%s&client_secret=%s&%s", grant, pc_quote(pc, pc->client_id),
        pc_quote(pc, pc->client_secret), target);
}

static const struct wf_http_response *ask(struct pc *pc, const struct pc_request *req)
{
    static const struct wf_http_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    const char *tenant = req->flags & PC_GRAPH ? req->customer : pc->tenant;
    const char *form = form_of(pc, req);
    struct wf_http_request http = {.size = sizeof http,
        .flags = WF_HTTP_SAFE,
        .method = "POST",
        .url = pc_text(
            pc, "%s/%s/oauth2/%s", pc->set.authority, pc_quote(pc, tenant), pc->set.token_v1 ? "token" : "v2.0/token"),
        .headers = headers,
        .nheaders = 2,
        .body = {form, strlen(form)}};
    return pc->host->http(pc->step, &http);
}

/* Keeps what a good answer brought; 0, or -1 when there is no token in it. app->lock */
static int store(struct pc *pc, const char *audience, const cJSON *body)
{
    struct pc_app *app = pc->app;
    struct token *token = token_of(app, audience);
    const char *text = pc_str(body, "access_token");
    const cJSON *life = pc_member(body, "expires_in"); /* v1 writes numbers as strings */
    double seconds = cJSON_IsString(life)   ? strtod(life->valuestring, NULL)
                     : cJSON_IsNumber(life) ? life->valuedouble
                                            : 0;
    if (!*text)
        return -1;
    if (!token) {
        token = calloc(1, sizeof *token);
        if (!token)
            return -1;
        token->audience = strdup(audience);
        token->next = app->tokens;
        app->tokens = token;
    }
    free(token->text);
    token->text = strdup(text);
    token->expires_ms = pc_now(pc) + (int64_t)(seconds < 1e9 ? seconds * 1000 : 1e12);
    if (app->refresh_token && *pc_str(body, "refresh_token")) {
        free(app->refresh_token);
        app->refresh_token = strdup(pc_str(body, "refresh_token"));
    }
    return 0;
}

/* The sign-in service's refusal, in words that tell whom to ask. */
static int refused(struct pc *pc, const struct pc_request *req, int status, const cJSON *body)
{
    const char *error = pc_str(body, "error"), *words = pc_str(body, "error_description");
    const char *todo = "Check tenant, clientId and clientSecret in the secret \"partner-center\".";
    const char *title = "The sign-in service refused the credentials";
    if (strcmp(error, "invalid_grant") == 0) {
        title = "The sign-in has expired";
        todo = "A person must consent again: get a new refresh token and put it into the secret \"partner-center\" as "
               "refreshToken, then run again.";
    } else if (strcmp(error, "invalid_client") == 0 || strcmp(error, "unauthorized_client") == 0) {
        todo = "clientId or clientSecret in the secret \"partner-center\" is wrong, or the client secret has expired: "
               "make a new one in the app registration.";
    }
    if (!*words)
        words = "no description";
    pc_fault(pc, "authentication", status, title, "No access token for %s: the sign-in service answered %d %s: %s%s %s",
        req->flags & PC_GRAPH ? pc_text(pc, "Microsoft Graph in the tenant %s", req->customer) : "Partner Center",
        status, *error ? error : "without a reason", words, pc__stop(words), todo);
    pc_fault_add(pc, "error", cJSON_CreateString(error));
    return -1;
}

/* The newest refresh token is no good: the one of the secret may still be. False: that is what was tried. app->lock */
static bool app_start_over(struct pc *pc)
{
    struct pc_app *app = pc->app;
    if (!app->refresh_token || strcmp(app->refresh_token, pc->refresh_token) == 0)
        return false;
    free(app->refresh_token);
    app->refresh_token = strdup(pc->refresh_token);
    return true;
}

/* One exchange. 0: stored; 1: worth another try after *ret_wait_ms; -1: refused, with a fault. app->lock */
static int fetch(struct pc *pc, const struct pc_request *req, const char *audience, int64_t *ret_wait_ms)
{
    const struct wf_http_response *http = ask(pc, req);
    if (http->result == WF_HTTP_CANCELLED || http->result == WF_HTTP_REFUSED)
        return pc__fault_network(pc, req, http, false, NULL);
    cJSON *body = http->result == WF_HTTP_ANSWERED ? wf_cjson_parse(http->body) : NULL;
    int rc = 1;
    if (http->result == WF_HTTP_ANSWERED && http->status == 200 && store(pc, audience, body) == 0) {
        rc = 0;
    } else if (strcmp(pc_str(body, "error"), "invalid_grant") == 0 && app_start_over(pc)) {
        *ret_wait_ms = 0;
    } else if (http->result == WF_HTTP_ANSWERED && http->status >= 400 && http->status < 500 && http->status != 429 &&
               strcmp(pc_str(body, "error"), "temporarily_unavailable") != 0) {
        rc = refused(pc, req, http->status, body);
    } else if (http->result == WF_HTTP_ANSWERED) {
        *ret_wait_ms = pc__retry_after(pc, http);
        pc_fault(pc, "communication", http->status, "The sign-in service does not work",
            "The sign-in service at %s answered %d again and again. Try later.", pc->set.authority, http->status);
    } else {
        pc__fault_network(pc, req, http, false, NULL);
    }
    cJSON_Delete(body);
    pc->host->http_release(pc->step, http);
    return rc;
}

/* After another failure: wait, and true; or it was one too many. A 429 is counted apart, as with any other call. */
static bool worth_another(struct pc *pc, struct tries *tries, int64_t wait_ms)
{
    const struct pc_fault last = pc->fault;
    unsigned *count = last.status == 429 ? &tries->throttled : &tries->failed;
    if (wait_ms < 0)
        wait_ms = pc__backoff(*count, 500, 30000);
    if (++*count >= (last.status == 429 ? PC__THROTTLE_TRIES : TOKEN_TRIES) || pc_sleep(pc, wait_ms) != 0)
        return false;
    pc->fault = last;
    return true;
}

const char *pc__token_get(struct pc *pc, const struct pc_request *req)
{
    const char *audience = audience_of(pc, req), *text = NULL;
    if (req->flags & PC_USER && !pc->refresh_token) {
        pc_fault(pc, "authentication", 0, "These credentials act for no user",
            "%s %s needs an app+user sign-in, but the secret \"partner-center\" has no refreshToken. Sign in once as "
            "an "
            "admin agent with the app's consent and add the refresh token to the secret.",
            req->method ? req->method : "GET", req->path);
        return NULL;
    }
    struct tries tries = {0};
    int64_t wait;
    do {
        wait = -1;
        pthread_mutex_lock(&pc->app->lock);
        const struct token *token = token_of(pc->app, audience);
        int rc = token && token->expires_ms - EARLY_MS > pc_now(pc) ? 0 : fetch(pc, req, audience, &wait);
        if (rc == 0)
            text = pc_text(pc, "%s", token_of(pc->app, audience)->text);
        pthread_mutex_unlock(&pc->app->lock);
        if (rc <= 0)
            return text;
    } while (worth_another(pc, &tries, wait));
    return NULL;
}

void pc__token_refused(struct pc *pc, const struct pc_request *req, const char *text)
{
    pthread_mutex_lock(&pc->app->lock);
    struct token *token = token_of(pc->app, audience_of(pc, req));
    if (token && strcmp(token->text, text) == 0)
        token->expires_ms = 0;
    pthread_mutex_unlock(&pc->app->lock);
}
