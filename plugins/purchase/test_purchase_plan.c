/* test_purchase_plan.c: what a purchase would cost, what its plan was computed from, and that planning only reads. */
#include "lib/cunit_main.h"
#include "lib/migration.h"

#include <unistd.h>

#define ANKER "Blauwe Anker BV" /* five users on E4 */

struct world {
    struct migration *m;
    cJSON *preflight;
};

static bool start(struct world *w, const char *customer, const char *targets)
{
    w->m = migration_start(NULL, NULL);
    if (!w->m)
        return false;
    w->preflight = cJSON_Duplicate(migration_preflight(w->m, customer, targets), true);
    CU_ASSERT_PTR_NOT_NULL(w->preflight);
    return w->preflight != NULL;
}

static void done(struct world *w)
{
    cJSON_Delete(w->preflight);
    migration_stop(w->m);
}

/* A plan with one member of the input replaced; NULL: as preflight says. No write may leave. */
static struct harness *plan(struct world *w, const char *member, cJSON *value)
{
    cJSON *input = migration_purchase_input(w->preflight);
    if (member) {
        cJSON_DeleteItemFromObject(input, member);
        cJSON_AddItemToObject(input, member, value);
    }
    migration_call(w->m, w->m->purchase, "purchase", WF_MODE_PLAN, input);
    CU_ASSERT_EQUAL(w->m->purchase->writes, 0);
    return w->m->purchase;
}

static void run(struct world *w)
{
    migration_call(w->m, w->m->purchase, "purchase", WF_MODE_RUN, migration_purchase_input(w->preflight));
    CU_ASSERT_EQUAL(w->m->purchase->answer, HARNESS_SUCCEEDED);
}

static char *facts(struct harness *h)
{
    return cJSON_PrintUnformatted(h->facts);
}

static void monthly(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    struct harness *h = plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CREATE);
    CU_ASSERT_EQUAL(h->cost_micros, 152000000); /* 5 x 30.40 */
    WF_ASSERT_TEXT(h->currency, "EUR");
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "152.00 EUR for the first month"));
    plan(&w, "billingCycle", cJSON_CreateString("annual"));
    CU_ASSERT_EQUAL(h->cost_micros, 1824000000);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "for the first year"));
    done(&w);
}

static void of_two(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E3PBX))
        return;
    struct harness *h = plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->cost_micros, 5 * (18400000 + 6400000));
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(h->facts, "targets")), 2);
    done(&w);
}

static void foreign_currency(void)
{
    struct world w = {0};
    if (!start(&w, "City of Riverton", TO_E5))
        return;
    struct harness *h = plan(&w, NULL, NULL);
    WF_ASSERT_TEXT(h->currency, "USD");
    CU_ASSERT_TRUE(h->cost_micros > 0);
    done(&w);
}

static void nothing_to_pay(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    run(&w);
    struct harness *h = plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_NOTHING);
    CU_ASSERT_EQUAL(h->cost_micros, 0);
    harness_config(h, "prices", ""); /* what costs nothing is known without prices */
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->cost_micros, 0);
    plan(&w, "quantity", cJSON_CreateNumber(0));
    CU_ASSERT_EQUAL(h->cost_micros, 0);
    done(&w);
}

static void raise_pays_the_difference(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    run(&w);
    cJSON *input = migration_purchase_input(w.preflight);
    cJSON_AddStringToObject(input, "workflow", "another");
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 7);
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_PLAN, input);
    CU_ASSERT_EQUAL(w.m->purchase->action, WF_ACTION_CHANGE);
    CU_ASSERT_EQUAL(w.m->purchase->cost_micros, 2 * 30400000);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->purchase->why, "(by 2)"));
    done(&w);
}

static void unknown_price(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E3PBX))
        return;
    struct harness *h = w.m->purchase;
    harness_config(h, "prices", "");
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    WF_ASSERT_TEXT(h->currency, "");
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "cost unknown: no price list"));
    harness_config(h, "prices", "{\"" E3 "\": 20}"); /* half known is unknown, and so is a number without a currency */
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "names no currency"));
    harness_config(h, "currency", "EUR");
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "no price of " PBX));
    done(&w);
}

/* An export as the service's pages give it: byte order mark, quotes, columns that are of no concern. */
static void exported(void)
{
    struct world w = {0};
    char path[] = "/tmp/wfrun-prices-XXXXXX";
    static const char csv[] =
        "\xef\xbb\xbf"
        "A/C/D/U,Valid From Date,Offer Display Name,Offer ID,Purchase Unit,List Price,ERP Price,Currency\r\n"
        "ADD,1/1/2017,\"E3, \"\"the old\"\"\"," E3 ",1 Month(s),17.25,21.00,EUR\r\n"
        "DEL,1/1/2017,Phone System," PBX ",1 Month(s),99.00,99.00,EUR\r\n"
        "UNC,1/1/2017,Phone System," PBX ",12 Month(s),60,90,EUR\r\n";
    if (!start(&w, ANKER, TO_E3PBX))
        return;
    FILE *file = fdopen(mkstemp(path), "w");
    fputs(csv, file);
    fclose(file);
    harness_config(w.m->purchase, "prices", path);
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(w.m->purchase->cost_micros, 5 * 17250000 + 5 * 5000000);
    file = fopen(path, "w");
    fputs("Offer ID,List Price\n" E3 ",1.5\n" PBX ",\"1,5\"\n", file);
    fclose(file);
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(w.m->purchase->answer, HARNESS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->purchase->detail, "line 3 is \"1,5\""));
    unlink(path);
    plan(&w, NULL, NULL);
    WF_ASSERT_TEXT(w.m->purchase->title, "The price list cannot be used");
    done(&w);
}

/* Rows of a market, a term and a billing plan; in several currencies the setting decides. */
static void rows(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    struct harness *h = w.m->purchase;
    harness_config(h, "prices",
        "[{\"offerId\":\"" E5 "\",\"price\":1,\"currency\":\"EUR\",\"market\":\"DE\"},"
        "{\"offerId\":\"" E5 "\",\"price\":365.4,\"currency\":\"EUR\",\"market\":\"NL\",\"termDuration\":\"P1Y\"},"
        "{\"offerId\":\"" E5 "\",\"price\":320,\"currency\":\"GBP\",\"market\":\"NL\",\"termDuration\":\"P1Y\"},"
        "{\"offerId\":\"" E5 "\",\"price\":40,\"currency\":\"EUR\",\"market\":\"NL\",\"termDuration\":\"P1M\"}]");
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "prices in EUR and GBP"));
    harness_config(h, "currency", "EUR");
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 30450000);
    plan(&w, "termDuration", cJSON_CreateString("P1M"));
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 40000000);
    done(&w);
}

/* New commerce: the price sheet of the market, for the term, asked for once. */
static void sheet(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, "[{\"offerId\":\"CFQ7TTC0LF8S:0002\"}]"))
        return;
    struct harness *h = w.m->purchase;
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/settings", "{\"new_commerce\":true}"));
    harness_config(h, "purchase-path", "newcommerce");
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 30400000);
    WF_ASSERT_TEXT(h->currency, "EUR");
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "1824.00 EUR committed for the term of a year"));
    int asked = h->requests;
    plan(&w, "termDuration", cJSON_CreateString("P1M"));
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 36480000); /* by the month costs more */
    CU_ASSERT_TRUE(h->requests < asked);
    plan(&w, "billingCycle", cJSON_CreateString("annual"));
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 364800000LL);
    harness_config(h, "prices", "{\"CFQ7TTC0LF8S:0002\":29}"); /* the admin's own list is stronger */
    harness_config(h, "currency", "EUR");
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->cost_micros, 5 * 29000000);
    done(&w);
}

static void no_sheet(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, "[{\"offerId\":\"CFQ7TTC0LF8S:0002\"}]"))
        return;
    struct harness *h = w.m->purchase;
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/settings", "{\"new_commerce\":true}"));
    harness_config(h, "purchase-path", "newcommerce");
    migration_fault(w.m, "{\"kind\":\"status\",\"status\":403,\"route\":\"/v1.0/sales/*\",\"probability\":1}");
    plan(&w, NULL, NULL);
    CU_ASSERT_EQUAL(h->answer, HARNESS_PLANNED);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "cost unknown: no price sheet for NL"));
    int asked = h->requests;
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->requests < asked); /* it is not asked for again at once */
    harness_config(h, "price-root", "");
    plan(&w, NULL, NULL);
    CU_ASSERT_TRUE(h->cost_micros < 0);
    done(&w);
}

static void stable(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    char *before = facts(plan(&w, NULL, NULL)), *again = facts(plan(&w, NULL, NULL));
    WF_ASSERT_TEXT(again, before);
    free(again);
    migration_source_quantity(w.m, w.preflight, 4);
    again = facts(plan(&w, NULL, NULL));
    CU_ASSERT_NOT_EQUAL(strcmp(again, before), 0);
    free(again);
    migration_source_quantity(w.m, w.preflight, 3); /* a retired one can only shrink: compare with this from here */
    free(before);
    before = facts(plan(&w, NULL, NULL));
    harness_config(w.m->purchase, "prices", "[{\"offer\":\"" E5 "\",\"price\":31,\"currency\":\"EUR\"}]");
    again = facts(plan(&w, NULL, NULL));
    CU_ASSERT_NOT_EQUAL(strcmp(again, before), 0); /* another price is another plan */
    free(again);
    free(before);
    done(&w);
}

static void predicted(void)
{
    struct world w = {0};
    if (!start(&w, ANKER, TO_E5))
        return;
    struct harness *h = plan(&w, NULL, NULL);
    const cJSON *sub = cJSON_GetArrayItem(cJSON_GetObjectItem(h->output, "subscriptions"), 0);
    CU_ASSERT_EQUAL(cJSON_GetObjectItem(h->output, "seats")->valueint, 5);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(h->output, "subscriptionIds")), 0); /* none can exist yet */
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(h->output, "skuIds")), 1);
    CU_ASSERT_EQUAL(cJSON_GetObjectItem(sub, "quantity")->valueint, 5);
    WF_ASSERT_TEXT(cJSON_GetObjectItem(sub, "status")->valuestring, "active");
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "writes"), 0);
    done(&w);
}

static const struct wf_case cases[] = {{"the_cost_is_the_first_bill_of_the_cycle", monthly},
    {"base_and_add_on_are_one_sum", of_two}, {"the_currency_is_that_of_the_customers_market", foreign_currency},
    {"what_is_there_already_costs_nothing", nothing_to_pay},
    {"more_seats_cost_what_they_are_more", raise_pays_the_difference},
    {"without_a_price_the_cost_is_unknown_and_says_why", unknown_price}, {"an_exported_price_list_is_read", exported},
    {"a_row_fits_market_term_and_currency", rows}, {"facts_change_with_the_world_and_only_then", stable},
    {"the_predicted_output_is_like_a_real_one_without_ids", predicted},
    {"new_commerce_is_priced_by_the_sheet_of_the_market", sheet},
    {"without_a_sheet_the_cost_is_unknown_and_the_plan_goes_on", no_sheet}, {NULL, NULL}};
static const struct wf_suite suite = {"purchase_plan", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
