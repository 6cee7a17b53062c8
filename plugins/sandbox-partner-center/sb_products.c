/* sb_products.c: the new-commerce catalogue: products, their SKUs and what of it can be put in a cart today. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sb_catalog.h"
#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_prices.h"
#include "sb_request.h"

enum { PRODUCT_ID = 16 };

/* Under a customer the arguments stand one place further on. */
static const char *arg(struct sb_request *req, int n)
{
    return req->args[n + (req->customer.id[0] != '\0')];
}

static void product_id(const struct sb_offer *offer, char buf[PRODUCT_ID])
{
    snprintf(buf, PRODUCT_ID, "%.12s", offer->nce);
}

static bool visible(struct sb_request *req, const struct sb_offer *offer)
{
    const char *segment = sb_request_query(req, "targetSegment");
    if (!offer->nce || offer->retired)
        return false;
    if (req->customer.id[0])
        return offer->government == sb_customer_is_government(&req->customer);
    return !segment || (strncasecmp(segment, "gov", 3) == 0) == offer->government;
}

static cJSON *write_product(const struct sb_offer *offer)
{
    char id[PRODUCT_ID];
    product_id(offer, id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", id);
    cJSON_AddStringToObject(json, "title", offer->name);
    cJSON_AddStringToObject(json, "description", offer->name);
    cJSON *type = cJSON_AddObjectToObject(json, "productType");
    cJSON_AddStringToObject(type, "id", "OnlineServicesNCE");
    cJSON_AddStringToObject(type, "displayName", "OnlineServicesNCE");
    cJSON_AddBoolToObject(json, "isMicrosoftProduct", true);
    cJSON_AddStringToObject(json, "publisherName", "Microsoft Corporation");
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "skus", "/products/%s/skus?country=NL", id);
    sb_json_link(links, "self", "/products/%s?country=NL", id);
    return json;
}

static cJSON *write_sku(const struct sb_offer *offer)
{
    char id[PRODUCT_ID];
    product_id(offer, id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", offer->nce + 13);
    cJSON_AddStringToObject(json, "productId", id);
    cJSON_AddStringToObject(json, "title", offer->name);
    cJSON_AddStringToObject(json, "description", offer->name);
    cJSON_AddNumberToObject(json, "minimumQuantity", (double)offer->min);
    cJSON_AddNumberToObject(json, "maximumQuantity", (double)offer->max);
    cJSON_AddBoolToObject(json, "isTrial", false);
    cJSON *cycles = cJSON_AddArrayToObject(json, "supportedBillingCycles");
    cJSON_AddItemToArray(cycles, cJSON_CreateString("monthly"));
    cJSON_AddItemToArray(cycles, cJSON_CreateString("annual"));
    cJSON *needs = cJSON_AddArrayToObject(json, "purchasePrerequisites");
    if (offer->addon)
        cJSON_AddItemToArray(needs, cJSON_CreateString("AddOn"));
    cJSON *attributes = cJSON_AddObjectToObject(json, "dynamicAttributes");
    cJSON_AddBoolToObject(attributes, "isAddon", offer->addon);
    cJSON_AddStringToObject(attributes, "provisioningId", offer->sku->id);
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "availabilities", "/products/%s/skus/%s/availabilities?country=NL", id, offer->nce + 13);
    sb_json_link(links, "self", "/products/%s/skus/%s?country=NL", id, offer->nce + 13);
    return json;
}

static const char *const terms[][2] = {{"P1M", "monthly"}, {"P1Y", "monthly"}, {"P1Y", "annual"}};

static cJSON *write_availability(struct sb_request *req, const struct sb_offer *offer)
{
    char item[64], id[PRODUCT_ID];
    product_id(offer, id);
    sb_catalog_item(req->world, offer, req->now_ms, item);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", strrchr(item, ':') + 1);
    cJSON_AddStringToObject(json, "productId", id);
    cJSON_AddStringToObject(json, "skuId", offer->nce + 13);
    cJSON_AddStringToObject(json, "catalogItemId", item);
    cJSON_AddStringToObject(json, "segment", offer->government ? "government" : "commercial");
    cJSON_AddStringToObject(
        json, "country", sb_request_query(req, "country") ? sb_request_query(req, "country") : "NL");
    const char *currency = sb_prices_currency(sb_json_text(json, "country"));
    cJSON *money = cJSON_AddObjectToObject(json, "defaultCurrency");
    cJSON_AddStringToObject(money, "code", currency);
    cJSON_AddStringToObject(money, "symbol", strcmp(currency, "USD") == 0 ? "$" : "\u20ac");
    cJSON_AddBoolToObject(json, "isPurchasable", true);
    cJSON_AddBoolToObject(json, "isRenewable", true);
    cJSON *list = cJSON_AddArrayToObject(json, "terms");
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        cJSON *term = cJSON_CreateObject();
        cJSON_AddStringToObject(term, "duration", terms[i][0]);
        cJSON_AddStringToObject(term, "billingCycle", terms[i][1]);
        cJSON_AddItemToArray(list, term);
    }
    return json;
}

/* The offer of product and sku in the path; answers 404 when there is none. sku NULL: any of the product. */
static const struct sb_offer *find(struct sb_request *req, const char *product, const char *sku)
{
    const struct sb_offer *offer;
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        if (visible(req, offer) && strncasecmp(offer->nce, product, 12) == 0 && strlen(product) == 12 &&
            (!sku || strcmp(offer->nce + 13, sku) == 0))
            return offer;
    }
    sb_reply_fail(req, 404, 1000, "Product %s%s%s was not found.", product, sku ? ", SKU " : "", sku ? sku : "");
    return NULL;
}

void sb_products_list(struct sb_request *req)
{
    cJSON *items = cJSON_CreateArray();
    char seen[1024] = "";
    const struct sb_offer *offer;
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        char id[PRODUCT_ID];
        if (!visible(req, offer))
            continue;
        product_id(offer, id);
        if (strstr(seen, id))
            continue;
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", id);
        cJSON_AddItemToArray(items, write_product(offer));
    }
    sb_reply_json(req, 200, sb_json_collection(items));
}

void sb_products_get(struct sb_request *req)
{
    const struct sb_offer *offer = find(req, arg(req, 0), NULL);
    if (offer)
        sb_reply_json(req, 200, write_product(offer));
}

void sb_products_skus(struct sb_request *req)
{
    const char *product = arg(req, 0);
    if (!find(req, product, NULL))
        return;
    cJSON *items = cJSON_CreateArray();
    const struct sb_offer *offer;
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        if (visible(req, offer) && strncasecmp(offer->nce, product, 12) == 0)
            cJSON_AddItemToArray(items, write_sku(offer));
    }
    sb_reply_json(req, 200, sb_json_collection(items));
}

void sb_products_sku(struct sb_request *req)
{
    const struct sb_offer *offer = find(req, arg(req, 0), arg(req, 1));
    if (offer)
        sb_reply_json(req, 200, write_sku(offer));
}

void sb_products_availabilities(struct sb_request *req)
{
    const struct sb_offer *offer = find(req, arg(req, 0), arg(req, 1));
    if (!offer)
        return;
    cJSON *items = cJSON_CreateArray();
    cJSON_AddItemToArray(items, write_availability(req, offer));
    sb_reply_json(req, 200, sb_json_collection(items));
}

/* The market and view of "pricesheets(Market='NL',PricesheetView='updatedlicensebased')". */
static bool read_sheet_name(const char *name, char market[8], char view[64])
{
    return sscanf(name, "pricesheets(Market='%7[^']',PricesheetView='%63[^']')", market, view) == 2;
}

/* UnitPrice is that of the whole term, also where it is billed by the month. */
static void write_sheet(FILE *file, const struct sb_offer *offer, const char *market)
{
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        double price = (double)sb_prices_term(offer, terms[i][0]) / 100;
        fprintf(file,
            "\"%s\",%.12s,%s,\"%s\",Microsoft Corporation,,1 License,%s,%c%s,%s,%s,%.2f,,,"
            "2017-01-01T00:00:00Z,9999-12-31T00:00:00Z,,%.2f,%s\r\n",
            offer->name, offer->nce, offer->nce + 13, offer->name, terms[i][0], terms[i][1][0] - 'a' + 'A',
            terms[i][1] + 1, market, sb_prices_currency(market), price, price * 1.25,
            offer->government ? "Government" : "Commercial");
    }
}

void sb_products_price_sheet(struct sb_request *req)
{
    char market[8], view[64], *text = NULL;
    size_t len;
    const struct sb_offer *offer;
    if (!read_sheet_name(req->args[0], market, view) || strcasecmp(view, "updatedlicensebased") != 0) {
        sb_reply_fail(req, 404, 1000, "There is no price sheet %s.", req->args[0]);
        return;
    }
    FILE *file = open_memstream(&text, &len);
    if (!file)
        return;
    fputs(
        "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
        "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,"
        "Segment\r\n",
        file);
    for (size_t i = 0; (offer = sb_catalog_offer_at(i)); i++) {
        if (offer->nce && sb_prices_term(offer, "P1Y") > 0)
            write_sheet(file, offer, market);
    }
    fclose(file);
    sb_reply_text(req, 200, "text/csv", text);
    free(text);
}
