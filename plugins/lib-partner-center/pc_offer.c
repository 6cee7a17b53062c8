/* pc_offer.c: what is for sale, and to whom. */
#include "pc_int.h"

#include <ctype.h>
#include <strings.h>

const char *pc_country(const cJSON *customer)
{
    const char *bill = pc_str(pc_member(pc_member(customer, "billingProfile"), "defaultAddress"), "country");
    return *bill ? bill : pc_str(pc_member(pc_member(customer, "companyProfile"), "address"), "country");
}

const char *pc_segment(struct pc *pc, const char *customer)
{
    const cJSON *item;
    cJSON *list = pc_get(pc, customer, 0, "/customers/%s/qualifications", pc_quote(pc, customer));
    if (!list && pc->fault.status != 404)
        return NULL;
    if (!list) { /* the older form: one bare word */
        list = pc_get(pc, customer, 0, "/customers/%s/qualification", pc_quote(pc, customer));
        if (!list)
            return NULL;
        const char *word = cJSON_GetStringValue(list);
        return word && *word && !pc_same(word, "none") ? word : "commercial";
    }
    cJSON_ArrayForEach(item, list) {
        const char *word = pc_str(item, "qualification"), *vetting = pc_str(item, "vettingStatus");
        if (*word && !pc_same(word, "none") && (!*vetting || pc_same(vetting, "Approved")))
            return word;
    }
    return "commercial";
}

bool pc_offer_same(const char *a, const char *b)
{
    const char *colon = strchr(a, ':'), *second = colon ? strchr(colon + 1, ':') : NULL;
    size_t len = second ? (size_t)(second - a) : strlen(a);
    if (!colon)
        return pc_same(a, b);
    return strncasecmp(a, b, len) == 0 && (b[len] == 0 || b[len] == ':');
}

const char *pc__catalogue_segment(const char *segment)
{
    if (pc_same(segment, "government_community_cloud"))
        return "government";
    return segment;
}

/* Availability ids change, so they are resolved just before use. */
static cJSON *new_commerce(struct pc *pc, const char *customer, const char *segment, const char *offer)
{
    char product[64], sku[64];
    if (sscanf(offer, "%63[^:]:%63[^:]", product, sku) != 2) {
        pc_fault(pc, "validation", 0, "Bad offer id", "\"%s\" is no product:sku id.", offer);
        return NULL;
    }
    const char *base = pc_text(
        pc, "/customers/%s/products/%s/skus/%s", pc_quote(pc, customer), pc_quote(pc, product), pc_quote(pc, sku));
    cJSON *item = pc_get(pc, customer, 0, "%s", base);
    cJSON *list = item ? pc_list(pc, customer, 0, "%s/availabilities?targetSegment=%s", base,
                             pc_quote(pc, pc__catalogue_segment(segment)))
                       : NULL;
    if (!list)
        return NULL;
    const cJSON *found = NULL, *availability;
    cJSON_ArrayForEach(availability, list) {
        if (!found && !cJSON_IsFalse(pc_member(availability, "isPurchasable")))
            found = availability;
    }
    cJSON *out = pc_keep(pc, cJSON_CreateObject());
    cJSON_AddStringToObject(out, "id", offer);
    cJSON_AddStringToObject(out, "name", *pc_str(item, "title") ? pc_str(item, "title") : offer);
    cJSON_AddStringToObject(out, "catalogItemId", pc_str(found, "catalogItemId"));
    cJSON_AddBoolToObject(out, "isAvailableForPurchase", found != NULL);
    const char *licence = pc_str(pc_member(item, "dynamicAttributes"), "provisioningId");
    if (*licence)
        cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "product"), "id", licence);
    cJSON_AddNumberToObject(out, "minimumQuantity", (double)pc_int(item, "minimumQuantity", 1));
    cJSON_AddNumberToObject(out, "maximumQuantity", (double)pc_int(item, "maximumQuantity", 10000000));
    cJSON_AddItemToObject(out, "terms", cJSON_Duplicate(pc_member(found, "terms"), true));
    return out;
}

cJSON *pc_offer(struct pc *pc, const char *customer, const char *country, const char *segment, const char *offer)
{
    if (strchr(offer, ':'))
        return new_commerce(pc, customer, segment, offer);
    return pc_get(pc, customer, 0, "/offers/%s?country=%s", pc_quote(pc, offer), pc_quote(pc, country));
}

/* "government_community_cloud" in the one call is "GovernmentCommunityCloud" in the other. */
static bool same_word(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += *a == '_';
        b += *b == '_';
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static bool allows(const cJSON *qualifications, const char *segment)
{
    const cJSON *word;
    cJSON_ArrayForEach(word, qualifications) {
        if (cJSON_IsString(word) && same_word(word->valuestring, segment))
            return true;
    }
    return false;
}

int pc_offer_check(struct pc *pc, const cJSON *offer, const char *segment)
{
    const cJSON *wanted = pc_member(offer, "reselleeQualifications");
    const char *name = pc_str(offer, "name");
    if (cJSON_IsFalse(pc_member(offer, "isAvailableForPurchase")))
        return pc_fault(pc, "validation", 0, "The offer is no longer sold",
            "\"%s\" (%s) is not for sale: it is retired, or not sold in this country. Order its replacement instead.",
            name, pc_str(offer, "id"));
    bool restricted = cJSON_GetArraySize(wanted) > 0, government = strncasecmp(segment, "government", 10) == 0;
    if (restricted ? !allows(wanted, segment) : cJSON_IsArray(wanted) && government)
        return pc_fault(pc, "validation", 0, "The offer is for another segment",
            "\"%s\" (%s) is an offer for %s customers, but this customer is %s. Choose the offer of the customer's own "
            "segment.",
            name, pc_str(offer, "id"), restricted ? cJSON_GetStringValue(cJSON_GetArrayItem(wanted, 0)) : "commercial",
            segment);
    return 0;
}
