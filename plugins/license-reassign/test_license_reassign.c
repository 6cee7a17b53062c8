/* test_license_reassign.c: one user's swap: atomic, once, with the plans that were off still off. */
#include "lib/cunit_main.h"
#include "lib/migration.h"

static const char *text(const cJSON *tree, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tree, name));
    return value ? value : "";
}

struct world {
    struct migration *m;
    cJSON *preflight, *purchase;
};

static bool bought(struct world *w, const char *customer, const char *targets)
{
    w->m = migration_start(NULL, NULL);
    if (!w->m)
        return false;
    CU_ASSERT_TRUE(migration_buy(w->m, customer, targets, &w->preflight, &w->purchase));
    return true;
}

static void done(struct world *w)
{
    cJSON_Delete(w->preflight);
    cJSON_Delete(w->purchase);
    migration_stop(w->m);
}

static const cJSON *user(const struct world *w, const char *name)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, cJSON_GetObjectItem(w->preflight, "users")) {
        if (strstr(text(line, "upn"), name))
            return line;
    }
    return NULL;
}

static cJSON *swap(struct world *w, const char *name, uint32_t mode)
{
    return migration_call(
        w->m, w->m->reassign, "license-reassign", mode, migration_reassign_input(w->preflight, user(w, name)));
}

/* The excluded plans of the first licence of `after` or `before`, as text; the caller's. */
static char *plans(const cJSON *out, const char *when, int i)
{
    const cJSON *line = cJSON_GetArrayItem(cJSON_GetObjectItem(out, when), i);
    return cJSON_PrintUnformatted(cJSON_GetObjectItem(line, "excludedPlans"));
}

static void c7_once(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    cJSON *out = swap(&w, "m.devries", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    CU_ASSERT_EQUAL(w.m->reassign->writes, 1);
    out = swap(&w, "o.smit", WF_MODE_RUN);
    CU_ASSERT_EQUAL(w.m->reassign->requests, 3); /* read, swap, read: the plan lists are shared */
    CU_ASSERT_TRUE(cJSON_GetArraySize(cJSON_GetObjectItem(out, "newPlans")) > 5);
    out = swap(&w, "m.devries", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "already");
    CU_ASSERT_EQUAL(w.m->reassign->writes, 0);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "licenseSwaps"), 2);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "usersWithoutLicense"), 0);
    done(&w);
}

static void c7_plans(const char *style)
{
    struct world w = {0};
    char settings[64];
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    snprintf(settings, sizeof settings, "{\"disabled_plan_style\":\"%s\"}", style);
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/settings", settings));
    cJSON *out = swap(&w, "t.bakker", WF_MODE_RUN);
    char *was = plans(out, "before", 0), *is = plans(out, "after", 0);
    WF_ASSERT_TEXT(was, "[\"7547a3fe-08ee-4ccb-b430-5077c5041653\",\"a23b959c-7ce8-4e57-9140-b90eb88a9e97\","
                        "\"76846ad7-7776-4c40-a281-a386362dd1b9\"]");
    CU_ASSERT_PTR_NOT_NULL(strstr(is, "07699545-9485-468e-95b6-2fca3738be01")); /* FLOW_O365_P3 */
    CU_ASSERT_EQUAL(strlen(is), strlen(was));
    free(was);
    free(is);
    harness_forget(w.m->reassign);
    out = swap(&w, "r.bos", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(cJSON_GetArrayItem(cJSON_GetObjectItem(out, "notCarriedOver"), 0), "name"), "MCOVOICECONF");
    is = plans(out, "after", 0);
    WF_ASSERT_TEXT(is, "[\"e212cbc7-0961-4c40-9825-01117710dcb1\"]"); /* FORMS_PLAN_E5 */
    free(is);
    done(&w);
}

static void c7_absent(void)
{
    c7_plans("absent");
}

static void c7_status(void)
{
    c7_plans("status");
}

static void two_licences(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E3PBX))
        return;
    cJSON *out = swap(&w, "m.devries", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    CU_ASSERT_EQUAL(w.m->reassign->writes, 1);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "after")), 2);
    done(&w);
}

static void no_new_plans(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    cJSON *input = migration_reassign_input(w.preflight, user(&w, "m.devries"));
    cJSON_AddStringToObject(input, "newPlans", "disable");
    cJSON *out = migration_call(w.m, w.m->reassign, "license-reassign", WF_MODE_RUN, input);
    char *is = plans(out, "after", 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(is, "8e0c0a52-6a6c-4d40-8370-dd62790dcd70")); /* THREAT_INTELLIGENCE */
    CU_ASSERT_PTR_NULL(strstr(is, "efb87545"));
    free(is);
    done(&w);
}

static void unknown(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    migration_fault(w.m,
        "{\"kind\":\"reset\",\"method\":\"POST\",\"route\":\"*/licenseupdates\",\"stage\":\"after\",\"count\":1,"
        "\"probability\":1}");
    cJSON *out = swap(&w, "t.bakker", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    CU_ASSERT_EQUAL(w.m->reassign->writes, 1);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "licenseSwaps"), 1);
    harness_forget(w.m->reassign);
    w.m->reassign->crash_write = 1;
    swap(&w, "r.bos", WF_MODE_RUN);
    w.m->reassign->crash_write = 0;
    out = swap(&w, "r.bos", WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->reassign->verdict, WF_VERDICT_YES);
    char *was = plans(out, "before", 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(was, "2789c901")); /* what was off is known after the crash */
    free(was);
    swap(&w, "info", WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->reassign->verdict, WF_VERDICT_NO);
    done(&w);
}

static void no_stock(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    migration_fault(w.m,
        "{\"kind\":\"status\",\"method\":\"POST\",\"route\":\"*/licenseupdates\",\"status\":400,\"code\":60012,"
        "\"count\":2,\"probability\":1}");
    cJSON *out = swap(&w, "m.devries", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    CU_ASSERT_EQUAL(w.m->reassign->writes, 3);
    CU_ASSERT_TRUE(w.m->reassign->slept_ms >= 60000);
    done(&w);
}

static void c8_group(void)
{
    struct world w = {0};
    if (!bought(&w, "Groupwise Ltd", TO_E5))
        return;
    const cJSON *ann = cJSON_GetArrayItem(cJSON_GetObjectItem(w.preflight, "people"), 0);
    cJSON *input = migration_reassign_input(w.preflight, cJSON_GetObjectItem(ann, "id"));
    cJSON *out = migration_call(w.m, w.m->reassign, "license-reassign", WF_MODE_RUN, input);
    WF_ASSERT_TEXT(text(out, "status"), "person");
    CU_ASSERT_PTR_NOT_NULL(strstr(text(out, "reason"), "group"));
    input = migration_reassign_input(w.preflight, cJSON_GetObjectItem(ann, "id"));
    cJSON_AddStringToObject(input, "onProblem", "fail");
    migration_call(w.m, w.m->reassign, "license-reassign", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(w.m->reassign->answer, HARNESS_FAILED);
    done(&w);
}

static void c8_location(void)
{
    struct world w = {0};
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    migration_setting(w.m, "fill-usage-location", "on");
    CU_ASSERT_TRUE(migration_buy(w.m, "Nordlicht GmbH", TO_E5, &w.preflight, &w.purchase));
    migration_setting(w.m, "fill-usage-location", "off");
    cJSON *out = swap(&w, "b.kurz", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "person");
    CU_ASSERT_PTR_NOT_NULL(strstr(text(out, "reason"), "usage location"));
    migration_setting(w.m, "fill-usage-location", "on");
    out = swap(&w, "b.kurz", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    done(&w);
}

static void c11(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    struct harness *h = w.m->reassign;
    cJSON *back = cJSON_CreateObject();
    cJSON_AddItemToObject(back, "output", cJSON_Duplicate(swap(&w, "t.bakker", WF_MODE_RUN), true));
    cJSON_AddItemToObject(back, "input", migration_reassign_input(w.preflight, user(&w, "t.bakker")));
    migration_call(w.m, h, "license-reassign", WF_MODE_PLAN_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CHANGE);
    migration_call(w.m, h, "license-reassign", WF_MODE_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(h->answer, HARNESS_SUCCEEDED);
    migration_call(w.m, h, "license-reassign", WF_MODE_PLAN_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(h->action, WF_ACTION_NOTHING); /* the old licence is back */
    cJSON *output = cJSON_GetObjectItem(back, "output");
    cJSON_ReplaceItemInObject(output, "status", cJSON_CreateString("skipped"));
    migration_call(w.m, h, "license-reassign", WF_MODE_PLAN_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(h->action, WF_ACTION_NOTHING);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->why, "changed nothing for this user"));
    cJSON_ReplaceItemInObject(output, "status", cJSON_CreateString("moved"));
    cJSON_ReplaceItemInObject(
        cJSON_GetObjectItem(back, "input"), "user", cJSON_CreateString("00000000-0000-0000-0000-000000000009"));
    migration_call(w.m, h, "license-reassign", WF_MODE_PLAN_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CANNOT);
    migration_call(w.m, h, "license-reassign", WF_MODE_UNDO, back);
    WF_ASSERT_TEXT(h->title, "The licences cannot be given back");
    harness_forget(w.m->reassign);
    w.m->reassign->key = "11111111-0000-4000-8000-000000000004";
    cJSON *out = swap(&w, "t.bakker", WF_MODE_RUN);
    char *was = plans(out, "before", 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(was, "76846ad7-7776-4c40-a281-a386362dd1b9")); /* off again, as it was */
    free(was);
    done(&w);
}

static void gone(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV", TO_E5))
        return;
    cJSON *nobody = cJSON_CreateString("00000000-0000-0000-0000-000000000009");
    cJSON *out = migration_call(
        w.m, w.m->reassign, "license-reassign", WF_MODE_RUN, migration_reassign_input(w.preflight, nobody));
    WF_ASSERT_TEXT(text(out, "status"), "gone");
    cJSON_Delete(nobody);
    done(&w);
}

/* Nothing is bought yet: no inventory of the new licence. */
static void plan_alone(void)
{
    struct world w = {0};
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    w.preflight = cJSON_Duplicate(migration_preflight(w.m, "Blauwe Anker BV", TO_E5), true);
    const cJSON *out = swap(&w, "m.devries", WF_MODE_PLAN);
    struct harness *h = w.m->reassign;
    CU_ASSERT_EQUAL(h->answer, HARNESS_PLANNED);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CHANGE);
    CU_ASSERT_EQUAL(h->cost_micros, 0);
    CU_ASSERT_EQUAL(h->writes, 0);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "before")), 1);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(out, "after")), 1);
    char *facts = cJSON_PrintUnformatted(h->facts);
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_RUN, migration_purchase_input(w.preflight));
    swap(&w, "m.devries", WF_MODE_PLAN); /* the same facts with the new licences there */
    char *after = cJSON_PrintUnformatted(h->facts);
    WF_ASSERT_TEXT(after, facts);
    out = swap(&w, "m.devries", WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "moved");
    out = swap(&w, "m.devries", WF_MODE_PLAN);
    WF_ASSERT_TEXT(text(out, "status"), "already");
    CU_ASSERT_EQUAL(h->action, WF_ACTION_NOTHING);
    char *other = cJSON_PrintUnformatted(h->facts);
    CU_ASSERT_NOT_EQUAL(strcmp(other, facts), 0);
    free(other);
    free(after);
    free(facts);
    cJSON *nobody = cJSON_CreateString("00000000-0000-0000-0000-000000000009");
    out = migration_call(w.m, h, "license-reassign", WF_MODE_PLAN, migration_reassign_input(w.preflight, nobody));
    WF_ASSERT_TEXT(text(out, "status"), "gone");
    cJSON_Delete(nobody);
    done(&w);
}

static const struct wf_case cases[] = {{"C_7_a_swap_is_one_request_and_is_not_repeated", c7_once},
    {"C_7_plans_that_were_off_stay_off_under_their_new_names", c7_absent},
    {"C_7_plans_listed_as_disabled_count_as_off", c7_status},
    {"base_and_add_on_are_assigned_in_one_request", two_licences}, {"new_plans_can_be_left_off", no_new_plans},
    {"C_7_a_swap_without_an_answer_is_looked_up", unknown}, {"C_6_a_swap_waits_for_licences", no_stock},
    {"C_8_a_licence_through_a_group_needs_a_person", c8_group},
    {"C_8_a_missing_usage_location_is_filled_only_by_setting", c8_location}, {"C_11_undo_gives_back_what_was", c11},
    {"a_deleted_user_is_no_failure", gone}, {"a_plan_needs_no_licences_that_are_yet_to_be_bought", plan_alone},
    {NULL, NULL}};
static const struct wf_suite suite = {"license_reassign", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
