/* preflight.c: step `preflight`: can this customer be moved, and what exactly is to be moved? Reads only.
 *
 * Whatever would stop a later step stops here, before money is spent: with the service's own words where it has any.
 * The output is what purchase, license-reassign and suspend need. */
#include <pc.h>
#include <stdlib.h>

struct check {
    struct pc *pc;
    const char *customer_id, *subscription_id, *country, *segment;
    const cJSON *customer, *source;
    const cJSON *chosen;                                          /* the targets for the customer's segment */
    const char *sku;                                              /* what the source licenses */
    cJSON *targets, *assign, *users, *people, *warnings, *addons; /* go into the output */
    int64_t seats;
};

static void warn(struct check *c, const char *words)
{
    cJSON_AddItemToArray(c->warnings, cJSON_CreateString(words));
}

/* ---- the customer ---- */

static int check_customer(struct check *c)
{
    struct pc *pc = c->pc;
    c->customer = pc_get(pc, c->customer_id, 0, "/customers/%s", pc_quote(pc, c->customer_id));
    if (!c->customer)
        return -1;
    const char *relation = pc_str(c->customer, "relationshipToPartner");
    if (*relation && !pc_same(relation, "reseller"))
        return pc_fault(pc, "authorization", 403, "No reseller relationship",
            "The relationship with customer %s is \"%s\"; only a reseller can buy for them. Ask for the relationship "
            "first.",
            c->customer_id, relation);
    if (cJSON_IsFalse(pc_member(c->customer, "allowDelegatedAccess")))
        return pc_fault(pc, "authorization", 403, "No delegated access",
            "Customer %s does not let the partner administer its users (allowDelegatedAccess is false), so no licence "
            "could be "
            "moved. Ask the customer for delegated administration.",
            c->customer_id);
    c->country = pc_country(c->customer);
    c->segment = pc_segment(pc, c->customer_id);
    return c->segment ? 0 : -1;
}

/* Section 10: only looked at, never confirmed on the customer's behalf. */
static int check_agreement(struct check *c)
{
    struct pc *pc = c->pc;
    const char *id = pc_quote(pc, c->customer_id);
    cJSON *signed_ones =
        pc_list(pc, c->customer_id, PC_USER, "/customers/%s/agreements?agreementType=MicrosoftCustomerAgreement", id);
    if (!signed_ones)
        return -1;
    if (signed_ones->child)
        return 0;
    cJSON *direct = pc_get(pc, c->customer_id, 0, "/customers/%s/directSignedMicrosoftCustomerAgreementStatus", id);
    if (!direct && pc->fault.status != 404)
        return -1;
    if (pc_true(direct, "isSigned"))
        return 0;
    pc_fault(pc, "authorization", 403, "The customer has not accepted the agreement",
        "Customer %s (%s) has not accepted the Microsoft Customer Agreement; a purchase would be refused with code "
        "13605. Have "
        "them accept it, confirm it in Partner Center, then run again.",
        pc_str(pc_member(c->customer, "companyProfile"), "companyName"), c->customer_id);
    pc_fault_add(pc, "code", cJSON_CreateNumber(13605));
    return -1;
}

/* ---- the old subscription ---- */

static bool retired_offer(const struct check *c, const char *offer)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, wf_cjson_get(c->pc->in, "retired")) {
        if (pc_in(pc_member(entry, "offerIds"), offer))
            return true;
    }
    return false;
}

/* Whether any entry names SKUs, and the one SKU when exactly one is named at all. */
static bool retired_sku(const struct check *c, const char *sku, bool *ret_any, const char **ret_only)
{
    const cJSON *entry, *id;
    bool found = false;
    size_t n = 0;
    cJSON_ArrayForEach(entry, wf_cjson_get(c->pc->in, "retired")) {
        cJSON_ArrayForEach(id, pc_member(entry, "skuIds")) {
            found = found || pc_same(cJSON_GetStringValue(id), sku);
            *ret_only = n++ ? NULL : cJSON_GetStringValue(id);
        }
    }
    *ret_any = n > 0;
    return found;
}

/* The provisioning status is the best proof which licence a subscription feeds. */
static int check_sku(struct check *c)
{
    struct pc *pc = c->pc;
    bool any;
    const char *only = NULL;
    cJSON *status = pc_sub_provisioning(pc, c->customer_id, c->subscription_id);
    if (!status)
        return -1;
    c->sku = pc_str(status, "skuId");
    bool known = retired_sku(c, c->sku, &any, &only);
    if (!*c->sku && only) {
        c->sku = only;
        return 0;
    }
    if (!*c->sku)
        return pc_fault(pc, "validation", 0, "The licence of the subscription is not known",
            "The service does not say which licence subscription %s gives, and the input names no single one. Add "
            "skuIds to "
            "retired.",
            c->subscription_id);
    if (any && !known && !retired_offer(c, pc_str(c->source, "offerId")))
        return pc_fault(pc, "validation", 0, "Not a retired subscription",
            "Subscription %s of customer %s gives the licence %s, which is none of the retired ones. It is left alone.",
            c->subscription_id, c->customer_id, c->sku);
    return 0;
}

static int check_source(struct check *c)
{
    struct pc *pc = c->pc;
    c->source = pc_sub_get(pc, c->customer_id, c->subscription_id);
    if (!c->source)
        return -1;
    if (!pc_sub_is(c->source, "active"))
        return pc_fault(pc, "validation", 0, "The old subscription is not active",
            "Subscription %s of customer %s is \"%s\": there is nothing to move from it.", c->subscription_id,
            c->customer_id, pc_str(c->source, "status"));
    int64_t end = pc_date(pc_str(c->source, "commitmentEndDate")), now = pc_now(pc);
    if (end >= 0 && end - now < pc->set.provisioning_timeout_ms + pc->set.order_lag_ms)
        warn(c, pc_text(pc, "the subscription ends on %s: before the new licences may have arrived",
                    pc_str(c->source, "commitmentEndDate")));
    return check_sku(c);
}

/* C-9: suspending the base takes its add-ons with it. */
static int check_addons(struct check *c)
{
    struct pc *pc = c->pc;
    const cJSON *released = wf_cjson_get(pc->in, "releaseAddons"), *addon;
    cJSON *addons = pc_sub_addons(pc, c->customer_id, c->subscription_id);
    if (!addons)
        return -1;
    cJSON_ArrayForEach(addon, addons) {
        if (!pc_sub_is(addon, "active") && !pc_sub_is(addon, "pending"))
            continue;
        if (!pc_in(released, pc_str(addon, "offerId")) && !pc_in(released, pc_str(addon, "id")))
            return pc_fault(pc, "validation", 0, "An add-on hangs on the old subscription",
                "\"%s\" (subscription %s, offer %s) is an add-on of %s and would be suspended with it. Move it first, "
                "or name its "
                "offer in releaseAddons when it may end.",
                pc_str(addon, "offerName"), pc_str(addon, "id"), pc_str(addon, "offerId"), c->subscription_id);
        cJSON_AddItemToArray(c->addons, cJSON_CreateString(pc_str(addon, "id")));
        warn(c,
            pc_text(pc, "the add-on \"%s\" will be suspended with the old subscription", pc_str(addon, "offerName")));
    }
    return 0;
}

/* ---- the targets ---- */

/* How a segment's list of targets may be called, besides its own name. */
static const char *other_name(const char *segment)
{
    if (strncmp(segment, "government", 10) == 0)
        return "government";
    return pc_same(segment, "state_owned_entity") ? "commercial" : segment;
}

/* A list for every segment, or one for all. */
static int choose_targets(struct check *c)
{
    const cJSON *given = wf_cjson_get(c->pc->in, "targets");
    c->chosen = cJSON_IsArray(given) ? given : pc_member(given, c->segment);
    if (!c->chosen)
        c->chosen = pc_member(given, other_name(c->segment));
    if (cJSON_GetArraySize(c->chosen) > 0)
        return 0;
    return pc_fault(c->pc, "validation", 0, "No target for this segment",
        "Customer %s is of the segment \"%s\", for which the input names no target offers. Offers of another segment "
        "cannot be "
        "bought for them.",
        c->customer_id, c->segment);
}

static int check_target(struct check *c, const cJSON *target)
{
    struct pc *pc = c->pc;
    bool any;
    const char *only, *offer_id = pc_str(target, "offerId"), *base = pc_str(target, "addonTo");
    if (retired_offer(c, offer_id) || pc_offer_same(offer_id, pc_str(c->source, "offerId")))
        return pc_fault(pc, "validation", 0, "The target is retired itself",
            "The target offer %s is one of the retired ones, so it is never ordered. Correct the targets.", offer_id);
    cJSON *offer = pc_offer(pc, c->customer_id, c->country, c->segment, offer_id);
    if (!offer || pc_offer_check(pc, offer, c->segment))
        return -1;
    const char *sku = pc_str(pc_member(offer, "product"), "id"), *name = pc_str(target, "name");
    if (*pc_str(target, "skuId"))
        sku = pc_str(target, "skuId");
    if (!*sku || retired_sku(c, sku, &any, &only) || pc_same(sku, c->sku))
        return pc_fault(pc, "validation", 0,
            *sku ? "The target is retired itself" : "The licence of a target is not known",
            "The target offer %s gives the licence \"%s\"; it must be known and none of the retired ones.", offer_id,
            sku);
    const cJSON *parents = pc_member(offer, "prerequisiteOffers");
    if (*base && cJSON_GetArraySize(parents) > 0 && !pc_in(parents, base))
        return pc_fault(pc, "validation", 0, "The add-on does not belong to that base",
            "\"%s\" (%s) cannot be bought on top of the offer %s.", pc_str(offer, "name"), offer_id, base);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "offerId", offer_id);
    cJSON_AddStringToObject(line, "skuId", sku);
    cJSON_AddStringToObject(line, "name", *name ? name : pc_str(offer, "name"));
    if (*base)
        cJSON_AddStringToObject(line, "addonTo", base);
    cJSON_AddNumberToObject(line, "minimum", (double)pc_int(offer, "minimumQuantity", 1));
    cJSON_AddNumberToObject(line, "maximum", (double)pc_int(offer, "maximumQuantity", 10000000));
    cJSON_AddItemToArray(c->targets, line);
    cJSON_AddItemToArray(c->assign, cJSON_CreateString(sku));
    return 0;
}

static int check_targets(struct check *c)
{
    const cJSON *target;
    if (choose_targets(c))
        return -1;
    cJSON_ArrayForEach(target, c->chosen) {
        if (check_target(c, target))
            return -1;
    }
    return 0;
}

/* ---- the users ---- */

/* C-8: why a person must look at this user; NULL: can be moved. */
static const char *person_reason(struct check *c, const cJSON *user)
{
    if (wf_cjson_bool(user, "deleted", false))
        return "the user is deleted";
    if (pc_in(wf_cjson_get(user, "inherited"), c->sku))
        return "the licence comes through a group: change the group's licence";
    if (wf_cjson_str(user, "conflict", NULL))
        return pc_text(c->pc, "the licence is in conflict (%s)", wf_cjson_str(user, "conflict", ""));
    if (!*wf_cjson_str(user, "usageLocation", "") && !c->pc->set.fill_usage_location)
        return "the user has no usage location: set it, then run again";
    return NULL;
}

static bool needs_seat(const struct check *c, const cJSON *user)
{
    const cJSON *sku;
    cJSON_ArrayForEach(sku, c->assign) {
        if (!pc_in(wf_cjson_get(user, "held"), sku->valuestring))
            return true;
    }
    return false;
}

static void sort_user(struct check *c, const cJSON *user)
{
    const char *reason = person_reason(c, user);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "id", wf_cjson_str(user, "id", ""));
    cJSON_AddStringToObject(line, "upn", pc_who(c->pc, wf_cjson_str(user, "signInName", "")));
    if (reason) {
        cJSON_AddStringToObject(line, "reason", reason);
        cJSON_AddItemToArray(c->people, line);
        return;
    }
    if (!wf_cjson_bool(user, "enabled", true))
        cJSON_AddTrueToObject(line, "blocked");
    if (needs_seat(c, user))
        c->seats++;
    cJSON_AddItemToArray(c->users, line);
}

static int check_users(struct check *c)
{
    struct pc *pc = c->pc;
    const cJSON *user;
    if (wf_cjson_bool(pc->in, "usersMoved", false)) {
        warn(c, "its users are moved with another subscription of the same licence");
        return 0;
    }
    cJSON *skus = cJSON_CreateArray();
    cJSON_AddItemToArray(skus, cJSON_CreateString(c->sku));
    cJSON *holders = pc_user_holders(pc, c->customer_id, pc_keep(pc, skus));
    if (!holders)
        return -1;
    cJSON_ArrayForEach(user, holders) {
        sort_user(c, user);
    }
    c->seats += c->seats ? (int64_t)wf_cjson_num(pc->in, "headroom", 0) : 0;
    return 0;
}

/* C-5: before anything is spent. */
static int check_quantity(struct check *c)
{
    const cJSON *target;
    cJSON_ArrayForEach(target, c->targets) {
        int64_t max = pc_int(target, "maximum", 0), min = pc_int(target, "minimum", 1);
        if (c->seats > max)
            return pc_fault(c->pc, "validation", 0, "More seats than the offer allows",
                "%lld users of customer %s need \"%s\", but one subscription has at most %lld seats. Nothing was "
                "bought: give "
                "this customer another target.",
                (long long)c->seats, c->customer_id, pc_str(target, "name"), (long long)max);
        if (c->seats && c->seats < min)
            warn(c, pc_text(c->pc, "\"%s\" is sold in at least %lld seats", pc_str(target, "name"), (long long)min));
    }
    int64_t old = pc_int(c->source, "quantity", 0);
    if (old != c->seats)
        warn(c, pc_text(c->pc, "the old subscription has %lld seats, %lld are needed", (long long)old,
                    (long long)c->seats));
    return 0;
}

/* The inventory call is also the proof that licences can be read at all. */
static int check_inventory(struct check *c)
{
    const cJSON *skus = pc_skus(c->pc, c->customer_id, 0);
    if (!skus)
        return -1;
    const cJSON *row = pc_sku_row(skus, c->sku);
    int64_t used = pc_int(row, "consumedUnits", 0),
            known = cJSON_GetArraySize(c->users) + cJSON_GetArraySize(c->people);
    if (row && used != known)
        warn(c, pc_text(c->pc, "the inventory counts %lld licences in use, but %lld users hold one", (long long)used,
                    (long long)known));
    return 0;
}

/* ---- the step ---- */

static cJSON *describe_source(const struct check *c)
{
    cJSON *out = cJSON_CreateObject();
    const char *end = pc_str(c->source, "commitmentEndDate");
    cJSON_AddStringToObject(out, "subscriptionId", c->subscription_id);
    cJSON_AddStringToObject(out, "offerId", pc_str(c->source, "offerId"));
    cJSON_AddStringToObject(out, "offerName", pc_str(c->source, "offerName"));
    cJSON_AddStringToObject(out, "skuId", c->sku);
    cJSON_AddNumberToObject(out, "quantity", (double)pc_int(c->source, "quantity", 0));
    cJSON_AddStringToObject(out, "status", pc_str(c->source, "status"));
    if (*end)
        cJSON_AddStringToObject(out, "endDate", end);
    return out;
}

static cJSON *check_output(struct check *c)
{
    cJSON *out = cJSON_CreateObject(), *customer = cJSON_AddObjectToObject(out, "customer");
    cJSON_AddStringToObject(customer, "id", c->customer_id);
    cJSON_AddStringToObject(customer, "name", pc_str(pc_member(c->customer, "companyProfile"), "companyName"));
    cJSON_AddStringToObject(customer, "country", c->country);
    cJSON_AddStringToObject(customer, "segment", c->segment);
    cJSON_AddItemToObject(out, "source", describe_source(c));
    cJSON *remove = cJSON_AddArrayToObject(out, "remove");
    cJSON_AddItemToArray(remove, cJSON_CreateString(c->sku));
    cJSON_AddNumberToObject(out, "quantity", (double)c->seats);
    cJSON_AddItemToObject(out, "targets", c->targets);
    cJSON_AddItemToObject(out, "assign", c->assign);
    cJSON_AddItemToObject(out, "users", c->users);
    cJSON_AddItemToObject(out, "people", c->people);
    cJSON_AddItemToObject(out, "releasedAddons", c->addons);
    cJSON_AddItemToObject(out, "warnings", c->warnings);
    c->targets = c->assign = c->users = c->people = c->addons = c->warnings = NULL;
    return out;
}

static void check_init(struct check *c, struct pc *pc)
{
    c->pc = pc;
    c->customer_id = wf_cjson_str(pc->in, "customerId", "");
    c->subscription_id = wf_cjson_str(pc->in, "subscriptionId", "");
    c->targets = cJSON_CreateArray();
    c->assign = cJSON_CreateArray();
    c->users = cJSON_CreateArray();
    c->people = cJSON_CreateArray();
    c->warnings = cJSON_CreateArray();
    c->addons = cJSON_CreateArray();
}

static void check_done(struct check *c)
{
    cJSON *const trees[] = {c->targets, c->assign, c->users, c->people, c->warnings, c->addons};
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        cJSON_Delete(trees[i]);
}

static int work(struct check *c, struct pc *pc)
{
    check_init(c, pc);
    return check_customer(c) || check_source(c) || check_addons(c) || check_targets(c) || check_agreement(c) ||
                   check_users(c) || check_quantity(c) || check_inventory(c)
               ? -1
               : 0;
}

static void preflight_run(struct wf_step *step, void *state)
{
    struct pc pc;
    struct check c = {0};
    if (pc_init(&pc, state, step) || work(&c, &pc))
        pc_fail(&pc);
    else
        wf_cjson_succeed(pc.host, step, check_output(&c));
    check_done(&c);
    pc_done(&pc);
}

static int32_t preflight_open(const struct wf_host *host, void **ret_state)
{
    *ret_state = (void *)host;
    return 0;
}

static const char input_schema[] = WF_JSON({
    "type": "object", "required": ["customerId", "subscriptionId", "retired", "targets"],
    "additionalProperties": false,
    "properties": {
        "customerId": {"description": "whose subscription is to be replaced", "type": "string", "minLength": 1},
        "subscriptionId": {"description": "the subscription to replace", "type": "string", "minLength": 1},
        "retired": {
            "description": "as for find-expiring; skuIds prove that it is one", "type": "array", "minItems": 1,
            "items": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "offerIds": {"description": "ids of offers", "type": "array", "items": {"type": "string"}},
                    "skuIds": {"description": "ids of licences", "type": "array", "items": {"type": "string"}},
                    "namePattern": {"description": "extended regular expression, any case", "type": "string"}
                }
            }
        },
        "targets": {
            "description": "offers to buy, base before add-on: a list, or one for each segment (commercial, ...)",
            "anyOf": [
                {
                    "type": "array", "minItems": 1, "maxItems": 8,
                    "items": {
                        "type": "object", "required": ["offerId"], "additionalProperties": false,
                        "properties": {
                            "offerId": {"type": "string", "minLength": 1},
                            "skuId": {"type": "string"},
                            "name": {"type": "string"},
                            "addonTo": {"type": "string"}
                        }
                    }
                },
                {
                    "type": "object", "minProperties": 1,
                    "additionalProperties": {
                        "type": "array", "minItems": 1, "maxItems": 8,
                        "items": {
                            "type": "object", "required": ["offerId"], "additionalProperties": false,
                            "properties": {
                                "offerId": {"type": "string", "minLength": 1},
                                "skuId": {"type": "string"},
                                "name": {"type": "string"},
                                "addonTo": {"type": "string"}
                            }
                        }
                    }
                }
            ]
        },
        "headroom": {"description": "seats beyond those needed; 0 unless given", "type": "integer", "minimum": 0},
        "releaseAddons": {
            "description": "offer ids of add-ons that may be suspended with the old subscription", "type": "array",
            "items": {"type": "string"}
        },
        "usersMoved": {
            "description": "another subscription, earlier in the run, takes the users: this one needs no seats",
            "type": "boolean"
        }
    }
});

static const char output_schema[] = WF_JSON({
    "type": "object",
    "required": [
        "customer", "source", "remove", "quantity", "targets", "assign", "users", "people", "releasedAddons",
        "warnings"
    ],
    "properties": {
        "customer": {"type": "object", "required": ["id", "name", "country", "segment"]},
        "source": {
            "type": "object", "required": ["subscriptionId", "offerId", "offerName", "skuId", "quantity", "status"]
        },
        "remove": {"type": "array", "items": {"type": "string"}},
        "quantity": {"type": "integer", "minimum": 0},
        "targets": {
            "type": "array", "minItems": 1, "maxItems": 8,
            "items": {
                "type": "object", "required": ["offerId"], "additionalProperties": false,
                "properties": {
                    "offerId": {"type": "string", "minLength": 1},
                    "skuId": {"type": "string"},
                    "name": {"type": "string"},
                    "addonTo": {"type": "string"},
                    "minimum": {"type": "integer"},
                    "maximum": {"type": "integer"}
                }
            }
        },
        "assign": {"type": "array", "items": {"type": "string"}},
        "users": {"type": "array", "items": {"type": "object", "required": ["id", "upn"]}},
        "people": {"type": "array", "items": {"type": "object", "required": ["id", "upn", "reason"]}},
        "releasedAddons": {"type": "array", "items": {"type": "string"}},
        "warnings": {"type": "array", "items": {"type": "string"}}
    }
});

static const struct wf_step_type preflight = {.size = sizeof preflight,
    .effect = WF_EFFECT_READ,
    .flags = WF_STEP_BLOCKING | WF_STEP_IDEMPOTENT | WF_STEP_CANCELLABLE,
    .timeout_ms = 2 * 3600 * 1000,
    .name = "preflight",
    .summary = "Checks that one customer's subscription can be replaced, and says what that takes",
    .input_schema = input_schema,
    .output_schema = output_schema,
    .run = preflight_run};
static const struct wf_step_type *const steps[] = {&preflight, NULL};
static const struct wf_plugin plugin = {.size = sizeof plugin,
    .abi_major = WF_ABI_MAJOR,
    .abi_minor = WF_ABI_MINOR,
    .name = "preflight",
    .version = "1.0.0",
    .summary = "Looks before a migration: roles, agreement, offers, users",
    .config_group = PC_CONFIG_GROUP,
    .config = pc_config_rows,
    .secrets = pc_secret_names,
    .steps = steps,
    .standin = PC_STANDIN,
    .open = preflight_open};

WF_PLUGIN_NOTE("preflight", "1.0.0", "preflight:read");

const struct wf_plugin *wf_plugin_entry(uint32_t host_abi)
{
    (void)host_abi;
    return &plugin;
}
