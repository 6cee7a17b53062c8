/* expr_prelude.c: definitions that stand before expressions: what later versions of jq have and workflows are fond of,
 * and fences around what aborts libjq 1.6. Only what an expression seems to name is compiled with it. */
#include <string.h>

#include "value/expr_jq.h"

/* A later row may use an earlier one. The text of a program is searched for name and other. */
static const struct {
    const char *name, *other, *text;
} rows[] = {
    /* An index of a billion would fill the memory with null; only what assigns is fenced, which is how arrays grow. */
    {"=", "setpath",
        "def __wfsetpath(__wfp; __wfv): setpath(__wfp; __wfv);\n"
        "def setpath(__wfp; __wfv): __wfp as $__wfp | __wfv as $__wfv | "
        "if ($__wfp | type) == \"array\" and any($__wfp[]; type == \"number\" and . > 1000000) "
        "then error(\"an array may have at most 1000000 items here\") else __wfsetpath($__wfp; $__wfv) end;\n"
        "def _assign(__wfpaths; $__wfv): reduce path(__wfpaths) as $__wfp (.; setpath($__wfp; $__wfv));\n"
        "def _modify(__wfpaths; __wff): reduce path(__wfpaths) as $__wfp (.; . as $__wfx | label $__wfout | "
        "(setpath($__wfp; $__wfx | getpath($__wfp) | __wff) | ., break $__wfout), delpaths([$__wfp]));\n"},
    {"pick", NULL,
        "def pick(__wfp): . as $__wft | reduce path(__wfp) as $__wfq "
        "(null; setpath($__wfq; $__wft | getpath($__wfq)));\n"},
    {"abs", NULL,
        "def abs: if type == \"number\" then (if . < 0 then -. else . end) "
        "else error(\"\\(type) (\\(tojson)) has no absolute value\") end;\n"},
    {"toarray", NULL, "def toarray: if type == \"array\" then . else [.] end;\n"},
    {"have_literal_numbers", NULL, "def have_literal_numbers: false;\n"},
    {"have_decnum", NULL, "def have_decnum: false;\n"},
    /* Code points that are none abort libjq. */
    {"implode", NULL,
        "def __wfimplode: implode;\n"
        "def implode: if type == \"array\" and all(.[]; type == \"number\" and . >= 0 and . <= 1114111 and "
        "(. < 55296 or . > 57343)) then __wfimplode else error(\"implode wants an array of code points\") end;\n"},
    /* INT64_MIN % -1 traps. */
    {"%", NULL,
        "def __wfmod(__wfa; __wfb): _mod(__wfa; __wfb);\n"
        "def _mod(__wfa; __wfb): __wfb as $__wfb | __wfa as $__wfa | if ($__wfb | type) == \"number\" and "
        "($__wfa | type) == \"number\" and $__wfb <= -1 and $__wfb > -2 then 0 else __wfmod($__wfa; $__wfb) end;\n"},
    /* The same limit as the native evaluator's. */
    {"*", NULL,
        "def __wfmul(__wfa; __wfb): _multiply(__wfa; __wfb);\n"
        "def __wflong(__wfs; __wfn): (__wfs | type) == \"string\" and (__wfn | type) == \"number\" and "
        "((__wfs | utf8bytelength) * __wfn > 67108864 or __wfn > 67108864);\n"
        "def _multiply(__wfa; __wfb): __wfb as $__wfb | __wfa as $__wfa | "
        "if __wflong($__wfa; $__wfb) or __wflong($__wfb; $__wfa) "
        "then error(\"the repeated string would be longer than 64 MiB\") else __wfmul($__wfa; $__wfb) end;\n"},
    /* Years beyond the calendar's int abort libjq. */
    {"time", "date",
        "def __wfclock: if type == \"number\" and (. > 253402300799 or . < -62167219200) "
        "then error(\"\\(tojson) seconds are not within the years 0 to 9999\") else . end;\n"
        "def __wfgmtime: gmtime; def gmtime: __wfclock | __wfgmtime;\n"
        "def __wflocaltime: localtime; def localtime: __wfclock | __wflocaltime;\n"
        "def __wfstrftime(__wff): strftime(__wff); def strftime(__wff): __wfclock | __wfstrftime(__wff);\n"
        "def __wfstrflocaltime(__wff): strflocaltime(__wff); "
        "def strflocaltime(__wff): __wfclock | __wfstrflocaltime(__wff);\n"
        "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\"); def todate: todateiso8601; def date: todate;\n"},
};

unsigned wf__prelude_wanted(const char *text)
{
    unsigned wanted = 0;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strstr(text, rows[i].name) || (rows[i].other && strstr(text, rows[i].other)))
            wanted |= 1u << i;
    }
    return wanted;
}

void wf__prelude_add(unsigned wanted, struct wf_buf *buf)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (wanted & 1u << i)
            wf_buf_str(buf, rows[i].text);
    }
}
