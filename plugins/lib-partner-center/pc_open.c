/* pc_open.c: one call of one step: its settings, its secret, what it keeps until the end. */
#include "pc_int.h"

#include <stdarg.h>
#include <stdlib.h>

#define LOOK_TRIES 6

#define ROW(ident, key, value, words)                                                                                  \
    static const struct wf_config_row ident = {.size = sizeof ident, .name = key, .default_value = value, .help = words}

ROW(row_api, "api-root", "https://api.partnercenter.microsoft.com", "Address of the Partner Center API.");
ROW(row_authority, "authority", "https://login.microsoftonline.com", "Address of the sign-in service.");
ROW(row_graph, "graph-root", "https://graph.microsoft.com", "Address of Microsoft Graph.");
ROW(row_price_root, "price-root", "https://api.partner.microsoft.com",
    "Address of the Partner API, which has the price sheets of new commerce; empty: do not ask for them.");
ROW(row_path, "purchase-path", "legacy", "How to buy: legacy (orders) or newcommerce (carts).");
ROW(row_timeout, "provisioning-timeout", "PT60M", "How long to wait until bought licences can be assigned.");
ROW(row_lag, "order-lag", "PT15M", "How long a new order may be missing from the lists of the service.");
ROW(row_rate, "rate", "500", "Requests a minute for the partner tenant; 0: no limit but the service's own.");
ROW(row_customer, "rate-per-customer", "0", "Requests a minute for one customer; 0: no limit but the service's own.");
ROW(row_page, "page-size", "500", "Customers or users asked for in one page, at most 500.");
ROW(row_lookup, "licence-lookup", "graph",
    "How to find who holds a licence: graph, or partner-center (a call per user).");
ROW(row_privacy, "report-privacy", "off", "on: pseudonyms instead of sign-in names in outputs.");
ROW(row_location, "fill-usage-location", "off", "on: give users without a usage location the customer's country.");
ROW(row_prices, "prices", "",
    "The partner's price list: a CSV or JSON file as exported from Partner Center, or JSON: {OFFER: price a month}.");
ROW(row_currency, "currency", "", "The currency in which the partner is billed, when the price list has several.");
ROW(row_token, "token-version", "v2", "Token endpoint of the sign-in service: v1 or v2.");
ROW(row_app, "application", "wfrun", "Name sent as MS-PartnerCenter-Application.");
ROW(row_locale, "locale", "en-US", "Language of catalogue texts.");

const struct wf_config_row *const pc_config_rows[] = {&row_api, &row_authority, &row_graph, &row_path, &row_timeout,
    &row_lag, &row_rate, &row_customer, &row_page, &row_lookup, &row_privacy, &row_location, &row_token, &row_app,
    &row_locale, &row_prices, &row_currency, &row_price_root, NULL};
const char *const pc_secret_names[] = {"partner-center", NULL};

static int misconfigured(struct pc *pc, const char *name, const char *value, const char *wanted)
{
    return pc_fault(pc, "configuration", 0, "A setting is wrong",
        "The setting partner-center.%s is \"%s\", but it must be %s. Correct it in wfrun.yaml (plugins: "
        "{partner-center: "
        "{%s: ...}}).",
        name, value, wanted, name);
}

/* The setting, or the default of its row when the host has none. */
static const char *setting(struct pc *pc, const struct wf_config_row *row)
{
    const char *value = pc->host->config(pc->step, row->name);
    return value ? value : row->default_value;
}

static int setting_choice(struct pc *pc, const struct wf_config_row *row, const char *on, const char *off, bool *ret_on)
{
    const char *value = setting(pc, row);
    if (strcmp(value, on) != 0 && strcmp(value, off) != 0)
        return misconfigured(pc, row->name, value, pc_text(pc, "%s or %s", on, off));
    *ret_on = strcmp(value, on) == 0;
    return 0;
}

static int setting_number(struct pc *pc, const struct wf_config_row *row, int64_t min, int64_t max, int64_t *ret_number)
{
    const char *value = setting(pc, row);
    char *end;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end || number < min || number > max)
        return misconfigured(
            pc, row->name, value, pc_text(pc, "a number from %lld to %lld", (long long)min, (long long)max));
    *ret_number = number;
    return 0;
}

static int setting_duration(struct pc *pc, const struct wf_config_row *row, int64_t *ret_ms)
{
    const char *value = setting(pc, row);
    int64_t ms = pc_duration(value);
    if (ms < 0)
        return misconfigured(pc, row->name, value, "an ISO 8601 duration such as PT15M, or a number of seconds");
    *ret_ms = ms;
    return 0;
}

static int setting_root(struct pc *pc, const struct wf_config_row *row, const char **ret_root)
{
    const char *value = setting(pc, row);
    if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0)
        return misconfigured(pc, row->name, value, "an address that begins with https://");
    size_t len = strlen(value);
    while (len && value[len - 1] == '/')
        len--;
    *ret_root = pc_text(pc, "%.*s", (int)len, value);
    return 0;
}

static int read_settings(struct pc *pc)
{
    struct pc_settings *set = &pc->set;
    set->application = setting(pc, &row_app);
    set->locale = setting(pc, &row_locale);
    set->prices = setting(pc, &row_prices);
    set->currency = setting(pc, &row_currency);
    set->price_root = "";
    if (setting_root(pc, &row_api, &set->api_root) || setting_root(pc, &row_authority, &set->authority) ||
        setting_root(pc, &row_graph, &set->graph_root) ||
        (*setting(pc, &row_price_root) && setting_root(pc, &row_price_root, &set->price_root)) ||
        setting_choice(pc, &row_path, "newcommerce", "legacy", &set->newcommerce) ||
        setting_choice(pc, &row_lookup, "graph", "partner-center", &set->graph_lookup) ||
        setting_choice(pc, &row_privacy, "on", "off", &set->report_privacy) ||
        setting_choice(pc, &row_location, "on", "off", &set->fill_usage_location) ||
        setting_choice(pc, &row_token, "v1", "v2", &set->token_v1) ||
        setting_duration(pc, &row_timeout, &set->provisioning_timeout_ms) ||
        setting_duration(pc, &row_lag, &set->order_lag_ms) || setting_number(pc, &row_rate, 0, 1000000, &set->rate) ||
        setting_number(pc, &row_customer, 0, 1000000, &set->rate_per_customer) ||
        setting_number(pc, &row_page, 1, 500, &set->page_size))
        return -1;
    return 0;
}

static int read_secret(struct pc *pc)
{
    struct wf_bytes bytes;
    if (pc->host->secret(pc->step, "partner-center", &bytes) != 0)
        return pc_fault(pc, "authentication", 0, "No credentials",
            "There is no secret \"partner-center\". Give one with --secrets FILE: {partner-center: {tenant, clientId, "
            "clientSecret, refreshToken}}, from the app registration of the partner tenant.");
    cJSON *secret = pc_keep(pc, wf_cjson_parse(bytes));
    static const char *const names[] = {"tenant", "clientId", "clientSecret"};
    for (size_t i = 0; i < 3; i++)
        if (!*pc_str(secret, names[i]))
            return pc_fault(pc, "authentication", 0, "Incomplete credentials",
                "The secret \"partner-center\" has no text \"%s\". It must be an object with tenant, clientId and "
                "clientSecret, and with refreshToken for the calls that act as a user.",
                names[i]);
    pc->tenant = pc_str(secret, "tenant");
    pc->client_id = pc_str(secret, "clientId");
    pc->client_secret = pc_str(secret, "clientSecret");
    pc->refresh_token = *pc_str(secret, "refreshToken") ? pc_str(secret, "refreshToken") : NULL;
    return pc__app_bind(pc);
}

/* The run's id when it is a GUID, for MS-CorrelationId takes nothing else; else one derived from it. */
static const char *correlation_of(struct pc *pc)
{
    const char *id = pc->host->run_id(pc->step);
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool guid = strlen(id) == sizeof form - 1;
    for (size_t i = 0; guid && form[i]; i++)
        guid = form[i] == '-' ? id[i] == '-' : strchr("0123456789abcdefABCDEF", id[i]) != NULL;
    return guid ? id : pc_uuid5(pc, "wfrun run", id);
}

int pc_init(struct pc *pc, const struct wf_host *host, struct wf_step *step)
{
    *pc = (struct pc){.host = host, .step = step};
    pc->in = wf_cjson_input(host, step);
    if (!pc->in)
        return pc__fault_memory(pc);
    pc->correlation = correlation_of(pc);
    if (read_settings(pc) || read_secret(pc))
        return -1;
    return 0;
}

void pc_done(struct pc *pc)
{
    for (size_t i = 0; i < pc->nkept; i++)
        cJSON_Delete(pc->kept[i]);
    free(pc->kept);
    cJSON_Delete(pc->in);
    pc__skus_release(pc);
    pc->kept = NULL;
    pc->nkept = 0;
    pc->in = NULL;
}

/* The array of kept trees doubles whenever its length is a power of two. */
cJSON *pc_keep(struct pc *pc, cJSON *tree)
{
    if (!tree)
        return NULL;
    if ((pc->nkept & (pc->nkept - 1)) == 0) {
        size_t room = pc->nkept ? pc->nkept * 2 : 1;
        cJSON **more = realloc(pc->kept, room * sizeof *more);
        if (!more) {
            cJSON_Delete(tree);
            pc__fault_memory(pc);
            return NULL;
        }
        pc->kept = more;
    }
    pc->kept[pc->nkept++] = tree;
    return tree;
}

/* The newest are dropped first nearly always, so the search begins at the end. The slot stays, for the doubling. */
void pc_drop(struct pc *pc, cJSON *tree)
{
    for (size_t i = pc->nkept; tree && i-- > 0;)
        if (pc->kept[i] == tree) {
            pc->kept[i] = NULL;
            cJSON_Delete(tree);
            while (pc->nkept && !pc->kept[pc->nkept - 1])
                pc->nkept--;
            return;
        }
}

const char *pc_text(struct pc *pc, const char *format, ...)
{
    char small[512]; /* most texts fit, and are formatted once */
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : pc->host->alloc(pc->step, (size_t)len + 1);
    if (!text)
        return "";
    if (len < (int)sizeof small)
        return memcpy(text, small, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

int64_t pc_now(struct pc *pc)
{
    return pc->host->now_ms(pc->step);
}

int pc_sleep(struct pc *pc, int64_t ms)
{
    if (pc->host->is_cancelled(pc->step) || pc->host->sleep(pc->step, ms) != 0)
        return pc_fault(pc, "timeout", 0, "Stopped while waiting",
            "The step was cancelled, or its deadline passed, while it waited for the service.");
    return 0;
}

/* "I cannot tell" makes a person look; so it is worth a quarter of an hour. */
bool pc_look_again(struct pc *pc, unsigned tries)
{
    const struct pc_fault last = pc->fault;
    bool passes = last.type && strcmp(last.type, "communication") == 0 &&
                  (last.status == 0 || last.status == 429 || last.status >= 500);
    bool again = passes && tries < LOOK_TRIES && pc_sleep(pc, pc__backoff(tries, 15000, 300000)) == 0;
    pc->fault = again ? (struct pc_fault){0} : last;
    return again;
}

int pc_remember(struct pc *pc, const char *name, cJSON *value)
{
    if (wf_cjson_remember(pc->host, pc->step, name, value) == 0)
        return 0;
    return pc_fault(pc, "runtime", 0, "The journal is lost",
        "What is about to be done (%s) could not be written to the journal, so it was not done. Look at the disk of "
        "the "
        "state file, then resume the run.",
        name);
}

cJSON *pc_recall(struct pc *pc, const char *name)
{
    return pc_keep(pc, wf_cjson_recall(pc->host, pc->step, name));
}
