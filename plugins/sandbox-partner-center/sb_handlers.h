/* sb_handlers.h: every handler of sb_routes.c, by the file it is in. Each answers its request exactly once. */
#ifndef SB_HANDLERS_H
#define SB_HANDLERS_H

#include <cjson/cJSON.h>

struct sb_request;
struct sb_world;

typedef void sb_handler(struct sb_request *);

/* sb_customers.c */
sb_handler sb_customers_list, sb_customers_get, sb_customers_company, sb_customers_billing, sb_customers_qualification,
    sb_customers_qualifications;
/* sb_agreements.c */
sb_handler sb_agreements_templates, sb_agreements_list, sb_agreements_confirm, sb_agreements_direct;
/* sb_subscriptions.c */
sb_handler sb_subscriptions_list, sb_subscriptions_get, sb_subscriptions_addons, sb_subscriptions_provisioning,
    sb_subscriptions_upgrades, sb_subscriptions_upgrade;
/* sb_subscription_patch.c */
sb_handler sb_subscriptions_patch;
/* sb_offers.c */
sb_handler sb_offers_list, sb_offers_get, sb_offers_addons, sb_offers_categories, sb_offers_customer;
/* sb_products.c */
sb_handler sb_products_list, sb_products_get, sb_products_skus, sb_products_sku, sb_products_availabilities,
    sb_products_price_sheet;
/* sb_orders.c */
sb_handler sb_orders_create, sb_orders_list, sb_orders_get, sb_orders_patch, sb_orders_provisioning;
/* sb_carts.c */
sb_handler sb_carts_create, sb_carts_get, sb_carts_update, sb_carts_checkout, sb_carts_validate_migration;
/* sb_skus.c */
sb_handler sb_skus_list, sb_skus_of_user, sb_skus_update;
/* sb_users.c */
sb_handler sb_users_list, sb_users_get, sb_users_patch;
/* sb_audit.c */
sb_handler sb_audit_list;
/* sb_analytics.c */
sb_handler sb_analytics_deployment, sb_analytics_usage;
/* sb_graph.c, sb_graph_assign.c */
sb_handler sb_graph_skus, sb_graph_users, sb_graph_user, sb_graph_user_patch, sb_graph_license_details, sb_graph_groups;
sb_handler sb_graph_assign, sb_graph_group_assign;
/* sb_batch.c */
sb_handler sb_batch_run;
/* sb_control.c */
sb_handler sb_control_clock, sb_control_clock_set, sb_control_ledger, sb_control_faults, sb_control_faults_set,
    sb_control_settings, sb_control_settings_set, sb_control_seed, sb_control_requests, sb_control_hello,
    sb_control_change;
/* sb_dump.c */
sb_handler sb_control_dump;
/* Where to go and with what credentials: what the program says when it is ready, and later to who asks. */
cJSON *sb_control_greeting(const struct sb_world *world);

#endif
