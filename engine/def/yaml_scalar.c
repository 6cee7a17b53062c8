/* yaml_scalar.c: the YAML 1.2 core schema: null, booleans, integers, floats; everything else is text. */
#include "def/yaml_scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBER_TEXT 400 /* digits beyond say nothing that a double can hold */
#define EXACT           9007199254740992.0

static bool is_one_of(const struct wf_node *n, const char *const *words)
{
    for (; *words; words++)
        if (n->len == strlen(*words) && memcmp(n->text, *words, n->len) == 0)
            return true;
    return false;
}

static size_t count_digits(const char *text, const char *digits)
{
    return strspn(text, digits);
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ */
static bool parse_integer(const char *text, double *ret)
{
    const char *digits = "0123456789", *p = text;
    double base = 10;
    if (strncmp(p, "0o", 2) == 0 || strncmp(p, "0x", 2) == 0) {
        base = p[1] == 'o' ? 8 : 16;
        digits = p[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
        p += 2;
    } else if (*p == '-' || *p == '+') {
        p++;
    }
    size_t n = count_digits(p, digits);
    if (n == 0 || p[n])
        return false;
    if (base == 10) {
        *ret = strtod(text, NULL);
        return true;
    }
    double value = 0;
    for (; *p; p++)
        value = value * base + (*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
    *ret = value;
    return true;
}

/* [-+]? ( \.[0-9]+ | [0-9]+ ( \.[0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool parse_float(const char *text, double *ret)
{
    static const char digits[] = "0123456789";
    const char *p = text;
    if (*p == '-' || *p == '+')
        p++;
    size_t whole = count_digits(p, digits), fraction = 0;
    p += whole;
    if (*p == '.') {
        fraction = count_digits(p + 1, digits);
        p += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '-' || *p == '+')
            p++;
        size_t exponent = count_digits(p, digits);
        if (exponent == 0)
            return false;
        p += exponent;
    }
    if (*p)
        return false;
    *ret = strtod(text, NULL);
    return true;
}

static bool is_no_json_number(const struct wf_node *n)
{
    static const char *const words[] = {
        ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF", ".nan", ".NaN", ".NAN", NULL};
    return is_one_of(n, words);
}

/* A decimal integer too long for the double that holds it. */
static bool loses_digits(const struct wf_node *n)
{
    char back[MAX_NUMBER_TEXT];
    const char *text = n->text + (*n->text == '+');
    snprintf(back, sizeof back, "%.0f", n->number);
    return fabs(n->number) > EXACT && strcmp(back, text) != 0;
}

int wf__scalar_resolve(struct wf_node *n, bool *ret_inexact, const char **ret_why)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    *ret_inexact = false;
    n->kind = WF_NODE_STRING;
    if (is_one_of(n, nulls)) {
        n->kind = WF_NODE_NULL;
        return 0;
    }
    if (is_one_of(n, trues) || is_one_of(n, falses)) {
        n->kind = WF_NODE_BOOL;
        n->boolean = is_one_of(n, trues);
        return 0;
    }
    if (is_no_json_number(n)) {
        *ret_why = "JSON has no such number; quote it if it is meant as text";
        return -1;
    }
    if (!strchr("+-.0123456789", *n->text) || strlen(n->text) != n->len)
        return 0;
    double value;
    bool integer = parse_integer(n->text, &value);
    if (!integer && !parse_float(n->text, &value))
        return 0;
    if (n->len >= MAX_NUMBER_TEXT || !isfinite(value)) {
        *ret_why = "the number is too large; quote it if it is meant as text";
        return -1;
    }
    n->kind = WF_NODE_NUMBER;
    n->number = value;
    *ret_inexact = integer && loses_digits(n);
    return 0;
}
