/* oppath.c: reading operation paths. See oppath.h. */
#include "report/oppath.h"

#include <string.h>

/* What a segment is follows from the ones before it: behind a position in a list stands the task's name, whatever it is;
 * elsewhere `for` and `fork` are the engine's own words. */
enum segment { WORD, LOOP, FORK, BRANCHES, POSITION, ITERATION, BRANCH };

static bool is_word(const char *at, size_t len, const char *word)
{
    return strlen(word) == len && strncmp(at, word, len) == 0;
}

static enum segment segment_of(enum segment before, const char *at, size_t len)
{
    bool number = len > 0 && strspn(at, "0123456789") >= len;
    if (before == POSITION || before == BRANCH)
        return WORD;
    if (number)
        return before == LOOP ? ITERATION : before == BRANCHES ? BRANCH : POSITION;
    if (before == FORK && is_word(at, len, "branches"))
        return BRANCHES;
    return is_word(at, len, "for") ? LOOP : is_word(at, len, "fork") ? FORK : WORD;
}

bool wf_oppath_is_in(const char *path, const char *base)
{
    size_t len = strlen(base);
    return strncmp(path, base, len) == 0 && (path[len] == '\0' || path[len] == '/' || path[len] == '#');
}

enum wf_oppath_kin wf_oppath_kin(const char *a, const char *b, size_t *ret_common)
{
    enum segment before = WORD;
    size_t common = 0;
    while (a[common] == '/' && b[common] == '/') {
        size_t na = strcspn(a + common + 1, "/"), nb = strcspn(b + common + 1, "/");
        enum segment is = segment_of(before, a + common + 1, na);
        if (na != nb || memcmp(a + common, b + common, na + 1) != 0) {
            *ret_common = common;
            return is == segment_of(before, b + common + 1, nb) && (is == ITERATION || is == BRANCH) ? WF_OPPATH_APART
                                                                                                     : WF_OPPATH_LINE;
        }
        before = is;
        common += na + 1;
    }
    *ret_common = common;
    return WF_OPPATH_SAME;
}
