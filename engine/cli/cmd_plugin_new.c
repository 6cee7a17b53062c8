/* cmd_plugin_new.c: `wfrun plugin new`: a folder with a step that builds and passes its tests as it stands. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "cli/plugin_sub.h"
#include "cli/template.h"

#define LONGEST_NAME 60
#define LONGEST_FILE ((size_t)1 << 20)

/* What the templates call the step, in a name and in C. */
#define NAME_MARK "my-step"
#define ID_MARK   "my_step"

static const char *const langs[] = {"c", "manifest", NULL}; /* a folder of templates each */
static const char *const effects[] = {"none", "read", "write", "spend", "irreversible", NULL};

static bool is_name(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len > LONGEST_NAME || text[len - 1] == '-' || strstr(text, "--"))
        return false;
    return text[0] >= 'a' && text[0] <= 'z' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int usage(const char *format, const char *given, const char *hint)
{
    fprintf(stderr, format, given);
    fprintf(stderr, "  hint: %s\n", hint);
    return WF_EXIT_USAGE;
}

/* One of the list; the first when nothing is given, NULL when it is not there. */
static const char *choose(const char *const *list, const char *given)
{
    for (size_t i = 0; given && list[i]; i++)
        if (strcmp(list[i], given) == 0)
            return list[i];
    return given ? NULL : list[0];
}

/* ---- writing ---- */

/* The text with the marks replaced by the step's names. */
static void fill(struct wf_buf *buf, const char *text, const char *name, const char *id)
{
    while (*text) {
        if (strncmp(text, NAME_MARK, sizeof NAME_MARK - 1) == 0) {
            wf_buf_str(buf, name);
            text += sizeof NAME_MARK - 1;
        } else if (strncmp(text, ID_MARK, sizeof ID_MARK - 1) == 0) {
            wf_buf_str(buf, id);
            text += sizeof ID_MARK - 1;
        } else {
            wf_buf_char(buf, *text++);
        }
    }
}

static int write_file(const char *path, const struct wf_buf *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write(fd, text->ptr, text->len) == (ssize_t)text->len;

    ok = fd >= 0 && close(fd) == 0 && ok;
    if (!ok)
        fprintf(stderr, "wfrun: %s cannot be written: %m\n", path);
    return ok ? WF_EXIT_OK : WF_EXIT_FAULT;
}

/* The file's name below the step's folder; NULL: it is another language's or effect's. */
static const char *place_of(const char *path, const char *lang, const char *effect)
{
    size_t len = strlen(lang);

    if (strncmp(path, lang, len) != 0 || path[len] != '/')
        return NULL;
    path += len + 1;
    const char *slash = strchr(path, '/');
    if (!slash)
        return path;
    len = strlen(effect);
    return strncmp(path, effect, len) == 0 && path + len == slash ? slash + 1 : NULL;
}

static bool has_template(const char *lang, const char *effect)
{
    size_t len = strlen(lang), effect_len = strlen(effect);

    for (const struct wf_template_file *file = wf_template_files; file->path; file++) {
        const char *rest = file->path + len + 1;
        if (strncmp(file->path, lang, len) == 0 && file->path[len] == '/' && strncmp(rest, effect, effect_len) == 0 &&
            rest[effect_len] == '/')
            return true;
    }
    return false;
}

static int write_all(const char *name, const char *lang, const char *effect)
{
    char *id = wf_strdup(name);
    int status = WF_EXIT_OK;

    for (char *p = id; *p; p++)
        *p = *p == '-' ? '_' : *p;
    for (const struct wf_template_file *file = wf_template_files; file->path && status == WF_EXIT_OK; file++) {
        const char *place = place_of(file->path, lang, effect);
        struct wf_buf path, text;
        if (!place)
            continue;
        wf_buf_init(&path, LONGEST_FILE);
        wf_buf_init(&text, LONGEST_FILE);
        wf_buf_printf(&path, "%s/", name);
        fill(&path, place, name, id);
        fill(&text, file->text, name, id);
        status = write_file(path.ptr, &text);
        wf_buf_done(&path);
        wf_buf_done(&text);
    }
    free(id);
    return status;
}

static int make_folder(const char *name)
{
    if (mkdir(name, 0755) == 0)
        return WF_EXIT_OK;
    fprintf(stderr, "wfrun: the folder %s cannot be made: %s\n", name, strerror(errno));
    return errno == EEXIST ? WF_EXIT_USAGE : WF_EXIT_FAULT;
}

/* A manifest drafted from a header: it has no tests, for nobody knows yet what its functions do. */
static int draft(const char *name, const char *header, const char *library, const char *effect)
{
    struct wf_buf text, path;

    wf_buf_init(&text, LONGEST_FILE);
    wf_buf_init(&path, LONGEST_FILE);
    wf_buf_printf(&path, "%s/%s.function.yaml", name, name);
    int status = wf_plugin_draft(header, library, effect, &text);
    if (status == WF_EXIT_OK)
        status = make_folder(name);
    if (status == WF_EXIT_OK)
        status = write_file(path.ptr, &text);
    if (status == WF_EXIT_OK)
        printf("made %s\nnext: edit it until `wfrun plugin show %s --plugin-dir %s` shows what you want\n", path.ptr,
            name, name);
    wf_buf_done(&text);
    wf_buf_done(&path);
    return status;
}

int wf_plugin_new(struct wf_invocation *inv)
{
    const char *header = wf_opts_last(&inv->opts, WF_OPT_HEADER), *library = wf_opts_last(&inv->opts, WF_OPT_LIBRARY);
    const char *given_lang = wf_opts_last(&inv->opts, WF_OPT_LANG), *lang = choose(langs, given_lang);
    const char *given_effect = wf_opts_last(&inv->opts, WF_OPT_EFFECT), *effect = choose(effects, given_effect);
    const char *name = inv->opts.args[1];

    if (!is_name(name))
        return usage("wfrun: %s is no name of a step\n", name, "lower-case letters, digits and single hyphens");
    if (!lang)
        return usage("wfrun: there is no template in the language %s\n", given_lang, "--lang c or --lang manifest");
    if (!effect)
        return usage("wfrun: there is no effect %s\n", given_effect, "none, read, write, spend or irreversible");
    if ((header || library) && (!header || !library || strcmp(lang, "manifest") != 0))
        return usage("wfrun: %s drafts a manifest of a library's functions\n", header ? "--header" : "--library",
            "--lang manifest --header FILE --library libNAME.so.1");
    if (header)
        return draft(name, header, library, given_effect ? effect : "irreversible");
    if (!has_template(lang, effect))
        return usage("wfrun: there is no manifest to begin with that has the effect %s\n", effect,
            "a manifest has no plan and no undo: use --lang c; or begin with --effect none, and change `effect`");
    int status = make_folder(name);
    if (status == WF_EXIT_OK)
        status = write_all(name, lang, effect);
    if (status == WF_EXIT_OK)
        printf("made %s: a step with the effect %s\nnext: cd %s && make check\n", name, effect, name);
    return status;
}
