/* test_preflight.c: what is let through, and what stops before money is spent. */
#include "lib/cunit_main.h"
#include "lib/migration.h"

static const char *text(const cJSON *tree, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tree, name));
    return value ? value : "";
}

static int length(const cJSON *tree, const char *name)
{
    return cJSON_GetArraySize(cJSON_GetObjectItem(tree, name));
}

static int seats(const cJSON *out)
{
    const cJSON *n = cJSON_GetObjectItem(out, "quantity");
    return cJSON_IsNumber(n) ? n->valueint : -1;
}

#define START                                                                                                          \
    struct migration *m = migration_start(NULL, NULL);                                                                 \
    if (!m)                                                                                                            \
    return

/* The fault of a preflight that must not pass. */
static void refused(struct migration *m, const char *customer, const char *targets, const char *type, const char *words)
{
    migration_preflight(m, customer, targets);
    CU_ASSERT_EQUAL(m->preflight->answer, HARNESS_FAILED);
    WF_ASSERT_TEXT(m->preflight->type, type);
    if (!strstr(m->preflight->detail, words))
        fprintf(stderr, "%s: %s\n", customer, m->preflight->detail);
    CU_ASSERT_PTR_NOT_NULL(strstr(m->preflight->detail, words));
    CU_ASSERT_EQUAL(m->preflight->writes, 0);
}

static void c5(void)
{
    START;
    cJSON *out = migration_preflight(m, "Blauwe Anker BV", TO_E5);
    CU_ASSERT_EQUAL(seats(out), 5);
    CU_ASSERT_EQUAL(length(out, "users"), 5);
    CU_ASSERT_EQUAL(length(out, "warnings"), 1); /* 8 seats before */
    WF_ASSERT_TEXT(text(cJSON_GetObjectItem(out, "customer"), "segment"), "commercial");
    CU_ASSERT_EQUAL(length(out, "assign"), 1);
    out = migration_preflight(m, "Leeg Stichting", TO_E5);
    CU_ASSERT_EQUAL(seats(out), 0);
    out = migration_preflight(m, "Grande Holding SA", TO_E5);
    CU_ASSERT_EQUAL(seats(out), 1);
    migration_stop(m);
}

static void c8(void)
{
    START;
    cJSON *out = migration_preflight(m, "Groupwise Ltd", TO_E5);
    CU_ASSERT_EQUAL(length(out, "users"), 1);
    CU_ASSERT_EQUAL(length(out, "people"), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(text(cJSON_GetArrayItem(cJSON_GetObjectItem(out, "people"), 0), "reason"), "group"));
    out = migration_preflight(m, "Nordlicht GmbH", TO_E5);
    CU_ASSERT_EQUAL(length(out, "people"), 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text(cJSON_GetArrayItem(cJSON_GetObjectItem(out, "people"), 0), "reason"), "usage location"));
    CU_ASSERT_EQUAL(seats(out), 2);
    migration_setting(m, "fill-usage-location", "on");
    out = migration_preflight(m, "Nordlicht GmbH", TO_E5);
    CU_ASSERT_EQUAL(length(out, "people"), 0);
    migration_setting(m, "licence-lookup", "partner-center");
    out = migration_preflight(m, "Blauwe Anker BV", TO_E5);
    CU_ASSERT_EQUAL(length(out, "users"), 5);
    migration_stop(m);
}

static void c9(void)
{
    START;
    refused(m, "Telefoonhuis BV", TO_E5, "validation", "Phone System");
    migration_stop(m);
}

static void c15(void)
{
    START;
    migration_setting(m, "report-privacy", "on");
    cJSON *out = migration_preflight(m, "Blauwe Anker BV", TO_E5);
    const cJSON *user = cJSON_GetArrayItem(cJSON_GetObjectItem(out, "users"), 0);
    CU_ASSERT_EQUAL(strncmp(text(user, "upn"), "user-", 5), 0);
    char *all = cJSON_PrintUnformatted(out);
    CU_ASSERT_PTR_NULL(strstr(all, "devries"));
    free(all);
    migration_stop(m);
}

static void segments(void)
{
    START;
    cJSON *out = migration_preflight(m, "City of Riverton", TO_E5);
    CU_ASSERT_EQUAL(length(out, "users"), 3);
    WF_ASSERT_TEXT(text(cJSON_GetArrayItem(cJSON_GetObjectItem(out, "targets"), 0), "offerId"), G3);
    refused(m, "City of Riverton", "[{\"offerId\":\"" E5 "\"}]", "validation", "for commercial customers");
    refused(m, "Blauwe Anker BV", "[{\"offerId\":\"" G3 "\"}]", "validation", "GovernmentCommunityCloud");
    refused(m, "City of Riverton", "{\"commercial\":[{\"offerId\":\"" E5 "\"}]}", "validation", "names no target");
    migration_stop(m);
}

static void stops(void)
{
    START;
    refused(m, "Onbeslist BV", TO_E5, "authorization", "13605");
    refused(m, "Zonder Beheer BV", TO_E5, "authorization", "allowDelegatedAccess");
    refused(m, "Blauwe Anker BV", "[{\"offerId\":\"" E4 "\"}]", "validation", "never ordered");
    refused(m, "Blauwe Anker BV", "[{\"offerId\":\"00000000-0000-0000-0000-000000000000\"}]", "communication", "404");
    /* No role: the subscription is known from elsewhere, for the list cannot be read. */
    cJSON *input = cJSON_Parse("{\"subscriptionId\":\"x\",\"retired\":" RETIRED ",\"targets\":" TO_E5 "}");
    const cJSON *skipped;
    cJSON_ArrayForEach(skipped, cJSON_GetObjectItem(m->found, "skipped")) {
        if (strcmp(text(skipped, "customerName"), "Verboden Toegang NV") == 0)
            cJSON_AddStringToObject(input, "customerId", text(skipped, "customerId"));
    }
    migration_call(m, m->preflight, "preflight", WF_MODE_RUN, input);
    WF_ASSERT_TEXT(m->preflight->type, "authorization");
    CU_ASSERT_PTR_NOT_NULL(strstr(m->preflight->detail, "2032"));
    CU_ASSERT_PTR_NOT_NULL(strstr(m->preflight->detail, "admin agent"));
    migration_stop(m);
}

static void app_only(void)
{
    START;
    harness_secret(m->preflight, "partner-center",
        "{\"tenant\":\"5f11b475-9534-43ee-a543-6ffdfa584420\",\"clientId\":\"x\",\"clientSecret\":\"y\"}");
    migration_preflight(m, "Blauwe Anker BV", TO_E5);
    WF_ASSERT_TEXT(m->preflight->type, "authentication");
    migration_stop(m);
}

/* Two subscriptions of one licence: whoever is moved with the first must not be counted again, not even in a plan, in
 * which the first was not really replaced. */
static void second_of_two(void)
{
    struct migration *m = migration_start(NULL, NULL);
    if (!m)
        return;
    const cJSON *line = migration_line(m, "Dubbel & Zoon");
    cJSON *input = cJSON_CreateObject();
    cJSON_AddItemToObject(input, "customerId", cJSON_Duplicate(cJSON_GetObjectItem(line, "customerId"), true));
    cJSON_AddItemToObject(input, "subscriptionId", cJSON_Duplicate(cJSON_GetObjectItem(line, "subscriptionId"), true));
    cJSON_AddItemToObject(input, "retired", cJSON_Parse(RETIRED));
    cJSON_AddItemToObject(input, "targets", cJSON_Parse(TO_E5));
    cJSON *second = cJSON_Duplicate(input, true);
    cJSON *out = migration_call(m, m->preflight, "preflight", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "users")), 4);
    cJSON_AddTrueToObject(second, "usersMoved");
    out = migration_call(m, m->preflight, "preflight", WF_MODE_RUN, second);
    CU_ASSERT_EQUAL(m->preflight->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "users")), 0);
    CU_ASSERT_EQUAL(cJSON_GetObjectItem(out, "quantity")->valueint, 0);
    migration_stop(m);
}

static const struct wf_case cases[] = {{"C_5_seats_are_those_of_users_that_hold_the_licence", c5},
    {"C_8_users_that_need_a_person_are_told_apart", c8}, {"C_9_an_add_on_on_the_old_subscription_stops", c9},
    {"C_15_sign_in_names_can_be_pseudonyms", c15}, {"segments_are_never_mixed", segments},
    {"what_would_stop_a_later_step_stops_here_with_the_services_words", stops},
    {"wrong_credentials_are_an_authentication_error", app_only},
    {"users_that_move_with_another_subscription_are_not_counted", second_of_two}, {NULL, NULL}};
static const struct wf_suite suite = {"preflight", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
