/* migration.h: one sandbox and the five steps of a migration, for the tests of each step. */
#ifndef WF_TESTS_MIGRATION_H
#define WF_TESTS_MIGRATION_H

#include "lib/harness.h"

#define E4       "8909E28E-5832-42F4-9886-B0A5545F3645"
#define E3       "796B6B5F-613C-4E24-A17C-EBA730D49C02"
#define E5       "A044B16A-1861-4308-8086-A3A3B506FAC2"
#define PBX      "4260988E-990D-479C-AE7B-F01CE8E1BB4D"
#define G3       "6B551829-DE8C-41E5-8678-41D52C27AEE8"
#define G4       "379DC555-DDCB-4CCB-BEBF-37437333E278"
#define SKU4     "1392051d-0cb9-4b7a-88d5-621fee5e8711"
#define SKU5     "c7df2760-2c81-4ef7-b578-5b5392b571df"

#define RETIRED  "[{\"offerIds\":[\"" E4 "\"],\"skuIds\":[\"" SKU4 "\"]},{\"offerIds\":[\"" G4 "\"]}]"
#define TO_E5    "{\"commercial\":[{\"offerId\":\"" E5 "\"}],\"government\":[{\"offerId\":\"" G3 "\"}]}"
#define TO_E3PBX "[{\"offerId\":\"" E3 "\"},{\"offerId\":\"" PBX "\",\"addonTo\":\"" E3 "\"}]"

struct migration {
    struct sandbox *sandbox;
    struct harness *find, *preflight, *purchase, *reassign, *suspend;
    int64_t now_ms; /* one clock for all */
    cJSON *found;   /* what find-expiring answered */
};

/* NULL when the sandbox was not built: the test says so and passes. The argument is one more option of the sandbox and
 * its value, or NULL. */
struct migration *migration_start(const char *option, const char *value);
void migration_stop(struct migration *);
void migration_setting(struct migration *, const char *name, const char *value);
/* Calls with the common clock; input is consumed. Returns the step's output (the harness'), NULL when it has none. */
cJSON *migration_call(struct migration *, struct harness *, const char *step, uint32_t mode, cJSON *input);
/* The line of find-expiring of a customer. */
const cJSON *migration_line(struct migration *, const char *customer);
cJSON *migration_preflight(struct migration *, const char *customer, const char *targets);
/* Inputs for the next steps, made of preflight's output; the caller's (migration_call consumes them). */
cJSON *migration_purchase_input(const cJSON *preflight);
cJSON *migration_reassign_input(const cJSON *preflight, const cJSON *user);
cJSON *migration_suspend_input(const cJSON *preflight, const cJSON *purchase);
/* preflight and purchase of one customer; *ret_preflight and *ret_purchase are the caller's. False: something failed. */
bool migration_buy(
    struct migration *, const char *customer, const char *targets, cJSON **ret_preflight, cJSON **ret_purchase);
/* All users of a preflight; the number of those with status "moved". */
int migration_move_all(struct migration *, const cJSON *preflight);
/* Somebody else sets the seats of the old subscription of a preflight. */
void migration_source_quantity(struct migration *, const cJSON *preflight, int quantity);
/* A fault rule for the next requests. */
void migration_fault(struct migration *, const char *rule);
/* A customer's subscriptions as the service tells them; the caller's. */
cJSON *migration_state(struct migration *);

#endif
