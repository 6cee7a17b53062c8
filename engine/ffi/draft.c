/* draft.c: a header is cut into declarations; types and structs are kept, prototypes become functions of a manifest.
 *
 * What a function still needs to be told is not guessed: the draft of each is read as the manifest would be, and the
 * reader's findings are the questions. */
#include "config.h" /* _GNU_SOURCE */

#include "ffi/draft.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ffi/manifest_priv.h"

#define LONGEST_DRAFT ((size_t)4 << 20)
#define MOST_MEMORY   ((size_t)256 << 20)

struct entry { /* of `types` */
    struct entry *next;
    const char *name;
    const char *text; /* what stands behind the name */
    bool is_struct, is_used;
};

struct draft {
    const struct wf_draft_settings *settings;
    struct wf_arena *arena;
    struct wf__cnames names;
    struct entry *first, *last;
    struct wf_buf *out;
    struct wf_draft_counts *counts;
    void *library; /* NULL: it cannot be opened here, so nobody knows what it has */
    /* Where the declaration at hand stands: in the file that was given, or in one of its parts (`bits/`), unless at some
     * depth of includes another header was entered. */
    bool is_given;
    unsigned depth, foreign_depth; /* 0: it was not */
};

/* ---- declarations ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The end of a bracket's contents, just behind its partner. */
static const char *behind(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        depth += *p == '(' || *p == '{' || *p == '[';
        depth -= *p == ')' || *p == '}' || *p == ']';
        if (depth == 0)
            return p + 1;
    }
    return p;
}

/* Words that say nothing about how a function is called; those with a bracket lose it too. */
static bool is_noise(const char *word, size_t len)
{
    static const char *const noise[] = {"__attribute__", "__attribute", "__asm__", "__asm", "asm", "__extension__",
        "_Noreturn", "__nonnull", "__THROW", "__wur", "extern"};
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (strlen(noise[i]) == len && strncmp(noise[i], word, len) == 0)
            return true;
    return false;
}

static bool is_own(const struct draft *d)
{
    return d->is_given && d->foreign_depth == 0;
}

/* The headers of the C library have their declarations in files that nobody includes but they. */
static bool is_part(const char *path, size_t len)
{
    return memmem(path, len, "/bits/", 6) != NULL;
}

/* `# 12 "/usr/include/zlib.h" 1` says whose lines follow; 1: it is included here, 2: an included one has ended. */
static const char *line_marker(struct draft *d, const char *p)
{
    const char *end = strchr(p, '\n'), *quote = memchr(p, '"', end ? (size_t)(end - p) : strlen(p));
    const char *path = quote ? quote + 1 : "", *close = strchr(path, '"');

    if (quote && close) {
        size_t len = (size_t)(close - path);
        bool begins = strncmp(close, "\" 1", 3) == 0, ends = strncmp(close, "\" 2", 3) == 0;
        if (begins && ++d->depth > 0 && !d->foreign_depth && !is_part(path, len))
            d->foreign_depth = d->depth;
        if (ends && d->depth > 0 && d->foreign_depth == d->depth--)
            d->foreign_depth = 0;
        if (d->depth == 0 && !ends)
            d->is_given = strlen(d->settings->header) == len && strncmp(path, d->settings->header, len) == 0;
    }
    while (end && end[-1] == '\\')
        end = strchr(end + 1, '\n');
    return end ? end + 1 : p + strlen(p);
}

static const char *comment_end(const char *p)
{
    const char *end = p[1] == '*' ? strstr(p + 2, "*/") : strchr(p, '\n');
    return !end ? p + strlen(p) : end + (p[1] == '*' ? 2 : 0);
}

/* The next declaration in one line, without noise; NULL: the end. A function's body ends it, as `;` does. */
static const char *next_declaration(struct draft *d, const char *p, struct wf_buf *line)
{
    bool is_line_start = true;

    wf_buf_clear(line);
    while (*p && *p != ';') {
        if (*p == '#' && is_line_start) {
            p = line_marker(d, p);
            continue;
        }
        is_line_start = *p == '\n' || (is_line_start && isspace((unsigned char)*p));
        size_t len = 0;
        while (is_word(p[len]))
            len++;
        if (p[0] == '/' && (p[1] == '*' || p[1] == '/')) {
            p = comment_end(p);
        } else if (len > 0 && is_noise(p, len)) {
            for (p += len; isspace((unsigned char)*p); p++)
                is_line_start = is_line_start || *p == '\n';
            p = *p == '(' ? behind(p) : p;
        } else if (len > 0) {
            wf_buf_add(line, p, len);
            p += len;
        } else if (isspace((unsigned char)*p)) {
            if (line->len > 0 && line->ptr[line->len - 1] != ' ')
                wf_buf_char(line, ' ');
            p++;
        } else if (*p == '"') { /* extern "C" { */
            const char *brace = strchr(p + 1, '{');
            p = brace ? brace + 1 : p + 1;
        } else if (*p == '}' && line->len == 0) {
            p++; /* and its end */
        } else if (*p == '{') {
            const char *end = behind(p);
            bool is_body = line->len > 1 && line->ptr[line->len - 1 - (line->ptr[line->len - 1] == ' ')] == ')';
            if (is_body) {
                wf_buf_clear(line);
                is_line_start = true;
            } else {
                for (; p < end; p++)
                    wf_buf_char(line, isspace((unsigned char)*p) ? ' ' : *p);
            }
            p = end;
        } else {
            wf_buf_char(line, *p++);
        }
    }
    while (line->len > 0 && line->ptr[line->len - 1] == ' ')
        line->ptr[--line->len] = '\0';
    return *p ? p + 1 : NULL;
}

/* ---- types ---- */

static void remember(struct draft *d, const char *name, const char *text, bool is_struct)
{
    struct entry *entry = wf_arena_alloc(d->arena, sizeof *entry);
    *entry = (struct entry){
        .name = wf_arena_strdup(d->arena, name), .text = wf_arena_strdup(d->arena, text), .is_struct = is_struct};
    if (d->last)
        d->last->next = entry;
    else
        d->first = entry;
    d->last = entry;
}

static const char *text_of(const struct draft *d, const char *name)
{
    for (const struct entry *entry = d->first; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry->text;
    return "opaque";
}

/* `{ int a; const char *b; }` as members; true when all of them can be read. `int a, b;` cannot. */
static bool read_members(struct draft *d, const char *body, const char *name)
{
    struct wf__cmember members[WF__C_MOST_MEMBERS];
    struct wf_buf list;
    size_t count = 0;
    bool is_read = true;

    wf_buf_init(&list, LONGEST_DRAFT);
    for (const char *p = body + 1; is_read;) {
        size_t len;
        p += strspn(p, " ");
        len = strcspn(p, ";");
        if (*p == '}' || !p[len])
            break;
        char *text = wf_arena_memdup(d->arena, p, len);
        struct wf_err err = {0};
        is_read = count < WF__C_MOST_MEMBERS && wf__cdecl_variable(&d->names, text, &members[count], &err) == 0;
        wf_buf_printf(&list, "\n    - %s", text);
        count += is_read;
        p += len + 1;
    }
    is_read = is_read && count > 0;
    if (is_read) {
        wf__ctype_name(&d->names, name, wf__ctype_struct(&d->names, name, members, count));
        remember(d, name, list.ptr, true);
    }
    wf_buf_done(&list);
    return is_read;
}

/* `struct x {...}`, with or without a name behind it when it is a typedef. */
static void read_aggregate(struct draft *d, const char *text, bool is_typedef)
{
    const char *brace = strchr(text, '{'), *end = behind(brace);
    char tag[100], *name = NULL;
    bool is_struct = strncmp(text, "struct", 6) == 0;
    size_t len = (size_t)(brace - text);

    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (len >= sizeof tag)
        return;
    memcpy(tag, text, len);
    tag[len] = '\0';
    end += strspn(end, " ");
    if (is_typedef && end[0] &&
        strspn(end, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(end))
        name = wf_arena_strdup(d->arena, end);
    if (is_struct && strchr(tag, ' '))
        read_members(d, brace, tag);
    if (!name)
        return;
    if (strncmp(text, "enum", 4) == 0) {
        wf__ctype_name(&d->names, name, wf__ctype_find(&d->names, "int"));
        remember(d, name, "int", false);
    } else if (!is_struct || !read_members(d, brace, name)) {
        wf__ctype_name(&d->names, name, wf__ctype_opaque(&d->names, name));
        remember(d, name, "opaque", false);
    }
}

static void read_typedef(struct draft *d, const char *text)
{
    struct wf__cmember made;
    struct wf_err err = {0};

    if (strchr(text, '{')) {
        read_aggregate(d, text, true);
        return;
    }
    if (strncmp(text, "struct ", 7) == 0 && !strchr(text, '*')) { /* typedef struct x x; */
        const char *name = strrchr(text, ' ') + 1;
        char *tag = wf_arena_memdup(d->arena, text, (size_t)(name - 1 - text));
        const struct wf__ctype *type = wf__ctype_find(&d->names, tag);
        wf__ctype_name(&d->names, name, type ? type : wf__ctype_opaque(&d->names, name));
        remember(d, name, type ? text_of(d, tag) : "opaque", type != NULL);
        return;
    }
    if (wf__cdecl_variable(&d->names, text, &made, &err) != 0 || wf__ctype_find(&d->names, made.name))
        return;
    wf__ctype_name(&d->names, made.name, made.type);
    remember(d, made.name, made.type->name, false);
}

/* Entries that the text speaks of, and those that their texts speak of. */
static void mark_used(struct draft *d, const char *text)
{
    for (struct entry *entry = d->first; entry; entry = entry->next) {
        size_t len = strlen(entry->name);
        for (const char *p = strstr(text, entry->name); p && !entry->is_used; p = strstr(p + 1, entry->name)) {
            if ((p > text && is_word(p[-1])) || is_word(p[len]))
                continue;
            entry->is_used = true;
            mark_used(d, entry->text);
        }
    }
}

static void write_entries(const struct draft *d, struct wf_buf *buf)
{
    bool any = false;
    for (const struct entry *entry = d->first; entry; entry = entry->next) {
        if (!entry->is_used)
            continue;
        wf_buf_printf(
            buf, entry->is_struct ? "%s  %s:%s\n" : "%s  %s: %s\n", any ? "" : "types:\n", entry->name, entry->text);
        any = true;
    }
}

/* ---- functions ---- */

static bool is_count_name(const char *name)
{
    static const char *const words[] = {"len", "size", "count", "nbytes", "num"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i]))
            return true;
    return strcmp(name, "n") == 0;
}

/* A count right behind a buffer that is only read is its length. */
static void write_lengths(struct wf_buf *buf, const struct wf__cfunction *c)
{
    bool any = false;
    for (size_t i = 1; i < c->nparams; i++) {
        const struct wf__ctype *before = c->params[i - 1].type;
        if (before->kind != WF__C_POINTER || !before->to_const || c->params[i].type->kind != WF__C_INT ||
            !is_count_name(c->params[i].name))
            continue;
        wf_buf_printf(buf, "%s      %s: {length: %s}\n", any ? "" : "    parameters:\n", c->params[i].name,
            c->params[i - 1].name);
        any = true;
    }
}

/* zlibVersion: zlib-version */
static void write_step_name(struct wf_buf *buf, const char *name)
{
    for (const char *p = name; *p; p++) {
        if (isupper((unsigned char)*p) && p > name && islower((unsigned char)p[-1]))
            wf_buf_char(buf, '-');
        wf_buf_char(buf, *p == '_' ? '-' : (char)tolower((unsigned char)*p));
    }
}

/* Without the spaces that the preprocessor left. */
static void write_declaration(struct wf_buf *buf, const char *text)
{
    wf_buf_str(buf, "    declaration: '");
    for (const char *p = text; *p; p++)
        if (*p != ' ' || !(p[1] == '(' || p[1] == ')' || p[1] == ',' || p[-1] == '*' || p[-1] == '('))
            wf_buf_char(buf, *p);
    wf_buf_str(buf, "'\n");
}

static void write_function(struct draft *d, struct wf_buf *buf, const struct wf__cfunction *c, const char *text)
{
    wf_buf_str(buf, "  ");
    write_step_name(buf, c->name);
    wf_buf_printf(buf, ":\n    summary: %s\n    effect: %s\n", c->name, d->settings->effect);
    if (strcmp(d->settings->effect, "none") != 0 && strcmp(d->settings->effect, "read") != 0)
        wf_buf_str(buf, "    noUndo: nobody has said yet whether it can be taken back\n");
    write_declaration(buf, text);
    write_lengths(buf, c);
    if (c->returns->kind != WF__C_VOID)
        wf_buf_str(buf, "    output: return\n");
}

/* Puts `# ` before each line. */
static void write_behind_hash(struct wf_buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        wf_buf_printf(out, "# %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

/* The function as a manifest of its own, and what its reader asks. */
static struct wf_manifest *try(struct draft *d, const char *function)
{
    struct wf_buf whole;

    wf_buf_init(&whole, LONGEST_DRAFT);
    wf_buf_str(&whole, "version: 0.1.0\nsummary: s\nlibrary: l\n");
    write_entries(d, &whole);
    wf_buf_printf(&whole, "functions:\n%s", function);
    struct wf_manifest *m = wf__manifest_parse("draft.function.yaml", whole.ptr, whole.len);
    wf_buf_done(&whole);
    return m;
}

static void add_function(struct draft *d, const struct wf__cfunction *c, const char *text)
{
    struct wf_buf function;

    wf_buf_init(&function, LONGEST_DRAFT);
    mark_used(d, text);
    write_function(d, &function, c, text);
    struct wf_manifest *m = try(d, function.ptr);
    if (m->diags.errors == 0) {
        wf_buf_printf(d->out, "\n%s", function.ptr);
        d->counts->complete++;
    } else {
        wf_buf_char(d->out, '\n');
        for (size_t i = 0; i < m->diags.count; i++)
            wf_buf_printf(d->out, "# ask: %s%s%s\n", m->diags.items[i].msg, m->diags.items[i].hint ? "; " : "",
                m->diags.items[i].hint ? m->diags.items[i].hint : "");
        write_behind_hash(d->out, function.ptr);
        d->counts->asking++;
    }
    wf_manifest_free(m);
    wf_buf_done(&function);
}

/* `double __x` as `double x`: a header hides the names of its parameters from the macros of others. */
static char *plain_names(struct draft *d, const char *text)
{
    char *plain = wf_arena_strdup(d->arena, text), *to = plain;
    bool is_inside = false;

    for (const char *p = text; *p;) {
        size_t len = 0;
        while (is_word(p[len]))
            len++;
        is_inside = is_inside || *p == '(';
        const char *word = p;
        if (is_inside && len > 2 && p[0] == '_' && p[1] == '_' &&
            !wf__ctype_find(&d->names, wf_arena_memdup(d->arena, p, len)))
            word += strspn(p, "_") < len ? strspn(p, "_") : 0;
        p += len > 0 ? len : 1;
        memmove(to, word, (size_t)(p - word));
        to += p - word;
    }
    *to = '\0';
    return plain;
}

static void read_prototype(struct draft *d, const char *given)
{
    struct wf__cfunction c;
    struct wf_err err = {0};
    const char *bracket = strchr(given, '(');

    if (!bracket || bracket == given || strchr(given, '{') || strchr(given, '='))
        return; /* a variable */
    const char *text = plain_names(d, given);
    int rc = wf__cdecl_function(&d->names, text, &c, &err);
    if (rc == 0 && c.name[0] == '_') /* the implementation's own */
        return;
    if (rc == 0 && d->library && !dlsym(d->library, c.name))
        rc = wf_err_set(&err, WF_ENOTFOUND, "%s has no function %s", d->settings->library, c.name);
    if (rc == 0) {
        add_function(d, &c, text);
        return;
    }
    wf_buf_printf(d->out, "\n# cannot: %s%s%s\n#   %s\n", err.msg, err.hint[0] ? "; " : "", err.hint, text);
    d->counts->unreadable++;
}

static void read_declaration(struct draft *d, const char *text)
{
    if (strncmp(text, "typedef ", 8) == 0)
        read_typedef(d, text + 8);
    else if ((strncmp(text, "struct ", 7) == 0 || strncmp(text, "enum ", 5) == 0) && strchr(text, '{'))
        read_aggregate(d, text, false);
    else if (is_own(d) && strncmp(text, "static ", 7) != 0)
        read_prototype(d, text);
}

/* ---- all ---- */

void wf_manifest_draft(
    const struct wf_draft_settings *settings, const char *text, struct wf_buf *ret, struct wf_draft_counts *ret_counts)
{
    struct wf_buf line, functions;
    struct draft d = {.settings = settings, .counts = ret_counts, .out = &functions, .is_given = true};

    *ret_counts = (struct wf_draft_counts){0};
    d.arena = d.names.arena = wf_arena_new(MOST_MEMORY);
    d.library = dlopen(settings->library, RTLD_LAZY | RTLD_LOCAL); /* stays open: it may have begun threads */
    wf_buf_init(&line, LONGEST_DRAFT);
    wf_buf_init(&functions, LONGEST_DRAFT);
    for (const char *p = text; p;) {
        p = next_declaration(&d, p, &line);
        if (line.len > 0)
            read_declaration(&d, line.ptr);
    }
    wf_buf_printf(ret,
        "# From %s. Say of each step what its effect is (none, read, write, spend, irreversible), write its summary, "
        "and\n"
        "# take out what nobody needs. Steps behind `#` wait for an answer. docs/function-manifest.md says what can "
        "stand here.\n"
        "version: 0.1.0\nsummary: Functions of %s\nlibrary: %s\n",
        settings->header, settings->library, settings->library);
    write_entries(&d, ret);
    wf_buf_printf(ret, "\nfunctions:%s", functions.ptr ? functions.ptr : "");
    wf_buf_done(&functions);
    wf_buf_done(&line);
    wf_arena_free(d.arena);
}
