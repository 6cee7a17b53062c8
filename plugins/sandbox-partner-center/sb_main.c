/* sb_main.c: partner-center-sandbox: reads the command line, starts the world and its listeners, waits for the end. */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_seed.h"
#include "sb_server.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

struct options {
    long port, tls_port;
    const char *seed, *state, *faults, *profile, *path, *ca_out, *idempotency, *clock_start, *record;
    long long order_lag_s; /* -1: the fault profile's */
    unsigned long long random_seed;
    bool exit_with_parent;
};

static const char help[] =
    "Usage: partner-center-sandbox [OPTION]...\n"
    "A local stand-in for Microsoft Partner Center and the licence calls of Microsoft Graph.\n"
    "Prints one line of JSON with its addresses and credentials when it is listening.\n"
    "\n"
    "      --port N                  port of the http listener (0, the default: any free one)\n"
    "      --tls-port N              port of the https listener (0, the default: any free one)\n"
    "      --seed FILE.json|small|CxU  the customers: a fixture, the built-in small one (default), or C customers\n"
    "                                with U users each\n"
    "      --random-seed N           ids and chances follow from it (default 1)\n"
    "      --state FILE.db           keep the state in a file; a file that has customers is not seeded again\n"
    "      --faults none|realistic|hostile|FILE.json  what goes wrong (default none)\n"
    "      --profile sandbox|production  limits of integration test tenants, or none of them (default production)\n"
    "      --path legacy|newcommerce   whether licence-based offers can still be bought (default legacy)\n"
    "      --ca-out FILE.pem         write the certificate of the authority of the https listener\n"
    "      --idempotency on|off      remember MS-RequestId (default on)\n"
    "      --order-lag SECONDS       until new orders and subscriptions show in lists\n"
    "      --clock-start ISO8601     where the virtual clock begins (default: now)\n"
    "      --record FILE             write every request but the control routes' into a file, one a line: method, "
    "path, body\n"
    "      --exit-with-parent        end when standard input ends\n"
    "      --help                    show this text\n"
    "      --version                 show the version\n"
    "\n"
    "It listens on 127.0.0.1 only. SIGTERM and SIGINT end it. Exit codes: 0 ended, 1 cannot start, 2 usage.\n";

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "partner-center-sandbox: %s \"%s\"\nTry partner-center-sandbox --help.\n", what, value);
    return 2;
}

enum {
    O_PORT = 256,
    O_TLS,
    O_SEED,
    O_RANDOM,
    O_STATE,
    O_FAULTS,
    O_PROFILE,
    O_PATH,
    O_CA,
    O_IDEM,
    O_LAG,
    O_CLOCK,
    O_RECORD,
    O_PARENT,
    O_HELP,
    O_VERSION
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, O_PORT},
    {"tls-port", required_argument, NULL, O_TLS},
    {"seed", required_argument, NULL, O_SEED},
    {"random-seed", required_argument, NULL, O_RANDOM},
    {"state", required_argument, NULL, O_STATE},
    {"faults", required_argument, NULL, O_FAULTS},
    {"profile", required_argument, NULL, O_PROFILE},
    {"path", required_argument, NULL, O_PATH},
    {"ca-out", required_argument, NULL, O_CA},
    {"idempotency", required_argument, NULL, O_IDEM},
    {"order-lag", required_argument, NULL, O_LAG},
    {"clock-start", required_argument, NULL, O_CLOCK},
    {"record", required_argument, NULL, O_RECORD},
    {"exit-with-parent", no_argument, NULL, O_PARENT},
    {"help", no_argument, NULL, O_HELP},
    {"version", no_argument, NULL, O_VERSION},
    {NULL, 0, NULL, 0},
};

static bool read_number(const char *text, long long min, long long max, long long *ret_number)
{
    char *end;
    long long number = strtoll(text, &end, 10);
    if (*text == '\0' || *end || number < min || number > max)
        return false;
    *ret_number = number;
    return true;
}

static bool one_of(const char *text, const char *first, const char *second)
{
    return strcmp(text, first) == 0 || strcmp(text, second) == 0;
}

/* -1: go on; else the exit code. */
static int read_option(struct options *options, int option, const char *value)
{
    long long number;
    switch (option) {
    case O_PORT:
    case O_TLS:
        if (!read_number(value, 0, 65535, &number))
            return usage("a port is a number from 0 to 65535, not", value);
        *(option == O_PORT ? &options->port : &options->tls_port) = (long)number;
        return -1;
    case O_RANDOM:
        if (!read_number(value, 0, INT64_MAX, &number))
            return usage("--random-seed is a number, not", value);
        options->random_seed = (unsigned long long)number;
        return -1;
    case O_LAG:
        if (!read_number(value, 0, 1000000, &number))
            return usage("--order-lag is a number of seconds, not", value);
        options->order_lag_s = number;
        return -1;
    case O_SEED:
        options->seed = value;
        return -1;
    case O_STATE:
        options->state = value;
        return -1;
    case O_FAULTS:
        options->faults = value;
        return -1;
    case O_CA:
        options->ca_out = value;
        return -1;
    case O_CLOCK:
        options->clock_start = value;
        return -1;
    case O_RECORD:
        options->record = value;
        return -1;
    case O_PROFILE:
        options->profile = value;
        return one_of(value, "sandbox", "production") ? -1 : usage("--profile is sandbox or production, not", value);
    case O_PATH:
        options->path = value;
        return one_of(value, "legacy", "newcommerce") ? -1 : usage("--path is legacy or newcommerce, not", value);
    case O_IDEM:
        options->idempotency = value;
        return one_of(value, "on", "off") ? -1 : usage("--idempotency is on or off, not", value);
    case O_PARENT:
        options->exit_with_parent = true;
        return -1;
    case O_HELP:
        fputs(help, stdout);
        return 0;
    case O_VERSION:
        puts("partner-center-sandbox " PACKAGE_VERSION);
        return 0;
    default:
        fputs("Try partner-center-sandbox --help.\n", stderr);
        return 2;
    }
}

static cJSON *read_json_file(const char *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(name, "r");
    cJSON *json = NULL;
    if (file && getdelim(&text, &size, '\0', file) >= 0)
        json = sb_json_parse(text, strlen(text));
    free(text);
    if (file)
        fclose(file);
    return json;
}

static int set_faults(struct sb_world *world, const char *name)
{
    if (sb_faults_profile(&world->faults, name)) {
        sb_settings_profile(&world->settings, name);
        return -1;
    }
    cJSON *json = read_json_file(name);
    const char *wrong = json ? sb_faults_read(&world->faults, json) : "not a profile and not a readable JSON file";
    if (wrong)
        fprintf(stderr, "partner-center-sandbox: --faults %s: %s\n", name, wrong);
    cJSON_Delete(json);
    return wrong ? 2 : -1;
}

static int prepare(struct sb_world *world, const struct options *options)
{
    int64_t start_ms; /* or, of a kept state, how far it is ahead */
    char wrong[SB_SEED_SENTENCE];
    int code = set_faults(world, options->faults);
    if (code >= 0)
        return code;
    if (options->record && !(world->record = fopen(options->record, "we"))) {
        perror(options->record);
        return 1;
    }
    world->settings.idempotency = strcmp(options->idempotency, "on") == 0;
    world->settings.test_tenant = strcmp(options->profile, "sandbox") == 0;
    world->settings.new_commerce = strcmp(options->path, "newcommerce") == 0;
    if (options->order_lag_s >= 0)
        world->settings.order_lag_s = options->order_lag_s;
    if (options->clock_start) {
        if (!sb_clock_parse(options->clock_start, &start_ms))
            return usage("--clock-start is a time such as 2026-03-01T00:00:00Z, not", options->clock_start);
        sb_clock_set(&world->clock, start_ms);
    } else {
        start_ms =
            sb_store_int(&world->store, 0, "SELECT CAST(value AS INTEGER) FROM meta WHERE name='clock_offset_ms'", "");
        atomic_store(&world->clock.offset_ms, start_ms);
    }
    bool kept = sb_store_int(&world->store, 0, "SELECT count(*) FROM customer", "") > 0;
    if (!kept && !sb_seed_by_name(world, options->seed, wrong)) {
        fprintf(stderr, "partner-center-sandbox: --seed: %s\n", wrong);
        return 2;
    }
    return -1;
}

static bool write_ca(const char *name, const struct sb_tls *tls)
{
    FILE *file = fopen(name, "w");
    if (!file || fputs(tls->ca, file) < 0 || fclose(file) != 0) {
        perror(name);
        return false;
    }
    return true;
}

/* The line that the engine, or a person, reads: where to go and with what credentials. */
static void announce(const struct sb_world *world, const char *ca_out)
{
    cJSON *root = sb_control_greeting(world);
    char *ca = ca_out ? realpath(ca_out, NULL) : NULL;
    if (ca)
        cJSON_AddStringToObject(root, "ca", ca);
    else
        cJSON_AddNullToObject(root, "ca");
    free(ca);
    char *text = cJSON_PrintUnformatted(root);
    puts(text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(root);
}

/* Until a signal, or the end of standard input when that counts. */
static void wait_for_end(int signals, bool exit_with_parent)
{
    struct pollfd fds[] = {
        {.fd = signals, .events = POLLIN}, {.fd = exit_with_parent ? STDIN_FILENO : -1, .events = POLLIN}};
    for (;;) {
        char drain[256];
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents)
            return;
        if (fds[1].revents && read(STDIN_FILENO, drain, sizeof drain) <= 0)
            return;
    }
}

static int run(struct sb_world *world, const struct options *options, int signals)
{
    struct sb_tls tls;
    struct sb_server server = {0};
    if (!sb_tls_init(&tls)) {
        fputs("partner-center-sandbox: the certificates could not be made\n", stderr);
        return 1;
    }
    int code = 1;
    if (options->ca_out && !write_ca(options->ca_out, &tls))
        goto out;
    if (!sb_server_start(&server, world, (uint16_t)options->port, (uint16_t)options->tls_port, &tls)) {
        fprintf(stderr, "partner-center-sandbox: cannot listen on port %ld or %ld of 127.0.0.1: is it taken?\n",
            options->port, options->tls_port);
        goto out;
    }
    announce(world, options->ca_out);
    wait_for_end(signals, options->exit_with_parent);
    code = 0;
out:
    sb_server_stop(&server);
    sb_tls_done(&tls);
    return code;
}

int main(int argc, char **argv)
{
    static struct sb_world world;
    struct options options = {.seed = "small",
        .faults = "none",
        .profile = "production",
        .path = "legacy",
        .idempotency = "on",
        .order_lag_s = -1,
        .random_seed = 1};
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        int code = read_option(&options, option, optarg);
        if (code >= 0)
            return code;
    }
    if (optind < argc)
        return usage("there is no argument", argv[optind]);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    sb_world_init(&world, options.state, options.random_seed);
    int code = prepare(&world, &options);
    if (code < 0)
        code = run(&world, &options, signals);
    sb_world_done(&world);
    close(signals);
    return code;
}
