/* prompt.c: one question, one line. See prompt.h. */
#include "cli/prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int wf_prompt_word(const char *question, const char *word)
{
    char line[64];
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return -1;
    fprintf(stderr, "%s Type %s: ", question, word);
    fflush(stderr);
    if (!fgets(line, sizeof line, stdin))
        return 0;
    line[strcspn(line, "\r\n")] = '\0';
    return strcmp(line, word) == 0;
}
