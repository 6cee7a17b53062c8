/* yaml.c: YAML text to nodes, over libyaml's events, with an explicit stack.
 *
 *     START  push a frame          SCALAR, ALIAS  a finished node
 *     END    pop it: a finished node              a finished node becomes a key, a value or an item of the top frame
 *
 * libyaml knows YAML 1.1; the scalars' meaning, duplicate keys, limits and aliases are ours. */
#include "def/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "def/yaml_scalar.h"

#define MAX_ANCHORS 1000

/* A node with what only the reader needs. */
struct built {
    struct wf_node node; /* first: a built is its node */
    size_t unfolded;     /* nodes below and including this one, aliases counted each time */
    int height;          /* levels of lists and maps below and including this one */
    bool open;           /* still being read: an alias to it would be a ring */
};

struct frame {
    struct built *owner;
    const struct wf_node *key; /* of a map: read, its value is not there yet */
    const struct wf_node **keys, **items;
    size_t count, cap;
};

struct anchor {
    char *name;
    struct built *to;
};

struct reader {
    yaml_parser_t parser;
    const char *file, *text;
    size_t len;
    struct wf_arena *arena;
    struct wf_diags *diags;
    struct frame stack[WF_YAML_MAX_DEPTH];
    int depth;
    struct anchor *anchors;
    size_t nanchors;
    size_t total; /* unfolded nodes so far */
    struct built *root;
    bool failed; /* cannot go on: the finding is in diags */
};

static struct wf_loc loc_of(const struct reader *r, yaml_mark_t mark)
{
    return (struct wf_loc){r->file, (int)mark.line + 1, (int)mark.column + 1};
}

__attribute__((format(printf, 5, 6))) static void stop(
    struct reader *r, int code, struct wf_loc loc, const char *hint, const char *format, ...)
{
    char msg[512];
    va_list args;
    va_start(args, format);
    vsnprintf(msg, sizeof msg, format, args);
    va_end(args);
    wf_diags_add(r->diags, WF_SEV_ERROR, code, loc, hint, "%s", msg);
    r->failed = true;
}

static void stop_full(struct reader *r, struct wf_loc loc)
{
    stop(r, 104, loc, NULL, "the file needs more memory than it may have");
}

static struct built *new_node(struct reader *r, enum wf_node_kind kind, yaml_mark_t mark)
{
    struct wf_loc loc = loc_of(r, mark);
    struct built *b = wf_arena_alloc(r->arena, sizeof *b);
    if (!b) {
        stop_full(r, loc);
        return NULL;
    }
    b->node.kind = kind;
    b->node.loc = loc;
    b->unfolded = 1;
    return b;
}

/* ---- anchors and tags ---- */

static void remember_anchor(struct reader *r, const yaml_char_t *name, struct built *to)
{
    if (!name || r->failed)
        return;
    if (r->nanchors == MAX_ANCHORS) {
        stop(r, 104, to->node.loc, NULL, "more than %d anchors", MAX_ANCHORS);
        return;
    }
    r->anchors = wf_realloc(r->anchors, (r->nanchors + 1) * sizeof *r->anchors);
    r->anchors[r->nanchors++] = (struct anchor){wf_strdup((const char *)name), to};
}

static struct built *find_anchor(struct reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct wf_loc loc = loc_of(r, event->start_mark);
    for (size_t i = r->nanchors; i-- > 0;) {
        if (strcmp(r->anchors[i].name, name) != 0)
            continue;
        if (!r->anchors[i].to->open)
            return r->anchors[i].to;
        stop(r, 102, loc, NULL, "the alias *%s is inside of what it stands for", name);
        return NULL;
    }
    stop(r, 102, loc, "an anchor (&name) has to come before its aliases (*name)", "no anchor &%s before this alias",
        name);
    return NULL;
}

#define CORE_TAG "tag:yaml.org,2002:"

/* The kind a tag asks for; false: a tag that is not of the core schema. "!" alone means text. */
static bool tag_kind(const char *tag, enum wf_node_kind *ret)
{
    static const struct {
        const char *tag;
        enum wf_node_kind kind;
    } rows[] = {
        {CORE_TAG "null", WF_NODE_NULL},
        {CORE_TAG "bool", WF_NODE_BOOL},
        {CORE_TAG "int", WF_NODE_NUMBER},
        {CORE_TAG "float", WF_NODE_NUMBER},
        {CORE_TAG "str", WF_NODE_STRING},
        {"!", WF_NODE_STRING},
        {CORE_TAG "seq", WF_NODE_LIST},
        {CORE_TAG "map", WF_NODE_MAP},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].tag, tag) == 0) {
            *ret = rows[i].kind;
            return true;
        }
    }
    return false;
}

/* After resolution: does the tag, if any, agree with the node? */
static void check_tag(struct reader *r, const yaml_char_t *tag, const struct wf_node *node)
{
    enum wf_node_kind kind;
    if (!tag || r->failed)
        return;
    if (!tag_kind((const char *)tag, &kind))
        stop(r, 102, node->loc, "only the core tags !!str !!int !!float !!bool !!null !!seq !!map are known",
            "unknown tag %s", (const char *)tag);
    else if (kind != node->kind)
        stop(r, 102, node->loc, NULL, "the tag %s does not fit %s", (const char *)tag, wf_node_kind_name(node->kind));
}

/* ---- finished nodes ---- */

static void add_key(struct reader *r, struct frame *f, const struct wf_node *node, bool plain)
{
    if (node->kind == WF_NODE_LIST || node->kind == WF_NODE_MAP) {
        stop(r, 102, node->loc, "a text that begins with { or [ has to be quoted", "a key has to be text, not %s",
            wf_node_kind_name(node->kind));
        return;
    }
    if (plain && node->len == 2 && memcmp(node->text, "<<", 2) == 0) {
        stop(r, 102, node->loc, "YAML 1.2 has no merge keys: write the properties out, or alias the whole value",
            "merge keys are not supported");
        return;
    }
    if (strlen(node->text) != node->len || (plain && node->len == 0)) {
        stop(r, 102, node->loc, NULL, node->len ? "a key may not hold U+0000" : "a key is missing before `:`");
        return;
    }
    if (node->kind == WF_NODE_STRING) {
        f->key = node;
        return;
    }
    /* `200:` and `true:` are texts as keys: JSON has no others. */
    struct wf_node *text = wf_arena_alloc(r->arena, sizeof *text);
    if (!text) {
        stop_full(r, node->loc);
        return;
    }
    *text = *node;
    text->kind = WF_NODE_STRING;
    f->key = text;
}

static void grow(struct frame *f)
{
    if (f->count < f->cap)
        return;
    f->cap = f->cap ? f->cap * 2 : 8;
    f->items = wf_realloc(f->items, f->cap * sizeof *f->items);
    if (f->owner->node.kind == WF_NODE_MAP)
        f->keys = wf_realloc(f->keys, f->cap * sizeof *f->keys);
}

/* Puts a finished node where it belongs; plain says that it is a scalar without quotes. */
static void place(struct reader *r, struct built *b, bool plain)
{
    if (r->depth == 0) {
        r->root = b;
        return;
    }
    struct frame *f = &r->stack[r->depth - 1];
    if (f->owner->node.kind == WF_NODE_MAP && !f->key) {
        f->owner->unfolded++;
        add_key(r, f, &b->node, plain);
        return;
    }
    grow(f);
    if (f->owner->node.kind == WF_NODE_MAP)
        f->keys[f->count] = f->key;
    f->items[f->count++] = &b->node;
    f->key = NULL;
    f->owner->unfolded += b->unfolded;
    if (b->height + 1 > f->owner->height)
        f->owner->height = b->height + 1;
}

static int compare_keys(const void *a, const void *b)
{
    const struct wf_node *const *x = a, *const *y = b;
    int by_text = strcmp((*x)->text, (*y)->text);
    if (by_text)
        return by_text;
    if ((*x)->loc.line != (*y)->loc.line)
        return (*x)->loc.line < (*y)->loc.line ? -1 : 1;
    return (*x)->loc.col - (*y)->loc.col;
}

/* Sorted neighbours are found in n log n: inputs have maps of many thousand keys. */
static void check_duplicates(struct reader *r, const struct wf_node *map)
{
    if (map->count < 2)
        return;
    const struct wf_node **sorted = wf_calloc(map->count, sizeof(struct wf_node *));
    memcpy(sorted, map->keys, map->count * sizeof *sorted);
    qsort(sorted, map->count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < map->count; i++) {
        const struct wf_node *first = sorted[i - 1], *second = sorted[i];
        if (strcmp(first->text, second->text) == 0)
            wf_diags_add(r->diags, WF_SEV_ERROR, 103, second->loc, "keep one of them, or give this one its own name",
                "`%.100s` is already given at line %d, column %d", second->text, first->loc.line, first->loc.col);
    }
    free(sorted);
}

static const struct wf_node **keep(struct reader *r, const struct wf_node **items, size_t count)
{
    const struct wf_node **kept = wf_arena_alloc(r->arena, (count + 1) * sizeof *kept);
    if (!kept)
        stop_full(r, (struct wf_loc){r->file, 0, 0});
    else if (count)
        memcpy(kept, items, count * sizeof *kept);
    return kept;
}

static void frame_done(struct frame *f)
{
    free(f->keys);
    free(f->items);
    *f = (struct frame){0};
}

/* ---- events ---- */

static void on_scalar(struct reader *r, const yaml_event_t *event)
{
    struct built *b = new_node(r, WF_NODE_STRING, event->start_mark);
    if (!b)
        return;
    struct wf_node *n = &b->node;
    n->len = event->data.scalar.length;
    n->text = wf_arena_memdup(r->arena, event->data.scalar.value, n->len);
    if (!n->text) {
        stop_full(r, n->loc);
        return;
    }
    r->total++;
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    enum wf_node_kind asked;
    bool as_text = tag && tag_kind(tag, &asked) && asked == WF_NODE_STRING;
    if ((plain || tag) && !as_text) {
        bool inexact;
        const char *why;
        if (wf__scalar_resolve(n, &inexact, &why) != 0)
            stop(r, 102, n->loc, NULL, "`%.60s`: %s", n->text, why);
        else if (inexact)
            wf_diags_add(r->diags, WF_SEV_WARNING, 205, n->loc, "quote it to keep it as text",
                "%.60s loses digits: numbers are exact up to 2^53", n->text);
    }
    check_tag(r, event->data.scalar.tag, n);
    remember_anchor(r, event->data.scalar.anchor, b);
    if (!r->failed)
        place(r, b, plain && !as_text);
}

static void on_alias(struct reader *r, const yaml_event_t *event)
{
    struct built *b = find_anchor(r, event);
    if (!b)
        return;
    r->total += b->unfolded;
    if (r->depth + b->height > WF_YAML_MAX_DEPTH)
        stop(r, 104, loc_of(r, event->start_mark), NULL, "nested more than %d levels deep through this alias",
            WF_YAML_MAX_DEPTH);
    else
        place(r, b, false);
}

static void on_start(struct reader *r, const yaml_event_t *event, enum wf_node_kind kind, const yaml_char_t *tag,
    const yaml_char_t *anchor)
{
    struct wf_loc loc = loc_of(r, event->start_mark);
    if (r->depth == WF_YAML_MAX_DEPTH) {
        stop(r, 104, loc, NULL, "nested more than %d levels deep", WF_YAML_MAX_DEPTH);
        return;
    }
    struct built *b = new_node(r, kind, event->start_mark);
    if (!b)
        return;
    r->total++;
    b->open = true;
    b->height = 1;
    check_tag(r, tag, &b->node);
    remember_anchor(r, anchor, b);
    r->stack[r->depth++] = (struct frame){.owner = b};
}

static void on_end(struct reader *r)
{
    struct frame *f = &r->stack[r->depth - 1];
    struct built *b = f->owner;
    b->node.count = f->count;
    b->node.items = keep(r, f->items, f->count);
    if (b->node.kind == WF_NODE_MAP && !r->failed) {
        b->node.keys = keep(r, f->keys, f->count);
        if (!r->failed)
            check_duplicates(r, &b->node);
    }
    b->open = false;
    frame_done(f);
    r->depth--;
    if (!r->failed)
        place(r, b, false);
}

static void on_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->root)
            stop(
                r, 102, loc_of(r, event->start_mark), "put it into a file of its own", "a second document begins here");
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(r, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(r, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(r, event, WF_NODE_LIST, event->data.sequence_start.tag, event->data.sequence_start.anchor);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(r, event, WF_NODE_MAP, event->data.mapping_start.tag, event->data.mapping_start.anchor);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(r);
        break;
    default:
        break;
    }
    if (!r->failed && r->total > WF_YAML_MAX_NODES)
        stop(r, 104, loc_of(r, event->start_mark), NULL, "more than %u values, aliases unfolded", WF_YAML_MAX_NODES);
}

/* Line and column of the byte at offset; the bytes before it are UTF-8. */
static struct wf_loc place_of(const struct reader *r, size_t offset)
{
    struct wf_loc loc = {r->file, 1, 1};
    size_t line_start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (r->text[i] == '\n') {
            loc.line++;
            line_start = i + 1;
        }
    }
    loc.col += (int)wf_utf8_count(r->text + line_start, offset - line_start);
    return loc;
}

/* ---- the whole text ---- */

static const char *hint_for(const struct reader *r)
{
    size_t at = r->parser.problem_mark.index; /* in characters; good enough to look at ASCII */
    const char *problem = r->parser.problem;
    if (strstr(problem, "cannot start any token") && at < r->len)
        return r->text[at] == '\t' ? "indent with spaces, not with tabs"
                                   : "quote a text that begins with this character";
    if (strstr(problem, "mapping values are not allowed"))
        return "quote a text that holds `: `, or check the indentation";
    if (strstr(problem, "did not find expected"))
        return "check the indentation, and that quotes and brackets are closed";
    if (strstr(problem, "invalid Unicode character escape"))
        return "write the character itself instead of a pair of \\u escapes";
    return NULL;
}

static void report_parser(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_READER_ERROR) {
        stop(r, 102, place_of(r, p->problem_offset), NULL, "%s", p->problem);
        return;
    }
    struct wf_loc loc = loc_of(r, p->problem_mark);
    const char *problem = p->problem ? p->problem : "the text cannot be read";
    if (p->context)
        stop(r, 102, loc, p->problem ? hint_for(r) : NULL, "%s, %s (line %d)", problem, p->context,
            (int)p->context_mark.line + 1);
    else
        stop(r, 102, loc, p->problem ? hint_for(r) : NULL, "%s", problem);
}

static void read_all(struct reader *r)
{
    if (!yaml_parser_initialize(&r->parser)) {
        stop_full(r, (struct wf_loc){r->file, 0, 0});
        return;
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text, r->len);
    for (bool end = false; !end && !r->failed;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event)) {
            report_parser(r);
            break;
        }
        on_event(r, &event);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&r->parser);
}

static void reader_done(struct reader *r)
{
    while (r->depth > 0)
        frame_done(&r->stack[--r->depth]);
    for (size_t i = 0; i < r->nanchors; i++)
        free(r->anchors[i].name);
    free(r->anchors);
    free(r);
}

const struct wf_node *wf_yaml_parse_lenient(
    const char *file, const char *text, size_t len, struct wf_arena *arena, struct wf_diags *diags)
{
    struct reader *r = wf_calloc(1, sizeof *r);
    r->file = wf_arena_strdup(arena, file);
    r->arena = arena;
    r->diags = diags;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    r->text = text;
    r->len = len;
    size_t good = wf_utf8_valid(text, len);
    if (len > WF_YAML_MAX_BYTES)
        stop(r, 104, (struct wf_loc){r->file, 1, 1}, NULL, "longer than %zu MiB", WF_YAML_MAX_BYTES >> 20);
    else if (good < len)
        stop(r, 102, place_of(r, good), "save the file as UTF-8", "not valid UTF-8");
    else
        read_all(r);
    if (!r->failed && !r->root)
        r->root = new_node(r, WF_NODE_NULL, (yaml_mark_t){0});
    const struct wf_node *root = r->failed ? NULL : &r->root->node;
    reader_done(r);
    return root;
}

int wf_yaml_parse(const char *file, const char *text, size_t len, struct wf_arena *arena, struct wf_diags *diags,
    const struct wf_node **ret)
{
    size_t errors_before = diags->errors;
    const struct wf_node *root = wf_yaml_parse_lenient(file, text, len, arena, diags);
    if (diags->errors > errors_before)
        return WF_EINVAL;
    *ret = root;
    return 0;
}
