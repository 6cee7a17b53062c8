/* sb_agreements.c: the Microsoft Customer Agreement, without which nothing can be bought. */
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_request.h"

#define TEMPLATE "117a77b0-9360-443b-8795-c6dedc750cf9"
#define LINK     "https://aka.ms/customeragreement"
#define CURRENT  "MicrosoftCustomerAgreement"

/* Without the query the service speaks of the older Microsoft Cloud Agreement. */
static bool is_current(struct sb_request *req)
{
    const char *type = sb_request_query(req, "agreementType");
    return type && (strcasecmp(type, CURRENT) == 0 || strcmp(type, "*") == 0);
}

void sb_agreements_templates(struct sb_request *req)
{
    cJSON *items = cJSON_CreateArray();
    cJSON *item = cJSON_CreateObject();
    bool current = is_current(req);
    cJSON_AddStringToObject(item, "templateId", current ? TEMPLATE : "998b88de-aa99-4388-a42c-1b3517d49490");
    cJSON_AddStringToObject(item, "agreementType", current ? CURRENT : "MicrosoftCloudAgreement");
    cJSON_AddStringToObject(item, "agreementLink", LINK);
    cJSON_AddNumberToObject(item, "versionRank", 0);
    cJSON_AddItemToArray(items, item);
    sb_reply_json(req, 200, sb_json_collection(items));
}

static cJSON *write_agreement(void)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *contact = cJSON_AddObjectToObject(item, "primaryContact");
    cJSON_AddStringToObject(contact, "firstName", "Ada");
    cJSON_AddStringToObject(contact, "lastName", "de Boer");
    cJSON_AddStringToObject(contact, "email", "ada@example.com");
    cJSON_AddStringToObject(item, "templateId", TEMPLATE);
    cJSON_AddStringToObject(item, "dateAgreed", "2019-06-01T00:00:00Z");
    cJSON_AddStringToObject(item, "type", CURRENT);
    cJSON_AddStringToObject(item, "agreementLink", LINK);
    return item;
}

void sb_agreements_list(struct sb_request *req)
{
    cJSON *items = cJSON_CreateArray();
    if (req->customer.agreement && is_current(req))
        cJSON_AddItemToArray(items, write_agreement());
    sb_reply_json(req, 200, sb_json_collection(items));
}

void sb_agreements_confirm(struct sb_request *req)
{
    const char *type = sb_json_text(req->json, "type");
    const char *template = sb_json_text(req->json, "templateId");
    if (!type || strcasecmp(type, CURRENT) != 0 || !template || strcasecmp(template, TEMPLATE) != 0) {
        sb_reply_fail(req, 400, 3000, "The agreement needs type %s and templateId %s.", CURRENT, TEMPLATE);
        return;
    }
    sb_store_run(&req->world->store, "UPDATE customer SET agreement=1 WHERE id=?", "s", req->customer.id);
    sb_ledger_add(req->world, req, "agreement", req->customer.id, req->now_ms, NULL);
    sb_reply_json(req, 201, write_agreement());
}

void sb_agreements_direct(struct sb_request *req)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "isSigned", req->customer.direct_signed);
    sb_reply_json(req, 200, json);
}
