/* note.c: the note of a plugin, read with libelf. See note.h. */
#include "host/note.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "host/check.h"
#include "host/host.h"

#define OWNER     "wfrun"
#define MOST_TEXT ((size_t)64 * 1024)

/* ---- reading ---- */

/* The descriptor of our note among those of one segment; NULL: it is not there. */
static const char *find_in(Elf_Data *data, size_t *ret_len)
{
    GElf_Nhdr header;
    size_t at = 0, owner, descriptor, next;

    while ((next = gelf_getnote(data, at, &header, &owner, &descriptor)) > 0) {
        const char *bytes = data->d_buf;
        if (header.n_type == WF_NOTE_PLUGIN && header.n_namesz == sizeof OWNER &&
            memcmp(bytes + owner, OWNER, sizeof OWNER) == 0) {
            *ret_len = header.n_descsz;
            return bytes + descriptor;
        }
        at = next;
    }
    return NULL;
}

static const char *find(Elf *elf, size_t *ret_len)
{
    size_t count = 0;
    const char *found = NULL;

    if (elf_getphdrnum(elf, &count) != 0)
        return NULL;
    for (size_t i = 0; !found && i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_NOTE)
            continue;
        Elf_Data *data = elf_getdata_rawchunk(
            elf, (int64_t)segment.p_offset, segment.p_filesz, segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
        found = data ? find_in(data, ret_len) : NULL;
    }
    return found;
}

/* "NAME\nVERSION\nSTEPS" */
static int parse(const char *bytes, size_t len, struct wf__note **ret, struct wf_err *ret_err)
{
    struct wf__note note;

    if (len <= sizeof note.sizes || len > MOST_TEXT ||
        !memchr(bytes + sizeof note.sizes, '\0', len - sizeof note.sizes))
        return wf_err_set(ret_err, WF_EINVAL, "its note is %s", len > MOST_TEXT ? "too long" : "too short");
    memcpy(&note.sizes, bytes, sizeof note.sizes);
    char *text = wf_strdup(bytes + sizeof note.sizes), *rest = text;
    note.name = strsep(&rest, "\n");
    note.version = strsep(&rest, "\n");
    note.steps = rest;
    int rc = 0;
    if (!note.version || !note.steps) {
        rc = wf_err_set(ret_err, WF_EINVAL, "its note does not have a name, a version and steps");
    } else {
        *ret = wf_calloc(1, sizeof **ret);
        **ret = (struct wf__note){note.sizes, wf_strdup(note.name), wf_strdup(note.version), wf_strdup(note.steps)};
    }
    free(text);
    return rc;
}

int wf__note_read(const char *file, struct wf__note **ret, struct wf_err *ret_err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC), rc = 0;
    size_t len = 0;

    *ret = NULL;
    if (fd < 0)
        return 0; /* dlopen says why */
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    const char *found = elf && elf_kind(elf) == ELF_K_ELF ? find(elf, &len) : NULL;
    if (found)
        rc = parse(found, len, ret, ret_err);
    if (elf)
        elf_end(elf);
    close(fd);
    return rc;
}

void wf__note_free(struct wf__note *note)
{
    if (!note)
        return;
    free(note->name);
    free(note->version);
    free(note->steps);
    free(note);
}

/* ---- checking ---- */

int wf__note_check(const struct wf__note *note, struct wf_err *ret_err)
{
    const struct wf_note *sizes = &note->sizes;

    if (wf__check_abi(sizes->abi >> 16, sizes->abi & 0xFFFF, ret_err) != 0)
        return WF_EINVAL;
    /* A newer minor version has longer structures; that it may have. Shorter than the first ones none has been. */
    if (sizes->plugin_size < WF__PLUGIN_1_0 || sizes->step_type_size < WF__STEP_TYPE_1_0)
        return wf_err_set(ret_err, WF_EINVAL, "its note has structures of %u and %u bytes: no wfrun/plugin.h had those",
            sizes->plugin_size, sizes->step_type_size);
    return 0;
}

static void add_steps(struct wf_buf *buf, const struct wf_step_type *const *steps)
{
    for (size_t i = 0; steps[i]; i++)
        wf_buf_printf(buf, "%s%s:%s", i ? " " : "", steps[i]->name, wf_effect_names[steps[i]->effect]);
}

int wf__note_compare(const struct wf__note *note, const struct wf_plugin *plugin, struct wf_err *ret_err)
{
    const char *what = NULL, *noted = NULL, *said = NULL;
    struct wf_buf steps;

    wf_buf_init(&steps, MOST_TEXT);
    add_steps(&steps, plugin->steps);
    if (strcmp(note->name, plugin->name) != 0)
        what = "name", noted = note->name, said = plugin->name;
    else if (strcmp(note->version, plugin->version) != 0)
        what = "version", noted = note->version, said = plugin->version;
    else if (strcmp(note->steps, steps.ptr) != 0)
        what = "steps", noted = note->steps, said = steps.ptr;
    if (what) {
        wf_err_hint(ret_err, "make WF_PLUGIN_NOTE say what the descriptor says");
        wf_err_set(
            ret_err, WF_EINVAL, "its note and its descriptor differ in the %s: `%s` and `%s`", what, noted, said);
    }
    wf_buf_done(&steps);
    return what ? WF_EINVAL : 0;
}
