/* manifest_param.c: where each parameter of a function comes from, and what it is in JSON. */
#include <stdio.h>
#include <string.h>

#include "ffi/manifest_priv.h"

#define BIT(form) (1u << (form))

static const char *const form_names[] = {[WF__AS_SCALAR] = "value",
    [WF__AS_STRUCT] = "struct",
    [WF__AS_NULL] = "null",
    [WF__AS_TEXT] = "text",
    [WF__AS_BASE64] = "base64",
    [WF__AS_HEX] = "hex",
    [WF__AS_NUMBER] = "number",
    [WF__AS_OBJECT] = "object",
    [WF__AS_LIST] = "list",
    [WF__AS_TEXTS] = "texts",
    [WF__AS_TEXT_REF] = "text-reference"};
#define NFORMS (sizeof form_names / sizeof *form_names)

/* ---- forms ---- */

static bool is_text_pointer(const struct wf__ctype *type)
{
    return type->kind == WF__C_POINTER && type->to->is_char;
}

/* What values of the type can be; 0: nothing. *ret_usual is what they are when the manifest does not say. */
static unsigned forms_of(const struct wf__param *p, enum wf__form *ret_usual)
{
    const struct wf__ctype *type = p->type, *to = type->to;
    bool many = p->room.is_set || type->count > 0;

    if (type->kind != WF__C_POINTER) {
        *ret_usual = type->kind == WF__C_STRUCT ? WF__AS_STRUCT : WF__AS_SCALAR;
        return BIT(*ret_usual);
    }
    if (wf__ctype_is_byte(to)) {
        *ret_usual = to->is_char ? WF__AS_TEXT : WF__AS_BASE64;
        return BIT(WF__AS_TEXT) | BIT(WF__AS_BASE64) | BIT(WF__AS_HEX) |
               (to->kind == WF__C_VOID ? 0 : BIT(WF__AS_LIST) | BIT(WF__AS_NUMBER));
    }
    if (wf__ctype_is_scalar(to)) {
        *ret_usual = many || p->way == WF__IN ? WF__AS_LIST : WF__AS_NUMBER;
        return BIT(WF__AS_NUMBER) | BIT(WF__AS_LIST);
    }
    if (to->kind == WF__C_STRUCT && to->nmembers > 0) {
        *ret_usual = many ? WF__AS_LIST : WF__AS_OBJECT;
        return BIT(WF__AS_OBJECT) | BIT(WF__AS_LIST);
    }
    if (is_text_pointer(to) && p->way != WF__INOUT) {
        *ret_usual = p->way == WF__IN ? WF__AS_TEXTS : WF__AS_TEXT_REF;
        return BIT(*ret_usual);
    }
    return 0;
}

static void choose_form(struct wf_manifest *m, struct wf__param *p)
{
    const struct wf_node *as = wf__member(p->node, "as", WF__STRING);
    enum wf__form usual = WF__AS_NULL;

    p->form = WF__AS_NULL;
    if (p->source == WF__FROM_VALUE && p->type->kind == WF__C_POINTER && cJSON_IsNull(p->value))
        return;
    unsigned forms = forms_of(p, &usual);
    if (!forms) {
        if (strcmp(p->name, "return") != 0) /* a pointer to something unknown can still be compared with NULL */
            wf__bad(m, 205, p->loc, "a pointer to what the manifest does not know can only be `value: null`",
                "`%s` of the type %s cannot be made from JSON", p->name, p->type->name);
        return;
    }
    p->form = usual;
    if (!as)
        return;
    const char *allowed[NFORMS + 1];
    size_t n = 0;
    for (size_t i = 0; i < NFORMS; i++) {
        if (!(forms & BIT(i)))
            continue;
        allowed[n++] = form_names[i];
        if (strcmp(as->text, form_names[i]) == 0) {
            p->form = (enum wf__form)i;
            return;
        }
    }
    allowed[n] = NULL;
    char hint[200];
    wf__bad(m, 205, as->loc, wf__hint_names(hint, sizeof hint, as->text, allowed), "%s cannot be `%s`", p->type->name,
        as->text);
}

/* ---- where it comes from ---- */

static void read_way(struct wf_manifest *m, struct wf__param *p)
{
    static const char *const names[] = {"in", "out", "inout", NULL};
    const struct wf_node *node = wf__member(p->node, "direction", WF__STRING);

    p->way = WF__IN;
    if (node) {
        for (int i = 0; names[i]; i++) {
            if (strcmp(node->text, names[i]) == 0) {
                p->way = (enum wf__way)(i + 1);
                if (p->way != WF__IN && p->type->kind != WF__C_POINTER)
                    wf__bad(m, 205, node->loc, NULL, "`%s` is passed by value: nothing comes back in it", p->name);
                else if (p->way != WF__IN && p->type->to_const)
                    wf__bad(
                        m, 205, node->loc, NULL, "`%s` points to const: the function does not write there", p->name);
                return;
            }
        }
        char hint[120];
        wf__bad(m, 205, node->loc, wf__hint_names(hint, sizeof hint, node->text, names), "no direction is called `%s`",
            node->text);
    } else if (p->type->kind == WF__C_POINTER && !p->type->to_const && p->type->to->size + p->type->to->nmembers > 0 &&
               !(wf__member(p->node, "value", WF__NULL)) &&
               !(p->type->to->kind == WF__C_POINTER && p->type->to->to_const)) {
        wf__bad(m, 201, p->loc, "direction: in, out or inout",
            "say whether the function reads or writes what `%s` (%s) points to", p->name, p->type->name);
    }
}

static const struct wf_node *one_source(struct wf_manifest *m, const struct wf__param *p)
{
    static const char *const keys[] = {"with", "value", "length", "size"};
    const struct wf_node *found = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct wf_node *key = wf_node_key(p->node, keys[i]);
        if (key && found)
            wf__bad(m, 205, key->loc, NULL, "`%s` comes from `%s` already", p->name, found->text);
        found = found ? found : key;
    }
    return found;
}

static void read_source(struct wf_manifest *m, const struct wf__function *f, struct wf__param *p)
{
    const struct wf_node *key = one_source(m, p), *node = key ? wf_node_get(p->node, key->text) : NULL;
    const struct wf_node *otherwise = wf_node_get(p->node, "default");

    p->other = WF__NOWHERE;
    if (p->way == WF__OUT) {
        p->source = WF__FROM_NOTHING;
        if (key)
            wf__bad(m, 205, key->loc, "direction: inout", "`%s` only comes out: nothing goes into it", p->name);
        return;
    }
    p->source = WF__FROM_WITH;
    p->member = p->name;
    if (key && strcmp(key->text, "with") == 0 && node->kind == WF_NODE_STRING)
        p->member = node->text;
    if (key && strcmp(key->text, "value") == 0) {
        p->source = WF__FROM_VALUE;
        p->value = wf__constant(m, node);
    } else if (otherwise) {
        p->value = wf__constant(m, otherwise);
    }
    if (key && (strcmp(key->text, "length") == 0 || strcmp(key->text, "size") == 0)) {
        p->source = strcmp(key->text, "length") == 0 ? WF__FROM_LENGTH : WF__FROM_SIZE;
        p->other = wf__function_index(m, f, node);
    }
}

/* ---- room and use ---- */

static void read_room(struct wf_manifest *m, const struct wf__function *f, struct wf__param *p)
{
    static const struct wf__prop props[] = {{"of", WF__STRING, false}, {"times", WF__NUMBER, false},
        {"plus", WF__NUMBER, false}, {"with", WF__STRING, false}, {0}};
    const struct wf_node *node = wf__member(p->node, "room", WF__NUMBER | WF__MAP);

    p->room = (struct wf__room){.times = 1, .of = WF__NOWHERE, .plus = (int64_t)p->type->count};
    p->used = WF__NOWHERE;
    if (!node)
        return;
    p->room.is_set = true;
    p->room.plus = 0;
    if (node->kind == WF_NODE_NUMBER) {
        wf__integer(&m->diags, node, "`room`", 1, (int64_t)WF_MAX_VALUE, &p->room.plus);
        if (p->room.plus < (int64_t)p->type->count)
            wf__bad(m, 205, node->loc, NULL, "`%s` is declared with %zu elements", p->name, p->type->count);
        return;
    }
    if (!wf__shape_check(&m->diags, node, node->loc, "a room", props, NULL))
        return;
    const struct wf_node *plus = wf__member(node, "plus", WF__NUMBER), *times = wf__member(node, "times", WF__NUMBER),
                         *of = wf__member(node, "of", WF__STRING);
    if (plus)
        wf__integer(&m->diags, plus, "`plus`", 0, (int64_t)WF_MAX_VALUE, &p->room.plus);
    if (times && !(times->number > 0 && times->number <= 1000))
        wf__bad(m, 205, times->loc, NULL, "`times` must be above 0 and at most 1000");
    else if (times)
        p->room.times = times->number;
    if (of)
        p->room.of = wf__function_index(m, f, of);
    p->room.with = wf__member_text(node, "with");
    if (!of && !p->room.with && p->room.plus == 0)
        wf__bad(m, 201, node->loc, "room: 4096, or {of: PARAMETER, times: 1.1, plus: 64}, or {with: MEMBER}",
            "`room` says nothing");
}

static bool has_elements(enum wf__form form)
{
    return form == WF__AS_TEXT || form == WF__AS_BASE64 || form == WF__AS_HEX || form == WF__AS_LIST ||
           form == WF__AS_TEXTS;
}

static void check_room(struct wf_manifest *m, const struct wf__param *p)
{
    bool needs = (p->way & WF__OUT) && has_elements(p->form), has = p->room.is_set || p->type->count > 0;

    if (needs && !has)
        wf__bad(m, 201, p->loc, "room: 4096, or {of: PARAMETER, times: 1.1, plus: 64}",
            "say for how many elements `%s` needs room", p->name);
    if (p->room.is_set && !needs)
        wf__bad(m, 205, p->loc, NULL, "`%s` needs no room: nothing of many elements comes out of it", p->name);
}

/* Parameters that this one speaks of: is there such a thing in them? */
static void check_others(struct wf_manifest *m, struct wf__function *f, struct wf__param *p)
{
    const struct wf_node *used = wf__member(p->node, "used", WF__STRING);
    const struct wf__param *other = p->other >= 0 ? &f->params[p->other] : NULL;

    if (other && p->source == WF__FROM_LENGTH && !((other->way & WF__IN) && has_elements(other->form)))
        wf__bad(m, 205, p->loc, NULL, "`%s` has no length: nothing of many elements goes into it", other->name);
    if (other && p->source == WF__FROM_SIZE && !((other->way & WF__OUT) && has_elements(other->form)))
        wf__bad(m, 205, p->loc, NULL, "`%s` has no room whose size could be told", other->name);
    if (other && p->form != WF__AS_SCALAR && p->form != WF__AS_NUMBER)
        wf__bad(m, 205, p->loc, NULL, "`%s` cannot hold a count", p->name);
    if (used) {
        p->used = wf__function_index(m, f, used);
        const struct wf__param *by = p->used >= 0 ? &f->params[p->used] : NULL;
        if (by && !(by->form == WF__AS_SCALAR && (size_t)p->used == f->nparams) &&
            !(by->form == WF__AS_NUMBER && (by->way & WF__OUT)))
            wf__bad(m, 205, used->loc, "name an out parameter, or `return`", "`%s` does not tell a count", by->name);
    }
    if (p->room.of >= 0 && !((f->params[p->room.of].way & WF__IN) && has_elements(f->params[p->room.of].form)))
        wf__bad(m, 205, p->loc, NULL, "`%s` has no length to reckon with", f->params[p->room.of].name);
}

/* ---- the return value ---- */

static void check_return(struct wf_manifest *m, const struct wf__param *p)
{
    if ((p->form == WF__AS_BASE64 || p->form == WF__AS_HEX || p->form == WF__AS_LIST) && !wf_node_get(p->node, "used"))
        wf__bad(m, 201, p->loc, "returns: {used: PARAMETER}, or as: text", "say how long the returned %s is",
            p->type->name);
}

/* Who frees what comes back as a pointer: a thing that cannot be guessed. */
static void read_release(struct wf_manifest *m, struct wf__param *p, bool is_return)
{
    const struct wf_node *node = wf__member(p->node, "free", WF__STRING);
    const struct wf__ctype *type = is_return ? p->type : p->type->to;
    bool is_pointer = is_return ? type->kind == WF__C_POINTER : p->form == WF__AS_TEXT_REF;

    if (node && !is_pointer)
        wf__bad(m, 205, node->loc, NULL, "`%s` is no pointer that could be freed", p->name);
    else if (node && strcmp(node->text, "none") != 0)
        p->release = node->text;
    else if (!node && is_pointer && !type->to_const && p->form != WF__AS_NULL)
        wf__bad(m, 201, p->loc, "free: FUNCTION, such as free; or free: none when it belongs to the library",
            "say who frees the %s that %s%s", type->name, is_return ? "it returns" : "comes in ",
            is_return ? "" : p->name);
}

/* ---- all ---- */

static const struct wf__prop param_props[] = {{"summary", WF__STRING, false}, {"direction", WF__STRING, false},
    {"with", WF__STRING, false}, {"value", WF__ANY, false}, {"default", WF__ANY, false}, {"length", WF__STRING, false},
    {"size", WF__STRING, false}, {"as", WF__STRING, false}, {"room", WF__NUMBER | WF__MAP, false},
    {"used", WF__STRING, false}, {"free", WF__STRING, false}, {0}};
static const struct wf__prop return_props[] = {{"summary", WF__STRING, false}, {"as", WF__STRING, false},
    {"used", WF__STRING, false}, {"free", WF__STRING, false}, {0}};

static void check_names(struct wf_manifest *m, const struct wf__function *f, const struct wf_node *params)
{
    const char *names[WF__C_MOST_PARAMS + 1];
    char hint[200];

    for (size_t i = 0; i <= f->nparams; i++)
        names[i] = i < f->nparams ? f->params[i].name : NULL;
    for (size_t i = 0; params && i < params->count; i++) {
        bool found = false;
        for (size_t k = 0; k < f->nparams; k++)
            found = found || strcmp(names[k], params->keys[i]->text) == 0;
        if (!found)
            wf__bad(m, 202, params->keys[i]->loc, wf__hint_names(hint, sizeof hint, params->keys[i]->text, names),
                "%s has no parameter `%s`", f->c.name, params->keys[i]->text);
    }
}

/* A format from outside could read and write the whole memory. */
static void check_format(struct wf_manifest *m, const struct wf__function *f)
{
    const struct wf__param *format = f->nfixed > 0 ? &f->params[f->nfixed - 1] : NULL;

    if (f->c.is_variadic && format && format->form == WF__AS_TEXT && format->source != WF__FROM_VALUE)
        wf__bad(m, 205, format->loc, "value: '%s', and the text in `varargs`",
            "`%s` decides what a variadic function does with its arguments: it must be a constant", format->name);
}

void wf__params_read(struct wf_manifest *m, struct wf__function *f, const struct wf_node *map)
{
    const struct wf_node *params = wf__member(map, "parameters", WF__MAP);
    struct wf__param *ret = &f->params[f->nparams];

    check_names(m, f, params);
    for (size_t i = 0; i < f->nparams; i++) {
        struct wf__param *p = &f->params[i];
        p->node = wf_node_get(params, p->name);
        p->loc = p->node ? wf__key_loc(params, p->name) : f->loc;
        if (p->node && !wf__shape_check(&m->diags, p->node, p->node->loc, "a parameter", param_props, NULL))
            p->node = NULL;
        p->summary = wf__member_text(p->node, "summary");
        read_way(m, p);
        read_room(m, f, p);
        read_source(m, f, p);
        choose_form(m, p);
        check_room(m, p);
        read_release(m, p, false);
    }
    ret->node = wf__member(map, "returns", WF__MAP);
    ret->loc = ret->node ? wf__key_loc(map, "returns") : f->loc;
    if (ret->node && !wf__shape_check(&m->diags, ret->node, ret->node->loc, "`returns`", return_props, NULL))
        ret->node = NULL;
    ret->summary = wf__member_text(ret->node, "summary");
    ret->way = WF__OUT;
    ret->source = WF__FROM_NOTHING;
    ret->other = ret->used = ret->room.of = WF__NOWHERE;
    if (ret->type->kind != WF__C_VOID) {
        choose_form(m, ret);
        check_return(m, ret);
        read_release(m, ret, true);
    }
    for (size_t i = 0; i <= f->nparams; i++)
        check_others(m, f, &f->params[i]);
    check_format(m, f);
}
