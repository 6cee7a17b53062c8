/* expr_words.c: libjq's complaints about a program in words that help. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/expr_jq.h"

struct pair {
    const char *from, *to;
};

/* Names of the grammar, and advice for a shell. */
static const struct pair plain[] = {
    {" (Unix shell quoting issues?)", ""},
    {"$end", "the end of the expression"},
    {"QQSTRING_START", "a string"},
    {"QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END", "the end of the string"},
    {"INVALID_CHARACTER", "a character jq does not know"},
    {"IDENT", "a name"},
    {"FIELD", "a field"},
    {"LITERAL", "a number"},
    {"FORMAT", "a format such as @base64"},
    {"<top-level>", "the expression"},
};

/* Functions of later versions of jq, and names people try. */
static const struct pair advice[] = {
    {"trim", "write gsub(\"^\\\\s+|\\\\s+$\"; \"\")"},
    {"ltrim", "write sub(\"^\\\\s+\"; \"\")"},
    {"rtrim", "write sub(\"\\\\s+$\"; \"\")"},
    {"trimstr", "write ltrimstr(x) | rtrimstr(x)"},
    {"add", "write [f] | add"},
    {"skip", "write [f] | .[n:]"},
    {"len", "write length"},
    {"size", "write length"},
    {"count", "write length"},
    {"upper", "write ascii_upcase"},
    {"lower", "write ascii_downcase"},
    {"filter", "write map(select(f))"},
};

static void replace_all(const char *text, struct wf_buf *out)
{
    while (*text) {
        size_t i = 0;

        while (i < sizeof plain / sizeof *plain && strncmp(text, plain[i].from, strlen(plain[i].from)) != 0)
            i++;
        if (i < sizeof plain / sizeof *plain) {
            wf_buf_str(out, plain[i].to);
            text += strlen(plain[i].from);
        } else {
            wf_buf_char(out, *text++);
        }
    }
}

static int count_word(const struct wf__lexed *lexed, const char *word)
{
    int count = 0;

    for (size_t i = 0; i < lexed->ntoks; i++)
        count += wf__tok_is(lexed, i, word);
    return count;
}

static void hint_for_undefined(const char *complaint, struct wf_err *err)
{
    const char *end = strchr(complaint, '/');

    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        if (end && strlen(advice[i].from) == (size_t)(end - complaint) &&
            strncmp(complaint, advice[i].from, strlen(advice[i].from)) == 0)
            wf_err_hint(err, "%s (wfrun has jq 1.6)", advice[i].to);
    }
    wf_err_hint(err, "wfrun has jq 1.6; a function of a later version must be written out with `def`");
}

static void hint_for_syntax(const char *complaint, const struct wf__source *source, struct wf_err *err)
{
    struct wf__lexed lexed;

    if (wf__lex(source->text, &lexed, NULL) != 0)
        return;
    if (count_word(&lexed, "if") > count_word(&lexed, "else"))
        wf_err_hint(err, "jq 1.6 wants an else in every if: `if A then B else . end`");
    else if (strstr(complaint, "expecting '}'"))
        wf_err_hint(err, "a member's value that is more than a path needs parentheses: `{a: (.b + 1)}`");
    else if (strstr(source->text, "==="))
        wf_err_hint(err, "jq compares with ==");
    else if (strstr(complaint, "unexpected '['"))
        wf_err_hint(err, "after a name write [ without a dot: `.a[0]`");
    else
        wf_err_hint(err, "an operand, a quote or a bracket is missing or too many");
    wf__lexed_done(&lexed);
}

void wf__words_of(const char *complaint, int lines_before, const struct wf__source *source, struct wf_err *err)
{
    static const char prefix[] = "jq: error: ";
    struct wf_buf raw, words;
    const char *from = strncmp(complaint, prefix, strlen(prefix)) == 0 ? complaint + strlen(prefix) : complaint;
    const char *place = strstr(from, " at <top-level>");
    int line = 0;

    if (place) {
        const char *number = strstr(place, "line ");

        line = number ? (int)strtol(number + 5, NULL, 10) - lines_before : 0;
    }
    wf_buf_init(&raw, 1000);
    wf_buf_init(&words, 1000);
    wf_buf_add(&raw, from, place ? (size_t)(place - from) : strcspn(from, "\n"));
    wf_buf_str(&raw, "");
    replace_all(raw.ptr, &words);
    if (strstr(raw.ptr, "is not defined"))
        hint_for_undefined(raw.ptr, err);
    else if (strstr(raw.ptr, "too long"))
        wf_err_hint(err, "split it over several tasks: libjq takes no function of more than 64 KiB");
    else
        hint_for_syntax(raw.ptr, source, err);
    if (line > 1)
        wf_buf_printf(&words, " (line %d of the expression)", line);
    wf_err_set(err, WF_EINVAL, "%s", words.ptr ? words.ptr : "the expression does not compile");
    wf_buf_done(&raw);
    wf_buf_done(&words);
}
