/* test_purchase.c: buying once, whatever happens in between, against the sandbox. */
#include "lib/cunit_main.h"
#include "lib/migration.h"

#define ANKER "Blauwe Anker BV"

static const char *text(const cJSON *tree, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tree, name));
    return value ? value : "";
}

static int number(const cJSON *tree, const char *name)
{
    const cJSON *value = cJSON_GetObjectItem(tree, name);
    return cJSON_IsNumber(value) ? value->valueint : -1;
}

static const cJSON *sub(const cJSON *output, int i)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(output, "subscriptions"), i);
}

/* One attempt; the output, NULL when it failed. */
static cJSON *attempt(struct migration *m, const cJSON *preflight, uint32_t mode)
{
    return migration_call(m, m->purchase, "purchase", mode, migration_purchase_input(preflight));
}

static cJSON *look(struct migration *m, const char *customer, const char *targets)
{
    cJSON *out = cJSON_Duplicate(migration_preflight(m, customer, targets), true);
    CU_ASSERT_PTR_NOT_NULL(out);
    return out;
}

#define START(option, value)                                                                                           \
    struct migration *m = migration_start(option, value);                                                              \
    if (!m)                                                                                                            \
    return

static void c1(void)
{
    START("--order-lag", "0");
    cJSON *pre = look(m, ANKER, TO_E5);
    m->purchase->crash_before_write = 1;
    attempt(m, pre, WF_MODE_RUN);
    const cJSON *note = harness_remembered(m->purchase, "purchase-0");
    WF_ASSERT_TEXT(text(note, "state"), "sent");
    WF_ASSERT_TEXT(text(note, "requestId"), m->purchase->key);
    WF_ASSERT_TEXT(text(note, "offerId"), E5);
    CU_ASSERT_EQUAL(strncmp(text(note, "tag"), "wf-", 3), 0);
    CU_ASSERT_EQUAL(number(note, "quantity"), 5);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 0);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c2(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, ANKER, TO_E5), *out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    harness_forget(m->purchase); /* a lost journal, another run */
    m->purchase->key = "11111111-0000-4000-8000-000000000003";
    out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "found");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

/* The connection is cut after the commit, the lists lag, the service has forgotten the request id. */
static void c3_unknown(void)
{
    START("--order-lag", "900");
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"idempotency\":\"off\"}"));
    cJSON *pre = look(m, ANKER, TO_E5);
    migration_fault(m,
        "{\"kind\":\"reset\",\"method\":\"POST\",\"route\":\"/v1/customers/*/orders\",\"stage\":\"after\",\"count\":1,"
        "\"probability\":1}");
    cJSON *out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    CU_ASSERT_EQUAL(m->purchase->writes, 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c3_verify(void)
{
    START("--order-lag", "900");
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"idempotency\":\"off\"}"));
    cJSON *pre = look(m, ANKER, TO_E5);
    m->purchase->crash_write = 1;
    attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    m->purchase->crash_write = 0;
    cJSON *out = attempt(m, pre, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_VERDICT);
    CU_ASSERT_EQUAL(m->purchase->verdict, WF_VERDICT_YES);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    m->purchase->attempt = 2;
    out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "status"), "active");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c3_no(void)
{
    START("--order-lag", "900");
    cJSON *pre = look(m, ANKER, TO_E5);
    m->purchase->crash_before_write = 1;
    attempt(m, pre, WF_MODE_RUN);
    m->purchase->crash_before_write = 0;
    int64_t before = m->now_ms;
    attempt(m, pre, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(m->purchase->verdict, WF_VERDICT_NO);
    CU_ASSERT_TRUE(m->now_ms - before >= 900000); /* a list must have shown it by then */
    m->purchase->attempt = 2;
    cJSON *out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c3_lost(void)
{
    START("--order-lag", "900");
    cJSON *pre = look(m, ANKER, TO_E5);
    migration_fault(m,
        "{\"kind\":\"reset\",\"method\":\"POST\",\"route\":\"/v1/customers/*/orders\",\"count\":1,\"probability\":1}");
    cJSON *out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    CU_ASSERT_EQUAL(m->purchase->writes, 2);
    CU_ASSERT_TRUE(m->purchase->slept_ms >= 900000);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c4(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, ANKER, TO_E5), *out;
    out = attempt(m, pre, WF_MODE_RUN); /* 5 seats of E5, tagged for this workflow */
    char id[64];
    snprintf(id, sizeof id, "%s", text(sub(out, 0), "subscriptionId"));
    harness_forget(m->purchase);
    cJSON *input = migration_purchase_input(pre);
    cJSON_AddStringToObject(input, "workflow", "another");
    out = migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "used");
    WF_ASSERT_TEXT(text(sub(out, 0), "subscriptionId"), id);
    input = migration_purchase_input(pre);
    cJSON_AddStringToObject(input, "workflow", "third");
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 7);
    out = migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "raised");
    CU_ASSERT_EQUAL(number(sub(out, 0), "quantity"), 7);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "quantityChanges"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void seed(struct migration *m, const char *customer, const char *subscriptions)
{
    char fixture[1024];
    snprintf(fixture, sizeof fixture,
        "{\"customers\":[{\"name\":\"%s\",\"domain\":\"%s.example\",\"country\":\"NL\",\"subscriptions\":[{\"offer\":"
        "\"ENTERPRISEWITHSCAL\",\"quantity\":2,\"endInDays\":90},%s],\"users\":[{\"name\":\"a\",\"licenses\":["
        "\"ENTERPRISEWITHSCAL\"]},{\"name\":\"b\",\"licenses\":[\"ENTERPRISEWITHSCAL\"]}]}]}",
        customer, customer, subscriptions);
    cJSON *answer = sandbox_post(m->sandbox, "/_sandbox/seed", fixture);
    CU_ASSERT_PTR_NULL(cJSON_GetObjectItem(answer, "error"));
    cJSON_Delete(answer);
}

#define OLD_E5(status) "{\"offer\":\"ENTERPRISEPREMIUM\",\"quantity\":1,\"endInDays\":300,\"status\":\"" status "\"}"

static void c4_asleep(void)
{
    START(NULL, NULL);
    seed(m, "Slaap", OLD_E5("suspended"));
    cJSON *pre = look(m, "Slaap", TO_E5), *out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "reactivated");
    CU_ASSERT_EQUAL(number(sub(out, 0), "quantity"), 2);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 0);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "reactivations"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c4_several(void)
{
    START(NULL, NULL);
    seed(m, "Twee", OLD_E5("active") "," OLD_E5("active"));
    cJSON *pre = look(m, "Twee", TO_E5);
    attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_FAILED);
    WF_ASSERT_TEXT(m->purchase->title, "It is not clear which subscription to use");
    CU_ASSERT_EQUAL(m->purchase->writes, 0);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c5(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, "Grande Holding SA", TO_E5), *out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(number(sub(out, 0), "quantity"), 1); /* the users, not the ten million seats of before */
    cJSON *input = migration_purchase_input(pre);
    cJSON_AddStringToObject(input, "workflow", "too much");
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 10000001);
    migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_FAILED);
    WF_ASSERT_TEXT(m->purchase->type, "validation");
    CU_ASSERT_EQUAL(m->purchase->writes, 0);
    input = migration_purchase_input(pre);
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 0);
    out = migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "subscriptionIds")), 0);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void c6(void)
{
    START(NULL, NULL);
    cJSON_Delete(sandbox_post(
        m->sandbox, "/_sandbox/settings", "{\"stock_min_s\":1200,\"stock_max_s\":1200,\"provision_s\":900}"));
    cJSON *pre = look(m, ANKER, TO_E3PBX), *out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "subscriptionIds")), 2);
    CU_ASSERT_TRUE(m->purchase->slept_ms >= 1200000);
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"stock_min_s\":9000,\"stock_max_s\":9000}"));
    cJSON_Delete(pre);
    pre = look(m, "City of Riverton", TO_E5);
    attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_FAILED);
    WF_ASSERT_TEXT(m->purchase->type, "timeout");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 2);
    m->now_ms += 2 * 3600 * 1000;
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/clock", "{\"advance_ms\":7200000}"));
    out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_PTR_NOT_NULL(out);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 2);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void addon_refused(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, ANKER, TO_E3PBX), *out;
    migration_fault(m, "{\"kind\":\"status\",\"method\":\"PATCH\",\"route\":\"/v1/customers/*/orders/"
                       "*\",\"status\":403,\"code\":800069,"
                       "\"count\":1,\"probability\":1}");
    attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(m->purchase->detail, "is bought (subscription "));
    CU_ASSERT_PTR_NOT_NULL(strstr(m->purchase->detail, "800069"));
    m->purchase->attempt = 2;
    out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "subscriptionIds")), 2);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "addons"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void addon_unknown(void)
{
    START("--order-lag", "900");
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"idempotency\":\"off\"}"));
    cJSON *pre = look(m, ANKER, TO_E3PBX), *out;
    migration_fault(m, "{\"kind\":\"reset\",\"method\":\"PATCH\",\"route\":\"/v1/customers/*/orders/"
                       "*\",\"stage\":\"after\",\"count\":1,"
                       "\"probability\":1}");
    out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "subscriptionIds")), 2);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "addons"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void retired(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, ANKER, TO_E5), *input = migration_purchase_input(pre);
    cJSON_ReplaceItemInObject(input, "targets", cJSON_Parse("[{\"offerId\":\"" E4 "\"}]"));
    cJSON_AddItemToObject(input, "retiredOfferIds", cJSON_Parse("[\"" E4 "\"]"));
    migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_FAILED);
    CU_ASSERT_EQUAL(m->purchase->requests, 0);
    input = migration_purchase_input(pre);
    cJSON_ReplaceItemInObject(input, "targets", cJSON_Parse("[{\"offerId\":\"" G3 "\"}]"));
    migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input);
    WF_ASSERT_TEXT(m->purchase->title, "The offer is for another segment");
    CU_ASSERT_EQUAL(m->purchase->writes, 0);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void plan(void)
{
    START(NULL, NULL);
    cJSON *pre = look(m, ANKER, TO_E5);
    attempt(m, pre, WF_MODE_PLAN);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_PLANNED);
    CU_ASSERT_EQUAL(m->purchase->action, WF_ACTION_CREATE);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 0);
    attempt(m, pre, WF_MODE_RUN);
    attempt(m, pre, WF_MODE_PLAN);
    CU_ASSERT_EQUAL(m->purchase->action, WF_ACTION_NOTHING);
    cJSON_Delete(pre);
    migration_stop(m);
}

static const struct wf_case legacy_cases[] = {{"C_1_the_journal_knows_a_purchase_before_it_is_sent", c1},
    {"C_2_a_purchase_is_recognised_by_its_tag_with_the_journal_lost", c2},
    {"C_3_a_purchase_without_an_answer_is_found_and_not_sent_again", c3_unknown},
    {"C_3_verify_finds_an_order_that_the_lists_hide_for_a_quarter_of_an_hour", c3_verify},
    {"C_3_verify_says_no_only_when_the_lists_must_have_shown_it", c3_no},
    {"C_3_a_purchase_that_never_arrived_is_sent_again_after_the_lag", c3_lost},
    {"C_4_free_seats_are_used_and_missing_ones_added", c4},
    {"C_4_a_suspended_target_is_woken_and_not_bought_again", c4_asleep},
    {"C_4_several_targets_are_refused", c4_several}, {"C_5_seats_follow_the_users_within_the_offers_limits", c5},
    {"C_6_nothing_goes_on_until_every_licence_can_be_assigned", c6},
    {"an_add_on_that_is_refused_leaves_words_and_a_way_on", addon_refused},
    {"an_add_on_without_an_answer_is_not_bought_twice", addon_unknown},
    {"a_retired_or_foreign_offer_is_never_ordered", retired}, {"a_plan_buys_nothing", plan}, {NULL, NULL}};

/* ---- new commerce ---- */

#define NCE_E5 "[{\"offerId\":\"CFQ7TTC0LF8S:0002\"}]"
#define NCE_E3PBX                                                                                                      \
    "[{\"offerId\":\"CFQ7TTC0LF8R:0001\"},{\"offerId\":\"CFQ7TTC0LH0J:0001\",\"addonTo\":\"CFQ7TTC0LF8R:0001\"}]"

static struct migration *start_nce(const char *option, const char *value)
{
    struct migration *m = migration_start(option, value);
    if (!m)
        return NULL;
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"new_commerce\":true}"));
    migration_setting(m, "purchase-path", "newcommerce");
    return m;
}

static void cart(void)
{
    struct migration *m = start_nce(NULL, NULL);
    if (!m)
        return;
    cJSON *pre = look(m, ANKER, NCE_E3PBX), *out = attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "subscriptionIds")), 2);
    WF_ASSERT_TEXT(text(sub(out, 1), "action"), "bought");
    harness_forget(m->purchase);
    out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "found");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "duplicateOrders"), 0);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void cart_unknown(const char *when)
{
    struct migration *m = start_nce("--order-lag", "900");
    if (!m)
        return;
    char rule[256];
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"idempotency\":\"off\"}"));
    cJSON *pre = look(m, ANKER, NCE_E5), *out;
    snprintf(rule, sizeof rule,
        "{\"kind\":\"reset\",\"method\":\"POST\",\"route\":\"/v1/customers/*/carts/*/"
        "checkout\",\"stage\":\"%s\",\"count\":1,\"probability\":1}",
        when);
    migration_fault(m, rule);
    out = attempt(m, pre, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(sub(out, 0), "action"), "bought");
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static void checkout_done(void)
{
    cart_unknown("after");
}

static void checkout_lost(void)
{
    cart_unknown("before");
}

static void cart_crash(void)
{
    struct migration *m = start_nce("--order-lag", "900");
    if (!m)
        return;
    cJSON_Delete(sandbox_post(m->sandbox, "/_sandbox/settings", "{\"idempotency\":\"off\"}"));
    cJSON *pre = look(m, ANKER, NCE_E5);
    m->purchase->crash_write = 2;
    attempt(m, pre, WF_MODE_RUN);
    m->purchase->crash_write = 0;
    m->purchase->attempt = 2;
    attempt(m, pre, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(m->purchase->verdict, WF_VERDICT_YES);
    attempt(m, pre, WF_MODE_RUN);
    CU_ASSERT_EQUAL(m->purchase->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(sandbox_count(m->sandbox, "orders"), 1);
    cJSON_Delete(pre);
    migration_stop(m);
}

static const struct wf_case cart_cases[] = {{"base_and_add_on_are_bought_in_one_cart_and_found_again", cart},
    {"a_checkout_that_was_done_without_an_answer_is_not_repeated", checkout_done},
    {"a_checkout_that_never_arrived_is_sent_again", checkout_lost},
    {"C_3_verify_finds_a_checkout_after_a_crash", cart_crash}, {NULL, NULL}};

static const struct wf_suite legacy_suite = {"legacy", legacy_cases}, cart_suite = {"cart", cart_cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&legacy_suite, &cart_suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
