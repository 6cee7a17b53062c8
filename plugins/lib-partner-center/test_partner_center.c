/* test_partner_center.c: the client library: its small parts alone, its requests through find-expiring and a script. */
#include "lib/cunit_main.h"
#include "lib/harness.h"

#include <pc.h>

#define FIND   "plugins/find-expiring/.libs/find-expiring.so"
#define SECRET "{\"tenant\":\"t\",\"clientId\":\"c\",\"clientSecret\":\"s3cret\",\"refreshToken\":\"r\"}"
#define INPUT  "{\"retired\":[{\"offerIds\":[\"8909E28E-5832-42F4-9886-B0A5545F3645\"]}],\"within\":\"P365D\"}"
#define TOKEN  "{\"access_token\":\"tok%d\",\"expires_in\":\"3599\",\"refresh_token\":\"r2\"}"
#define CUSTOMERS(next)                                                                                                \
    "{\"items\":[{\"id\":\"c1\",\"relationshipToPartner\":\"reseller\",\"companyProfile\":{\"companyName\":\"One\"}}"  \
    "]" next "}"
#define NEXT(token)                                                                                                    \
    ",\"links\":{\"next\":{\"uri\":\"/"                                                                                \
    "customers?size=500&seekOperation=Next\",\"headers\":[{\"key\":\"MS-ContinuationToken\","                          \
    "\"value\":\"" token "\"}]}}"

/* ---- small parts ---- */

static void dates(void)
{
    CU_ASSERT_EQUAL(pc_date("2018-05-10T00:00:00Z"), 1525910400000);
    CU_ASSERT_EQUAL(pc_date("2018-05-10T00:00:00.1234567Z"), 1525910400123);
    CU_ASSERT_EQUAL(pc_date("2018-05-10T00:00:00-07:00"), 1525935600000);
    CU_ASSERT_EQUAL(pc_date("2018-05-10T02:00:00+02:00"), 1525910400000);
    CU_ASSERT_EQUAL(pc_date("2018-05-10"), 1525910400000);
    CU_ASSERT_EQUAL(pc_date("soon"), -1);
    CU_ASSERT_EQUAL(pc_date(""), -1);
    CU_ASSERT_EQUAL(pc_date("2018-13-10T00:00:00Z"), -1);
}

static void durations(void)
{
    CU_ASSERT_EQUAL(pc_duration("PT15M"), 900000);
    CU_ASSERT_EQUAL(pc_duration("P1DT1H"), 90000000);
    CU_ASSERT_EQUAL(pc_duration("90"), 90000);
    CU_ASSERT_EQUAL(pc_duration("P1Y"), 365 * PC_DAY_MS);
    CU_ASSERT_EQUAL(pc_duration("P"), -1);
    CU_ASSERT_EQUAL(pc_duration("15M"), -1);
    CU_ASSERT_EQUAL(pc_duration("PT15X"), -1);
}

static void offer_ids(void)
{
    CU_ASSERT_TRUE(pc_offer_same("a044b16a", "A044B16A"));
    CU_ASSERT_TRUE(pc_offer_same("P:1:OLD", "p:1:NEW"));
    CU_ASSERT_TRUE(pc_offer_same("P:1", "P:1:NEW"));
    CU_ASSERT_FALSE(pc_offer_same("P:1", "P:12:NEW"));
    CU_ASSERT_FALSE(pc_offer_same("", ""));
}

static const char old_plans[] =
    "{\"servicePlans\":[{\"id\":\"a\",\"serviceName\":\"EXCHANGE\"},{\"id\":\"b\",\"serviceName\":\"FLOW_O365_P2\"},"
    "{\"id\":\"c\",\"serviceName\":\"FORMS_PLAN_E3\"},{\"id\":\"d\",\"serviceName\":\"BPOS_S_TODO_2\"},"
    "{\"id\":\"e\",\"serviceName\":\"MCOVOICECONF\"},{\"id\":\"f\",\"serviceName\":\"FLOW_O365_P2_GOV\"},"
    "{\"id\":\"t\",\"serviceName\":\"TENANT\",\"targetType\":\"Tenant\"}]}";
static const char new_plans[] =
    "{\"servicePlans\":[{\"id\":\"A\",\"serviceName\":\"EXCHANGE\"},{\"id\":\"b2\",\"serviceName\":\"FLOW_O365_P3\"},"
    "{\"id\":\"c2\",\"serviceName\":\"FORMS_PLAN_E5\"},{\"id\":\"d2\",\"serviceName\":\"BPOS_S_TODO_3\"},"
    "{\"id\":\"f2\",\"serviceName\":\"FLOW_O365_P3_GOV\"},{\"id\":\"n\",\"serviceName\":\"THREAT\"}]}";

static char *excluded(const char *licence_text, const char *map_text, char **ret_lost)
{
    cJSON *source = cJSON_Parse(old_plans), *target = cJSON_Parse(new_plans), *licence = cJSON_Parse(licence_text);
    cJSON *map = cJSON_Parse(map_text), *out = cJSON_CreateArray(), *lost = cJSON_CreateArray();
    pc_plans_excluded(source, licence, target, map, out, lost);
    char *text = cJSON_PrintUnformatted(out);
    *ret_lost = cJSON_PrintUnformatted(lost);
    cJSON *const trees[] = {source, target, licence, map, out, lost};
    for (size_t i = 0; i < 6; i++)
        cJSON_Delete(trees[i]);
    return text;
}

static void plans_by_family(void)
{
    char *lost, *text = excluded("{\"servicePlans\":[]}", "{}", &lost);
    WF_ASSERT_TEXT(text, "[\"A\",\"b2\",\"c2\",\"d2\",\"f2\"]");
    WF_ASSERT_TEXT(lost, "[{\"id\":\"e\",\"name\":\"MCOVOICECONF\"}]");
    free(text);
    free(lost);
}

static void plans_on_stay_on(void)
{
    char *lost, *text = excluded(
                    "{\"servicePlans\":[{\"id\":\"A\",\"capabilityStatus\":\"Assigned\"},{\"id\":\"b\"},{\"id\":\"c\"},"
                    "{\"id\":\"d\",\"capabilityStatus\":\"Disabled\"},{\"id\":\"e\"},{\"id\":\"f\"}]}",
                    "{}", &lost);
    WF_ASSERT_TEXT(text, "[\"d2\"]");
    WF_ASSERT_TEXT(lost, "[]");
    free(text);
    free(lost);
}

static void plan_map_wins(void)
{
    char *lost, *text = excluded("{\"servicePlans\":[{\"id\":\"a\"},{\"id\":\"c\"},{\"id\":\"d\"},{\"id\":\"f\"}]}",
                    "{\"FLOW_O365_P2\":null,\"MCOVOICECONF\":\"THREAT\"}", &lost);
    WF_ASSERT_TEXT(text, "[\"n\"]");
    WF_ASSERT_TEXT(lost, "[{\"id\":\"b\",\"name\":\"FLOW_O365_P2\"}]");
    free(text);
    free(lost);
}

/* ---- requests ---- */

struct wire {
    int sign_ins, tokens, customers, subscriptions;
    int trouble; /* which case */
    char correlation[64], authorization[64];
};

static const char *header(const struct wf_http_request *req, const char *name)
{
    for (size_t i = 0; i < req->nheaders; i++)
        if (strcasecmp(req->headers[i].name, name) == 0)
            return req->headers[i].value;
    return "";
}

static bool token(struct wire *w, struct harness_reply *reply)
{
    static char body[256];
    snprintf(body, sizeof body, TOKEN, ++w->tokens);
    reply->body = body;
    return true;
}

/* One customer, no subscriptions; `disturb` answers the list of customers in its own way when it returns true. */
static bool serve(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply,
    bool (*disturb)(struct wire *, struct harness_reply *))
{
    struct wire *w = h->arg;
    if (strstr(req->url, "/oauth2/"))
        return token(w, reply);
    snprintf(w->correlation, sizeof w->correlation, "%s", header(req, "MS-CorrelationId"));
    snprintf(w->authorization, sizeof w->authorization, "%s", header(req, "Authorization"));
    if (strstr(req->url, "/subscriptions")) {
        w->subscriptions++;
        reply->body = "{\"items\":[]}";
        return true;
    }
    w->customers++;
    if (disturb && disturb(w, reply))
        return true;
    reply->body = CUSTOMERS("");
    return strstr(req->url, "/v1/customers") != NULL;
}

static struct harness *find(struct wire *w, harness_script script)
{
    static int n;
    static int64_t clock = 1500000000000;
    struct harness *h = harness_new(FIND);
    char authority[64];
    snprintf(authority, sizeof authority, "http://sign-in-%d.example", ++n); /* its own token cache */
    *w = (struct wire){0};
    harness_config(h, "authority", authority);
    harness_config(h, "api-root", "http://api.example/");
    harness_secret(h, "partner-center", SECRET);
    h->script = script;
    h->arg = w;
    h->now_ms = clock += (int64_t)3600 * 1000;
    return h;
}

static bool plain(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, NULL);
}

static void good(void)
{
    struct wire w;
    struct harness *h = find(&w, plain);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    WF_ASSERT_TEXT(w.correlation, h->run_id);
    h->run_id = "run-17";
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(strlen(w.correlation), 36);
    CU_ASSERT_EQUAL(w.tokens, 1);
    h->now_ms += 3500 * 1000; /* within 120 s of the end */
    harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
    CU_ASSERT_EQUAL(w.tokens, 2);
    harness_free(h);
}

static bool throttle(struct wire *w, struct harness_reply *reply)
{
    if (w->customers > 2)
        return false;
    reply->status = 429;
    reply->headers[0] = "Retry-After";
    reply->headers[1] = w->customers == 1 ? "57" : "Fri, 14 Jul 2017 05:00:00 GMT";
    reply->body = "{\"statusCode\":429,\"message\":\"Rate limit is exceeded. Try again in 57 seconds.\"}";
    return true;
}

static bool throttled(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, throttle);
}

static void c14(void)
{
    struct wire w;
    struct harness *h = find(&w, throttled);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.customers, 3);
    CU_ASSERT_TRUE(h->slept_ms >= 57000);
    /* A limit of our own: 60 a minute, of which a tenth may go at once. */
    harness_config(h, "rate", "60");
    h->now_ms += 600000;
    int64_t slept = 0;
    for (int i = 0; i < 20; i++) {
        harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
        slept += h->slept_ms;
    }
    CU_ASSERT_TRUE(slept >= 30000 && slept < 60000);
    harness_free(h);
}

static bool refuse_token(struct wire *w, struct harness_reply *reply)
{
    if (w->customers > 1 && !w->trouble)
        return false;
    reply->status = 401;
    reply->body = "";
    return true;
}

static bool unauthorised(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, refuse_token);
}

static void fresh_token(void)
{
    struct wire w;
    struct harness *h = find(&w, unauthorised);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.tokens, 2);
    WF_ASSERT_TEXT(w.authorization, "Bearer tok2");
    w.trouble = 1;
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->type, "authentication");
    CU_ASSERT_EQUAL(h->status, 401);
    harness_free(h);
}

static bool repeat_page(struct wire *w, struct harness_reply *reply)
{
    if (w->customers == 4 && !w->trouble)
        return false; /* the last page */
    reply->body =
        w->customers == 2 || w->customers == 1 || w->trouble ? CUSTOMERS(NEXT("one")) : CUSTOMERS(NEXT("two"));
    return true;
}

static bool pages(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, repeat_page);
}

static void page_loop(void)
{
    struct wire w;
    struct harness *h = find(&w, pages);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.customers, 4);
    CU_ASSERT_EQUAL(w.subscriptions, 3); /* the page that was asked twice is counted once */
    w.trouble = 1;
    w.customers = 0;
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->title, "A list goes in circles");
    harness_free(h);
}

static bool mangle(struct wire *w, struct harness_reply *reply)
{
    static const char *const bodies[] = {
        "<html><body>Bad gateway</body></html>", "{\"items\":[", "", "\xEF\xBB\xBF" CUSTOMERS("")};
    if (w->customers > 4)
        return false;
    reply->status = w->customers == 1 ? 502 : 200;
    reply->result = w->customers == 3 ? WF_HTTP_NOT_SENT : WF_HTTP_ANSWERED;
    reply->body = bodies[w->customers - 1];
    return true;
}

static bool mangled(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, mangle);
}

static void garbage(void)
{
    struct wire w;
    struct harness *h = find(&w, mangled);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.customers, 4);
    harness_free(h);
}

static bool role(struct wire *w, struct harness_reply *reply)
{
    (void)w;
    reply->status = 403;
    reply->body = "{\"code\":\"900150\",\"description\":\"We&#39;re sorry\",\"data\":[\"x\"],\"source\":\"PartnerFD\"}";
    return true;
}

static bool no_role(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, role);
}

static void words(void)
{
    struct wire w;
    struct harness *h = find(&w, no_role);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->type, "authorization");
    CU_ASSERT_EQUAL(h->status, 403);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "We're sorry"));
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "admin agent"));
    CU_ASSERT_EQUAL(pc_int(h->data, "code", 0), 900150);
    CU_ASSERT_EQUAL(w.customers, 1);
    harness_free(h);
}

/* The first 20 sign-ins are throttled, the next fails; where there is trouble, all are throttled. */
static bool sign_in_throttled(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    struct wire *w = h->arg;
    if (!strstr(req->url, "/oauth2/") || (w->sign_ins++ > 20 && !w->trouble))
        return serve(h, req, reply, NULL);
    reply->status = w->sign_ins == 21 && !w->trouble ? 502 : 429;
    reply->headers[0] = "Retry-After";
    reply->headers[1] = "2";
    reply->body = "";
    return true;
}

static void throttled_sign_in(void)
{
    struct wire w;
    struct harness *h = find(&w, sign_in_throttled);
    int64_t began = h->now_ms;
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.tokens, 1);
    CU_ASSERT_TRUE(h->now_ms - began >= 40000);
    harness_free(h);
    h = find(&w, sign_in_throttled);
    w.trouble = 1;
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->title, "The sign-in service does not work");
    CU_ASSERT_EQUAL(h->requests, 30);
    harness_free(h);
}

static bool sign_in_refused(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    const struct wire *w = h->arg;
    static const char *const bodies[] = {
        "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700082: expired\"}",
        "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: bad secret\"}"};
    reply->status = 400;
    reply->body = bodies[w->trouble];
    return strstr(req->url, "/oauth2/") != NULL;
}

static void credentials(void)
{
    struct wire w;
    struct harness *h = find(&w, sign_in_refused);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->title, "The sign-in has expired");
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "AADSTS700082"));
    CU_ASSERT_EQUAL(h->requests, 1);
    w.trouble = 1;
    harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "clientSecret"));
    CU_ASSERT_PTR_NULL(strstr(h->detail, "s3cret"));
    harness_secret(h, "partner-center", "{\"tenant\":\"t\",\"clientId\":\"c\"}");
    harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "no text \"clientSecret\""));
    harness_secret(h, "partner-center", NULL);
    harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
    WF_ASSERT_TEXT(h->type, "authentication");
    CU_ASSERT_PTR_NOT_NULL(strstr(h->detail, "--secrets"));
    harness_config(h, "order-lag", "a while");
    harness_call(h, "find-expiring", WF_MODE_RUN, INPUT);
    WF_ASSERT_TEXT(h->type, "configuration");
    harness_free(h);
}

static bool foreign_link(struct wire *w, struct harness_reply *reply)
{
    (void)w;
    reply->body = "{\"items\":[],\"links\":{\"next\":{\"uri\":\"http://evil.example/v1/customers\"}}}";
    return true;
}

static bool linked(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    return serve(h, req, reply, foreign_link);
}

static void links(void)
{
    struct wire w;
    struct harness *h = find(&w, linked);
    CU_ASSERT_EQUAL(harness_call(h, "find-expiring", WF_MODE_RUN, INPUT), HARNESS_FAILED);
    WF_ASSERT_TEXT(h->title, "A link leads elsewhere");
    harness_free(h);
}

static const struct wf_case parts[] = {{"dates_of_all_forms_are_read", dates},
    {"durations_are_iso_or_seconds", durations}, {"new_commerce_ids_compare_without_their_availability", offer_ids},
    {"C_7_plans_that_were_off_stay_off_under_their_new_names", plans_by_family},
    {"C_7_plans_that_were_on_are_not_excluded", plans_on_stay_on}, {"C_7_the_plan_map_beats_the_names", plan_map_wins},
    {NULL, NULL}};
static const struct wf_case requests[] = {{"a_token_is_shared_until_two_minutes_before_its_end", good},
    {"C_14_retry_after_and_our_own_rate_are_honoured", c14}, {"a_401_is_answered_once_with_a_fresh_token", fresh_token},
    {"a_throttled_sign_in_waits_as_it_is_told", throttled_sign_in},
    {"a_page_that_names_itself_is_asked_again_and_not_counted_twice", page_loop},
    {"reads_survive_html_truncation_lost_connections_and_a_byte_order_mark", garbage},
    {"a_refusal_keeps_the_services_code_and_words", words}, {"bad_credentials_say_what_to_do", credentials},
    {"a_token_is_never_sent_to_a_foreign_address", links}, {NULL, NULL}};
static const struct wf_suite parts_suite = {"parts", parts}, requests_suite = {"requests", requests};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&parts_suite, &requests_suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
