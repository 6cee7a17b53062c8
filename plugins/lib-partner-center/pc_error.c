/* pc_error.c: every answer that is no success becomes one fault: the remote's own code and words, and what to do.
 *
 * The table holds the published codes that mean something particular; all others are told by their HTTP status. */
#include "pc_int.h"

#include <stdarg.h>
#include <stdlib.h>

struct reaction {
    long code;
    const char *type, *title, *todo;
};

#define AUTHN "authentication"
#define AUTHZ "authorization"
#define VALID "validation"
#define COMMS "communication"

#define NO_ROLE                                                                                                        \
    "Give the account behind the credentials a role that can do it: admin agent (or global admin), and for licences "  \
    "user "                                                                                                            \
    "management admin; for GDAP, a role on this customer."
#define PARTNER "This concerns the whole partner, not one customer: sign the partner agreement in Partner Center first."

static const struct reaction reactions[] = {
    {800001, AUTHN, "The token is of the wrong kind",
        "This call needs an app+user sign-in: add refreshToken to the secret."},
    {2032, AUTHZ, "The role is not sufficient", NO_ROLE},
    {900150, AUTHZ, "The role is not sufficient", NO_ROLE},
    {20002, AUTHZ, "No relationship with the customer",
        "The customer is no longer a customer of this partner: ask for a new reseller relationship, or leave them "
        "out."},
    {900123, AUTHZ, "The partner agreement is not active", PARTNER},
    {900124, AUTHZ, "The partner agreement is not active", PARTNER},
    {900149, AUTHZ, "The partner agreement is not active", PARTNER},
    {800039, AUTHZ, "The partner agreement is not active", PARTNER},
    {13605, AUTHZ, "The customer has not accepted the agreement",
        "Have the customer accept the Microsoft Customer Agreement and confirm it in Partner Center, then run again."},
    {2091, VALID, "The offer is no longer sold", "It is retired: order its replacement instead."},
    {2085, VALID, "The customer may not buy this offer", "Use an offer of the customer's own segment and country."},
    {800062, VALID, "The customer may not buy this offer", "Use an offer of the customer's own segment and country."},
    {2100, VALID, "The id belongs to another catalogue", "Set partner-center.purchase-path to the era of this offer."},
    {800020, VALID, "The catalogue item is not for sale", "Choose another item or term."},
    {800028, VALID, "The catalogue item is not for sale", "Choose another item or term."},
    {800070, VALID, "The offer is not sold in this country", "Choose an offer of the customer's country."},
    {800029, VALID, "The add-on does not belong to that base", "Check which base offers the add-on lists."},
    {2002, VALID, "The quantity is outside the offer's limits", "Check the offer's minimum and maximum."},
    {2001, VALID, "The subscription is suspended", "Reactivate it first."},
    {2011, VALID, "The subscription is deleted", "Nothing can be changed any more."},
    {2055, COMMS, "Someone else changed it meanwhile", "Run again: it is read afresh."},
    {27006, VALID, "The customer has used up this offer", "Look for the subscription that exists already."},
    {27009, VALID, "The base subscription is not active", "Reactivate the base first."},
    {60012, VALID, "No licence left", "Wait until the purchase is provisioned, or buy more seats."},
    {60002, VALID, "The user does not exist", "The user was deleted meanwhile: nothing to do for them."},
    {60003, VALID, "The tenant does not exist", "Check the customer id."},
    {20000, VALID, "The order does not exist", "Just after a purchase: wait some minutes and try again."},
    {20003, VALID, "The subscription does not exist", "Just after a purchase: wait some minutes and try again."},
    {800023, VALID, "The credit line is too small", "Raise it with Microsoft, then run again."},
    {800025, VALID, "The credit line is too small", "Raise it with Microsoft, then run again."},
    {900121, VALID, "The credit line is too small", "Raise it with Microsoft, then run again."},
    {800060, COMMS, "An order is in progress", "Look at the customer's recent orders before ordering again."},
    {800066, VALID, "Too many subscriptions for this customer", "The partner's limit is reached: remove unused ones."},
    {800067, VALID, "Too many seats for one subscription", "Split the purchase, or ask for a higher limit."},
    {800088, VALID, "Too many seats for one subscription", "Split the purchase, or ask for a higher limit."},
    {800069, VALID, "The risk check failed", "A person must ask Partner Center support."},
    {800073, VALID, "The customer's account is under review", "Try again in some days."},
    {800090, VALID, "The quantity cannot be lowered", "New-commerce seats cannot be given back in mid-term."},
    {900117, VALID, "The cancellation window has passed", "The subscription can no longer be cancelled."},
};

static const struct reaction *reaction_of(long code)
{
    for (size_t i = 0; i < sizeof reactions / sizeof *reactions; i++)
        if (reactions[i].code == code)
            return &reactions[i];
    return NULL;
}

static const struct reaction *reaction_of_status(int status)
{
    static const struct reaction unauthorised = {0, AUTHN, "The access token was refused",
        "Check the secret \"partner-center\": the refresh token may have been revoked, or be for another tenant."};
    static const struct reaction forbidden = {0, AUTHZ, "Not allowed", NO_ROLE};
    static const struct reaction missing = {0, COMMS, "Not found", "Check the id; after a purchase it may show later."};
    static const struct reaction bad = {0, VALID, "The request was refused", "Correct the input of the step."};
    static const struct reaction busy = {0, COMMS, "Too many requests", "Lower partner-center.rate, or try later."};
    static const struct reaction broken = {0, COMMS, "The service does not work", "Try again later."};
    switch (status) {
    case 401:
        return &unauthorised;
    case 403:
        return &forbidden;
    case 404:
        return &missing;
    case 429:
        return &busy;
    default:
        return status >= 400 && status < 500 && status != 409 && status != 412 ? &bad : &broken;
    }
}

int pc_fault(struct pc *pc, const char *type, int status, const char *title, const char *format, ...)
{
    va_list args;
    char text[3000];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pc->fault = (struct pc_fault){
        .set = true, .type = type, .status = status, .title = title, .detail = pc_text(pc, "%s", text), .words = ""};
    return -1;
}

int pc__fault_memory(struct pc *pc)
{
    pc->fault = (struct pc_fault){
        .set = true, .type = "runtime", .title = "Out of memory", .detail = "There is not enough memory.", .words = ""};
    return -1;
}

void pc_fault_add(struct pc *pc, const char *name, cJSON *value)
{
    if (!pc->fault.data)
        pc->fault.data = pc_keep(pc, cJSON_CreateObject());
    cJSON_AddItemToObject(pc->fault.data, name, value);
}

bool pc_fault_is(const struct pc *pc, long code)
{
    return pc->fault.set && pc->fault.code == code;
}

/* The code as number or text. Graph's codes are words: they stay in data. */
static long code_of(const cJSON *code)
{
    if (cJSON_IsNumber(code) && code->valuedouble < 1e9 && code->valuedouble > 0)
        return (long)code->valuedouble;
    return cJSON_IsString(code) ? strtol(code->valuestring, NULL, 10) : 0;
}

/* A little of a body that is no JSON, on one line and without markup. */
static const char *glimpse(struct pc *pc, struct wf_bytes body)
{
    char text[161];
    size_t len = 0;
    bool tag = false;
    for (size_t i = 0; i < body.len && len < sizeof text - 1; i++) {
        unsigned char c = (unsigned char)body.ptr[i];
        if (c == '<')
            tag = true;
        else if (c == '>')
            tag = false;
        else if (!tag && c < 0x7f && (c > ' ' || (len && text[len - 1] != ' ')))
            text[len++] = c > ' ' ? (char)c : ' ';
    }
    text[len] = 0;
    return pc_text(pc, "%s", text);
}

/* The entities that the gateway leaves in descriptions. */
static const char *unescape(struct pc *pc, const char *text)
{
    static const struct {
        const char *entity;
        char plain;
    } known[] = {{"&#39;", '\''}, {"&quot;", '"'}, {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    char *out = pc->host->alloc(pc->step, strlen(text) + 1), *end = out;
    while (out && *text) {
        size_t i = 0;
        while (i < 5 && strncmp(text, known[i].entity, strlen(known[i].entity)) != 0)
            i++;
        *end++ = i < 5 ? known[i].plain : *text;
        text += i < 5 ? strlen(known[i].entity) : 1;
    }
    return out ? out : "";
}

static const char *words_of(struct pc *pc, const cJSON *body, struct wf_bytes raw)
{
    const char *words = pc_str(body, "description");
    if (!*words)
        words = pc_str(body, "message");
    if (!*words)
        words = pc_str(pc_member(body, "error"), "message");
    if (!*words && !body)
        return glimpse(pc, raw);
    return unescape(pc, words);
}

const char *pc__stop(const char *words)
{
    size_t len = strlen(words);
    return len && strchr(".!?", words[len - 1]) ? "" : ".";
}

static const char *service_of(const struct pc_request *req)
{
    return req->flags & PC_GRAPH ? "Microsoft Graph" : "Partner Center";
}

static void add_ids(struct pc *pc, const struct pc_request *req, const char *id)
{
    if (id)
        pc_fault_add(pc, "requestId", cJSON_CreateString(id));
    pc_fault_add(pc, "correlationId", cJSON_CreateString(pc->correlation));
    if (req->customer)
        pc_fault_add(pc, "customerId", cJSON_CreateString(req->customer));
}

int pc__fault_remote(
    struct pc *pc, const struct pc_request *req, const struct wf_http_response *http, const cJSON *body, const char *id)
{
    const cJSON *remote = pc_member(body, "code");
    if (!remote)
        remote = pc_member(pc_member(body, "error"), "code");
    long code = code_of(remote);
    const struct reaction *to = reaction_of(code);
    const char *words = words_of(pc, body, http->body);
    if (!to)
        to = reaction_of_status(http->status);
    const char *code_text = cJSON_IsString(remote) ? remote->valuestring : pc_text(pc, "%ld", code);
    pc_fault(pc, to->type, http->status, to->title, "%s refused %s %s: %d%s%s%s%s%s %s", service_of(req),
        req->method ? req->method : "GET", req->path, http->status, remote ? ", code " : "", remote ? code_text : "",
        *words ? ": " : "", words, pc__stop(words), to->todo);
    pc->fault.code = code;
    pc->fault.words = words;
    if (remote)
        pc_fault_add(pc, "code", code ? cJSON_CreateNumber((double)code) : cJSON_CreateString(code_text));
    pc_fault_add(pc, "description", cJSON_CreateString(words));
    pc_fault_add(pc, "httpStatus", cJSON_CreateNumber(http->status));
    if (pc_member(body, "data"))
        pc_fault_add(pc, "remoteData", cJSON_Duplicate(pc_member(body, "data"), true));
    if (*pc_str(body, "source"))
        pc_fault_add(pc, "source", cJSON_CreateString(pc_str(body, "source")));
    add_ids(pc, req, id);
    return -1;
}

int pc__fault_network(
    struct pc *pc, const struct pc_request *req, const struct wf_http_response *http, bool write, const char *id)
{
    const char *why = http->error ? http->error : "no words";
    if (http->result == WF_HTTP_REFUSED)
        return pc_fault(pc, "configuration", 0, "The request was not sent", "%s %s was not sent: %s.",
            req->method ? req->method : "GET", req->path, why);
    const char *what = "did not answer";
    if (http->result == WF_HTTP_NOT_SENT)
        what = "could not be reached";
    else if (http->result == WF_HTTP_CANCELLED)
        what = "was not waited for, the step was cancelled or its deadline passed";
    else if (http->result == WF_HTTP_ANSWERED)
        what = pc_text(pc, "answered %d with a body that cannot be read", http->status), why = "truncated or no JSON";
    pc_fault(pc, "communication", http->status, write ? "The outcome is not known" : "The service was not reached",
        "%s %s for %s %s: %s.%s", service_of(req), what, req->method ? req->method : "GET", req->path, why,
        write && http->result != WF_HTTP_NOT_SENT ? " It may have happened all the same."
                                                  : " Check the network and try again.");
    pc->fault.unknown = write && http->result != WF_HTTP_NOT_SENT;
    add_ids(pc, req, id);
    return -1;
}

void pc_fail(struct pc *pc)
{
    const struct pc_fault *fault = &pc->fault;
    char *data = fault->data ? cJSON_PrintUnformatted(fault->data) : NULL;
    struct wf_failure failure = {.size = sizeof failure,
        .status = fault->status,
        .type = fault->set ? fault->type : "runtime",
        .title = fault->set ? fault->title : "The step failed without saying why",
        .detail = fault->detail,
        .data = data};
    pc->host->fail(pc->step, &failure);
    cJSON_free(data);
}
