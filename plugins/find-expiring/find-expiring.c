/* find-expiring.c: step `find-expiring`: which customers hold subscriptions that will end and not be renewed. */
#include <pc.h>
#include <regex.h>
#include <stdlib.h>

#define GROUP 200 /* customers whose subscriptions are read in one go */

struct search {
    const cJSON *retired, *customers;
    int64_t now, until, warn_days;
    bool auto_renew, no_end_date;
    cJSON *found, *moved, *warnings, *skipped;
    int64_t ncustomers, nsubscriptions;
    regex_t *patterns; /* one per entry of retired, compiled when it has a namePattern */
};

static bool pattern_matches(struct search *s, size_t i, const cJSON *entry, const char *name)
{
    return *pc_str(entry, "namePattern") && regexec(&s->patterns[i], name, 0, NULL, 0) == 0;
}

/* The entry of `retired` that the subscription belongs to, by offer id or, defensively, by its name. */
static const cJSON *entry_of(struct search *s, const cJSON *sub)
{
    const cJSON *entry;
    size_t i = 0;
    cJSON_ArrayForEach(entry, s->retired) {
        if (pc_in(pc_member(entry, "offerIds"), pc_str(sub, "offerId")) ||
            pattern_matches(s, i, entry, pc_str(sub, "offerName")))
            return entry;
        i++;
    }
    return NULL;
}

static cJSON *line_of(struct search *s, const cJSON *customer, const cJSON *sub, const cJSON *entry, int64_t end)
{
    const cJSON *profile = pc_member(customer, "companyProfile");
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "customerId", pc_str(customer, "id"));
    cJSON_AddStringToObject(line, "customerName", pc_str(profile, "companyName"));
    cJSON_AddStringToObject(line, "domain", pc_str(profile, "domain"));
    cJSON_AddStringToObject(line, "subscriptionId", pc_str(sub, "id"));
    cJSON_AddStringToObject(line, "offerId", pc_str(sub, "offerId"));
    cJSON_AddStringToObject(line, "offerName", pc_str(sub, "offerName"));
    cJSON_AddStringToObject(line, "friendlyName", pc_str(sub, "friendlyName"));
    cJSON_AddNumberToObject(line, "quantity", (double)pc_int(sub, "quantity", 0));
    cJSON_AddStringToObject(line, "status", pc_str(sub, "status"));
    cJSON_AddBoolToObject(line, "autoRenew", pc_true(sub, "autoRenewEnabled"));
    if (pc_member(entry, "skuIds"))
        cJSON_AddItemToObject(line, "skuIds", cJSON_Duplicate(pc_member(entry, "skuIds"), true));
    if (end >= 0) {
        cJSON_AddStringToObject(line, "endDate", pc_str(sub, "commitmentEndDate"));
        cJSON_AddNumberToObject(line, "daysLeft", (double)((end - s->now) / PC_DAY_MS));
    }
    return line;
}

static void warn(struct search *s, const cJSON *customer, const cJSON *sub, const char *words)
{
    cJSON *warning = cJSON_CreateObject();
    cJSON_AddStringToObject(warning, "customerId", pc_str(customer, "id"));
    cJSON_AddStringToObject(warning, "customerName", pc_str(pc_member(customer, "companyProfile"), "companyName"));
    cJSON_AddStringToObject(warning, "subscriptionId", pc_str(sub, "id"));
    cJSON_AddStringToObject(warning, "message", words);
    cJSON_AddItemToArray(s->warnings, warning);
}

static void skip(struct search *s, const cJSON *customer, const char *why)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "customerId", pc_str(customer, "id"));
    cJSON_AddStringToObject(line, "customerName", pc_str(pc_member(customer, "companyProfile"), "companyName"));
    cJSON_AddStringToObject(line, "reason", why);
    cJSON_AddItemToArray(s->skipped, line);
}

static void warn_days(struct pc *pc, struct search *s, const cJSON *customer, const cJSON *sub, int64_t end)
{
    int64_t days = (end - s->now) / PC_DAY_MS;
    if (end < s->now)
        warn(s, customer, sub, pc_text(pc, "its end date %s has passed", pc_str(sub, "commitmentEndDate")));
    else if (days < s->warn_days)
        warn(s, customer, sub, pc_text(pc, "only %lld days are left until it ends", (long long)days));
}

/* Section 4.2 of the reference: what makes a subscription a candidate. */
static void take_subscription(struct pc *pc, struct search *s, const cJSON *customer, const cJSON *sub)
{
    const cJSON *entry = entry_of(s, sub);
    int64_t end = pc_date(pc_str(sub, "commitmentEndDate"));
    s->nsubscriptions++;
    if (!entry || *pc_str(sub, "parentSubscriptionId"))
        return;
    if (end >= pc_date("9000-01-01")) /* how the service writes "none" */
        end = -1;
    if (pc_sub_is(sub, "suspended")) {
        cJSON_AddItemToArray(s->moved, line_of(s, customer, sub, entry, end));
        return;
    }
    if (!pc_sub_is(sub, "active")) {
        if (!pc_sub_is(sub, "deleted") && !pc_sub_is(sub, "expired"))
            warn(s, customer, sub, pc_text(pc, "its status is \"%s\": left out", pc_str(sub, "status")));
        return;
    }
    if (pc_true(sub, "autoRenewEnabled")) {
        warn(s, customer, sub, "it would be renewed automatically, which a retired offer should not");
        if (!s->auto_renew)
            return;
    }
    if (end < 0) {
        warn(s, customer, sub, "it has no end date");
        if (!s->no_end_date)
            return;
    }
    if (end > s->until)
        return;
    if (end >= 0)
        warn_days(pc, s, customer, sub, end);
    cJSON_AddItemToArray(s->found, line_of(s, customer, sub, entry, end));
}

static int take_group(struct pc *pc, struct search *s, const cJSON **customers, size_t n)
{
    struct pc_request *reqs = pc->host->alloc(pc->step, n * sizeof *reqs);
    cJSON **replies = pc->host->alloc(pc->step, n * sizeof(cJSON *));
    struct pc_fault *faults = pc->host->alloc(pc->step, n * sizeof *faults);
    if (!reqs || !replies || !faults)
        return pc_fault(pc, "runtime", 0, "Out of memory", "There is not enough memory for %zu customers.", n);
    for (size_t i = 0; i < n; i++)
        reqs[i] = (struct pc_request){
            .path = pc_text(pc, "/customers/%s/subscriptions", pc_quote(pc, pc_str(customers[i], "id"))),
            .customer = pc_str(customers[i], "id")};
    if (pc_get_many(pc, reqs, n, replies, faults))
        return -1;
    for (size_t i = 0; i < n; i++) {
        const cJSON *sub;
        if (!replies[i] && faults[i].status != 403 && faults[i].status != 404) {
            pc->fault = faults[i];
            return -1;
        }
        if (!replies[i])
            skip(s, customers[i], faults[i].detail);
        cJSON_ArrayForEach(sub, pc_member(replies[i], "items")) {
            take_subscription(pc, s, customers[i], sub);
        }
        pc_drop(pc, replies[i]);
    }
    pc->fault = (struct pc_fault){0};
    pc->host->progress(pc->step, s->ncustomers, 0, "customers read");
    return 0;
}

static int take_page(struct pc *pc, cJSON *items, void *arg)
{
    struct search *s = arg;
    const cJSON *customer, *group[GROUP];
    size_t n = 0;
    cJSON_ArrayForEach(customer, items) {
        const char *relation = pc_str(customer, "relationshipToPartner");
        if (s->customers && !pc_in(s->customers, pc_str(customer, "id")))
            continue;
        s->ncustomers++;
        if (*relation && !pc_same(relation, "reseller")) {
            skip(s, customer, pc_text(pc, "the relationship is \"%s\", not reseller", relation));
            continue;
        }
        group[n++] = customer;
        if (n == GROUP && (take_group(pc, s, group, n) || (n = 0)))
            return -1;
    }
    return n ? take_group(pc, s, group, n) : 0;
}

/* Earliest end first; those without an end date last. */
static int by_end_date(const void *a, const void *b)
{
    int64_t left = pc_date(pc_str(*(cJSON *const *)a, "endDate")),
            right = pc_date(pc_str(*(cJSON *const *)b, "endDate"));
    if (left < 0 || right < 0)
        return (left < 0) - (right < 0);
    return (left > right) - (left < right);
}

static cJSON *sorted(cJSON *lines)
{
    size_t n = (size_t)cJSON_GetArraySize(lines);
    cJSON **order = calloc(n + 1, sizeof(cJSON *)), *out = cJSON_CreateArray();
    for (size_t i = 0; order && i < n; i++)
        order[i] = cJSON_DetachItemViaPointer(lines, lines->child);
    if (order)
        qsort(order, n, sizeof(cJSON *), by_end_date);
    for (size_t i = 0; order && i < n; i++)
        cJSON_AddItemToArray(out, order[i]);
    free(order);
    return out;
}

static int compile_patterns(struct pc *pc, struct search *s)
{
    const cJSON *entry;
    size_t i = 0;
    s->patterns = pc->host->alloc(pc->step, (size_t)(cJSON_GetArraySize(s->retired) + 1) * sizeof *s->patterns);
    if (!s->patterns)
        return pc_fault(pc, "runtime", 0, "Out of memory", "There is not enough memory.");
    cJSON_ArrayForEach(entry, s->retired) {
        const char *pattern = pc_str(entry, "namePattern");
        if (regcomp(&s->patterns[i++], *pattern ? pattern : "^$", REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
            regcomp(&s->patterns[i - 1], "^$", REG_NOSUB);
            pc_fault(pc, "validation", 0, "Bad name pattern", "\"%s\" is no extended regular expression.", pattern);
        }
    }
    return pc->fault.set ? -1 : 0;
}

static int search_init(struct pc *pc, struct search *s)
{
    const char *within = wf_cjson_str(pc->in, "within", "P1Y");
    int64_t ahead = pc_duration(within);
    *s = (struct search){.retired = wf_cjson_get(pc->in, "retired"),
        .customers = wf_cjson_get(pc->in, "customers"),
        .now = pc_now(pc),
        .warn_days = (int64_t)wf_cjson_num(pc->in, "warnDays", 30),
        .auto_renew = wf_cjson_bool(pc->in, "includeAutoRenew", false),
        .no_end_date = wf_cjson_bool(pc->in, "includeNoEndDate", false),
        .found = cJSON_CreateArray(),
        .moved = cJSON_CreateArray(),
        .warnings = cJSON_CreateArray(),
        .skipped = cJSON_CreateArray()};
    if (compile_patterns(pc, s))
        return -1;
    if (ahead < 0)
        return pc_fault(
            pc, "validation", 0, "Bad duration", "within: \"%s\" is no ISO 8601 duration such as P90D.", within);
    s->until = s->now + ahead;
    return 0;
}

static void search_done(struct search *s)
{
    for (int i = 0; s->patterns && i < cJSON_GetArraySize(s->retired); i++)
        regfree(&s->patterns[i]);
    cJSON_Delete(s->found);
    cJSON_Delete(s->moved);
    cJSON_Delete(s->warnings);
    cJSON_Delete(s->skipped);
}

static cJSON *search_output(struct search *s)
{
    cJSON *out = cJSON_CreateObject();
    cJSON_AddItemToObject(out, "subscriptions", sorted(s->found));
    cJSON_AddItemToObject(out, "moved", sorted(s->moved));
    cJSON_AddItemToObject(out, "warnings", s->warnings);
    cJSON_AddItemToObject(out, "skipped", s->skipped);
    cJSON_AddNumberToObject(out, "customersRead", (double)s->ncustomers);
    cJSON_AddNumberToObject(out, "subscriptionsRead", (double)s->nsubscriptions);
    s->warnings = s->skipped = NULL;
    return out;
}

static void find_expiring_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct search s = {0};
    if (pc_init(&pc, state, step) || search_init(&pc, &s)) {
        pc_fail(&pc);
    } else {
        struct pc_request first = {.path = pc_text(&pc, "/customers?size=%lld", (long long)pc.set.page_size)};
        if (pc_pages(&pc, &first, take_page, &s))
            pc_fail(&pc);
        else
            wf_cjson_succeed(pc.host, step, search_output(&s));
    }
    search_done(&s);
    pc_done(&pc);
}

static int32_t find_expiring_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

#define LINE_SCHEMA                                                                                                    \
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"customerId\",\"subscriptionId\",\"offerId\","  \
    "\"quantity\",\"status\",\"autoRenew\"],\"properties\":{\"customerId\":{\"type\":\"string\"},"                     \
    "\"customerName\":{\"type\":\"string\"},\"domain\":{\"type\":\"string\"},\"subscriptionId\":{\"type\":\"string\"}" \
    ","                                                                                                                \
    "\"offerId\":{\"type\":\"string\"},\"offerName\":{\"type\":\"string\"},\"friendlyName\":{\"type\":\"string\"},"    \
    "\"quantity\":{\"type\":\"integer\"},\"status\":{\"type\":\"string\"},\"autoRenew\":{\"type\":\"boolean\"},"       \
    "\"skuIds\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"endDate\":{\"type\":\"string\"},"               \
    "\"daysLeft\":{\"type\":\"integer\"}}}}"

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["retired"], "additionalProperties": false,
    "properties": {
        "retired": {
            "description": "what to look for, by offer ids or by name; skuIds are passed on", "type": "array",
            "minItems": 1,
            "items": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "offerIds": {"description": "ids of offers", "type": "array", "items": {"type": "string"}},
                    "skuIds": {"description": "ids of licences", "type": "array", "items": {"type": "string"}},
                    "namePattern": {
                        "description": "extended regular expression, any case", "type": "string", "minLength": 1
                    }
                },
                "anyOf": [{"required": ["offerIds"]}, {"required": ["namePattern"]}]
            }
        },
        "within": {
            "description": "how far ahead the end date may lie, ISO 8601; P1Y unless given", "type": "string"
        },
        "warnDays": {
            "description": "warn when fewer days are left; 30 unless given", "type": "integer", "minimum": 0
        },
        "includeAutoRenew": {"description": "also those that renew themselves", "type": "boolean"},
        "includeNoEndDate": {"description": "also those whose end date is year 9000 or later", "type": "boolean"},
        "customers": {
            "description": "only these customers, by id", "type": ["array", "null"],
            "items": {"type": "string"}
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object",
    "required": ["subscriptions", "moved", "warnings", "skipped", "customersRead", "subscriptionsRead"],
    "properties": {
        "subscriptions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["customerId", "subscriptionId", "offerId", "quantity", "status", "autoRenew"],
                "properties": {
                    "customerId": {"type": "string"},
                    "customerName": {"type": "string"},
                    "domain": {"type": "string"},
                    "subscriptionId": {"type": "string"},
                    "offerId": {"type": "string"},
                    "offerName": {"type": "string"},
                    "friendlyName": {"type": "string"},
                    "quantity": {"type": "integer"},
                    "status": {"type": "string"},
                    "autoRenew": {"type": "boolean"},
                    "skuIds": {"type": "array", "items": {"type": "string"}},
                    "endDate": {"type": "string"},
                    "daysLeft": {"type": "integer"}
                }
            }
        },
        "moved": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["customerId", "subscriptionId", "offerId", "quantity", "status", "autoRenew"],
                "properties": {
                    "customerId": {"type": "string"},
                    "customerName": {"type": "string"},
                    "domain": {"type": "string"},
                    "subscriptionId": {"type": "string"},
                    "offerId": {"type": "string"},
                    "offerName": {"type": "string"},
                    "friendlyName": {"type": "string"},
                    "quantity": {"type": "integer"},
                    "status": {"type": "string"},
                    "autoRenew": {"type": "boolean"},
                    "skuIds": {"type": "array", "items": {"type": "string"}},
                    "endDate": {"type": "string"},
                    "daysLeft": {"type": "integer"}
                }
            }
        },
        "warnings": {
            "type": "array",
            "items": {"type": "object", "required": ["customerId", "subscriptionId", "message"]}
        },
        "skipped": {"type": "array", "items": {"type": "object", "required": ["customerId", "reason"]}},
        "customersRead": {"type": "integer"},
        "subscriptionsRead": {"type": "integer"}
    }
});

static const struct wf_step_type find_expiring = {.size = sizeof find_expiring,
    .effect = WF_EFFECT_READ,
    .flags = WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT | WF_STEP_CANCELLABLE,
    .timeout_ms = 6 * 3600 * 1000,
    .name = "find-expiring",
    .summary = "Lists subscriptions of all customers that will end and not be renewed",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = find_expiring_run};
static const struct wf_step_type *const steps[] = {&find_expiring, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "find-expiring",
    .version = "1.0.0",
    .summary = "Finds subscriptions that end soon, customer by customer",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = find_expiring_open};

WF_PLUGIN_NOTE("find-expiring", "1.0.0", "find-expiring:read");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
