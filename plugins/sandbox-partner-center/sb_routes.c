/* sb_routes.c: the list of everything the sandbox answers. */
#include "sb_routes.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"

#define C          "/v1/customers/{}"
#define S          C "/subscriptions/{}"
#define READ       (SB_CUSTOMER | SB_COMMERCE)
#define CHANGE     (READ | SB_WRITE | SB_LIMITED)
#define PEOPLE     (SB_CUSTOMER | SB_COMMERCE | SB_DELEGATED | SB_USER)
#define LIMITED    SB_LIMITED
#define ONCE       SB_ONCE
#define OWN        (SB_ANON | SB_CONTROL)
#define SIGN_IN    (SB_ANON | SB_SIGN_IN)
#define GRAPH_EDIT (SB_GRAPH | SB_WRITE)

static const struct sb_route routes[] = {
    {"POST", "/{}/oauth2/token", sb_signin_token_v1, SIGN_IN, 0},
    {"POST", "/{}/oauth2/v2.0/token", sb_signin_token_v2, SIGN_IN, 0},
    {"POST", "/{}/oauth2/devicecode", sb_signin_device, SIGN_IN, 0},
    {"POST", "/{}/oauth2/v2.0/devicecode", sb_signin_device, SIGN_IN, 0},
    {"GET", "/{}/v2.0/.well-known/openid-configuration", sb_signin_openid, SIGN_IN, 0},
    {"GET", "/common/discovery/instance", sb_signin_instance, SIGN_IN, 0},
    {"GET", "/{}/discovery/v2.0/keys", sb_signin_keys, SIGN_IN, 0},

    {"GET", "/v1/customers", sb_customers_list, LIMITED, 0},
    {"GET", C, sb_customers_get, SB_CUSTOMER | LIMITED, 0},
    {"GET", C "/profiles/company", sb_customers_company, SB_CUSTOMER, 0},
    {"GET", C "/profiles/billing", sb_customers_billing, SB_CUSTOMER, 0},
    {"GET", C "/qualification", sb_customers_qualification, READ, 0},
    {"GET", C "/qualifications", sb_customers_qualifications, READ, 0},
    {"GET", "/v1/agreements", sb_agreements_templates, SB_USER, 0},
    {"GET", C "/agreements", sb_agreements_list, READ | SB_USER, 0},
    {"POST", C "/agreements", sb_agreements_confirm, READ | SB_USER | SB_WRITE | ONCE, 0},
    {"GET", C "/directSignedMicrosoftCustomerAgreementStatus", sb_agreements_direct, READ, 0},

    {"GET", C "/subscriptions", sb_subscriptions_list, READ | LIMITED, 0},
    {"GET", S, sb_subscriptions_get, READ | LIMITED, 0},
    {"PATCH", S, sb_subscriptions_patch, CHANGE | ONCE, 0},
    {"GET", S "/addons", sb_subscriptions_addons, READ | LIMITED, 0},
    {"GET", S "/provisioningstatus", sb_subscriptions_provisioning, READ | SB_USER | LIMITED, 0},
    {"GET", S "/upgrades", sb_subscriptions_upgrades, READ, 0},
    {"POST", S "/upgrades", sb_subscriptions_upgrade, CHANGE | SB_USER | ONCE, 0},
    {"GET", S "/transitioneligibilities", sb_subscriptions_upgrades, READ, 0},
    {"GET", S "/transitions", sb_subscriptions_upgrades, READ, 0},

    {"GET", "/v1/offers", sb_offers_list, 0, 0},
    {"GET", "/v1/offers/{}", sb_offers_get, 0, 0},
    {"GET", "/v1/offers/{}/addons", sb_offers_addons, 0, 0},
    {"GET", "/v1/offercategories", sb_offers_categories, 0, 0},
    {"GET", C "/offers", sb_offers_customer, READ, 0},
    {"GET", "/v1/products", sb_products_list, 0, 0},
    {"GET", "/v1/products/{}", sb_products_get, 0, 0},
    {"GET", "/v1/products/{}/skus", sb_products_skus, 0, 0},
    {"GET", "/v1/products/{}/skus/{}", sb_products_sku, 0, 0},
    {"GET", "/v1/products/{}/skus/{}/availabilities", sb_products_availabilities, 0, 0},
    {"GET", C "/products", sb_products_list, READ, 0},
    {"GET", C "/products/{}", sb_products_get, READ, 0},
    {"GET", C "/products/{}/skus", sb_products_skus, READ, 0},
    {"GET", C "/products/{}/skus/{}", sb_products_sku, READ, 0},
    {"GET", C "/products/{}/skus/{}/availabilities", sb_products_availabilities, READ, 0},

    {"GET", "/v1.0/sales/{}/$value", sb_products_price_sheet, SB_USER | SB_PARTNER, 0},

    {"POST", C "/orders", sb_orders_create, CHANGE | ONCE, 0},
    {"GET", C "/orders", sb_orders_list, READ | LIMITED, 0},
    {"GET", C "/orders/{}", sb_orders_get, READ | LIMITED, 0},
    {"PATCH", C "/orders/{}", sb_orders_patch, CHANGE | ONCE, 0},
    {"GET", C "/orders/{}/provisioningstatus", sb_orders_provisioning, READ, 0},
    {"POST", C "/carts", sb_carts_create, CHANGE | ONCE, 0},
    {"GET", C "/carts/{}", sb_carts_get, READ, 0},
    {"PUT", C "/carts/{}", sb_carts_update, CHANGE, 0},
    {"POST", C "/carts/{}/checkout", sb_carts_checkout, CHANGE | ONCE, 0},
    {"POST", C "/migrations/newcommerce/validate", sb_carts_validate_migration, READ | SB_LIMITED, 0},

    {"GET", C "/subscribedskus", sb_skus_list, PEOPLE, 0},
    {"GET", C "/users", sb_users_list, PEOPLE, 0},
    {"GET", C "/users/{}", sb_users_get, PEOPLE, 0},
    {"PATCH", C "/users/{}", sb_users_patch, PEOPLE | SB_WRITE | ONCE, 0},
    {"GET", C "/users/{}/licenses", sb_skus_of_user, PEOPLE, 0},
    {"POST", C "/users/{}/licenseupdates", sb_skus_update, PEOPLE | SB_WRITE | ONCE, 0},
    {"GET", "/v1/auditrecords", sb_audit_list, 0, 0},
    {"GET", C "/analytics/licenses/deployment", sb_analytics_deployment, READ | SB_USER, 0},
    {"GET", C "/analytics/licenses/usage", sb_analytics_usage, READ | SB_USER, 0},

    {"GET", "/v1.0/subscribedSkus", sb_graph_skus, SB_GRAPH, 3},
    {"GET", "/v1.0/users", sb_graph_users, SB_GRAPH, 2},
    {"GET", "/v1.0/users/{}", sb_graph_user, SB_GRAPH, 1},
    {"PATCH", "/v1.0/users/{}", sb_graph_user_patch, GRAPH_EDIT, 1},
    {"GET", "/v1.0/users/{}/licenseDetails", sb_graph_license_details, SB_GRAPH, 1},
    {"POST", "/v1.0/users/{}/assignLicense", sb_graph_assign, GRAPH_EDIT, 2},
    {"GET", "/v1.0/groups", sb_graph_groups, SB_GRAPH, 1},
    {"POST", "/v1.0/groups/{}/assignLicense", sb_graph_group_assign, GRAPH_EDIT, 2},
    {"POST", "/v1.0/$batch", sb_batch_run, SB_GRAPH | SB_UNLOCKED, 0},

    {"GET", "/_sandbox/hello", sb_control_hello, OWN, 0},
    {"GET", "/_sandbox/clock", sb_control_clock, OWN, 0},
    {"POST", "/_sandbox/clock", sb_control_clock_set, OWN, 0},
    {"GET", "/_sandbox/ledger", sb_control_ledger, OWN, 0},
    {"GET", "/_sandbox/dump", sb_control_dump, OWN, 0},
    {"POST", "/_sandbox/change", sb_control_change, OWN, 0},
    {"GET", "/_sandbox/faults", sb_control_faults, OWN, 0},
    {"POST", "/_sandbox/faults", sb_control_faults_set, OWN, 0},
    {"GET", "/_sandbox/settings", sb_control_settings, OWN, 0},
    {"POST", "/_sandbox/settings", sb_control_settings_set, OWN, 0},
    {"POST", "/_sandbox/seed", sb_control_seed, OWN, 0},
    {"GET", "/_sandbox/requests", sb_control_requests, OWN, 0},
};

#define ROUTES ((int)(sizeof routes / sizeof routes[0]))
static_assert(sizeof routes / sizeof routes[0] <= SB_TRAFFIC_ROUTES, "each route has a counter");

int sb_routes_count(void)
{
    return ROUTES;
}

const struct sb_route *sb_routes_at(int n)
{
    return &routes[n];
}

int sb_routes_index(const struct sb_route *route)
{
    return (int)(route - routes);
}

/* The first segment (v1, v1.0, _sandbox) has a case of its own; the others are written in several ways by the docs. */
static bool matches(struct sb_request *req, const char *pattern)
{
    const char *path = req->path;
    int arg = 0;
    bool first = true;
    for (; *pattern == '/' && *path == '/'; first = false) {
        size_t want = strcspn(++pattern, "/");
        size_t have = strcspn(++path, "/");
        if (want == 2 && pattern[0] == '{') {
            if (have == 0 || arg == SB_ARGS || !sb_request_decode(path, have, false, req->args[arg++], SB_ARG_SIZE))
                return false;
        } else if (want != have || (first ? strncmp : strncasecmp)(pattern, path, want) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    return *pattern == '\0' && (*path == '\0' || strcmp(path, "/") == 0);
}

const struct sb_route *sb_routes_find(struct sb_request *req, int *ret_status)
{
    int status = 404;
    for (int i = 0; i < ROUTES; i++) {
        if (!matches(req, routes[i].pattern))
            continue;
        if (strcmp(routes[i].method, req->method) == 0)
            return &routes[i];
        status = 405;
    }
    *ret_status = status;
    return NULL;
}
