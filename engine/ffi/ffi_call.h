/* ffi_call.h: one call of a function of a manifest: its arguments in memory, and what came back. Private to ffi. */
#ifndef WF_FFI_FFI_CALL_H
#define WF_FFI_FFI_CALL_H

#include "base/buf.h"
#include "ffi/manifest_priv.h"

#define WF__SCRATCH 1024 /* bytes that small calls need no memory of the host for */
#define WF__GUARD   16   /* bytes behind what a function may write to */

struct wf__slot {
    union {
        int64_t whole;
        uint64_t natural;
        float single;
        double real;
        bool truth;
        void *pointer;
        ffi_arg widened;
    } value;       /* of a scalar or a pointer */
    void *memory;  /* what the pointer points to, or the struct itself */
    size_t length; /* elements that were given */
    size_t size;   /* elements that there is room for; WF__GUARD bytes follow */
};

struct wf__ffi_call {
    const struct wf__function *function;
    struct wf_step *step;
    cJSON *with;
    struct wf__slot slots[WF__C_MOST_PARAMS + 1]; /* [nparams]: the return value */
    int error;                                    /* errno after the call */
    bool is_wrong;                                /* an argument cannot be made: `wrong` says why */
    char wrong[400];
    size_t used; /* of scratch */
    _Alignas(16) unsigned char scratch[WF__SCRATCH];
};

/* ffi_in.c: from JSON to arguments. False: is_wrong. */
bool wf__ffi_arguments(struct wf__ffi_call *);
/* ffi_out.c */
int64_t wf__ffi_whole(const struct wf__ffi_call *, int index); /* a count or a code that came out */
double wf__ffi_number(const struct wf__ffi_call *, int index); /* the same for comparisons; a pointer: 0 or not 0 */
void wf__ffi_output(const struct wf__ffi_call *, struct wf_buf *);
/* The parameter whose memory was written past its end, or NULL. */
const struct wf__param *wf__ffi_overrun(const struct wf__ffi_call *);

#endif
