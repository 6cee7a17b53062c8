/* fuzz_expr.c: jq programs: the lexer, the judge, the native parser and its evaluator (libjq's is not ours). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "value/expr.h"

static jv get_var(void *ctx, const char *name)
{
    (void)name;
    return jv_copy(*(jv *)ctx);
}

static jv get_now(void *ctx, uint32_t id)
{
    (void)ctx;
    return jv_number(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char input[] = "{\"a\":{\"b\":[1,{\"c\":\"x\"}]},\"n\":7,\"s\":\"str\",\"z\":null}";
    static const char *const names[] = {"x", "input", NULL};
    struct wf_exprs *exprs = wf_exprs_new();
    struct wf_expr *expr;
    char *text = wf_memdup(bytes, len);
    jv dot = jv_parse(input), value;
    struct wf_env env = {get_var, get_now, &dot};
    struct wf_err err = {0};

    if (wf_exprs_add(exprs, text, names, (struct wf_loc){0}, &expr, &err) == 0) {
        if (wf_expr_is_native(expr) && wf_expr_eval(expr, &dot, &env, &value, &err) == 0)
            jv_free(value);
    } else if (err.msg[0] == '\0') {
        abort();
    }
    jv_free(dot);
    free(text);
    wf_exprs_free(exprs);
    return 0;
}
