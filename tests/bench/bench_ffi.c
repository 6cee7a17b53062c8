/* bench_ffi.c: what a step of a function.yaml costs over the call itself, and over the same step written in C.
 *
 * All three read the number in one short text with strtol, turn by turn. The steps read JSON and answer with JSON through a host that
 * does nothing else; the bare call has the text at hand. One JSON line, in microseconds.
 *
 * bench_ffi FOLDER: where libc.function.yaml is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wfrun/cjson.h>

#include "ffi/manifest.h"

enum { ROUNDS = 15, CALLS = 100000 };

static const char text[] = "48879";
static const char input_json[] = "{\"text\":\"48879\",\"base\":10}";
static const char output_json[] = "48879";
static unsigned long wrong;

/* ---- a host of three functions ---- */

static struct wf_bytes input(struct wf_step *step)
{
    (void)step;
    return (struct wf_bytes){input_json, sizeof input_json - 1};
}

static void succeed(struct wf_step *step, struct wf_bytes output)
{
    (void)step;
    wrong += output.len != sizeof output_json - 1 || memcmp(output.ptr, output_json, output.len) != 0;
}

static void fail(struct wf_step *step, const struct wf_failure *failure)
{
    (void)step;
    (void)failure;
    wrong++;
}

static const struct wf_host host = {
    .size = sizeof host, .abi = WF_ABI, .input = input, .succeed = succeed, .fail = fail};

/* ---- the three ---- */

static const struct wf_step_type *manifest_step;

static void through_libffi(void)
{
    manifest_step->run(NULL, NULL);
}

static void step_in_c(void)
{
    cJSON *with = wf_cjson_input(&host, NULL);
    int base = (int)wf_cjson_num(with, "base", 10);
    errno = 0;
    long number = strtol(wf_cjson_str(with, "text", ""), NULL, base);
    if (errno != 0)
        wf_cjson_fail(&host, NULL, "validation", 400, NULL, NULL, "strtol: %s", strerror(errno));
    else
        wf_cjson_succeed(&host, NULL, cJSON_CreateNumber((double)number));
    cJSON_Delete(with);
}

static void bare_call(void)
{
    static volatile long result;
    errno = 0;
    result = strtol(text, NULL, 10);
    (void)result;
}

static double microseconds(void (*one)(void))
{
    struct timespec from, to;

    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < CALLS; i++)
        one();
    clock_gettime(CLOCK_MONOTONIC, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) / CALLS;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static const struct wf_step_type *load(const char *folder)
{
    char path[4200];
    struct wf_manifest *manifest;
    struct wf_err err = {0};
    void *state;

    snprintf(path, sizeof path, "%s/libc.function.yaml", folder);
    if (wf_manifest_load(path, &manifest, &err) != 0 || wf_manifest_link(manifest, &err) != 0) {
        fprintf(stderr, "bench_ffi: %s: %s\n", path, err.msg);
        exit(1);
    }
    const struct wf_plugin *plugin = wf_manifest_plugin(manifest);
    plugin->open(&host, &state);
    return plugin->steps[0];
}

int main(int argc, char **argv)
{
    double ffi[ROUNDS], c[ROUNDS], bare[ROUNDS];

    if (argc != 2)
        return 2;
    manifest_step = load(argv[1]);
    for (int i = 0; i < ROUNDS; i++) {
        ffi[i] = microseconds(through_libffi);
        c[i] = microseconds(step_in_c);
        bare[i] = microseconds(bare_call);
    }
    if (wrong > 0) {
        fprintf(stderr, "bench_ffi: %lu wrong answers\n", wrong);
        return 1;
    }
    qsort(ffi, ROUNDS, sizeof *ffi, by_size);
    qsort(c, ROUNDS, sizeof *c, by_size);
    qsort(bare, ROUNDS, sizeof *bare, by_size);
    double ours = ffi[ROUNDS / 2], floor = c[ROUNDS / 2], call = bare[ROUNDS / 2];
    printf(
        "{\"case\": \"function-yaml\", \"us\": %.3f, \"step_in_c_us\": %.3f, \"bare_call_us\": %.3f, \"ratio\": %.3f, "
        "\"over_bare_us\": %.3f, \"aim\": \"under 3 us over the bare call\"}\n",
        ours, floor, call, ours / floor, ours - call);
    return 0;
}
