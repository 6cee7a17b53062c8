/* purchase_undo.c: C-11: taking back what a purchase did, as far as the service lets it.
 *
 *     bought, new commerce   cancelled, while its cancellation window is open
 *     bought, legacy         suspended, which ends its billing; the service removes it 120 days later
 *     raised                 back to the seats of before
 *     reactivated            the seats of before, then suspended again
 *     found, used            nothing: it was there
 *
 * All of a run's purchase or nothing: when one part cannot be taken back, none is. Add-ons before their base. Each part
 * looks first, so it may be repeated. The users must have been moved back: a licence that is in use is not taken away.
 */
#include "purchase.h"

struct part {
    const char *sub_id, *sku, *name;
    bool bought;
    int64_t quantity, before_quantity; /* as the run left it, and as it was */
    const char *before_status;
    const cJSON *sub; /* as it is now */
    /* what is to be done; neither: nothing */
    bool reduce;
    const char *status; /* to set; NULL: it stays */
    const char *words, *cannot;
    int64_t until_ms; /* 0: no end */
};

struct undo {
    struct pc *pc;
    const char *customer;
    struct part parts[MAX_WISHES]; /* the last first */
    size_t n;
};

/* ---- the look ---- */

/* How long new commerce takes it back; 0: it does not say. */
static int64_t window_of(const cJSON *sub)
{
    const cJSON *option;
    int64_t until = pc_date(pc_str(sub, "cancellationAllowedUntilDate"));
    cJSON_ArrayForEach(option, pc_member(sub, "refundOptions")) {
        int64_t expires = pc_date(pc_str(option, "expiresAt"));
        if (expires > until)
            until = expires;
    }
    return until > 0 ? until : 0;
}

static void decide(struct pc *pc, struct part *part)
{
    bool nce = strchr(pc_str(part->sub, "offerId"), ':') != NULL;
    int64_t seats = pc_int(part->sub, "quantity", 0);
    bool stopped = pc_sub_is(part->sub, "suspended") || pc_sub_is(part->sub, "deleted");
    if (part->bought) {
        part->status = stopped ? NULL : nce ? "deleted" : "suspended";
        part->words = pc_text(pc, "%s \"%s\" (%lld seats)", nce ? "cancel" : "suspend", part->name, (long long)seats);
    } else if (!stopped) {
        part->reduce = seats > part->before_quantity;
        part->status = pc_same(part->before_status, "suspended") ? "suspended" : NULL;
        part->words = part->status ? pc_text(pc, "suspend \"%s\" again, with %lld seats", part->name,
                                         (long long)part->before_quantity)
                                   : pc_text(pc, "take \"%s\" back from %lld to %lld seats", part->name,
                                         (long long)seats, (long long)part->before_quantity);
    }
    if (part->reduce && seats != part->quantity)
        part->cannot =
            pc_text(pc, "\"%s\" (%s) has %lld seats now, and had %lld after the run: somebody changed it since",
                part->name, part->sub_id, (long long)seats, (long long)part->quantity);
    if (!nce || !(part->status || part->reduce))
        return;
    part->until_ms = window_of(part->sub);
    if (part->until_ms && pc_now(pc) > part->until_ms)
        part->cannot =
            pc_text(pc, "the cancellation window of \"%s\" (%s) closed on %s: it is paid for until its term ends on %s",
                part->name, part->sub_id, pc_date_text(pc, part->until_ms), pc_str(part->sub, "commitmentEndDate"));
}

static bool was_changed(const cJSON *line)
{
    const char *action = wf_cjson_str(line, "action", "");
    return strcmp(action, "bought") == 0 || strcmp(action, "raised") == 0 || strcmp(action, "reactivated") == 0;
}

static int look_part(struct undo *undo, const cJSON *line)
{
    struct pc *pc = undo->pc;
    const cJSON *before = wf_cjson_get(line, "before");
    struct part *part = &undo->parts[undo->n++];
    *part = (struct part){.sub_id = wf_cjson_str(line, "subscriptionId", ""),
        .sku = wf_cjson_str(line, "skuId", ""),
        .name = wf_cjson_str(line, "name", ""),
        .bought = strcmp(wf_cjson_str(line, "action", ""), "bought") == 0,
        .quantity = pc_int(line, "quantity", 0),
        .before_quantity = pc_int(before, "quantity", 0),
        .before_status = wf_cjson_str(before, "status", "")};
    if (!*part->sub_id || (!part->bought && !part->before_quantity)) {
        part->cannot = pc_text(pc, "the run did not say %s of \"%s\"",
            *part->sub_id ? "the seats of before" : "the subscription", part->name);
        return 0;
    }
    part->sub = pc_sub_get(pc, undo->customer, part->sub_id);
    if (!part->sub)
        return pc->fault.status == 404 ? 0 : -1; /* gone: nothing is left to take back */
    decide(pc, part);
    return 0;
}

static int look(struct undo *undo, struct pc *pc)
{
    const cJSON *lines = wf_cjson_get(wf_cjson_get(pc->in, "output"), "subscriptions");
    *undo = (struct undo){.pc = pc, .customer = wf_cjson_str(wf_cjson_get(pc->in, "input"), "customerId", "")};
    for (int i = cJSON_GetArraySize(lines); i-- > 0 && undo->n < MAX_WISHES;) {
        const cJSON *line = cJSON_GetArrayItem(lines, i);
        if (was_changed(line) && look_part(undo, line))
            return -1;
    }
    return 0;
}

static const char *first_cannot(const struct undo *undo)
{
    for (size_t i = 0; i < undo->n; i++)
        if (undo->parts[i].cannot)
            return undo->parts[i].cannot;
    return NULL;
}

/* ---- the act ---- */

/* How many licences more than would remain are in use; negative: as many are free. */
static int in_use(struct undo *undo, const struct part *part, int64_t seats, int64_t *ret_over)
{
    const cJSON *skus = pc_skus(undo->pc, undo->customer, 0), *row = pc_sku_row(skus, part->sku);
    if (!skus)
        return -1;
    int64_t total = pc_int(row, "activeUnits", 0) + pc_int(row, "warningUnits", 0);
    *ret_over = pc_int(row, "consumedUnits", 0) - (total > seats ? total - seats : 0);
    return 0;
}

/* Users were moved back just now, and the inventory may not know yet: waits a little. */
static int check_unused(struct undo *undo, const struct part *part)
{
    struct pc *pc = undo->pc;
    int64_t now = pc_int(part->sub, "quantity", 0), over;
    int64_t seats = part->status ? now : now - part->before_quantity, end = pc_now(pc) + pc->set.order_lag_ms;
    for (int64_t pause = 5000;; pause = pause < 120000 ? pause * 2 : pause) {
        if (in_use(undo, part, seats, &over))
            return -1;
        if (over <= 0)
            return 0;
        if (pc_now(pc) >= end)
            return pc_fault(pc, "validation", 409, "People still hold the new licence",
                "%lld licences of \"%s\" are in use at customer %s that would be gone with subscription %s. It was "
                "left "
                "as it is. Move these users back, then roll back again.",
                (long long)over, part->name, undo->customer, part->sub_id);
        if (pc_sleep(pc, pause))
            return -1;
    }
}

static int set(struct undo *undo, const struct part *part, const char *member, cJSON *value)
{
    struct pc *pc = undo->pc;
    const char *key =
        pc_uuid5(pc, pc->host->idempotency_key(pc->step), pc_text(pc, "undo %s %s", part->sub_id, member));
    return pc_sub_change(pc, undo->customer, part->sub_id, member, value, key) ? 0 : -1;
}

static int take_back(struct undo *undo, const struct part *part)
{
    if (!part->reduce && !part->status)
        return 0;
    if (check_unused(undo, part) ||
        (part->reduce && set(undo, part, "quantity", cJSON_CreateNumber((double)part->before_quantity))))
        return -1;
    return part->status ? set(undo, part, "status", cJSON_CreateString(part->status)) : 0;
}

static int act(struct undo *undo)
{
    const char *cannot = first_cannot(undo);
    if (cannot)
        return pc_fault(undo->pc, "validation", 0, "The purchase cannot be taken back",
            "Customer %s: %s. Nothing was changed.", undo->customer, cannot);
    for (size_t i = 0; i < undo->n; i++)
        if (take_back(undo, &undo->parts[i]))
            return -1;
    return 0;
}

void purchase_undo(struct wf_step *step, void *state)
{
    struct pc pc;
    struct undo undo;
    if (pc_init(&pc, state, step) || look(&undo, &pc) || act(&undo)) {
        pc_fail(&pc);
    } else {
        cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "subscriptions");
        for (size_t i = 0; i < undo.n; i++) {
            const struct part *part = &undo.parts[i];
            cJSON *line = cJSON_CreateObject();
            cJSON_AddStringToObject(line, "subscriptionId", part->sub_id);
            cJSON_AddStringToObject(line, "done", part->status || part->reduce ? part->words : "nothing");
            cJSON_AddItemToArray(list, line);
        }
        wf_cjson_succeed(pc.host, step, out);
    }
    pc_done(&pc);
}

/* ---- the plan ---- */

/* Who still holds the licence is no concern of it: those users are moved back by undos that come before this one. */
static struct wf_planned plan_of(struct undo *undo)
{
    struct wf_planned planned = {.action = WF_ACTION_NOTHING, .words = ""};
    for (size_t i = 0; i < undo->n; i++) {
        const struct part *part = &undo->parts[i];
        if (!part->status && !part->reduce)
            continue;
        if (part->bought || planned.action == WF_ACTION_NOTHING)
            planned.action = part->bought ? WF_ACTION_REMOVE : WF_ACTION_CHANGE;
        if (part->until_ms && (!planned.until_ms || part->until_ms < planned.until_ms))
            planned.until_ms = part->until_ms;
        planned.words = pc_text(undo->pc, "%s%s%s", planned.words, *planned.words ? ", " : "", part->words);
    }
    if (planned.action == WF_ACTION_NOTHING)
        planned.words = "nothing was bought that is still there";
    if (first_cannot(undo))
        planned = (struct wf_planned){.action = WF_ACTION_CANNOT, .words = first_cannot(undo)};
    return planned;
}

void purchase_plan_undo(struct wf_step *step, void *state)
{
    struct pc pc;
    struct undo undo;
    if (pc_init(&pc, state, step) || look(&undo, &pc)) {
        pc_fail(&pc);
    } else {
        const struct wf_planned planned = plan_of(&undo);
        cJSON *facts = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(facts, "subscriptions");
        for (size_t i = 0; i < undo.n; i++) {
            const cJSON *sub = undo.parts[i].sub;
            cJSON *line = cJSON_CreateObject();
            cJSON_AddStringToObject(line, "id", undo.parts[i].sub_id);
            cJSON_AddStringToObject(line, "status", pc_str(sub, "status"));
            cJSON_AddNumberToObject(line, "quantity", (double)pc_int(sub, "quantity", 0));
            cJSON_AddItemToArray(list, line);
        }
        wf_cjson_planned(pc.host, step, &planned, NULL, facts);
    }
    pc_done(&pc);
}
