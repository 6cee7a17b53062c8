/* sb_catalog.c: what is for sale, what it licenses, and which service plans that has.
 *
 * Sources     Offers and their SKUs: a recorded reply of the legacy catalogue (January 2019) and older partner price
 *             lists; plans: Microsoft's list of product names and service plan identifiers. Ids that no public source
 *             has are made up, begin with 5b000000 and are named in README.md.
 */
#include "sb_catalog.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_world.h"

static const struct sb_plan plans[] = {
    {"EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE ONLINE (PLAN 2)", false},
    {"SHAREPOINTENTERPRISE", "5dbe027f-2339-4123-9542-606e4d348a72", "SharePoint (Plan 2)", false},
    {"SHAREPOINTWAC", "e95bec33-7c88-4a70-8e19-b10bd9d0c014", "Office for the Web", false},
    {"OFFICESUBSCRIPTION", "43de0ff5-c92c-492b-9116-175376d08c38", "Microsoft 365 Apps for enterprise", false},
    {"MCOSTANDARD", "0feaeb32-d00e-4d66-bd5a-43b5b83db82c", "Skype for Business Online (Plan 2)", false},
    {"MCOVOICECONF", "27216c54-caf8-4d0d-97e2-517afb5c08f6", "Skype for Business Online (Plan 3)", false},
    {"RMS_S_ENTERPRISE", "bea4c11e-220a-4e6d-8eb8-8ea15d019f90", "Azure Rights Management", false},
    {"YAMMER_ENTERPRISE", "7547a3fe-08ee-4ccb-b430-5077c5041653", "YAMMER_ENTERPRISE", false},
    {"SWAY", "a23b959c-7ce8-4e57-9140-b90eb88a9e97", "Sway", false},
    {"PROJECTWORKMANAGEMENT", "b737dad2-2f6c-4c65-90e3-ca563267e8b9", "Microsoft Planner", false},
    {"TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929", "Microsoft Teams", false},
    {"Deskless", "8c7d2df8-86f0-4902-b2ed-a0458298f3b3", "Microsoft StaffHub", false},
    {"BPOS_S_TODO_2", "c87f142c-d1e9-4363-8630-aaea9c4d9ae5", "To-Do (Plan 2)", false},
    {"FLOW_O365_P2", "76846ad7-7776-4c40-a281-a386362dd1b9", "Power Automate for Office 365", false},
    {"POWERAPPS_O365_P2", "c68f8d98-5534-41c8-bf36-22fa496fa792", "Power Apps for Office 365", false},
    {"FORMS_PLAN_E3", "2789c901-c14e-48ab-a76a-be334d9d793a", "Microsoft Forms (Plan E3)", false},
    {"STREAM_O365_E3", "9e700747-8b1d-45e5-ab8d-ef187ceec156", "Microsoft Stream for Office 365 E3", false},
    {"INTUNE_O365", "882e1d05-acd1-4ccb-8708-6ee03664b117", "Mobile Device Management for Office 365", true},
    {"MICROSOFTBOOKINGS", "199a5c09-e0ca-4e37-8f7c-b05d533e1ea2", "Microsoft Bookings", false},
    {"MYANALYTICS_P2", "33c4f319-9bdd-48d6-9c4d-410b750a4a5a", "Insights by MyAnalytics", false},
    {"WHITEBOARD_PLAN2", "94a54592-cd8b-425e-87c6-97868b000b91", "Whiteboard (Plan 2)", false},
    {"MIP_S_CLP1", "5136a095-5cf0-4aff-bec3-e84448b38ea5", "Information Protection for Office 365 - Standard", false},
    {"BPOS_S_TODO_3", "3fb82609-8c27-4f7b-bd51-30634711ee67", "To-Do (Plan 3)", false},
    {"FLOW_O365_P3", "07699545-9485-468e-95b6-2fca3738be01", "Power Automate for Office 365", false},
    {"POWERAPPS_O365_P3", "9c0dab89-a30c-4117-86e7-97bda240acd2", "Power Apps for Office 365 (Plan 3)", false},
    {"FORMS_PLAN_E5", "e212cbc7-0961-4c40-9825-01117710dcb1", "Microsoft Forms (Plan E5)", false},
    {"STREAM_O365_E5", "6c6042f5-6f01-4d67-b8c1-eb99d36eed3e", "Microsoft Stream for Office 365 E5", false},
    {"MCOEV", "4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "Microsoft 365 Phone System", false},
    {"MCOMEETADV", "3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40", "Microsoft 365 Audio Conferencing", false},
    {"LOCKBOX_ENTERPRISE", "9f431833-0334-42de-a7dc-70aa40db46db", "Customer Lockbox", false},
    {"ADALLOM_S_O365", "8c098270-9dd4-4350-9b30-ba4703f3b36b", "Office 365 Cloud App Security", false},
    {"THREAT_INTELLIGENCE", "8e0c0a52-6a6c-4d40-8370-dd62790dcd70", "Microsoft Defender for Office 365 (Plan 2)",
        false},
    {"EXCHANGE_ANALYTICS", "34c0d7a0-a70f-4668-9238-47f9fc208882", "Microsoft MyAnalytics (Full)", false},
    {"EQUIVIO_ANALYTICS", "4de31727-a228-4ec3-a5bf-8e45b5ca48cc", "Office 365 Advanced eDiscovery", false},
    {"BI_AZURE_P2", "70d33638-9c74-4d01-bfd3-562de28bd4ba", "Power BI Pro", false},
    {"WHITEBOARD_PLAN3", "4a51bca5-1eff-43f5-878c-177680f191af", "Whiteboard (Plan 3)", false},
    {"MIP_S_CLP2", "efb0351d-3b08-4503-993d-383af8de41e3", "Information Protection for Office 365 - Premium", false},
    {"EXCHANGE_S_STANDARD", "9aaf7827-d63c-4b61-89c3-182f06f82e5c", "Exchange Online (Plan 1)", false},
    {"SHAREPOINTSTANDARD", "c7699d2e-19aa-44de-8edf-1736da088ca1", "SharePoint (Plan 1)", false},
    {"BPOS_S_TODO_1", "5e62787c-c316-451f-b873-1d05acd4d12c", "To-Do (Plan 1)", false},
    {"FLOW_O365_P1", "0f9b09cb-62d1-4ff4-9129-43f4996f83f4", "FLOW FOR OFFICE 365", false},
    {"POWERAPPS_O365_P1", "92f7a6f3-b89b-4bbd-8c30-809e6da5ad1c", "POWERAPPS FOR OFFICE 365", false},
    {"FORMS_PLAN_E1", "159f4cd6-e380-449f-a816-af1a9ef76344", "MICROSOFT FORMS (PLAN E1)", false},
    {"STREAM_O365_E1", "743dd19e-1ce3-4c62-a3ad-49ba8f63a2f6", "Microsoft Stream for Office 365 E1", false},
    {"MCOIMP", "afc06cb0-b4f4-4473-8286-d644f70d8faf", "Skype for Business Online (Plan 1)", false},
    {"AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "Microsoft Entra ID P1", false},
    {"AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998", "Microsoft Entra ID P2", false},
    {"INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "Microsoft Intune", false},
    {"WIN10_PRO_ENT_SUB", "21b439ba-a0ca-424f-a6cc-52f954a5b111", "Windows 10/11 Enterprise (Original)", false},
    {"RMS_S_PREMIUM", "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3", "Microsoft Entra RIGHTS", false},
    {"RMS_S_PREMIUM2", "5689bec4-755d-4753-8b61-40975025187c", "AZURE INFORMATION PROTECTION PREMIUM P2", false},
    {"EXCHANGE_S_ENTERPRISE_GOV", "8c3069c0-ccdb-44be-ab77-986203a67df2", "Exchange Online (Plan 2) for Government",
        false},
    {"SHAREPOINTENTERPRISE_GOV", "153f85dd-d912-4762-af6c-d6e0fb4f6692", "SharePoint Plan 2G", false},
    {"SHAREPOINTWAC_GOV", "8f9f0f3b-ca90-406c-a842-95579171f8ec", "Office for the Web for Government", false},
    {"OFFICESUBSCRIPTION_GOV", "de9234ff-6483-44d9-b15e-dca72fdd27af", "Microsoft 365 Apps for enterprise G", false},
    {"MCOSTANDARD_GOV", "a31ef4a2-f787-435e-8335-e47eb0cafc94", "Skype for Business Online (Plan 2) for Government",
        false},
    {"RMS_S_ENTERPRISE_GOV", "6a76346d-5d6e-4051-9fe3-ed3f312b5597", "Azure Rights Management", false},
    {"TEAMS_GOV", "304767db-7d23-49e8-a945-4a7eb65f9f28", "Microsoft Teams for Government", false},
    {"PROJECTWORKMANAGEMENT_GOV", "5b4ef465-7ea1-459a-9f91-033317755a51", "Office 365 Planner for Government", false},
    {"MCOEV_GOV", "db23fce2-a974-42ef-9002-d78dd42a0f22", "Microsoft 365 Phone System for Government", false},
    {"MCOMEETADV_GOV", "f544b08d-1645-4287-82de-8d91f37c02a1", "MICROSOFT 365 AUDIO CONFERENCING FOR GOVERNMENT",
        false},
    {"FLOW_O365_P2_GOV", "c537f360-6a00-4ace-a7f5-9128d0ac1e4b", "Power Automate for Office 365 for Government", false},
    {"FLOW_O365_P3_GOV", "8055d84a-c172-42eb-b997-6c2ae4628246", "Power Automate for Office 365 for Government", false},
};

#define PLANS (sizeof plans / sizeof plans[0])
static_assert(PLANS <= 63, "a set of plans is one number");

#define E3_COMMON                                                                                                      \
    "EXCHANGE_S_ENTERPRISE SHAREPOINTENTERPRISE SHAREPOINTWAC OFFICESUBSCRIPTION MCOSTANDARD RMS_S_ENTERPRISE "        \
    "YAMMER_ENTERPRISE SWAY PROJECTWORKMANAGEMENT TEAMS1 Deskless "
#define E3_LEVEL "BPOS_S_TODO_2 FLOW_O365_P2 POWERAPPS_O365_P2 FORMS_PLAN_E3 STREAM_O365_E3 "
#define E3_NEWER "INTUNE_O365 MICROSOFTBOOKINGS MYANALYTICS_P2 WHITEBOARD_PLAN2 MIP_S_CLP1 "
#define E5_LEVEL "BPOS_S_TODO_3 FLOW_O365_P3 POWERAPPS_O365_P3 FORMS_PLAN_E5 STREAM_O365_E5 "
#define E5_NEWER "INTUNE_O365 MICROSOFTBOOKINGS MYANALYTICS_P2 WHITEBOARD_PLAN3 MIP_S_CLP1 MIP_S_CLP2 "
#define E5_EXTRA                                                                                                       \
    "MCOEV LOCKBOX_ENTERPRISE ADALLOM_S_O365 THREAT_INTELLIGENCE EXCHANGE_ANALYTICS EQUIVIO_ANALYTICS BI_AZURE_P2 "
#define G3_COMMON                                                                                                      \
    "EXCHANGE_S_ENTERPRISE_GOV SHAREPOINTENTERPRISE_GOV SHAREPOINTWAC_GOV OFFICESUBSCRIPTION_GOV MCOSTANDARD_GOV "     \
    "RMS_S_ENTERPRISE_GOV TEAMS_GOV PROJECTWORKMANAGEMENT_GOV "

static struct sb_sku skus[] = {
    {"ENTERPRISEWITHSCAL", "1392051d-0cb9-4b7a-88d5-621fee5e8711", "Office 365 Enterprise E4",
        .plans = E3_COMMON E3_LEVEL "MCOVOICECONF"},
    {"ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", "Office 365 Enterprise E3",
        .plans = E3_COMMON E3_LEVEL E3_NEWER},
    {"ENTERPRISEPREMIUM", "c7df2760-2c81-4ef7-b578-5b5392b571df", "Office 365 Enterprise E5",
        .plans = E3_COMMON E5_LEVEL E5_NEWER E5_EXTRA "MCOMEETADV"},
    {"ENTERPRISEPREMIUM_NOPSTNCONF", "26d45bd9-adf1-46cd-a9e1-51e9a5524128",
        "Office 365 Enterprise E5 without Audio Conferencing", .plans = E3_COMMON E5_LEVEL E5_NEWER E5_EXTRA},
    {"STANDARDPACK", "18181a46-0d4e-45cd-891e-60aabd171b4e", "Office 365 Enterprise E1",
        .plans =
            "EXCHANGE_S_STANDARD SHAREPOINTSTANDARD SHAREPOINTWAC MCOSTANDARD YAMMER_ENTERPRISE SWAY "
            "PROJECTWORKMANAGEMENT "
            "TEAMS1 Deskless BPOS_S_TODO_1 FLOW_O365_P1 POWERAPPS_O365_P1 FORMS_PLAN_E1 STREAM_O365_E1 INTUNE_O365"},
    {"SPE_E3", "05e9a617-0261-4cee-bb44-138d3ef5d965", "Microsoft 365 E3",
        .plans = E3_COMMON E3_LEVEL E3_NEWER "AAD_PREMIUM INTUNE_A WIN10_PRO_ENT_SUB RMS_S_PREMIUM"},
    {"SPE_E5", "06ebc4ee-1bb5-47dd-8120-11324bc54e06", "Microsoft 365 E5",
        .plans =
            E3_COMMON E5_LEVEL E5_NEWER E5_EXTRA "MCOMEETADV AAD_PREMIUM AAD_PREMIUM_P2 INTUNE_A WIN10_PRO_ENT_SUB "
                                                 "RMS_S_PREMIUM RMS_S_PREMIUM2"},
    {"MCOEV", "e43b5b99-8dfb-405f-9987-dc307f34bcbd", "Phone System", .plans = "MCOEV", .addon = true},
    {"MCOPLUSCAL", "d461b05e-e3d6-49c7-9780-58d4e83366af", "Skype for Business Plus CAL", .plans = "MCOVOICECONF",
        .addon = true},
    {"MCOMEETADV", "0c266dff-15dd-4b49-8397-2bb16070ed52", "Audio Conferencing", .plans = "MCOMEETADV", .addon = true},
    {"MCOIMP", "b8b749f8-a4ef-4887-9539-c95b1eaa5db7", "Skype for Business Online (Plan 1)", .plans = "MCOIMP"},
    {"MCOSTANDARD", "d42c793f-6c78-4f43-92ca-e8f6a02b035f", "Skype for Business Online (Plan 2)",
        .plans = "MCOSTANDARD"},
    {"ENTERPRISEWITHSCAL_GOV", "5b000000-0000-4000-8000-0000000000a4", "Office 365 (Plan G4)",
        .plans = G3_COMMON "FLOW_O365_P2_GOV BPOS_S_TODO_2 MCOVOICECONF"},
    {"ENTERPRISEPACK_GOV", "535a3a29-c5f0-42fe-8215-d3b9e1f38c4a", "Office 365 (Plan G3)",
        .plans = G3_COMMON "FLOW_O365_P2_GOV BPOS_S_TODO_2 INTUNE_O365 MICROSOFTBOOKINGS WHITEBOARD_PLAN2 MIP_S_CLP1"},
    {"ENTERPRISEPREMIUM_GOV", "8900a2c0-edba-4079-bdf3-b276e293b6a8", "Office 365 (Plan G5)",
        .plans = G3_COMMON
        "FLOW_O365_P3_GOV BPOS_S_TODO_3 INTUNE_O365 MICROSOFTBOOKINGS WHITEBOARD_PLAN3 MIP_S_CLP1 MIP_S_CLP2 "
        "ADALLOM_S_O365 MCOEV_GOV MCOMEETADV_GOV"},
    {"ENTERPRISEPREMIUM_NOPSTNCONF_GOV", "5b000000-0000-4000-8000-0000000000a5",
        "Office 365 (Plan G5) without Audio Conferencing",
        .plans = G3_COMMON
        "FLOW_O365_P3_GOV BPOS_S_TODO_3 INTUNE_O365 MICROSOFTBOOKINGS WHITEBOARD_PLAN3 MIP_S_CLP1 MIP_S_CLP2 "
        "ADALLOM_S_O365 MCOEV_GOV"},
    {"MCOEV_GOV", "a460366a-ade7-4791-b581-9fbff1bdaa85", "Phone System for Government", .plans = "MCOEV_GOV",
        .addon = true},
    {"MCOPLUSCAL_GOV", "5b000000-0000-4000-8000-0000000000ca", "Skype for Business Plus CAL for Government",
        .plans = "MCOVOICECONF", .addon = true},
};

#define SKUS  (sizeof skus / sizeof skus[0])
#define SEATS .min = 1, .max = 10000000
#define SUITES                                                                                                         \
    "STANDARDPACK ENTERPRISEPACK ENTERPRISEWITHSCAL ENTERPRISEPREMIUM_NOPSTNCONF SPE_E3 ENTERPRISEPACK_GOV "           \
    "ENTERPRISEWITHSCAL_GOV"

static struct sb_offer offers[] = {
    {"8909E28E-5832-42F4-9886-B0A5545F3645", "Office 365 Enterprise E4", "ENTERPRISEWITHSCAL", .retired = true, SEATS},
    {"796B6B5F-613C-4E24-A17C-EBA730D49C02", "Office 365 Enterprise E3", "ENTERPRISEPACK", "CFQ7TTC0LF8R:0001", SEATS},
    {"A044B16A-1861-4308-8086-A3A3B506FAC2", "Office 365 Enterprise E5", "ENTERPRISEPREMIUM", "CFQ7TTC0LF8S:0002",
        SEATS},
    {"4F7ECAF1-E9D6-4CAC-9687-E22EB3DFDD70", "Office 365 Enterprise E5 without Audio Conferencing",
        "ENTERPRISEPREMIUM_NOPSTNCONF", "CFQ7TTC0LF8S:0001", SEATS},
    {"91FD106F-4B2C-4938-95AC-F54F74E9A239", "Office 365 Enterprise E1", "STANDARDPACK", "CFQ7TTC0LF8Q:0001", SEATS},
    {"2B3B8D2D-10AA-4BE4-B5FD-7F2FEB0C3091", "Microsoft 365 E3", "SPE_E3", "CFQ7TTC0LFLX:0001", SEATS},
    {"8BDBB60B-E526-43E9-92EF-AB760C8E0B72", "Microsoft 365 E5", "SPE_E5", "CFQ7TTC0LFLZ:0002", SEATS},
    {"4260988E-990D-479C-AE7B-F01CE8E1BB4D", "Phone System", "MCOEV", "CFQ7TTC0LH0J:0001", SUITES, .addon = true,
        SEATS},
    {"FC233C3F-25BC-4BBA-8984-860CE561AF86", "Skype for Business Plus CAL", "MCOPLUSCAL", "CFQ7TTC0LHXK:0001",
        "STANDARDPACK ENTERPRISEPACK ENTERPRISEPACK_GOV", .addon = true, SEATS},
    {"C94271D8-B431-4A25-A3C5-A57737A1C909", "Audio Conferencing", "MCOMEETADV", "CFQ7TTC0LHSL:0001", SUITES,
        .addon = true, SEATS},
    {"5B000000-0000-4000-8000-00000000F001", "Skype for Business Online (Plan 1)", "MCOIMP", .retired = true, SEATS},
    {"14C61739-B45A-42C0-832C-D330972D3173", "Skype for Business Online (Plan 2)", "MCOSTANDARD", "CFQ7TTC0LF5B:0001",
        SEATS},
    {"32B23C88-949F-4E5B-B500-A87EEC676B80", "Office 365 Enterprise E3 Trial", "ENTERPRISEPACK", .min = 25, .max = 25},
    {"379DC555-DDCB-4CCB-BEBF-37437333E278", "Office 365 (Plan G4)", "ENTERPRISEWITHSCAL_GOV", .retired = true,
        .government = true, SEATS},
    {"6B551829-DE8C-41E5-8678-41D52C27AEE8", "Office 365 (Plan G3)", "ENTERPRISEPACK_GOV", "CFQ7TTC0GVR3:0001",
        .government = true, SEATS},
    {"5B000000-0000-4000-8000-00000000F005", "Office 365 (Plan G5)", "ENTERPRISEPREMIUM_GOV", "CFQ7TTC0GVR5:0002",
        .government = true, SEATS},
    {"C4158AA7-00E7-4CE1-9CF3-3CF8321F377A", "Office 365 (Plan G5) without Audio Conferencing",
        "ENTERPRISEPREMIUM_NOPSTNCONF_GOV", "CFQ7TTC0GVR5:0001", .government = true, SEATS},
    {"D6985A19-C58D-4352-88AE-9095D2FE8736", "Phone System for Government", "MCOEV_GOV", "CFQ7TTC0GVRV:0001",
        "ENTERPRISEPACK_GOV ENTERPRISEWITHSCAL_GOV", .addon = true, .government = true, SEATS},
    {"65C891BA-418C-41EF-9F18-364EE7D6435C", "Skype for Business Plus CAL for Government", "MCOPLUSCAL_GOV",
        "CFQ7TTC0GVRP:0001", "ENTERPRISEPACK_GOV", .addon = true, .government = true, SEATS},
};

#define OFFERS (sizeof offers / sizeof offers[0])

/* True when a blank-separated list has the word. */
static bool list_has(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; at && *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == len && strncasecmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

void sb_catalog_init(void)
{
    for (size_t s = 0; s < SKUS; s++) {
        skus[s].mask = 0;
        for (size_t p = 0; p < PLANS; p++) {
            if (list_has(skus[s].plans, plans[p].name))
                skus[s].mask |= UINT64_C(1) << p;
        }
    }
    for (size_t i = 0; i < OFFERS; i++) {
        offers[i].sku = sb_catalog_sku(offers[i].part);
        assert(offers[i].sku);
    }
}

const struct sb_plan *sb_catalog_plan(size_t n)
{
    return n < PLANS ? &plans[n] : NULL;
}

int sb_catalog_plan_index(const char *id_or_name)
{
    for (size_t i = 0; i < PLANS; i++) {
        if (strcasecmp(plans[i].id, id_or_name) == 0 || strcmp(plans[i].name, id_or_name) == 0)
            return (int)i;
    }
    return -1;
}

const struct sb_sku *sb_catalog_sku(const char *id_or_part)
{
    for (size_t i = 0; i < SKUS; i++) {
        if (strcasecmp(skus[i].id, id_or_part) == 0 || strcmp(skus[i].part, id_or_part) == 0)
            return &skus[i];
    }
    return NULL;
}

const struct sb_sku *sb_catalog_sku_at(size_t n)
{
    return n < SKUS ? &skus[n] : NULL;
}

const struct sb_offer *sb_catalog_offer(const char *id)
{
    for (size_t i = 0; i < OFFERS; i++) {
        if (strcasecmp(offers[i].id, id) == 0)
            return &offers[i];
        size_t len = offers[i].nce ? strlen(offers[i].nce) : 0;
        if (len && strncasecmp(offers[i].nce, id, len) == 0 && (id[len] == '\0' || id[len] == ':'))
            return &offers[i];
    }
    return NULL;
}

const struct sb_offer *sb_catalog_offer_at(size_t n)
{
    return n < OFFERS ? &offers[n] : NULL;
}

const struct sb_offer *sb_catalog_offer_of(const char *part)
{
    for (size_t i = 0; i < OFFERS; i++) {
        if (strcmp(offers[i].part, part) == 0)
            return &offers[i];
    }
    return NULL;
}

bool sb_catalog_fits(const struct sb_offer *addon, const struct sb_offer *parent)
{
    return addon->addon && list_has(addon->parents, parent->part);
}

static void write_item(const struct sb_world *world, const struct sb_offer *offer, int64_t month, char *buf)
{
    char availability[16];
    sb_ident_short(world->random_seed, "availability", offer->nce, (uint64_t)month, availability);
    snprintf(buf, 64, "%s:%s", offer->nce, availability);
}

const char *sb_catalog_item(const struct sb_world *world, const struct sb_offer *offer, int64_t now_ms, char *buf)
{
    write_item(world, offer, now_ms / (30 * SB_DAY_MS), buf);
    return buf;
}

bool sb_catalog_item_current(
    const struct sb_world *world, const struct sb_offer *offer, const char *item, int64_t now_ms)
{
    if (strcasecmp(item, offer->id) == 0)
        return true;
    if (!offer->nce)
        return false;
    for (int64_t month = now_ms / (30 * SB_DAY_MS), back = 0; back < 2; back++) {
        char current[64];
        write_item(world, offer, month - back, current);
        if (strcasecmp(current, item) == 0)
            return true;
    }
    return false;
}
