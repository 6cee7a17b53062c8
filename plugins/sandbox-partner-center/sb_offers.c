/* sb_offers.c: the licence-based catalogue over HTTP. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_catalog.h"
#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_page.h"

static const char *country_of(struct sb_request *req)
{
    const char *country = sb_request_query(req, "country");
    return country && *country ? country : req->customer.country[0] ? req->customer.country : "US";
}

static const char *category_of(const struct sb_offer *offer)
{
    if (offer->addon)
        return "";
    if (offer->min == offer->max)
        return "Trial_Key";
    return offer->government ? "Government_Key" : "Enterprise_Key";
}

static const char *category_name(const char *id)
{
    return *id == 'T' ? "Trial" : *id == 'G' ? "Government" : *id == 'E' ? "Enterprise" : "";
}

static cJSON *write_category(const char *id, const char *country)
{
    cJSON *category = cJSON_CreateObject();
    cJSON_AddStringToObject(category, "id", id);
    cJSON_AddStringToObject(category, "name", category_name(id));
    cJSON_AddNumberToObject(category, "rank", *id ? 20 : 0);
    cJSON_AddStringToObject(category, "locale", "en-US");
    cJSON_AddStringToObject(category, "country", country);
    sb_json_attributes(category, "OfferCategory", NULL);
    return category;
}

static void write_terms(const struct sb_offer *offer, cJSON *json)
{
    static const char *const cycles[] = {"annual", "monthly"};
    static const char *const catalogs[] = {"sandbox", "live"};
    static const char *const actions[] = {"Cancel", "Edit"};
    static const char *const government[] = {"GovernmentCommunityCloud"};
    bool trial = offer->min == offer->max;
    cJSON_AddStringToObject(json, "limitUnitOfMeasure", trial ? "Lifetime" : "None");
    cJSON_AddNumberToObject(json, "limit", trial ? 1 : 0);
    cJSON_AddStringToObject(json, "termUnitOfMeasure", trial ? "Month" : "Year");
    cJSON_AddNumberToObject(json, "term", 1);
    cJSON *parents = cJSON_AddArrayToObject(json, "prerequisiteOffers");
    const struct sb_offer *other;
    for (size_t i = 0; offer->addon && (other = sb_catalog_offer_at(i)); i++) {
        if (sb_catalog_fits(offer, other))
            cJSON_AddItemToArray(parents, cJSON_CreateString(other->id));
    }
    cJSON_AddBoolToObject(json, "isAddOn", offer->addon);
    cJSON_AddBoolToObject(json, "hasAddOns", !offer->addon);
    cJSON_AddBoolToObject(json, "isAvailableForPurchase", !offer->retired);
    cJSON_AddStringToObject(json, "billing", "license");
    cJSON_AddItemToObject(json, "supportedBillingCycles", cJSON_CreateStringArray(cycles, 2));
    cJSON_AddBoolToObject(json, "isAutoRenewable", !offer->retired);
    cJSON_AddBoolToObject(json, "isInternal", false);
    cJSON_AddBoolToObject(json, "isMicrosoftProduct", true);
    cJSON_AddArrayToObject(json, "conversionTargetOffers");
    cJSON_AddItemToObject(json, "reselleeQualifications", cJSON_CreateStringArray(government, offer->government));
    cJSON_AddArrayToObject(json, "resellerQualifications");
    cJSON_AddStringToObject(json, "salesGroupId", "Default");
    cJSON_AddBoolToObject(json, "isTrial", trial);
    cJSON_AddStringToObject(json, "acquisitionType", "purchase");
    cJSON_AddItemToObject(json, "supportedCatalogTypes", cJSON_CreateStringArray(catalogs, 2));
    cJSON_AddItemToObject(json, "actions", cJSON_CreateStringArray(actions, 2));
}

static cJSON *write_offer(const struct sb_offer *offer, const char *country)
{
    char sku[SB_GUID];
    char uri[128];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", offer->id);
    cJSON_AddStringToObject(json, "name", offer->name);
    cJSON_AddStringToObject(json, "description", offer->name);
    cJSON_AddNumberToObject(json, "minimumQuantity", (double)offer->min);
    cJSON_AddNumberToObject(json, "maximumQuantity", (double)offer->max);
    cJSON_AddNumberToObject(json, "rank", 100);
    snprintf(uri, sizeof uri, "/Offers/%s", offer->id);
    cJSON_AddStringToObject(json, "uri", uri);
    cJSON_AddStringToObject(json, "locale", "en-US");
    cJSON_AddStringToObject(json, "country", country);
    cJSON_AddItemToObject(json, "category", write_category(category_of(offer), country));
    write_terms(offer, json);
    cJSON *product = cJSON_AddObjectToObject(json, "product");
    snprintf(sku, sizeof sku, "%s", offer->sku->id);
    sb_ident_upper(sku);
    cJSON_AddStringToObject(product, "id", sku);
    cJSON_AddStringToObject(product, "name", offer->sku->display);
    cJSON_AddStringToObject(product, "unit", "Licenses");
    cJSON_AddStringToObject(json, "unitType", "Licenses");
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    cJSON *more = cJSON_AddObjectToObject(links, "learnMore");
    cJSON_AddStringToObject(more, "method", "GET");
    cJSON_AddArrayToObject(more, "headers");
    sb_json_link(links, "self", "/offers/%s?country=%s", offer->id, country);
    sb_json_attributes(json, "Offer", NULL);
    return json;
}

/* parent: only the add-ons of that offer. */
static void reply_list(struct sb_request *req, const struct sb_offer *parent)
{
    const char *category = sb_request_query(req, "offer_category_id");
    const char *country = country_of(req);
    bool for_customer = req->customer.id[0];
    struct sb_page page;
    int64_t n = 0, added = 0;
    if (!sb_page_read(req, 0, &page))
        return;
    cJSON *items = cJSON_CreateArray();
    const struct sb_offer *offer;
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        bool fits = !offer->retired && (!parent || sb_catalog_fits(offer, parent)) &&
                    (!category || strcasecmp(category, category_of(offer)) == 0) &&
                    (!for_customer || offer->government == sb_customer_is_government(&req->customer));
        if (!fits || n++ < page.offset || (page.size > 0 && added == page.size))
            continue;
        cJSON_AddItemToArray(items, write_offer(offer, country));
        added++;
    }
    cJSON *collection = sb_json_collection(items);
    cJSON *links = cJSON_AddObjectToObject(collection, "links");
    sb_json_link(links, "self", "%s?country=%s", req->path + 3, country);
    sb_reply_json(req, 200, collection);
}

static bool check_country(struct sb_request *req)
{
    const char *country = sb_request_query(req, "country");
    if (country && strlen(country) == 2)
        return true;
    sb_reply_fail(req, 400, 2000, "The query is not valid: country needs an ISO country code of two letters.");
    return false;
}

static const struct sb_offer *load(struct sb_request *req)
{
    const struct sb_offer *offer = sb_catalog_offer(req->args[0]);
    if (!check_country(req))
        return NULL;
    if (offer && strcasecmp(offer->id, req->args[0]) == 0)
        return offer;
    if (offer)
        sb_reply_fail(req, 400, 2100, "The id %s belongs to the products, not to the offers.", req->args[0]);
    else
        sb_reply_fail(req, 404, 1000, "Offer %s was not found.", req->args[0]);
    return NULL;
}

void sb_offers_list(struct sb_request *req)
{
    if (check_country(req))
        reply_list(req, NULL);
}

void sb_offers_get(struct sb_request *req)
{
    const struct sb_offer *offer = load(req);
    if (offer)
        sb_reply_json(req, 200, write_offer(offer, country_of(req)));
}

void sb_offers_addons(struct sb_request *req)
{
    const struct sb_offer *offer = load(req);
    if (offer)
        reply_list(req, offer);
}

void sb_offers_categories(struct sb_request *req)
{
    static const char *const ids[] = {"Enterprise_Key", "Government_Key", "Trial_Key"};
    if (!check_country(req))
        return;
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        cJSON_AddItemToArray(items, write_category(ids[i], country_of(req)));
    sb_reply_json(req, 200, sb_json_collection(items));
}

void sb_offers_customer(struct sb_request *req)
{
    reply_list(req, NULL);
}
