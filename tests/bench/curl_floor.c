/* curl_floor.c: what a bare curl_multi program needs for the same requests: the floor under every step that speaks HTTP.
 *
 * curl_floor IN_FLIGHT FILE: sends the requests of FILE, one a line: METHOD SP URL SP TOKEN [SP BODY], where TOKEN is
 * the bearer token or "-". Keeps IN_FLIGHT under way; prints {"requests":n,"failed":n,"seconds":s}. */
#define _DEFAULT_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *line;
static size_t line_cap;

static size_t discard(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * count;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The next request into the handle; 0 when there is none left. */
static int load(CURL *easy, FILE *in)
{
    ssize_t len = getline(&line, &line_cap, in);

    if (len <= 0)
        return 0;
    if (line[len - 1] == '\n')
        line[len - 1] = '\0';
    char *body = line, *method = strsep(&body, " "), *url = strsep(&body, " "), *token = strsep(&body, " ");
    if (!token)
        return 0;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    if (strcmp(token, "-") != 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token);
    }
    if (body)
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
    return 1;
}

int main(int argc, char **argv)
{
    int in_flight = argc > 1 ? atoi(argv[1]) : 0, running = 0, left;
    FILE *in = argc > 2 ? fopen(argv[2], "r") : NULL;
    long requests = 0, failed = 0;
    double start;
    CURLM *multi;
    CURLMsg *message;

    if (in_flight < 1 || !in) {
        fputs("Usage: curl_floor IN_FLIGHT FILE\n", stderr);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    start = now();
    for (int i = 0; i < in_flight; i++) {
        CURL *easy = curl_easy_init();
        if (!load(easy, in)) {
            curl_easy_cleanup(easy);
            break;
        }
        curl_multi_add_handle(multi, easy);
        running++;
    }
    while (running > 0) {
        curl_multi_perform(multi, &left);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            requests++;
            failed += message->data.result != CURLE_OK || status >= 400;
            curl_multi_remove_handle(multi, easy);
            if (load(easy, in)) {
                curl_multi_add_handle(multi, easy);
            } else {
                curl_easy_cleanup(easy);
                running--;
            }
        }
        curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    printf("{\"requests\":%ld,\"failed\":%ld,\"seconds\":%.6f}\n", requests, failed, now() - start);
    return 0;
}
