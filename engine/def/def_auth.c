/* def_auth.c: authentication policies: their shape, and `use` by name resolved to what a step can read as data. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "def/load.h"

static const struct wf__prop schemes[] = {{"basic", WF__MAP, false}, {"bearer", WF__MAP, false},
    {"digest", WF__MAP, false}, {"oauth2", WF__MAP, false}, {"oidc", WF__MAP, false}, {NULL, 0, false}};

static const struct wf__prop by_secret[] = {{"use", WF__STRING, true}, {NULL, 0, false}};
static const struct wf__prop by_password[] = {
    {"username", WF__STRING, true}, {"password", WF__STRING, true}, {NULL, 0, false}};
static const struct wf__prop by_token[] = {{"token", WF__STRING, true}, {NULL, 0, false}};
static const struct wf__prop by_grant[] = {{"authority", WF__STRING, true}, {"grant", WF__STRING, true},
    {"client", WF__MAP, false}, {"request", WF__MAP, false}, {"issuers", WF__LIST, false}, {"scopes", WF__LIST, false},
    {"audiences", WF__LIST, false}, {"username", WF__STRING, false}, {"password", WF__STRING, false},
    {"subject", WF__MAP, false}, {"actor", WF__MAP, false}, {NULL, 0, false}};
static const struct wf__prop endpoints[] = {{"endpoints", WF__MAP, false}, {NULL, 0, false}};

static const struct wf__prop client_props[] = {{"id", WF__STRING, false}, {"secret", WF__STRING, false},
    {"assertion", WF__STRING, false}, {"authentication", WF__STRING, false}, {NULL, 0, false}};
static const struct wf__prop token_props[] = {
    {"token", WF__STRING, true}, {"type", WF__STRING, true}, {NULL, 0, false}};
static const struct wf__prop request_props[] = {{"encoding", WF__STRING, false}, {NULL, 0, false}};

/* The maps and lists within oauth2 and oidc. */
static void check_grant(struct wf__load *ld, const struct wf_node *scheme)
{
    static const struct {
        const char *key;
        const struct wf__prop *props;
    } maps[] = {{"client", client_props}, {"subject", token_props}, {"actor", token_props}, {"request", request_props}};
    static const char *const lists[] = {"scopes", "audiences", "issuers"};
    static const char *const grants[] = {"authorization_code", "client_credentials", "password", "refresh_token",
        "urn:ietf:params:oauth:grant-type:token-exchange", NULL};
    char what[32], hint[300];
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const struct wf_node *map = wf__member(scheme, maps[i].key, WF__MAP);
        snprintf(what, sizeof what, "`%s`", maps[i].key);
        if (map)
            wf__shape_check(ld->diags, map, wf__key_loc(scheme, maps[i].key), what, maps[i].props, NULL);
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct wf_node *list = wf__member(scheme, lists[i], WF__LIST);
        for (size_t k = 0; list && k < list->count; k++)
            if (list->items[k]->kind != WF_NODE_STRING)
                wf__error(ld, 205, list->items[k]->loc, NULL, "`%s` lists texts; this is %s", lists[i],
                    wf_node_kind_name(list->items[k]->kind));
    }
    const struct wf_node *grant = wf__member(scheme, "grant", WF__STRING);
    for (size_t i = 0; grant && grants[i]; i++)
        if (strcmp(grants[i], grant->text) == 0)
            return;
    if (grant)
        wf__error(ld, 205, grant->loc, wf__hint_names(hint, sizeof hint, grant->text, grants),
            "`grant` cannot be `%.60s`", grant->text);
}

static bool check_secret(struct wf__load *ld, const struct wf_node *name)
{
    bool declared = wf__secret_is_declared(ld, name->text, name->len);
    if (!declared)
        wf__secret_unknown(ld, name->loc, name->text, name->len);
    return declared;
}

void wf__auth_check(struct wf__load *ld, const struct wf_node *node, struct wf_loc owner)
{
    if (!wf__shape_check(ld->diags, node, owner, "an authentication", schemes, NULL))
        return;
    if (node->count != 1) {
        wf__error(ld, 205, node->count ? node->keys[1]->loc : owner, NULL,
            "an authentication needs exactly one of basic, bearer, digest, oauth2, oidc");
        return;
    }
    const struct wf_node *key = node->keys[0], *scheme = node->items[0];
    if (scheme->kind != WF_NODE_MAP)
        return;
    const struct wf__prop *props = by_grant, *more = NULL;
    if (wf_node_get(scheme, "use"))
        props = by_secret;
    else if (strcmp(key->text, "basic") == 0 || strcmp(key->text, "digest") == 0)
        props = by_password;
    else if (strcmp(key->text, "bearer") == 0)
        props = by_token;
    else if (strcmp(key->text, "oauth2") == 0)
        more = endpoints;
    char what[32];
    snprintf(what, sizeof what, "`%.20s`", key->text);
    wf__shape_check(ld->diags, scheme, key->loc, what, props, more);
    if (props == by_grant)
        check_grant(ld, scheme);
    const struct wf_node *secret = wf__member(scheme, "use", WF__STRING);
    if (secret)
        check_secret(ld, secret);
}

/* ---- replacing ---- */

/* A copy of the map in which the member that is old is new; the map itself when nothing changed. */
static const struct wf_node *replace(
    struct wf__load *ld, const struct wf_node *map, const struct wf_node *old, const struct wf_node *new)
{
    if (old == new)
        return map;
    struct wf_node *copy = wf__alloc(ld, sizeof *copy);
    const struct wf_node **items = wf__alloc(ld, (map->count + 1) * sizeof *items);
    *copy = *map;
    for (size_t i = 0; i < map->count; i++)
        items[i] = map->items[i] == old ? new : map->items[i];
    copy->items = items;
    return copy;
}

/* `use: NAME` within a scheme takes all its fields from a secret: the scheme becomes the secret's value. */
static const struct wf_node *secret_value(struct wf__load *ld, const struct wf_node *name)
{
    if (!check_secret(ld, name))
        return name;
    struct wf_buf buf;
    wf_buf_init(&buf, name->len * 6 + 64);
    wf_buf_str(&buf, "${ $secrets[");
    wf_buf_json_string(&buf, name->text, name->len);
    wf_buf_str(&buf, "] }");
    struct wf_node *value = wf__alloc(ld, sizeof *value);
    *value = *name;
    value->len = buf.len;
    value->text = wf_arena_memdup(ld->def->arena, buf.ptr, buf.len);
    wf_buf_done(&buf);
    return value;
}

static const struct wf_node *resolve_scheme(struct wf__load *ld, const struct wf_node *policy)
{
    for (size_t i = 0; i < policy->count; i++) {
        const struct wf_node *scheme = policy->items[i];
        const struct wf_node *name = wf__member(scheme, "use", WF__STRING);
        if (name && scheme->count == 1)
            return replace(ld, policy, scheme, secret_value(ld, name));
    }
    return policy;
}

/* The owner with its member `authentication` resolved. */
static const struct wf_node *resolve_in(struct wf__load *ld, const struct wf_node *owner)
{
    const struct wf_node *written = wf__member(owner, "authentication", WF__MAP);
    if (!written)
        return owner;
    const struct wf_node *policy = written;
    const struct wf_node *name = wf__member(written, "use", WF__STRING);
    if (name && written->count == 1) {
        policy = wf__use_find(ld, WF__USE_AUTHENTICATIONS, name);
        if (!policy || policy->kind != WF_NODE_MAP)
            return owner;
    }
    return replace(ld, owner, written, resolve_scheme(ld, policy));
}

const struct wf_node *wf__auth_resolve(struct wf__load *ld, const struct wf_node *with)
{
    const struct wf_node *endpoint = wf__member(with, "endpoint", WF__MAP);
    const struct wf_node *resolved = resolve_in(ld, with);
    return endpoint ? replace(ld, resolved, endpoint, resolve_in(ld, endpoint)) : resolved;
}
