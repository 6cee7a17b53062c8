/* fuzz_main.c: a plain main for the fuzz targets, so that their corpora run in `make check`: FOLDER is read file by
 * file; each file, each of its prefixes up to 300 bytes, and a few mutations with a fixed seed are given to the target.
 * With -fsanitize=fuzzer (clang) the targets are linked without this file. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX 65536
#define PREFIXES  300
#define MUTATIONS 200

/* An exact copy on the heap, so that a sanitizer sees a read beyond the end. */
static void give(const unsigned char *bytes, size_t len)
{
    unsigned char *copy = malloc(len > 0 ? len : 1);

    if (!copy)
        abort();
    memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void mutate(const unsigned char *bytes, size_t len, unsigned *state)
{
    static const char spice[] = "{}[]()\"\\$.,:;|0-e#@ \n\x80\xff";
    unsigned char work[INPUT_MAX];

    for (int i = 0; i < MUTATIONS && len > 0; i++) {
        memcpy(work, bytes, len);
        for (unsigned edits = 1 + next_random(state) % 3; edits > 0; edits--)
            work[next_random(state) % len] = (unsigned char)spice[next_random(state) % (sizeof spice - 1)];
        give(work, len);
    }
}

static int run_file(const char *path, unsigned *state)
{
    unsigned char bytes[INPUT_MAX];
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return 1;
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    give(bytes, len);
    for (size_t cut = 0; cut < len && cut < PREFIXES; cut++)
        give(bytes, cut);
    mutate(bytes, len, state);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned state = 1;
    int files = 0, failed = 0;
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

    if (!dir) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[PATH_MAX];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        failed |= run_file(path, &state);
        files++;
    }
    closedir(dir);
    printf("%d files\n", files);
    return failed || files == 0;
}
