/* sb_dispatch.c: the way of every request: route, fault, token, budget, memory, customer, handler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "sb_json.h"
#include "sb_lifecycle.h"
#include "sb_replay.h"
#include "sb_request.h"

static void fail_token(struct sb_request *req, int64_t code, const char *sentence)
{
    sb_reply_error(req, 401, code, sentence);
}

/* Partner Center takes tokens of two audiences, each of the other services its own. */
static bool audience_fits(const struct sb_route *route, enum sb_audience audience)
{
    if (route->flags & SB_GRAPH)
        return audience == SB_AUDIENCE_GRAPH;
    if (route->flags & SB_PARTNER)
        return audience == SB_AUDIENCE_PARTNER;
    return audience == SB_AUDIENCE_PARTNER_CENTER || audience == SB_AUDIENCE_AAD_GRAPH;
}

static bool check_token(struct sb_request *req)
{
    const struct sb_route *route = req->route;
    const char *text = req->headers.authorization;
    if (route->flags & SB_ANON)
        return true;
    if (strncasecmp(text, "Bearer ", 7) != 0) {
        fail_token(req, 400, "Access denied. The request has no bearer token.");
        return false;
    }
    text += 7;
    text += strspn(text, " ");
    bool graph = route->flags & SB_GRAPH;
    if (!sb_token_read(req->world, text, &req->token) || req->token.refresh)
        fail_token(req, 400, "Access denied. The access token is not valid.");
    else if (req->token.expires_ms <= req->now_ms)
        fail_token(req, 400, "Access token has expired or is not yet valid.");
    else if (!audience_fits(route, req->token.audience))
        fail_token(req, 400, "Access token validation failure. Invalid audience.");
    else if (!graph && strcasecmp(req->token.tenant, req->world->partner.tenant) != 0)
        fail_token(req, 400, "Access denied. The access token is not of a partner tenant.");
    else if (route->flags & SB_USER && !req->token.user)
        fail_token(req, 800001,
            "There is no partner user in the context of the token: this resource needs app+user "
            "authentication.");
    else
        return true;
    return false;
}

static bool check_budget(struct sb_request *req)
{
    struct sb_world *world = req->world;
    const struct sb_settings *settings = &world->settings;
    bool limited = req->route->flags & SB_LIMITED, of_customer = req->route->flags & SB_CUSTOMER;
    const char *customer = of_customer ? req->args[0] : "";
    const struct {
        bool counts;
        int64_t cost;
        struct sb_budget budget;
    } budgets[] = {
        {limited, 1, {"partner", "", settings->partner_per_minute, SB_MINUTE_MS}},
        {limited && of_customer, 1, {"customer", customer, settings->customer_per_minute, SB_MINUTE_MS}},
        {of_customer, 1, {"customer a second", customer, settings->customer_per_second, SB_SECOND_MS}},
        {req->route->cost > 0, req->route->cost,
            {"graph", req->token.tenant, settings->graph_per_minute, SB_MINUTE_MS}},
    };
    int64_t wait = 0;
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets && wait == 0; i++)
        if (budgets[i].counts)
            wait = sb_throttle_book(&world->throttle, &budgets[i].budget, budgets[i].cost, req->now_ms);
    if (wait)
        sb_reply_throttled(req, wait);
    return wait == 0;
}

static bool check_customer(struct sb_request *req)
{
    const struct sb_customer *customer = &req->customer;
    unsigned flags = req->route->flags;
    if (!(flags & (SB_CUSTOMER | SB_GRAPH)))
        return true;
    const char *id = flags & SB_GRAPH ? req->token.tenant : req->args[0];
    if (!sb_customer_load(&req->world->store, id, &req->customer)) {
        if (flags & SB_GRAPH)
            sb_reply_error(
                req, 403, 0, "Insufficient privileges: the token is of the partner's own tenant, not a customer's.");
        else
            sb_reply_fail(req, 404, 1000, "Customer %s was not found.", id);
    } else if (flags & (SB_COMMERCE | SB_GRAPH) && strcmp(customer->relationship, "reseller") != 0) {
        sb_reply_error(req, 403, 20002, "The partner has no commerce relationship with this customer.");
    } else if (flags & (SB_COMMERCE | SB_GRAPH) && !customer->role) {
        sb_reply_error(req, 403, 2032, "The signed-in user does not have the role to work for this customer.");
    } else if (flags & SB_DELEGATED && !customer->delegated) {
        sb_reply_error(req, 403, 900150, "The partner has no delegated administration privileges for this customer.");
    } else {
        return true;
    }
    return false;
}

static void run_write(struct sb_request *req)
{
    struct sb_store *store = &req->world->store;
    sb_store_begin(store);
    req->route->handle(req);
    if (req->reply.status >= 400) {
        sb_store_rollback(store);
        sb_store_begin(store);
    }
    sb_replay_remember(req);
    sb_store_commit(store);
}

static void answer(struct sb_request *req)
{
    if (!check_token(req) || !check_budget(req) || !check_customer(req) || sb_replay_answer(req))
        return;
    if (req->body_len && !req->json && !(req->route->flags & SB_SIGN_IN)) {
        sb_reply_error(req, 400, 800002, "The body of the request is not valid JSON.");
    } else if (req->route->flags & SB_WRITE) {
        run_write(req);
    } else if (req->route->flags & SB_UNLOCKED) {
        pthread_mutex_unlock(&req->world->lock);
        req->route->handle(req);
        pthread_mutex_lock(&req->world->lock);
    } else {
        req->route->handle(req);
    }
}

static void reply_html(struct sb_request *req, int status)
{
    sb_reply_text(req, status, "text/html; charset=us-ascii",
        "<!DOCTYPE HTML><HTML><HEAD><TITLE>Service Unavailable</TITLE></HEAD><BODY><h2>The gateway could not reach the "
        "service</h2></BODY></HTML>");
}

static void set_retry_after(struct sb_request *req, const struct sb_fault_rule *fault)
{
    if (fault->retry_after < 0)
        return;
    char *buf = req->reply.retry_after;
    if (!fault->retry_date) {
        snprintf(buf, sizeof req->reply.retry_after, "%lld", (long long)fault->retry_after);
        return;
    }
    time_t at = (time_t)(req->now_ms / 1000 + fault->retry_after + 1);
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(buf, sizeof req->reply.retry_after, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* What a fault makes of the answer. Kinds that a handler or the server carries out change nothing here. */
static void disturb(struct sb_request *req)
{
    const struct sb_fault_rule *fault = &req->fault;
    switch (fault->kind) {
    case SB_FAULT_STATUS:
        sb_reply_error(req, fault->status, fault->code, "The service could not do this. (A fault of the sandbox.)");
        set_retry_after(req, fault);
        break;
    case SB_FAULT_THROTTLE:
        sb_reply_throttled(req, fault->retry_after);
        set_retry_after(req, fault);
        break;
    case SB_FAULT_HTML:
        reply_html(req, fault->status);
        break;
    case SB_FAULT_EXPIRED_TOKEN:
        fail_token(req, 400, "Access token has expired or is not yet valid.");
        break;
    case SB_FAULT_RESET:
        req->reply.reset = true;
        break;
    case SB_FAULT_TRUNCATE:
        req->reply.truncate = true;
        break;
    case SB_FAULT_BOM:
        req->reply.bom = true;
        break;
    default:
        break;
    }
}

static bool in_handler(enum sb_fault_kind kind)
{
    return kind == SB_FAULT_ACCEPTED || kind == SB_FAULT_STALE_ETAG || kind == SB_FAULT_REPEAT_PAGE ||
           kind == SB_FAULT_PARTIAL_CART;
}

static void serve(struct sb_request *req)
{
    struct sb_world *world = req->world;
    req->fault = sb_faults_meet(&world->faults, req->method, req->path, &req->reply.delay_ms);
    if (req->fault.kind == SB_FAULT_EXPIRED_TOKEN && req->route->flags & SB_ANON)
        req->fault.kind = SB_FAULT_NONE;
    if (req->fault.kind != SB_FAULT_NONE && !req->fault.after && !in_handler(req->fault.kind)) {
        disturb(req);
        return;
    }
    answer(req);
    if (req->fault.after)
        disturb(req);
}

static void fill_ids(struct sb_request *req)
{
    if (req->headers.request_id[0] == '\0')
        sb_ident_fresh(req->headers.request_id);
    if (req->headers.correlation_id[0] == '\0')
        sb_ident_fresh(req->headers.correlation_id);
}

void sb_dispatch(struct sb_request *req)
{
    struct sb_world *world = req->world;
    int missing = 404;
    req->route = sb_routes_find(req, &missing);
    fill_ids(req);
    if (req->body_len && !(req->route && req->route->flags & SB_SIGN_IN))
        req->json = sb_json_parse(req->body, req->body_len);
    pthread_mutex_lock(&world->lock);
    req->now_ms = sb_clock_now(&world->clock);
    sb_lifecycle_advance(world, req->now_ms);
    if (!req->route) {
        sb_reply_error(req, missing, missing == 404 ? 1000 : 800002,
            missing == 404 ? "There is no such resource." : "The resource does not take this method.");
    } else if (req->route->flags & SB_CONTROL) {
        req->route->handle(req);
    } else {
        serve(req);
    }
    if (!req->route || !(req->route->flags & SB_CONTROL))
        sb_traffic_note(&world->traffic, req);
    pthread_mutex_unlock(&world->lock);
}
