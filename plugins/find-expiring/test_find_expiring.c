/* test_find_expiring.c: what is found, in which order, and what is only reported. */
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

static bool mentions(const cJSON *tree, const char *list, const char *member, const char *words)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, cJSON_GetObjectItem(tree, list)) {
        if (strstr(text(line, member), words))
            return true;
    }
    return false;
}

static cJSON *find(struct migration *m, const char *input)
{
    return migration_call(m, m->find, "find-expiring", WF_MODE_RUN, cJSON_Parse(input));
}

static void c10(void)
{
    struct migration *m = migration_start(NULL, NULL);
    if (!m)
        return;
    cJSON *out = find(m, "{\"retired\":" RETIRED ",\"warnDays\":45}");
    const cJSON *line, *before = NULL;
    CU_ASSERT_EQUAL(length(out, "subscriptions"), 11);
    cJSON_ArrayForEach(line, cJSON_GetObjectItem(out, "subscriptions")) {
        CU_ASSERT_TRUE(!before || strcmp(text(before, "endDate"), text(line, "endDate")) <= 0);
        before = line;
    }
    WF_ASSERT_TEXT(
        text(cJSON_GetArrayItem(cJSON_GetObjectItem(out, "subscriptions"), 0), "customerName"), "Nordlicht GmbH");
    CU_ASSERT_TRUE(mentions(out, "warnings", "message", "days are left"));
    out = find(m, "{\"retired\":" RETIRED ",\"within\":\"P50D\"}");
    CU_ASSERT_EQUAL(length(out, "subscriptions"), 3);
    migration_stop(m);
}

static void apart(void)
{
    struct migration *m = migration_start(NULL, NULL);
    if (!m)
        return;
    cJSON *out = find(m, "{\"retired\":" RETIRED ",\"customers\":null}");
    CU_ASSERT_TRUE(mentions(out, "moved", "customerName", "Al Verhuisd BV"));
    CU_ASSERT_FALSE(mentions(out, "subscriptions", "customerName", "Al Verhuisd BV"));
    CU_ASSERT_TRUE(mentions(out, "skipped", "reason", "advisor"));
    CU_ASSERT_TRUE(mentions(out, "skipped", "reason", "2032"));
    CU_ASSERT_FALSE(mentions(out, "subscriptions", "customerName", "Gewoon E3 BV"));
    CU_ASSERT_FALSE(mentions(out, "subscriptions", "offerName", "Phone System"));
    out = find(m, "{\"retired\":[{\"namePattern\":\"plan g4\"}]}");
    CU_ASSERT_EQUAL(length(out, "subscriptions"), 1);
    find(m, "{\"retired\":[{\"namePattern\":\"(\"}]}");
    WF_ASSERT_TEXT(m->find->type, "validation");
    find(m, "{\"retired\":" RETIRED ",\"within\":\"soon\"}");
    CU_ASSERT_PTR_NOT_NULL(strstr(m->find->detail, "soon"));
    migration_stop(m);
}

static void paged(void)
{
    struct migration *m = migration_start(NULL, NULL);
    if (!m)
        return;
    migration_setting(m, "page-size", "4");
    cJSON *out = find(m, "{\"retired\":" RETIRED "}");
    CU_ASSERT_EQUAL(length(out, "subscriptions"), 11);
    CU_ASSERT_EQUAL(cJSON_GetObjectItem(out, "customersRead")->valueint, 15);
    migration_stop(m);
}

/* ---- made-up answers ---- */

static bool odd(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    (void)h;
    reply->body = "{\"items\":[{\"ID\":\"c1\",\"CompanyProfile\":{\"CompanyName\":\"One\"},\"Surprise\":[1]}]}";
    if (strstr(req->url, "/oauth2/"))
        reply->body = "{\"access_token\":\"t\",\"expires_in\":3599}";
    if (strstr(req->url, "/subscriptions"))
        reply->body =
            "{\"items\":[{\"id\":\"s1\",\"offerId\":\"8909e28e-5832-42f4-9886-b0a5545f3645\",\"status\":\"frozen\"},"
            "{\"id\":\"s2\",\"offerId\":\"8909e28e-5832-42f4-9886-b0a5545f3645\",\"status\":\"active\","
            "\"commitmentEndDate\":\"9999-12-31T00:00:00Z\"},"
            "{\"id\":\"s3\",\"offerId\":\"8909e28e-5832-42f4-9886-b0a5545f3645\",\"status\":\"active\","
            "\"autoRenewEnabled\":true,\"commitmentEndDate\":\"2017-08-01T00:00:00-07:00\"}]}";
    return true;
}

static void c16(void)
{
    struct harness *h = harness_new("plugins/find-expiring/.libs/find-expiring.so");
    harness_secret(h, "partner-center", "{\"tenant\":\"t\",\"clientId\":\"c\",\"clientSecret\":\"s\"}");
    harness_config(h, "authority", "http://find.example");
    h->script = odd;
    harness_call(h, "find-expiring", WF_MODE_RUN, "{\"retired\":" RETIRED "}");
    CU_ASSERT_EQUAL(h->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(length(h->output, "subscriptions"), 0);
    CU_ASSERT_TRUE(mentions(h->output, "warnings", "message", "\"frozen\""));
    CU_ASSERT_TRUE(mentions(h->output, "warnings", "message", "no end date"));
    CU_ASSERT_TRUE(mentions(h->output, "warnings", "message", "renewed automatically"));
    harness_call(h, "find-expiring", WF_MODE_RUN,
        "{\"retired\":" RETIRED ",\"includeAutoRenew\":true,\"includeNoEndDate\":true}");
    CU_ASSERT_EQUAL(length(h->output, "subscriptions"), 2);
    WF_ASSERT_TEXT(
        text(cJSON_GetArrayItem(cJSON_GetObjectItem(h->output, "subscriptions"), 1), "subscriptionId"), "s2");
    harness_free(h);
}

static const struct wf_case cases[] = {{"C_10_the_earliest_end_comes_first_and_near_ends_are_warned_of", c10},
    {"moved_skipped_and_foreign_subscriptions_stand_apart", apart}, {"customers_are_read_page_by_page", paged},
    {"C_16_unknown_values_are_reported_and_never_crash", c16}, {NULL, NULL}};
static const struct wf_suite suite = {"find_expiring", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
