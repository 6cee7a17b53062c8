/* partner-center-snapshot.c: step `partner-center-snapshot`: what the partner's customers have, as a seed for the sandbox,
 * without anything that tells who they are. Reads only.
 *
 * Kept        country, segment, preconditions; offers, seats, dates (in days from now), states; licences, plans that are
 *             off, usage locations, groups.
 * Replaced    ids, names, domains and sign-in names: by what follows from the id and the partner's tenant alone, so two
 *             snapshots name the same thing alike. Nothing leads back, but who has an id can see that it is there.
 * Left out    addresses, mail, telephone, friendly names, users without a licence.
 */
#include <ctype.h>
#include <pc.h>

struct snap {
    struct pc *pc;
    const char *space; /* of the pseudonyms */
    const cJSON *only; /* customers by id; NULL: all */
    cJSON *customers;  /* the seed's */
    int64_t now_day;
    const char *customer; /* under way */
    cJSON *users;
};

/* ---- pseudonyms ---- */

/* Another id for an id, whatever case it came in. */
static const char *alias(struct snap *s, const char *id)
{
    char *lower = s->pc->host->alloc(s->pc->step, strlen(id) + 1);
    for (size_t i = 0; lower && id[i]; i++)
        lower[i] = (char)tolower((unsigned char)id[i]);
    return pc_uuid5(s->pc, s->space, lower ? lower : "");
}

/* A short name: 12 hex digits, so that two users of a large tenant do not meet. */
static const char *name_of(struct snap *s, const char *form, const char *id)
{
    const char *a = alias(s, id);
    const char *digits = pc_text(s->pc, "%.8s%.4s", a, a + 9);
    return pc_text(s->pc, "%s%s", form, digits);
}

/* ---- subscriptions ---- */

static int64_t day_of(const cJSON *sub, const char *date, int64_t otherwise)
{
    int64_t ms = pc_date(pc_str(sub, date));
    return ms < 0 ? otherwise : ms / PC_DAY_MS;
}

static cJSON *write_subscription(struct snap *s, const cJSON *sub)
{
    struct pc *pc = s->pc;
    const char *offer = pc_str(sub, "offerId"), *id = alias(s, pc_str(sub, "id"));
    bool nce = strchr(offer, ':') != NULL;
    char upper[64] = "";
    for (size_t i = 0; id[i] && i < sizeof upper - 1; i++)
        upper[i] = (char)(nce ? id[i] : toupper((unsigned char)id[i]));
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "id", upper);
    cJSON_AddStringToObject(out, "offer", offer);
    if (nce)
        cJSON_AddTrueToObject(out, "newCommerce");
    cJSON_AddNumberToObject(out, "quantity", (double)pc_int(sub, "quantity", 0));
    cJSON_AddStringToObject(out, "status", pc_str(sub, "status"));
    cJSON_AddBoolToObject(out, "autoRenew", pc_true(sub, "autoRenewEnabled"));
    /* No date means that there is no end: what the service writes as the year 9999. */
    cJSON_AddNumberToObject(
        out, "endInDays", (double)(day_of(sub, "commitmentEndDate", pc_date("9999-12-31") / PC_DAY_MS) - s->now_day));
    cJSON_AddNumberToObject(out, "ageInDays", (double)(s->now_day - day_of(sub, "creationDate", s->now_day)));
    if (*pc_str(sub, "billingCycle"))
        cJSON_AddStringToObject(out, "billingCycle", pc_str(sub, "billingCycle"));
    if (*pc_str(sub, "termDuration"))
        cJSON_AddStringToObject(out, "termDuration", pc_text(pc, "%s", pc_str(sub, "termDuration")));
    return out;
}

static int take_subscriptions(struct snap *s, cJSON *customer)
{
    const cJSON *sub, *addon;
    cJSON *subs = pc_sub_list(s->pc, s->customer), *list = cJSON_AddArrayToObject(customer, "subscriptions");
    if (!subs)
        return -1;
    cJSON_ArrayForEach(sub, subs) {
        if (*pc_str(sub, "parentSubscriptionId"))
            continue;
        cJSON *out = write_subscription(s, sub), *addons = cJSON_CreateArray();
        cJSON_ArrayForEach(addon, subs) {
            if (pc_same(pc_str(addon, "parentSubscriptionId"), pc_str(sub, "id")))
                cJSON_AddItemToArray(addons, write_subscription(s, addon));
        }
        cJSON_AddItemToObject(out, "addons", addons);
        cJSON_AddItemToArray(list, out);
    }
    pc_drop(s->pc, subs);
    return 0;
}

/* ---- users ---- */

static cJSON *write_user(struct snap *s, const cJSON *user, cJSON *licences)
{
    cJSON *out = cJSON_CreateObject();
    const char *name = name_of(s, "user-", pc_str(user, "id"));
    cJSON_AddStringToObject(out, "id", alias(s, pc_str(user, "id")));
    cJSON_AddStringToObject(out, "name", name);
    cJSON_AddStringToObject(out, "displayName", name);
    cJSON_AddStringToObject(out, "usageLocation", pc_str(user, "usageLocation"));
    if (cJSON_IsFalse(pc_member(user, "accountEnabled")))
        cJSON_AddFalseToObject(out, "enabled");
    if (pc_same(pc_str(user, "state"), "inactive"))
        cJSON_AddTrueToObject(out, "deleted");
    cJSON_AddItemToObject(out, "licenses", licences);
    return out;
}

/* disabled is consumed. */
static void add_licence(struct snap *s, cJSON *licences, const char *sku, const char *group, cJSON *disabled)
{
    cJSON *licence = cJSON_CreateObject();
    cJSON_AddStringToObject(licence, "sku", sku);
    if (*group)
        cJSON_AddStringToObject(licence, "group", name_of(s, "group-", group));
    cJSON_AddItemToObject(licence, "disabledPlans", disabled ? disabled : cJSON_CreateArray());
    cJSON_AddItemToArray(licences, licence);
}

static void keep_user(struct snap *s, const cJSON *user, cJSON *licences)
{
    if (licences->child)
        cJSON_AddItemToArray(s->users, write_user(s, user, licences));
    else
        cJSON_Delete(licences);
}

/* Graph tells all of a user at once; it is not asked for names. */
static int take_graph_page(struct pc *pc, cJSON *items, void *arg)
{
    struct snap *s = arg;
    const cJSON *user, *state;
    (void)pc;
    cJSON_ArrayForEach(user, items) {
        const cJSON *states = pc_member(user, "licenseAssignmentStates");
        states = states ? states : pc_member(user, "assignedLicenses");
        cJSON *licences = cJSON_CreateArray();
        cJSON_ArrayForEach(state, states) {
            add_licence(s, licences, pc_str(state, "skuId"), pc_str(state, "assignedByGroup"),
                cJSON_Duplicate(pc_member(state, "disabledPlans"), true));
        }
        keep_user(s, user, licences);
    }
    return 0;
}

/* Partner Center has one licence call per user; a plan that is off is one that the inventory has and the user has not. */
static int take_page(struct pc *pc, cJSON *items, void *arg)
{
    struct snap *s = arg;
    const cJSON *user, *licence, *skus = pc_skus(pc, s->customer, 600000);
    if (!skus)
        return -1;
    cJSON_ArrayForEach(user, items) {
        cJSON *held = pc_user_licences(pc, s->customer, pc_str(user, "id")), *licences;
        if (!held && pc->fault.status == 404) /* gone since the page was made */
            continue;
        if (!held)
            return -1;
        licences = cJSON_CreateArray();
        cJSON_ArrayForEach(licence, held) {
            const char *sku = pc_str(pc_member(licence, "productSku"), "id");
            const cJSON *row = pc_sku_row(skus, sku);
            cJSON *off = cJSON_CreateArray();
            pc_plans_excluded(row, licence, row, NULL, off, NULL);
            add_licence(s, licences, sku, "", off);
        }
        keep_user(s, user, licences);
        pc_drop(pc, held);
    }
    return 0;
}

static int take_users(struct snap *s, cJSON *customer)
{
    struct pc *pc = s->pc;
    const char *path =
        pc->set.graph_lookup
            ? "/users?$select=id,accountEnabled,usageLocation,assignedLicenses,licenseAssignmentStates&$top=999"
            : pc_text(pc, "/customers/%s/users?size=%lld", pc_quote(pc, s->customer), (long long)pc->set.page_size);
    struct pc_request first = {
        .path = path, .customer = s->customer, .flags = pc->set.graph_lookup ? PC_GRAPH : PC_USER};
    s->users = cJSON_AddArrayToObject(customer, "users");
    return pc_pages(pc, &first, pc->set.graph_lookup ? take_graph_page : take_page, s);
}

/* ---- customers ---- */

static int take_segment(struct snap *s, cJSON *customer)
{
    struct pc *pc = s->pc;
    const cJSON *item;
    cJSON *list = pc_get(pc, s->customer, 0, "/customers/%s/qualifications", pc_quote(pc, s->customer));
    if (!list && pc->fault.status != 404)
        return -1;
    cJSON_ArrayForEach(item, list) {
        const char *word = pc_str(item, "qualification");
        if (!*word || pc_same(word, "none") || pc_member(customer, "segment"))
            continue;
        cJSON_AddStringToObject(customer, "segment", word);
        if (*pc_str(item, "vettingStatus"))
            cJSON_AddStringToObject(customer, "vetting", pc_str(item, "vettingStatus"));
    }
    return 0;
}

static int take_agreement(struct snap *s, cJSON *customer)
{
    struct pc *pc = s->pc;
    const char *id = pc_quote(pc, s->customer);
    cJSON *agreements =
        pc_list(pc, s->customer, PC_USER, "/customers/%s/agreements?agreementType=MicrosoftCustomerAgreement", id);
    if (!agreements)
        return -1;
    cJSON_AddBoolToObject(customer, "agreement", agreements->child != NULL);
    cJSON *direct = pc_get(pc, s->customer, 0, "/customers/%s/directSignedMicrosoftCustomerAgreementStatus", id);
    if (!direct && pc->fault.status != 404)
        return -1;
    cJSON_AddBoolToObject(customer, "directSigned", pc_true(direct, "isSigned"));
    return 0;
}

/* Whatever the partner may see of it. */
static int take_whole(struct snap *s, cJSON *customer)
{
    struct pc *pc = s->pc;
    cJSON *whole = pc_get(pc, s->customer, 0, "/customers/%s", pc_quote(pc, s->customer));
    if (!whole)
        return -1;
    if (*pc_country(whole))
        cJSON_AddStringToObject(customer, "country", pc_country(whole));
    bool delegated = !cJSON_IsFalse(pc_member(whole, "allowDelegatedAccess"));
    cJSON_AddBoolToObject(customer, "delegated", delegated);
    if (!pc_same(wf_cjson_str(customer, "relationship", ""), "reseller"))
        return 0;
    if (take_segment(s, customer) || take_agreement(s, customer) || take_subscriptions(s, customer))
        return -1;
    return delegated ? take_users(s, customer) : 0;
}

static int take_customer(struct snap *s, const cJSON *item)
{
    struct pc *pc = s->pc;
    const char *relation = pc_str(item, "relationshipToPartner");
    s->customer = pc_text(pc, "%s", pc_str(item, "id"));
    cJSON *customer = cJSON_CreateObject();
    cJSON_AddItemToArray(s->customers, customer);
    cJSON_AddStringToObject(customer, "id", alias(s, s->customer));
    cJSON_AddStringToObject(customer, "name", name_of(s, "Customer ", s->customer));
    cJSON_AddStringToObject(customer, "domain", pc_text(pc, "%s.example", name_of(s, "customer-", s->customer)));
    cJSON_AddStringToObject(customer, "relationship", *relation ? relation : "reseller");
    if (take_whole(s, customer) == 0)
        return 0;
    if (pc->fault.status != 403)
        return -1;
    cJSON_AddFalseToObject(customer, "role"); /* nothing more is to be seen, and nothing could be done */
    pc->fault = (struct pc_fault){0};
    return 0;
}

static int take_customers(struct pc *pc, cJSON *items, void *arg)
{
    struct snap *s = arg;
    const cJSON *item;
    cJSON_ArrayForEach(item, items) {
        if (s->only && !pc_in(s->only, pc_str(item, "id")))
            continue;
        if (take_customer(s, item))
            return -1;
        pc->host->progress(pc->step, cJSON_GetArraySize(s->customers), 0, "customers read");
    }
    return 0;
}

static int work(struct snap *s, struct pc *pc)
{
    *s = (struct snap){.pc = pc,
        .space = pc_uuid5(pc, "wfrun snapshot", pc->tenant),
        .only = wf_cjson_get(pc->in, "customers"),
        .customers = pc_keep(pc, cJSON_CreateArray()),
        .now_day = pc_now(pc) / PC_DAY_MS};
    struct pc_request first = {.path = pc_text(pc, "/customers?size=%lld", (long long)pc->set.page_size)};
    return pc_pages(pc, &first, take_customers, s);
}

static void snapshot_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct snap s;
    if (pc_init(&pc, state, step) || work(&s, &pc)) {
        pc_fail(&pc);
    } else {
        cJSON *out = cJSON_CreateObject();
        cJSON_AddStringToObject(out, "unknown", "skip"); /* a real tenant has more offers than the sandbox knows */
        cJSON_AddItemToObject(out, "customers", cJSON_Duplicate(s.customers, true));
        wf_cjson_succeed(pc.host, step, out);
    }
    pc_done(&pc);
}

/* ---- descriptor ---- */

static int32_t snapshot_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": ["object", "null"], "additionalProperties": false,
    "properties": {
        "customers": {
            "description": "only these customers, by id; all when left out", "type": "array",
            "items": {"type": "string", "minLength": 1}
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object", "required": ["customers"],
    "properties": {
        "customers": {
            "type": "array",
            "items": {"type": "object", "required": ["id", "name", "domain", "relationship"]}
        }
    }
});

static const struct wf_step_type snapshot = {.size = sizeof snapshot,
    .effect = WF_EFFECT_READ,
    .flags = WF_STEP_BLOCKING | WF_STEP_CANCELLABLE,
    .timeout_ms = 12 * 3600 * 1000,
    .name = "partner-center-snapshot",
    .summary = "Reads customers, subscriptions and licences into a seed for the sandbox, without personal data",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = snapshot_run};
static const struct wf_step_type *const steps[] = {&snapshot, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "partner-center-snapshot",
    .version = "1.0.0",
    .summary = "Takes a picture of a partner's tenant to rehearse on",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = snapshot_open};

WF_PLUGIN_NOTE("partner-center-snapshot", "1.0.0", "partner-center-snapshot:read");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
