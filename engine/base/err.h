/* err.h: what went wrong, in words, with the place in the definition when there is one. */
#ifndef WF_BASE_ERR_H
#define WF_BASE_ERR_H

/* Return codes of the engine: 0, or one of these. */
enum {
    WF_EINVAL = -1,    /* bad input or definition: the user's to mend */
    WF_EIO = -2,       /* disk, socket or child failed */
    WF_ELIMIT = -3,    /* a stated limit was passed */
    WF_ENOTFOUND = -4, /* no such run, task, step, file */
    WF_EHELD = -5,     /* another process has it */
    WF_ELOST = -6,     /* we had it and lost it: start no further effect */
    WF_ECORRUPT = -7,  /* a file of ours is not as we left it */
    WF_EMISMATCH = -8, /* the journal tells of another definition, step or kind than we ask for */
};

/* A place in a file. line and col count from 1, col in characters; line 0: no place known. */
struct wf_loc {
    const char *file; /* borrowed from the definition or a literal; may be NULL */
    int line, col;
};

struct wf_err {
    int code;          /* WF_E*; 0: nothing went wrong */
    struct wf_loc loc; /* file lives as long as the definition */
    char msg[600];     /* a sentence */
    char hint[300];    /* what to do next; empty: none */
    char pointer[300]; /* JSON Pointer to the value at fault; empty: the whole */
};

/* Fill *err (which may be NULL) and return code, so that `return wf_err_set(err, WF_EIO, "...")` reads well. A message
 * that is already there is kept: the lower level knew more. */
int wf_err_set(struct wf_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int wf_err_at(struct wf_err *err, int code, struct wf_loc loc, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void wf_err_hint(struct wf_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
