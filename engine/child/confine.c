/* confine.c: what a plugin's process may do to files and the network: Landlock for files (landlock(7), since Linux 5.13), a
 * seccomp filter for sockets. Either holds for the threads that are started later, and neither can be taken back.
 *
 * Programs cannot be executed at all: no rule gives that right. HTTP through the host is not touched: wfrun does it. */
#include "config.h" /* _GNU_SOURCE, for O_PATH */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "child/child.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

#define BLANKS     " \t\n"
#define FILE_READ  LANDLOCK_ACCESS_FS_READ_FILE
#define FILE_WRITE (FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define TREE_READ  (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define TREE_WRITE                                                                                                     \
    (TREE_READ | FILE_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |                              \
        LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                 \
        LANDLOCK_ACCESS_FS_REFER)

/* ---- files ---- */

struct rules {
    int fd;
    uint64_t handled; /* what this kernel can forbid */
};

static int cannot(struct wf_err *ret_err, const char *what)
{
    wf_err_hint(ret_err, "to run it as it is, set `confine: off` for the plugin");
    return wf_err_set(ret_err, WF_EINVAL, "it cannot be confined: %s: %m", what);
}

static int rules_new(struct rules *rules, struct wf_err *ret_err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

    if (abi < 1)
        return cannot(ret_err, "this kernel has no Landlock");
    rules->handled = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* the first version: execute to make_sym */
    if (abi >= 2)
        rules->handled |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        rules->handled |= LANDLOCK_ACCESS_FS_TRUNCATE;
    const struct landlock_ruleset_attr attr = {.handled_access_fs = rules->handled};
    rules->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    return rules->fd < 0 ? cannot(ret_err, "Landlock") : 0;
}

/* 0, or -1 with errno. */
static int let(const struct rules *rules, const char *path, bool write)
{
    struct stat st;
    struct landlock_path_beneath_attr rule = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};
    int rc = rule.parent_fd < 0 ? -1 : fstat(rule.parent_fd, &st);

    if (rc == 0) {
        bool is_tree = S_ISDIR(st.st_mode);
        uint64_t rights = is_tree ? (write ? TREE_WRITE : TREE_READ) : write ? FILE_WRITE : FILE_READ;
        rule.allowed_access = rights & rules->handled;
        rc = (int)syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    if (rule.parent_fd >= 0)
        close(rule.parent_fd);
    return rc;
}

/* What loading a library, reading its data and a backtrace need. Not each system has all of it. */
static void let_system(const struct rules *rules, const char *file)
{
    static const char *const paths[] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/zero",
        "/dev/random", "/dev/urandom", "/proc/self"};
    char *copy = wf_strdup(file);

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        let(rules, paths[i], false);
    let(rules, "/dev/null", true);
    let(rules, dirname(copy), false);
    free(copy);
}

/* ---- the network ---- */

static int forbid_sockets(struct wf_err *ret_err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = filter ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0) : -ENOMEM;

    if (rc == 0) /* the other way to a socket */
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(io_uring_setup), 0);
    if (rc == 0)
        rc = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    errno = -rc;
    return rc == 0 ? 0 : cannot(ret_err, "seccomp");
}

/* ---- both ---- */

/* One word of a profile. */
static int take(const struct rules *rules, const char *word, bool *has_network, struct wf_err *ret_err)
{
    bool write = strncmp(word, "write=", 6) == 0;

    if (strcmp(word, "network") == 0)
        *has_network = true;
    else if (write || strncmp(word, "read=", 5) == 0)
        return let(rules, strchr(word, '=') + 1, write) == 0 ? 0 : cannot(ret_err, word);
    else if (strcmp(word, "on") != 0)
        return wf_err_set(
            ret_err, WF_EINVAL, "its `confine` has `%s`; there are off, on, read=PATH, write=PATH, network", word);
    return 0;
}

static int apply(const char *file, const char *profile, const char *ends, struct wf_err *ret_err)
{
    struct rules rules = {.fd = -1};
    bool has_network = false;
    char *words = wf_strdup(profile), *rest = words, *word;
    int rc = rules_new(&rules, ret_err);

    if (rc == 0)
        let_system(&rules, file);
    while (rc == 0 && (word = strsep(&rest, ends)))
        rc = *word ? take(&rules, word, &has_network, ret_err) : 0;
    if (rc == 0 && syscall(SYS_landlock_restrict_self, rules.fd, 0) != 0)
        rc = cannot(ret_err, "Landlock");
    if (rc == 0 && !has_network)
        rc = forbid_sockets(ret_err);
    if (rules.fd >= 0)
        close(rules.fd);
    free(words);
    return rc;
}

int wf_child_confine(const char *file, const char *manifest, struct wf_err *ret_err)
{
    if (strcmp(wf_child.confine, "off") == 0)
        return 0;
    int rc = manifest ? apply(file, manifest, "\n", ret_err) : 0;
    /* What both let through is what is let through: the second comes on top of the first. */
    return rc == 0 && wf_child.confine[0] ? apply(file, wf_child.confine, BLANKS, ret_err) : rc;
}
