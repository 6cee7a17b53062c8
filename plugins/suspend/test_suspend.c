/* test_suspend.c: the gate before a suspension, the suspension, and the way back. */
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

static bool bought(struct world *w, const char *customer)
{
    w->m = migration_start(NULL, NULL);
    if (!w->m)
        return false;
    CU_ASSERT_TRUE(migration_buy(w->m, customer, TO_E5, &w->preflight, &w->purchase));
    return true;
}

static void done(struct world *w)
{
    cJSON_Delete(w->preflight);
    cJSON_Delete(w->purchase);
    migration_stop(w->m);
}

static cJSON *stop(struct world *w, uint32_t mode)
{
    return migration_call(w->m, w->m->suspend, "suspend", mode, migration_suspend_input(w->preflight, w->purchase));
}

static void c9_people(void)
{
    struct world w = {0};
    if (!bought(&w, "Blauwe Anker BV"))
        return;
    stop(&w, WF_MODE_RUN);
    CU_ASSERT_EQUAL(w.m->suspend->answer, HARNESS_FAILED);
    WF_ASSERT_TEXT(w.m->suspend->title, "People still hold the old licence");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(w.m->suspend->data, "people")), 5);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->suspend->detail, "m.devries@"));
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "suspensions"), 0);
    CU_ASSERT_EQUAL(migration_move_all(w.m, w.preflight), 5);
    cJSON *out = stop(&w, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    WF_ASSERT_TEXT(text(out, "deprovisionDate"), "2017-09-29T00:00:00Z"); /* 120 days after 1 June */
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "suspensions"), 1);
    out = stop(&w, WF_MODE_RUN);
    CU_ASSERT_PTR_NOT_NULL(out);
    CU_ASSERT_EQUAL(w.m->suspend->writes, 0);
    done(&w);
}

static void c9_successor(void)
{
    struct world w = {0};
    if (!bought(&w, "Leeg Stichting"))
        return;
    cJSON *input = migration_suspend_input(w.preflight, w.purchase);
    cJSON_ReplaceItemInObject(input, "newSubscriptionIds", cJSON_Parse("[\"00000000-0000-0000-0000-000000000009\"]"));
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(w.m->suspend->answer, HARNESS_FAILED);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "suspensions"), 0);
    cJSON *out = stop(&w, WF_MODE_RUN); /* nobody used it, so it needs no successor */
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    done(&w);
}

static bool ready(struct world *w)
{
    if (!bought(w, "Leeg Stichting"))
        return false;
    return true;
}

static void stale(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    migration_fault(w.m, "{\"kind\":\"stale-etag\",\"method\":\"PATCH\",\"count\":1,\"probability\":1}");
    cJSON *out = stop(&w, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    CU_ASSERT_EQUAL(w.m->suspend->writes, 2);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "suspensions"), 1);
    done(&w);
}

static void accepted(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    migration_fault(w.m, "{\"kind\":\"accepted\",\"method\":\"PATCH\",\"count\":1,\"probability\":1}");
    cJSON *out = stop(&w, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    done(&w);
}

static void unknown(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    migration_fault(w.m, "{\"kind\":\"reset\",\"method\":\"PATCH\",\"stage\":\"after\",\"count\":1,\"probability\":1}");
    cJSON *out = stop(&w, WF_MODE_RUN);
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    CU_ASSERT_EQUAL(w.m->suspend->writes, 1);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "suspensions"), 1);
    out = stop(&w, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->suspend->verdict, WF_VERDICT_YES);
    done(&w);
}

static void look_again(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    stop(&w, WF_MODE_RUN);
    migration_fault(w.m, "{\"kind\":\"status\",\"method\":\"GET\",\"status\":503,\"count\":20}");
    stop(&w, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->suspend->verdict, WF_VERDICT_YES);
    migration_fault(w.m, "{\"kind\":\"status\",\"method\":\"GET\",\"status\":503}");
    stop(&w, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->suspend->verdict, WF_VERDICT_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->suspend->why, "503"));
    done(&w);
}

static void c11(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    stop(&w, WF_MODE_VERIFY);
    CU_ASSERT_EQUAL(w.m->suspend->verdict, WF_VERDICT_NO);
    cJSON *back = cJSON_CreateObject();
    cJSON_AddItemToObject(back, "output", cJSON_Duplicate(stop(&w, WF_MODE_RUN), true));
    cJSON_AddItemToObject(back, "input", migration_suspend_input(w.preflight, w.purchase));
    cJSON *later = cJSON_Duplicate(back, true);
    cJSON *out = migration_call(w.m, w.m->suspend, "suspend", WF_MODE_UNDO, back);
    WF_ASSERT_TEXT(text(out, "status"), "active");
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "reactivations"), 1);
    harness_forget(w.m->suspend);
    w.m->suspend->key = "22222222-0000-4000-8000-000000000005";
    stop(&w, WF_MODE_RUN);
    w.m->now_ms += (int64_t)121 * 86400 * 1000;
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/clock", "{\"advance_ms\":10454400000}"));
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_PLAN_UNDO, cJSON_Duplicate(later, true));
    CU_ASSERT_EQUAL(w.m->suspend->action, WF_ACTION_CANNOT);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->suspend->why, "removes it 120 days after"));
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_UNDO, later);
    WF_ASSERT_TEXT(w.m->suspend->title, "Too late to reactivate");
    done(&w);
}

static cJSON *pair(struct world *w, cJSON *input)
{
    cJSON *pair = cJSON_CreateObject();
    cJSON_AddItemToObject(pair, "input", input);
    cJSON_AddItemToObject(pair, "output", cJSON_Duplicate(w->m->suspend->output, true));
    return pair;
}

/* What was suspended before the run stays so; a crash in between does not make it look like that. */
static void c11_not_ours(void)
{
    struct world w = {0};
    if (!ready(&w))
        return;
    w.m->suspend->crash_write = 1;
    stop(&w, WF_MODE_RUN);
    w.m->suspend->crash_write = 0;
    w.m->suspend->attempt = 2;
    WF_ASSERT_TEXT(text(stop(&w, WF_MODE_RUN), "before"), "active");
    harness_forget(w.m->suspend);
    WF_ASSERT_TEXT(text(stop(&w, WF_MODE_RUN), "before"), "suspended"); /* another run comes too late */
    cJSON *back = pair(&w, migration_suspend_input(w.preflight, w.purchase));
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_PLAN_UNDO, cJSON_Duplicate(back, true));
    CU_ASSERT_EQUAL(w.m->suspend->action, WF_ACTION_NOTHING);
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_UNDO, back);
    CU_ASSERT_EQUAL(w.m->suspend->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.m->suspend->writes, 0);
    done(&w);
}

static void c11_addons(void)
{
    struct world w = {0};
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    const cJSON *line;
    char *before, *after;
    cJSON *fixture =
        cJSON_Parse("{\"customers\":[{\"name\":\"Telefoonhuis BV\",\"domain\":\"t.example\",\"subscriptions\":[{"
                    "\"offer\":\"ENTERPRISEWITHSCAL\",\"addons\":[{\"offer\":\"MCOEV\"}]}]}]}");
    char *seed = cJSON_PrintUnformatted(fixture);
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/seed", seed)); /* nobody holds a licence here */
    line = migration_line(w.m, "Telefoonhuis BV");
    cJSON *input = cJSON_CreateObject();
    cJSON_AddItemToObject(input, "customerId", cJSON_Duplicate(cJSON_GetObjectItem(line, "customerId"), true));
    cJSON_AddItemToObject(input, "subscriptionId", cJSON_Duplicate(cJSON_GetObjectItem(line, "subscriptionId"), true));
    cJSON_AddItemToObject(input, "skuIds", cJSON_Parse("[\"" SKU4 "\"]"));
    cJSON_AddItemToObject(input, "newSubscriptionIds", cJSON_CreateArray());
    cJSON_AddItemToObject(input, "releasedAddons", cJSON_Parse("[\"" PBX "\"]"));
    cJSON *dump = sandbox_get(w.m->sandbox, "/_sandbox/dump?stable=1");
    before = cJSON_PrintUnformatted(dump);
    cJSON_Delete(dump);
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_RUN, cJSON_Duplicate(input, true));
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(w.m->suspend->output, "suspendedAddons")), 1);
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_UNDO, pair(&w, input));
    CU_ASSERT_EQUAL(w.m->suspend->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "reactivations"), 2);
    dump = sandbox_get(w.m->sandbox, "/_sandbox/dump?stable=1");
    after = cJSON_PrintUnformatted(dump);
    WF_ASSERT_TEXT(after, before);
    cJSON_Delete(dump);
    cJSON_Delete(fixture);
    free(seed);
    free(before);
    free(after);
    done(&w);
}

/* Earlier steps of the plan were only planned: users hold the old licence, the successor does not exist. */
static void plan_alone(void)
{
    struct world w = {0};
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    w.preflight = cJSON_Duplicate(migration_preflight(w.m, "Blauwe Anker BV", TO_E5), true);
    w.purchase = cJSON_Parse("{\"subscriptionIds\":[]}");
    const cJSON *out = stop(&w, WF_MODE_PLAN);
    struct harness *h = w.m->suspend;
    CU_ASSERT_EQUAL(h->answer, HARNESS_PLANNED);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CHANGE);
    CU_ASSERT_EQUAL(h->cost_micros, 0);
    CU_ASSERT_EQUAL(h->writes, 0);
    WF_ASSERT_TEXT(text(out, "status"), "suspended");
    WF_ASSERT_TEXT(text(out, "deprovisionDate"), "2017-09-29T00:00:00Z");
    char *facts = cJSON_PrintUnformatted(h->facts);
    cJSON_Delete(w.purchase);
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_RUN, migration_purchase_input(w.preflight));
    w.purchase = cJSON_Duplicate(w.m->purchase->output, true);
    CU_ASSERT_EQUAL(migration_move_all(w.m, w.preflight), 5);
    stop(&w, WF_MODE_PLAN); /* the same facts after the steps before it were really done */
    char *after = cJSON_PrintUnformatted(h->facts);
    WF_ASSERT_TEXT(after, facts);
    stop(&w, WF_MODE_RUN);
    stop(&w, WF_MODE_PLAN);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_NOTHING);
    char *other = cJSON_PrintUnformatted(h->facts);
    CU_ASSERT_NOT_EQUAL(strcmp(other, facts), 0);
    free(other);
    free(after);
    free(facts);
    done(&w);
}

static void plan_with_addon(void)
{
    struct world w = {0};
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    cJSON *input = cJSON_CreateObject();
    const cJSON *line = migration_line(w.m, "Telefoonhuis BV");
    cJSON_AddItemToObject(input, "customerId", cJSON_Duplicate(cJSON_GetObjectItem(line, "customerId"), true));
    cJSON_AddItemToObject(input, "subscriptionId", cJSON_Duplicate(cJSON_GetObjectItem(line, "subscriptionId"), true));
    cJSON_AddItemToObject(input, "skuIds", cJSON_Parse("[\"" SKU4 "\"]"));
    cJSON_AddItemToObject(input, "newSubscriptionIds", cJSON_CreateArray());
    migration_call(w.m, w.m->suspend, "suspend", WF_MODE_PLAN, input);
    CU_ASSERT_EQUAL(w.m->suspend->action, WF_ACTION_CANNOT);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->suspend->why, "is an add-on of subscription"));
    done(&w);
}

/* ---- C-16: what is sent back ---- */

struct wire {
    char body[2048], etag[64];
    bool suspended;
};

static bool answer(struct harness *h, const struct wf_http_request *req, struct harness_reply *reply)
{
    struct wire *w = h->arg;
    reply->body = "{\"items\":[]}";
    if (strstr(req->url, "/oauth2/"))
        reply->body = "{\"access_token\":\"t\",\"expires_in\":3599}";
    else if (strcmp(req->method, "PATCH") == 0) {
        snprintf(w->body, sizeof w->body, "%.*s", (int)req->body.len, req->body.ptr);
        for (size_t i = 0; i < req->nheaders; i++)
            if (strcmp(req->headers[i].name, "If-Match") == 0)
                snprintf(w->etag, sizeof w->etag, "%s", req->headers[i].value);
        w->suspended = true;
        reply->status = 202;
        reply->body = "";
    } else if (strstr(req->url, "/subscriptions/s1") && !strstr(req->url, "addons"))
        reply->body = w->suspended ? "{\"id\":\"s1\",\"status\":\"Suspended\",\"future\":{\"x\":[1,2]}}"
                                   : "{\"id\":\"s1\",\"status\":\"active\",\"future\":{\"x\":[1,2]},\"quantity\":3,"
                                     "\"attributes\":{\"etag\":\"abc\",\"objectType\":\"Subscription\"}}";
    return true;
}

static void c16(void)
{
    struct wire w = {0};
    struct harness *h = harness_new("plugins/suspend/.libs/suspend.so");
    harness_secret(
        h, "partner-center", "{\"tenant\":\"t\",\"clientId\":\"c\",\"clientSecret\":\"s\",\"refreshToken\":\"r\"}");
    harness_config(h, "authority", "http://suspend.example");
    h->script = answer;
    h->arg = &w;
    harness_call(h, "suspend", WF_MODE_RUN,
        "{\"customerId\":\"c1\",\"subscriptionId\":\"s1\",\"skuIds\":[\"k\"],\"newSubscriptionIds\":[]}");
    CU_ASSERT_EQUAL(h->answer, HARNESS_SUCCEEDED);
    WF_ASSERT_TEXT(w.body,
        "{\"id\":\"s1\",\"status\":\"suspended\",\"future\":{\"x\":[1,2]},\"quantity\":3,\"attributes\":{\"etag\":"
        "\"abc\",\"objectType\":\"Subscription\"}}");
    WF_ASSERT_TEXT(w.etag, "\"abc\"");
    harness_free(h);
}

static const struct wf_case cases[] = {{"C_9_nothing_is_suspended_while_people_hold_the_licence", c9_people},
    {"C_9_the_successor_must_be_there", c9_successor}, {"a_stale_etag_is_read_again_once", stale},
    {"a_202_is_waited_for", accepted}, {"a_suspension_without_an_answer_is_looked_up", unknown},
    {"a_service_that_does_not_work_for_some_minutes_leaves_nothing_in_doubt", look_again},
    {"a_plan_does_not_wait_for_users_that_are_moved_before_it", plan_alone},
    {"a_plan_says_what_hangs_on_the_subscription", plan_with_addon},
    {"C_11_a_suspension_is_taken_back_within_120_days", c11}, {"C_11_what_was_suspended_before_stays_so", c11_not_ours},
    {"C_11_add_ons_come_back_with_their_base", c11_addons},
    {"C_16_members_we_do_not_know_are_sent_back_unchanged", c16}, {NULL, NULL}};
static const struct wf_suite suite = {"suspend", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
