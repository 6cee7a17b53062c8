/* migration.c: the five steps of a migration against one sandbox. */
#include "lib/migration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SO(name) "plugins/" name "/.libs/" name ".so"

static struct harness *attach(struct migration *m, const char *path, const char *key)
{
    struct harness *h = harness_new(path);
    harness_attach(h, m->sandbox);
    h->key = key;
    m->now_ms = h->now_ms;
    return h;
}

struct migration *migration_start(const char *option, const char *value)
{
    struct sandbox *sandbox =
        sandbox_start("--seed", "small", "--clock-start", "2017-06-01T00:00:00Z", option, value, NULL);
    if (!sandbox) {
        fprintf(stderr, "the sandbox is not built: skipped\n");
        return NULL;
    }
    struct migration *m = calloc(1, sizeof *m);
    m->sandbox = sandbox;
    m->find = attach(m, SO("find-expiring"), "00000000-0000-4000-8000-000000000001");
    m->preflight = attach(m, SO("preflight"), "00000000-0000-4000-8000-000000000002");
    m->purchase = attach(m, SO("purchase"), "00000000-0000-4000-8000-000000000003");
    m->reassign = attach(m, SO("license-reassign"), "00000000-0000-4000-8000-000000000004");
    m->suspend = attach(m, SO("suspend"), "00000000-0000-4000-8000-000000000005");
    return m;
}

void migration_stop(struct migration *m)
{
    if (!m)
        return;
    harness_free(m->find);
    harness_free(m->preflight);
    harness_free(m->purchase);
    harness_free(m->reassign);
    harness_free(m->suspend);
    cJSON_Delete(m->found);
    sandbox_stop(m->sandbox);
    free(m);
}

void migration_setting(struct migration *m, const char *name, const char *value)
{
    struct harness *const all[] = {m->find, m->preflight, m->purchase, m->reassign, m->suspend};
    for (size_t i = 0; i < 5; i++)
        harness_config(all[i], name, value);
}

cJSON *migration_call(struct migration *m, struct harness *h, const char *step, uint32_t mode, cJSON *input)
{
    h->now_ms = m->now_ms;
    if (mode == WF_MODE_RUN && h->attempt == 1)
        h->intent_ms = m->now_ms;
    harness_call_tree(h, step, mode, input);
    m->now_ms = h->now_ms;
    if (h->answer == HARNESS_FAILED && getenv("HARNESS_LOG"))
        fprintf(stderr, "%s failed: %s: %s\n", step, h->title, h->detail);
    return h->output;
}

const cJSON *migration_line(struct migration *m, const char *customer)
{
    const cJSON *line;
    if (!m->found) {
        cJSON *input = cJSON_Parse("{\"retired\":" RETIRED "}");
        m->found = cJSON_Duplicate(migration_call(m, m->find, "find-expiring", WF_MODE_RUN, input), true);
    }
    cJSON_ArrayForEach(line, cJSON_GetObjectItem(m->found, "subscriptions")) {
        if (strcmp(cJSON_GetObjectItem(line, "customerName")->valuestring, customer) == 0)
            return line;
    }
    fprintf(stderr, "find-expiring did not find %s: %s\n", customer, m->find->detail);
    return NULL;
}

static void copy(cJSON *to, const char *name, const cJSON *value)
{
    cJSON_AddItemToObject(to, name, cJSON_Duplicate(value, true));
}

static const cJSON *at(const cJSON *tree, const char *a, const char *b)
{
    const cJSON *member = cJSON_GetObjectItem(tree, a);
    return b ? cJSON_GetObjectItem(member, b) : member;
}

cJSON *migration_preflight(struct migration *m, const char *customer, const char *targets)
{
    const cJSON *line = migration_line(m, customer);
    cJSON *input = cJSON_CreateObject();
    copy(input, "customerId", at(line, "customerId", NULL));
    copy(input, "subscriptionId", at(line, "subscriptionId", NULL));
    cJSON_AddItemToObject(input, "retired", cJSON_Parse(RETIRED));
    cJSON_AddItemToObject(input, "targets", cJSON_Parse(targets));
    return migration_call(m, m->preflight, "preflight", WF_MODE_RUN, input);
}

cJSON *migration_purchase_input(const cJSON *preflight)
{
    cJSON *input = cJSON_CreateObject();
    copy(input, "customerId", at(preflight, "customer", "id"));
    copy(input, "country", at(preflight, "customer", "country"));
    copy(input, "segment", at(preflight, "customer", "segment"));
    copy(input, "sourceSubscriptionId", at(preflight, "source", "subscriptionId"));
    copy(input, "quantity", at(preflight, "quantity", NULL));
    copy(input, "targets", at(preflight, "targets", NULL));
    return input;
}

cJSON *migration_reassign_input(const cJSON *preflight, const cJSON *user)
{
    cJSON *input = cJSON_CreateObject();
    copy(input, "customerId", at(preflight, "customer", "id"));
    copy(input, "user", user);
    copy(input, "remove", at(preflight, "remove", NULL));
    copy(input, "assign", at(preflight, "assign", NULL));
    return input;
}

cJSON *migration_suspend_input(const cJSON *preflight, const cJSON *purchase)
{
    cJSON *input = cJSON_CreateObject();
    copy(input, "customerId", at(preflight, "customer", "id"));
    copy(input, "subscriptionId", at(preflight, "source", "subscriptionId"));
    copy(input, "skuIds", at(preflight, "remove", NULL));
    copy(input, "newSubscriptionIds", at(purchase, "subscriptionIds", NULL));
    return input;
}

bool migration_buy(
    struct migration *m, const char *customer, const char *targets, cJSON **ret_preflight, cJSON **ret_purchase)
{
    *ret_purchase = NULL;
    *ret_preflight = cJSON_Duplicate(migration_preflight(m, customer, targets), true);
    if (!*ret_preflight)
        return false;
    cJSON *input = migration_purchase_input(*ret_preflight);
    *ret_purchase = cJSON_Duplicate(migration_call(m, m->purchase, "purchase", WF_MODE_RUN, input), true);
    return *ret_purchase != NULL;
}

int migration_move_all(struct migration *m, const cJSON *preflight)
{
    const cJSON *user;
    int moved = 0;
    cJSON_ArrayForEach(user, cJSON_GetObjectItem(preflight, "users")) {
        harness_forget(m->reassign);
        const cJSON *out =
            migration_call(m, m->reassign, "license-reassign", WF_MODE_RUN, migration_reassign_input(preflight, user));
        const char *status = cJSON_GetStringValue(cJSON_GetObjectItem(out, "status"));
        moved += status && strcmp(status, "moved") == 0;
    }
    return moved;
}

void migration_source_quantity(struct migration *m, const cJSON *preflight, int quantity)
{
    char text[512];
    snprintf(text, sizeof text, "{\"customer\":\"%s\",\"subscription\":\"%s\",\"quantity\":%d}",
        at(preflight, "customer", "id")->valuestring, at(preflight, "source", "subscriptionId")->valuestring, quantity);
    cJSON *answer = sandbox_post(m->sandbox, "/_sandbox/change", text);
    if (cJSON_GetObjectItem(answer, "error"))
        fprintf(stderr, "%s\n", cJSON_GetObjectItem(answer, "error")->valuestring);
    cJSON_Delete(answer);
}

void migration_fault(struct migration *m, const char *rule)
{
    char text[1024];
    snprintf(text, sizeof text, "{\"rules\":[%s]}", rule);
    cJSON *answer = sandbox_post(m->sandbox, "/_sandbox/faults", text);
    if (cJSON_GetObjectItem(answer, "error"))
        fprintf(stderr, "%s\n", cJSON_GetObjectItem(answer, "error")->valuestring);
    cJSON_Delete(answer);
}

cJSON *migration_state(struct migration *m)
{
    return sandbox_get(m->sandbox, "/_sandbox/dump");
}
