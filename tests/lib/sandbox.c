/* sandbox.c: starting and questioning the Partner Center stand-in in a test. */
#define _GNU_SOURCE /* getline */
#include "lib/harness.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "plugins/sandbox-partner-center/partner-center-sandbox"

static pid_t spawn(char **argv, int *ret_stdin, int *ret_stdout)
{
    int in[2], out[2];
    if (pipe(in) || pipe(out))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    *ret_stdin = in[1];
    *ret_stdout = out[0];
    return pid;
}

struct sandbox *sandbox_start(const char *arg, ...)
{
    char program[] = PROGRAM, port[] = "--port", zero[] = "0", parent[] = "--exit-with-parent", *line = NULL;
    size_t room = 0;
    char *argv[24] = {program, port, zero, parent};
    int n = 4, out = -1;
    if (access(PROGRAM, X_OK) != 0)
        return NULL;
    va_list args;
    va_start(args, arg);
    for (const char *next = arg; next && n < 23; next = va_arg(args, const char *))
        argv[n++] = strdup(next);
    va_end(args);
    struct sandbox *s = calloc(1, sizeof *s);
    s->pid = spawn(argv, &s->stdin_fd, &out);
    FILE *file = fdopen(out, "r");
    s->hello = file && getline(&line, &room, file) > 0 ? cJSON_Parse(line) : NULL;
    free(line);
    s->url = cJSON_GetStringValue(cJSON_GetObjectItem(s->hello, "url"));
    if (file)
        fclose(file);
    for (int i = 4; i < n; i++)
        free(argv[i]);
    if (!s->url) {
        fprintf(stderr, "the sandbox did not start\n");
        sandbox_stop(s);
        exit(99);
    }
    return s;
}

void sandbox_stop(struct sandbox *s)
{
    if (!s)
        return;
    close(s->stdin_fd);
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    cJSON_Delete(s->hello);
    free(s);
}

struct text {
    char *text;
    size_t len;
};

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct text *t = arg;
    t->text = realloc(t->text, t->len + size * n + 1);
    memcpy(t->text + t->len, data, size * n);
    t->len += size * n;
    t->text[t->len] = 0;
    return size * n;
}

static cJSON *ask(struct sandbox *s, const char *path, const char *json)
{
    static CURL *curl; /* one connection for the whole test */
    char url[512];
    struct text t = {0};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!curl)
        curl = curl_easy_init();
    snprintf(url, sizeof url, "%s%s", s->url, path);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &t);
    if (json)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
    curl_easy_perform(curl);
    curl_slist_free_all(headers);
    cJSON *tree = t.text ? cJSON_Parse(t.text) : NULL;
    free(t.text);
    return tree;
}

cJSON *sandbox_get(struct sandbox *s, const char *path)
{
    return ask(s, path, NULL);
}

cJSON *sandbox_post(struct sandbox *s, const char *path, const char *json)
{
    return ask(s, path, json);
}

int sandbox_count(struct sandbox *s, const char *counter)
{
    cJSON *ledger = sandbox_get(s, "/_sandbox/ledger");
    const cJSON *n = cJSON_GetObjectItem(cJSON_GetObjectItem(ledger, "counts"), counter);
    int count = cJSON_IsNumber(n) ? n->valueint : -1;
    cJSON_Delete(ledger);
    return count;
}
