/* hosts.c: a list of the hosts that requests may go to. */
#include "loop/hosts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loop/curl_lib.h"

#define BLANKS " \t\r\n"

struct word {
    const char *host, *port; /* port: what is after the colon; NULL: any */
    size_t host_len, port_len;
};

/* The next word at *at, which is moved past it. False at the end of the list. */
static bool next_word(const char **at, struct word *ret)
{
    const char *begin = *at + strspn(*at, BLANKS);
    size_t len = strcspn(begin, BLANKS);
    const char *bracket = memchr(begin, ']', len); /* of an IPv6 address, which has colons of its own */
    const char *from = bracket ? bracket : begin;
    const char *colon = memchr(from, ':', len - (size_t)(from - begin));

    *at = begin + len;
    *ret = (struct word){.host = begin, .host_len = colon ? (size_t)(colon - begin) : len};
    if (colon) {
        ret->port = colon + 1;
        ret->port_len = (size_t)(*at - ret->port);
    }
    return len > 0;
}

static bool is_host(const char *host, size_t len)
{
    if (len > 2 && memcmp(host, "*.", 2) == 0)
        host += 2, len -= 2;
    bool has_brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (has_brackets)
        host++, len -= 2;
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)host[i]) && !strchr(has_brackets ? ":." : ".-_", host[i]))
            return false;
    }
    return len > 0;
}

static bool is_port(const struct word *word)
{
    bool is_number = word->port_len > 0 && word->port_len <= 5;

    for (size_t i = 0; i < word->port_len && is_number; i++)
        is_number = isdigit((unsigned char)word->port[i]);
    return is_number;
}

int wf_hosts_check(const char *list, struct wf_err *ret_err)
{
    struct word word;

    while (next_word(&list, &word)) {
        if (is_host(word.host, word.host_len) && (!word.port || is_port(&word)))
            continue;
        wf_err_hint(ret_err, "each word is HOST or *.DOMAIN, with :PORT or without");
        return wf_err_set(ret_err, WF_EINVAL, "its setting hosts has `%.*s`", (int)(list - word.host), word.host);
    }
    return 0;
}

static bool is_it(const struct word *word, const char *host, const char *port)
{
    size_t len = strlen(host), below = word->host[0] == '*' ? 1 : 0, wanted = word->host_len - below;

    if (word->port && (strlen(port) != word->port_len || memcmp(port, word->port, word->port_len) != 0))
        return false;
    return (below ? len > wanted : len == wanted) && strncasecmp(host + len - wanted, word->host + below, wanted) == 0;
}

bool wf__hosts_have(const char *list, const char *url)
{
    CURLU *parts = wf__curl.url();
    char *host = NULL, *port = NULL;
    struct word word;
    bool found = false;

    if (!parts)
        abort(); /* out of memory, as in alloc.c */
    if (wf__curl.url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        wf__curl.url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        wf__curl.url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        while (!found && next_word(&list, &word))
            found = is_it(&word, host, port);
    wf__curl.free(host);
    wf__curl.free(port);
    wf__curl.url_cleanup(parts);
    return found;
}
