#!/usr/bin/env bats
# Functions of shared libraries as steps, from a function.yaml.
load helper

setup_file() { export WFRUN_PLUGIN_DIR=$top_srcdir/workflows/functions WFRUN_ISOLATION=auto; }

# call STEP WITH: the step's output.
call() {
    workflow one <<<"do: [{one: {call: $1, with: $2}}]"
    wfrun run --ephemeral --progress quiet one.yaml
}

# faults STEP WITH WORDS: the step faults, and the error object says so.
faults() {
    run --separate-stderr call "$1" "$2"
    [ "$status" -eq 1 ]
    [[ $(tail -n 1 <<<"$stderr") == *"$3"* ]]
}

# manifest LIBRARY < FUNCTIONS: own/own.function.yaml, the only one there is.
manifest() {
    mkdir -p own
    {
        printf "version: 1.0.0\nsummary: Own\nlibrary: %s\n" "$1"
        cat
    } >own/own.function.yaml
    export WFRUN_PLUGIN_DIR=$PWD/own
}

# refused WORDS...: the manifest is refused, and each of the words is said.
refused() {
    run --separate-stderr wfrun plugin list
    [[ $stderr == *"own.function.yaml is refused: "* ]]
    local words
    for words; do [[ $stderr == *"$words"* ]] || { echo "not said: $words; but: $stderr"; return 1; }; done
}

# library NAME < C: own/NAME.so
library() {
    mkdir -p own
    "${CC:-cc}" -shared -fPIC -g -I. -x c -o "own/$1.so" -
}

@test "every shipped manifest is loaded" {
    run --separate-stderr wfrun plugin list
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "$(cut -d ' ' -f 1 <<<"$output" | grep -cE '^(zlib-crc32|uuid-text|math-cos|digest|sqlite-quote|c-number)$')" -eq 6 ]
}

@test "the shipped example runs, and is right about the digest" {
    run wfrun run --ephemeral --progress quiet --set 'text=it'\''s' "$WFRUN_PLUGIN_DIR/example.yaml"
    [ "$status" -eq 0 ]
    [ "$(jq -r .sql <<<"$output")" = "insert into proof values ('it''s', x'$(printf "it's" | sha256sum | cut -d ' ' -f 1)')" ]
    [ "$(jq .complete <<<"$output")" -eq 1 ]
}

@test "plugin show has the schemas that follow from the signature" {
    run wfrun plugin show zlib-compress
    [[ $output == *"plugin zlib 1.0.0"*"effect: none"*"is simply repeated"* ]]
    [[ $output == *"    text "*"    level "*"from 0"*"in base64"* ]]
}

@test "integers and floats go in and come out" {
    [ "$(call zlib-crc32 '{text: hello}')" = 907060870 ]
    [ "$(call math-cos '{x: 0}')" = 1 ]
    [ "$(call math-frexp '{x: 10}')" = '{"fraction":0.625,"exponent":4}' ]
    [ "$(call c-number '{text: ff, base: 16}')" = 255 ]
}

@test "numbers of every width keep their value to the edge, and what is beyond is refused" {
    library widths <<<'
#include <stdbool.h>
#include <stdint.h>
signed char c1(signed char n) { return n; }
uint8_t u1(uint8_t n) { return n; }
short s2(short n) { return n; }
uint16_t u2(uint16_t n) { return n; }
uint32_t u4(uint32_t n) { return n; }
uint64_t u8(uint64_t n) { return n; }
float f4(float n) { return n / 2; }
bool yes(bool n) { return !n; }'
    manifest ./widths.so < <(
        echo "functions:"
        for line in c1:signed-char u1:uint8_t s2:short u2:uint16_t u4:uint32_t u8:uint64_t f4:float yes:bool; do
            type=${line#*:}
            echo "  ${line%:*}: {summary: s, effect: none, declaration: '${type//-/ } ${line%:*}(${type//-/ } n)', output: return}"
        done
    )
    [ "$(call c1 '{n: -128}')" = -128 ]
    [ "$(call u1 '{n: 255}')" = 255 ]
    [ "$(call s2 '{n: -32768}')" = -32768 ]
    [ "$(call u2 '{n: 65535}')" = 65535 ]
    [ "$(call u4 '{n: 4294967295}')" = 4294967295 ]
    [ "$(call u8 '{n: "18446744073709551615"}')" = '"18446744073709551615"' ]
    [ "$(call f4 '{n: 0.5}')" = 0.25 ]
    [ "$(call yes '{n: true}')" = false ]
    for wrong in 'c1 128' 'u1 256' 'u1 -1' 's2 32768' 'u2 65536' 'u4 4294967296' 'u4 0.5' 'yes 1'; do
        run call "${wrong% *}" "{n: ${wrong#* }}"
        [ "$status" -eq 5 ] || { echo "$wrong: $status $output"; false; }
    done
}

@test "an integer beyond 2^53 comes out as text, and goes in as text" {
    [ "$(call c-number '{text: "9007199254740993"}')" = '"9007199254740993"' ]
    manifest libc.so.6 <<<'
functions:
  big: {summary: s, effect: none, declaration: "long long llabs(long long n)", output: return}'
    [ "$(call big '{n: "-9007199254740993"}')" = '"9007199254740993"' ]
    [ "$(call big '{n: -5}')" = 5 ]
}

@test "buffers are base64, hexadecimal or text, and as long as the function says" {
    data=$(call zlib-compress '{text: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}' | jq -r .data)
    [ "$(base64 -d <<<"$data" | wc -c)" -lt 32 ]
    [ "$(call zlib-uncompress "{data: \"$data\", most: 32}" | jq -r .text)" = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ]
    [ "$(call digest '{text: abc, algorithm: MD5}' | jq -r .hex)" = 900150983cd24fb0d6963f7d28e17f72 ]
}

@test "an array type is a buffer of its size" {
    hex=$(call uuid-parse '{text: 123e4567-e89b-12d3-a456-426614174000}' | jq -r .hex)
    [ "$hex" = 123e4567e89b12d3a456426614174000 ]
    [ "$(call uuid-text "{hex: $hex}" | jq -r .text)" = 123e4567-e89b-12d3-a456-426614174000 ]
    [[ $(call uuid-random '{}' | jq -r .hex) =~ ^[0-9a-f]{12}4[0-9a-f]{19}$ ]]
}

@test "structs go by value, by pointer and into a pointer" {
    [ "$(call c-divide '{numer: 17, denom: 5}')" = '{"quot":3,"rem":2}' ]
    [ "$(call c-address '{address: {s_addr: 16777343}}')" = '"127.0.0.1"' ]
    [ "$(call c-day '{seconds: 86400}' | jq -c '.day | [.tm_year, .tm_mon, .tm_mday, .tm_zone]')" = '[70,0,2,"GMT"]' ]
    [ "$(call c-seconds '{day: {tm_year: 70, tm_mon: 0, tm_mday: 33}}' | jq -c '[.seconds, .day.tm_mon]')" = '[2764800,1]' ]
    [ "$(call c-system '{}' | jq -r .sysname)" = "$(uname -s)" ]
}

@test "arrays go in and come out as lists" {
    [ "$(call c-random '{seed: [1, 2, 3]}' | jq -c '[(.number >= 0 and .number < 1), (.seed | length)]')" = '[true,3]' ]
    library sums <<<'
struct point { short x; double y; };
double sum(const struct point *points, unsigned long n) { double s = 0; while (n--) s += points[n].x * points[n].y; return s; }
int words(const char *const *list) { int n = 0; while (list[n]) n++; return n; }'
    manifest ./sums.so <<'YAML'
types: {struct point: [short x, double y]}
functions:
  sum:
    summary: s
    effect: none
    declaration: double sum(const struct point *points, unsigned long n)
    parameters: {points: {as: list}, n: {length: points}}
    output: return
  words: {summary: s, effect: none, declaration: 'int words(const char *const *list)', output: return}
YAML
    [ "$(call sum '{points: [{x: 2, y: 1.5}, {x: -1, y: 0.5}]}')" = 2.5 ]
    [ "$(call words '{list: [a, b, c]}')" = 3 ]
}

@test "a returned text is freed by the function that the manifest names" {
    library texts <<<'
#include <stdlib.h>
#include <string.h>
static int open;
char *make(const char *s) { open++; return strdup(s); }
void drop(void *p) { open--; free(p); }
int make_out(const char *s, char **ret) { *ret = make(s); return 0; }
int still_open(void) { return open; }'
    manifest ./texts.so <<'YAML'
functions:
  make: {summary: s, effect: none, declaration: 'char *make(const char *s)', returns: {free: drop}, output: return}
  make-out:
    summary: s
    effect: none
    declaration: int make_out(const char *s, char **ret)
    parameters: {ret: {direction: out, free: drop}}
    output: {text: ret}
  still-open: {summary: s, effect: read, declaration: 'int still_open(void)', output: return}
YAML
    workflow all <<<'do: [{a: {call: make, with: {s: x}}}, {b: {call: make-out, with: {s: "${ . }"}, export: {as: .}}}, {c: {call: still-open, output: {as: "[., $context.text]"}}}]'
    [ "$(wfrun run --ephemeral --progress quiet all.yaml)" = '[0,"x"]' ]
    [ "$(WFRUN_PLUGIN_DIR=$top_srcdir/workflows/functions call c-copy '{text: "ä"}')" = '"ä"' ]
    [ "$(WFRUN_PLUGIN_DIR=$top_srcdir/workflows/functions call sqlite-version '{}' | tr -d '"')" = "$(sqlite3 --version | cut -d ' ' -f 1)" ]
}

@test "arguments behind ... have their types from the manifest" {
    [ "$(call sqlite-quote '{text: "it'"''"'s"}')" = "\"'it''''s'\"" ]
    [ "$(call sqlite-quote '{}')" = '"NULL"' ]
    [ "$(call c-format '{name: Ada, amount: 12.345}')" = '{"line":"Ada                 |     12.35","length":31}' ]
    # longer than its room: cut, as snprintf does
    name=$(printf 'x%.0s' $(seq 120))
    [ "$(call c-format "{name: $name, amount: 1}" | jq -r '.line | length')" -eq 99 ]
}

@test "a failure is an error object with the manifest's words, or errno's" {
    faults zlib-uncompress '{data: AAAA, most: 10}' 'uncompress: the data is damaged (return is -3)'
    tail -n 1 <<<"$stderr" | jq -e '.type == "https://wfrun.dev/errors/damaged-data" and .status == 422 and .code == -3'
    faults c-number '{text: "99999999999999999999"}' 'strtol: Numerical result out of range (ERANGE)'
    tail -n 1 <<<"$stderr" | jq -e '.errno == 34 and .status == 400'
    faults digest '{text: a, algorithm: none-such}' 'does not know this algorithm'
    faults c-unlink '{path: none-such}' 'unlink: No such file or directory (ENOENT)'
}

@test "what does not fit is refused before the call" {
    run call zlib-crc32 '{txt: a}'
    [ "$status" -eq 5 ]
    faults zlib-crc32 '{text: "${ \"a\\u0000b\" }"}' 'U+0000'
    faults zlib-uncompress '{data: "%%%%", most: 10}' '`source` is not base64'
    run call math-cos '{x: null}'
    [ "$status" -eq 5 ]
    run call zlib-uncompress '{data: AAAA, most: 16777217}'
    [ "$status" -eq 5 ]
    workflow big <<<'do: [{one: {call: c-number, with: {text: "1", base: "${ 5000000000 }"}}}]'
    run wfrun run --ephemeral big.yaml
    [ "$status" -eq 1 ]
}

@test "an effect is journalled as that of any step: an irreversible one in doubt waits for a person" {
    : >victim
    workflow un <<<"do: [{one: {call: c-unlink, with: {path: victim}}}]"
    run wfrun run --run-id r un.yaml
    [ "$status" -eq 0 ]
    [ ! -e victim ]
    run wfrun plugin show c-unlink
    [[ $output == *"effect: irreversible"*"waits for a person"*"undo: no; a file that has no name"* ]]
}

@test "findings have line and column, and say what to do" {
    manifest libm.so.6 <<'YAML'
functions:
  bad:
    summary: s
    efect: none
    declaration: double frexp(doubel x, int *exp)
    output: return
YAML
    refused '7:5: a function has no property `efect`' '5:3: a function needs `effect`' '8:18: the declaration: the type `doubel` is not known'
    manifest libm.so.6 <<'YAML'
functions:
  bad: {summary: s, effect: none, declaration: 'double frexp(double x, int *exp)', output: {a: exq}}
YAML
    refused 'say whether the function reads or writes what `exp` (int *) points to' 'frexp has no parameter `exq`'
}

@test "what nobody can know is asked for" {
    manifest libc.so.6 <<'YAML'
functions:
  a: {summary: s, effect: none, declaration: 'char *strdup(const char *s)', output: return}
YAML
    refused 'say who frees the char * that it returns' 'free: none'
    manifest libc.so.6 <<'YAML'
functions:
  b: {summary: s, effect: none, declaration: 'char *strcpy(char *to, const char *from)', parameters: {to: {direction: out}}, returns: {free: none}, output: {a: to}}
YAML
    refused 'say for how many elements `to` needs room'
    manifest libc.so.6 <<'YAML'
functions:
  c: {summary: s, effect: write, declaration: 'int chdir(const char *path)', output: return}
YAML
    refused 'needs `noUndo`'
    manifest libc.so.6 <<'YAML'
functions:
  d: {summary: s, effect: none, declaration: 'int abs(int n)'}
YAML
    refused 'say what the output of abs is'
}

@test "what cannot be passed is refused with a word" {
    manifest libc.so.6 <<'YAML'
functions:
  a: {summary: s, effect: none, declaration: 'void qsort(void *p, size_t n, size_t size, int (*compare)(const void *, const void *))'}
  b: {summary: s, effect: none, declaration: 'long double fabsl(long double x)', output: return}
  c: {summary: s, effect: none, declaration: 'int fclose(FILE *f)', output: return}
YAML
    refused 'function pointers (callbacks) cannot be passed' '`long double` cannot be passed' 'the type `FILE` is not known'
    manifest libc.so.6 <<'YAML'
functions:
  d: {summary: s, effect: none, declaration: 'int printf(const char *format, ...)', output: return}
YAML
    refused '`format` decides what a variadic function does with its arguments: it must be a constant'
    manifest libc.so.6 <<'YAML'
functions:
  e: {summary: s, effect: none, declaration: 'int printf(const char *format, ...)', varargs: [float x], parameters: {format: {value: '%f'}}, output: return}
YAML
    refused 'C passes no float behind `...`'
}

@test "a library or a symbol that is not there is a refusal, data is no function" {
    manifest libnone-such.so.9 <<<'
functions: {a: {summary: s, effect: none, declaration: "int abs(int n)", output: return}}'
    refused 'its library cannot be loaded: libnone-such.so.9'
    manifest libm.so.6 <<<'
functions: {a: {summary: s, effect: none, declaration: "int none_such(int n)", output: return}}'
    refused 'libm.so.6 has no function none_such'
    manifest libc.so.6 <<<'
functions: {a: {summary: s, effect: none, declaration: "int stdout(int n)", output: return}}'
    refused 'stdout of libc.so.6 is data, not a function'
}

@test "a library beside the manifest must not be writable by others" {
    library one <<<'int one(void) { return 1; }'
    manifest ./one.so <<<'
functions: {one: {summary: s, effect: none, declaration: "int one(void)", output: return}}'
    [ "$(call one '{}')" = 1 ]
    chmod 666 own/one.so
    refused 'own/one.so can be written by others'
}

@test "writing past the room is caught" {
    library over <<<'
#include <string.h>
void fill(char *to) { memset(to, 65, 12); }'
    manifest ./over.so <<'YAML'
functions:
  fill: {summary: s, effect: none, declaration: 'void fill(char *to)', parameters: {to: {direction: out, room: 8}}, output: {text: to}}
YAML
    faults fill '{}' 'fill wrote past the end of `to` (room for 8)'
}

@test "a folder with a function.yaml is a plugin of the folder's name" {
    mkdir -p own/pack
    cp "$top_srcdir/workflows/functions/libm.function.yaml" own/pack/function.yaml
    mkdir own/other
    sed 's/math-/other-/' own/pack/function.yaml >own/other/function.yaml
    WFRUN_PLUGIN_DIR=$PWD/own run wfrun plugin list
    [[ $output == *"other-cos "*" other "*"math-cos "*" pack "* ]]
}

@test "plugin new --lang manifest writes a folder that passes its tests as it stands" {
    unset WFRUN_PLUGIN_DIR
    for effect in none read; do
        wfrun plugin new "a-$effect" --lang manifest --effect "$effect"
        make -C "a-$effect" check
        run wfrun plugin show "a-$effect" --plugin-dir "a-$effect"
        [[ $output == *"effect: $effect"* ]]
        run grep -rlE 'my[-_]step' "a-$effect"
        [ "$status" -eq 1 ]
    done
    run wfrun plugin new spends --lang manifest --effect spend
    [ "$status" -eq 2 ]
    [ ! -e spends ]
}

# The header of a library beside it, of which two functions need an answer.
header() {
    cat >own.h <<'C'
#include <stddef.h>
#define OWN_API __attribute__((visibility("default")))
typedef unsigned int own_id;
struct own_pair { int first; double second; };
typedef struct own_pair own_pair_t;
enum own_kind { OWN_A, OWN_B };
/* adds */
OWN_API own_id own_add(own_id a, own_id b) __attribute__((const));
OWN_API size_t ownCount(const char *text, size_t len);
OWN_API own_pair_t own_pair_of(enum own_kind kind);
OWN_API int own_fill(char *to, size_t size);
void own_each(int (*callback)(int), int n);
static inline int own_twice(int n) { return 2 * n; }
C
    library own <<'C'
#include "own.h"
own_id own_add(own_id a, own_id b) { return a + b; }
size_t ownCount(const char *text, size_t len) { (void)text; return len; }
own_pair_t own_pair_of(enum own_kind kind) { return (own_pair_t){kind, 0.5}; }
int own_fill(char *to, size_t size) { (void)to; return (int)size; }
void own_each(int (*callback)(int), int n) { callback(n); }
C
}

@test "a manifest is drafted from a header, and asks for what the header does not say" {
    mkdir own
    header
    run wfrun plugin new drafted --lang manifest --header own.h --library "$PWD/own/own.so" --effect none
    [ "$status" -eq 0 ]
    [[ $output == "3 functions are steps, 1 wait for an answer, 1 cannot be called"* ]]
    grep -q '^# ask: say whether the function reads or writes what `to` (char \*) points to' drafted/drafted.function.yaml
    grep -q '^#   own-fill:' drafted/drafted.function.yaml
    grep -q '^# cannot: function pointers' drafted/drafted.function.yaml
    export WFRUN_PLUGIN_DIR=$PWD/drafted
    [ "$(call own-add '{a: 2, b: 3}')" = 5 ]
    [ "$(call own-count '{text: abcd}')" = 4 ]
    [ "$(call own-pair-of '{kind: 1}')" = '{"first":1,"second":0.5}' ]
}

# drafted HEADER LIBRARY: a draft of a header of the system is made; what it says is in $output. Its folder is the only one then.
drafted() {
    local path
    unset WFRUN_PLUGIN_DIR
    path=$(echo "#include <$1>" | "${CC:-cc}" -E -x c - | sed -n "s|^# 1 \"\(/.*/$1\)\" 1.*|\1|p" | head -n 1)
    [ -n "$path" ] || skip "$1 is not installed"
    rm -rf drafted
    run -0 wfrun plugin new drafted --lang manifest --header "$path" --library "$2" --effect none
    export WFRUN_PLUGIN_DIR=$PWD/drafted
}

# loads LEAST: the draft is loaded without a word, and has that many steps.
loads() {
    run --separate-stderr wfrun plugin list
    [ -z "$stderr" ]
    [ "${#lines[@]}" -gt "$1" ]
}

@test "drafts of real headers are loaded as they stand, or say what they wait for" {
    drafted zlib.h libz.so.1
    loads 10
    [ "$(call crc32-combine '{arg1: 1, arg2: 1, arg3: 1}')" -ge 0 ]
    drafted uuid/uuid.h libuuid.so.1
    loads 3
    # its declarations stand in parts of it, its parameters are __x and __exponent
    drafted math.h libm.so.6
    loads 100
    [ "$(call cos '{x: 0}')" = 1 ]
    [ "$(call pow '{x: 2, y: 10}')" = 1024 ]
    grep -q '^# cannot: `long double` cannot be passed' drafted/drafted.function.yaml
    # functions of other systems, which this library has not
    drafted sqlite3.h libsqlite3.so.0
    loads 40
    [ "$(call sqlite3-libversion-number '{}')" -gt 3000000 ]
    grep -q '^# cannot: libsqlite3.so.0 has no function sqlite3_win32_' drafted/drafted.function.yaml
    # each of its functions needs to be told something
    drafted openssl/sha.h libcrypto.so.3
    [[ $output == "0 functions are steps"*"none is a step yet: answer what stands behind "* ]]
    run --separate-stderr wfrun plugin list
    [[ $stderr == *"drafted.function.yaml is refused: "*'`functions` must be a map, is empty'* ]]
    grep -q '^# ask: say whether the function reads or writes what `md`' drafted/drafted.function.yaml
}

@test "a draft is careful when nobody says the effect, and works without a compiler" {
    mkdir own
    header
    sed -i -e '/^#define/d' -e 's/^OWN_API //' own.h
    CC=false run --separate-stderr wfrun plugin new drafted --lang manifest --header own.h --library "$PWD/own/own.so"
    [ "$status" -eq 0 ]
    [[ $stderr == *"without its macros and includes"* ]]
    run wfrun plugin show own-add --plugin-dir drafted
    [[ $output == *"effect: irreversible"*"undo: no; nobody has said yet"* ]]
    for wrong in "--header own.h" "--library libm.so.6" "--header none-such.h --library x --lang manifest"; do
        # shellcheck disable=SC2086
        run wfrun plugin new other $wrong
        [ "$status" -ne 0 ]
        [ ! -e other ]
    done
}

@test "a declaration that is not the function's is refused when the library has debugging information" {
    library told <<<'
struct pair { int a; double b; };
int scale(int n, double by, unsigned *rest) { *rest = 0; return (int)(n * by); }
double of(const struct pair *p, const char *name) { return name ? p->b : 0; }
int many(const char *format, ...) { return format != 0; }
enum kind { A, B };
long kinds(enum kind kind, const unsigned char *bytes, void *any) { return bytes && any ? kind : 0; }'
    # declaration DECLARATION: as the only one
    declaration() {
        manifest ./told.so <<<"
types: {struct pair: [int a, double b], wrong: [int a, int b], Kind: int}
functions:
  one:
    summary: s
    effect: none
    declaration: $1
    parameters: ${2:-{\}}
    output: return"
    }
    declaration 'int scale(int n, double by, unsigned *rest)' '{rest: {direction: out}}'
    [ "$(call one '{n: 2, by: 2.5}')" = 5 ]
    declaration 'double of(const struct pair *p, const char *name)'
    [ "$(call one '{p: {b: 1.5}, name: x}')" = 1.5 ]
    declaration 'int many(const char *format, ...)' '{format: {value: x}}'
    [ "$(call one '{}')" = 1 ]
    declaration 'long kinds(Kind kind, const char *bytes, void *any)' '{any: {value: null}}'
    [ "$(call one '{kind: 1, bytes: a}')" = 0 ]
    declaration 'int scale(int n, int by, unsigned *rest)' '{rest: {direction: out}}'
    refused '10:18: the parameter `by` of scale is `double` by the library'"'"'s debugging information, and `int` in the manifest'
    declaration 'int scale(unsigned n, double by, unsigned *rest)' '{rest: {direction: out}}'
    refused 'the parameter `n` of scale is `int`'
    declaration 'int scale(int n, double by, const unsigned *rest)'
    refused 'the parameter `rest` of scale is `unsigned int *`'
    declaration 'int scale(int n, double by)'
    refused 'the number of parameters of scale is `3`' 'and `2` in the manifest'
    declaration 'double scale(int n, double by, unsigned *rest)' '{rest: {direction: out}}'
    refused 'the returned value of scale is `int`'
    declaration 'double of(const wrong *p, const char *name)'
    refused 'the parameter `p` of of is `const struct pair *`'
    declaration 'int many(const char *format)'
    refused 'the number of parameters of many is `1 and ...`'
}

@test "functions run in a process of their own: a wrong declaration ends that process, and the run goes on" {
    # a number where the function wants a pointer; the library has nothing that could tell
    manifest libc.so.6 <<'YAML'
functions:
  wrong: {summary: s, effect: none, declaration: 'size_t strlen(unsigned long s)', output: return}
  wrong-write: {summary: s, effect: write, noUndo: none, declaration: 'int puts(unsigned long s)', output: return}
YAML
    workflow crash <<'YAML'
do:
  - one: {try: [{two: {call: wrong, with: {s: 8}}}], catch: {as: error, do: [{say: {set: {said: '${ $error.detail }'}}}]}}
YAML
    run --separate-stderr wfrun run --ephemeral crash.yaml
    [ "$status" -eq 0 ]
    jq -e '.said == "the plugin own did not survive its step wrong (run): it crashed (Segmentation fault)"' <<<"$output"
    workflow doubt <<<'do: [{one: {call: wrong-write, with: {s: 8}}}]'
    run wfrun run --run-id d doubt.yaml
    [ "$status" -eq 7 ]
    status_is d in-doubt
}
