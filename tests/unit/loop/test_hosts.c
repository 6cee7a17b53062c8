/* test_hosts.c: which URLs a list of hosts lets through. */
#include "loop/curl_lib.h"
#include "loop/hosts.h"
#include "suites.h"

static void hosts_are_let_as_their_list_says(void)
{
    static const struct {
        const char *list, *url;
        bool expected;
    } rows[] = {
        {"", "http://a.example/", false},
        {"a.example", "http://a.example/x?y", true},
        {"a.example", "https://A.Example:8443", true},
        {"a.example", "http://b.a.example/", false},
        {"a.example", "http://a.example.evil/", false},
        {"a.example", "http://a.example@evil/", false},
        {"a.example", "http://evil/a.example", false},
        {"a.example", "http://evil\\@a.example/", true}, /* parsers differ: it is libcurl that connects */
        {"a.example", "http://xn--a.example/", false},
        {"x \n  a.example:443", "https://a.example/", true},
        {"a.example:443", "http://a.example/", false},
        {"a.example:443", "http://a.example:443/", true},
        {"*.a.example", "http://b.a.example/", true},
        {"*.a.example", "http://c.b.a.example/", true},
        {"*.a.example", "http://a.example/", false},
        {"*.a.example", "http://ba.example/", false},
        {"*.a.example:80", "http://b.a.example/", true},
        {"127.0.0.1", "http://127.1/", true}, /* libcurl reads it so */
        {"[::1]:80", "http://[::1]/", true},
        {"[::1]", "http://[::2]/", false},
    };

    wf__curl_load();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool had = wf__hosts_have(rows[i].list, rows[i].url);
        CU_ASSERT_EQUAL(had, rows[i].expected);
        if (had != rows[i].expected)
            printf("%s: %s\n", rows[i].list, rows[i].url);
    }
}

static void a_list_of_hosts_has_hosts_and_ports(void)
{
    static const char *const good[] = {"", "a", "*.a.b", "a:1 b.c-d_e:65535\t[::1] [1::2]:3"};
    static const char *const bad[] = {
        "http://a/", "a/", "*", "*.", "*a", "a.*", ":1", "a:", "a:x", "a:123456", "[]", "[a"};
    struct wf_err err;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_EQUAL(wf_hosts_check(good[i], &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(wf_hosts_check(bad[i], &err), WF_EINVAL);
}

static const struct wf_case cases[] = {
    {"hosts_are_let_as_their_list_says", hosts_are_let_as_their_list_says},
    {"a_list_of_hosts_has_hosts_and_ports", a_list_of_hosts_has_hosts_and_ports},
    {NULL, NULL},
};
const struct wf_suite hosts_suite = {"hosts", cases};
