/* suggest.c: edit distance between names. */
#include "base/suggest.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MAX_WORD 64 /* longer words get no suggestion */

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b; both at most MAX_WORD long. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t rows[3][MAX_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= blen; j++)
        last[j] = j;
    for (size_t i = 1; i <= alen; i++) {
        now[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            now[j] = smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[blen];
}

const char *wf_suggest(const char *word, const char *const *names)
{
    size_t len = strlen(word);
    if (len == 0 || len > MAX_WORD || !names)
        return NULL;
    const char *best = NULL;
    size_t best_distance = len < 3 ? 1 : len / 3 > 3 ? 3 : len / 3;
    for (; *names; names++) {
        size_t name_len = strlen(*names);
        if (name_len > MAX_WORD)
            continue;
        size_t d = distance(word, len, *names, name_len);
        if (d < best_distance || (d == best_distance && !best && d < name_len)) {
            best = *names;
            best_distance = d;
        }
    }
    return best;
}
