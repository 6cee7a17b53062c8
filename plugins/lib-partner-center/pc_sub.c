/* pc_sub.c: subscriptions: reading them, and bringing one member of one to a value. */
#include "pc_int.h"

#define SETTLE_TRIES 12
#define SEND_TRIES   3

cJSON *pc_sub_list(struct pc *pc, const char *customer)
{
    return pc_list(pc, customer, 0, "/customers/%s/subscriptions", pc_quote(pc, customer));
}

cJSON *pc_sub_get(struct pc *pc, const char *customer, const char *id)
{
    return pc_get(pc, customer, 0, "/customers/%s/subscriptions/%s", pc_quote(pc, customer), pc_quote(pc, id));
}

cJSON *pc_sub_addons(struct pc *pc, const char *customer, const char *id)
{
    return pc_list(pc, customer, 0, "/customers/%s/subscriptions/%s/addons", pc_quote(pc, customer), pc_quote(pc, id));
}

cJSON *pc_sub_provisioning(struct pc *pc, const char *customer, const char *id)
{
    cJSON *status = pc_get(pc, customer, PC_USER, "/customers/%s/subscriptions/%s/provisioningstatus",
        pc_quote(pc, customer), pc_quote(pc, id));
    if (!status && pc_fault_is(pc, 800007))
        return pc_keep(pc, cJSON_CreateObject());
    return status;
}

bool pc_sub_is(const cJSON *subscription, const char *status)
{
    return pc_same(pc_str(subscription, "status"), status);
}

/* The member has the value, whatever the case of words. */
static bool at_goal(const cJSON *sub, const char *member, const cJSON *value)
{
    const cJSON *now = pc_member(sub, member);
    if (cJSON_IsString(value))
        return pc_same(cJSON_GetStringValue(now), value->valuestring);
    return cJSON_Compare(now, value, true);
}

/* Sends the whole subscription back, with what we do not know left as it is (C-16). */
static int patch(struct pc *pc, const char *customer, const char *id, const cJSON *sub, const char *member,
    const cJSON *value, const char *request_id, struct pc_reply *ret_reply)
{
    cJSON *body = pc_keep(pc, cJSON_Duplicate(sub, true));
    pc_set(body, member, cJSON_Duplicate(value, true));
    struct pc_request req = {.method = "PATCH",
        .path = pc_text(pc, "/customers/%s/subscriptions/%s", pc_quote(pc, customer), pc_quote(pc, id)),
        .customer = customer,
        .body = body,
        .request_id = request_id,
        .etag = pc_str(pc_member(sub, "attributes"), "etag")};
    return pc_call(pc, &req, ret_reply);
}

static bool stale(const struct pc *pc)
{
    return pc_fault_is(pc, 2055) || pc->fault.status == 412;
}

/* Looks until the goal is reached. NULL without a fault: not reached in that time. */
static cJSON *settle(struct pc *pc, const char *customer, const char *id, const char *member, const cJSON *value)
{
    for (unsigned i = 0; i < SETTLE_TRIES; i++) {
        cJSON *sub = pc_sub_get(pc, customer, id);
        if (!sub || at_goal(sub, member, value))
            return sub;
        if (pc_sleep(pc, pc__backoff(i, 1000, 60000)) != 0)
            return NULL;
    }
    pc->fault = (struct pc_fault){0};
    return NULL;
}

/* The value is absolute, so sending it again after a look that did not find it does no harm. After an answer the next
 * attempt must carry a new id; after none, the same. */
static cJSON *change(
    struct pc *pc, const char *customer, const char *id, const char *member, const cJSON *value, const char *request_id)
{
    bool reread = false;
    for (unsigned sent = 0; sent < SEND_TRIES; sent++) {
        struct pc_reply reply;
        cJSON *sub = pc_sub_get(pc, customer, id);
        if (!sub || at_goal(sub, member, value))
            return sub;
        int rc = patch(pc, customer, id, sub, member, value, request_id, &reply);
        if (rc == 0 || !pc->fault.unknown)
            request_id = pc_uuid5(pc, request_id, "again");
        if (rc && stale(pc) && !reread) {
            reread = true;
            continue;
        }
        if (rc && !pc->fault.unknown)
            return NULL;
        if (rc == 0 && reply.status != 202 && at_goal(reply.json, member, value))
            return reply.json;
        cJSON *settled = settle(pc, customer, id, member, value);
        if (settled || pc->fault.set)
            return settled;
    }
    pc_fault(pc, "communication", 0, "The change does not show",
        "Subscription %s of customer %s was told to set %s, but it still does not have the value. Look at it in "
        "Partner "
        "Center, then resume the run.",
        id, customer, member);
    return NULL;
}

cJSON *pc_sub_change(
    struct pc *pc, const char *customer, const char *id, const char *member, cJSON *value, const char *request_id)
{
    return change(pc, customer, id, member, pc_keep(pc, value), request_id);
}
