/* purchase_wait.c: C-6, the gate after a purchase: nobody is touched until the licences of every target are there. */
#include "purchase.h"

/* New commerce: the order came without a subscription; the order, read by its id, will name it. */
static int resolve(struct job *job, struct wish *wish)
{
    struct pc *pc = job->pc;
    const cJSON *line;
    cJSON *order = pc_get(
        pc, job->customer, 0, "/customers/%s/orders/%s", pc_quote(pc, job->customer), pc_quote(pc, wish->order_id));
    if (!order)
        return pc->fault.status == 404 ? 0 : -1;
    cJSON_ArrayForEach(line, pc_member(order, "lineItems")) {
        if (pc_offer_same(wish->offer, pc_str(line, "offerId")) && *pc_str(line, "subscriptionId"))
            wish->sub_id = pc_text(pc, "%s", pc_str(line, "subscriptionId"));
    }
    return 0;
}

/* 1: the subscription is active, 0: not yet, -1: fault. */
static int is_active(struct job *job, struct wish *wish)
{
    struct pc *pc = job->pc;
    if (!wish->sub_id && resolve(job, wish))
        return -1;
    if (!wish->sub_id)
        return 0;
    if (pc_same(wish->status, "active"))
        return 1;
    cJSON *sub = pc_sub_get(pc, job->customer, wish->sub_id);
    if (!sub)
        return pc->fault.status == 404 ? 0 : -1;
    wish->status = pc_text(pc, "%s", pc_str(sub, "status"));
    wish->seats = pc_int(sub, "quantity", wish->seats);
    return pc_same(wish->status, "active");
}

/* How many seats the scarcest target lacks; 0 or less: enough. */
static int64_t lacking(const struct job *job)
{
    int64_t most = 0;
    for (size_t i = 0; i < job->n; i++) {
        int64_t lack = job->seats - pc_int(pc_sku_row(job->skus, job->wishes[i].sku), "availableUnits", 0);
        if (lack > most)
            most = lack;
    }
    return most;
}

/* 1: everything is there, 0: not yet, -1: fault. */
static int ready(struct job *job)
{
    int all = 1;
    for (size_t i = 0; i < job->n; i++) {
        int rc = is_active(job, &job->wishes[i]);
        if (rc < 0)
            return -1;
        all = all && rc;
    }
    job->skus = pc_skus(job->pc, job->customer, 0);
    if (!job->skus)
        return -1;
    return all && lacking(job) <= 0;
}

static int too_late(struct job *job)
{
    const struct wish *wish = &job->wishes[0];
    int64_t lack = lacking(job);
    if (strcmp(job->on_shortfall, "partial") == 0 && lack < job->seats) {
        job->shortfall = lack;
        return 0;
    }
    return pc_fault(job->pc, "timeout", 0, "The bought licences do not arrive",
        "Customer %s: %lld of %lld licences of \"%s\" cannot be assigned %lld minutes after the purchase (subscription "
        "%s, "
        "status %s). Nothing else was changed. Resume the run later; it waits again and buys nothing more.",
        job->customer, (long long)lack, (long long)job->seats, wish->name,
        (long long)(job->pc->set.provisioning_timeout_ms / 60000), wish->sub_id ? wish->sub_id : "unknown",
        wish->status ? wish->status : "unknown");
}

/* True when the service says it is done: then what lacks will not come. */
static int settled(struct job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        const struct wish *wish = &job->wishes[i];
        cJSON *status = wish->sub_id ? pc_sub_provisioning(job->pc, job->customer, wish->sub_id) : NULL;
        if (!status)
            return wish->sub_id ? -1 : 0;
        if (!pc_same(pc_str(status, "status"), "success"))
            return 0;
    }
    return 1;
}

int purchase_wait(struct job *job)
{
    struct pc *pc = job->pc;
    int64_t end = pc_now(pc) + pc->set.provisioning_timeout_ms, pause = 2000;
    bool impatient = strcmp(job->on_shortfall, "fail") == 0;
    for (;;) {
        int rc = ready(job);
        if (rc != 0)
            return rc < 0 ? -1 : 0;
        if (impatient && (rc = settled(job)) != 0)
            return rc < 0 ? -1 : too_late(job);
        int64_t left = end - pc_now(pc);
        if (left <= 0)
            return too_late(job);
        pc->host->progress(pc->step, job->seats - lacking(job), job->seats, "licences that can be assigned");
        if (pc_sleep(pc, left < pause ? left : pause))
            return -1;
        pause = pause < 150000 ? pause * 2 : 300000;
    }
}
