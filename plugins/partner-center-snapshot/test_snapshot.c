/* test_snapshot.c: a picture of one sandbox, hung up in another: the same world, with nobody in it who can be recognised. */
#define _GNU_SOURCE /* strcasestr, asprintf */
#include "lib/cunit_main.h"
#include "lib/migration.h"

#include <unistd.h>

#define SO "plugins/partner-center-snapshot/.libs/partner-center-snapshot.so"

struct world {
    struct sandbox *one, *two;
    struct harness *h;
    cJSON *before; /* the dump of the first */
    char *seed;    /* the picture as text */
};

/* The picture of a world that begins with the seed; lookup: graph or partner-center. */
static bool take(struct world *w, const char *seed, const char *lookup)
{
    w->one = sandbox_start("--seed", seed, "--clock-start", "2017-06-01T08:00:00Z", NULL);
    if (!w->one)
        return false;
    w->h = harness_new(SO);
    harness_attach(w->h, w->one);
    harness_config(w->h, "licence-lookup", lookup);
    harness_call(w->h, "partner-center-snapshot", WF_MODE_RUN, "{}");
    CU_ASSERT_EQUAL(w->h->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(sandbox_count(w->one, "writes"), 0);
    w->before = sandbox_get(w->one, "/_sandbox/dump?stable=1");
    w->seed = cJSON_PrintUnformatted(w->h->output);
    return w->seed != NULL;
}

static cJSON *hang_up(struct world *w)
{
    char path[] = "/tmp/wfrun-snapshot-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs(w->seed, file);
    fclose(file);
    w->two = sandbox_start("--seed", path, "--clock-start", "2017-06-01T09:00:00Z", NULL);
    unlink(path);
    return sandbox_get(w->two, "/_sandbox/dump?stable=1");
}

static void done(struct world *w)
{
    cJSON_Delete(w->before);
    cJSON_free(w->seed);
    harness_free(w->h);
    sandbox_stop(w->one);
    sandbox_stop(w->two);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A dump without names and ids, every list sorted: what must be the same in both worlds. */
static char *shape(const cJSON *value)
{
    static const char *const own[] = {
        "id", "name", "domain", "userPrincipalName", "friendlyName", "parentSubscriptionId", "orderId", "groupId"};
    const cJSON *item;
    size_t n = 0, len = 0;
    if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
        return cJSON_PrintUnformatted(value);
    char **parts = calloc((size_t)cJSON_GetArraySize(value) + 1, sizeof *parts);
    cJSON_ArrayForEach(item, value) {
        bool skip = false;
        for (size_t i = 0; item->string && i < sizeof own / sizeof *own; i++)
            skip = skip || strcmp(item->string, own[i]) == 0;
        const cJSON *licences = cJSON_GetObjectItem(item, "licenses");
        if (skip || (licences && !licences->child)) /* users without a licence are left out */
            continue;
        char *text = shape(item);
        n += asprintf(&parts[n], "%s:%s", item->string ? item->string : "", text) > 0;
        free(text);
    }
    qsort(parts, n, sizeof *parts, by_text);
    char *text = NULL;
    FILE *out = open_memstream(&text, &len);
    fputs("(", out);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "%s ", parts[i]);
        free(parts[i]);
    }
    fputs(")", out);
    fclose(out);
    free(parts);
    return text;
}

/* What a customer that the partner cannot look into has is not in the picture. */
static void forget_hidden(cJSON *dump)
{
    cJSON *customer;
    cJSON_ArrayForEach(customer, cJSON_GetObjectItem(dump, "customers")) {
        bool mine = strcmp(cJSON_GetObjectItem(customer, "relationship")->valuestring, "reseller") == 0 &&
                    cJSON_IsTrue(cJSON_GetObjectItem(customer, "role"));
        bool users = cJSON_IsTrue(cJSON_GetObjectItem(customer, "delegated"));
        if (!mine) {
            cJSON_ReplaceItemInObject(customer, "subscriptions", cJSON_CreateArray());
            cJSON_ReplaceItemInObject(customer, "segment", cJSON_CreateString("none"));
            cJSON_ReplaceItemInObject(customer, "agreement", cJSON_CreateTrue());
            cJSON_ReplaceItemInObject(customer, "role", cJSON_CreateTrue());
        }
        if (!mine || !users) {
            cJSON_ReplaceItemInObject(customer, "users", cJSON_CreateArray());
            cJSON_ReplaceItemInObject(customer, "inventory", cJSON_CreateArray());
        }
    }
}

static void same_world(void)
{
    struct world w = {0};
    if (!take(&w, "small", "graph"))
        return;
    cJSON *after = hang_up(&w);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(after, "customers")), 15);
    forget_hidden(w.before);
    forget_hidden(after);
    char *a = shape(w.before), *b = shape(after);
    WF_ASSERT_TEXT(b, a);
    free(a);
    free(b);
    cJSON_Delete(after);
    done(&w);
}

/* Names, domains and ids of the first world, word by word. */
static void no_trace(const struct world *w, const cJSON *value)
{
    static const char *const personal[] = {"id", "name", "domain", "userPrincipalName", "orderId", "groupId"};
    const cJSON *item;
    cJSON_ArrayForEach(item, value) {
        for (size_t i = 0; item->string && cJSON_IsString(item) && i < sizeof personal / sizeof *personal; i++)
            if (strcmp(item->string, personal[i]) == 0 && strcasestr(w->seed, item->valuestring)) {
                fprintf(stderr, "%s is in the picture\n", item->valuestring);
                CU_FAIL("a name or an id is in the picture");
            }
        no_trace(w, item);
    }
}

static void privacy(void)
{
    struct world w = {0};
    if (!take(&w, "small", "graph"))
        return;
    no_trace(&w, w.before);
    CU_ASSERT_PTR_NULL(strstr(w.seed, "devries"));
    CU_ASSERT_PTR_NULL(strstr(w.seed, "onmicrosoft"));
    CU_ASSERT_PTR_NULL(strstr(w.seed, "Markt 1"));
    char *first = strdup(w.seed);
    harness_call(w.h, "partner-center-snapshot", WF_MODE_RUN, "{}"); /* the same names again */
    cJSON_free(w.seed);
    w.seed = cJSON_PrintUnformatted(w.h->output);
    WF_ASSERT_TEXT(w.seed, first);
    free(first);
    done(&w);
}

static void one_customer(void)
{
    struct world w = {0};
    if (!take(&w, "3x4", "partner-center"))
        return;
    const cJSON *customers = cJSON_GetObjectItem(w.before, "customers");
    char input[128];
    snprintf(input, sizeof input, "{\"customers\":[\"%s\"]}",
        cJSON_GetObjectItem(cJSON_GetArrayItem(customers, 1), "id")->valuestring);
    harness_call(w.h, "partner-center-snapshot", WF_MODE_RUN, input);
    const cJSON *taken = cJSON_GetObjectItem(w.h->output, "customers");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(taken), 1);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(taken, 0), "users")), 4);
    done(&w);
}

/* New commerce, and an offer that no sandbox knows. */
static void odd(void)
{
    struct world w = {0};
    if (!take(&w, "small", "graph"))
        return;
    cJSON_free(w.seed);
    w.seed = strdup("{\"unknown\":\"skip\",\"customers\":[{\"name\":\"a\",\"domain\":\"a.example\",\"subscriptions\":["
                    "{\"offer\":\"CFQ7TTC0LF8S:0002:XYZ\",\"newCommerce\":true,\"quantity\":3,\"ageInDays\":40,"
                    "\"billingCycle\":\"annual\",\"endInDays\":325},{\"offer\":\"no-such-offer\"}],\"users\":["
                    "{\"name\":\"u\",\"licenses\":[\"no-such-sku\",{\"sku\":\"ENTERPRISEPREMIUM\","
                    "\"disabledPlans\":[\"no-such-plan\",\"SWAY\"]}]}]}]}");
    cJSON *after = hang_up(&w);
    const cJSON *customer = cJSON_GetArrayItem(cJSON_GetObjectItem(after, "customers"), 0);
    const cJSON *subs = cJSON_GetObjectItem(customer, "subscriptions"), *sub = cJSON_GetArrayItem(subs, 0);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(subs), 1);
    CU_ASSERT_EQUAL(strncmp(cJSON_GetObjectItem(sub, "offerId")->valuestring, "CFQ7TTC0LF8S:0002:", 18), 0);
    WF_ASSERT_TEXT(cJSON_GetObjectItem(sub, "billingCycle")->valuestring, "annual");
    const cJSON *held = cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(customer, "users"), 0), "licenses");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(held), 1);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(held, 0), "disabledPlans")), 1);
    cJSON_Delete(after);
    done(&w);
}

static const struct wf_case cases[] = {{"a_world_made_of_its_picture_is_the_same_but_for_names", same_world},
    {"no_name_domain_or_id_is_in_the_picture", privacy}, {"only_the_customers_that_are_asked_for", one_customer},
    {"what_the_sandbox_does_not_know_is_left_out", odd}, {NULL, NULL}};
static const struct wf_suite suite = {"snapshot", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
