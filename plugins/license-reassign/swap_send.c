/* swap_send.c: carrying out one user's change of licences: send, read back, and what a refusal asks for. */
#define _GNU_SOURCE /* strcasestr */
#include "swap.h"

#include <strings.h>

/* A repetition after a crash may find the swap done, and then could not tell any more what was before. Most users held
 * exactly `remove` with every plan on, which needs no note; only another state is remembered. */
static int note_before(struct job *job)
{
    cJSON *known = pc_recall(job->pc, "before");
    if (known || swap_is_plain(job))
        return 0;
    return pc_remember(job->pc, "before", cJSON_Duplicate(job->before, true));
}

static const char *request_id_of(struct job *job)
{
    const char *key = job->pc->host->idempotency_key(job->pc->step);
    return pc_uuid5(job->pc, key,
        pc_text(
            job->pc, "%s %u %u", job->restore ? "back" : "swap", job->pc->host->attempt(job->pc->step), job->answered));
}

static void take_warnings(struct job *job, const cJSON *reply)
{
    const cJSON *warning;
    cJSON_ArrayForEach(warning, pc_member(reply, "licenseWarnings")) {
        cJSON_AddItemToArray(job->warnings, cJSON_CreateString(pc_str(warning, "message")));
    }
}

static int send(struct job *job)
{
    struct pc *pc = job->pc;
    struct pc_request req = {.method = "POST",
        .path =
            pc_text(pc, "/customers/%s/users/%s/licenseupdates", pc_quote(pc, job->customer), pc_quote(pc, job->user)),
        .customer = job->customer,
        .body = swap_body(job),
        .request_id = request_id_of(job),
        .flags = PC_USER};
    struct pc_reply reply;
    int rc = pc_call(pc, &req, &reply);
    if (rc == 0)
        take_warnings(job, reply.json);
    if (rc == 0 || !pc->fault.unknown)
        job->answered++;
    return rc;
}

/* C-8: the country of the customer, when the setting allows it. 1: set, send again; 0: a person must; -1: fault. */
static int fill_location(struct job *job)
{
    struct pc *pc = job->pc;
    const char *user_path = pc_text(pc, "/customers/%s/users/%s", pc_quote(pc, job->customer), pc_quote(pc, job->user));
    const struct pc_fault refusal = pc->fault;
    cJSON *user = pc_get(pc, job->customer, PC_USER, "%s", user_path);
    cJSON *customer = user ? pc_get(pc, job->customer, 0, "/customers/%s", pc_quote(pc, job->customer)) : NULL;
    if (!customer)
        return -1;
    const char *country = *pc_str(user, "usageLocation") ? pc_str(user, "usageLocation") : pc_country(customer);
    pc->fault = refusal;
    if (!*country || (!*pc_str(user, "usageLocation") && !pc->set.fill_usage_location))
        return 0;
    cJSON *body = pc_keep(pc, cJSON_CreateObject());
    cJSON_AddStringToObject(body, "usageLocation", country);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "attributes"), "objectType", "CustomerUser");
    struct pc_request req = {.method = "PATCH",
        .path = user_path,
        .customer = job->customer,
        .body = body,
        .request_id = pc_uuid5(pc, request_id_of(job), "location"),
        .flags = PC_USER};
    struct pc_reply reply;
    if (pc_call(pc, &req, &reply) && !pc->fault.unknown)
        return -1;
    cJSON_AddItemToArray(job->warnings, cJSON_CreateString(pc_text(pc, "usage location set to %s", country)));
    return pc_sleep(pc, 5000) ? -1 : 1;
}

enum next { NEXT_LOOK, NEXT_PERSON, NEXT_GONE, NEXT_FAIL };

/* After a refusal: wait and look again, leave it to a person, or give up. Waits by itself. */
static enum next react(struct job *job)
{
    struct pc *pc = job->pc;
    const char *words = pc->fault.words;
    int64_t pause = 30000 << (job->waits < 4 ? job->waits : 4);
    if (pc->fault.unknown)
        return pc_sleep(pc, 2000) ? NEXT_FAIL : NEXT_LOOK;
    if (pc_fault_is(pc, 60002) || (pc->fault.status == 404 && !pc_fault_is(pc, 60003)))
        return NEXT_GONE;
    if (pc_fault_is(pc, 60012)) {
        const struct pc_fault refusal = pc->fault;
        if (pc_now(pc) - job->began_ms >= pc->set.provisioning_timeout_ms)
            return NEXT_FAIL;
        job->waits++;
        if (pc_sleep(pc, pause))
            return NEXT_FAIL;
        pc->fault = refusal;
        return NEXT_LOOK;
    }
    if (strcasestr(words, "usage location") && !job->located) {
        job->located = true;
        int rc = fill_location(job);
        return rc == 1 ? NEXT_LOOK : rc == 0 ? NEXT_PERSON : NEXT_FAIL;
    }
    return pc->fault.status == 400 || pc->fault.status == 409 ? NEXT_PERSON : NEXT_FAIL;
}

static const char *person_reason(struct job *job)
{
    const char *words = job->pc->fault.words;
    if (strcasestr(words, "usage location"))
        return "the user has no valid usage location: set it, then run again";
    if (strcasestr(words, "group") || strcasestr(words, "inherit"))
        return "the licence comes through a group: change the group's licence";
    return job->pc->fault.detail;
}

int swap_carry_out(struct job *job, const char **ret_status, const char **ret_reason)
{
    struct pc *pc = job->pc;
    for (unsigned sent = 0; sent < MAX_SENDS; sent++) {
        if (sent && swap_read(job)) /* the first look is done */
            return react(job) == NEXT_GONE ? (*ret_status = "gone", *ret_reason = "the user was deleted", 1) : -1;
        if (swap_done(job))
            return 0;
        if (job->accepted) { /* a read may be older than the change; then, it did not change what it said */
            if (job->rereads == MAX_REREADS)
                break;
            if (pc_sleep(pc, 2000 << job->rereads++))
                return -1;
            continue;
        }
        if (!job->restore && (swap_compute(job) || note_before(job)))
            return -1;
        job->accepted = send(job) == 0;
        if (job->accepted)
            continue;
        enum next next = react(job);
        if (next == NEXT_FAIL)
            return -1;
        if (next == NEXT_LOOK)
            continue;
        *ret_status = next == NEXT_GONE ? "gone" : "person";
        *ret_reason = next == NEXT_GONE ? "the user was deleted" : person_reason(job);
        return 1;
    }
    if (!job->accepted)
        return -1;
    *ret_status = "person";
    *ret_reason =
        pc_text(pc, "the service accepted the change, but the user still holds the old licence: it may come through "
                    "a group");
    return 1;
}
