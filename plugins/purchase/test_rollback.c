/* test_rollback.c: C-11: a whole migration of one customer and its way back, in the reverse order of doing. */
#include "lib/cunit_main.h"
#include "lib/migration.h"

#define ANKER  "Blauwe Anker BV" /* five users on E4, one with service plans switched off */
#define TO_NCE "[{\"offerId\":\"CFQ7TTC0LF8S:0002\"}]"
#define USERS  5
#define DAY_MS ((int64_t)86400 * 1000)

struct world {
    struct migration *m;
    cJSON *preflight, *before;                /* before: the dump at the start */
    cJSON *purchase, *users[USERS], *suspend; /* {"input", "output"} of each that was done */
};

static const char *text(const cJSON *tree, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(tree, name));
    return value ? value : "";
}

static cJSON *dump(const struct world *w)
{
    return sandbox_get(w->m->sandbox, "/_sandbox/dump?stable=1");
}

static void later(struct world *w, int days)
{
    char clock[64];
    w->m->now_ms += days * DAY_MS;
    snprintf(clock, sizeof clock, "{\"now_ms\":%lld}", (long long)w->m->now_ms);
    cJSON_Delete(sandbox_post(w->m->sandbox, "/_sandbox/clock", clock));
}

static cJSON *pair(struct harness *h, cJSON *input)
{
    cJSON *pair = cJSON_CreateObject();
    cJSON_AddItemToObject(pair, "input", input);
    cJSON_AddItemToObject(pair, "output", cJSON_Duplicate(h->output, true));
    return pair;
}

static bool start(struct world *w, const char *targets, bool newcommerce)
{
    w->m = migration_start(NULL, NULL);
    if (!w->m)
        return false;
    if (newcommerce) {
        cJSON_Delete(sandbox_post(w->m->sandbox, "/_sandbox/settings", "{\"new_commerce\":true}"));
        migration_setting(w->m, "purchase-path", "newcommerce");
    }
    w->before = dump(w);
    w->preflight = cJSON_Duplicate(migration_preflight(w->m, ANKER, targets), true);
    return w->preflight != NULL;
}

static void buy(struct world *w, cJSON *input)
{
    cJSON *kept = cJSON_Duplicate(input, true);
    migration_call(w->m, w->m->purchase, "purchase", WF_MODE_RUN, input);
    CU_ASSERT_EQUAL(w->m->purchase->answer, HARNESS_SUCCEEDED);
    w->purchase = pair(w->m->purchase, kept);
}

static void move_users(struct world *w)
{
    for (int i = 0; i < USERS; i++) {
        const cJSON *user = cJSON_GetArrayItem(cJSON_GetObjectItem(w->preflight, "users"), i);
        harness_forget(w->m->reassign);
        migration_call(
            w->m, w->m->reassign, "license-reassign", WF_MODE_RUN, migration_reassign_input(w->preflight, user));
        w->users[i] = pair(w->m->reassign, migration_reassign_input(w->preflight, user));
    }
}

static void migrate(struct world *w)
{
    buy(w, migration_purchase_input(w->preflight));
    move_users(w);
    const cJSON *output = cJSON_GetObjectItem(w->purchase, "output");
    migration_call(w->m, w->m->suspend, "suspend", WF_MODE_RUN, migration_suspend_input(w->preflight, output));
    w->suspend = pair(w->m->suspend, migration_suspend_input(w->preflight, output));
    CU_ASSERT_EQUAL(w->m->suspend->answer, HARNESS_SUCCEEDED);
}

static struct harness *undo(struct world *w, struct harness *h, const char *step, const cJSON *what, uint32_t mode)
{
    migration_call(w->m, h, step, mode, cJSON_Duplicate(what, true));
    return h;
}

static struct harness *undo_purchase(struct world *w, uint32_t mode)
{
    return undo(w, w->m->purchase, "purchase", w->purchase, mode);
}

static void undo_users(struct world *w)
{
    for (int i = USERS - 1; i >= 0; i--) {
        undo(w, w->m->reassign, "license-reassign", w->users[i], WF_MODE_UNDO);
        CU_ASSERT_EQUAL(w->m->reassign->answer, HARNESS_SUCCEEDED);
    }
}

static void roll_back(struct world *w)
{
    undo(w, w->m->suspend, "suspend", w->suspend, WF_MODE_UNDO);
    CU_ASSERT_EQUAL(w->m->suspend->answer, HARNESS_SUCCEEDED);
    undo_users(w);
    undo_purchase(w, WF_MODE_UNDO);
    CU_ASSERT_EQUAL(w->m->purchase->answer, HARNESS_SUCCEEDED);
}

static void done(struct world *w)
{
    cJSON_Delete(w->preflight);
    cJSON_Delete(w->before);
    cJSON_Delete(w->purchase);
    cJSON_Delete(w->suspend);
    for (int i = 0; i < USERS; i++)
        cJSON_Delete(w->users[i]);
    migration_stop(w->m);
}

static bool is_as_before(const struct world *w)
{
    cJSON *now = dump(w);
    bool same = cJSON_Compare(now, w->before, true);
    cJSON_Delete(now);
    return same;
}

/* ---- the whole way ---- */

/* So many days after the day on which the sandbox begins, within an hour. */
static bool is_near(int64_t ms, int days)
{
    int64_t after = ms - INT64_C(1496275200000) - days * DAY_MS; /* 1 June 2017 */
    return after >= 0 && after < 3600 * 1000;
}

static void new_commerce(void)
{
    struct world w = {0};
    if (!start(&w, TO_NCE, true))
        return;
    migrate(&w);
    CU_ASSERT_FALSE(is_as_before(&w));
    later(&w, 3);
    struct harness *h = undo(&w, w.m->suspend, "suspend", w.suspend, WF_MODE_PLAN_UNDO);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CHANGE);
    CU_ASSERT_TRUE(is_near(h->until_ms, 120));
    h = undo(&w, w.m->reassign, "license-reassign", w.users[0], WF_MODE_PLAN_UNDO);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_CHANGE);
    h = undo_purchase(&w, WF_MODE_PLAN_UNDO);
    CU_ASSERT_EQUAL(h->action, WF_ACTION_REMOVE);
    CU_ASSERT_TRUE(is_near(h->until_ms, 7));
    CU_ASSERT_EQUAL(h->writes, 0);
    roll_back(&w);
    CU_ASSERT_TRUE(is_as_before(&w));
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "usersWithoutLicense"), 0);
    int writes = sandbox_count(w.m->sandbox, "writes");
    roll_back(&w); /* again, as after a crash: everything is looked at, nothing is done */
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "writes"), writes);
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_NOTHING);
    done(&w);
}

static void legacy(void)
{
    struct world w = {0};
    if (!start(&w, TO_E3PBX, false))
        return;
    migrate(&w);
    roll_back(&w);
    CU_ASSERT_FALSE(is_as_before(&w)); /* no legacy subscription can be deleted: the two are suspended */
    cJSON *now = dump(&w);
    cJSON *customer, *sub, *next;
    int extra = 0;
    cJSON_ArrayForEach(customer, cJSON_GetObjectItem(now, "customers")) {
        cJSON *subs = cJSON_GetObjectItem(customer, "subscriptions");
        for (sub = subs->child; sub; sub = next) {
            next = sub->next;
            if (!strstr(text(sub, "friendlyName"), "(wf-"))
                continue;
            WF_ASSERT_TEXT(text(sub, "status"), "suspended");
            cJSON_Delete(cJSON_DetachItemViaPointer(subs, sub));
            extra++;
        }
        cJSON *rows = cJSON_GetObjectItem(customer, "inventory");
        for (sub = rows->child; sub; sub = next) {
            next = sub->next;
            if (extra && cJSON_GetObjectItem(sub, "suspended")->valueint == USERS)
                cJSON_Delete(cJSON_DetachItemViaPointer(rows, sub));
        }
    }
    CU_ASSERT_EQUAL(extra, 2);
    CU_ASSERT_TRUE(cJSON_Compare(now, w.before, true)); /* and that is all */
    cJSON_Delete(now);
    done(&w);
}

/* ---- what a purchase changed ---- */

static void raised(void)
{
    struct world w = {0};
    if (!start(&w, TO_E5, false))
        return;
    buy(&w, migration_purchase_input(w.preflight));
    cJSON_Delete(w.purchase);
    cJSON_Delete(w.before);
    w.before = dump(&w);
    cJSON *input = migration_purchase_input(w.preflight);
    cJSON_AddStringToObject(input, "workflow", "another");
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 7);
    harness_forget(w.m->purchase);
    w.m->purchase->crash_write = 1; /* raised, and then the process is gone */
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_RUN, cJSON_Duplicate(input, true));
    w.m->purchase->crash_write = 0;
    w.m->purchase->attempt = 2;
    buy(&w, input);
    const cJSON *line =
        cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(w.purchase, "output"), "subscriptions"), 0);
    WF_ASSERT_TEXT(text(line, "action"), "raised");
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_CHANGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->purchase->why, "back from 7 to 5 seats"));
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_TRUE(is_as_before(&w));
    done(&w);
}

static void woken(void)
{
    struct world w = {0};
    static const char fixture[] =
        "{\"customers\":[{\"name\":\"Blauwe Anker BV\",\"domain\":\"slaap.example\",\"subscriptions\":["
        "{\"offer\":\"ENTERPRISEWITHSCAL\",\"quantity\":2,\"endInDays\":90},"
        "{\"offer\":\"ENTERPRISEPREMIUM\",\"quantity\":1,\"endInDays\":300,\"status\":\"suspended\"}],\"users\":["
        "{\"name\":\"a\",\"licenses\":[\"ENTERPRISEWITHSCAL\"]},{\"name\":\"b\",\"licenses\":[\"ENTERPRISEWITHSCAL\"]}]"
        "}]}";
    w.m = migration_start(NULL, NULL);
    if (!w.m)
        return;
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/seed", fixture));
    w.before = dump(&w);
    w.preflight = cJSON_Duplicate(migration_preflight(w.m, ANKER, TO_E5), true);
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_PLAN, migration_purchase_input(w.preflight));
    CU_ASSERT_EQUAL(w.m->purchase->cost_micros, 2 * 30400000); /* its billing begins again */
    buy(&w, migration_purchase_input(w.preflight));
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_CHANGE);
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_TRUE(is_as_before(&w));
    done(&w);
}

static void changed_since(void)
{
    struct world w = {0};
    if (!start(&w, TO_E5, false))
        return;
    buy(&w, migration_purchase_input(w.preflight));
    cJSON_Delete(w.purchase);
    cJSON *input = migration_purchase_input(w.preflight);
    cJSON_AddStringToObject(input, "workflow", "another");
    cJSON_SetNumberValue(cJSON_GetObjectItem(input, "quantity"), 7);
    harness_forget(w.m->purchase);
    buy(&w, input);
    const cJSON *output = cJSON_GetObjectItem(w.purchase, "output");
    const cJSON *line = cJSON_GetArrayItem(cJSON_GetObjectItem(output, "subscriptions"), 0);
    char change[256];
    snprintf(change, sizeof change, "{\"customer\":\"%s\",\"subscription\":\"%s\",\"quantity\":9}",
        text(output, "customerId"), text(line, "subscriptionId"));
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/change", change));
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_CANNOT);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->purchase->why, "somebody changed it since"));
    undo_purchase(&w, WF_MODE_UNDO);
    WF_ASSERT_TEXT(w.m->purchase->title, "The purchase cannot be taken back");
    CU_ASSERT_EQUAL(w.m->purchase->writes, 0);
    done(&w);
}

static void found(void)
{
    struct world w = {0};
    if (!start(&w, TO_E5, false))
        return;
    buy(&w, migration_purchase_input(w.preflight));
    cJSON_Delete(w.purchase);
    harness_forget(w.m->purchase); /* another run finds it by its tag */
    buy(&w, migration_purchase_input(w.preflight));
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_NOTHING);
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_EQUAL(w.m->purchase->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_EQUAL(w.m->purchase->writes, 0);
    done(&w);
}

/* A later attempt of the run that bought it still says so. */
static void bought_before(void)
{
    struct world w = {0};
    if (!start(&w, TO_NCE, true))
        return;
    cJSON_Delete(sandbox_post(w.m->sandbox, "/_sandbox/settings", "{\"stock_min_s\":9000,\"stock_max_s\":9000}"));
    migration_call(w.m, w.m->purchase, "purchase", WF_MODE_RUN, migration_purchase_input(w.preflight));
    WF_ASSERT_TEXT(w.m->purchase->type, "timeout");
    later(&w, 1);
    w.m->purchase->attempt = 2;
    buy(&w, migration_purchase_input(w.preflight));
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_REMOVE);
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_TRUE(is_as_before(&w));
    done(&w);
}

static void window_closed(void)
{
    struct world w = {0};
    if (!start(&w, TO_NCE, true))
        return;
    migrate(&w);
    later(&w, 8);
    undo(&w, w.m->suspend, "suspend", w.suspend, WF_MODE_UNDO);
    undo_users(&w); /* the users can still be moved back */
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_CANNOT);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.m->purchase->why, "closed on 2017-06-08"));
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_EQUAL(w.m->purchase->answer, HARNESS_FAILED);
    CU_ASSERT_EQUAL(w.m->purchase->writes, 0);
    done(&w);
}

static void in_use(void)
{
    struct world w = {0};
    if (!start(&w, TO_NCE, true))
        return;
    migrate(&w);
    CU_ASSERT_EQUAL(undo_purchase(&w, WF_MODE_PLAN_UNDO)->action, WF_ACTION_REMOVE); /* planned after the users */
    undo_purchase(&w, WF_MODE_UNDO);
    WF_ASSERT_TEXT(w.m->purchase->title, "People still hold the new licence");
    CU_ASSERT_EQUAL(w.m->purchase->writes, 0);
    done(&w);
}

/* Each undo stopped after its first write, and done again. */
static void crashes(void)
{
    struct world w = {0};
    if (!start(&w, TO_NCE, true))
        return;
    migrate(&w);
    w.m->suspend->crash_write = w.m->reassign->crash_write = w.m->purchase->crash_write = 1;
    undo(&w, w.m->suspend, "suspend", w.suspend, WF_MODE_UNDO);
    CU_ASSERT_NOT_EQUAL(w.m->suspend->answer, HARNESS_SUCCEEDED);
    w.m->suspend->crash_write = 0;
    undo(&w, w.m->suspend, "suspend", w.suspend, WF_MODE_UNDO);
    undo(&w, w.m->reassign, "license-reassign", w.users[USERS - 1], WF_MODE_UNDO);
    CU_ASSERT_NOT_EQUAL(w.m->reassign->answer, HARNESS_SUCCEEDED);
    w.m->reassign->crash_write = 0;
    undo_users(&w);
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_NOT_EQUAL(w.m->purchase->answer, HARNESS_SUCCEEDED);
    w.m->purchase->crash_write = 0;
    undo_purchase(&w, WF_MODE_UNDO);
    CU_ASSERT_EQUAL(w.m->purchase->answer, HARNESS_SUCCEEDED);
    CU_ASSERT_TRUE(is_as_before(&w));
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "reactivations"), 1);
    CU_ASSERT_EQUAL(sandbox_count(w.m->sandbox, "cancellations"), 1);
    done(&w);
}

static const struct wf_case cases[] = {{"a_rollback_in_new_commerce_leaves_the_tenant_as_it_was", new_commerce},
    {"a_legacy_rollback_leaves_nothing_but_suspended_purchases", legacy},
    {"raised_seats_are_lowered_also_after_a_crash", raised},
    {"what_was_woken_is_suspended_again_with_its_seats", woken},
    {"what_somebody_changed_since_is_left_alone", changed_since}, {"what_was_there_stays", found},
    {"what_an_earlier_attempt_bought_is_the_runs_own", bought_before},
    {"after_the_window_users_go_back_but_the_purchase_stays", window_closed},
    {"a_licence_in_use_is_not_taken_away", in_use}, {"an_undo_may_be_repeated_after_a_crash", crashes}, {NULL, NULL}};
static const struct wf_suite suite = {"rollback", cases};

int main(int argc, char **argv)
{
    static const struct wf_suite *const suites[] = {&suite, NULL};
    return wf_cunit_main(argc, argv, suites);
}
