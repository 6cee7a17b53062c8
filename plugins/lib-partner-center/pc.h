/* pc.h: the Partner Center client that the five steps of a migration share, one copy per process.
 *
 * It owns what must be shared: access tokens, the rate gate of a partner tenant, the licence inventory of a customer
 * for a short while. Everything else lives in a struct pc: one call of one step, from pc_init to pc_done, one thread.
 *
 * Errors      Functions that return int answer 0, or -1 with pc->fault filled in; those that return a tree answer NULL
 *             then. A step passes the fault on with pc_fail.
 * Ownership   Trees and strings that come out belong to the struct pc and live until pc_done (pc_drop frees one early).
 *             Trees that go in stay the caller's unless the comment says "consumed".
 * Threads     A step's worker thread: most of these calls wait. One struct pc is never shared.
 * Facts       The published Partner Center REST reference; names as there. GUIDs compare without case, JSON members
 * too.
 */
#ifndef PC_H
#define PC_H

#include <stdbool.h>
#include <wfrun/cjson.h>

#pragma GCC visibility push(default)

/* The settings of the group "partner-center", the same table for every plugin. */
extern const struct wf_config_row *const pc_config_rows[];
extern const char *const pc_secret_names[];
#define PC_CONFIG_GROUP "partner-center"
#define PC_STANDIN      "partner-center-sandbox"

struct pc_settings {
    const char *api_root, *authority, *graph_root; /* without a slash at the end */
    const char *application, *locale;
    const char *prices, *currency, *price_root; /* "": not set */
    bool newcommerce;                           /* buy through carts */
    bool graph_lookup;                          /* find licence holders through Graph */
    bool report_privacy;                        /* C-15: pseudonyms instead of sign-in names */
    bool fill_usage_location;                   /* C-8 */
    bool token_v1;
    int64_t provisioning_timeout_ms, order_lag_ms;
    int64_t rate, rate_per_customer; /* requests a minute; 0: no limit of our own */
    int64_t page_size;
};

/* Why a call failed: what becomes the workflow's error. */
struct pc_fault {
    bool set;
    bool unknown; /* a write that may have happened */
    int status;   /* the remote's HTTP status, 0: none */
    long code;    /* the remote's own code, 0: none */
    const char *type, *title, *detail;
    const char *words; /* the remote's own description, "" when there was none */
    cJSON *data;       /* kept by the struct pc; may be NULL */
};

struct pc_app;

struct pc {
    const struct wf_host *host;
    struct wf_step *step;
    cJSON *in; /* the step's input */
    struct pc_settings set;
    struct pc_fault fault;
    const char *correlation; /* the run as a GUID */
    /* private to the library */
    const char *tenant, *client_id, *client_secret, *refresh_token;
    struct pc_app *app;
    cJSON **kept;
    size_t nkept;
    struct pc__held *held; /* inventories that are shared with other steps */
};

/* Reads input, settings and secret. Call pc_done also after a failure. */
int pc_init(struct pc *, const struct wf_host *, struct wf_step *);
void pc_done(struct pc *);
/* Answers the step with the fault. */
void pc_fail(struct pc *);
/* Replaces the fault; returns -1. type is a standard error name. */
int pc_fault(struct pc *, const char *type, int status, const char *title, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Adds a member to the fault's data; value is consumed. */
void pc_fault_add(struct pc *, const char *name, cJSON *value);
/* The fault is the remote's refusal with this code. */
bool pc_fault_is(const struct pc *, long code);

/* ---- memory and small things ---- */

cJSON *pc_keep(struct pc *, cJSON *tree); /* consumed: freed by pc_done */
void pc_drop(struct pc *, cJSON *tree);   /* frees a kept tree now */
const char *pc_text(struct pc *, const char *format, ...) __attribute__((format(printf, 2, 3)));
int pc_sleep(struct pc *, int64_t ms); /* on the host's clock; -1 with a fault when the step shall stop */
/* A verify's look failed. True: because the service does not work just now; a while has passed, look again. tries: how often
 * this was asked before. */
bool pc_look_again(struct pc *, unsigned tries);
int64_t pc_now(struct pc *);
int pc_remember(struct pc *, const char *name, cJSON *value); /* consumed; C-1 */
cJSON *pc_recall(struct pc *, const char *name);              /* kept; NULL: none */

/* Members without regard to case; the last of duplicates counts. */
cJSON *pc_member(const cJSON *object, const char *name);
const char *pc_str(const cJSON *object, const char *name); /* "" when absent or no string */
int64_t pc_int(const cJSON *object, const char *name, int64_t otherwise);
bool pc_true(const cJSON *object, const char *name);
void pc_set(cJSON *object, const char *name, cJSON *value); /* replaces or adds; value is consumed */
bool pc_same(const char *a, const char *b);                 /* ids: without case; empty is never the same */
bool pc_in(const cJSON *strings, const char *id);           /* one of an array of ids */
const char *pc_quote(struct pc *, const char *id);          /* percent-encoded for a path */

/* Dates of every form the service writes, in ms since 1970; -1: none or unreadable. */
int64_t pc_date(const char *text);
const char *pc_date_text(struct pc *, int64_t ms); /* 2017-06-02T00:00:00Z */
#define PC_DAY_MS ((int64_t)86400000)
/* An ISO 8601 duration, or a number of seconds, in ms; -1: unreadable. A month counts 30 days, a year 365. */
int64_t pc_duration(const char *text);

/* UUIDv5. of a name within a UUID (any text is accepted as the first, too). */
const char *pc_uuid5(struct pc *, const char *space, const char *name);
/* C-2: the short stable token of a purchase, "wf-" and 12 hex digits. */
const char *pc_tag(struct pc *, const char *workflow, const char *customer, const char *source, const char *offer);
/* C-15: the sign-in name, or a stable pseudonym of it when the setting says so. */
const char *pc_who(struct pc *, const char *sign_in_name);

/* ---- requests ---- */

#define PC_USER  1u /* the endpoint wants an app+user token */
#define PC_GRAPH 2u /* Microsoft Graph, in the customer's own tenant */
#define PC_SHEET 4u /* the Partner API's price sheets: a good answer is text, told as a JSON string */

struct pc_request {
    const char *method;     /* NULL: GET */
    const char *path;       /* "/customers/...", relative to /v1 (or to the root of the other services), or absolute */
    const char *customer;   /* whose limit counts; NULL: only the partner's */
    const cJSON *body;      /* NULL: none */
    const char *request_id; /* MS-RequestId of a write; NULL: a random one */
    const char *etag;       /* for If-Match */
    const char *continuation;
    uint32_t flags;
};

struct pc_reply {
    int status;
    cJSON *json; /* NULL: an empty body */
};

/* One logical request with the retries that are safe for it. A write that may have happened: -1, fault.unknown. */
int pc_call(struct pc *, const struct pc_request *, struct pc_reply *ret_reply);
/* GET one resource; flags as above. The rest is printf's, for the path. */
cJSON *pc_get(struct pc *, const char *customer, uint32_t flags, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Several GETs, a few at a time. ret_replies[i] is NULL where that one failed; then ret_faults[i] says why. -1 only
 * when the step shall stop. The caller drops the trees. */
int pc_get_many(struct pc *, const struct pc_request *, size_t n, cJSON **ret_replies, struct pc_fault *ret_faults);

/* Every page of a collection; each is called once a page with its items and may detach what it wants. */
typedef int (*pc_page_fn)(struct pc *, cJSON *items, void *arg);
int pc_pages(struct pc *, const struct pc_request *first, pc_page_fn each, void *arg);
/* All items of a collection as one array. */
cJSON *pc_list(struct pc *, const char *customer, uint32_t flags, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- subscriptions ---- */

cJSON *pc_sub_list(struct pc *, const char *customer);
cJSON *pc_sub_get(struct pc *, const char *customer, const char *id);
cJSON *pc_sub_addons(struct pc *, const char *customer, const char *id);
/* Its provisioning status, an empty object while the service knows nothing yet (800007). */
cJSON *pc_sub_provisioning(struct pc *, const char *customer, const char *id);
bool pc_sub_is(const cJSON *subscription, const char *status);
/* Brings one member to a value: reads afresh, sends the whole subscription back with If-Match, waits out 202, settles a
 * stale etag and an unknown outcome by looking again. Returns the subscription at its goal; value is consumed. */
cJSON *pc_sub_change(
    struct pc *, const char *customer, const char *id, const char *member, cJSON *value, const char *request_id);

/* ---- catalogue and preconditions ---- */

/* The country of a customer (as read by id) for the catalogue: of the bill, else of the company; "" when neither. */
const char *pc_country(const cJSON *customer);
/* The segment that counts: the first approved qualification, or "commercial". NULL with a fault. */
const char *pc_segment(struct pc *, const char *customer);
/* A legacy offer, or for "product:sku[:availability]" the SKU of that product, brought into the same form: id, name,
 * minimumQuantity, maximumQuantity, isAvailableForPurchase, isAddOn, product.id, catalogItemId.
 */
cJSON *pc_offer(struct pc *, const char *customer, const char *country, const char *segment, const char *offer);
/* Facts 1 and 2: the customer can buy it: for sale, and of their segment. -1 with the reason. */
int pc_offer_check(struct pc *, const cJSON *offer, const char *segment);
/* Both ids are of the same thing: new-commerce ids are compared without their availability, which changes. */
bool pc_offer_same(const char *a, const char *b);

/* ---- prices ---- */

struct pc_price_query {
    const char *offer, *country, *segment;
    const char *billing_cycle, *term; /* monthly, annual ...; P1M, P1Y ... */
};

struct pc_price {
    int64_t micros; /* of one seat for `months` months, in millionths of the currency; negative: unknown */
    int months;
    const char *currency;
    const char *why; /* unknown: because */
};

/* What the partner pays. -1 only when a price list cannot be used; what no list knows is an unknown price. */
int pc_price(struct pc *, const struct pc_price_query *, struct pc_price *ret_price);
/* The sum for so many seats and months, rounded up; negative: unknown. */
int64_t pc_price_times(const struct pc_price *, int64_t seats, int months);
/* The months of a billing cycle or a term; 0: not a word for any. */
int pc_months(const char *word);
const char *pc_money(struct pc *, int64_t micros, const char *currency); /* 1234.50 EUR */

/* ---- licences ---- */

/* The inventory (subscribedskus). max_age_ms 0: fresh; else one that any step of the process read not longer ago. */
const cJSON *pc_skus(struct pc *, const char *customer, int64_t max_age_ms);
cJSON *pc_sku_row(const cJSON *skus, const char *sku_id); /* NULL: not there */
/* Users that hold any of the SKUs: [{id, signInName, displayName, usageLocation, enabled, deleted, held: [sku],
 * inherited: [sku], conflict: text}]. Through Graph, or through one licence call per user. */
cJSON *pc_user_holders(struct pc *, const char *customer, const cJSON *sku_ids);
cJSON *pc_user_licences(struct pc *, const char *customer, const char *user);
/* Plan ids of a licence of the inventory that a user can have. */
bool pc_plan_usable(const cJSON *plan);
/* The user's licence of the SKU among pc_user_licences; NULL: not assigned. */
cJSON *pc_licence_of(const cJSON *licences, const char *sku_id);
/* C-7: which plans of `target` must be excluded so that what was off under `source` stays off.
 * source, target: inventory rows; licence: the user's own of the source. map: {old plan: new plan | null} by id or
 * name, may be NULL. Adds ids to excluded, and {id, name} of plans that are off but have no heir to lost (may be NULL).
 */
void pc_plans_excluded(
    const cJSON *source, const cJSON *licence, const cJSON *target, const cJSON *map, cJSON *excluded, cJSON *lost);
/* Plans of `target` that have no ancestor in `source`: {id, name} each, a new array (the caller's). */
cJSON *pc_plans_new(const cJSON *source, const cJSON *target, const cJSON *map);

#pragma GCC visibility pop

#endif
