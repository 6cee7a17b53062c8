/* purchase_plan.c: what would be bought, and what it costs: reads alone.
 *
 * Cost        The first bill: seats that are not paid for yet x the partner's price of a seat x the months of the billing
 *             cycle (monthly 1, annual 12, ...; a cycle without months: the whole term). A subscription that is woken
 *             is paid for in full again. Seats that are added in the middle of a period may be billed in part: counted in
 *             full. Without tax. One price that is unknown makes the sum unknown.
 */
#include "purchase.h"

static const char *const verbs[] = {"use the subscription there is of", "buy", "raise the seats of", "reactivate"};

/* One target's part of the bill. */
struct bill {
    int64_t seats; /* to pay for that are not paid for now */
    int months;    /* of one billing cycle */
    int term;      /* of the commitment; 0: it can end with any cycle */
    struct pc_price price;
    int64_t micros; /* negative: unknown */
};

static int64_t seats_to_pay(const struct wish *wish)
{
    switch (wish->need) {
    case NEED_BUY:
        return wish->quantity;
    case NEED_RAISE:
        return wish->raise_to - wish->seats;
    case NEED_REACTIVATE:
        return wish->raise_to > wish->seats ? wish->raise_to : wish->seats;
    default:
        return 0;
    }
}

static int read_bill(struct job *job, const struct wish *wish, struct bill *ret_bill)
{
    bool own = wish->need != NEED_BUY; /* an existing subscription is billed as it is */
    const char *cycle = own && *wish->cycle ? wish->cycle : job->billing_cycle;
    const char *term = own && *wish->term ? wish->term : job->term;
    const struct pc_price_query query = {
        .offer = wish->offer, .country = job->country, .segment = job->segment, .billing_cycle = cycle, .term = term};
    struct bill *bill = ret_bill;
    *bill = (struct bill){.seats = seats_to_pay(wish), .months = pc_months(cycle)};
    if (!bill->months)
        bill->months = pc_months(term);
    if (job->pc->set.newcommerce && pc_months(term) > bill->months)
        bill->term = pc_months(term);
    if (!bill->seats)
        return 0;
    if (pc_price(job->pc, &query, &bill->price))
        return -1;
    bill->micros = pc_price_times(&bill->price, bill->seats, bill->months);
    return 0;
}

/* The sum in the one currency of all. */
struct sum {
    int64_t micros;
    const char *currency, *why; /* why: it is unknown */
};

static void sum_add(struct pc *pc, struct sum *sum, const struct bill *bill)
{
    if (!bill->seats || sum->micros < 0)
        return;
    if (bill->micros < 0) {
        *sum = (struct sum){.micros = -1, .why = bill->price.why};
    } else if (sum->currency && strcmp(sum->currency, bill->price.currency) != 0) {
        *sum = (struct sum){.micros = -1,
            .why = pc_text(pc, "one part is priced in %s, another in %s", sum->currency, bill->price.currency)};
    } else {
        sum->micros += bill->micros;
        sum->currency = bill->price.currency;
    }
}

static const char *months_words(struct pc *pc, int months)
{
    return months == 1 ? "month" : months == 12 ? "year" : pc_text(pc, "%d months", months);
}

static const char *words_of(struct job *job, const struct wish *wish, const struct bill *bill)
{
    struct pc *pc = job->pc;
    const char *words = pc_text(pc, "%s %lld x \"%s\"", verbs[wish->need],
        (long long)(wish->raise_to ? wish->raise_to : wish->quantity), wish->name);
    if (wish->need == NEED_RAISE)
        words = pc_text(pc, "%s (by %lld)", words, (long long)bill->seats);
    if (!bill->seats)
        return words;
    if (bill->micros < 0)
        return pc_text(pc, "%s (cost unknown: %s)", words, bill->price.why);
    words = pc_text(pc, "%s (%s for the first %s", words, pc_money(pc, bill->micros, bill->price.currency),
        months_words(pc, bill->months));
    if (bill->term)
        words = pc_text(pc, "%s, %s committed for the term of a %s", words,
            pc_money(pc, pc_price_times(&bill->price, bill->seats, bill->term), bill->price.currency),
            months_words(pc, bill->term));
    return pc_text(pc, "%s)", words);
}

/* What must not change until the plan is applied. No step that comes before this one in a plan changes any of it. */
static cJSON *target_facts(const struct wish *wish, const struct bill *bill)
{
    cJSON *facts = cJSON_CreateObject();
    cJSON_AddStringToObject(facts, "offerId", wish->offer);
    cJSON_AddStringToObject(facts, "need", verbs[wish->need]);
    cJSON_AddStringToObject(facts, "subscriptionId", wish->sub_id ? wish->sub_id : "");
    cJSON_AddNumberToObject(facts, "seats", (double)bill->seats);
    if (bill->seats && bill->micros >= 0) {
        cJSON *price = cJSON_AddObjectToObject(facts, "price");
        cJSON_AddNumberToObject(price, "micros", (double)bill->price.micros);
        cJSON_AddNumberToObject(price, "months", bill->price.months);
        cJSON_AddStringToObject(price, "currency", bill->price.currency);
    }
    return facts;
}

static cJSON *source_facts(const struct job *job)
{
    cJSON *facts = cJSON_CreateObject();
    cJSON_AddNumberToObject(facts, "quantity", (double)pc_int(job->source_sub, "quantity", 0));
    cJSON_AddStringToObject(facts, "commitmentEndDate", pc_str(job->source_sub, "commitmentEndDate"));
    return facts;
}

static uint32_t action_of(const struct wish *wish)
{
    return wish->need == NEED_BUY       ? WF_ACTION_CREATE
           : wish->need == NEED_NOTHING ? WF_ACTION_NOTHING
                                        : WF_ACTION_CHANGE;
}

/* What the run's output would say of it. A subscription that does not exist has no id yet. */
static void predict(struct wish *wish)
{
    wish->action = "planned";
    if (wish->need == NEED_BUY)
        wish->seats = wish->quantity;
    else if (wish->raise_to > wish->seats)
        wish->seats = wish->raise_to;
    wish->status = "active";
}

int purchase_plan_answer(struct job *job)
{
    struct pc *pc = job->pc;
    uint32_t action = WF_ACTION_NOTHING;
    struct sum sum = {0};
    const char *words = job->seats ? "" : "nothing to buy: nobody needs a licence";
    cJSON *facts = pc_keep(pc, cJSON_CreateObject()), *targets = cJSON_AddArrayToObject(facts, "targets");
    cJSON_AddStringToObject(facts, "customerId", job->customer);
    cJSON_AddStringToObject(facts, "sourceSubscriptionId", job->source ? job->source : "");
    cJSON_AddNumberToObject(facts, "seats", (double)job->seats);
    if (job->source_sub)
        cJSON_AddItemToObject(facts, "source", source_facts(job));
    for (size_t i = 0; job->seats && i < job->n; i++) {
        struct wish *wish = &job->wishes[i];
        struct bill bill;
        if (read_bill(job, wish, &bill))
            return -1;
        uint32_t own = action_of(wish);
        if (own != WF_ACTION_NOTHING && (action == WF_ACTION_NOTHING || own == WF_ACTION_CREATE))
            action = own;
        sum_add(pc, &sum, &bill);
        words = pc_text(pc, "%s%s%s", words, *words ? ", " : "", words_of(job, wish, &bill));
        cJSON_AddItemToArray(targets, target_facts(wish, &bill));
        predict(wish);
    }
    const struct wf_planned planned = {
        .action = action, .words = words, .cost_micros = sum.micros, .currency = sum.currency};
    wf_cjson_planned(pc->host, pc->step, &planned, purchase_output(job), cJSON_Duplicate(facts, true));
    return 0;
}
