/* sb_customers.c: the partner's customers and their qualification. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_page.h"

#define COLUMNS                                                                                                        \
    "SELECT id, name, domain, relationship, country, segment, vetting, agreement, direct_signed, role, delegated "     \
    "FROM customer "

static void read_row(sqlite3_stmt *stmt, struct sb_customer *ret_customer)
{
    struct sb_customer *customer = ret_customer;
    sb_store_copy(stmt, 0, customer->id, sizeof customer->id);
    sb_store_copy(stmt, 1, customer->name, sizeof customer->name);
    sb_store_copy(stmt, 2, customer->domain, sizeof customer->domain);
    sb_store_copy(stmt, 3, customer->relationship, sizeof customer->relationship);
    sb_store_copy(stmt, 4, customer->country, sizeof customer->country);
    sb_store_copy(stmt, 5, customer->segment, sizeof customer->segment);
    sb_store_copy(stmt, 6, customer->vetting, sizeof customer->vetting);
    customer->agreement = sqlite3_column_int(stmt, 7);
    customer->direct_signed = sqlite3_column_int(stmt, 8);
    customer->role = sqlite3_column_int(stmt, 9);
    customer->delegated = sqlite3_column_int(stmt, 10);
}

bool sb_customer_load(struct sb_store *store, const char *id, struct sb_customer *ret_customer)
{
    sqlite3_stmt *stmt = sb_store_query(store, COLUMNS "WHERE id=?1 OR domain=?1", "s", id);
    if (!sb_store_step(stmt))
        return false;
    read_row(stmt, ret_customer);
    sqlite3_reset(stmt);
    return true;
}

bool sb_customer_is_government(const struct sb_customer *customer)
{
    return strcmp(customer->segment, "government_community_cloud") == 0;
}

static cJSON *write_company(const struct sb_customer *customer, bool whole)
{
    cJSON *company = cJSON_CreateObject();
    cJSON_AddStringToObject(company, "tenantId", customer->id);
    cJSON_AddStringToObject(company, "domain", customer->domain);
    cJSON_AddStringToObject(company, "companyName", customer->name);
    if (whole) {
        cJSON *address = cJSON_AddObjectToObject(company, "address");
        cJSON_AddStringToObject(address, "country", customer->country);
        cJSON_AddStringToObject(address, "city", "Delft");
        cJSON_AddStringToObject(address, "addressLine1", "Markt 1");
        cJSON_AddStringToObject(address, "postalCode", "2611 GP");
        char email[160];
        snprintf(email, sizeof email, "admin@%s", customer->domain);
        cJSON_AddStringToObject(company, "email", email);
    }
    cJSON *links = cJSON_AddObjectToObject(company, "links");
    sb_json_link(links, "self", "/customers/%s/profiles/company", customer->id);
    sb_json_attributes(company, "CustomerCompanyProfile", NULL);
    return company;
}

static cJSON *write_billing(const struct sb_customer *customer)
{
    cJSON *billing = cJSON_CreateObject();
    char email[160];
    snprintf(email, sizeof email, "billing@%s", customer->domain);
    cJSON_AddStringToObject(billing, "id", customer->id);
    cJSON_AddStringToObject(billing, "firstName", "Ada");
    cJSON_AddStringToObject(billing, "lastName", "de Boer");
    cJSON_AddStringToObject(billing, "email", email);
    cJSON_AddStringToObject(billing, "culture", "en-US");
    cJSON_AddStringToObject(billing, "language", "en");
    cJSON_AddStringToObject(billing, "companyName", customer->name);
    cJSON *address = cJSON_AddObjectToObject(billing, "defaultAddress");
    cJSON_AddStringToObject(address, "country", customer->country);
    cJSON_AddStringToObject(address, "city", "Delft");
    cJSON_AddStringToObject(address, "addressLine1", "Markt 1");
    cJSON_AddStringToObject(address, "postalCode", "2611 GP");
    cJSON_AddStringToObject(address, "firstName", "Ada");
    cJSON_AddStringToObject(address, "lastName", "de Boer");
    cJSON *links = cJSON_AddObjectToObject(billing, "links");
    sb_json_link(links, "self", "/customers/%s/profiles/billing", customer->id);
    sb_json_attributes(billing, "CustomerBillingProfile", "-4372931561028475210");
    return billing;
}

static cJSON *write_customer(const struct sb_customer *customer, bool whole)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", customer->id);
    if (whole)
        cJSON_AddStringToObject(json, "commerceId", customer->id);
    cJSON_AddItemToObject(json, "companyProfile", write_company(customer, whole));
    if (whole)
        cJSON_AddItemToObject(json, "billingProfile", write_billing(customer));
    cJSON_AddStringToObject(json, "relationshipToPartner", customer->relationship);
    if (whole) {
        cJSON_AddBoolToObject(json, "allowDelegatedAccess", customer->delegated);
        cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "customDomains"), cJSON_CreateString(customer->domain));
    }
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "self", "/customers/%s", customer->id);
    sb_json_attributes(json, "Customer", NULL);
    return json;
}

/* LIKE patterns: the filter matches the beginning of a name or domain. */
static void escape_like(const char *text, char *buf, size_t size)
{
    size_t out = 0;
    for (; *text && out + 3 < size; text++) {
        if (strchr("%_\\", *text))
            buf[out++] = '\\';
        buf[out++] = *text;
    }
    buf[out++] = '%';
    buf[out] = '\0';
}

void sb_customers_list(struct sb_request *req)
{
    struct sb_store *store = &req->world->store;
    char field[64] = "", value[256] = "";
    char name[512] = "%", domain[512] = "%";
    bool bad;
    if (sb_page_filter(req, field, value, &bad))
        escape_like(value, strcasecmp(field, "Domain") == 0 ? domain : name, sizeof name);
    if (bad)
        return;
    int64_t total = sb_store_int(store, 0,
        "SELECT count(*) FROM customer WHERE name LIKE ? ESCAPE '\\' AND domain LIKE ? ESCAPE '\\'", "ss", name,
        domain);
    struct sb_page page;
    if (!sb_page_read(req, total, &page))
        return;
    cJSON *items = cJSON_CreateArray();
    sqlite3_stmt *stmt = sb_store_query(store,
        COLUMNS "WHERE name LIKE ? ESCAPE '\\' AND domain LIKE ? ESCAPE '\\' ORDER BY seq LIMIT ? OFFSET ?", "ssii",
        name, domain, page.size, page.offset);
    while (sb_store_step(stmt)) {
        struct sb_customer customer;
        read_row(stmt, &customer);
        cJSON_AddItemToArray(items, write_customer(&customer, false));
    }
    sb_reply_json(req, 200, sb_page_write(req, &page, total, items));
}

void sb_customers_get(struct sb_request *req)
{
    sb_reply_json(req, 200, write_customer(&req->customer, true));
}

void sb_customers_company(struct sb_request *req)
{
    sb_reply_json(req, 200, write_company(&req->customer, true));
}

void sb_customers_billing(struct sb_request *req)
{
    sb_reply_json(req, 200, write_billing(&req->customer));
}

void sb_customers_qualification(struct sb_request *req)
{
    bool approved = strcmp(req->customer.vetting, "Approved") == 0;
    sb_reply_json(req, 200, cJSON_CreateString(approved ? req->customer.segment : "none"));
}

void sb_customers_qualifications(struct sb_request *req)
{
    cJSON *list = cJSON_CreateArray();
    if (strcmp(req->customer.segment, "none") != 0) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "qualification", req->customer.segment);
        cJSON_AddStringToObject(item, "vettingStatus", req->customer.vetting);
        cJSON_AddItemToArray(list, item);
    }
    sb_reply_json(req, 200, list);
}
